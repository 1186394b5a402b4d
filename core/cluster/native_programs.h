#pragma once
// The constructors behind programs.cpp's table; one file each in core/cluster/programs/.

#include <memory>

#include "core/cluster/cluster.h"
#include "core/kubelet/program.h"

namespace kubewalk::cluster {

std::unique_ptr<kubelet::Program> create_etcd(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_api_server(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_controller_manager(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_scheduler(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_cloud_controller_manager(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_kube_proxy(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_kube_router(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_flanneld(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_core_dns(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_node_cache(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_local_path_provisioner(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_metrics_server(Cluster& cluster, const kubelet::ProgramContext& context);
std::unique_ptr<kubelet::Program> create_ingress_nginx(Cluster& cluster, const kubelet::ProgramContext& context);

}  // namespace kubewalk::cluster
