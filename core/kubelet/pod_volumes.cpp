// A Pod's volumes on this node: set up before its containers, kept up to date, torn down with it.
// Upstream: pkg/kubelet/volumemanager (WaitForAttachAndMount, desired_state_of_world_populator.go),
// pkg/volume/{emptydir,configmap,secret,projected,downwardapi}.

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/object_source.h"

namespace kubewalk::kubelet {
namespace {

// nestedpendingoperations: 500 ms doubling to 2m2s.
constexpr Duration first_mount_retry = milliseconds(500);
constexpr Duration max_mount_retry = seconds(122);
// How long a Pod waits for a claim before it complains, and how often the claim is looked at.
constexpr Duration attach_patience = seconds(123);
constexpr Duration claim_retry = seconds(1);
// The kubelet's syncFrequency: files of volumes are at most so old.
constexpr Duration refresh_period = seconds(60);

// The service account's own volume holds nothing that changes in a Pod's life here.
bool follows_objects(const api::Value& volume) {
    constexpr std::string_view own = "kube-api-access-";
    return is_content_volume(volume) && volume["name"].as_string().substr(0, own.size()) != own;
}

// Tokens are good for as long as a Pod lives (nobody checks them: simplification "token-signature").
void keep_tokens(const api::Value& volume, const Files& before, Files& files) {
    for (const auto& source : volume["projected"]["sources"].items()) {
        const auto known = before.find(source["serviceAccountToken"]["path"].str());
        if (source["serviceAccountToken"].is_object() && known != before.end())
            files[known->first] = known->second;
    }
}

}  // namespace

// The PersistentVolume behind a claim. Error reason "Waiting": the claim is not ready, nothing has failed yet.
Result<VolumeSource> Kubelet::claimed_volume(const PodWorker& pod, const api::Value& volume) {
    const bool generic = volume["ephemeral"].is_object();
    const std::string claim_name = generic ? cat(pod.identity.name, "-", volume["name"].as_string())
                                           : volume["persistentVolumeClaim"]["claimName"].str();
    const std::string key = cat(pod.identity.namespace_name, "/", claim_name);
    const auto waiting = [&](std::string_view why) {
        return Error{"Waiting", cat("error processing PVC ", key, ": ", why), {}, 0, 0};
    };
    const auto client = client_.heartbeats();
    const auto claim = client.get(api::kind::persistent_volume_claims, pod.identity.namespace_name, claim_name);
    if (!claim.ok())
        return waiting(cat("failed to fetch PVC from API server: ", claim.error().message));
    if (claim.value()["status"]["phase"].as_string() != "Bound")
        return waiting("PVC is not bound");
    const auto bound = client.get(api::kind::persistent_volumes, {}, claim.value()["spec"]["volumeName"].as_string());
    if (!bound.ok())
        return waiting(cat("failed to fetch PV ", claim.value()["spec"]["volumeName"].as_string(), " from API server: ",
                           bound.error().message));
    auto source = persistent_volume(options_.node, bound.value(), services_.disks);
    if (source.ok() && volume["persistentVolumeClaim"]["readOnly"].as_bool())
        source.value().access = Access::read_only;
    return source;
}

Result<std::map<std::string, VolumeSource>> Kubelet::set_up_volumes(const PodWorker& pod) {
    ApiObjectSource source(client_);
    const std::vector<api::Value> no_services;
    const auto allocatable = reported_status_["allocatable"];
    const EnvironmentInput environment{no_services, services_informer_.synced(), {}, host_ips(), allocatable, source};
    const auto used = mounted_volumes(pod.pod);
    std::map<std::string, VolumeSource> volumes;
    for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
        const std::string name = volume["name"].str();
        if (std::find(used.begin(), used.end(), name) == used.end())
            continue;
        const std::string disk = pod_volume(options_.node, pod.identity.uid, name);
        const auto failed = [&](const Error& error) {
            return mount_error(cat("MountVolume.SetUp failed for volume ", quoted(name), " : ", error.message));
        };
        if (is_content_volume(volume)) {
            auto files = content_files(pod.pod, volume, {environment, now()});
            if (!files.ok())
                return failed(files.error());
            services_.disks.put(disk, files.take());
            volumes[name] = {disk, {}, Access::read_only, true};
        } else if (volume["hostPath"].is_object()) {
            auto path = host_path(options_.node, volume["hostPath"]["path"].as_string("/"), volume["hostPath"]["type"].as_string(),
                                  services_.disks);
            if (!path.ok())
                return failed(path.error());
            volumes[name] = path.take();
        } else if (volume["persistentVolumeClaim"].is_object() || volume["ephemeral"].is_object()) {
            auto claimed = claimed_volume(pod, volume);
            if (!claimed.ok())
                return claimed.error();
            volumes[name] = claimed.take();
        } else {
            volumes[name] = {disk, {}, Access::read_write, false};  // emptyDir, and what has no data of its own here
        }
    }
    return volumes;
}

