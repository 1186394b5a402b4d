#pragma once
// The Corefile: server blocks with directives, as CoreDNS's Caddyfile parser reads it.
// Upstream: github.com/coredns/caddy caddyfile/{lexer,parse,dispenser}.go.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::addons::coredns {

// "ttl 30": a line of a directive's block.
struct Property {
    std::string name;
    std::vector<std::string> args;
    int line = 0;
    std::string last() const { return args.empty() ? name : args.back(); }
};

// "kubernetes cluster.local { ... }".
struct Directive {
    std::string name;
    std::vector<std::string> args;
    std::vector<Property> block;
    int line = 0;
    std::string last() const { return args.empty() ? name : args.back(); }
};

// ".:53 { ... }".
struct ServerBlock {
    std::vector<std::string> keys;
    std::vector<Directive> directives;
};

struct Corefile {
    std::string path;
    std::vector<ServerBlock> blocks;
};

// `known` tells which directives exist; another one is "Unknown directive 'x'". `files`: what `import`
// may name besides snippets, by absolute path. Errors carry the text CoreDNS prints: "PATH:LINE - Error
// during parsing: ...".
Result<Corefile> parse_corefile(std::string_view text, std::string path, bool (*known)(std::string_view directive),
                                const std::map<std::string, std::string>& files);

// What the reload plugin tells configurations apart by: SHA-512 of the parsed file as JSON, hexadecimal.
std::string corefile_sha512(std::string_view text, std::string path, const std::map<std::string, std::string>& files);

// "PATH:LINE - Error during parsing: MESSAGE".
Error corefile_error(std::string_view path, int line, std::string_view message);
// "Wrong argument count or unexpected line ending after 'x'".
Error argument_error(std::string_view path, int line, std::string_view after);

}  // namespace kubewalk::addons::coredns
