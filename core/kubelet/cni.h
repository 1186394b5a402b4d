#pragma once
// The kubelet's way to the network plugin. The runtime runs the plugin that lies on the node's disk;
// core/cluster adapts core/addons' plugins to this. A service with a fixed address.
// Upstream: containernetworking/cni SPEC.md (ADD, DEL).

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/network.h"

namespace kubewalk::kubelet {

// A hostPort: the capability portMappings of the runtime's CNI call.
struct PortMapping {
    net::Protocol protocol = net::Protocol::tcp;
    std::uint16_t host_port = 0;
    std::uint16_t container_port = 0;
    std::string host_ip;  // "": every address
    friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

// Whom a network namespace is for: CNI_CONTAINERID, K8S_POD_NAMESPACE, K8S_POD_NAME.
struct CniPod {
    std::string sandbox_id;
    std::string namespace_name;
    std::string name;
    std::vector<PortMapping> ports{};
};

class Cni {
public:
    virtual ~Cni() = default;

    // A network configuration lies in the node's /etc/cni/net.d.
    virtual bool configured(std::string_view node) const = 0;
    // ADD: interfaces, addresses (one of each family) and routes for the namespace. Error: the plugin's message, such as
    // `plugin type="flannel" failed (add): ...`.
    virtual Result<std::vector<net::Ip>> add(std::string_view node, net::NamespaceId netns, const CniPod& pod) = 0;
    // DEL: gives all of that back.
    virtual void del(std::string_view node, net::NamespaceId netns, const CniPod& pod) = 0;
};

}  // namespace kubewalk::kubelet
