// Volumes of a Pod whose Node is chosen: reserved, provisioned and waited for before the Pod is bound.
// Upstream: pkg/scheduler/framework/plugins/volumebinding/{volume_binding,binder}.go (Reserve, PreBind).

#include <algorithm>

#include "core/base/text.h"
#include "core/scheduler/plugins/volume_binding.h"
#include "core/scheduler/scheduler.h"

namespace kubewalk::scheduler {

namespace {

constexpr Duration bind_timeout = seconds(600);  // bindTimeoutSeconds

}  // namespace

bool Scheduler::volumes_bound(const Value& pod) const {
    const auto names = claim_names(pod);
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return is_bound(informers_[claims].get(cat(api::namespace_of(pod), "/", name)));
    });
}

Scheduler::Volumes Scheduler::begin_volumes(const Value& pod, const std::string& node, std::string& error) {
    if (volumes_bound(pod))
        return Volumes::bound;
    const auto space = api::namespace_of(pod);
    const NodeInfoRef chosen = cache_.node(node);
    for (const auto& name : claim_names(pod)) {
        const Value& claim = informers_[claims].get(cat(space, "/", name));
        if (is_bound(claim) || !chosen)
            continue;
        const Value& volume = matching_volume(claim, chosen->node, cache_.snapshot());
        Result<Value> written = Value();
        if (!volume.is_null()) {
            const Value reference = Value::object({{"apiVersion", "v1"},
                                                   {"kind", "PersistentVolumeClaim"},
                                                   {"name", name},
                                                   {"namespace", space},
                                                   {"resourceVersion", claim["metadata"]["resourceVersion"]},
                                                   {"uid", api::uid_of(claim)}});
            const Value annotations = Value::object({{"pv.kubernetes.io/bound-by-controller", "yes"}});
            const Value patch = Value::object(
                {{"metadata", Value::object({{"annotations", annotations}, {"resourceVersion", volume["metadata"]["resourceVersion"]}})},
                 {"spec", Value::object({{"claimRef", reference}})}});
            written = client_.patch(api::kind::persistent_volumes, {}, api::name_of(volume), client::PatchType::merge, patch);
        } else {
            const Value annotations = Value::object({{"volume.kubernetes.io/selected-node", node}});
            const Value patch = Value::object({{"metadata", Value::object({{"annotations", annotations}})}});
            written = client_.patch(api::kind::persistent_volume_claims, space, name, client::PatchType::merge, patch);
        }
        if (!written.ok()) {
            error = cat("binding volumes: ", written.error().message);
            return Volumes::failed;
        }
    }
    const std::string key = api::key_of(pod);
    Binding& binding = bindings_[key];
    binding.node = node;
    binding.item.key = key;
    binding.item.priority = pod["spec"]["priority"].as_int();
    binding.item.cause = environment_.simulation.current_cause();
    binding.late = environment_.simulation.schedule(id(), bind_timeout, bind_late, sim::Urgency::background, 0, key);
    return Volumes::under_way;
}

void Scheduler::finish_bindings() {
    std::vector<std::string> ready;
    for (const auto& [key, binding] : bindings_)
        if (volumes_bound(informers_[pods].get(key)))
            ready.push_back(key);
    for (const auto& key : ready) {
        const Binding binding = bindings_.at(key);
        bindings_.erase(key);
        environment_.simulation.cancel(binding.late);
        const Value pod = informers_[pods].get(key);
        if (!pod.is_null())
            bind(binding.item, pod, binding.node);
    }
}

void Scheduler::on_bind_late(const std::string& key) {
    const auto found = bindings_.find(key);
    if (found == bindings_.end())
        return;
    const Binding binding = found->second;
    bindings_.erase(found);
    cache_.remove_pod(key);
    const Value pod = informers_[pods].get(key);
    if (pod.is_null())
        return;
    recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling",
                     "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded");
    queue_.add_backoff(binding.item, environment_.simulation.now());
}

}  // namespace kubewalk::scheduler
