// PersistentVolumeClaims: bound ones hold the Pod to where their volume is, those that wait for their first
// consumer need a volume, or a provisioner, for the Node. Upstream: plugins/volumebinding/{volume_binding,binder}.go.
#include "core/scheduler/plugins/volume_binding.h"

#include <algorithm>

#include "core/api/quantity.h"
#include "core/api/scheduling.h"
#include "core/base/text.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::string_view no_provisioner = "kubernetes.io/no-provisioner";

bool on_node(const Value& volume, const Value& node) {
    const auto& required = volume["spec"]["nodeAffinity"]["required"];
    return required.is_null() || api::matches_node_selector(required, node);
}

bool waits_for_consumer(const Value& claim, const Snapshot& snapshot) {
    const auto* storage_class = snapshot.classes.find(storage_class_of(claim));
    return storage_class && (*storage_class)["volumeBindingMode"].as_string() == "WaitForFirstConsumer";
}

bool topology_allowed(const Value& storage_class, const Value& node) {
    const auto& allowed = storage_class["allowedTopologies"];
    if (allowed.empty())
        return true;
    const auto& labels = node["metadata"]["labels"];
    return std::any_of(allowed.items().begin(), allowed.items().end(), [&](const Value& term) {
        const auto expressions = term["matchLabelExpressions"].items();
        return std::all_of(expressions.begin(), expressions.end(), [&](const Value& one) {
            const auto values = one["values"].items();
            return std::any_of(values.begin(), values.end(), [&](const Value& value) {
                return labels[one["key"].as_string()].as_string() == value.as_string();
            });
        });
    });
}

bool offers_modes(const Value& volume, const Value& claim) {
    const auto offered = volume["spec"]["accessModes"].items();
    const auto wanted = claim["spec"]["accessModes"].items();
    return std::all_of(wanted.begin(), wanted.end(), [&](const Value& mode) {
        return std::any_of(offered.begin(), offered.end(), [&](const Value& one) { return one.as_string() == mode.as_string(); });
    });
}

class VolumeBinding final : public Plugin {
public:
    Status pre_filter(const PodInfo& pod, const Snapshot& snapshot) override {
        snapshot_ = &snapshot;
        const auto names = claim_names(pod.pod);
        if (names.empty())
            return Status::skip();
        bool immediate = false;
        for (const auto& name : names) {
            const auto* claim = snapshot.claims.find(cat(api::namespace_of(pod.pod), "/", name));
            if (!claim)
                return Status::unresolvable(cat("persistentvolumeclaim ", quoted(name), " not found"));
            if (api::is_deleting(*claim))
                return Status::unresolvable(cat("persistentvolumeclaim ", quoted(name), " is being deleted"));
            if ((*claim)["status"]["phase"].as_string() == "Lost")
                return Status::unresolvable(cat("persistentvolumeclaim ", quoted(name), " bound to non-existent persistentvolume ",
                                                quoted((*claim)["spec"]["volumeName"].as_string())));
            if (is_bound(*claim))
                bound_.push_back(*claim);
            else if (waits_for_consumer(*claim, snapshot))
                waiting_.push_back(*claim);
            else
                immediate = true;
        }
        return immediate ? Status::unresolvable("pod has unbound immediate PersistentVolumeClaims") : Status::success();
    }

    Status filter(const PodInfo&, const NodeInfo& node) const override {
        Status status;
        const auto refuse = [&](std::string_view reason) {
            status.code = Status::Code::unschedulable_and_unresolvable;
            if (std::find(status.reasons.begin(), status.reasons.end(), reason) == status.reasons.end())
                status.reasons.emplace_back(reason);
        };
        for (const auto& claim : bound_) {
            const auto* volume = snapshot_->volumes.find(claim["spec"]["volumeName"].as_string());
            if (!volume)
                refuse("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
            else if (!on_node(*volume, node.node))
                refuse("node(s) had volume node affinity conflict");
        }
        for (const auto& claim : waiting_) {
            const auto promised = claim["metadata"]["annotations"]["volume.kubernetes.io/selected-node"].as_string();
            if (!promised.empty() && promised != node.name()) {
                refuse("node(s) didn't find available persistent volumes to bind");
                continue;
            }
            if (!matching_volume(claim, node.node, *snapshot_).is_null())
                continue;
            const auto& storage_class = *snapshot_->classes.find(storage_class_of(claim));
            const auto provisioner = storage_class["provisioner"].as_string();
            if (provisioner.empty() || provisioner == no_provisioner || !topology_allowed(storage_class, node.node))
                refuse("node(s) didn't find available persistent volumes to bind");
        }
        return status;
    }

private:
    const Snapshot* snapshot_ = nullptr;
    std::vector<Value> bound_;
    std::vector<Value> waiting_;
};

}  // namespace

std::vector<std::string> claim_names(const Value& pod) {
    std::vector<std::string> names;
    for (const auto& volume : pod["spec"]["volumes"].items()) {
        if (volume["persistentVolumeClaim"].is_object())
            names.push_back(volume["persistentVolumeClaim"]["claimName"].str());
        else if (volume["ephemeral"].is_object())
            names.push_back(cat(api::name_of(pod), "-", volume["name"].as_string()));
    }
    return names;
}

std::string_view storage_class_of(const Value& object) {
    const auto& annotation = object["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
    return annotation.is_string() ? annotation.as_string() : object["spec"]["storageClassName"].as_string();
}

bool is_bound(const Value& claim) {
    return !claim["spec"]["volumeName"].as_string().empty() &&
           !claim["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"].is_null();
}

// The smallest that is large enough.
const Value& matching_volume(const Value& claim, const Value& node, const Snapshot& snapshot) {
    const auto wanted = api::Quantity::from(claim["spec"]["resources"]["requests"]["storage"]);
    const Value* best = nullptr;
    for (const auto& [name, volume] : snapshot.volumes) {
        const auto& reserved = volume["spec"]["claimRef"];
        const bool ours = reserved["name"].as_string() == api::name_of(claim) &&
                          reserved["namespace"].as_string() == api::namespace_of(claim);
        if ((!reserved.is_null() && !ours) || api::is_deleting(volume) || storage_class_of(volume) != storage_class_of(claim))
            continue;
        const auto size = api::Quantity::from(volume["spec"]["capacity"]["storage"]);
        if (compare(size, wanted) < 0 || !offers_modes(volume, claim) || !on_node(volume, node))
            continue;
        if (volume["spec"]["volumeMode"].as_string("Filesystem") != claim["spec"]["volumeMode"].as_string("Filesystem"))
            continue;
        if (!claim["spec"]["selector"].is_null()) {
            const auto selector = api::LabelSelector::from_object(claim["spec"]["selector"]);
            if (!selector.ok() || !selector.value().matches(volume["metadata"]["labels"]))
                continue;
        }
        if (!best || compare(size, api::Quantity::from((*best)["spec"]["capacity"]["storage"])) < 0)
            best = &volume;
    }
    return best ? *best : api::null_value();
}

std::unique_ptr<Plugin> volume_binding(const PluginArgs&) { return std::make_unique<VolumeBinding>(); }

}  // namespace kubewalk::scheduler
