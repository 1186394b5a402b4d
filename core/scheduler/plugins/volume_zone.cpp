// PersistentVolumes whose labels name a zone or region. Upstream: plugins/volumezone/volume_zone.go.
#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/scheduler/plugins/all.h"
#include "core/scheduler/plugins/volume_binding.h"

namespace kubewalk::scheduler {

namespace {

struct TopologyLabel {
    std::string_view key;
    std::string_view today;  // the label that took its place
};
constexpr TopologyLabel topology_labels[] = {
    {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
    {"topology.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"topology.kubernetes.io/region", "topology.kubernetes.io/region"},
};

struct Place {
    const TopologyLabel* label = nullptr;
    std::vector<std::string> values;  // any of them
};

// "a__b": a volume that is in both. An empty part makes the label mean nothing.
std::vector<std::string> zones_of(std::string_view text) {
    std::vector<std::string> zones;
    for (;;) {
        const auto end = text.find("__");
        const auto zone = trim(text.substr(0, end));
        if (zone.empty())
            return {};
        zones.emplace_back(zone);
        if (end == std::string_view::npos)
            return zones;
        text.remove_prefix(end + 2);
    }
}

class VolumeZone final : public Plugin {
public:
    Status pre_filter(const PodInfo& pod, const Snapshot& snapshot) override {
        const auto space = api::namespace_of(pod.pod);
        for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
            if (!volume["persistentVolumeClaim"].is_object())
                continue;
            const auto name = volume["persistentVolumeClaim"]["claimName"].as_string();
            if (name.empty())
                return Status::unresolvable("PersistentVolumeClaim had no name");
            const auto* claim = snapshot.claims.find(cat(space, "/", name));
            if (!claim)
                return Status::unresolvable(cat("persistentvolumeclaim ", quoted(name), " not found"));
            const auto& bound = (*claim)["spec"]["volumeName"];
            if (bound.as_string().empty()) {
                if (const auto why = unbound(*claim, snapshot))
                    return *why;
                continue;
            }
            const auto* found = snapshot.volumes.find(bound.as_string());
            if (!found)
                return Status::unresolvable(cat("persistentvolume ", quoted(bound.as_string()), " not found"));
            add_places((*found)["metadata"]["labels"]);
        }
        return places_.empty() ? Status::skip() : Status::success();
    }

    // A Node without any such label is taken for the only zone there is.
    Status filter(const PodInfo&, const NodeInfo& node) const override {
        const auto& labels = node.labels();
        if (std::none_of(std::begin(topology_labels), std::end(topology_labels),
                         [&](const TopologyLabel& label) { return labels.contains(label.key); }))
            return Status::success();
        for (const auto& place : places_) {
            const auto& own = labels[place.label->key];
            const auto& value = own.is_string() ? own : labels[place.label->today];
            if (!value.is_string() || std::find(place.values.begin(), place.values.end(), value.as_string()) == place.values.end())
                return Status::unresolvable("node(s) had no available volume zone");
        }
        return Status::success();
    }

private:
    // Why a claim without a volume refuses the Pod; nothing where its volume comes with its first consumer.
    static std::optional<Status> unbound(const Value& claim, const Snapshot& snapshot) {
        const auto name = storage_class_of(claim);
        if (name.empty())
            return Status::unresolvable("PersistentVolumeClaim had no pv name and storageClass name");
        const auto* storage_class = snapshot.classes.find(name);
        if (!storage_class)
            return Status::unresolvable(cat("storageclass.storage.k8s.io ", quoted(name), " not found"));
        const auto& mode = (*storage_class)["volumeBindingMode"];
        if (mode.is_null())
            return Status::unresolvable(cat("VolumeBindingMode not set for StorageClass ", quoted(name)));
        if (mode.as_string() == "WaitForFirstConsumer")
            return std::nullopt;
        return Status::unresolvable("PersistentVolume had no name");
    }

    void add_places(const Value& labels) {
        for (const auto& label : topology_labels)
            if (labels[label.key].is_string())
                if (auto values = zones_of(labels[label.key].as_string()); !values.empty())
                    places_.push_back({&label, std::move(values)});
    }

    std::vector<Place> places_;
};

}  // namespace

std::unique_ptr<Plugin> volume_zone(const PluginArgs&) { return std::make_unique<VolumeZone>(); }

}  // namespace kubewalk::scheduler
