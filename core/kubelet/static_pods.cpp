// Static Pods and their mirrors in the API. Upstream: pkg/kubelet/config/common.go (applyDefaults),
// pkg/kubelet/pod/mirror_client.go.

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {

void Kubelet::start_static_pods() {
    for (auto pod : options_.static_pods) {
        const std::string hash = content_hash(cat(options_.node, api::to_json(pod))).substr(0, 32);
        auto& metadata = pod.edit("metadata");
        metadata.set("name", cat(metadata["name"].as_string(), "-", options_.node));
        if (metadata["namespace"].is_null())
            metadata.set("namespace", "default");
        metadata.set("uid", hash);
        auto& annotations = metadata.edit("annotations");
        annotations.set("kubernetes.io/config.hash", hash);
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
    if (!of.mirror_uid.empty() || !registered_)
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
