#include "core/addons/kube_proxy/ipvs.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons {

using net::IpSetEntry;
using net::IpSetType;
using net::Negate;
using net::Protocol;
using net::Rule;
using net::TableId;

namespace {

constexpr std::string_view dummy_device = "kube-ipvs0";
constexpr Duration termination_check = minutes(1);  // rsCheckDeleteInterval

struct SetInfo {
    std::string_view name;
    IpSetType type;
    std::string_view comment;
};
constexpr std::string_view loop_back = "KUBE-LOOP-BACK", cluster_ip = "KUBE-CLUSTER-IP", external_ip = "KUBE-EXTERNAL-IP",
                           external_ip_local = "KUBE-EXTERNAL-IP-LOCAL", load_balancer = "KUBE-LOAD-BALANCER",
                           load_balancer_fw = "KUBE-LOAD-BALANCER-FW", load_balancer_local = "KUBE-LOAD-BALANCER-LOCAL",
                           source_ip = "KUBE-LOAD-BALANCER-SOURCE-IP", source_cidr = "KUBE-LOAD-BALANCER-SOURCE-CIDR",
                           node_port_tcp = "KUBE-NODE-PORT-TCP", node_port_local_tcp = "KUBE-NODE-PORT-LOCAL-TCP",
                           node_port_udp = "KUBE-NODE-PORT-UDP", node_port_local_udp = "KUBE-NODE-PORT-LOCAL-UDP",
                           node_port_sctp = "KUBE-NODE-PORT-SCTP-HASH", node_port_local_sctp = "KUBE-NODE-PORT-LOCAL-SCTP-HASH",
                           health_check = "KUBE-HEALTH-CHECK-NODE-PORT", ipvs_ips = "KUBE-IPVS-IPS";
constexpr SetInfo sets[] = {
    {loop_back, IpSetType::hash_ip_port_ip, "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"},
    {cluster_ip, IpSetType::hash_ip_port, "Kubernetes service cluster ip + port for masquerade purpose"},
    {external_ip, IpSetType::hash_ip_port, "Kubernetes service external ip + port for masquerade and filter purpose"},
    {external_ip_local, IpSetType::hash_ip_port, "Kubernetes service external ip + port with externalTrafficPolicy=local"},
    {load_balancer, IpSetType::hash_ip_port, "Kubernetes service lb portal"},
    {load_balancer_fw, IpSetType::hash_ip_port, "Kubernetes service load balancer ip + port for load balancer with sourceRange"},
    {load_balancer_local, IpSetType::hash_ip_port, "Kubernetes service load balancer ip + port with externalTrafficPolicy=local"},
    {source_ip, IpSetType::hash_ip_port_ip, "Kubernetes service load balancer ip + port + source IP for packet filter purpose"},
    {source_cidr, IpSetType::hash_ip_port_net, "Kubernetes service load balancer ip + port + source cidr for packet filter purpose"},
    {node_port_tcp, IpSetType::bitmap_port, "Kubernetes nodeport TCP port for masquerade purpose"},
    {node_port_local_tcp, IpSetType::bitmap_port, "Kubernetes nodeport TCP port with externalTrafficPolicy=local"},
    {node_port_udp, IpSetType::bitmap_port, "Kubernetes nodeport UDP port for masquerade purpose"},
    {node_port_local_udp, IpSetType::bitmap_port, "Kubernetes nodeport UDP port with externalTrafficPolicy=local"},
    {node_port_sctp, IpSetType::hash_ip_port, "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"},
    {node_port_local_sctp, IpSetType::hash_ip_port, "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'"},
    {health_check, IpSetType::bitmap_port, "Kubernetes health check node port"},
    {ipvs_ips, IpSetType::hash_ip, ""},
};

std::string_view comment_of(std::string_view set) {
    for (const SetInfo& info : sets)
        if (info.name == set)
            return info.comment;
    return {};
}

// Rules that exist as soon as their set has members.
struct SetRule {
    std::string_view set;
    TableId table;
    std::string_view from;
    std::string_view to;
    std::string_view directions;
    std::optional<Protocol> protocol;
};
constexpr SetRule set_rules[] = {
    {loop_back, TableId::nat, "KUBE-POSTROUTING", "MASQUERADE", "dst,dst,src", {}},
    {load_balancer, TableId::nat, "KUBE-SERVICES", "KUBE-LOAD-BALANCER", "dst,dst", {}},
    {load_balancer_local, TableId::nat, "KUBE-LOAD-BALANCER", "RETURN", "dst,dst", {}},
    {node_port_local_tcp, TableId::nat, "KUBE-NODE-PORT", "RETURN", "dst", Protocol::tcp},
    {node_port_tcp, TableId::nat, "KUBE-NODE-PORT", "KUBE-MARK-MASQ", "dst", Protocol::tcp},
    {node_port_local_udp, TableId::nat, "KUBE-NODE-PORT", "RETURN", "dst", Protocol::udp},
    {node_port_udp, TableId::nat, "KUBE-NODE-PORT", "KUBE-MARK-MASQ", "dst", Protocol::udp},
    {node_port_local_sctp, TableId::nat, "KUBE-NODE-PORT", "RETURN", "dst,dst", Protocol::sctp},
    {node_port_sctp, TableId::nat, "KUBE-NODE-PORT", "KUBE-MARK-MASQ", "dst,dst", Protocol::sctp},
    {load_balancer_fw, TableId::filter, "KUBE-PROXY-FIREWALL", "KUBE-SOURCE-RANGES-FIREWALL", "dst,dst", {}},
    {source_cidr, TableId::filter, "KUBE-SOURCE-RANGES-FIREWALL", "RETURN", "dst,dst,src", {}},
    {source_ip, TableId::filter, "KUBE-SOURCE-RANGES-FIREWALL", "RETURN", "dst,dst,src", {}},
};

struct Jump {
    TableId table;
    std::string_view from;
    std::string_view to;
    std::string_view comment;
};
constexpr Jump jumps[] = {
    {TableId::nat, "OUTPUT", "KUBE-SERVICES", "kubernetes service portals"},
    {TableId::nat, "PREROUTING", "KUBE-SERVICES", "kubernetes service portals"},
    {TableId::nat, "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules"},
    {TableId::filter, "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules"},
    {TableId::filter, "INPUT", "KUBE-NODE-PORT", "kubernetes health check rules"},
    {TableId::filter, "INPUT", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"},
    {TableId::filter, "FORWARD", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"},
    {TableId::filter, "INPUT", "KUBE-IPVS-FILTER", "kubernetes ipvs access filter"},
    {TableId::filter, "OUTPUT", "KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"},
};
constexpr std::string_view nat_chains[] = {"KUBE-SERVICES", "KUBE-POSTROUTING", "KUBE-NODE-PORT", "KUBE-LOAD-BALANCER", "KUBE-MARK-MASQ"};
constexpr std::string_view filter_chains[] = {"KUBE-FORWARD",         "KUBE-NODE-PORT",   "KUBE-PROXY-FIREWALL", "KUBE-SOURCE-RANGES-FIREWALL",
                                              "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER"};

const std::string& family_set_name(std::string& name, net::Family family) {
    if (family == net::Family::ipv6)
        name.insert(5, "6-");  // KUBE-6-CLUSTER-IP
    return name;
}

}  // namespace

struct IpvsProxier::Wanted {
    Entries sets;
    std::map<net::VirtualServiceKey, net::VirtualService> services;
    std::set<net::Ip> addresses;  // for the dummy device
    std::set<net::Ip> node_addresses;
    std::vector<std::pair<net::SocketAddress, Protocol>> closed_to_node;
};

std::string IpvsProxier::set_name(std::string_view set) const {
    std::string name(set);
    return family_set_name(name, config_.family);
}

std::optional<Duration> IpvsProxier::again_after() const {
    return leaving_.empty() ? std::nullopt : std::optional(termination_check);
}

// -- what there should be -----------------------------------------------------------------------------------

void IpvsProxier::want_virtual_service(const ServicePort& port, const net::VirtualServiceKey& key,
                                       const std::vector<ProxyEndpoint>& endpoints, Wanted& wanted) const {
    net::VirtualService service;
    service.scheduler = config_.scheduler.empty() ? "rr" : config_.scheduler;
    service.persistence = port.affinity_seconds;
    for (const ProxyEndpoint& endpoint : endpoints)
        service.servers.push_back({endpoint.address, 1});
    wanted.services[key] = std::move(service);
}

void IpvsProxier::want_balancer(const ServicePort& port, const std::vector<ProxyEndpoint>& endpoints, const net::Ip& ip, Wanted& wanted) const {
    const IpSetEntry entry = IpSetEntry::ip_port(ip, port.protocol, port.port);
    wanted.sets[std::string(load_balancer)].insert(entry);
    if (port.external_policy_local)
        wanted.sets[std::string(load_balancer_local)].insert(entry);
    if (!port.load_balancer_source_ranges.empty()) {
        wanted.sets[std::string(load_balancer_fw)].insert(entry);
        bool from_node = false;
        for (const net::Prefix& range : port.load_balancer_source_ranges) {
            wanted.sets[std::string(source_cidr)].insert(IpSetEntry::ip_port_net(ip, port.protocol, port.port, range));
            from_node = from_node || range.contains(config_.node_ip);
        }
        if (from_node)
            wanted.sets[std::string(source_ip)].insert(IpSetEntry::ip_port_ip(ip, port.protocol, port.port, ip));
        else
            wanted.closed_to_node.push_back({{ip, port.port}, port.protocol});
    }
    if (!wanted.node_addresses.contains(ip))
        wanted.addresses.insert(ip);
    want_virtual_service(port, {port.protocol, {ip, port.port}}, endpoints, wanted);
}

void IpvsProxier::want_node_port(const ServicePort& port, const std::vector<ProxyEndpoint>& endpoints,
                                 const std::vector<net::Ip>& node_ips, Wanted& wanted) const {
    if (node_ips.empty())
        return;
    const bool sctp = port.protocol == Protocol::sctp, udp = port.protocol == Protocol::udp;
    std::vector<std::string_view> into = {sctp ? node_port_sctp : udp ? node_port_udp : node_port_tcp};
    if (port.external_policy_local)
        into.push_back(sctp ? node_port_local_sctp : udp ? node_port_local_udp : node_port_local_tcp);
    for (std::string_view set : into) {
        auto& members = wanted.sets[std::string(set)];
        if (!sctp)
            members.insert(IpSetEntry::bitmap(port.node_port));
        for (const net::Ip& ip : node_ips)
            if (sctp)
                members.insert(IpSetEntry::ip_port(ip, port.protocol, port.node_port));
    }
    for (const net::Ip& ip : node_ips)
        want_virtual_service(port, {port.protocol, {ip, port.node_port}}, endpoints, wanted);
}

void IpvsProxier::want_service(const ServicePortName& name, const ServicePort& port, const std::vector<net::Ip>& node_ips, Wanted& wanted) const {
    for (const ProxyEndpoint& endpoint : endpoints(name))
        if (endpoint.local)
            wanted.sets[std::string(loop_back)].insert(
                IpSetEntry::ip_port_ip(endpoint.address.ip, port.protocol, endpoint.address.port, endpoint.address.ip));
    const EndpointCategories found = categorize(name, port);
    // Without local endpoints a Local policy falls back to all of them: local Pods stay served.
    const auto& local = found.local.empty() ? found.cluster : found.local;
    const auto& internal = port.internal_policy_local ? local : found.cluster;
    const auto& external = port.external_policy_local ? local : found.cluster;

    wanted.sets[std::string(cluster_ip)].insert(IpSetEntry::ip_port(port.cluster_ip, port.protocol, port.port));
    wanted.addresses.insert(port.cluster_ip);
    want_virtual_service(port, {port.protocol, {port.cluster_ip, port.port}}, internal, wanted);
    for (const net::Ip& ip : port.external_ips) {
        wanted.sets[std::string(port.external_policy_local ? external_ip_local : external_ip)].insert(
            IpSetEntry::ip_port(ip, port.protocol, port.port));
        if (!wanted.node_addresses.contains(ip))
            wanted.addresses.insert(ip);
        want_virtual_service(port, {port.protocol, {ip, port.port}}, external, wanted);
    }
    for (const net::Ip& ip : port.load_balancer_ips)
        want_balancer(port, external, ip, wanted);
    if (port.node_port != 0)
        want_node_port(port, external, node_ips, wanted);
    if (port.health_check_node_port != 0)
        wanted.sets[std::string(health_check)].insert(IpSetEntry::bitmap(port.health_check_node_port));
}

// -- the node -------------------------------------------------------------------------------------------------

SyncReport IpvsProxier::apply(SyncKind, net::NetNamespace& host, Time now) {
    if (!host.find_interface(dummy_device)) {
        net::Interface device;
        device.name = dummy_device;
        device.kind = net::InterfaceKind::dummy;
        device.up = false;  // a dummy device does not need to be up for its addresses to be the node's
        host.add_interface(std::move(device));
    }
    Wanted wanted;
    for (const net::Interface& interface_ : host.interfaces)
        for (const net::Prefix& address : interface_.addresses)
            if (interface_.name != dummy_device && address.ip.family == config_.family && !address.ip.loopback())
                wanted.node_addresses.insert(address.ip);
    std::vector<net::Ip> node_ips(wanted.node_addresses.begin(), wanted.node_addresses.end());
    if (!node_ports_match_all())
        node_ips = node_port_ips(host, Loopback::skipped);
    for (const auto& [name, port] : services_)
        want_service(name, port, node_ips, wanted);
    for (const net::Ip& ip : wanted.addresses)
        wanted.sets[std::string(ipvs_ips)].insert(IpSetEntry::ip(ip));
    sync_sets(wanted.sets, host);
    closed_to_node_ = wanted.closed_to_node;
    net::Ruleset& rules = host.edit_rules(config_.family);
    ensure_jumps(rules);
    restore(build_rules(host), rules);
    bind_addresses(wanted.addresses, host);
    sync_virtual_services(wanted, host, now);
    let_go(host, now);
    first_sync_ = false;
    return {wanted.services.size()};
}

void IpvsProxier::sync_sets(const Entries& wanted, net::NetNamespace& host) const {
    static const std::set<IpSetEntry> none;
    for (const SetInfo& info : sets) {
        const auto found = wanted.find(info.name);
        const std::set<IpSetEntry>& members = found == wanted.end() ? none : found->second;
        net::IpSet& set = host.ipsets.ensure(set_name(info.name), info.type, config_.family);
        std::vector<IpSetEntry> gone;
        for (const auto& [entry, effect] : set.entries())
            if (!members.contains(entry))
                gone.push_back(entry);
        for (const IpSetEntry& entry : gone)
            set.remove(entry);
        for (const IpSetEntry& entry : members)
            set.add(entry);
    }
}

void IpvsProxier::bind_addresses(const std::set<net::Ip>& addresses, net::NetNamespace& host) const {
    net::Interface& device = *host.find_interface(dummy_device);
    std::erase_if(device.addresses, [&](const net::Prefix& p) { return p.ip.family == config_.family && !addresses.contains(p.ip); });
    std::set<net::Ip> there;
    for (const net::Prefix& prefix : device.addresses)
        there.insert(prefix.ip);
    for (const net::Ip& ip : addresses)
        if (!there.contains(ip))
            host.add_address(dummy_device, host_prefix(ip));
}

void IpvsProxier::sync_virtual_services(const Wanted& wanted, net::NetNamespace& host, Time now) {
    net::Ipvs& ipvs = host.edit_ipvs();
    for (const auto& [key, service] : wanted.services) {
        const net::VirtualService* there = ipvs.find(key);
        if (there && there->scheduler == service.scheduler && there->persistence == service.persistence &&
            there->servers == service.servers)
            continue;
        net::VirtualService& now_there = ipvs.edit(key);
        now_there.scheduler = service.scheduler;
        now_there.persistence = service.persistence;
        for (const net::RealServer& server : service.servers) {
            const auto same = std::find_if(now_there.servers.begin(), now_there.servers.end(),
                                           [&](const net::RealServer& s) { return s.address == server.address; });
            const bool was_leaving = leaving_.erase({key, server.address}) > 0;
            if (same == now_there.servers.end())
                now_there.servers.push_back(server);
            else if (was_leaving || first_sync_)
                same->weight = server.weight;
        }
        for (net::RealServer& server : now_there.servers)
            if (!service.find(server.address) && !leaving_.contains({key, server.address})) {
                server.weight = 0;
                leaving_[{key, server.address}] = now;
            }
    }
    std::vector<net::VirtualServiceKey> gone;
    for (const auto& [key, service] : ipvs.services()) {
        const net::Ip& ip = key.address.ip;
        const bool excluded = std::any_of(config_.exclude_cidrs.begin(), config_.exclude_cidrs.end(),
                                          [&ip](const net::Prefix& cidr) { return cidr.contains(ip); });
        if (!wanted.services.contains(key) && ip.family == config_.family && !excluded)
            gone.push_back(key);
    }
    for (const net::VirtualServiceKey& key : gone)
        ipvs.erase(key);
}

// Real servers without connections go at once, the others when the last one has ended. UDP and SCTP
// have no end to wait for.
void IpvsProxier::let_go(net::NetNamespace& host, Time now) {
    for (auto it = leaving_.begin(); it != leaving_.end();) {
        const net::VirtualServiceKey key = it->first.first;  // (lambdas cannot capture bindings everywhere)
        const net::SocketAddress address = it->first.second;
        bool busy = false;
        if (key.protocol == Protocol::tcp)
            host.conntrack.each([&](const net::ConntrackEntry& entry) {
                busy = busy || (entry.ipvs && entry.expires >= now && entry.original.protocol == Protocol::tcp &&
                                entry.original.destination == key.address.ip && entry.original.destination_port == key.address.port &&
                                entry.reply.source == address.ip && entry.reply.source_port == address.port);
            });
        if (busy) {
            ++it;
            continue;
        }
        if (host.ipvs() && host.ipvs()->find(key))
            std::erase_if(host.edit_ipvs().edit(key).servers, [&](const net::RealServer& server) { return server.address == address; });
        it = leaving_.erase(it);
    }
}

void IpvsProxier::ensure_jumps(net::Ruleset& rules) const {
    for (std::string_view chain : nat_chains)
        rules.ensure_chain(TableId::nat, chain);
    for (std::string_view chain : filter_chains)
        rules.ensure_chain(TableId::filter, chain);
    for (const Jump& jump : jumps)
        rules.ensure_rule(net::Ruleset::Position::prepend, jump.table, jump.from,
                          Rule().comment(jump.comment).jump(rules.names().id(jump.to)));
}

RestoreInput IpvsProxier::build_rules(const net::NetNamespace& host) const {
    net::ChainNames& names = host.rules(config_.family).names();
    RestoreInput out;
    for (std::string_view chain : nat_chains)
        out.nat.chains.push_back(names.id(chain));
    for (std::string_view chain : filter_chains)
        out.filter.chains.push_back(names.id(chain));
    const auto empty = [&](std::string_view set) {
        const net::IpSet* found = host.ipsets.find(set_name(set));
        return !found || found->size() == 0;
    };
    const auto asks = [&](std::string_view set, std::string_view directions) {
        return Rule().comment(comment_of(set)).match_set(set_name(set), directions);
    };
    const auto bare = [&](std::string_view set, std::string_view directions) { return Rule().match_set(set_name(set), directions); };
    const auto nat = [&](std::string_view chain, Rule rule) { out.nat.rules.emplace_back(names.id(chain), std::move(rule)); };
    const auto filter = [&](std::string_view chain, Rule rule) { out.filter.rules.emplace_back(names.id(chain), std::move(rule)); };
    const net::ChainId mark_masq = names.id("KUBE-MARK-MASQ");

    Rule loopback;
    if (config_.family == net::Family::ipv6)
        loopback.source(*net::Prefix::parse("::1/128")).in_full();
    else
        loopback.source({net::Ip::v4(127, 0, 0, 0), 8});
    nat("KUBE-SERVICES", loopback.return_());
    for (const SetRule& set : set_rules) {
        if (empty(set.set))
            continue;
        Rule rule;
        if (set.protocol)
            rule.protocol_only(*set.protocol);
        rule.comment(comment_of(set.set)).match_set(set_name(set.set), set.directions);
        if (set.to == "MASQUERADE")
            rule.masquerade();
        else if (set.to == "RETURN")
            rule.return_();
        else
            rule.jump(names.id(set.to));
        set.table == TableId::nat ? nat(set.from, std::move(rule)) : filter(set.from, std::move(rule));
    }
    if (!empty(cluster_ip)) {
        if (config_.masquerade_all)
            nat("KUBE-SERVICES", asks(cluster_ip, "dst,dst").jump(mark_masq));
        else if (config_.local_cidr)
            nat("KUBE-SERVICES", asks(cluster_ip, "dst,dst").source(*config_.local_cidr, Negate::yes).jump(mark_masq));
        else
            nat("KUBE-SERVICES", asks(cluster_ip, "src,dst").jump(mark_masq));
    }
    for (std::string_view set : {external_ip, external_ip_local}) {
        if (empty(set))
            continue;
        if (set == external_ip)
            nat("KUBE-SERVICES", asks(set, "dst,dst").jump(mark_masq));
        nat("KUBE-SERVICES", asks(set, "dst,dst").physdev_in(Negate::yes).source_local(Negate::yes).accept());
        nat("KUBE-SERVICES", asks(set, "dst,dst").destination_local().accept());
    }
    nat("KUBE-SERVICES", Rule().destination_local().jump(names.id("KUBE-NODE-PORT")));
    nat("KUBE-LOAD-BALANCER", Rule().jump(mark_masq));
    filter("KUBE-SOURCE-RANGES-FIREWALL", Rule().drop());
    for (const auto& [address, protocol] : closed_to_node_)
        filter("KUBE-IPVS-OUT-FILTER", Rule().source(host_prefix(address.ip)).ipvs(address, protocol).drop());
    for (std::string_view set : {cluster_ip, load_balancer})
        if (!empty(set))
            nat("KUBE-SERVICES", bare(set, "dst,dst").accept());
    const std::uint32_t mark = config_.masquerade_mark;
    filter("KUBE-FORWARD", Rule().comment("kubernetes forwarding rules").mark(mark, mark).accept());
    filter("KUBE-FORWARD", Rule()
                               .comment("kubernetes forwarding conntrack rule")
                               .state(net::ctstate::related | net::ctstate::established)
                               .accept());
    filter("KUBE-NODE-PORT", asks(health_check, "dst").accept());
    for (std::string_view set : {load_balancer, cluster_ip, external_ip, external_ip_local})
        filter("KUBE-IPVS-FILTER", bare(set, "dst,dst").return_());
    filter("KUBE-IPVS-FILTER", bare(health_check, "dst").return_());
    filter("KUBE-IPVS-FILTER", Rule().state(net::ctstate::fresh).match_set(set_name(ipvs_ips), "dst").reject());
    nat("KUBE-POSTROUTING", Rule().mark(mark, mark, Negate::yes).return_());
    nat("KUBE-POSTROUTING", Rule().xor_mark(mark));
    nat("KUBE-POSTROUTING", Rule()
                                .comment("kubernetes service traffic requiring SNAT")
                                .masquerade(config_.random_fully ? Rule::Ports::random_fully : Rule::Ports::kept));
    nat("KUBE-MARK-MASQ", Rule().or_mark(mark));
    return out;
}

void IpvsProxier::clean_up(net::NetNamespace& host, net::Family family) {
    if (host.ipvs())
        host.edit_ipvs().flush();
    if (!host.rules(family).chain(TableId::filter, "KUBE-IPVS-FILTER"))
        return;  // never ran here
    host.remove_interface(dummy_device);
    net::Ruleset& rules = host.edit_rules(family);
    for (const Jump& jump : jumps)
        rules.delete_rule(jump.table, jump.from, Rule().comment(jump.comment).jump(rules.names().id(jump.to)));
    for (std::string_view chain : nat_chains)
        rules.delete_chain(TableId::nat, rules.names().id(chain));
    for (std::string_view chain : filter_chains)
        rules.delete_chain(TableId::filter, rules.names().id(chain));
    for (const SetInfo& info : sets)
        for (net::Family of : {net::Family::ipv4, net::Family::ipv6}) {
            std::string name(info.name);
            host.ipsets.destroy(family_set_name(name, of));
        }
}

}  // namespace kubewalk::addons
