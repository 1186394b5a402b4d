#include "core/api/custom_kinds.h"

#include <map>
#include <memory>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// The texts that a Kind points to.
struct KeptKind {
    std::string group, version, kind, resource, singular, short_names, categories, list_kind, selectable;
    Kind itself{};
};

std::string joined_words(const Value& words) {
    std::string text;
    for (const auto& word : words.items())
        append(text, text.empty() ? "" : ",", word.as_string());
    return text;
}

// ".spec.color" of each, without the first dot.
std::string selectable_fields(const Value& version) {
    std::string text;
    for (const auto& field : version["selectableFields"].items())
        if (const auto path = field["jsonPath"].as_string(); path.starts_with('.'))
            append(text, text.empty() ? "" : ",", path.substr(1));
    return text;
}

}  // namespace

const Kind& custom_kind(const CustomNames& names) {
    static std::map<std::string, std::unique_ptr<const KeptKind>, std::less<>> kept;
    const auto key = cat(names.group, "/", names.version, "/", names.kind, "/", names.resource, "/", names.singular, "/", names.short_names, "/",
                         names.categories, "/", static_cast<int>(names.scope), static_cast<int>(names.status), "/", names.list_kind, "/", names.selectable);
    if (const auto known = kept.find(key); known != kept.end())
        return known->second->itself;
    auto one = std::make_unique<KeptKind>(KeptKind{std::string(names.group), std::string(names.version), std::string(names.kind), std::string(names.resource),
                                                   std::string(names.singular), std::string(names.short_names), std::string(names.categories),
                                                   std::string(names.list_kind), std::string(names.selectable)});
    one->itself = Kind{one->group, one->version, one->kind, one->resource, one->singular, one->short_names, names.scope, names.status,
                       custom_resource_type, one->categories, one->list_kind, one->selectable};
    return kept.emplace(key, std::move(one)).first->second->itself;
}

bool is_established(const Value& definition) {
    for (const auto& condition : definition["status"]["conditions"].items())
        if (condition["type"].as_string() == "Established")
            return condition["status"].as_string() == "True";
    return false;
}

const Kind& custom_kind_of(const Value& definition, const Value& version) {
    const Value& spec = definition["spec"];
    const Value& names = spec["names"];
    const auto short_names = joined_words(names["shortNames"]), categories = joined_words(names["categories"]), selectable = selectable_fields(version);
    const auto list_kind = names["listKind"].as_string(), kind = names["kind"].as_string();
    return custom_kind({spec["group"].as_string(), version["name"].as_string(), kind, names["plural"].as_string(),
                        names["singular"].as_string(), short_names, categories,
                        spec["scope"].as_string() == "Cluster" ? Scope::cluster : Scope::namespaced,
                        version["subresources"]["status"].is_null() ? StatusSubresource::no : StatusSubresource::yes,
                        list_kind == cat(kind, "List") ? std::string_view() : list_kind, selectable});
}

std::vector<const Kind*> custom_kinds_in(const Value& resource_list) {
    std::vector<const Kind*> found;
    const auto group_version = resource_list["groupVersion"].as_string();
    const auto slash = group_version.find('/');
    if (slash == std::string_view::npos)
        return found;
    const auto resources = resource_list["resources"].items();
    for (const auto& entry : resources) {
        const auto name = entry["name"].as_string();
        if (name.find('/') != std::string_view::npos)
            continue;
        const auto short_names = joined_words(entry["shortNames"]), categories = joined_words(entry["categories"]);
        bool status = false;
        for (const auto& other : resources)
            status = status || other["name"].as_string() == cat(name, "/status");
        found.push_back(&custom_kind({group_version.substr(0, slash), group_version.substr(slash + 1), entry["kind"].as_string(), name,
                                      entry["singularName"].as_string(), short_names, categories,
                                      entry["namespaced"].as_bool() ? Scope::namespaced : Scope::cluster,
                                      status ? StatusSubresource::yes : StatusSubresource::no}));
    }
    return found;
}

bool is_called(const Kind& kind, std::string_view word) {
    const std::string wanted = to_lower(word);
    const auto dot = wanted.find('.');
    const std::string_view head = std::string_view(wanted).substr(0, dot);
    const std::string_view tail = dot == std::string::npos ? std::string_view() : std::string_view(wanted).substr(dot + 1);
    bool named = head == kind.resource || head == kind.singular || head == to_lower(kind.kind);
    for (const auto name : split(kind.short_names, ','))
        named = named || (!name.empty() && head == name);
    return named && (tail.empty() || tail == kind.group || tail == cat(kind.version, ".", kind.group));
}

}  // namespace kubewalk::api
