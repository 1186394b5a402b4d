// CustomResourceDefinition. Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/{v1/defaults.go,v1/conversion.go,
// validation/validation.go}, pkg/registry/customresourcedefinition/strategy.go.

#include <algorithm>
#include <set>

#include "core/api/custom_kinds.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/schema_path.h"
#include "core/api/structural.h"
#include "core/api/structural_rules.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::string_view approval = "api-approved.kubernetes.io";
constexpr std::string_view column_types[] = {"boolean", "date", "integer", "number", "string"};

void default_definition(Value& object) {
    if (!object["spec"].is_object())
        return;
    Value& spec = object.edit("spec");
    const auto kind = spec["names"]["kind"].str();
    if (!kind.empty() && spec["names"]["singular"].as_string().empty())
        spec.edit("names").set("singular", to_lower(kind));
    if (!kind.empty() && spec["names"]["listKind"].as_string().empty())
        spec.edit("names").set("listKind", cat(kind, "List"));
    if (spec["conversion"].is_null())
        spec.set("conversion", Value::object({{"strategy", "None"}}));
}

std::string_view storage_version(const Value& object) {
    for (const auto& version : object["spec"]["versions"].items())
        if (version["storage"].as_bool())
            return version["name"].as_string();
    return {};
}

void prepare_definition(Value& object) {
    start_generation(object);
    object.set("status", Value::object({{"acceptedNames", Value::object({{"kind", ""}, {"plural", ""}})}, {"conditions", Value::array()},
                                        {"storedVersions", Value::array({storage_version(object)})}}));
}

void prepare_definition_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, object["spec"] != old["spec"]);
    const auto storage = storage_version(object);
    for (const auto& known : object["status"]["storedVersions"].items())
        if (known.as_string() == storage)
            return;
    object.edit_path("status", "storedVersions").push_back(storage);
}

void check_label(const Value& name, const Path& path, std::string_view before, FieldErrors& errors) {
    if (const auto wrong = is_dns1035_label(to_lower(name.as_string())); !name.as_string().empty() && !wrong.empty())
        errors.invalid(path, name, cat(before, join(wrong, ",")));
}

void validate_definition_names(const Value& names, const Path& path, FieldErrors& errors) {
    constexpr std::string_view mixed = "may have mixed case, but should otherwise match: ";
    for (const std::string_view field : {"plural", "singular"})
        if (const auto wrong = is_dns1035_label(names[field].as_string()); !names[field].as_string().empty() && !wrong.empty())
            errors.invalid(path.child(field), names[field], join(wrong, ","));
    check_label(names["kind"], path.child("kind"), mixed, errors);
    check_label(names["listKind"], path.child("listKind"), mixed, errors);
    for (const std::string_view field : {"shortNames", "categories"}) {
        const Path list = path.child(field);
        for (std::size_t i = 0; i < names[field].size(); ++i)
            if (const auto wrong = is_dns1035_label(names[field][i].as_string()); !wrong.empty())
                errors.invalid(list.index(i), names[field][i], join(wrong, ","));
    }
    if (!names["kind"].as_string().empty() && names["kind"] == names["listKind"])
        errors.invalid(path.child("listKind"), names["listKind"], "kind and listKind may not be the same");
}

void validate_columns(const Value& columns, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Path at = path.index(i);
        const Value& column = columns[i];
        if (column["name"].as_string().empty())
            errors.required(at.child("name"));
        if (const auto type = column["type"].as_string(); type.empty())
            errors.required(at.child("type"), "must be one of boolean,date,integer,number,string");
        else if (std::find(std::begin(column_types), std::end(column_types), type) == std::end(column_types))
            errors.invalid(at.child("type"), column["type"], "must be one of boolean,date,integer,number,string");
        if (const auto json_path = column["jsonPath"].as_string(); json_path.empty())
            errors.required(at.child("jsonPath"));
        else if (json_path[0] != '.')
            errors.invalid(at.child("jsonPath"), json_path, "must be a simple json path starting with .");
    }
}

