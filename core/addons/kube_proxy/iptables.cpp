#include "core/addons/kube_proxy/iptables.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using net::ChainId;
using net::ChainNames;
using net::Negate;
using net::Prefix;
using net::Rule;

namespace {

constexpr std::string_view service_chain_prefixes[] = {"KUBE-SVC-", "KUBE-SVL-", "KUBE-SEP-", "KUBE-FW-", "KUBE-EXT-"};

std::string chain_hash(std::string_view text) {
    const auto digest = sha256(text);
    return base32({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 16);
}

std::string port_hash(const ServicePortName& name) { return chain_hash(cat(name.text(), net::protocol_name(name.protocol))); }

bool is_service_chain(std::string_view name) {
    for (std::string_view prefix : service_chain_prefixes)
        if (name.substr(0, prefix.size()) == prefix)
            return true;
    return false;
}

// Where the built-in chains jump; each is prepended, in this order.
struct Jump {
    net::TableId table;
    std::string_view chain;
    std::string_view from;
    std::string_view comment;
    bool only_new;
};
constexpr std::string_view external_portals = "kubernetes externally-visible service portals";
constexpr std::string_view portals = "kubernetes service portals";
constexpr std::string_view firewall = "kubernetes load balancer firewall";
constexpr Jump jumps[] = {
    {net::TableId::filter, "KUBE-EXTERNAL-SERVICES", "INPUT", external_portals, true},
    {net::TableId::filter, "KUBE-EXTERNAL-SERVICES", "FORWARD", external_portals, true},
    {net::TableId::filter, "KUBE-NODEPORTS", "INPUT", "kubernetes health check service ports", false},
    {net::TableId::filter, "KUBE-SERVICES", "FORWARD", portals, true},
    {net::TableId::filter, "KUBE-SERVICES", "OUTPUT", portals, true},
    {net::TableId::filter, "KUBE-FORWARD", "FORWARD", "kubernetes forwarding rules", false},
    {net::TableId::filter, "KUBE-PROXY-FIREWALL", "INPUT", firewall, true},
    {net::TableId::filter, "KUBE-PROXY-FIREWALL", "OUTPUT", firewall, true},
    {net::TableId::filter, "KUBE-PROXY-FIREWALL", "FORWARD", firewall, true},
    {net::TableId::nat, "KUBE-SERVICES", "OUTPUT", portals, false},
    {net::TableId::nat, "KUBE-SERVICES", "PREROUTING", portals, false},
    {net::TableId::nat, "KUBE-POSTROUTING", "POSTROUTING", "kubernetes postrouting rules", false},
    {net::TableId::filter, "KUBE-FIREWALL", "INPUT", "", false},
    {net::TableId::filter, "KUBE-FIREWALL", "OUTPUT", "", false},
};

Rule jump_rule(const Jump& jump, ChainNames& names) {
    Rule rule;
    if (jump.only_new)
        rule.state(net::ctstate::fresh);
    if (!jump.comment.empty())
        rule.comment(jump.comment);
    return rule.jump(names.id(jump.chain));
}

}  // namespace

std::string service_chain_name(std::string_view prefix, const ServicePortName& name) {
    return cat(prefix, port_hash(name));
}

std::string endpoint_chain_name(const ServicePortName& name, const net::SocketAddress& endpoint) {
    return cat("KUBE-SEP-", chain_hash(cat(name.text(), net::protocol_name(name.protocol), endpoint.text())));
}

std::string restore_text(const RestoreInput& input, const ChainNames& names) {
    std::string out;
    for (const RestoreTable* table : {&input.filter, &input.nat}) {
        append(out, '*', net::table_name(table->table), '\n');
        for (ChainId chain : table->chains)
            append(out, ':', names.name(chain), " - [0:0]\n");
        for (const auto& [chain, rule] : table->rules)
            append(out, net::restore_text(rule, chain, names), '\n');
        for (ChainId chain : table->deleted)
            append(out, "-X ", names.name(chain), '\n');
        out += "COMMIT\n";
    }
    return out;
}

std::string IptablesProxier::chain_base(const ServicePortName& name) const { return port_hash(name); }

std::string IptablesProxier::chain_base(const ServicePortName& name, const net::SocketAddress& endpoint) const {
    return endpoint_chain_name(name, endpoint);
}

bool IptablesProxier::localhost_node_ports() const {
    const Prefix loopback{net::Ip::v4(127, 0, 0, 1), 32};
    const bool selected = config_.node_port_addresses.empty() ||
                          std::any_of(config_.node_port_addresses.begin(), config_.node_port_addresses.end(),
                                      [&](const Prefix& prefix) { return prefix.contains(loopback.ip); });
    return config_.localhost_node_ports && config_.family == net::Family::ipv4 && selected;
}

// -- one service port ------------------------------------------------------------------------------------

// Everything the writers below need to know about one service port.
struct IptablesProxier::Plan {
    const ServicePortName& name;
    const ServicePort& port;
    std::string text;  // "namespace/name:port"
    EndpointCategories endpoints;
    ChainId svc, svl, ext, fw;                 // its own chains
    ChainId mark_masq, services, external_services, node_ports, proxy_firewall;
    bool has_internal = false, has_external = false, uses_external_chain = false, uses_firewall = false;
    std::string internal_comment, external_comment;  // of the filter rules where endpoints are missing
    bool write_chains = true;

