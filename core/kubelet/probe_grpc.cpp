// The gRPC health protocol. A call is an HTTP request of content type application/grpc here: to the path of the
// method, with the service's name as body; a server that speaks gRPC answers with the header grpc-status and the
// health as body. Upstream: pkg/probe/grpc/grpc.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/probe_handlers.h"

namespace kubewalk::kubelet {

Kubelet::ProbeResult Kubelet::probe_grpc(std::string_view pod_ip, const api::Value& action, Duration timeout) {
    const auto ip = net::Ip::parse(pod_ip);
    const net::SocketAddress to{ip.value_or(net::Ip{}), static_cast<std::uint16_t>(action["port"].as_int())};
    // The client tries again until its time is over, refused or not; so it does with a server that does not
    // speak HTTP/2.
    const ProbeResult no_connection{
        false, cat("timeout: failed to connect service ", quoted(to.text()), " within ", go_duration(timeout), ": context deadline exceeded")};
    if (!ip)
        return no_connection;
    const auto dialled = network().connect(network().machine(options_.node), to, "probe", timeout);
    if (dialled.outcome != net::Outcome::delivered)
        return no_connection;
    net::HttpRequest request;
    request.method = "POST";
    request.path = "/grpc.health.v1.Health/Check";
    request.host = to.text();
    request.headers["content-type"] = "application/grpc";
    request.headers["user-agent"] = "kube-probe/1.36 grpc-go/1.75.0";
    request.body = action["service"].str();
    const auto response = network().http(dialled.id, request);
    network().disconnect(dialled.id);
    if (!response.ok())
        return no_connection;
    const auto status = response.value().headers.find("grpc-status");
    if (status == response.value().headers.end())
        return no_connection;
    if (response.value().took > timeout)
        return {false, cat("timeout: health rpc did not complete within ", go_duration(timeout))};
    const auto said = response.value().headers.find("grpc-message");
    const std::string message = said == response.value().headers.end() ? std::string() : said->second;
    if (status->second == "12")  // Unimplemented
        return {false, cat("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ", message)};
    if (status->second != "0")
        return {false, cat("error: health rpc probe failed: rpc error: code = ", status->second == "5" ? "NotFound" : "Unknown",
                           " desc = ", message)};
    if (response.value().body != "SERVING")
        return {false, cat("service unhealthy (responded with ", quoted(response.value().body), ")")};
    return {true, "service healthy"};
}

}  // namespace kubewalk::kubelet
