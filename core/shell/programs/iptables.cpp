// iptables-save: the rules of the namespace. Upstream: iptables iptables/xtables-save.c.

#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

int iptables_save_main(Process& process) {
    const auto* view = process.context.network.view(process.context.netns);
    if (!view)
        return process.fail(1, "iptables-save: no network namespace\n");
    if (process.context.uid != 0)
        return process.fail(4, "iptables-save: Permission denied (you must be root)\n");
    const auto options = parse_options(process.args, "c counters=c", "t table=t");
    const auto text = net::save_text(view->rules(), process.context.simulation.now());
    const auto table = options.value("t");
    if (table.empty()) {
        process.print(text);
        return 0;
    }
    // One table: from its "*name" line, with the comment before it, to the comment behind COMMIT.
    const auto begin = text.find(cat("*", table, "\n"));
    if (begin == std::string::npos)
        return process.fail(3, "iptables-save: can't initialize iptables table `", table, "'\n");
    const auto start = begin < 2 ? std::string::npos : text.rfind('\n', begin - 2);
    const auto commit = text.find("COMMIT\n", begin);
    const auto behind = text.find('\n', commit + 7);
    process.print(
        text.substr(start == std::string::npos ? 0 : start + 1, behind - (start == std::string::npos ? 0 : start)));
    return 0;
}

}  // namespace kubewalk::shell
