#include "core/api/schema.h"

#include <algorithm>

#include "core/api/custom_kinds.h"
#include "core/api/json.h"
#include "core/api/schema_extras.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

struct FormName {
    std::string_view type;
    std::string_view format;  // "" stands for any not listed
    Form form;
};

constexpr FormName form_names[] = {
    {"string", "byte", Form::bytes},
    {"string", "date-time", Form::time},
    {"string", "date-time-micro", Form::micro_time},
    {"string", "", Form::string},
    {"int", "int32", Form::int32},
    {"int", "", Form::int64},
    {"number", "", Form::number},
    {"boolean", "", Form::boolean},
    {"object", "", Form::any},
    {"IntOrString", "", Form::int_or_string},
};

const FormName* find_form(std::string_view type, std::string_view format) {
    const auto* found = std::find_if(std::begin(form_names), std::end(form_names), [&](const FormName& line) {
        return line.type == type && (line.format.empty() || line.format == format);
    });
    return found == std::end(form_names) ? nullptr : found;
}

Error malformed(std::string_view what) { return {"ParseError", cat("schema: ", what), {}, 0, 0}; }

// Turns "[]map[]string" into TypeRefs; the elements live as long as the schema.
class References {
public:
    References(std::map<std::string, Type, std::less<>>& types, std::vector<std::unique_ptr<TypeRef>>& elements)
        : types_(types), elements_(elements) {}

    Result<TypeRef> resolve(std::string_view type, std::string_view format) {
        for (auto [prefix, form] : {std::pair{std::string_view("[]"), Form::list}, {std::string_view("map[]"), Form::map}}) {
            if (!type.starts_with(prefix))
                continue;
            KUBEWALK_TRY(element, resolve(type.substr(prefix.size()), format));
            return TypeRef{form, nullptr, keep(element)};
        }
        if (const FormName* simple = find_form(type, format))
            return TypeRef{simple->form, nullptr, nullptr};
        if (auto named = types_.find(type); named != types_.end())
            return TypeRef{Form::object, &named->second, nullptr};
        return malformed(cat("unknown type ", quoted(type)));
    }

    const TypeRef* keep(TypeRef element) {
        elements_.push_back(std::make_unique<TypeRef>(element));
        return elements_.back().get();
    }

private:
    std::map<std::string, Type, std::less<>>& types_;
    std::vector<std::unique_ptr<TypeRef>>& elements_;
};

Result<Type> read_type(std::string_view name, const Value& description, References& references) {
    Type type;
    type.name = name;
    for (const Value& line : description["fields"].items()) {
        if (line.size() != 4)
            return malformed(cat("a field of ", name, " has not four parts"));
        Field field;
        field.name = line[0].str();
        KUBEWALK_TRY(ref, references.resolve(line[1].as_string(), line[2].as_string()));
        field.ref = ref;
        field.required = line[3].as_string() == "required";
        type.fields.push_back(std::move(field));
    }
    std::sort(type.fields.begin(), type.fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
    return type;
}

// What every object has whose kind the cluster learnt of while it runs.
void add_custom_type(std::map<std::string, Type, std::less<>>& types) {
    Type& custom = types[std::string(custom_resource_type)];
    custom.name = custom.go_name = custom_resource_type;
    for (const std::string_view name : {"apiVersion", "kind", "metadata"}) {
        Field field;
        field.name = name;
        field.ref.form = name == "metadata" ? Form::object : Form::string;
        if (name == "metadata")
            field.ref.type = &types["V1ObjectMeta"];
        custom.fields.push_back(std::move(field));
    }
}

}  // namespace

const Field* Type::find(std::string_view field) const {
    auto found = std::lower_bound(fields.begin(), fields.end(), field,
                                  [](const Field& a, std::string_view b) { return a.name < b; });
    return found != fields.end() && found->name == field ? &*found : nullptr;
}

Result<Schema> Schema::parse(std::string_view json) {
    KUBEWALK_TRY(root, parse_json(json));
    if (!root["types"].is_object())
        return malformed("no types");
    Schema schema;
    schema.release_ = root["release"].str();
    for (const auto& [name, description] : root["types"].members())
        schema.types_[name];
    add_custom_type(schema.types_);

    References references(schema.types_, schema.elements_);
    const TypeRef* quantity = references.keep(TypeRef{Form::quantity, nullptr, nullptr});
    for (auto& [name, type] : schema.types_) {
        if (is_open(type))
            continue;
        KUBEWALK_TRY(read, read_type(name, root["types"][name], references));
        type = std::move(read);
        add_extras(type, *quantity);
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            if (type.fields[i].always_printed)
                type.always_printed_fields.push_back(static_cast<std::uint16_t>(i));
        }
    }
    return schema;
}

const Type* Schema::find(std::string_view type) const {
    auto found = types_.find(type);
    return found == types_.end() ? nullptr : &found->second;
}

const Field* Schema::field_at(const Type& type, std::string_view path) const {
    const Type* at = &type;
    const Field* field = nullptr;
    for (std::string_view step : split(path, '.')) {
        field = at == nullptr ? nullptr : at->find(step.substr(0, step.find('[')));
        if (field == nullptr)
            return nullptr;
        const TypeRef* ref = &field->ref;
        while (ref->element != nullptr)
            ref = ref->element;
        at = ref->type;
    }
    return field;
}

}  // namespace kubewalk::api
