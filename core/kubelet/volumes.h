#pragma once
// What a Pod's volumes put into a container's file system.
// Upstream: pkg/volume/{configmap,secret,projected,downwardapi,emptydir,hostpath}, pkg/kubelet/kubelet_pods.go (hosts file).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/kubelet/environment.h"

namespace kubewalk::kubelet {

using Files = std::map<std::string, std::string>;  // path -> content

struct VolumeInput {
    const EnvironmentInput& environment;
    // The node's disk: hostPath and what static Pods find in /etc/kubernetes.
    const Files& node_files;
    Time now;
};

// One volume's files, paths relative to its root. Error: the message of FailedMount.
Result<Files> volume_files(const api::Value& pod, const api::Value& volume, const VolumeInput& input);
// All volumes of the Pod by name. Error as `MountVolume.SetUp failed for volume "x" : …`.
Result<std::map<std::string, Files>> pod_volumes(const api::Value& pod, const VolumeInput& input);
// The volumes where the container mounts them (subPath and emptyDirs included).
Files mounted_files(const api::Value& container, const std::map<std::string, Files>& volumes);

// /etc/hosts as the kubelet manages it. `node_hosts` is the node's own, for host network.
std::string hosts_file(const api::Value& pod, const std::vector<std::string>& pod_ips, std::string_view cluster_domain,
                       std::string_view node_hosts);
// The host name of a Pod, and "" or the domain its subdomain gives.
struct PodHostname {
    std::string name;
    std::string domain;
};
PodHostname pod_hostname(const api::Value& pod, std::string_view cluster_domain);

}  // namespace kubewalk::kubelet
