#include "core/controllers/volume/attachdetach/attach_detach_controller.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

namespace {

enum Watched : std::size_t { volumes, pods, claims, attachments, nodes };
constexpr std::string_view everything = "volumes";

bool is_attachable(const Value& volume) { return !volume["spec"]["csi"].is_null(); }

bool is_exclusive(const Value& volume) {
    const auto modes = volume["spec"]["accessModes"].items();
    return std::none_of(modes.begin(), modes.end(), [](const Value& mode) {
        return mode.as_string() == "ReadWriteMany" || mode.as_string() == "ReadOnlyMany";
    });
}

std::string hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : sha256(text)) {
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

// getAttachmentName.
std::string attachment_name(const Value& volume, std::string_view node) {
    const auto& csi = volume["spec"]["csi"];
    return cat("csi-", hex(cat(csi["volumeHandle"].as_string(), csi["driver"].as_string(), node)));
}

std::string unique_name(const Value& volume) {
    const auto& csi = volume["spec"]["csi"];
    return cat("kubernetes.io/csi/", csi["driver"].as_string(), "^", csi["volumeHandle"].as_string());
}

}  // namespace

AttachDetachController::AttachDetachController(client::Environment environment)
    : ControllerOf(environment, "attachdetach-controller", "system:serviceaccount:kube-system:attachdetach-controller") {
    watch(api::kind::persistent_volumes);
    for (const auto* kind : {&api::kind::pods, &api::kind::persistent_volume_claims, &api::kind::volume_attachments, &api::kind::nodes})
        watch_on_demand(*kind);
}

void AttachDetachController::changed(std::size_t index, const client::Change& change) {
    if (index == volumes) {
        if (!is_attachable(change.object))
            return;  // folders on a Node need no attaching
        for (const auto other : {pods, claims, attachments, nodes})
            need(other);
    }
    if (!change.heartbeat)
        enqueue(std::string(everything));
}

std::map<std::string, AttachDetachController::Wanted> AttachDetachController::wanted() const {
    std::map<std::string, Wanted> result;
    for (const auto& [key, pod] : cache(pods)) {
        const auto node = pod["spec"]["nodeName"].str();
        if (node.empty() || is_pod_terminal(pod))
            continue;
        for (const auto& one : pod["spec"]["volumes"].items()) {
            const auto& name = one["persistentVolumeClaim"]["claimName"];
            if (name.is_null())
                continue;
            const auto& claim = informer(claims).get(cat(api::namespace_of(pod), "/", name.as_string()));
            const auto& volume = informer(volumes).get(claim["spec"]["volumeName"].as_string());
            if (is_attachable(volume))
                result.try_emplace(attachment_name(volume, node), Wanted{volume, node, pod});
        }
    }
    return result;
}

Result<void> AttachDetachController::attach(const std::string& name, const Wanted& one,
                                            const std::map<std::string, std::string>& taken) {
    const auto elsewhere = taken.find(std::string(api::name_of(one.volume)));
    if (elsewhere != taken.end() && elsewhere->second != one.node && is_exclusive(one.volume)) {
        recorder().record(simulation(), one.pod, client::EventType::warning, "FailedAttachVolume",
                          cat("Multi-Attach error for volume ", quoted(api::name_of(one.volume)),
                              " Volume is already exclusively attached to one node and can't be attached to another"));
        return {};
    }
    const Value wanted = Value::object({{"apiVersion", "storage.k8s.io/v1"},
                                        {"kind", "VolumeAttachment"},
                                        {"metadata", Value::object({{"name", name}})},
                                        {"spec", Value::object({{"attacher", one.volume["spec"]["csi"]["driver"]},
                                                                {"nodeName", one.node},
                                                                {"source", Value::object({{"persistentVolumeName", api::name_of(one.volume)}})}})}});
    const auto created = client().create(api::kind::volume_attachments, wanted);
    return created.ok() || created.error().reason == "AlreadyExists" ? Result<void>() : Result<void>(created.error());
}

// status.volumesAttached: what the kubelet waits for.
Result<void> AttachDetachController::report(const std::string& node_name) {
    const Value node = informer(nodes).get(node_name);
    if (node.is_null())
        return {};
    Value attached = Value::array();
    for (const auto& [name, attachment] : cache(attachments)) {
        const auto& volume = informer(volumes).get(attachment["spec"]["source"]["persistentVolumeName"].as_string());
        if (attachment["spec"]["nodeName"].as_string() == node_name && attachment["status"]["attached"].as_bool() && !volume.is_null())
            attached.push_back(Value::object({{"name", unique_name(volume)}, {"devicePath", ""}}));
    }
    if (attached.empty() ? node["status"]["volumesAttached"].empty() : attached == node["status"]["volumesAttached"])
        return {};
    const Value patch = Value::object({{"status", Value::object({{"volumesAttached", attached.empty() ? Value() : attached}})}});
    const auto written = client().patch(api::kind::nodes, {}, node_name, client::PatchType::merge, patch, "status");
    return written.ok() ? Result<void>() : Result<void>(written.error());
}

client::Outcome AttachDetachController::reconcile(const std::string&) {
    const auto needed = wanted();
    std::map<std::string, std::string> taken;  // volume -> node
    std::set<std::string> touched;
    for (const auto& [name, attachment] : cache(attachments)) {
        const auto node = attachment["spec"]["nodeName"].str();
        touched.insert(node);
        taken[attachment["spec"]["source"]["persistentVolumeName"].str()] = node;
        if (!needed.contains(name)) {
            told_.erase(name);
            if (!api::is_deleting(attachment))
                (void)client().remove(api::kind::volume_attachments, {}, name);
        } else if (attachment["status"]["attached"].as_bool() && told_.insert(name).second) {
            const Wanted& one = needed.at(name);
            recorder().record(simulation(), one.pod, client::EventType::normal, "SuccessfulAttachVolume",
                              cat("AttachVolume.Attach succeeded for volume ", quoted(api::name_of(one.volume)), " "));
        }
    }
    for (const auto& [name, one] : needed)
        if (informer(attachments).get(name).is_null())
            if (const auto done = attach(name, one, taken); !done.ok())
                return client::Outcome::failed(done.error());
    for (const auto& node : touched)
        if (const auto done = report(node); !done.ok())
            return client::Outcome::failed(done.error());
    return client::Outcome::done();
}

}  // namespace kubewalk::controllers
