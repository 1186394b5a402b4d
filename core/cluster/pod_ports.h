#pragma once
// Which ports the containers of a Pod would listen on, from its spec and from what is known of its images.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::cluster {

class Cluster;

// TCP ports of all containers together (they share one network namespace), sorted. Nothing when that cannot be
// told of one of them: a shell command, a program that is code, an image that no registry has.
std::optional<std::vector<std::uint16_t>> listening_ports(const Cluster& cluster, const api::Value& pod_spec);
// Names of the containers' declared ports.
std::vector<std::string> port_names(const api::Value& pod_spec);

}  // namespace kubewalk::cluster
