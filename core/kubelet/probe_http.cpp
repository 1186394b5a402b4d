// Upstream: pkg/probe/http/{http,request}.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/probe_handlers.h"

namespace kubewalk::kubelet {

Kubelet::HttpAnswer Kubelet::http_get(std::string_view pod_ip, const api::Value& spec, const api::Value& action, Duration timeout,
                                      std::string_view agent) {
    const std::string host = action["host"].str(pod_ip);
    const std::string scheme = to_lower(action["scheme"].as_string("HTTP"));
    const std::uint16_t port = probe_port(spec, action["port"]);
    std::string path = action["path"].str("/");
    if (path.empty() || path[0] != '/')
        path.insert(0, "/");
    const auto failed = [&](std::string_view why, Duration took) {
        return HttpAnswer{false, 0, cat("Get \"", scheme, "://", host.find(':') == std::string::npos ? host : cat("[", host, "]"), ":",
                                        port, path, "\": ", why), took};
    };
    constexpr std::string_view too_late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    const auto ip = net::Ip::parse(host);
    if (!ip)
        return failed(cat("dial tcp: lookup ", host, ": no such host"), {});
    const net::SocketAddress to{*ip, port};
    const auto dialled = network().connect(network().machine(options_.node), to, "probe", timeout);
    const Duration connected = dialled.connection.elapsed;
    if (dialled.outcome == net::Outcome::refused || dialled.outcome == net::Outcome::unreachable)
        return failed(dial_error(dialled.outcome, to), connected);
    if (dialled.outcome != net::Outcome::delivered)
        return failed(too_late, timeout);

    net::HttpRequest request;
    request.path = std::move(path);
    request.host = cat(host, ":", port);
    request.headers["user-agent"] = agent;
    request.headers["accept"] = "*/*";
    if (scheme == "https")
        request.tls = "";  // probes skip verification
    for (const auto& header : action["httpHeaders"].items()) {
        if (to_lower(header["name"].as_string()) == "host")
            request.host = header["value"].str();
        else
            request.headers[to_lower(header["name"].as_string())] = header["value"].str();
    }
    const auto response = network().http(dialled.id, request);
    network().disconnect(dialled.id);
    path = request.path;
    if (!response.ok())
        return failed(response.error().reason == "TlsProtocol" ? "http: server gave HTTP response to HTTPS client" : "EOF", connected);
    if (response.value().took > timeout)
        return failed(too_late, timeout);
    if (response.value().status == 0)
        return failed("net/http: HTTP/1.x transport connection broken: malformed HTTP response", connected);
    return {true, response.value().status, {}, connected + response.value().took};
}

Kubelet::ProbeResult Kubelet::probe_http(std::string_view pod_ip, const api::Value& spec, const api::Value& action,
                                         Duration timeout) {
    const auto answer = http_get(pod_ip, spec, action, timeout, "kube-probe/1.36");
    if (!answer.ok)
        return {false, answer.error};
    if (answer.status >= 200 && answer.status < 400)
        return {true, {}};
    return {false, cat("HTTP probe failed with statuscode: ", answer.status)};
}

}  // namespace kubewalk::kubelet