    ChainId internal_chain() const { return port.internal_policy_local ? svl : svc; }
    ChainId external_policy_chain() const { return port.external_policy_local ? svl : svc; }
    Rule capture(const std::string& comment, const net::Ip& ip) const {
        return Rule().comment(comment).protocol(port.protocol).destination(host_prefix(ip)).destination_port(port.port);
    }
    // The filter rule for traffic that has nowhere to go.
    Rule refuse(Rule rule) const { return endpoints.has_any ? rule.drop() : rule.reject(); }
};

void IptablesProxier::write_captures(const Plan& plan, RestoreInput& out) const {
    const ServicePort& port = plan.port;
    if (plan.has_internal)
        out.nat.rules.emplace_back(plan.services, plan.capture(cat(plan.text, " cluster IP"), port.cluster_ip).jump(plan.internal_chain()));
    else
        out.filter.rules.emplace_back(plan.services, plan.refuse(plan.capture(plan.internal_comment, port.cluster_ip)));
    for (const net::Ip& ip : port.external_ips) {
        if (plan.endpoints.has_any)
            out.nat.rules.emplace_back(plan.services, plan.capture(cat(plan.text, " external IP"), ip).jump(plan.ext));
        if (!plan.has_external)
            out.filter.rules.emplace_back(plan.external_services, plan.refuse(plan.capture(plan.external_comment, ip)));
    }
    const ChainId balancer = plan.uses_firewall ? plan.fw : plan.ext;
    const std::string fw_name = cat("KUBE-FW-", port.hash);
    for (const net::Ip& ip : port.load_balancer_ips) {
        if (plan.endpoints.has_any)
            out.nat.rules.emplace_back(plan.services, plan.capture(cat(plan.text, " loadbalancer IP"), ip).jump(balancer));
        if (plan.uses_firewall)
            out.filter.rules.emplace_back(plan.proxy_firewall,
                                          plan.capture(cat(plan.text, " traffic not accepted by ", fw_name), ip).drop());
    }
    if (!plan.has_external)
        for (const net::Ip& ip : port.load_balancer_ips)
            out.filter.rules.emplace_back(plan.external_services, plan.refuse(plan.capture(plan.external_comment, ip)));
    if (port.node_port != 0)
        write_node_port(plan, out);
    if (port.health_check_node_port != 0)
        out.filter.rules.emplace_back(plan.node_ports, Rule()
                                                           .comment(cat(plan.text, " health check node port"))
                                                           .protocol(net::Protocol::tcp)
                                                           .destination_port(port.health_check_node_port)
                                                           .accept());
}

void IptablesProxier::write_node_port(const Plan& plan, RestoreInput& out) const {
    const ServicePort& port = plan.port;
    if (plan.endpoints.has_any) {
        if (localhost_node_ports() && config_.nfacct_counters)
            out.nat.rules.emplace_back(plan.node_ports, Rule()
                                                            .comment(plan.text)
                                                            .protocol(port.protocol)
                                                            .destination({net::Ip::v4(127, 0, 0, 0), 8})
                                                            .destination_port(port.node_port)
                                                            .nfacct("localhost_nps_accepted_pkts")
                                                            .jump(plan.ext));
        out.nat.rules.emplace_back(
            plan.node_ports, Rule().comment(plan.text).protocol(port.protocol).destination_port(port.node_port).jump(plan.ext));
    }
    if (!plan.has_external)
        out.filter.rules.emplace_back(
            plan.external_services,
            plan.refuse(
                Rule().comment(plan.external_comment).destination_local().protocol(port.protocol).destination_port(port.node_port)));
}

void IptablesProxier::write_external_chain(const Plan& plan, RestoreInput& out, ActiveChains& active) const {
    active.insert(plan.ext);
    if (!plan.write_chains)
        return;
    out.nat.chains.push_back(plan.ext);
    auto& rules = out.nat.rules;
    if (!plan.port.external_policy_local) {
        rules.emplace_back(plan.ext,
                           Rule().comment(cat("masquerade traffic for ", plan.text, " external destinations")).jump(plan.mark_masq));
    } else {
        if (config_.local_cidr)
            rules.emplace_back(plan.ext, Rule()
                                             .comment(cat("pod traffic for ", plan.text, " external destinations"))
                                             .source(*config_.local_cidr)
                                             .jump(plan.svc));
        rules.emplace_back(plan.ext, Rule()
                                         .comment(cat("masquerade LOCAL traffic for ", plan.text, " external destinations"))
                                         .source_local()
                                         .jump(plan.mark_masq));
        rules.emplace_back(
            plan.ext,
            Rule().comment(cat("route LOCAL traffic for ", plan.text, " external destinations")).source_local().jump(plan.svc));
    }
    if (plan.has_external)
        rules.emplace_back(plan.ext, Rule().jump(plan.external_policy_chain()));
}

void IptablesProxier::write_firewall_chain(const Plan& plan, RestoreInput& out, ActiveChains& active) const {
    active.insert(plan.fw);
    if (!plan.write_chains)
        return;
    out.nat.chains.push_back(plan.fw);
    auto& rules = out.nat.rules;
    const std::string comment = cat(plan.text, " loadbalancer IP");
    bool from_node = false;
    for (const Prefix& range : plan.port.load_balancer_source_ranges) {
        rules.emplace_back(plan.fw, Rule().comment(comment).source(range).jump(plan.ext));
        from_node = from_node || range.contains(config_.node_ip);
    }
    // A node that holds the address itself reaches it with that address as source.
    if (from_node)
        for (const net::Ip& ip : plan.port.load_balancer_ips)
            rules.emplace_back(plan.fw, Rule().comment(comment).source(host_prefix(ip)).jump(plan.ext));
    rules.emplace_back(plan.fw, Rule().comment(cat("other traffic to ", plan.text, " will be dropped by KUBE-PROXY-FIREWALL")));
}

void IptablesProxier::write_policy_chain(const Plan& plan, ChainId chain, const std::vector<ProxyEndpoint>& endpoints,
                                         RestoreInput& out, ActiveChains& active, ChainNames& names) const {
    active.insert(chain);
    if (!plan.write_chains)
        return;
    out.nat.chains.push_back(chain);
    const auto rule_for = [&](const ProxyEndpoint& endpoint) {
        Rule rule;
        if (!large_cluster_)
            rule.comment(cat(plan.text, " -> ", endpoint.address.text()));
        return rule;
    };
    if (plan.port.affinity_seconds)
        for (const ProxyEndpoint& endpoint : endpoints) {
            out.nat.rules.emplace_back(chain, rule_for(endpoint)
                                                  .recent_check(endpoint.chain, *plan.port.affinity_seconds)
                                                  .jump(names.id(endpoint.chain)));
        }
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        Rule rule = rule_for(endpoints[i]);
        if (i + 1 < endpoints.size())
            rule.probability(1.0 / static_cast<double>(endpoints.size() - i));
        out.nat.rules.emplace_back(chain, rule.jump(names.id(endpoints[i].chain)));
    }
}

