#include "core/cluster/cni.h"

#include "core/addons/flannel_cni.h"

namespace kubewalk::cluster {

bool FlannelCni::configured(std::string_view node) const { return addons::cni_configured(cluster_.network(), node); }

Result<std::vector<net::Ip>> FlannelCni::add(std::string_view node, net::NamespaceId netns, const kubelet::CniPod& pod) {
    std::vector<addons::HostPort> ports;
    for (const auto& port : pod.ports)
        ports.push_back({port.protocol, port.host_port, port.container_port, net::Ip::parse(port.host_ip)});
    return addons::cni_add(cluster_.network(), node, netns, pod.sandbox_id, ports);
}

void FlannelCni::del(std::string_view node, net::NamespaceId netns, const kubelet::CniPod& pod) {
    addons::cni_del(cluster_.network(), node, netns, pod.sandbox_id);
}

}  // namespace kubewalk::cluster
