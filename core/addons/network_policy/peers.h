#pragma once
// What NetworkPolicies say, worked out against the Pods and Namespaces that are there: who is selected,
// who is let in, on which ports. Upstream: cloudnativelabs/kube-router v2.9.0
// pkg/controllers/netpol/policy.go (buildNetworkPoliciesInfo).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/net/ipset.h"

namespace kubewalk::addons {

struct PolicyPort {
    std::optional<net::Protocol> protocol;
    std::uint16_t low = 0, high = 0;  // 0: every port
};

// Pods that give a port of the policy this number.
struct NamedPort {
    PolicyPort port;
    std::vector<net::Ip> ips;
};

struct PolicyBlock {
    net::Prefix prefix;
    net::IpSet::Effect effect = net::IpSet::Effect::match;
};

// One item of spec.ingress or spec.egress.
struct PolicyRule {
    bool all_peers = false;
    bool all_ports = false;
    std::vector<net::Ip> pods;
    // Sets of networks. A block with exceptions is one of its own: another peer may let in what it leaves out.
    std::vector<std::vector<PolicyBlock>> blocks;
    std::vector<PolicyPort> ports;
    std::vector<NamedPort> named_ports;
};

struct Policy {
    std::string namespace_name;
    std::string name;
    bool ingress = false;
    bool egress = false;
    std::vector<net::Ip> selected;
    std::vector<PolicyRule> ingress_rules;
    std::vector<PolicyRule> egress_rules;
};

// The objects, by their keys. A value: a component that holds one is cloned with it.
class PolicyObjects {
public:
    // Each says whether anything changed that a policy can see.
    bool set_pod(const api::Value& pod);
    bool delete_pod(std::string_view key);
    void forget_pods() { pods_.clear(); }
    bool set_namespace(const api::Value& object);
    bool delete_namespace(std::string_view name);
    void set_policy(const api::Value& policy);
    void delete_policy(std::string_view key);

    // Running Pods with an address of their own, in the order of their keys.
    const OrderedMap<std::string, api::Value>& pods() const { return pods_; }
    std::size_t policy_count() const { return policies_.size(); }
    // With the addresses of one family: a policy is worked out for each family by itself.
    std::vector<Policy> policies(net::Family family = net::Family::ipv4) const;

private:
    std::vector<const api::Value*> select(std::string_view namespace_name, const api::Value& selector) const;
    std::vector<const api::Value*> peer_pods(std::string_view namespace_name, const api::Value& peer) const;
    PolicyRule rule(std::string_view namespace_name, const api::Value& spec, const api::Value& peers,
                    const std::vector<const api::Value*>& named_port_pods, net::Family family) const;

    OrderedMap<std::string, api::Value> pods_;
    OrderedMap<std::string, api::Value> namespaces_;  // name -> labels
    OrderedMap<std::string, api::Value> policies_;
};

// The Pod's address of that family.
std::optional<net::Ip> pod_ip(const api::Value& pod, net::Family family = net::Family::ipv4);

}  // namespace kubewalk::addons
