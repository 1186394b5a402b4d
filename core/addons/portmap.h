#pragma once
// hostPort: the CNI plugin `portmap`, which the runtime calls after flannel's. Rules as
// containernetworking/plugins v1.7 plugins/meta/portmap/portmap_iptables.go writes them.

#include <span>
#include <string_view>

#include "core/net/node_stack.h"

namespace kubewalk::addons {

struct HostPort {
    net::Protocol protocol = net::Protocol::tcp;
    std::uint16_t host_port = 0;
    std::uint16_t container_port = 0;
    std::optional<net::Ip> host_ip;  // nothing: every address of the node
};

// ADD: chains for the container; `subnet` is its address with its network's length.
void portmap_add(net::Ruleset& rules, std::string_view network, std::string_view container_id, const net::Prefix& subnet,
                 std::span<const HostPort> ports);
// DEL.
void portmap_del(net::Ruleset& rules, std::string_view network, std::string_view container_id);

}  // namespace kubewalk::addons
