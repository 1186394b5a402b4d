#pragma once
// Manifest -> object: checks names and types of fields against the schema and brings the object into the
// form in which the API server stores and prints it. Wording of k8s.io/apimachinery/pkg/runtime/serializer/json
// and sigs.k8s.io/json (Go's encoding/json).

#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/schema.h"
#include "core/api/value.h"
#include "core/base/result.h"
#include "core/yaml/yaml.h"

namespace kubewalk::api {

struct Decoded {
    // Unknown fields are left out; empty fields that Go's `omitempty` drops are left out; integers and
    // quantities are in canonical form; empty structs that Go prints are there ("resources": {}).
    Value object;
    // What strict validation refuses and fieldValidation=Warn warns of, in order:
    // message `unknown field "spec.foo"` or `duplicate field "spec.foo"`, with field path and position.
    std::vector<Error> strict;
};

// The schema type by name ("V1Deployment"). Error: reason "BadRequest" and the message Go prints
// (`json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`), with
// field path, and position when decoding from YAML.
// `known` is an object already in that form (the stored one): parts shared with it are not read again.
Result<Decoded> decode(const Schema& schema, std::string_view type, const Value& value,
                       const Value& known = null_value());
Result<Decoded> decode(const Schema& schema, std::string_view type, const yaml::Node& node);

// What Go prints of an object of which nothing was ever set: {"metadata": {}, "spec": {"containers": null}, "status": {}}.
Value zero_object(const Type& type);

// The API server's sentence around a decoding error:
// `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ...`.
std::string cannot_be_handled(const Kind& kind, const Error& error);
// `strict decoding error: unknown field "spec.a", unknown field "spec.b"`.
std::string strict_decoding_error(const std::vector<Error>& strict);

// Where a field stands: "spec.template.spec.containers[0].ports[1].containerPort",
// "metadata.annotations[example.com/a]". When the field itself is not there, the nearest parent that is.
yaml::Position locate(const yaml::Node& root, std::string_view field_path);

}  // namespace kubewalk::api
