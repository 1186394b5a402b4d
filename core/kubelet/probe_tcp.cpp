// Upstream: pkg/probe/tcp/tcp.go, pkg/probe/util.go (ResolveContainerPort).

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/probe_handlers.h"

namespace kubewalk::kubelet {

std::uint16_t probe_port(const api::Value& container_spec, const api::Value& port) {
    if (port.is_int())
        return static_cast<std::uint16_t>(port.as_int());
    for (const auto& declared : container_spec["ports"].items()) {
        if (declared["name"].as_string() == port.as_string())
            return static_cast<std::uint16_t>(declared["containerPort"].as_int());
    }
    return static_cast<std::uint16_t>(parse_int(port.as_string()).value_or(0));
}

std::string dial_error(net::Outcome outcome, const net::SocketAddress& to) {
    switch (outcome) {
    case net::Outcome::refused:
        return cat("dial tcp ", to.text(), ": connect: connection refused");
    case net::Outcome::unreachable:
        return cat("dial tcp ", to.text(), ": connect: no route to host");
    default:
        return cat("dial tcp ", to.text(), ": i/o timeout");
    }
}

Kubelet::ProbeResult Kubelet::probe_tcp(std::string_view pod_ip, const api::Value& spec, const api::Value& action,
                                        Duration timeout) {
    const std::string host = action["host"].str(pod_ip);
    const auto ip = net::Ip::parse(host);
    if (!ip)
        return {false, cat("dial tcp: lookup ", host, ": no such host")};
    const net::SocketAddress to{*ip, probe_port(spec, action["port"])};
    const auto dialled = network().connect(network().machine(options_.node), to, "probe", timeout);
    if (dialled.outcome != net::Outcome::delivered)
        return {false, dial_error(dialled.outcome, to)};
    network().disconnect(dialled.id);
    return {true, {}};
}

}  // namespace kubewalk::kubelet
