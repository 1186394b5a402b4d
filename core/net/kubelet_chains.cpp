#include "core/net/kubelet_chains.h"

namespace kubewalk::net {

void ensure_kubelet_chains(Ruleset& rules, Family family) {
    // Tells others (Pods that bring their own iptables) which of iptables' two variants is in use.
    rules.ensure_chain(TableId::mangle, "KUBE-IPTABLES-HINT");
    for (TableId table : {TableId::mangle, TableId::nat, TableId::filter})
        rules.ensure_chain(table, "KUBE-KUBELET-CANARY");
    rules.ensure_chain(TableId::filter, "KUBE-FIREWALL");
    const ChainId firewall = rules.names().id("KUBE-FIREWALL");
    for (std::string_view hook : {"OUTPUT", "INPUT"})
        rules.ensure_rule(Ruleset::Position::prepend, TableId::filter, hook, Rule().jump(firewall));
    if (family == Family::ipv6)
        return;
    // route_localnet opens 127.0.0.0/8 to neighbours (CVE-2020-8558); this closes it again.
    const Prefix loopback{Ip::v4(127, 0, 0, 0), 8};
    rules.ensure_rule(Ruleset::Position::prepend, TableId::filter, "KUBE-FIREWALL",
                      Rule()
                          .comment("block incoming localnet connections")
                          .destination(loopback)
                          .source(loopback, Negate::yes)
                          .state(ctstate::related | ctstate::established | ctstate::dnat, Negate::yes)
                          .drop());
}

}  // namespace kubewalk::net
