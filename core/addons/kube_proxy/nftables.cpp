#include "core/addons/kube_proxy/nftables.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using net::NftAction;
using net::NftChainType;
using net::NftKey;
using net::NftMap;
using net::NftMatch;
using net::NftRule;
using ActionKind = NftAction::Kind;
using MatchKind = NftMatch::Kind;

namespace {

constexpr std::string_view table_name = "kube-proxy";
constexpr std::string_view service_ips = "service-ips", service_node_ports = "service-nodeports", node_port_ips_set = "nodeport-ips",
                           no_endpoint_services = "no-endpoint-services", no_endpoint_node_ports = "no-endpoint-nodeports",
                           firewall_ips = "firewall-ips", cluster_ips = "cluster-ips", reject_chain = "reject-chain",
                           mark_chain = "mark-for-masquerade";

struct Base {
    std::string_view name;
    NftChainType type;
    net::ChainId hook;
    int priority;
};
constexpr int dstnat = -100, srcnat = 100, filter = 0;
constexpr Base bases[] = {
    {"filter-prerouting-pre-dnat", NftChainType::filter, net::chain_prerouting, dstnat - 10},
    {"filter-output-pre-dnat", NftChainType::filter, net::chain_output, dstnat - 10},
    {"filter-input", NftChainType::filter, net::chain_input, filter},
    {"filter-forward", NftChainType::filter, net::chain_forward, filter},
    {"filter-output", NftChainType::filter, net::chain_output, filter},
    {"nat-prerouting", NftChainType::nat, net::chain_prerouting, dstnat},
    {"nat-output", NftChainType::nat, net::chain_output, dstnat},
    {"nat-postrouting", NftChainType::nat, net::chain_postrouting, srcnat},
};

struct Jump {
    std::string_view from;
    std::string_view to;
    bool only_new;
};
constexpr Jump jumps[] = {
    {"filter-input", "nodeport-endpoints-check", true}, {"filter-input", "service-endpoints-check", true},
    {"filter-forward", "service-endpoints-check", true}, {"filter-output", "service-endpoints-check", true},
    {"filter-prerouting-pre-dnat", "firewall-check", true}, {"filter-output-pre-dnat", "firewall-check", true},
    {"nat-output", "services", false}, {"nat-prerouting", "services", false}, {"nat-postrouting", "masquerading", false},
    {"filter-forward", "cluster-ips-check", true}, {"filter-output", "cluster-ips-check", true},
};

struct MapInfo {
    std::string_view name;
    NftMap::Keys keys;
    std::string_view comment;
};
constexpr MapInfo maps[] = {
    {service_ips, NftMap::Keys::services, "ClusterIP, ExternalIP and LoadBalancer IP traffic"},
    {service_node_ports, NftMap::Keys::ports, "NodePort traffic"},
    {no_endpoint_services, NftMap::Keys::services, "vmap to drop or reject packets to services with no endpoints"},
    {no_endpoint_node_ports, NftMap::Keys::ports, "vmap to drop or reject packets to service nodeports with no endpoints"},
    {firewall_ips, NftMap::Keys::services, "destinations that are subject to LoadBalancerSourceRanges"},
};

NftMatch match(MatchKind kind) {
    NftMatch out;
    out.kind = kind;
    return out;
}

NftMatch address(MatchKind kind, std::vector<net::Prefix> prefixes, net::Negate negate = net::Negate::no) {
    NftMatch out = match(kind);
    out.negate = negate == net::Negate::yes;
    out.prefixes = std::move(prefixes);
    return out;
}

NftMatch in_braces(NftMatch of) {
    of.anonymous_set = true;
    return of;
}

NftMatch in_set(MatchKind kind, std::string_view set) {
    NftMatch out = match(kind);
    out.set = set;
    return out;
}

NftAction act(ActionKind kind, std::string_view name = {}, std::uint32_t value = 0) {
    NftAction out;
    out.kind = kind;
    out.name = name;
    out.value = value;
    return out;
}

NftRule rule(std::vector<NftMatch> matches, NftAction action, std::string_view comment = {}) {
    return {std::move(matches), std::move(action), std::string(comment)};
}

// The hash keeps names apart when they have to be cut, and lets people tell them apart at a glance.
std::string hash_and_truncate(const std::string& name) {
    constexpr std::size_t longest = 256 - 16;  // NameLengthMax less the longest prefix
    const auto digest = sha256(name);
    std::string out = cat(base32({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 8), '-', name);
    return out.size() > longest ? cat(out.substr(0, longest - 3), "...") : out;
}

}  // namespace

std::string NftablesProxier::chain_base(const ServicePortName& name) const {
    return hash_and_truncate(cat(name.service, '/', net::protocol_name(name.protocol), '/', name.port));
}

std::string NftablesProxier::chain_base(const ServicePortName& name, const net::SocketAddress& endpoint) const {
    return hash_and_truncate(cat(name.service, '/', net::protocol_name(name.protocol), '/', name.port, "__",
                                 replace_all(endpoint.ip.text(), ":", "."), '/', endpoint.port));
}

// -- what every node has --------------------------------------------------------------------------------

void NftablesProxier::set_up(net::NftTable& table, const net::NetNamespace& host) const {
    table.comment = "rules for kube-proxy";
    std::map<std::string, net::NftChain> chains;
    const auto chain = [&](std::string_view name) -> net::NftChain& {
        net::NftChain& out = chains[std::string(name)];
        out.name = name;
        return out;
    };
    for (const Base& base : bases)
        chain(base.name).base = net::NftBase{base.type, base.hook, base.priority};
    for (const Jump& jump : jumps) {
        chain(jump.to);
        std::vector<NftMatch> only_new;
        if (jump.only_new)
            only_new.push_back(match(MatchKind::state_new));
        chain(jump.from).rules.push_back(rule(std::move(only_new), act(ActionKind::jump, jump.to)));
    }
    const std::uint32_t mark = config_.masquerade_mark;
    chain(mark_chain).rules.push_back(rule({}, act(ActionKind::mark_or, {}, mark)));
    NftMatch clear = match(MatchKind::mark_clear);
    clear.value = mark;
    chain("masquerading").rules = {rule({clear}, act(ActionKind::return_)), rule({}, act(ActionKind::mark_xor, {}, mark)),
                                   rule({}, act(ActionKind::masquerade))};
    auto& check = chain("cluster-ips-check").rules;
    check.push_back(rule({in_set(MatchKind::destination, cluster_ips)}, act(ActionKind::reject), "Reject traffic to invalid ports of ClusterIPs"));
    std::vector<net::Prefix> cidrs;
    for (const net::Prefix& cidr : config_.service_cidrs)
        if (cidr.ip.family == config_.family)
            cidrs.push_back(cidr);
    if (!cidrs.empty())
        check.push_back(rule({in_braces(address(MatchKind::destination, cidrs))}, act(ActionKind::drop), "Drop traffic to unallocated ClusterIPs"));
    chain(reject_chain).comment = "helper for @no-endpoint-services / @no-endpoint-nodeports";
    chain(reject_chain).rules.push_back(rule({}, act(ActionKind::reject)));
    chain("service-endpoints-check").rules.push_back(rule({}, act(ActionKind::service_vmap, no_endpoint_services)));
    chain("firewall-check").rules.push_back(rule({}, act(ActionKind::service_vmap, firewall_ips)));
    chain("services").rules.push_back(rule({}, act(ActionKind::service_vmap, service_ips)));

    table.sets[std::string(cluster_ips)].comment = "Active ClusterIPs";
    table.sets.erase(std::string(node_port_ips_set));
    const net::Prefix loopback = config_.family == net::Family::ipv4 ? net::Prefix{net::Ip::v4(127, 0, 0, 0), 8} : *net::Prefix::parse("::1");
    const NftMatch not_loopback = address(MatchKind::destination, {loopback}, net::Negate::yes);
    if (node_ports_match_all()) {
        chain("services").rules.push_back(rule({match(MatchKind::destination_local), not_loopback}, act(ActionKind::port_vmap, service_node_ports)));
        chain("nodeport-endpoints-check").rules.push_back(rule({not_loopback}, act(ActionKind::port_vmap, no_endpoint_node_ports)));
    } else {
        net::NftSet& ips = table.sets[std::string(node_port_ips_set)];
        ips.comment = "IPs that accept NodePort traffic";
        for (const net::Ip& ip : node_port_ips(host, Loopback::skipped))
            ips.elements.set(ip, Time{});
        const NftMatch on_node = in_set(MatchKind::destination, node_port_ips_set);
        chain("services").rules.push_back(rule({on_node}, act(ActionKind::port_vmap, service_node_ports)));
        chain("nodeport-endpoints-check").rules.push_back(rule({on_node}, act(ActionKind::port_vmap, no_endpoint_node_ports)));
    }
    for (const MapInfo& info : maps) {
        NftMap& map = table.maps[std::string(info.name)];
        map.keys = info.keys;
        map.comment = info.comment;
    }
    for (auto& [name, made] : chains)
        table.put_chain(std::move(made));
}

// -- one service port -------------------------------------------------------------------------------------

struct NftablesProxier::Plan {
    const ServicePort& port;
    std::string text;  // "namespace/name:port"
    EndpointCategories endpoints;
    std::string cluster_chain, local_chain, external_chain, firewall_chain;
    bool has_internal = false, has_external = false, uses_external_chain = false, uses_firewall = false;

