#pragma once
// The API server's way to the kubelets (exec, logs, port-forward) and to what it proxies.

#include "core/apiserver/dialer.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cluster {

class KubeletDialer final : public apiserver::Dialer {
public:
    explicit KubeletDialer(Cluster& cluster) : cluster_(cluster) {}

    Result<apiserver::ExecResult> exec(const apiserver::ContainerAddress& address, const std::vector<std::string>& argv,
                                       const std::string& stdin_text) override;
    Result<std::string> logs(const apiserver::ContainerAddress& address, const apiserver::LogOptions& options) override;
    // dialer_http.cpp
    Result<apiserver::ProxyResponse> http(const apiserver::ProxyRequest& request) override;
    Result<apiserver::ProxyResponse> forward(const apiserver::ContainerAddress& address, std::uint16_t port,
                                             const apiserver::ProxyRequest& request) override;

private:
    // Null, and the error, when the node's kubelet does not answer.
    kubelet::Kubelet* dial(const std::string& node, Error& error) const;

    Cluster& cluster_;
};

}  // namespace kubewalk::cluster
