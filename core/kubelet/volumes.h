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
#include "core/kubelet/disks.h"
#include "core/kubelet/environment.h"

namespace kubewalk::kubelet {

// FailedMount, as the kubelet's events say it.
Error mount_error(std::string message);

struct VolumeInput {
    const EnvironmentInput& environment;
    Time now;
};

// Whether the kubelet writes this volume's files itself, from objects of the API: configMap, secret,
// projected, downwardAPI. Such files follow the objects while the Pod runs.
bool is_content_volume(const api::Value& volume);
// The files of such a volume, paths relative to its root. Error: what follows
// `MountVolume.SetUp failed for volume "x" : `.
Result<Files> content_files(const api::Value& pod, const api::Value& volume, const VolumeInput& input);

// Where a volume's data is: an id in Disks and the part of it that is the volume.
struct VolumeSource {
    std::string disk;
    std::string path;  // "" all of it
    Access access = Access::read_write;
    bool content = false;
};
// Checks what a hostPath's type demands and creates what it allows. Error as content_files.
Result<VolumeSource> host_path(std::string_view node, std::string_view path, std::string_view type, Disks& disks);
// Of a PersistentVolume that a claim is bound to. Error as the volume plugin words it.
Result<VolumeSource> persistent_volume(std::string_view node, const api::Value& volume, Disks& disks);

// What a container gets to see of its Pod's volumes.
struct ContainerMounts {
    std::vector<Mount> mounts;
    Files files;  // subPath of content volumes: copied at the start, they do not follow their object
};
ContainerMounts container_mounts(const api::Value& container, const std::map<std::string, VolumeSource>& volumes,
                                 const std::map<std::string, std::string>& environment, const Disks& disks);
// Names of the volumes that a container of the Pod mounts: the others are not set up.
std::vector<std::string> mounted_volumes(const api::Value& pod);

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