void validate_selectable_fields(const Value& fields, const Value& schema, const Path& path, FieldErrors& errors) {
    constexpr int most_fields = 8;
    std::set<std::string, std::less<>> seen;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Path list = path.index(i), at = list.child("jsonPath");
        const Value& json_path = fields[i]["jsonPath"];
        if (json_path.as_string().empty()) {
            errors.required(at);
            continue;
        }
        const auto found = structural::schema_path(json_path.as_string(), schema, structural::Brackets::refused);
        if (!found.ok()) {
            errors.invalid(at, json_path, cat("is an invalid path: ", found.error().message));
            continue;
        }
        if (found.value().root == "metadata")
            errors.invalid(at, json_path, "must not point to fields in metadata");
        if (const auto type = found.value().schema["type"].as_string(); type != "string" && type != "boolean" && type != "integer")
            errors.invalid(at, json_path, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
        if (!seen.insert(found.value().text).second)
            errors.duplicate(at, json_path);
    }
    if (seen.size() > most_fields)
        errors.too_many(path, static_cast<int>(seen.size()), most_fields);
}

void validate_scale_paths(const Value& scale, const Path& path, FieldErrors& errors) {
    const auto check = [&](std::string_view field, std::string_view under, bool needed) {
        const auto text = scale[field].as_string();
        if (text.empty()) {
            if (needed)
                errors.required(path.child(field));
        } else if (!text.starts_with(under) && !(field == "labelSelectorPath" && text.starts_with(".spec."))) {
            errors.invalid(path.child(field), scale[field],
                           field == "labelSelectorPath" ? std::string("should be a json path under either .spec or .status") : cat("should be a json path under ", under.substr(0, under.size() - 1)));
        }
    };
    check("specReplicasPath", ".spec.", true);
    check("statusReplicasPath", ".status.", true);
    check("labelSelectorPath", ".status.", false);
}

// What all versions have alike is said of the definition as a whole, as the internal version keeps it.
bool alike(const Value& versions, std::string_view field) {
    for (const auto& version : versions.items())
        if (version[field] != versions[0][field])
            return false;
    return true;
}

void validate_schema(const Value& schema, const Path& path, FieldErrors& errors) {
    const auto before = errors.size();
    structural::check_schema(schema, path, errors);
    // Rules about what has no types would be refused for the wrong reasons.
    if (errors.size() == before && structural::has_rules(schema))
        structural::check_rules(schema, path, errors);
}

void validate_versions(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& versions = spec["versions"];
    const Path list = path.child("versions");
    int stored = 0;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const Value& version = versions[i];
        const auto name = version["name"].as_string();
        stored += version["storage"].as_bool() ? 1 : 0;
        if (!names.insert(name).second)
            errors.invalid_without_value(list, "must contain unique version names");
        if (const auto wrong = is_dns1035_label(name); !wrong.empty())
            errors.invalid(list.index(i).child("name"), name, join(wrong, ","));
        if (!version["deprecationWarning"].is_null() && !version["deprecated"].as_bool())
            errors.invalid(list.index(i).child("deprecationWarning"), version["deprecationWarning"], "can only be set for deprecated versions");
    }
    if (stored != 1)
        errors.invalid_without_value(list, "must have exactly one version marked as storage version");
    const bool one_schema = alike(versions, "schema"), one_table = alike(versions, "additionalPrinterColumns"), one_scale = alike(versions, "subresources");
    const bool one_selection = alike(versions, "selectableFields");
    const Path whole_selection = path.child("selectableFields");
    const Path whole_validation = path.child("validation"), whole_subresources = path.child("subresources"), whole_columns = path.child("additionalPrinterColumns");
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const Path at = list.index(i), schema_at = at.child("schema"), subresources_at = at.child("subresources");
        const Value& schema = versions[i]["schema"]["openAPIV3Schema"];
        if (schema.is_null())
            errors.required(schema_at.child("openAPIV3Schema"), "schemas are required");
        else if (!one_schema || i == 0)
            validate_schema(schema, (one_schema ? whole_validation : schema_at).child("openAPIV3Schema"), errors);
        if (!one_table || i == 0)
            validate_columns(versions[i]["additionalPrinterColumns"], one_table ? whole_columns : at.child("additionalPrinterColumns"), errors);
        if (!one_selection || i == 0)
            validate_selectable_fields(versions[i]["selectableFields"], schema, one_selection ? whole_selection : at.child("selectableFields"), errors);
        if (const Value& scale = versions[i]["subresources"]["scale"]; !scale.is_null() && (!one_scale || i == 0))
            validate_scale_paths(scale, (one_scale ? whole_subresources : subresources_at).child("scale"), errors);
    }
}

