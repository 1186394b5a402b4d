#include "core/cluster/programs.h"

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/native_programs.h"

namespace kubewalk::cluster {

HostProgram::HostProgram(const kubelet::ProgramContext& context, std::string component)
    : simulation_(&context.simulation),
      component_(std::move(component)),
      node_(context.node),
      name_(cat(name_prefix, component_, "/", context.pod_namespace, "/", context.pod_name)) {}

void HostProgram::add_child(std::unique_ptr<sim::Component> child) { children_.push_back(simulation_->add(std::move(child))); }

void HostProgram::stop() {
    for (const auto child : children_)
        simulation_->remove(child);
    children_.clear();
}

const HostProgram* host_program(const sim::Component* component) {
    // The prefix belongs to this class alone.
    return component && component->name().starts_with(HostProgram::name_prefix) ? static_cast<const HostProgram*>(component) : nullptr;
}

namespace {

struct Entry {
    std::string_view executable;  // argv[0] without its folder
    std::unique_ptr<kubelet::Program> (*create)(Cluster&, const kubelet::ProgramContext&);
};

constexpr Entry table[] = {
    {"etcd", create_etcd},
    {"kube-apiserver", create_api_server},
    {"kube-controller-manager", create_controller_manager},
    {"kube-scheduler", create_scheduler},
    {"cloud-controller-manager", create_cloud_controller_manager},
    {"kube-proxy", create_kube_proxy},
    {"kube-router", create_kube_router},
    {"flanneld", create_flanneld},
    {"coredns", create_core_dns},
    {"node-cache", create_node_cache},
    {"local-path-provisioner", create_local_path_provisioner},
    {"metrics-server", create_metrics_server},
    {"nginx-ingress-controller", create_ingress_nginx},
};

}  // namespace

std::unique_ptr<kubelet::Program> ProgramTable::create(const kubelet::ProgramContext& context) const {
    if (context.argv.empty())
        return nullptr;
    const std::string_view path = context.argv.front();
    const auto executable = path.substr(path.rfind('/') + 1);
    for (const auto& entry : table)
        if (entry.executable == executable)
            return entry.create(cluster_, context);
    return nullptr;
}

}  // namespace kubewalk::cluster
