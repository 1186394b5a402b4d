#pragma once
// The chains every kubelet sets up on its node, whatever proxy runs there.
// Upstream: pkg/kubelet/kubelet_network_linux.go.

#include "core/net/netfilter.h"

namespace kubewalk::net {

void ensure_kubelet_chains(Ruleset& rules, Family family = Family::ipv4);

}  // namespace kubewalk::net
