#include "core/addons/ingress/matching.h"

#include <set>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::addons::ingress {

namespace {

constexpr std::string_view type_names[] = {"Exact", "Prefix", "ImplementationSpecific"};

std::string with_slash(std::string_view path) { return path.ends_with('/') ? std::string(path) : cat(path, "/"); }

// buildServerName: a wildcard stands for one label.
bool fits_wildcard(std::string_view pattern, std::string_view host) {
    if (!pattern.starts_with("*."))
        return false;
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && host.substr(dot) == pattern.substr(1);
}

// A Host header without its port, as names are compared.
std::string name_of(std::string_view host_header) {
    return to_lower(host_header.starts_with('[') ? host_header : host_header.substr(0, host_header.find(':')));
}

int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

PathType path_type_of(std::string_view text) {
    for (std::size_t i = 0; i < std::size(type_names); ++i)
        if (type_names[i] == text)
            return static_cast<PathType>(i);
    return PathType::implementation_specific;
}

std::string_view path_type_name(PathType type) { return type_names[static_cast<std::size_t>(type)]; }

void VirtualHost::finish() {
    sort_stably(locations, [](const Location& a, const Location& b) { return a.path > b.path; });
    sort_stably(locations,
                     [](const Location& a, const Location& b) { return a.path.size() > b.path.size(); });
    // One rewrite or expression turns all of the host's locations into expressions (enforceRegexModifier).
    bool expressions = false;
    std::set<std::string> exact;
    for (const auto& location : locations) {
        expressions = expressions || location.rewrites() || location.annotations.use_regex;
        if (location.type == PathType::exact)
            exact.insert(location.path);
    }
    directives.clear();
    for (std::size_t i = 0; i < locations.size(); ++i) {
        Location& location = locations[i];
        if (location.rewrites()) {
            if (auto regex = Regex::compile(location.path, Regex::Case::insensitive); regex.ok())
                location.rewrite = regex.take();
        }
        const auto add = [&](Directive::Modifier modifier, std::string path) {
            Directive directive{modifier, std::move(path), i, std::nullopt};
            if (expressions) {
                directive.modifier = Directive::Modifier::regex;
                auto regex = Regex::compile(cat("^", directive.path), Regex::Case::insensitive);
                if (!regex.ok())
                    return;  // nginx refuses such a file; the location is not there
                directive.regex = regex.take();
            }
            directives.push_back(std::move(directive));
        };
        const bool untouched = location.path == "/" || location.type != PathType::prefix || location.rewrites() ||
                               location.annotations.use_regex;
        if (untouched) {
            add(location.type == PathType::exact ? Directive::Modifier::exact : Directive::Modifier::prefix, location.path);
            continue;
        }
        add(Directive::Modifier::prefix, with_slash(location.path));
        if (exact.count(location.path) == 0)
            add(Directive::Modifier::exact, location.path);
    }
}

const VirtualHost* select_server(const VirtualHosts& servers, std::string_view host_header) {
    const auto host = name_of(host_header);
    if (const auto exact = servers.find(host); exact != servers.end() && host != catch_all)
        return &exact->second;
    for (const auto& [name, server] : servers)
        if (fits_wildcard(name, host))
            return &server;
    const auto rest = servers.find(catch_all);
    return rest == servers.end() ? nullptr : &rest->second;
}

const net::Certificate* certificate_for_name(const VirtualHosts& servers, std::string_view name) {
    auto host = name_of(name);
    if (host.ends_with('.'))
        host.pop_back();
    const auto dot = host.find('.');
    const auto wildcard = dot == std::string::npos || dot == 0 ? std::string() : cat("*", std::string_view(host).substr(dot));
    for (const auto& key : {host, wildcard}) {
        const auto found = servers.find(key);
        if (found != servers.end() && key != catch_all && found->second.certificate)
            return &*found->second.certificate;
    }
    return nullptr;
}

Selected select_location(const VirtualHost& server, std::string_view path) {
    const Directive* longest = nullptr;
    for (const auto& directive : server.directives) {
        switch (directive.modifier) {
        case Directive::Modifier::regex:
            if (directive.regex->matches(path))
                return {&server.locations[directive.location], false};
            break;
        case Directive::Modifier::exact:
            if (path == directive.path)
                return {&server.locations[directive.location], false};
            break;
        case Directive::Modifier::prefix: {
            const bool fits = path.starts_with(directive.path) || (directive.path.ends_with('/') && path == std::string_view(directive.path).substr(0, directive.path.size() - 1));
            if (fits && (!longest || directive.path.size() > longest->path.size()))
                longest = &directive;
            break;
        }
        }
    }
    if (!longest)
        return {};
    return {&server.locations[longest->location], path.size() < longest->path.size()};
}

std::string normalize_path(std::string_view path) {
    std::string decoded;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool escaped = path[i] == '%' && i + 2 < path.size() && hex_digit(path[i + 1]) >= 0 && hex_digit(path[i + 2]) >= 0;
        decoded += escaped ? static_cast<char>(hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2])) : path[i];
        if (escaped)
            i += 2;
    }
    std::vector<std::string_view> kept;
    const auto pieces = split(decoded, '/');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i] == ".." && !kept.empty())
            kept.pop_back();
        if (pieces[i].empty() || pieces[i] == "." || pieces[i] == "..")
            continue;
        kept.push_back(pieces[i]);
    }
    std::string out;
    for (const auto piece : kept)
        append(out, "/", piece);
    const auto last = pieces.back();
    const bool folder = last.empty() || last == "." || last == "..";
    return out.empty() || folder ? cat(out, "/") : out;
}

}  // namespace kubewalk::addons::ingress
