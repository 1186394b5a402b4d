#include "core/kubectl/schema_types.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Form;
using api::Value;

api::TypeRef SchemaTypes::reference(const std::string& name, const Value& schema) {
    const auto type = schema["type"].as_string();
    if (type == "string")
        return {Form::string, nullptr, nullptr};
    if (type == "integer")
        return {Form::int64, nullptr, nullptr};
    if (type == "number")
        return {Form::number, nullptr, nullptr};
    if (type == "boolean")
        return {Form::boolean, nullptr, nullptr};
    if (schema["x-kubernetes-int-or-string"].as_bool())
        return {Form::int_or_string, nullptr, nullptr};
    const bool is_list = type == "array" && schema["items"].is_object();
    if (is_list || (type == "object" && schema["additionalProperties"].is_object())) {
        elements_.push_back(reference(name, schema[is_list ? "items" : "additionalProperties"]));
        return {is_list ? Form::list : Form::map, nullptr, &elements_.back()};
    }
    if (schema["properties"].empty())
        return {Form::any, nullptr, nullptr};
    types_.emplace_back();
    api::Type& made = types_.back();
    made.name = name;
    made.go_name = "Object";
    const auto required = schema["required"].items();
    for (const auto& [field_name, property] : schema["properties"].members()) {
        api::Field field;
        field.name = field_name;
        field.ref = reference(cat(name, ".", field_name), property);
        field.required = std::any_of(required.begin(), required.end(), [&field](const Value& one) { return one.as_string() == field.name; });
        for (const auto& value : property["enum"].items())
            if (value.is_string())
                field.enum_values.push_back(value.as_string());
        made.fields.push_back(std::move(field));
        if (const auto text = property["description"].as_string(); !text.empty())
            texts_[cat(name, "/", field_name)] = text;
    }
    return {Form::object, &made, nullptr};
}

const api::Type* SchemaTypes::add(std::string_view name, const Value& schema, const api::Schema& known) {
    Value whole = schema;
    whole.set("type", "object");
    for (const std::string_view field : {"apiVersion", "kind", "metadata"})
        whole.edit("properties").set(field, Value::object({{"type", "string"}}));
    kept_.push_back(whole);
    const auto ref = reference(std::string(name), whole);
    for (auto& one : types_)
        if (&one == ref.type)
            for (auto& field : one.fields)
                if (field.name == "metadata")
                    field.ref = {Form::object, known.find("V1ObjectMeta"), nullptr};
    if (const auto text = schema["description"].as_string(); !text.empty())
        texts_[cat(name, "/")] = text;
    return ref.type;
}

std::string_view SchemaTypes::text_of(std::string_view type, std::string_view field) const {
    const auto found = texts_.find(cat(type, "/", field));
    return found == texts_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace kubewalk::kubectl
