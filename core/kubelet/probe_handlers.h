#pragma once
// What the three kinds of probes share.

#include <cstdint>
#include <string>

#include "core/api/value.h"
#include "core/net/network.h"

namespace kubewalk::kubelet {

// A probe's port: a number, or the name of one of the container's ports. 0: neither.
std::uint16_t probe_port(const api::Value& container_spec, const api::Value& port);
// Go's words for a connection that did not come about: "dial tcp 10.244.1.5:80: connect: connection refused".
std::string dial_error(net::Outcome outcome, const net::SocketAddress& to);

}  // namespace kubewalk::kubelet
