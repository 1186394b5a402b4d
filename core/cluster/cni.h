#pragma once
// The network plugin on a node's disk, as the runtime finds it: flannel's.

#include "core/cluster/cluster.h"
#include "core/kubelet/cni.h"

namespace kubewalk::cluster {

class FlannelCni final : public kubelet::Cni {
public:
    explicit FlannelCni(Cluster& cluster) : cluster_(cluster) {}

    bool configured(std::string_view node) const override;
    Result<std::vector<net::Ip>> add(std::string_view node, net::NamespaceId netns, const kubelet::CniPod& pod) override;
    void del(std::string_view node, net::NamespaceId netns, const kubelet::CniPod& pod) override;

private:
    Cluster& cluster_;
};

}  // namespace kubewalk::cluster
