// Disks that only one Pod of a Node may write to, and claims that one Pod in the whole cluster may use
// (ReadWriteOncePod). Upstream: plugins/volumerestrictions/volume_restrictions.go.
#include <algorithm>

#include "core/base/text.h"
#include "core/scheduler/plugins/all.h"
#include "core/scheduler/plugins/volume_binding.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::string_view kinds[] = {"gcePersistentDisk", "awsElasticBlockStore", "rbd", "iscsi"};

bool restricted(const Value& volume) {
    return std::any_of(std::begin(kinds), std::end(kinds), [&](std::string_view kind) { return volume[kind].is_object(); });
}

bool overlap(const Value& a, const Value& b) {
    const auto first = a.items(), second = b.items();
    return std::any_of(first.begin(), first.end(),
                       [&](const Value& one) { return std::find(second.begin(), second.end(), one) != second.end(); });
}

// The same disk behind both.
bool same_disk(std::string_view kind, const Value& a, const Value& b) {
    if (kind == "gcePersistentDisk")
        return a["pdName"].as_string() == b["pdName"].as_string();
    if (kind == "awsElasticBlockStore")
        return a["volumeID"].as_string() == b["volumeID"].as_string();
    if (kind == "iscsi")
        return a["iqn"].as_string() == b["iqn"].as_string();
    return overlap(a["monitors"], b["monitors"]) && a["pool"].as_string() == b["pool"].as_string() &&
           a["image"].as_string() == b["image"].as_string();
}

// Readers may share a disk; EBS is not shared at all.
bool conflict(const Value& wanted, const Value& used) {
    return std::any_of(std::begin(kinds), std::end(kinds), [&](std::string_view kind) {
        const auto &a = wanted[kind], &b = used[kind];
        if (!a.is_object() || !b.is_object() || !same_disk(kind, a, b))
            return false;
        return kind == "awsElasticBlockStore" || !a["readOnly"].as_bool() || !b["readOnly"].as_bool();
    });
}

bool once_for_one_pod(const Value& claim) {
    const auto modes = claim["spec"]["accessModes"].items();
    return std::any_of(modes.begin(), modes.end(), [](const Value& mode) { return mode.as_string() == "ReadWriteOncePod"; });
}

bool in_use(std::string_view space, const std::string& claim, const Snapshot& snapshot) {
    for (const auto& node : snapshot.nodes)
        for (const auto& other : node->pods) {
            if (api::namespace_of(other->pod) != space)
                continue;
            const auto names = claim_names(other->pod);
            if (std::find(names.begin(), names.end(), claim) != names.end())
                return true;
        }
    return false;
}

class VolumeRestrictions final : public Plugin {
public:
    Status pre_filter(const PodInfo& pod, const Snapshot& snapshot) override {
        const auto space = api::namespace_of(pod.pod);
        for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
            disks_ = disks_ || restricted(volume);
            const auto& name = volume["persistentVolumeClaim"]["claimName"];
            if (!name.is_string())
                continue;
            const auto* claim = snapshot.claims.find(cat(space, "/", name.as_string()));
            if (!claim)
                return Status::unresolvable(cat("persistentvolumeclaim ", quoted(name.as_string()), " not found"));
            taken_ = taken_ || (once_for_one_pod(*claim) && in_use(space, name.str(), snapshot));
        }
        return disks_ || taken_ ? Status::success() : Status::skip();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        if (disks_)
            for (const auto& volume : pod.pod["spec"]["volumes"].items())
                for (const auto& other : node.pods)
                    for (const auto& used : other->pod["spec"]["volumes"].items())
                        if (conflict(volume, used))
                            return Status::unschedulable("node(s) had no available disk");
        if (taken_)
            return Status::unschedulable(
                "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");
        return Status::success();
    }

private:
    bool disks_ = false;
    bool taken_ = false;  // some Pod with a Node uses a claim that is for one Pod only
};

}  // namespace

std::unique_ptr<Plugin> volume_restrictions(const PluginArgs&) { return std::make_unique<VolumeRestrictions>(); }

}  // namespace kubewalk::scheduler