void validate_definition_spec(const Value& spec, const Path& path, FieldErrors& errors) {
    const auto group = spec["group"].as_string(), scope = spec["scope"].as_string();
    if (group.empty())
        errors.required(path.child("group"));
    else if (const auto wrong = is_dns1123_subdomain(group); !wrong.empty())
        errors.invalid(path.child("group"), group, join(wrong, ","));
    else if (group.find('.') == std::string_view::npos)
        errors.invalid(path.child("group"), group, "should be a domain with at least one dot");
    if (scope.empty())
        errors.required(path.child("scope"));
    else if (scope != "Cluster" && scope != "Namespaced")
        errors.not_supported(path.child("scope"), scope, {"Cluster", "Namespaced"});
    if (spec["preserveUnknownFields"].as_bool())
        errors.invalid(path.child("preserveUnknownFields"), true,
                       "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
    validate_versions(spec, path, errors);
    const Path names = path.child("names");
    for (const std::string_view field : {"plural", "singular", "kind", "listKind"})
        if (spec["names"][field].as_string().empty())
            errors.required(names.child(field));
    validate_definition_names(spec["names"], names, errors);
    if (const Value& strategy = spec["conversion"]["strategy"]; strategy.as_string() == "Webhook")
        errors.forbidden(path.child("conversion").child("strategy"), "conversion by webhook is not part of this cluster");
    else if (strategy.as_string() != "None")
        errors.not_supported(path.child("conversion").child("strategy"), strategy, {"None", "Webhook"});
}

void validate_definition(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const Path metadata("metadata");
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, metadata, errors);
    const auto group = spec["group"].as_string();
    if (const auto wanted = cat(spec["names"]["plural"].as_string(), ".", group); name_of(object) != wanted && !name_of(object).empty())
        errors.invalid(metadata.child("name"), name_of(object), "must be spec.names.plural+\".\"+spec.group");
    const bool is_protected = group == "k8s.io" || group.ends_with(".k8s.io") || group == "kubernetes.io" || group.ends_with(".kubernetes.io");
    if (is_protected && object["metadata"]["annotations"][approval].as_string().empty())
        errors.required(metadata.child("annotations").key(approval), cat("protected groups must have approval annotation ", quoted(approval)));
    validate_definition_spec(spec, Path("spec"), errors);
}

void validate_definition_update(const Value& object, const Value& old, FieldErrors& errors) {
    const Path spec("spec");
    const Path names = spec.child("names");
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_definition_spec(object["spec"], spec, errors);
    if (is_established(old)) {
        validate_immutable(object["spec"]["scope"], old["spec"]["scope"], spec.child("scope"), errors);
        validate_immutable(object["spec"]["names"]["kind"], old["spec"]["names"]["kind"], names.child("kind"), errors);
    }
    validate_immutable(object["spec"]["group"], old["spec"]["group"], spec.child("group"), errors);
    validate_immutable(object["spec"]["names"]["plural"], old["spec"]["names"]["plural"], names.child("plural"), errors);
    const Path status("status");
    const Path stored = status.child("storedVersions");
    const Value& versions = object["status"]["storedVersions"];
    for (std::size_t i = 0; i < versions.size(); ++i) {
        bool there = false;
        for (const auto& version : object["spec"]["versions"].items())
            there = there || version["name"] == versions[i];
        if (!there)
            errors.invalid(stored.index(i), versions[i], cat("missing from spec.versions; ", versions[i].as_string(),
                                                             " was previously a storage version, and must remain in spec.versions until a storage migration "
                                                             "ensures no data remains persisted in ", versions[i].as_string(), " and removes ",
                                                             versions[i].as_string(), " from status.storedVersions"));
    }
}

void validate_definition_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

}  // namespace

const Rules custom_resource_definition_rules = {"apiextensions.k8s.io", "CustomResourceDefinition", default_definition, prepare_definition,
                                                prepare_definition_update, keep_all_but_status, validate_definition, validate_definition_update,
                                                validate_definition_status, nullptr};

}  // namespace kubewalk::api
