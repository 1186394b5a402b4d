// Whether a schema is structural. Upstream: pkg/apiserver/schema/validation.go, pkg/apis/apiextensions/validation/validation.go
// (ValidateCustomResourceDefinitionOpenAPISchema).

#include <algorithm>

#include "core/api/structural.h"
#include "core/base/regex.h"
#include "core/base/text.h"

namespace kubewalk::api::structural {

namespace {

constexpr std::string_view types[] = {"array", "boolean", "integer", "number", "object", "string"};
constexpr std::string_view junctors[] = {"allOf", "anyOf", "oneOf"};

enum class Place : unsigned char { root, field, item };

class Checker {
public:
    explicit Checker(FieldErrors& errors) : errors_(errors) {}

    void schema(const Value& schema, const Path& path, Place place) {
        keywords(schema, path);
        type(schema, path, place);
        if (schema["properties"].is_object() && !schema["properties"].empty() && schema["additionalProperties"].is_object())
            errors_.forbidden(path.child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
        for (const auto& [name, property] : schema["properties"].members()) {
            const Path list = path.child("properties");
            if (place == Place::root && name == "metadata")
                metadata(property, list.key(name));
            else
                this->schema(property, list.key(name), Place::field);
        }
        if (schema["additionalProperties"].is_object())
            this->schema(schema["additionalProperties"], path.child("additionalProperties"), Place::field);
        if (schema["items"].is_object())
            this->schema(schema["items"], path.child("items"), Place::item);
        defaults(schema, path);
        list_kind(schema, path);
        for (const auto junctor : junctors) {
            const Path list = path.child(junctor);
            for (std::size_t i = 0; i < schema[junctor].size(); ++i)
                nested(schema[junctor][i], list.index(i), schema, path, schema["x-kubernetes-int-or-string"].as_bool());
        }
        if (schema["not"].is_object())
            nested(schema["not"], path.child("not"), schema, path, false);
    }

private:
    void keywords(const Value& schema, const Path& path) {
        for (const std::string_view name : {"$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems"})
            if (!schema[name].is_null())
                errors_.forbidden(path.child(name), cat(name, " is not supported"));
        if (schema["uniqueItems"].as_bool())
            errors_.forbidden(path.child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        if (schema["additionalProperties"].is_bool() && !schema["additionalProperties"].as_bool())
            errors_.forbidden(path.child("additionalProperties"), "additionalProperties cannot be set to false");
        if (schema["items"].is_array())
            errors_.forbidden(path.child("items"), "items must be a schema object and not an array");
        if (const auto pattern = schema["pattern"].as_string(); !pattern.empty())
            if (const auto regex = Regex::compile(pattern); !regex.ok())
                errors_.invalid(path.child("pattern"), pattern, cat("must be a valid regular expression, but isn't: ", regex.error().message));
    }

    void type(const Value& schema, const Path& path, Place place) {
        const auto type = schema["type"].as_string();
        const bool free = schema["x-kubernetes-int-or-string"].as_bool() || schema["x-kubernetes-preserve-unknown-fields"].as_bool();
        if (schema["x-kubernetes-int-or-string"].as_bool() && !type.empty())
            errors_.invalid(path.child("type"), type, "must be empty if x-kubernetes-int-or-string is true");
        if (type.empty() && (!free || place == Place::root))
            errors_.required(path.child("type"), place == Place::root    ? "must not be empty at the root"
                                                 : place == Place::field ? "must not be empty for specified object fields"
                                                                         : "must not be empty for specified array items");
        else if (!type.empty() && std::find(std::begin(types), std::end(types), type) == std::end(types))
            errors_.not_supported(path.child("type"), type, std::vector<std::string_view>(std::begin(types), std::end(types)));
        else if (place == Place::root && !type.empty() && type != "object")
            errors_.invalid(path.child("type"), type, "must be object at the root");
        if (type == "array" && schema["items"].is_null())
            errors_.required(path.child("items"), "must be specified");
        if (schema["x-kubernetes-embedded-resource"].as_bool() && type != "object")
            errors_.invalid(path.child("type"), type, "must be object if x-kubernetes-embedded-resource is true");
    }

    void metadata(const Value& schema, const Path& path) {
        for (const auto& [name, property] : schema["properties"].members())
            if (name != "name" && name != "generateName")
                return errors_.forbidden(path, "must not specify anything other than name and generateName, but metadata is implicitly specified");
    }

    void defaults(const Value& schema, const Path& path) {
        if (!schema.contains("default"))
            return;
        FieldErrors found;
        validate_at(schema["default"], schema, path.child("default").str(), found);
        errors_.add(std::move(found));
    }

    void list_kind(const Value& schema, const Path& path) {
        constexpr std::string_view name = "x-kubernetes-list-type", key_name = "x-kubernetes-list-map-keys";
        const auto kind = schema[name].as_string();
        if (kind.empty())
            return;
        if (kind != "atomic" && kind != "set" && kind != "map")
            errors_.not_supported(path.child(name), kind, {"atomic", "map", "set"});
        if (schema["type"].as_string() != "array")
            errors_.invalid(path.child("type"), schema["type"].str(), cat("must be array if ", name, " is specified"));
        if (kind == "map" && schema[key_name].empty())
            errors_.required(path.child(key_name), cat("must not be empty if ", name, " is map"));
    }

    // Inside of allOf, anyOf, oneOf and not: only what narrows, and only of fields that are there outside.
    void nested(const Value& schema, const Path& path, const Value& outer, const Path& outer_path, bool may_have_type) {
        const auto text = path.str();
        for (const std::string_view name : {"description", "type", "default", "title", "nullable", "additionalProperties", "x-kubernetes-preserve-unknown-fields",
                                            "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-map-type"})
            if (!schema[name].is_null() && !(name == "type" && may_have_type))
                errors_.forbidden(path.child(name), "must be empty to be structural");
        for (const auto& [name, property] : schema["properties"].members()) {
            const Path list = path.child("properties"), outer_list = outer_path.child("properties");
            const Value& known = outer["properties"][name];
            if (known.is_null() && !outer["x-kubernetes-preserve-unknown-fields"].as_bool())
                errors_.required(outer_list.key(name), cat("because it is defined in ", text, ".properties[", name, "]"));
            nested(property, list.key(name), known, outer_list.key(name), known["x-kubernetes-int-or-string"].as_bool());
        }
        if (schema["items"].is_object()) {
            if (outer["items"].is_null())
                errors_.required(outer_path.child("items"), cat("because it is defined in ", text, ".items"));
            nested(schema["items"], path.child("items"), outer["items"], outer_path.child("items"), false);
        }
        for (const auto junctor : junctors) {
            const Path list = path.child(junctor);
            for (std::size_t i = 0; i < schema[junctor].size(); ++i)
                nested(schema[junctor][i], list.index(i), outer, outer_path, may_have_type);
        }
    }

    FieldErrors& errors_;
};

}  // namespace

void check_schema(const Value& schema, const Path& path, FieldErrors& errors) { Checker(errors).schema(schema, path, Place::root); }

bool has_rules(const Value& schema) {
    if (schema.is_object() && !schema["x-kubernetes-validations"].empty())
        return true;
    for (const auto& [name, member] : schema.members())
        if (has_rules(member))
            return true;
    for (const auto& item : schema.items())
        if (has_rules(item))
            return true;
    return false;
}

}  // namespace kubewalk::api::structural
