#include "core/apiserver/route.h"

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/apiserver/aggregation.h"
#include "core/apiserver/custom/custom_resources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

namespace {

Verb collection_verb(const client::Request& request) {
    switch (request.method) {
        case client::Method::post: return Verb::create;
        case client::Method::put: return Verb::update;
        case client::Method::patch: return Verb::patch;
        case client::Method::del: return Verb::remove_collection;
        case client::Method::get: break;
    }
    auto watch = request.query.find("watch");
    return watch != request.query.end() && (watch->second == "true" || watch->second == "1") ? Verb::watch : Verb::list;
}

Verb object_verb(const client::Request& request) {
    switch (request.method) {
        case client::Method::post: return Verb::create;
        case client::Method::put: return Verb::update;
        case client::Method::patch: return Verb::patch;
        case client::Method::del: return Verb::remove;
        case client::Method::get: break;
    }
    return Verb::get;
}

Route unknown_route() {
    Route route;
    route.unknown = true;
    return route;
}

}  // namespace

std::string_view verb_name(Verb verb) {
    static constexpr std::string_view names[] = {"get",    "list",  "watch",  "create",
                                                 "update", "patch", "delete", "deletecollection"};
    return names[static_cast<int>(verb)];
}

Route parse_route(const client::Request& request, const CustomResources& customs) {
    auto parts = split(request.path, '/');
    if (!parts.empty() && parts.front().empty())
        parts.erase(parts.begin());
    if (!parts.empty() && parts.back().empty())
        parts.pop_back();

    // /api/v1/... or /apis/GROUP/VERSION/...
    std::size_t at = 0;
    std::string_view group;
    if (parts.size() > 2 && parts[0] == "api")
        at = 1;
    else if (parts.size() > 3 && parts[0] == "apis") {
        group = parts[1];
        at = 2;
    } else
        return {};
    const std::string_view version = parts[at++];

    Route route;
    // /namespaces/NS/RESOURCE..., but /namespaces/NS itself and its subresources are about the Namespace.
    const bool namespace_itself = at + 3 == parts.size() && (parts[at + 2] == "status" || parts[at + 2] == "finalize");
    if (parts[at] == "namespaces" && at + 2 < parts.size() && !namespace_itself) {
        route.namespace_name = parts[at + 1];
        at += 2;
    }
    const auto resource = parts[at++];
    route.served = api::find_resource(group, version, resource);
    if (!route.served && !group.empty() && group_priority(group) == 0)
        if (const auto* custom = customs.find(group, version, resource))
            route.served = &custom->kind();
    if (!route.served)
        return unknown_route();
    route.kind = &api::storage_kind(*route.served);
    if (!route.kind->namespaced() && !route.namespace_name.empty())
        return unknown_route();
    if (at < parts.size())
        route.name = parts[at++];
    if (at < parts.size())
        route.subresource = parts[at++];
    if (route.subresource == "proxy") {
        // What follows is the business of whoever is reached, empty pieces included.
        auto piece_end = request.path.find(cat("/", route.name, "/proxy"));
        route.rest = piece_end == std::string::npos ? std::string() : request.path.substr(piece_end + route.name.size() + 7);
        at = parts.size();
    }
    if (at < parts.size())
        return unknown_route();
    if (!route.name.empty() && route.kind->namespaced() && route.namespace_name.empty())
        return unknown_route();
    route.verb = route.name.empty() ? collection_verb(request) : object_verb(request);
    return route;
}

std::string store_prefix(const api::Kind& kind, std::string_view namespace_name) {
    // Where etcd keeps the kinds whose plural is not their folder (pkg/registry's storage prefixes).
    struct Folder {
        std::string_view resource;
        std::string_view folder;
    };
    static constexpr Folder folders[] = {{"nodes", "minions"},
                                         {"services", "services/specs"},
                                         {"endpoints", "services/endpoints"}};
    std::string_view folder = kind.resource;
    for (const auto& entry : folders)
        if (kind.group.empty() && entry.resource == kind.resource)
            folder = entry.folder;
    auto prefix = api::is_custom(kind) ? cat("/registry/", kind.group, "/", folder, "/") : cat("/registry/", folder, "/");
    if (kind.namespaced() && !namespace_name.empty())
        append(prefix, namespace_name, "/");
    return prefix;
}

std::string store_key(const api::Kind& kind, std::string_view namespace_name, std::string_view name) {
    return cat(store_prefix(kind, namespace_name), name);
}

}  // namespace kubewalk::apiserver
