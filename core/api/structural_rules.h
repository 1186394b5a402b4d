#pragma once
// x-kubernetes-validations: the rules in CEL of a structural schema.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/{compilation.go,validation.go,model/schemas.go},
// k8s.io/apiserver/pkg/cel/common/schemas.go, pkg/apis/apiextensions/validation/validation.go.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/cel/program.h"
#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api::structural {

// What is wrong with the rules of a schema. It must be structural.
void check_rules(const Value& schema, const Path& path, FieldErrors& errors);

// The rules of one schema, compiled.
class Rules {
public:
    // Null when the schema has none.
    static std::shared_ptr<const Rules> of(const Value& schema);

    // `old` is null where an object is made. What was wrong before and has not changed is a warning.
    void validate(const Value& object, const Value& old, FieldErrors& errors, std::vector<std::string>& warnings) const;

private:
    struct Rule {
        Value written;
        std::optional<cel::Program> program;
        std::optional<cel::Program> message;
        std::string compile_error;
        std::string field_path;
        bool uses_old = false;
    };
    struct Node {
        std::vector<Rule> rules;
        cel::TypeRef type;
        Value schema;
        std::map<std::string, Node, std::less<>> properties;
        std::unique_ptr<Node> items;
        std::unique_ptr<Node> additional;
        std::vector<Node> all_of;

        bool empty() const { return rules.empty() && properties.empty() && !items && !additional && all_of.empty(); }
    };
    class Judge;

    static Node node_of(const Value& rules_of, const Value& schema, const cel::TypeRef& type);

    Node root_;
};

// The type that expressions see of what a schema describes; null: nothing of it can be seen.
cel::TypeRef type_of_schema(const Value& schema, const std::string& name, bool is_resource);

}  // namespace kubewalk::api::structural
