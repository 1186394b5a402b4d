// The requests that the API server and the kubelets make on behalf of others: the proxy of Services, Pods and nodes,
// and kubectl port-forward. Packets through the network, recorded like any other.
// Error texts: Go's net and net/http; github.com/containerd/containerd internal/cri/server/sandbox_portforward_linux.go.

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/dialer.h"

namespace kubewalk::cluster {

namespace {

constexpr Duration dial_timeout = seconds(30);  // of the API server's transport

net::HttpRequest http_request(const apiserver::ProxyRequest& from) {
    net::HttpRequest request;
    request.method = from.method;
    request.host = from.host;
    request.path = from.path;
    request.headers = from.headers;
    request.body = from.body;
    if (from.scheme == "https")
        request.tls = "";  // the proxy does not check who answers
    return request;
}

// What net.Dial says behind "dial tcp ADDRESS: ".
std::string dial_failure(net::Outcome outcome) {
    switch (outcome) {
    case net::Outcome::refused: return "connect: connection refused";
    case net::Outcome::unreachable: return "connect: no route to host";
    default: return "i/o timeout";
    }
}

struct Reached {
    Result<apiserver::ProxyResponse> response;
    net::Outcome outcome = net::Outcome::delivered;
};

Reached exchange(net::Network& network, net::NamespaceId from, const net::SocketAddress& to, const apiserver::ProxyRequest& wanted) {
    const auto dialled = network.connect(from, to, cat(wanted.method, " ", wanted.path), dial_timeout);
    if (dialled.outcome != net::Outcome::delivered)
        return {Error{"ServiceUnavailable", cat("dial tcp ", to.text(), ": ", dial_failure(dialled.outcome)), {}, 0, 0}, dialled.outcome};
    if (wanted.scheme == "tls") {  // only who is there
        const auto shown = network.tls(dialled.id, wanted.host);
        network.disconnect(dialled.id);
        if (!shown.ok())
            return {apiserver::ProxyResponse{0, {}, {}, dialled.connection.elapsed}, net::Outcome::delivered};
        const net::Certificate& certificate = shown.value();
        return {apiserver::ProxyResponse{200, {{"subject", certificate.subject}, {"issuer", certificate.issuer}, {"names", join(certificate.names, ",")}},
                                         {}, dialled.connection.elapsed},
                net::Outcome::delivered};
    }
    auto answered = network.http(dialled.id, http_request(wanted));
    network.disconnect(dialled.id);
    if (!answered.ok()) {
        const auto& reason = answered.error().reason;
        return {Error{"ServiceUnavailable",
                      reason == "TlsProtocol" ? "tls: first record does not look like a TLS handshake" : std::string("EOF"), {}, 0, 0},
                net::Outcome::delivered};
    }
    net::HttpResponse& got = answered.value();
    if (got.status == 0)
        return {Error{"ServiceUnavailable", "net/http: HTTP/1.x transport connection broken: malformed HTTP response", {}, 0, 0},
                net::Outcome::delivered};
    return {apiserver::ProxyResponse{got.status, std::move(got.headers), std::move(got.body), dialled.connection.elapsed + got.took},
            net::Outcome::delivered};
}

// "10.244.1.4:80", "[fd00::1]:80", or without a port.
std::optional<net::SocketAddress> parse_address(std::string_view text, std::uint16_t default_port) {
    const bool bracketed = text.starts_with('[');
    const auto close = bracketed ? text.find(']') : std::string_view::npos;
    const auto host = bracketed ? text.substr(1, close - 1) : text.substr(0, text.find(':'));
    const auto rest = bracketed ? text.substr(std::min(close + 1, text.size())) : text.substr(host.size());
    const auto ip = net::Ip::parse(host);
    const auto port = rest.starts_with(':') ? parse_int(rest.substr(1)).value_or(0) : default_port;
    if (!ip || port < 1 || port > 65535)
        return std::nullopt;
    return net::SocketAddress{*ip, static_cast<std::uint16_t>(port)};
}

}  // namespace

Result<apiserver::ProxyResponse> KubeletDialer::http(const apiserver::ProxyRequest& request) {
    auto& network = cluster_.network();
    const auto address = parse_address(request.address, request.scheme == "https" ? 443 : 80);
    if (!address) {
        const auto port = std::string_view(request.address).substr(request.address.rfind(':') + 1);
        return Error{"ServiceUnavailable", cat("dial tcp: lookup tcp/", port, ": unknown port"), {}, 0, 0};
    }
    return exchange(network, network.machine(cluster_.layout().control_plane), *address, request).response;
}

Result<apiserver::ProxyResponse> KubeletDialer::forward(const apiserver::ContainerAddress& address, std::uint16_t port,
                                                        const apiserver::ProxyRequest& request) {
    Error error;
    auto* agent = dial(address.node, error);
    if (!agent)
        return error;
    const kubelet::Sandbox* found = nullptr;
    for (const auto& [id, sandbox] : agent->runtime().sandboxes())
        if (sandbox.ready && sandbox.pod.namespace_name == address.namespace_name && sandbox.pod.name == address.pod)
            found = &sandbox;
    if (!found)
        return Error{"NotFound", cat("failed to find sandbox of pod ", address.pod), {}, 0, 0};
    const std::string id = found->id;
    auto reached = exchange(cluster_.network(), found->netns, {net::Ip::v4(127, 0, 0, 1), port}, request);
    if (reached.outcome == net::Outcome::delivered)
        return std::move(reached.response);
    return Error{"Forwarding",
                 cat("error forwarding port ", port, " to pod ", id, ", uid : failed to execute portforward in network namespace \"/var/run/netns/cni-",
                     id.substr(0, 8), "\": failed to connect to localhost:", port, " inside namespace ", quoted(id),
                     ", IPv4: dial tcp4 127.0.0.1:", port, ": ", dial_failure(reached.outcome), " IPv6 dial tcp6 [::1]:", port,
                     ": connect: connection refused "),
                 {}, 0, 0};
}

}  // namespace kubewalk::cluster