void IptablesProxier::write_endpoint_chains(const Plan& plan, RestoreInput& out, ActiveChains& active, ChainNames& names) const {
    for (const ProxyEndpoint& endpoint : plan.endpoints.all_reachable) {
        const ChainId chain = names.id(endpoint.chain);
        active.insert(chain);
        if (!plan.write_chains)
            continue;
        out.nat.chains.push_back(chain);
        Rule loops_back, dnat;
        if (!large_cluster_) {
            loops_back.comment(plan.text);
            dnat.comment(plan.text);
        }
        out.nat.rules.emplace_back(chain, loops_back.source(host_prefix(endpoint.address.ip)).jump(plan.mark_masq));
        if (plan.port.affinity_seconds)
            dnat.recent_set(endpoint.chain);
        out.nat.rules.emplace_back(chain, dnat.protocol(plan.port.protocol).dnat(endpoint.address));
    }
}

void IptablesProxier::write_service(const ServicePortName& name, const ServicePort& port, bool write_chains, RestoreInput& out,
                                    ActiveChains& active, ChainNames& names) const {
    Plan plan{name, port, name.text(), {}, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, false, false, {}, {}, write_chains};
    plan.endpoints = categorize(name, port);
    plan.svc = names.id(cat("KUBE-SVC-", port.hash));
    plan.svl = names.id(cat("KUBE-SVL-", port.hash));
    plan.ext = names.id(cat("KUBE-EXT-", port.hash));
    plan.fw = names.id(cat("KUBE-FW-", port.hash));
    plan.mark_masq = names.id("KUBE-MARK-MASQ");
    plan.services = names.id("KUBE-SERVICES");
    plan.external_services = names.id("KUBE-EXTERNAL-SERVICES");
    plan.node_ports = names.id("KUBE-NODEPORTS");
    plan.proxy_firewall = names.id("KUBE-PROXY-FIREWALL");
    const bool any = plan.endpoints.has_any, local = !plan.endpoints.local.empty();
    plan.has_internal = any && (!port.internal_policy_local || local);
    plan.has_external = any && (!port.external_policy_local || local);
    plan.uses_external_chain = any && port.externally_accessible();
    plan.uses_firewall = any && !port.load_balancer_ips.empty() && !port.load_balancer_source_ranges.empty();
    plan.internal_comment = plan.external_comment = cat(plan.text, any ? " has no local endpoints" : " has no endpoints");

    write_captures(plan, out);
    if (plan.has_internal && write_chains) {
        Rule rule = plan.capture(cat(plan.text, " cluster IP"), port.cluster_ip);
        if (config_.masquerade_all)
            out.nat.rules.emplace_back(plan.internal_chain(), rule.jump(plan.mark_masq));
        else if (config_.local_cidr)
            out.nat.rules.emplace_back(plan.internal_chain(), rule.source(*config_.local_cidr, Negate::yes).jump(plan.mark_masq));
    }
    if (plan.uses_external_chain)
        write_external_chain(plan, out, active);
    if (plan.uses_firewall)
        write_firewall_chain(plan, out, active);
    if (!plan.endpoints.cluster.empty() && port.uses_cluster_endpoints())
        write_policy_chain(plan, plan.svc, plan.endpoints.cluster, out, active, names);
    if (!plan.endpoints.local.empty() && port.uses_local_endpoints())
        write_policy_chain(plan, plan.svl, plan.endpoints.local, out, active, names);
    write_endpoint_chains(plan, out, active, names);
}

