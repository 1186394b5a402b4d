#pragma once
// What the container runtime calls for a Pod's sandbox: the flannel CNI plugin, which reads
// /run/flannel/subnet.env and delegates to bridge with host-local addresses.
// Upstream: flannel-io/cni-plugin flannel.go; containernetworking/plugins plugins/main/bridge,
// plugins/ipam/host-local; containernetworking/cni libcni (error prefixes).

#include <string>
#include <span>
#include <string_view>
#include <vector>

#include "core/addons/portmap.h"
#include "core/base/result.h"
#include "core/net/network.h"

namespace kubewalk::addons {

// Files on the node that the plugins and the runtime read.
constexpr std::string_view cni_config_path = "/etc/cni/net.d/10-flannel.conflist";
constexpr std::string_view flannel_env_path = "/run/flannel/subnet.env";

// Whether the runtime finds a network configuration ("cni plugin not initialized" otherwise).
bool cni_configured(const net::Network& network, std::string_view machine);

// Wires the namespace up: veth pair to cni0, an address of each of the node's subnets, routes. The error's message
// is what the kubelet's FailedCreatePodSandBox event carries after `failed to setup network for sandbox "ID": `.
Result<std::vector<net::Ip>> cni_add(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id,
                        std::span<const HostPort> ports = {});
// Gives the address back and removes the pair. Never fails: DEL is idempotent.
void cni_del(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id);

}  // namespace kubewalk::addons
