#pragma once
// YAML tree <-> Value, as sigs.k8s.io/yaml: scalars resolve by go.yaml.in/yaml/v2's rules (YAML 1.1
// booleans, octal and hexadecimal integers; timestamps stay text), keys that are not text become text.

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/yaml/yaml.h"

namespace kubewalk::api {

// Error: reason "ParseError" with position (a mapping as key, for example).
Result<Value> to_value(const yaml::Node& node);

// What a scalar node means: null, boolean, integer, number or string.
Value scalar_value(const yaml::Node& node);

// As `kubectl get -o yaml` prints: keys sorted as go-yaml sorts them (numbers inside by value), strings
// quoted only where they would read as something else. Ends with a newline.
std::string to_yaml(const Value& value);

// The first document of a text: for tests and embedded manifests.
Result<Value> parse_yaml(std::string_view text);

}  // namespace kubewalk::api
