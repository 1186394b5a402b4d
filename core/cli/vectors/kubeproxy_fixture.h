#pragma once
// What the kubeproxy sets share: a bare node and a proxier as upstream's newFakeProxier sets them up.

#include "core/addons/kube_proxy/iptables.h"
#include "core/api/value.h"

namespace kubewalk::cli {

// A recorded proxier's settings.
addons::ProxierConfig kube_proxy_config(const api::Value& proxier, bool random_fully);

struct KubeProxyFixture {
    // `random_fully`: whether the host's iptables knows the flag (the vectors' proxier does not say).
    KubeProxyFixture(const api::Value& test, bool random_fully);

    net::NetNamespace host;
    addons::IptablesProxier proxier;
};

}  // namespace kubewalk::cli
