// The machine was without power and has it again: nothing that ran is left, what lies on the disk is.
// Upstream: pkg/kubelet/kubelet_node_status.go (boot ID), kuberuntime/kuberuntime_manager.go
// (podSandboxChanged); containerd reports containers it finds dead with 255 and "Unknown".

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"
#include "core/net/kubelet_chains.h"
#include "core/net/node_stack.h"

namespace kubewalk::kubelet {

void Kubelet::reboot() {
    constexpr int unknown_exit = 255;
    ++boots_;
    runtime_running_ = true;  // it starts with the machine
    runtime_seen_ = now();
    std::vector<std::string> running;
    for (const auto& [id, container] : runtime_.containers())
        if (container.state == ContainerState::running)
            running.push_back(id);
    for (const auto& id : running)
        if (const Container* container = runtime_.container(id))
            process_has_ended(*container, unknown_exit, "Unknown", now());
    std::vector<std::string> sandboxes;
    for (const auto& [id, sandbox] : runtime_.sandboxes())
        if (sandbox.ready)
            sandboxes.push_back(id);
    for (const auto& id : sandboxes)
        runtime_.stop_pod_sandbox(id);
    pulls_.clear();
    pull_.reset();

    network().reboot(options_.node);
    network().prepare_node(options_.node);
    if (net::NodeStack* stack = network().stack(options_.node)) {
        net::ensure_kubelet_chains(stack->root().edit_rules());
        if (stack->root().ipv6())
            net::ensure_kubelet_chains(stack->root().edit_rules(net::Family::ipv6), net::Family::ipv6);
    }
    listen();

    std::vector<std::string> uids, all;
    for (const auto& [uid, pod] : workers_) {
        all.push_back(uid);
        if (!pod.sandbox.empty() && pod.stage != Stage::terminated)
            uids.push_back(uid);
    }
    for (const auto& uid : all)  // what was being pulled is asked for anew
        for (auto* list : {&workers_[uid].init_containers, &workers_[uid].containers, &workers_[uid].ephemeral_containers})
            for (auto& container : *list)
                container.pulling = false;
    for (const auto& uid : uids) {
        PodWorker& pod = workers_[uid];
        pod_event(pod, client::EventType::normal, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        // A new sandbox is a new beginning: the init containers run again.
        const auto& specs = pod.pod["spec"]["initContainers"];
        for (std::size_t i = 0; i < pod.init_containers.size() && i < specs.size(); ++i)
            if (!is_sidecar(specs[i])) {
                pod.init_containers[i].last_id = pod.init_containers[i].id;
                pod.init_containers[i].id.clear();
            }
        queue_sync(uid, {});
    }
    ready_ = false;
    ready_since_ = api::Value(to_rfc3339(now()));
    node_event(client::EventType::normal, "Starting", "Starting kubelet.");
    node_event(client::EventType::warning, "Rebooted",
               cat("Node ", options_.node, " has been rebooted, boot id: ", node_status()["nodeInfo"]["bootID"].as_string()));
    // A kubelet registers when it starts; mostly its Node is there already.
    (void)client_.create(api::kind::nodes, initial_node());
    update_node_status(true);
    renew_lease();
    catch_up();
}

}  // namespace kubewalk::kubelet
