#include "core/cli/command.h"

namespace kubewalk::cli {

namespace {
constexpr Command known_commands[] = {
    {"kubectl", "kubectl ARGS...                      as kubectl prints and exits", run_kubectl},
    {"trace", "trace FROM URL [--json]              one request, hop by hop", run_trace},
    {"dig", "dig FROM NAME [TYPE] [--json] [--absolute]", run_dig},
    {"iptables-save", "iptables-save NODE", run_iptables_save},
    {"ip6tables-save", "ip6tables-save NODE", run_ip6tables_save},
    {"script", "script [--json] FILE|-               a learner's session, one command a line", run_script},
    {"lessons", "lessons check|pack|unpack|verify|record ...", run_lessons},
    {"vectors", "vectors check DIR                    judge the cases of ../shared/vectors", run_vectors},
};
}

std::span<const Command> commands() { return known_commands; }

}  // namespace kubewalk::cli
