#include "core/api/structural_type.h"

#include <algorithm>

#include "core/api/custom_kinds.h"

namespace kubewalk::api::structural {

FieldTypes::FieldTypes(const Value& schema, const Type* metadata) : schema_(schema), metadata_(metadata) {
    types_.emplace_back();
    Type& root = types_.back();
    fill(root, schema_);
    root.name = custom_resource_type;
    std::erase_if(root.fields, [](const Field& field) { return field.name == "apiVersion" || field.name == "kind" || field.name == "metadata"; });
    for (const std::string_view name : {"apiVersion", "kind", "metadata"}) {
        Field field;
        field.name = name;
        field.ref = name == "metadata" && metadata_ ? api::TypeRef{Form::object, metadata_, nullptr} : api::TypeRef{Form::string, nullptr, nullptr};
        root.fields.push_back(std::move(field));
    }
    std::sort(root.fields.begin(), root.fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
}

void FieldTypes::fill(Type& type, const Value& schema) {
    // What may have members that nobody named is open, as the type of all custom objects is.
    const bool open = schema["x-kubernetes-preserve-unknown-fields"].as_bool() || schema["properties"].empty();
    type.name = open ? custom_resource_type : std::string_view("object");
    type.go_name = "object";
    type.atomic = schema["x-kubernetes-map-type"].as_string() == "atomic";
    std::vector<Field> fields;
    for (const auto& property : schema["properties"].members()) {
        const Value& inner = property.value;
        Field field;
        field.name = property.key;
        field.ref = reference(inner);
        const auto list_type = inner["x-kubernetes-list-type"].as_string();
        field.list_type = list_type == "map" ? ListType::map : list_type == "set" ? ListType::set : ListType::atomic;
        for (const auto& key : inner["x-kubernetes-list-map-keys"].items())
            field.list_keys.push_back(key.as_string());
        field.atomic = inner["x-kubernetes-map-type"].as_string() == "atomic";
        fields.push_back(std::move(field));
    }
    type.fields = std::move(fields);
}

const Type* FieldTypes::object(const Value& schema) {
    types_.emplace_back();
    Type& made = types_.back();  // deques keep their places
    fill(made, schema);
    return &made;
}

api::TypeRef FieldTypes::reference(const Value& schema) {
    const auto type = schema["type"].as_string();
    if (schema["x-kubernetes-int-or-string"].as_bool())
        return {Form::int_or_string, nullptr, nullptr};
    if (type == "string")
        return {Form::string, nullptr, nullptr};
    if (type == "integer")
        return {Form::int64, nullptr, nullptr};
    if (type == "number")
        return {Form::number, nullptr, nullptr};
    if (type == "boolean")
        return {Form::boolean, nullptr, nullptr};
    const bool is_list = type == "array" && schema["items"].is_object();
    if (is_list || (type == "object" && schema["additionalProperties"].is_object())) {
        const auto element = reference(schema[is_list ? "items" : "additionalProperties"]);
        elements_.push_back(element);
        return {is_list ? Form::list : Form::map, nullptr, &elements_.back()};
    }
    return type == "object" ? api::TypeRef{Form::object, object(schema), nullptr} : api::TypeRef{Form::any, nullptr, nullptr};
}

}  // namespace kubewalk::api::structural
