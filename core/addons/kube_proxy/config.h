#pragma once
// KubeProxyConfiguration (config.conf in the ConfigMap kube-proxy) as kube-proxy reads it when it starts.
// Upstream: pkg/proxy/apis/config/{types.go,v1alpha1/defaults.go,validation/validation.go},
// cmd/kube-proxy/app/server_linux.go (platformApplyDefaults).

#include <string>
#include <string_view>

#include "core/addons/kube_proxy/proxier.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/conntrack.h"

namespace kubewalk::addons {

struct KubeProxyConfig {
    ProxyMode mode = ProxyMode::iptables;
    ProxierConfig proxier;
    std::optional<ProxierConfig> second;     // of the other family, on a node that has both
    Duration min_sync_period = seconds(1);   // MODE.minSyncPeriod
    Duration sync_period = seconds(30);      // MODE.syncPeriod: how often the canary is looked at
    net::ConntrackSettings conntrack = default_conntrack();
    std::string user = "system:serviceaccount:kube-system:kube-proxy";

    // The kernel's, but for what kube-proxy changes when nobody says otherwise.
    static net::ConntrackSettings default_conntrack();
};

// Fills in what the file says over `config`. Errors carry the sentence kube-proxy dies with.
Result<void> read_kube_proxy_config(std::string_view text, KubeProxyConfig& config);

}  // namespace kubewalk::addons
