// kubeproxy/iptables-packet-flow.json: what the rules do to packets. The proxier programs a bare
// node, and the node's own rules are evaluated in the kernel's order, every branch of chance tried.

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/cli/vectors/kubeproxy_fixture.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

struct Flow {
    std::string output;
    bool masquerade = false;
};

// One way through the hooks for one outcome of every chance. `asked` tells how many there were.
Flow follow(net::NetNamespace& host, net::Packet packet, std::vector<bool> chances, std::size_t& asked) {
    const net::Ruleset& rules = host.rules(packet.tuple.destination.family);
    net::Dice dice(std::move(chances));
    host.recent.clear();  // each packet is a client's first
    const bool from_host = host.is_local(packet.tuple.source);
    const net::Ip original = packet.tuple.destination;
    net::Evaluation at{packet, net::ctstate::fresh, from_host ? "" : "eth0", "", host, host.recent, dice, Time{}};
    const net::ChainId first = from_host ? net::chain_output : net::chain_prerouting;
    net::Verdict verdict = rules.evaluate(net::TableId::nat, first, at);
    Flow out;
    if (verdict.kind == net::TargetKind::dnat) {
        packet.tuple.destination = verdict.rule->target.to.ip;
        packet.tuple.destination_port = verdict.rule->target.to.port;
        out.output = verdict.rule->target.to.text();
        at.state |= net::ctstate::dnat;
    }
    std::vector<net::ChainId> filters;
    if (from_host)
        filters.push_back(net::chain_output);
    else
        filters.push_back(host.is_local(packet.tuple.destination) ? net::chain_input : net::chain_forward);
    for (net::ChainId chain : filters) {
        verdict = rules.evaluate(net::TableId::filter, chain, at);
        if (verdict.kind == net::TargetKind::drop)
            out.output = "DROP";
        else if (verdict.kind == net::TargetKind::reject)
            out.output = "REJECT";
        else if (verdict.rule && out.output.empty() && packet.tuple.destination == original)
            out.output = "ACCEPT";
    }
    if (out.output != "DROP" && out.output != "REJECT")
        out.masquerade = rules.evaluate(net::TableId::nat, net::chain_postrouting, at).kind == net::TargetKind::masquerade;
    asked = dice.asked();
    return out;
}

net::Protocol protocol_named(std::string_view name) {
    return name == "SCTP" ? net::Protocol::sctp : name == "UDP" ? net::Protocol::udp : net::Protocol::tcp;
}

// Most vectors leave the packet's protocol out: it is that of the Service port it is sent to.
net::Protocol protocol_of(const api::Value& services, std::int64_t port) {
    for (const api::Value& service : services.items())
        for (const api::Value& candidate : service.path("spec", "ports").items())
            if (candidate["port"].as_int() == port || candidate["nodePort"].as_int() == port)
                return protocol_named(candidate["protocol"].as_string());
    return net::Protocol::tcp;
}

}  // namespace

void run_kubeproxy_packet_flow(const api::Value& root, Report& report) {
    for (const api::Value& group : root["groups"].items()) {
        KubeProxyFixture fixture(group, true);
        fixture.proxier.synchronize(addons::SyncKind::full, fixture.host, Time{});
        for (const api::Value& test : group["packets"].items()) {
            net::Packet packet;
            packet.tuple.source = net::Ip::parse(test["sourceIP"].as_string()).value_or(net::Ip{});
            packet.tuple.destination = net::Ip::parse(test["destIP"].as_string()).value_or(net::Ip{});
            packet.tuple.source_port = 40000;
            packet.tuple.destination_port = static_cast<std::uint16_t>(test["destPort"].as_int());
            packet.tuple.protocol = test["protocol"].is_null() ? protocol_of(group["services"], test["destPort"].as_int())
                                                               : protocol_named(test["protocol"].as_string());
            std::set<std::string> outputs;
            bool masquerade = false;
            std::size_t asked = 1;
            for (std::size_t hit = 0; hit <= asked; ++hit) {
                std::vector<bool> chances(hit, false);
                chances.push_back(true);
                std::size_t count = 0;
                const Flow flow = follow(fixture.host, packet, std::move(chances), count);
                asked = std::max(asked, count);
                outputs.insert(flow.output);
                masquerade = masquerade || flow.masquerade;
                if (hit >= count)
                    break;
            }
            const std::string found = join({outputs.begin(), outputs.end()}, ", ");
            report.check(cat(group["id"].as_string(), " / ", test["name"].as_string()),
                         cat(test["output"].as_string(), " masq=", test["masq"].as_bool()), cat(found, " masq=", masquerade));
        }
    }
}

}  // namespace kubewalk::cli