    const std::string& internal() const { return port.internal_policy_local ? local_chain : cluster_chain; }
    const std::string& external_policy() const { return port.external_policy_local ? local_chain : cluster_chain; }
    net::NftElement refuse() const {
        return endpoints.has_any ? net::NftElement{ActionKind::drop, {}, text}
                                 : net::NftElement{ActionKind::go_to, std::string(reject_chain), text};
    }
};

void NftablesProxier::write_elements(const Plan& plan, net::NftTable& table, Written& written) const {
    const ServicePort& port = plan.port;
    const auto put = [&](std::string_view map, const NftKey& key, net::NftElement element) {
        table.maps[std::string(map)].elements.set(key, std::move(element));
        written.elements.emplace_back(map, key);
    };
    const auto to = [](const std::string& chain) { return net::NftElement{ActionKind::go_to, chain, {}}; };
    const auto at = [&](const net::Ip& ip) { return NftKey{ip, port.protocol, port.port}; };
    written.cluster_ip = port.cluster_ip;
    table.sets[std::string(cluster_ips)].elements.set(port.cluster_ip, Time{});
    if (plan.has_internal)
        put(service_ips, at(port.cluster_ip), to(plan.internal()));
    else
        put(no_endpoint_services, at(port.cluster_ip), plan.refuse());
    std::vector<net::Ip> outside = port.external_ips;
    outside.insert(outside.end(), port.load_balancer_ips.begin(), port.load_balancer_ips.end());
    for (const net::Ip& ip : outside) {
        if (plan.endpoints.has_any)
            put(service_ips, at(ip), to(plan.external_chain));
        if (!plan.has_external)
            put(no_endpoint_services, at(ip), plan.refuse());
    }
    written.shares_addresses = !outside.empty();
    if (plan.uses_firewall)
        for (const net::Ip& ip : port.load_balancer_ips)
            put(firewall_ips, at(ip), to(plan.firewall_chain));
    if (port.node_port == 0)
        return;
    const NftKey node_port{net::Ip{}, port.protocol, port.node_port};
    if (plan.endpoints.has_any)
        put(service_node_ports, node_port, to(plan.external_chain));
    if (!plan.has_external)
        put(no_endpoint_node_ports, node_port, plan.refuse());
}

void NftablesProxier::write_external_chain(const Plan& plan, std::vector<NftRule>& rules) const {
    if (!plan.port.external_policy_local) {
        rules.push_back(rule({}, act(ActionKind::jump, mark_chain)));
    } else {
        if (config_.local_cidr)
            rules.push_back(rule({address(MatchKind::source, {*config_.local_cidr})}, act(ActionKind::go_to, plan.cluster_chain), "short-circuit pod traffic"));
        rules.push_back(rule({match(MatchKind::source_local)}, act(ActionKind::jump, mark_chain), "masquerade local traffic"));
        rules.push_back(rule({match(MatchKind::source_local)}, act(ActionKind::go_to, plan.cluster_chain), "short-circuit local traffic"));
    }
    if (plan.has_external)
        rules.push_back(rule({}, act(ActionKind::go_to, plan.external_policy())));
}

void NftablesProxier::write_firewall_chain(const Plan& plan, std::vector<NftRule>& rules) const {
    std::vector<net::Prefix> sources = plan.port.load_balancer_source_ranges;
    const bool from_node = std::any_of(sources.begin(), sources.end(), [&](const net::Prefix& range) { return range.contains(config_.node_ip); });
    // A node that holds the address itself reaches it with that address as source.
    if (from_node)
        for (const net::Ip& ip : plan.port.load_balancer_ips)
            sources.push_back(host_prefix(ip));
    rules.push_back(rule({in_braces(address(MatchKind::source, std::move(sources), net::Negate::yes))}, act(ActionKind::drop)));
}

void NftablesProxier::write_choice(const Plan& plan, const std::vector<ProxyEndpoint>& endpoints, std::vector<NftRule>& rules) const {
    if (plan.port.affinity_seconds)
        for (const ProxyEndpoint& endpoint : endpoints)
            rules.push_back(rule({in_set(MatchKind::source, cat("affinity-", endpoint.chain))}, act(ActionKind::go_to, cat("endpoint-", endpoint.chain))));
    NftAction choice = act(ActionKind::random_vmap);
    for (const ProxyEndpoint& endpoint : endpoints)
        choice.chains.push_back(cat("endpoint-", endpoint.chain));
    rules.push_back(rule({}, std::move(choice)));
}

void NftablesProxier::write_endpoint_chains(const Plan& plan, net::NftTable& table, Written& written) const {
    for (const ProxyEndpoint& endpoint : plan.endpoints.all_reachable) {
        net::NftChain chain;
        chain.name = cat("endpoint-", endpoint.chain);
        chain.rules.push_back(rule({address(MatchKind::source, {host_prefix(endpoint.address.ip)})}, act(ActionKind::jump, mark_chain)));
        if (plan.port.affinity_seconds) {
            const std::string set = cat("affinity-", endpoint.chain);
            table.sets[set].timeout = *plan.port.affinity_seconds;
            written.sets.push_back(set);
            chain.rules.push_back(rule({}, act(ActionKind::update_set, set)));
        }
        NftMatch protocol = match(MatchKind::protocol);
        protocol.protocol = plan.port.protocol;
        NftAction dnat = act(ActionKind::dnat);
        dnat.to = endpoint.address;
        chain.rules.push_back(rule({protocol}, std::move(dnat)));
        written.chains.push_back(chain.name);
        table.put_chain(std::move(chain));
    }
}

std::size_t NftablesProxier::write_service(const ServicePortName& name, const ServicePort& port, net::NftTable& table, Written& written) const {
    Plan plan{port, name.text(), categorize(name, port), cat("service-", port.hash), cat("local-", port.hash), cat("external-", port.hash),
              cat("firewall-", port.hash)};
    const bool any = plan.endpoints.has_any, local = !plan.endpoints.local.empty();
    plan.has_internal = any && (!port.internal_policy_local || local);
    plan.has_external = any && (!port.external_policy_local || local);
    plan.uses_external_chain = any && port.externally_accessible();
    plan.uses_firewall = !port.load_balancer_ips.empty() && !port.load_balancer_source_ranges.empty();
    write_elements(plan, table, written);

    std::map<std::string, std::vector<NftRule>> chains;
    if (plan.has_internal && (config_.masquerade_all || config_.local_cidr)) {
        NftMatch service_port = match(MatchKind::destination_port);
        service_port.protocol = port.protocol;
        service_port.port = port.port;
        std::vector<NftMatch> matches = {address(MatchKind::destination, {host_prefix(port.cluster_ip)}), service_port};
        if (!config_.masquerade_all)
            matches.push_back(address(MatchKind::source, {*config_.local_cidr}, net::Negate::yes));
        chains[plan.internal()].push_back(rule(std::move(matches), act(ActionKind::jump, mark_chain)));
    }
    if (plan.uses_external_chain)
        write_external_chain(plan, chains[plan.external_chain]);
    if (plan.uses_firewall)
        write_firewall_chain(plan, chains[plan.firewall_chain]);
    if (!plan.endpoints.cluster.empty() && port.uses_cluster_endpoints())
        write_choice(plan, plan.endpoints.cluster, chains[plan.cluster_chain]);
    if (!plan.endpoints.local.empty() && port.uses_local_endpoints())
        write_choice(plan, plan.endpoints.local, chains[plan.local_chain]);
    std::size_t total = 0;
    for (auto& [chain_name, rules] : chains) {
        total += rules.size();
        net::NftChain chain;
        chain.name = chain_name;
        chain.rules = std::move(rules);
        table.put_chain(std::move(chain));
        written.chains.push_back(chain_name);
    }
    write_endpoint_chains(plan, table, written);
    return total + 2 * plan.endpoints.all_reachable.size();
}

// -- the whole --------------------------------------------------------------------------------------------

void NftablesProxier::erase(const Written& old, const Written& now, net::NftTable& table) const {
    const auto kept = [](const auto& list, const auto& entry) { return std::find(list.begin(), list.end(), entry) != list.end(); };
    for (const std::string& chain : old.chains)
        if (!kept(now.chains, chain))
            table.delete_chain(chain);
    for (const std::string& set : old.sets)
        if (!kept(now.sets, set))
            table.sets.erase(set);
    for (const auto& element : old.elements)
        if (!kept(now.elements, element))
            table.maps[element.first].elements.erase(element.second);
}

SyncReport NftablesProxier::apply_full(net::NetNamespace& host) {
    net::NftTables& tables = host.edit_nft();
    net::NftTable& table = tables.ensure(config_.family, table_name);
    std::vector<std::string> old_chains;
    for (const auto& [name, chain] : table.chains())
        old_chains.push_back(name);
    for (const std::string& chain : old_chains)
        table.delete_chain(chain);
    for (auto& [name, map] : table.maps)
        map.elements.clear();
    table.sets[std::string(cluster_ips)].elements.clear();
    set_up(table, host);
    written_.clear();
    cluster_ip_uses_.clear();
    SyncReport report;
    std::set<std::string> sets = {std::string(cluster_ips), std::string(node_port_ips_set)};
    for (const auto& [name, port] : services_) {
        Written& written = written_[name];
        report.rules += write_service(name, port, table, written);
        ++cluster_ip_uses_[written.cluster_ip];
        sets.insert(written.sets.begin(), written.sets.end());
    }
    std::erase_if(table.sets, [&](const auto& entry) { return !sets.contains(entry.first); });
    return report;
}

SyncReport NftablesProxier::apply(SyncKind kind, net::NetNamespace& host, Time) {
    constexpr std::size_t many = 200;
    if (kind == SyncKind::full || changed_.size() > many || !host.nft() || !host.nft()->find(config_.family, table_name))
        return apply_full(host);
    std::set<ServicePortName> names;
    bool shares = false;
    for (const std::string& service : changed_) {
        const ServicePortName first{service, "", net::Protocol::tcp};
        for (auto it = services_.lower_bound(first); it != services_.end() && it->first.service == service; ++it) {
            names.insert(it->first);
            shares = shares || !it->second.external_ips.empty() || !it->second.load_balancer_ips.empty();
        }
        for (auto it = written_.lower_bound(first); it != written_.end() && it->first.service == service; ++it) {
            names.insert(it->first);
            shares = shares || it->second.shares_addresses;
        }
    }
    if (shares)
        return apply_full(host);
    SyncReport report;
    net::NftTable& table = host.edit_nft().ensure(config_.family, table_name);
    for (const ServicePortName& name : names) {
        Written old, now;
        if (const auto before = written_.find(name); before != written_.end()) {
            old = std::move(before->second);
            written_.erase(before);
            --cluster_ip_uses_[old.cluster_ip];
        }
        if (const auto port = services_.find(name); port != services_.end()) {
            report.rules += write_service(name, port->second, table, now);
            ++cluster_ip_uses_[now.cluster_ip];
        }
        erase(old, now, table);
        if (!old.chains.empty() || !old.elements.empty())
            if (cluster_ip_uses_[old.cluster_ip] == 0) {
                table.sets[std::string(cluster_ips)].elements.erase(old.cluster_ip);
                cluster_ip_uses_.erase(old.cluster_ip);
            }
        if (services_.contains(name))
            written_[name] = std::move(now);
    }
    return report;
}

void NftablesProxier::clean_up(net::NetNamespace& host, net::Family family) {
    if (host.nft())
        host.edit_nft().erase(family, table_name);
}

}  // namespace kubewalk::addons
