// Upstream: pkg/probe/http/{http,request}.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/probe_handlers.h"

namespace kubewalk::kubelet {

Kubelet::ProbeResult Kubelet::probe_http(std::string_view pod_ip, const api::Value& spec, const api::Value& action,
                                         Duration timeout) {
    const std::string host = action["host"].str(pod_ip);
    const std::string scheme = to_lower(action["scheme"].as_string("HTTP"));
    const std::uint16_t port = probe_port(spec, action["port"]);
    std::string path = action["path"].str("/");
    if (path.empty() || path[0] != '/')
        path.insert(0, "/");
    const std::string url = cat(scheme, "://", host.find(':') == std::string::npos ? host : cat("[", host, "]"), ":", port, path);
    const auto failed = [&](std::string_view why) { return ProbeResult{false, cat("Get ", quoted(url), ": ", why)}; };

    const auto ip = net::Ip::parse(host);
    if (!ip)
        return failed(cat("dial tcp: lookup ", host, ": no such host"));
    const net::SocketAddress to{*ip, port};
    const auto dialled = network().connect(network().machine(options_.node), to, "probe");
    if (dialled.outcome == net::Outcome::refused || dialled.outcome == net::Outcome::unreachable)
        return failed(dial_error(dialled.outcome, to));
    if (dialled.outcome != net::Outcome::delivered)
        return failed("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");

    net::HttpRequest request;
    request.path = path;
    request.host = cat(host, ":", port);
    request.headers["user-agent"] = "kube-probe/1.36";
    request.headers["accept"] = "*/*";
    for (const auto& header : action["httpHeaders"].items()) {
        if (to_lower(header["name"].as_string()) == "host")
            request.host = header["value"].str();
        else
            request.headers[to_lower(header["name"].as_string())] = header["value"].str();
    }
    const auto response = network().http(dialled.id, request);
    network().disconnect(dialled.id);
    if (!response.ok())
        return failed("EOF");
    if (response.value().took > timeout)
        return failed("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
    const int status = response.value().status;
    if (status == 0)
        return failed("net/http: HTTP/1.x transport connection broken: malformed HTTP response");
    if (status >= 200 && status < 400)
        return {true, {}};
    return {false, cat("HTTP probe failed with statuscode: ", status)};
}

}  // namespace kubewalk::kubelet
