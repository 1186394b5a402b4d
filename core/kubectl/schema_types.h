#pragma once
// Types of kinds that only the server knows, made of the OpenAPI schema that it publishes: for kubectl explain.
// Upstream: k8s.io/kubectl/pkg/explain/v2/funcs.go.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/schema.h"
#include "core/api/value.h"

namespace kubewalk::kubectl {

class SchemaTypes {
public:
    // The type of a kind's objects; it lives as long as this.
    const api::Type* add(std::string_view name, const api::Value& schema, const api::Schema& known);
    // The text of a type (field: "") or of a field; empty when there is none.
    std::string_view text_of(std::string_view type, std::string_view field) const;

private:
    api::TypeRef reference(const std::string& name, const api::Value& schema);

    std::vector<api::Value> kept_;  // what enum values point into
    std::deque<api::Type> types_;
    std::deque<api::TypeRef> elements_;
    std::map<std::string, std::string, std::less<>> texts_;  // "type/field"
};

}  // namespace kubewalk::kubectl
