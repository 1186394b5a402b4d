#pragma once
// What every program in core/shell/programs is: a function over a Process. A new program is one file
// and one line in programs.cpp.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/shell/shell.h"

namespace kubewalk::shell {

struct Process {
    ProcessContext& context;
    std::vector<std::string> args;  // args[0] is the name
    std::string_view input;
    std::string out{};
    std::string err{};
    Duration elapsed{};

    template <typename... Pieces>
    void print(const Pieces&... pieces) {
        append(out, pieces...);
    }
    // Writes to stderr and returns the exit code.
    template <typename... Pieces>
    int fail(int code, const Pieces&... pieces) {
        append(err, pieces...);
        return code;
    }
    void wait(Duration duration) { elapsed = elapsed + duration; }
    // More than anybody reads, far less than memory holds. A program that multiplies what it is given stops there.
    static constexpr std::size_t most_output = 16u << 20;
    int out_of_memory() {
        out.clear();
        return fail(1, args[0], ": memory exhausted\n");
    }

    net::ResolverFiles resolver_files() const;
    // getaddrinfo of this process; adds the time it took.
    net::Resolution resolve(std::string_view name, net::WantFamilies families = net::WantFamilies::both);
    // What -4 and -6 ask for; without them IPv6 where the place has it.
    net::WantFamilies families(bool only_ipv4, bool only_ipv6) const;
    const std::string* file(std::string_view path) const;  // null when absent
};

using Main = int (*)(Process& process);

struct Program {
    std::string_view flavour;
    std::string_view name;
    Main main;
};

std::span<const Program> programs();
// Null when the table has none.
const Program* find_program(std::string_view flavour, std::string_view name);
// What the context's image offers under that name. Null when absent.
const Program* program_of(const ProcessContext& context, std::string_view name);

// More programs, substitutions and groups than this inside one another would end our own stack.
inline constexpr int deepest_nesting = 100;

// Runs a program that is there, brought along or the image's own; nothing when it is not.
std::optional<Completed> execute(ProcessContext& context, const std::vector<std::string>& argv,
                                 std::string_view input);

// `sh -c SCRIPT` with a shell's own way to say "not found".
enum class ShellKind : std::uint8_t { dash, ash, bash };
Completed interpret(ProcessContext& context, ShellKind kind, std::string_view script,
                    const std::vector<std::string>& positional, std::string_view input);

// As `date` prints an instant ("Thu Jan  1 00:03:12 UTC 2026"); without `zone` as C's ctime().
std::string date_text(Time now, std::string_view zone);

// A path as a process sees it that stands in $PWD: no ".", no "..", no "/" at its end.
std::string absolute_path(const ProcessContext& context, std::string_view path);

// "http://host:8080/path?x" in parts.
struct Url {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;
    std::string path;  // with query, at least "/"
    bool explicit_port = false;
};
// Nothing when the port is no number; a missing scheme is `default_scheme`.
std::optional<Url> parse_url(std::string_view text, std::string_view default_scheme);
// "host:8080" as the Host header carries it (default ports left out).
std::string host_header(const Url& url);

// Splits "-abc VALUE --long=VALUE" style options.
struct Options {
    struct Option {
        std::string name;   // "s", "max-time"
        std::string value;
    };
    std::vector<Option> options;
    std::vector<std::string> operands;
    std::string unknown;  // the first option that nobody knows, as written

    bool has(std::string_view name) const;
    // The last value; `fallback` without the option.
    std::string_view value(std::string_view name, std::string_view fallback = {}) const;
};
// `flags` and `with_value`: names separated by blanks, one letter or long. Long ones may be aliased to
// letters: "silent=s".
Options parse_options(const std::vector<std::string>& args, std::string_view flags, std::string_view with_value);

}  // namespace kubewalk::shell
