#include "core/net/balancer.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/walk.h"

namespace kubewalk::net {

NamespaceId Network::add_balancer(std::string name, Ip ip, int prefix_length, Ip gateway) {
    const NamespaceId root = add_machine(std::move(name), ip, prefix_length, gateway);
    NodeStack* balancer = state_->edit_machine(state_->machine_index(root));
    balancer->role = MachineRole::balancer;
    balancer->root().set_sysctl("net.ipv4.ip_forward", "1");
    ++state_->wiring;
    state_->balancers.push_back(state_->machine_index(root));
    return root;
}

namespace {

constexpr std::string_view multipath_policy = "net.ipv4.fib_multipath_hash_policy";  // 0: addresses, 1: also ports

Rule to_frontend(const BalancerSetup& setup, const BalancerFrontend& frontend, std::string_view comment) {
    return Rule().comment(comment).destination({setup.public_ip, 32}).protocol(frontend.protocol).destination_port(frontend.port);
}

// Who may pass at all: one rule for each open port and source, then the end.
std::vector<Rule> gate(const BalancerSetup& setup) {
    std::vector<Rule> rules;
    const auto named = [&setup](std::string_view words) { return cat(setup.service, words); };
    for (const BalancerFrontend& frontend : setup.frontends) {
        if (frontend.backends.empty()) {
            rules.push_back(to_frontend(setup, frontend, named(balancer_no_target)).drop());
            continue;
        }
        if (setup.sources.empty()) {
            rules.push_back(to_frontend(setup, frontend, setup.service).accept());
            continue;
        }
        for (const Prefix& source : setup.sources)
            rules.push_back(to_frontend(setup, frontend, setup.service).source(source).accept());
        rules.push_back(to_frontend(setup, frontend, named(balancer_closed)).drop());
    }
    rules.push_back(Rule().comment(named(balancer_no_port)).destination({setup.public_ip, 32}).drop());
    return rules;
}

void add_targets(std::vector<Rule>& rules, const BalancerSetup& setup, const BalancerFrontend& frontend) {
    const auto list_of = [&frontend](const SocketAddress& backend) {
        return cat("LB-", protocol_name(frontend.protocol), "-", frontend.port, "-", backend.ip.text());
    };
    if (setup.affinity_seconds)
        for (const SocketAddress& backend : frontend.backends)
            rules.push_back(to_frontend(setup, frontend, setup.service)
                                .recent_check(list_of(backend), *setup.affinity_seconds)
                                .dnat(backend));
    for (std::size_t left = frontend.backends.size(); left > 0; --left) {
        const SocketAddress& backend = frontend.backends[frontend.backends.size() - left];
        Rule rule = to_frontend(setup, frontend, setup.service);
        if (left > 1)
            rule.probability(1.0 / static_cast<double>(left));
        if (setup.affinity_seconds)
            rule.recent_set(list_of(backend));
        rules.push_back(rule.dnat(backend));
    }
}

std::vector<Ip> direct_ways(const BalancerSetup& setup) {
    std::vector<Ip> ways;
    for (const BalancerFrontend& frontend : setup.frontends)
        for (const SocketAddress& backend : frontend.backends)
            if (std::find(ways.begin(), ways.end(), backend.ip) == ways.end())
                ways.push_back(backend.ip);
    return ways;
}

}  // namespace

void program_balancer(NetNamespace& host, const BalancerSetup& setup) {
    Ruleset& rules = host.edit_rules();
    rules.replace_chain(TableId::mangle, chain_prerouting, gate(setup));
    std::vector<Rule> targets;
    std::vector<Rule> sources;
    if (setup.forwarding != Forwarding::direct)
        for (const BalancerFrontend& frontend : setup.frontends)
            add_targets(targets, setup, frontend);
    if (setup.forwarding == Forwarding::proxy)
        sources.push_back(Rule().comment(setup.service).state(ctstate::dnat).masquerade());
    rules.replace_chain(TableId::nat, chain_prerouting, std::move(targets));
    rules.replace_chain(TableId::nat, chain_postrouting, std::move(sources));

    const Prefix public_address{setup.public_ip, 32};
    const auto ways = direct_ways(setup);
    if (setup.forwarding != Forwarding::direct || ways.empty()) {
        host.delete_route(public_address);
        return;
    }
    host.set_sysctl(multipath_policy, setup.affinity_seconds ? "0" : "1");
    Route route;
    route.destination = public_address;
    route.device = "eth0";
    route.nexthops = ways;
    host.set_route(std::move(route));
}

// -- the walk's part --------------------------------------------------------------------------------------

Ip Walker::pick_way(const Route& route) const {
    if (route.nexthops.empty())
        return route.via.value_or(packet_.destination());
    if (memo_)
        memo_->common = false;
    const Tuple& flow = packet_.tuple;
    std::string key = cat(packet_.source().text(), " ", packet_.destination().text());
    if (ns_->sysctl(multipath_policy) == "1")
        append(key, " ", protocol_name(flow.protocol), " ", flow.source_port, " ", flow.destination_port);
    return route.nexthops[fnv1a(key) % route.nexthops.size()];
}

// A flow whose destination a balancer rewrote, and whose source it kept, is answered straight to the
// client; a cloud's network knows such flows and takes the answer to the balancer first.
const WireEnd* Walker::way_back() const {
    if (state_.balancers.empty() || inner_ || machine_->role != MachineRole::host)
        return nullptr;
    const Tuple flow = packet_.kind == PacketKind::icmp_error ? packet_.tuple.inverse() : packet_.tuple;
    for (const std::uint32_t index : state_.balancers) {
        const NodeStack* balancer = state_.machine(index);
        if (!balancer || !balancer->up)
            continue;
        const Conntrack& table = balancer->root().conntrack;
        const Conntrack::Found found = table.find(flow, simulation_.now());
        if (!found.id || found.direction != Direction::reply)
            continue;
        const ConntrackEntry& entry = table.entry(found.id);
        if (!entry.dnat() || entry.snat())
            continue;
        const Interface* eth0 = balancer->root().find_interface("eth0");
        const auto wire = eth0 && !eth0->addresses.empty() ? state_.wires.find(eth0->addresses.front().ip) : state_.wires.end();
        return wire == state_.wires.end() ? nullptr : &wire->second;
    }
    return nullptr;
}

}  // namespace kubewalk::net
