// A node without power, and what happens when it has it again.

#include <utility>

#include "core/cluster/cluster.h"
#include "core/cluster/programs.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

void Cluster::set_node_power(const std::string& node, Power power) {
    auto* agent = kubelet(node);
    const net::NodeStack* stack = std::as_const(network_).stack(node);
    if (!agent || !stack || stack->up == (power == Power::on))
        return;
    network_.set_machine_up(node, power == Power::on);
    if (power == Power::off) {
        // Nothing on it runs any more. The processes are gone, but nobody takes notice before it starts again.
        simulation_.pause(agent->id());
        for (const auto& [id, container] : agent->runtime().containers()) {
            if (container.state != kubelet::ContainerState::running)
                continue;
            simulation_.pause(container.program);
            if (const auto* host = host_program(simulation_.look(container.program)))
                for (const auto child : host->children())
                    simulation_.pause(child);
        }
        if (node == layout_.control_plane)
            api_->set_available(false);
        return;
    }
    agent->reboot();
    simulation_.resume(agent->id());
}

}  // namespace kubewalk::cluster
