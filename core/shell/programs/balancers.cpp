// ipvsadm, ipset and nft: what the kernel holds besides iptables' rules. Only what looks, nothing that
// changes. Upstream: ipvsadm(8), ipset(8), nft(8).

#include "core/net/ipvs.h"
#include "core/net/nft.h"
#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

bool asks_for(const Process& process, std::string_view letters, std::string_view word) {
    for (const auto& argument : process.args)  // the first is the program's name
        if (argument == word || (argument.size() > 1 && argument[0] == '-' && argument[1] != '-' &&
                                 argument.find_first_of(letters) != std::string::npos))
            return true;
    return false;
}

}  // namespace

int ipvsadm_main(Process& process) {
    const auto* view = process.context.network.view(process.context.netns);
    if (!view || process.context.uid != 0)
        return process.fail(1, "Can't initialize ipvs: Permission denied (you must be root)\n");
    if (!asks_for(process, "Ll", "--list") && process.args.size() > 1)
        return process.fail(2, "ipvsadm: only -L and -n are understood here\n");
    static const net::Ipvs none;
    process.print(net::ipvsadm_text(view->ipvs() ? *view->ipvs() : none, view->conntrack, process.context.simulation.now()));
    return 0;
}

int ipset_main(Process& process) {
    const auto* view = process.context.network.view(process.context.netns);
    if (!view || process.context.uid != 0)
        return process.fail(1, "ipset v7.17: Kernel error received: Operation not permitted\n");
    const std::string command = process.args.size() > 1 ? std::string(process.args[1]) : "";
    const std::string set = process.args.size() > 2 ? std::string(process.args[2]) : "";
    if (!set.empty() && !view->ipsets.find(set))
        return process.fail(1, "ipset v7.17: The set with the given name does not exist\n");
    if (command == "list" || command == "-L")
        process.print(net::ipset_list_text(view->ipsets, set));
    else if (command == "save" || command == "-S")
        process.print(net::ipset_save_text(view->ipsets));
    else
        return process.fail(2, "ipset: only list and save are understood here\n");
    return 0;
}

int nft_main(Process& process) {
    const auto* view = process.context.network.view(process.context.netns);
    if (!view || process.context.uid != 0)
        return process.fail(1, "Operation not permitted (you must be root)\n");
    const bool lists = process.args.size() > 2 && process.args[1] == "list" && (process.args[2] == "ruleset" || process.args[2] == "table");
    if (!lists)
        return process.fail(1, "nft: only `list ruleset` is understood here\n");
    if (view->nft())
        process.print(net::nft_list_text(*view->nft(), process.context.simulation.now()));
    return 0;
}

}  // namespace kubewalk::shell
