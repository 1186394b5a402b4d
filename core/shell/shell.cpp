#include "core/shell/shell.h"

#include <algorithm>
#include <utility>

#include "core/net/node_stack.h"
#include "core/shell/program.h"

namespace kubewalk::shell {

net::ResolverFiles Process::resolver_files() const {
    const auto text = [this](std::string_view path) {
        const auto* content = file(path);
        return content ? *content : std::string();
    };
    return {text("/etc/resolv.conf"), text("/etc/hosts")};
}

net::WantFamilies Process::families(bool only_ipv4, bool only_ipv6) const {
    const auto* view = context.network.view(context.netns);
    if (only_ipv6)
        return net::WantFamilies::ipv6_only;
    return only_ipv4 || !view || !view->ipv6() ? net::WantFamilies::ipv4_only : net::WantFamilies::both;
}

net::Resolution Process::resolve(std::string_view name, net::WantFamilies families) {
    auto resolution =
        net::resolve(context.network, context.netns, resolver_files(), context.libc, name, families);
    wait(resolution.elapsed);
    return resolution;
}

const std::string* Process::file(std::string_view path) const {
    auto found = context.files.find(absolute_path(context, path));
    return found == context.files.end() ? nullptr : &found->second;
}

std::optional<Completed> execute(ProcessContext& context, const std::vector<std::string>& argv,
                                 std::string_view input) {
    if (auto brought = context.brought.find(argv.front()); brought != context.brought.end())
        return brought->second(argv, input);
    const auto* program = program_of(context, argv.front());
    if (!program)
        return std::nullopt;
    // `env env env ...`, a script that calls itself.
    constexpr int cannot_execute = 126;
    if (context.nesting >= deepest_nesting)
        return Completed{cannot_execute, {}, cat(argv.front(), ": Resource temporarily unavailable\n"), {}};
    Process process{context, argv, input};
    const int stage = std::exchange(context.stage, -1);
    ++context.nesting;
    context.command_lines.push_back(join(argv, " "));
    const int exit = program->main(process);
    context.command_lines.pop_back();
    --context.nesting;
    context.stage = stage;
    return Completed{exit, std::move(process.out), std::move(process.err), process.elapsed};
}

bool has_program(const ProcessContext& context, std::string_view name) {
    return context.brought.count(std::string(name)) > 0 || program_of(context, name) != nullptr;
}

Completed run(ProcessContext& context, const std::vector<std::string>& argv, std::string_view input) {
    constexpr int not_found = 127;
    if (argv.empty())
        return {not_found, {}, "exec: no command", {}};
    if (auto completed = execute(context, argv, input)) {
        end_captures(context, *completed);
        return std::move(*completed);
    }
    const auto& name = argv.front();
    if (name.find('/') != std::string::npos)
        return {not_found, {}, cat("exec: ", quoted(name), ": stat ", name, ": no such file or directory"), {}};
    return {not_found, {}, cat("exec: ", quoted(name), ": executable file not found in $PATH"), {}};
}

Completed run_line(ProcessContext& context, std::string_view line, std::string_view input) {
    auto completed = run_line_and_go_on(context, line, input);
    end_captures(context, completed);
    return completed;
}

Completed run_line_and_go_on(ProcessContext& context, std::string_view line, std::string_view input) {
    return interpret(context, ShellKind::ash, line, {"sh"}, input);
}

std::string absolute_path(const ProcessContext& context, std::string_view path) {
    std::string whole(path);
    if (!path.starts_with('/')) {
        const auto here = context.environment.find("PWD");
        whole = cat(here == context.environment.end() ? std::string() : here->second, "/", path);
    }
    std::vector<std::string> parts;
    for (const auto part : split(whole, '/')) {
        if (part.empty() || part == ".")
            continue;
        if (part != "..")
            parts.emplace_back(part);
        else if (!parts.empty())
            parts.pop_back();
    }
    return cat("/", join(parts, "/"));
}

std::optional<Url> parse_url(std::string_view text, std::string_view default_scheme) {
    Url url;
    url.scheme = default_scheme;
    if (const auto end = text.find("://"); end != std::string_view::npos) {
        url.scheme = to_lower(text.substr(0, end));
        text.remove_prefix(end + 3);
    }
    const auto path = text.find_first_of("/?#");
    auto authority = text.substr(0, path);
    url.path = path == std::string_view::npos ? "/" : std::string(text.substr(path));
    url.path = url.path.substr(0, url.path.find('#'));
    if (url.path.empty() || url.path[0] != '/')
        url.path.insert(0, "/");
    if (const auto at = authority.rfind('@'); at != std::string_view::npos)
        authority.remove_prefix(at + 1);
    url.port = url.scheme == "https" ? 443 : 80;
    const auto bracket = authority.find(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos && colon + 1 < authority.size()) {
        auto port = parse_int(authority.substr(colon + 1));
        if (!port || *port < 0 || *port > 65535)
            return std::nullopt;
        url.port = static_cast<std::uint16_t>(*port);
        url.explicit_port = true;
    }
    auto host = authority.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    url.host = host;
    return url;
}

std::string host_header(const Url& url) {
    const auto host = url.host.find(':') == std::string::npos ? url.host : cat("[", url.host, "]");
    const std::uint16_t usual = url.scheme == "https" ? 443 : 80;
    return url.port == usual ? host : cat(host, ":", url.port);
}

bool Options::has(std::string_view name) const {
    return std::any_of(options.begin(), options.end(), [name](const auto& o) { return o.name == name; });
}

std::string_view Options::value(std::string_view name, std::string_view fallback) const {
    for (auto option = options.rbegin(); option != options.rend(); ++option)
        if (option->name == name)
            return option->value;
    return fallback;
}

namespace {

// "silent=s" -> matches "silent", gives "s".
std::optional<std::string_view> known_as(std::string_view list, std::string_view name) {
    for (auto word : fields(list)) {
        const auto equals = word.find('=');
        if (word.substr(0, equals) == name || (equals != std::string_view::npos && word.substr(equals + 1) == name))
            return equals == std::string_view::npos ? word : word.substr(equals + 1);
    }
    return std::nullopt;
}

}  // namespace

Options parse_options(const std::vector<std::string>& args, std::string_view flags, std::string_view with_value) {
    Options out;
    const auto unknown = [&out](std::string text) {
        if (out.unknown.empty())
            out.unknown = std::move(text);
    };
    bool only_operands = false;
    for (std::size_t i = 1; i < args.size(); ++i) {
        std::string_view arg = args[i];
        if (only_operands || arg.size() < 2 || arg[0] != '-') {
            out.operands.emplace_back(arg);
        } else if (arg == "--") {
            only_operands = true;
        } else if (arg[1] == '-') {
            const auto equals = arg.find('=');
            const auto name = arg.substr(2, equals == std::string_view::npos ? arg.size() : equals - 2);
            if (auto flag = known_as(flags, name))
                out.options.push_back({std::string(*flag), {}});
            else if (auto valued = known_as(with_value, name)) {
                std::string value;
                if (equals != std::string_view::npos)
                    value = arg.substr(equals + 1);
                else if (i + 1 < args.size())
                    value = args[++i];
                out.options.push_back({std::string(*valued), std::move(value)});
            } else {
                unknown(std::string(arg));
            }
        } else {
            for (std::size_t j = 1; j < arg.size(); ++j) {
                const auto letter = arg.substr(j, 1);
                if (auto flag = known_as(flags, letter)) {
                    out.options.push_back({std::string(*flag), {}});
                } else if (auto valued = known_as(with_value, letter)) {
                    std::string value(arg.substr(j + 1));
                    if (value.empty() && i + 1 < args.size())
                        value = args[++i];
                    out.options.push_back({std::string(*valued), std::move(value)});
                    break;
                } else {
                    unknown(cat("-", letter));
                }
            }
        }
    }
    return out;
}

}  // namespace kubewalk::shell
