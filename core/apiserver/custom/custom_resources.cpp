#include "core/apiserver/custom/custom_resources.h"

#include <algorithm>
#include <tuple>

#include "core/api/custom_kinds.h"
#include "core/api/rules/object_meta.h"
#include "core/api/structural.h"
#include "core/api/structural_rules.h"
#include "core/api/structural_type.h"
#include "core/apiserver/route.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

bool has_condition(const Value& definition, std::string_view type) {
    for (const auto& condition : definition["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition["status"].as_string() == "True";
    return false;
}

// "v2" comes before "v1", that before "v2beta1" and "v1alpha3"; then all other names. Upstream: k8s.io/apimachinery/pkg/version/helpers.go.
std::tuple<int, std::int64_t, std::int64_t> version_rank(std::string_view name) {
    constexpr std::tuple<int, std::int64_t, std::int64_t> other{3, 0, 0};
    if (name.size() < 2 || name[0] != 'v')
        return other;
    const auto digits = name.substr(1, name.find_first_not_of("0123456789", 1) - 1);
    const auto rest = name.substr(1 + digits.size());
    const auto major = parse_int(digits);
    if (!major)
        return other;
    if (rest.empty())
        return {0, -*major, 0};
    for (const auto& [word, rank] : {std::pair{std::string_view("beta"), 1}, {std::string_view("alpha"), 2}})
        if (rest.starts_with(word))
            if (const auto minor = parse_int(rest.substr(word.size())))
                return {rank, -*major, -*minor};
    return other;
}

}  // namespace

CustomResource::CustomResource(const Value& definition, const Value& version)
    : kind_(&api::custom_kind_of(definition, version)), version_(version), ending_(has_condition(definition, "Terminating")) {}

std::string CustomResource::deprecation() const {
    if (!version_["deprecated"].as_bool())
        return {};
    return version_["deprecationWarning"].str(cat(kind_->api_version(), " ", kind_->kind, " is deprecated"));
}

void CustomResource::prune(Value& object, std::vector<Error>& strict) const {
    std::vector<std::string> unknown;
    api::structural::prune(object, schema(), unknown);
    for (const auto& path : unknown)
        strict.push_back({"BadRequest", cat("unknown field ", quoted(path)), path, 0, 0});
}

void CustomResource::set_defaults(Value& object) const { api::structural::set_defaults(object, schema()); }

void CustomResource::prepare_for_create(Value& object) const {
    if (has_status())
        object.erase("status");
    object.edit("metadata").set("generation", 1);
}

void CustomResource::prepare_for_update(Value& object, const Value& old) const {
    if (has_status()) {
        if (old.contains("status"))
            object.set("status", old["status"]);
        else
            object.erase("status");
    }
    // Every change counts but those of metadata, and of the status where that is a part of its own.
    const auto content = [&](Value whole) {
        for (const std::string_view field : {"apiVersion", "metadata"})
            whole.erase(field);
        if (has_status())
            whole.erase("status");
        return whole;
    };
    api::set_generation(object, old, content(object) != content(old));
}

void CustomResource::prepare_for_status_update(Value& object, const Value& old) const {
    Value updated = old;
    updated.set("apiVersion", object["apiVersion"]);
    if (object.contains("status"))
        updated.set("status", object["status"]);
    else
        updated.erase("status");
    object = std::move(updated);
}

void CustomResource::validate(const Value& object, api::FieldErrors& errors) const {
    api::validate_object_meta(object["metadata"], kind_->scope, api::is_dns1123_subdomain, api::Path("metadata"), errors);
    api::structural::validate(object, schema(), errors);
    // What a schema may ask of metadata: the name.
    if (const Value& names = schema()["properties"]["metadata"]; names.is_object())
        for (const std::string_view field : {"name", "generateName"})
            if (const Value& rule = names["properties"][field]; rule.is_object() && object["metadata"].contains(field))
                api::structural::validate_at(object["metadata"][field], rule, cat("metadata.", field), errors);
    std::vector<std::string> none;
    check_rules(object, {}, errors, none);
}

void CustomResource::validate_update(const Value& object, const Value& old, api::FieldErrors& errors, std::vector<std::string>& warnings) const {
    api::validate_object_meta_update(object["metadata"], old["metadata"], api::Path("metadata"), errors);
    api::structural::validate(object, schema(), errors);
    check_rules(object, old, errors, warnings);
}

// hasBlockingErr: rules are about objects of the right types.
static bool is_blocking(const api::FieldError& error) {
    using Type = api::ErrorType;
    return error.type == Type::not_supported || error.type == Type::required || error.type == Type::too_long || error.type == Type::too_many ||
           error.body.find(" in body must be of type ") != std::string::npos;
}

void CustomResource::check_rules(const Value& object, const Value& old, api::FieldErrors& errors, std::vector<std::string>& warnings) const {
    if (!rules_)
        rules_ = api::structural::Rules::of(schema());
    if (!*rules_)
        return;
    if (std::any_of(errors.begin(), errors.end(), is_blocking))
        return errors.invalid_without_value(api::Path("<nil>"), "null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");
    (*rules_)->validate(object, old, errors, warnings);
}

const api::Type& CustomResource::field_types(const api::Schema& known) const {
    if (!types_)
        types_ = std::make_shared<const api::structural::FieldTypes>(schema(), known.find("V1ObjectMeta"));
    return types_->root();
}

Value CustomResource::in_this_version(Value object) const {
    const auto wanted = kind_->api_version();
    if (object["kind"].as_string() == kind_->kind && object["apiVersion"].as_string() != wanted)
        object.set("apiVersion", wanted);
    if (object["kind"].as_string() == kind_->list())
        for (std::size_t i = 0; i < object["items"].size(); ++i)
            if (object["items"][i]["apiVersion"].as_string() != wanted)
                object.edit("items").edit_at(i).set("apiVersion", wanted);
    return object;
}

const std::vector<CustomResource>& CustomResources::all() const {
    if (known_)
        return all_;
    known_ = true;
    all_.clear();
    const auto prefix = store_prefix(api::kind::custom_resource_definitions, {});
    for (auto it = store_.first(prefix); store_.within(it, prefix); ++it) {
        const Value& definition = it->second.value;
        if (!api::is_established(definition))
            continue;
        for (const auto& version : definition["spec"]["versions"].items())
            if (version["served"].as_bool())
                all_.emplace_back(definition, version);
    }
    sort_stably(all_, [](const CustomResource& a, const CustomResource& b) {
        const auto rank = [](const CustomResource& one) { return std::tuple(one.kind().group, version_rank(one.kind().version), one.kind().version, one.kind().resource); };
        return rank(a) < rank(b);
    });
    return all_;
}

const CustomResource* CustomResources::find(std::string_view group, std::string_view version, std::string_view resource) const {
    for (const auto& one : all())
        if (one.kind().resource == resource && one.kind().group == group && one.kind().version == version)
            return &one;
    return nullptr;
}

bool CustomResources::serves(std::string_view group, std::string_view version) const {
    const auto& known = all();
    return std::any_of(known.begin(), known.end(), [&](const CustomResource& one) { return one.kind().group == group && one.kind().version == version; });
}

}  // namespace kubewalk::apiserver