// -- the whole --------------------------------------------------------------------------------------------

void IptablesProxier::write_common(RestoreInput& out, ChainNames& names) const {
    for (std::string_view chain : {"KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"})
        out.filter.chains.push_back(names.id(chain));
    for (std::string_view chain : {"KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"})
        out.nat.chains.push_back(names.id(chain));
    const std::uint32_t mark = config_.masquerade_mark;
    const ChainId postrouting = names.id("KUBE-POSTROUTING");
    out.nat.rules.emplace_back(postrouting, Rule().mark(mark, mark, Negate::yes).return_());
    out.nat.rules.emplace_back(postrouting, Rule().xor_mark(mark));
    out.nat.rules.emplace_back(postrouting,
                               Rule()
                                   .comment("kubernetes service traffic requiring SNAT")
                                   .masquerade(config_.random_fully ? Rule::Ports::random_fully : Rule::Ports::kept));
    out.nat.rules.emplace_back(names.id("KUBE-MARK-MASQ"), Rule().or_mark(mark));
    if (!localhost_node_ports())
        return;
    const ChainId kubelet = names.id("KUBE-FIREWALL");
    out.filter.chains.push_back(kubelet);
    const Prefix loopback{net::Ip::v4(127, 0, 0, 0), 8};
    out.filter.rules.emplace_back(
        kubelet, Rule()
                     .comment("block incoming localnet connections")
                     .destination(loopback)
                     .source(loopback, Negate::yes)
                     .state(net::ctstate::related | net::ctstate::established | net::ctstate::dnat, Negate::yes)
                     .drop());
}

void IptablesProxier::write_node_ports_jump(RestoreInput& out, const net::NetNamespace& host, ChainNames& names) const {
    constexpr std::string_view comment = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
    const ChainId services = names.id("KUBE-SERVICES"), node_ports = names.id("KUBE-NODEPORTS");
    const bool v6 = config_.family == net::Family::ipv6;
    if (node_ports_match_all()) {
        Rule rule = Rule().comment(comment).destination_local();
        if (v6)
            rule.destination(*Prefix::parse("::1/128"), Negate::yes).in_full();
        else if (!localhost_node_ports())
            rule.destination({net::Ip::v4(127, 0, 0, 0), 8}, Negate::yes);
        out.nat.rules.emplace_back(services, rule.jump(node_ports));
        return;
    }
    const auto loopback = v6 || !localhost_node_ports() ? Loopback::skipped : Loopback::kept;
    for (const net::Ip& ip : node_port_ips(host, loopback))
        out.nat.rules.emplace_back(services, Rule().comment(comment).destination(host_prefix(ip)).jump(node_ports));
}

