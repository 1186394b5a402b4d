#include "core/cluster/decision.h"

#include "core/cluster/cluster.h"
#include "core/scheduler/scheduler.h"

namespace kubewalk::cluster {

std::optional<scheduler::Decision> scheduling_decision(const Cluster& cluster, std::string_view namespace_name, std::string_view pod) {
    const auto object = cluster.peek(api::kind::pods, namespace_name, pod);
    if (object.is_null())
        return std::nullopt;
    const auto& simulation = cluster.simulation();
    for (const auto id : simulation.components()) {
        const auto* component = simulation.find(id);
        // The name is that class's alone: processes are called "process/...".
        if (component && component->name() == "kube-scheduler")
            return static_cast<const scheduler::Scheduler*>(component)->explain(object);
    }
    return std::nullopt;
}

}  // namespace kubewalk::cluster
