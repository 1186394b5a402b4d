#pragma once
// From method and path to what is asked for. Upstream: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.

#include <string>
#include <string_view>

#include "core/api/kinds.h"
#include "core/client/transport.h"

namespace kubewalk::apiserver {

enum class Verb : unsigned char { get, list, watch, create, update, patch, remove, remove_collection };
std::string_view verb_name(Verb verb);  // "get", ..., "delete", "deletecollection"

class CustomResources;

struct Route {
    Verb verb = Verb::get;
    const api::Kind* kind = nullptr;  // as it is stored; null: no resource path ("/version", "/api", ...)
    const api::Kind* served = nullptr;  // as the client names it: another version of the same
    std::string namespace_name;       // empty: cluster scope, or all namespaces
    std::string name;                 // empty: the collection
    std::string subresource;          // "status", "scale", "log", ...
    std::string rest;                 // of a proxy's path: "/index.html"; "" and "/" differ
    bool unknown = false;             // looks like a resource path, but nothing is served there
};

// `customs`: what is served beside the kinds of the table.
Route parse_route(const client::Request& request, const CustomResources& customs);

// The key in the store: "/registry/pods/ns/name", "/registry/nodes/name".
std::string store_key(const api::Kind& kind, std::string_view namespace_name, std::string_view name);
// What the keys of a collection start with; an empty namespace means all of them.
std::string store_prefix(const api::Kind& kind, std::string_view namespace_name);

}  // namespace kubewalk::apiserver
