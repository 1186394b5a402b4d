#pragma once
// NetworkPolicies as rules of one node: KUBE-ROUTER-* from the built-in chains, one KUBE-POD-FW- chain for
// each local Pod, KUBE-NWPLCY- chains for the policies, ipsets for who is meant. A packet between two Pods
// passes the chains of both that are on this node; mark 0x10000 says that a policy lets it pass, 0x20000
// that a Pod's chain did. Upstream: cloudnativelabs/kube-router v2.9.0 pkg/controllers/netpol/
// {network_policy_controller,pod,policy}.go.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/network_policy/peers.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

struct PolicyConfig {
    net::Ip node_ip;
    net::Prefix service_range{net::Ip::v4(10, 96, 0, 0), 12};  // --service-cluster-ip-range
    std::optional<net::Prefix> service_range_ipv6;             // likewise; with --enable-ipv6, which asks for rules of both families
    std::uint16_t node_ports_low = 30000, node_ports_high = 32767;
};

// The chains that are there without any Pod or policy, in the tables of the rules' family. Repairs what is missing or out
// of place.
void ensure_policy_base(net::Ruleset& rules, const PolicyConfig& config);

// What a sync wrote for a Pod that no policy selects. While that very chain stands in the table, nobody has touched it
// and it need not be made again to be compared.
struct WrittenPod {
    net::Ip ip;
    std::string chain_name;
    std::shared_ptr<const net::Chain> chain;
};
// What the last sync of one family wrote, if there was no policy.
struct WrittenRules {
    OrderedMap<std::string, WrittenPod> pods;              // by the Pods' keys, as the chains have them
    std::shared_ptr<const net::Chain> input, forward, output;  // KUBE-ROUTER-*; null: there were policies
};
struct Written {
    WrittenRules ipv4, ipv6;
    WrittenRules& of(net::Family family) { return family == net::Family::ipv4 ? ipv4 : ipv6; }
};

// Keys of the Pods that have changed since the last sync. Unknown: any may have.
using TouchedPods = std::optional<std::vector<std::string>>;

// Brings chains and sets to what the objects ask for and removes what nobody needs. Chains that are right already are not
// touched. `written` and `touched` save work from one sync to the next and change no outcome: without a policy, what the last
// sync wrote and nobody has touched stays, but for those Pods.
void sync_policy_rules(net::NetNamespace& host, const PolicyObjects& objects, const PolicyConfig& config, Written* written = nullptr,
                       const TouchedPods& touched = {});

// kube-router hashes the time of the sync into these names as well, so that they change every time; here
// they stay (simplifications.json: "kube-router-names").
std::string pod_firewall_chain(std::string_view namespace_name, std::string_view pod);
std::string policy_chain(std::string_view namespace_name, std::string_view policy, std::string_view direction = {},
                         net::Family family = net::Family::ipv4);

}  // namespace kubewalk::addons
