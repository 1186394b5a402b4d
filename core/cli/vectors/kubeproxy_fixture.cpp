// Upstream: pkg/proxy/iptables/proxier_test.go (newFakeProxier).

#include "core/cli/vectors/kubeproxy_fixture.h"

#include "core/base/text.h"

namespace kubewalk::cli {

addons::ProxierConfig kube_proxy_config(const api::Value& proxier, bool random_fully) {
    addons::ProxierConfig config;
    config.node_name = proxier["hostname"].str();
    config.node_ip = net::Ip::parse(proxier["nodeIP"].as_string()).value_or(net::Ip{});
    config.family = proxier["ipv6"].as_bool() ? net::Family::ipv6 : net::Family::ipv4;
    config.masquerade_all = proxier["masqueradeAll"].as_bool();
    config.localhost_node_ports = proxier["localhostNodePorts"].as_bool();
    if (proxier["localDetectorImplemented"].as_bool())
        config.local_cidr = net::Prefix::parse(proxier["localDetectorIfLocal"][1].as_string());
    // "[192.168.0.0/24 127.0.0.0/8]", as Go prints a slice
    const std::string_view list = proxier["nodePortAddresses"].as_string();
    if (list.size() > 2)
        for (std::string_view text : fields(list.substr(1, list.size() - 2)))
            if (auto prefix = net::Prefix::parse(text))
                config.node_port_addresses.push_back(*prefix);
    config.random_fully = random_fully;
    // The recorded host has no nfacct: there release 1.36 writes the rules of 1.28.
    config.nfacct_counters = false;
    return config;
}

KubeProxyFixture::KubeProxyFixture(const api::Value& test, bool random_fully)
    : host(1, "test-hostname", std::make_shared<net::ChainNames>()), proxier(kube_proxy_config(test["proxier"], random_fully)) {
    net::Interface eth0;
    eth0.name = "eth0";
    host.add_interface(eth0);
    host.add_address("eth0", {proxier.config().node_ip, 24});
    // The other addresses of upstream's node (testNodeIPs, two versions of one of them).
    for (std::string_view address : {"192.168.1.2/24", "192.168.99.11/24", "2001:db8::1/64", "2001:db8:1::2/64", "2001:db8:2::1/64"})
        if (const auto prefix = net::Prefix::parse(address); prefix && !(prefix->ip == proxier.config().node_ip))
            host.add_address("eth0", *prefix);
    host.set_sysctl("net.ipv4.ip_forward", "1");
    for (const api::Value& service : test["services"].items())
        proxier.set_service(service);
    for (const api::Value& slice : test["endpointSlices"].items())
        proxier.set_slice(slice);
}

}  // namespace kubewalk::cli