void IptablesProxier::write_forward(RestoreInput& out, ChainNames& names) const {
    const ChainId forward = names.id("KUBE-FORWARD");
    const std::uint32_t mark = config_.masquerade_mark;
    if (!config_.conntrack_tcp_be_liberal) {
        Rule invalid = Rule().state(net::ctstate::invalid);
        if (config_.nfacct_counters)
            invalid.nfacct("ct_state_invalid_dropped_pkts");
        out.filter.rules.emplace_back(forward, invalid.drop());
    }
    out.filter.rules.emplace_back(forward, Rule().comment("kubernetes forwarding rules").mark(mark, mark).accept());
    out.filter.rules.emplace_back(forward, Rule()
                                               .comment("kubernetes forwarding conntrack rule")
                                               .state(net::ctstate::related | net::ctstate::established)
                                               .accept());
}

RestoreInput IptablesProxier::build(SyncKind kind, const net::NetNamespace& host) { return write_all(kind, host, nullptr); }

RestoreInput IptablesProxier::write_all(SyncKind kind, const net::NetNamespace& host, std::map<ServicePortName, Written>* written) {
    ChainNames& names = host.rules(config_.family).names();
    RestoreInput out;
    set_cluster_size();
    write_common(out, names);
    ActiveChains active(names.size());
    for (const auto& [name, port] : services_) {
        const std::size_t nat = out.nat.rules.size(), filter = out.filter.rules.size(), chains = out.nat.chains.size();
        write_service(name, port, kind == SyncKind::full || changed_.contains(name.service), out, active, names);
        if (written)
            (*written)[name] = count(out, nat, filter, chains, names);
    }
    std::vector<ChainId> stale;
    host.rules(config_.family).each_chain(net::TableId::nat, [&](const net::Chain& chain) {
        if (!active.contains(chain.id) && is_service_chain(names.name(chain.id)))
            stale.push_back(chain.id);
    });
    std::sort(stale.begin(), stale.end(), [&names](ChainId x, ChainId y) { return names.name(x) < names.name(y); });
    out.nat.chains.insert(out.nat.chains.end(), stale.begin(), stale.end());
    out.nat.deleted = std::move(stale);
    write_node_ports_jump(out, host, names);
    write_forward(out, names);
    return out;
}

void IptablesProxier::ensure_jumps(net::Ruleset& rules) const {
    for (const Jump& jump : jumps) {
        rules.ensure_chain(jump.table, jump.chain);
        rules.ensure_rule(net::Ruleset::Position::prepend, jump.table, jump.from, jump_rule(jump, rules.names()));
    }
}

void IptablesProxier::clean_up(net::NetNamespace& host, net::Family family) {
    net::Ruleset& rules = host.edit_rules(family);
    for (const Jump& jump : jumps) {
        if (jump.chain == "KUBE-FIREWALL")
            continue;  // the kubelet's
        ChainId chain = 0;
        if (rules.names().find(jump.chain, chain) && rules.chain(jump.table, chain))
            rules.delete_rule(jump.table, jump.from, jump_rule(jump, rules.names()));
    }
    constexpr std::string_view own[] = {"KUBE-SERVICES",       "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING",
                                        "KUBE-MARK-MASQ",      "KUBE-FORWARD",           "KUBE-PROXY-FIREWALL"};
    for (net::TableId table : {net::TableId::nat, net::TableId::filter}) {
        std::vector<ChainId> gone;
        rules.each_chain(table, [&](const net::Chain& chain) {
            const std::string& name = rules.names().name(chain.id);
            if (is_service_chain(name) || std::find(std::begin(own), std::end(own), name) != std::end(own))
                gone.push_back(chain.id);
        });
        for (ChainId chain : gone)
            rules.delete_chain(table, chain);
    }
    for (net::TableId table : {net::TableId::mangle, net::TableId::nat, net::TableId::filter}) {
        ChainId canary = 0;
        if (rules.names().find("KUBE-PROXY-CANARY", canary) && rules.chain(table, canary))
            rules.delete_chain(table, canary);
    }
}

}  // namespace kubewalk::addons
