#pragma once
// Which location takes a request: hosts, paths, their types and who comes first. This is nginx's own choice
// among the `location` blocks that ingress-nginx writes. Upstream: kubernetes/ingress-nginx
// internal/ingress/controller/location.go, template/template.go (buildLocation, buildServerName); nginx
// src/http/ngx_http_core_module.c (ngx_http_core_find_location).

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/ingress/annotations.h"
#include "core/base/regex.h"
#include "core/net/server.h"

namespace kubewalk::addons::ingress {

enum class PathType : std::uint8_t { exact, prefix, implementation_specific };
PathType path_type_of(std::string_view text);
std::string_view path_type_name(PathType type);

// One path of a rule, or the "/" that every host has.
struct Location {
    std::string path = "/";
    PathType type = PathType::prefix;
    std::string upstream;     // key of Configuration::upstreams; empty: the controller's own 404
    bool fallback = false;    // nobody's rule: the host's default backend
    std::string ingress;      // "namespace/name" of the Ingress that wrote it
    std::string service;      // name of the Service behind it
    Annotations annotations;
    std::optional<Regex> rewrite;  // with rewrite-target: the path as nginx's rewrite looks for it

    bool rewrites() const { return !annotations.rewrite_target.empty() && annotations.rewrite_target != path; }
};

// A `location` directive.
struct Directive {
    enum class Modifier : std::uint8_t { exact, prefix, regex } modifier = Modifier::prefix;
    std::string path;
    std::size_t location = 0;  // in VirtualHost::locations
    std::optional<Regex> regex;
};

constexpr std::string_view catch_all = "_";

// All rules of one host.
struct VirtualHost {
    std::string host;  // "shop.example.com", "*.example.com", or catch_all
    std::vector<Location> locations;
    std::vector<Directive> directives;  // in nginx's order of trying expressions
    std::optional<net::Certificate> certificate;  // that of a Secret, or the default one; unset: no tls section

    // After the last location: sorts them and writes the directives.
    void finish();
};

using VirtualHosts = std::map<std::string, VirtualHost, std::less<>>;

// The server for a Host header (a port is ignored): its own name, a wildcard of one label, else catch_all.
const VirtualHost* select_server(const VirtualHosts& servers, std::string_view host);

// The certificate configured for a name (a port is ignored): that of its own server, else that of the wildcard
// of one label, also when the name has a server without one; null: none, which means no redirect to HTTPS and
// the default certificate. Upstream: rootfs/etc/nginx/lua/certificate.lua (get_pem_cert_uid).
const net::Certificate* certificate_for_name(const VirtualHosts& servers, std::string_view name);

struct Selected {
    const Location* location = nullptr;
    // The location is "/path/" and the request was for "/path": nginx answers 301 with the slash.
    bool add_slash = false;
};
// `path` is normalized and without query.
Selected select_location(const VirtualHost& server, std::string_view path);

// As nginx makes $uri: %xx decoded, "//" merged, "." and ".." resolved.
std::string normalize_path(std::string_view path);

}  // namespace kubewalk::addons::ingress
