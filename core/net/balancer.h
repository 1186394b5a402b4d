#pragma once
// A load balancer of a cloud as the packet meets it: a machine beside the nodes that passes on what is
// sent to a public address. Its ports and its choice of nodes are netfilter rules and routes like
// everybody's. Who gets one, and which nodes are fit, is core/cloud's to say.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/node_stack.h"

namespace kubewalk::net {

// How a packet is passed on.
enum class Forwarding : std::uint8_t {
    node_port,  // to NODE:NODEPORT, the client's address kept; the cloud's network brings the answers back here
    direct,     // unchanged, to a node (direct server return): the node must know the public address itself
    proxy,      // to NODE:NODEPORT from the balancer's own address
};

struct BalancerFrontend {
    Protocol protocol = Protocol::tcp;
    std::uint16_t port = 0;
    std::vector<SocketAddress> backends;  // fit to take new flows; with `direct` only their addresses count
};

struct BalancerSetup {
    std::string service;  // "sock-shop/front-end": names it in its rules
    Ip public_ip;
    Forwarding forwarding = Forwarding::node_port;
    std::vector<Prefix> sources;                    // who may send; empty: everybody
    std::optional<std::uint32_t> affinity_seconds;  // a client keeps to its node
    std::vector<BalancerFrontend> frontends;
};

// How the comments of rules that discard end; the walk words them.
constexpr std::string_view balancer_no_target = " has no healthy node";
constexpr std::string_view balancer_no_port = " has no such port";
constexpr std::string_view balancer_closed = " is closed to this source";

// Replaces the rules and routes of the balancer's namespace. Open flows go on by conntrack.
void program_balancer(NetNamespace& host, const BalancerSetup& setup);

}  // namespace kubewalk::net
