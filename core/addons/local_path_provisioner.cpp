#include "core/addons/local_path_provisioner.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons {

using api::Value;

namespace {
enum Watched : std::size_t { claims, volumes, classes };
constexpr std::string_view claim_prefix = "claim|";
constexpr std::string_view volume_prefix = "volume|";
constexpr std::string_view base_folder = "/opt/local-path-provisioner";
constexpr std::string_view provisioned_by = "pv.kubernetes.io/provisioned-by";
constexpr std::string_view selected_node = "volume.kubernetes.io/selected-node";
constexpr std::string_view user = "system:serviceaccount:local-path-storage:local-path-provisioner-service-account";

bool is_ours(const Value& claim) {
    const auto& annotations = claim["metadata"]["annotations"];
    return annotations["volume.kubernetes.io/storage-provisioner"].as_string() == LocalPathProvisioner::provisioner_name &&
           claim["spec"]["volumeName"].as_string().empty() && !api::is_deleting(claim);
}

bool allows(const Value& claim, std::string_view mode) {
    const auto modes = claim["spec"]["accessModes"].items();
    return std::any_of(modes.begin(), modes.end(), [mode](const Value& one) { return one.as_string() == mode; });
}

Value volume_for(const Value& claim, const Value& storage_class, std::string_view node) {
    const std::string name = cat("pvc-", api::uid_of(claim));
    const Value only_there = Value::object({{"key", "kubernetes.io/hostname"}, {"operator", "In"}, {"values", Value::array({Value(node)})}});
    Value volume = Value::object({{"apiVersion", "v1"}, {"kind", "PersistentVolume"}});
    volume.set("metadata", Value::object({{"name", name},
                                          {"annotations", Value::object({{"local.path.provisioner/selected-node", node},
                                                                         {provisioned_by, LocalPathProvisioner::provisioner_name}})}}));
    Value& spec = volume.edit("spec");
    spec.set("accessModes", claim["spec"]["accessModes"]);
    spec.set("capacity", Value::object({{"storage", claim["spec"]["resources"]["requests"]["storage"]}}));
    spec.set("claimRef", Value::object({{"apiVersion", "v1"},
                                        {"kind", "PersistentVolumeClaim"},
                                        {"name", claim["metadata"]["name"]},
                                        {"namespace", claim["metadata"]["namespace"]},
                                        {"resourceVersion", claim["metadata"]["resourceVersion"]},
                                        {"uid", claim["metadata"]["uid"]}}));
    spec.set("hostPath", Value::object({{"path", cat(base_folder, "/", name, "_", api::namespace_of(claim), "_", api::name_of(claim))},
                                        {"type", "DirectoryOrCreate"}}));
    spec.edit_path("nodeAffinity", "required")
        .set("nodeSelectorTerms", Value::array({Value::object({{"matchExpressions", Value::array({only_there})}})}));
    spec.set("persistentVolumeReclaimPolicy", storage_class["reclaimPolicy"].str("Delete"));
    spec.set("storageClassName", api::name_of(storage_class));
    spec.set("volumeMode", "Filesystem");
    return volume;
}

}  // namespace

LocalPathProvisioner::LocalPathProvisioner(client::Environment environment, std::string identity)
    : ControllerOf(environment, std::move(identity), std::string(user)) {
    watch(api::kind::persistent_volume_claims);
    watch(api::kind::persistent_volumes);
    watch(api::kind::storage_classes);
}

void LocalPathProvisioner::changed(std::size_t index, const client::Change& change) {
    if (change.type == client::WatchType::deleted)
        return;
    if (index == claims && is_ours(change.object))
        enqueue(cat(claim_prefix, api::key_of(change.object)));
    else if (index == volumes && change.object["status"]["phase"].as_string() == "Released")
        enqueue(cat(volume_prefix, api::name_of(change.object)));
}

client::Outcome LocalPathProvisioner::reconcile(const std::string& key) {
    const std::string_view text = key;
    if (text.starts_with(claim_prefix)) {
        const Value claim = informer(claims).get(text.substr(claim_prefix.size()));
        return is_ours(claim) ? provision(claim) : client::Outcome::done();
    }
    const Value volume = informer(volumes).get(text.substr(volume_prefix.size()));
    return volume.is_null() ? client::Outcome::done() : remove(volume);
}

client::Outcome LocalPathProvisioner::provision(const Value& claim) {
    const Value storage_class = informer(classes).get(claim["spec"]["storageClassName"].as_string());
    const std::string name = cat("pvc-", api::uid_of(claim));
    if (storage_class.is_null() || !informer(volumes).get(name).is_null())
        return client::Outcome::done();
    const auto node = claim["metadata"]["annotations"][selected_node].as_string();
    if (node.empty() && storage_class["volumeBindingMode"].as_string() == "WaitForFirstConsumer")
        return client::Outcome::done();
    recorder().record(simulation(), claim, client::EventType::normal, "Provisioning",
                      cat("External provisioner is provisioning volume for claim ", quoted(api::key_of(claim))));
    std::string problem;
    if (claim["spec"]["volumeMode"].as_string("Filesystem") == "Block")
        problem = "block volume mode is not supported";
    else if (allows(claim, "ReadOnlyMany") || allows(claim, "ReadWriteMany"))
        problem = "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes";
    else if (node.empty())
        problem = "configuration error, no node was specified";
    if (!problem.empty()) {
        recorder().record(simulation(), claim, client::EventType::warning, "ProvisioningFailed",
                          cat("failed to provision volume with StorageClass ", quoted(api::name_of(storage_class)), ": ", problem));
        return client::Outcome::failed(problem);
    }
    const auto created = client().create(api::kind::persistent_volumes, volume_for(claim, storage_class, node));
    if (!created.ok() && created.error().reason != "AlreadyExists")
        return client::Outcome::failed(created.error());
    recorder().record(simulation(), claim, client::EventType::normal, "ProvisioningSucceeded",
                      cat("Successfully provisioned volume ", name));
    return client::Outcome::done();
}

client::Outcome LocalPathProvisioner::remove(const Value& volume) {
    if (volume["metadata"]["annotations"][provisioned_by].as_string() != provisioner_name || api::is_deleting(volume) ||
        volume["spec"]["persistentVolumeReclaimPolicy"].as_string() != "Delete")
        return client::Outcome::done();
    const auto removed = client().remove(api::kind::persistent_volumes, {}, api::name_of(volume));
    return removed.ok() || removed.error().reason == "NotFound" ? client::Outcome::done()
                                                                : client::Outcome::failed(removed.error());
}

}  // namespace kubewalk::addons
