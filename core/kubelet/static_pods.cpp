// Static Pods and their mirrors in the API. Upstream: pkg/kubelet/config/common.go (applyDefaults),
// pkg/kubelet/pod/mirror_client.go.

#include <algorithm>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

constexpr std::string_view manifest_folder = "etc/kubernetes/manifests/";
constexpr std::string_view hash_annotation = "kubernetes.io/config.hash";

}  // namespace

// What a manifest on the node becomes: named after the node, bound to it, its uid made of its content.
void Kubelet::start_static_pod(api::Value pod) {
    const std::string hash = content_hash(cat(options_.node, api::to_json(pod))).substr(0, 32);
    if (workers_.contains(hash))
        return;
    const api::Value manifest = pod;
    auto& metadata = pod.edit("metadata");
    metadata.set("name", cat(metadata["name"].as_string(), "-", options_.node));
    if (metadata["namespace"].is_null())
        metadata.set("namespace", "default");
    if (by_name_.contains(api::key_of(pod))) {
        waiting_static_.push_back(manifest);  // its predecessor ends first
        return;
    }
    metadata.set("uid", hash);
    auto& annotations = metadata.edit("annotations");
    annotations.set(hash_annotation, hash);
    annotations.set("kubernetes.io/config.seen", to_rfc3339_micro(now()));
    annotations.set("kubernetes.io/config.source", "file");
    auto& spec = pod.edit("spec");
    spec.set("nodeName", options_.node);
    spec.edit("tolerations").push_back(api::Value::object({{"effect", "NoExecute"}, {"operator", "Exists"}}));
    if (spec["enableServiceLinks"].is_null())
        spec.set("enableServiceLinks", true);
    for (auto* list : {"initContainers", "containers"}) {
        for (std::size_t i = 0; i < pod["spec"][list].size(); ++i) {
            auto& container = pod.edit("spec").edit(list).edit_at(i);
            if (container["imagePullPolicy"].is_null())
                container.set("imagePullPolicy", "IfNotPresent");
        }
    }
    add_pod(pod, Origin::file);
}

// The folder as it is now against the static Pods that run. Files that are no manifest are passed over, as the
// kubelet does (it only logs them).
void Kubelet::manifests_changed() {
    std::vector<api::Value> wanted;
    for (const auto& [path, text] : services_.disks.files(node_disk(options_.node))) {
        const bool here = path.compare(0, manifest_folder.size(), manifest_folder) == 0;
        if (!here || path.find('/', manifest_folder.size()) != std::string::npos || path[manifest_folder.size()] == '.')
            continue;
        auto pod = api::parse_yaml(text);
        if (pod.ok() && pod.value()["kind"].as_string() == "Pod" && !pod.value()["spec"]["containers"].empty())
            wanted.push_back(pod.take());
    }
    const auto listed = [&](std::string_view uid) {
        const auto has = [&](const std::vector<api::Value>& manifests) {
            return std::any_of(manifests.begin(), manifests.end(), [&](const api::Value& manifest) {
                return content_hash(cat(options_.node, api::to_json(manifest))).substr(0, 32) == uid;
            });
        };
        return has(wanted) || has(options_.static_pods);
    };
    std::vector<std::string> gone;
    for (const auto& [uid, pod] : workers_) {
        if (pod.origin == Origin::file && !listed(uid))
            gone.push_back(uid);
    }
    for (const auto& uid : gone) {
        const PodWorker& pod = workers_[uid];
        if (!pod.mirror_uid.empty()) {
            client::DeleteOptions options;
            options.grace_period_seconds = 0;
            (void)client_.remove(api::kind::pods, pod.identity.namespace_name, pod.identity.name, options);
        }
        remove_pod(uid);
    }
    waiting_static_.clear();
    for (auto& manifest : wanted)
        start_static_pod(std::move(manifest));
}

// The mirror shows in the API what runs here; deleting it changes nothing but brings it back.
void Kubelet::sync_mirror(PodWorker& of) {
    const std::string key = cat(of.identity.namespace_name, "/", of.identity.name);
    const auto& present = pods_.get(key);
    if (api::is_deleting(present)) {
        client::DeleteOptions options;
        options.grace_period_seconds = 0;
        (void)client_.remove(api::kind::pods, of.identity.namespace_name, of.identity.name, options);
        of.mirror_uid.clear();
        of.status = {};
    }
    if (!of.mirror_uid.empty() || !registered_ || of.gone)
        return;
    auto mirror = of.pod;
    auto& metadata = mirror.edit("metadata");
    metadata.erase("uid");
    metadata.edit("annotations").set("kubernetes.io/config.mirror", of.identity.uid);
    const auto node = client_.get(api::kind::nodes, {}, options_.node);
    if (node.ok()) {
        metadata.set("ownerReferences", api::Value::array({api::Value::object({{"apiVersion", "v1"},
                                                                               {"kind", "Node"},
                                                                               {"name", options_.node},
                                                                               {"uid", api::uid_of(node.value())},
                                                                               {"controller", true}})}));
    }
    mirror.set("apiVersion", "v1");
    mirror.set("kind", "Pod");
    mirror.erase("status");
    auto created = client_.create(api::kind::pods, mirror);
    if (!created.ok() && created.error().reason == "AlreadyExists")
        created = client_.get(api::kind::pods, of.identity.namespace_name, of.identity.name);
    if (created.ok())
        of.mirror_uid = api::uid_of(created.value());
    else
        queue_sync(of.identity.uid, seconds(2));
}

}  // namespace kubewalk::kubelet