Kubelet::Step Kubelet::ensure_volumes(PodWorker& pod) {
    if (pod.volumes_ready)
        return Step::done;
    if (pod.volumes_asked.ns == 0)
        pod.volumes_asked = now();
    auto volumes = set_up_volumes(pod);
    if (volumes.ok()) {
        pod.volumes = volumes.take();
        pod.volumes_ready = true;
        for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
            const bool used = pod.volumes.count(volume["name"].str()) != 0;
            pod.limits_volumes |= used && !volume["emptyDir"]["sizeLimit"].is_null();
            pod.follows_objects |= used && follows_objects(volume);
        }
        if (pod.follows_objects && !std::exchange(volumes_planned_, true))
            simulation().schedule(id(), refresh_period, volumes_due, sim::Urgency::background);
        return Step::done;
    }
    const Error& error = volumes.error();
    if (error.reason == "Waiting") {
        if (now() - pod.volumes_asked >= attach_patience) {
            std::vector<std::string> names;
            for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
                if (volume["persistentVolumeClaim"].is_object() || volume["ephemeral"].is_object())
                    names.push_back(volume["name"].str());
            }
            const std::string list = join(names, " ");
            pod_event(pod, client::EventType::warning, "FailedMount",
                      cat("Unable to attach or mount volumes: unmounted volumes=[", list, "], unattached volumes=[], failed to process volumes=[",
                          list, "]: ", error.message));
            pod.volumes_asked = now();
        }
        queue_sync(pod.identity.uid, claim_retry, sim::Urgency::background);
        return Step::wait;
    }
    pod_event(pod, client::EventType::warning, "FailedMount", error.message);
    pod.volume_back_off = pod.volume_back_off.ns == 0 ? first_mount_retry
                                                      : Duration{std::min(pod.volume_back_off.ns * 2, max_mount_retry.ns)};
    queue_sync(pod.identity.uid, pod.volume_back_off);
    return Step::wait;
}

// Writes anew what has changed; what cannot be read now keeps its last state.
void Kubelet::refresh_volumes(PodWorker& pod) {
    if (!pod.volumes_ready || pod.stage != Stage::syncing)
        return;
    const auto quiet = client_.heartbeats();
    ApiObjectSource source(quiet);
    const std::vector<api::Value> no_services;
    const auto allocatable = reported_status_["allocatable"];
    const EnvironmentInput environment{no_services, true, pod_ips(pod), host_ips(), allocatable, source};
    for (const auto& volume : pod.pod["spec"]["volumes"].items()) {
        const auto known = pod.volumes.find(volume["name"].str());
        if (known == pod.volumes.end() || !follows_objects(volume))
            continue;
        auto files = content_files(pod.pod, volume, {environment, now()});
        if (!files.ok())
            continue;
        keep_tokens(volume, services_.disks.files(known->second.disk), files.value());
        if (files.value() == services_.disks.files(known->second.disk))
            continue;
        fact("kubelet.volume_updated", pod.identity, {volume["name"].str()});
        services_.disks.put(known->second.disk, files.take());
    }
}

void Kubelet::on_volumes_due() {
    std::vector<std::string> due;
    for (const auto& [uid, pod] : workers_) {
        if (pod.follows_objects)
            due.push_back(uid);
    }
    volumes_planned_ = !due.empty();
    if (volumes_planned_)
        simulation().schedule(id(), refresh_period, volumes_due, sim::Urgency::background);
    for (const auto& uid : due)
        refresh_volumes(workers_[uid]);
}

void Kubelet::tear_down_volumes(PodWorker& pod) {
    for (const auto& [name, source] : pod.volumes) {
        if (source.disk == pod_volume(options_.node, pod.identity.uid, name))
            services_.disks.remove(source.disk);
    }
    pod.volumes.clear();
}

}  // namespace kubewalk::kubelet
