// kubectl, trace, dig and iptables-save: one question to a settled cluster.

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/command.h"
#include "core/cluster/cluster.h"
#include "core/cluster/lookup.h"
#include "core/cluster/request.h"

namespace kubewalk::cli {

namespace {

// Takes a flag out of the arguments.
bool take_flag(std::vector<std::string>& arguments, std::string_view flag) {
    const auto found = std::find(arguments.begin(), arguments.end(), flag);
    if (found == arguments.end())
        return false;
    arguments.erase(found);
    return true;
}

// A word as a POSIX shell reads it back.
std::string shell_word(std::string_view word) {
    if (!word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+") ==
                             std::string_view::npos)
        return std::string(word);
    return cat("'", replace_all(word, "'", "'\\''"), "'");
}

int usage(std::string_view text) {
    print_error(cat("usage: kubewalk ", text, "\n"));
    return 2;
}

}  // namespace

int run_kubectl(const Invocation& invocation) {
    auto session = open_session(invocation);
    if (!session)
        return 1;
    std::string line = "kubectl";
    bool reads_input = false;
    for (std::size_t i = 0; i < invocation.arguments.size(); ++i) {
        const auto& argument = invocation.arguments[i];
        append(line, " ", shell_word(argument));
        reads_input = reads_input || argument == "-f-" || (argument == "-" && i > 0 && invocation.arguments[i - 1].starts_with("-"));
    }
    const auto result = session->run(line, reads_input ? read_file("-").value_or("") : "");
    print(result.out);
    print_error(result.err);
    return result.exit;
}

int run_trace(const Invocation& invocation) {
    auto arguments = invocation.arguments;
    const bool json = take_flag(arguments, "--json");
    if (arguments.size() != 2)
        return usage("trace FROM URL [--json]");
    auto session = open_session(invocation);
    if (!session)
        return 1;
    const auto result = session->trace(arguments[0], arguments[1]);
    if (!result.ok()) {
        print_error(cat("kubewalk: ", result.error().message, "\n"));
        return 1;
    }
    print(json ? api::to_json(cluster::trace_json(result.value()), 2) + "\n" : cluster::trace_text(result.value()));
    return 0;
}

int run_dig(const Invocation& invocation) {
    auto arguments = invocation.arguments;
    const bool json = take_flag(arguments, "--json");
    const auto search = take_flag(arguments, "--absolute") ? net::UseSearch::no : net::UseSearch::yes;
    if (arguments.size() < 2 || arguments.size() > 3)
        return usage("dig FROM NAME [TYPE] [--json] [--absolute]");
    auto session = open_session(invocation);
    if (!session)
        return 1;
    const auto result = cluster::look_up(session->cluster(), arguments[0], arguments[1],
                                         arguments.size() > 2 ? arguments[2] : "", search);
    if (!result.ok()) {
        print_error(cat("kubewalk: ", result.error().message, "\n"));
        return 1;
    }
    print(json ? api::to_json(cluster::lookup_json(result.value()), 2) + "\n" : cluster::lookup_text(result.value()));
    return 0;
}

namespace {

int save_rules(const Invocation& invocation, net::Family family) {
    if (invocation.arguments.size() != 1)
        return usage(family == net::Family::ipv4 ? "iptables-save NODE" : "ip6tables-save NODE");
    auto session = open_session(invocation);
    if (!session)
        return 1;
    const auto text = session->cluster().iptables_save(invocation.arguments[0], family);
    if (!text.ok()) {
        print_error(cat("kubewalk: ", text.error().message, "\n"));
        return 1;
    }
    print(text.value());
    return 0;
}

}  // namespace

int run_iptables_save(const Invocation& invocation) { return save_rules(invocation, net::Family::ipv4); }
int run_ip6tables_save(const Invocation& invocation) { return save_rules(invocation, net::Family::ipv6); }

}  // namespace kubewalk::cli
