// PersistentVolume, PersistentVolumeClaim, StorageClass. Upstream: k8s.io/kubectl/pkg/describe/describe.go
// (describePersistentVolume, describePersistentVolumeClaim, describeStorageClass), pkg/util/storage/storage.go.

#include <algorithm>

#include "core/api/quantity.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string access_modes(const Value& modes) {
    struct Short {
        std::string_view mode;
        std::string_view text;
    };
    static constexpr Short table[] = {
        {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
    std::vector<std::string> texts;
    for (const auto& entry : table)
        for (const auto& mode : modes.items())
            if (mode.as_string() == entry.mode) {
                texts.emplace_back(entry.text);
                break;
            }
    return join(texts, ",");
}

std::string status_text(const Subject& subject) {
    const auto& deleted = subject.object["metadata"]["deletionTimestamp"];
    return deleted.is_null() ? subject.object["status"]["phase"].str() : cat("Terminating (lasts ", since(deleted, subject.now), ")");
}

std::string finalizers(const Value& object) { return cat("[", joined(object["metadata"]["finalizers"], " "), "]"); }

std::string volume_class(const Value& volume) {
    const auto& annotated = volume["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
    return annotated.is_null() ? volume["spec"]["storageClassName"].str() : annotated.str();
}

void node_affinity(Writer& w, const Value& required) {
    w.write(0, "Node Affinity:\t");
    if (required.is_null())
        return w.line(0, "<none>");
    w.line(0);
    w.line(1, "Required Terms:\t", required["nodeSelectorTerms"].empty() ? "<none>" : "");
    int number = 0;
    for (const auto& term : required["nodeSelectorTerms"].items()) {
        w.write(2, "Term ", number++, ":\t");
        if (term["matchExpressions"].empty())
            w.line(0, "<none>");
        bool first = true;
        for (const auto& expression : term["matchExpressions"].items()) {
            if (!first)
                w.write(2, "\t");
            first = false;
            w.line(0, expression["key"].as_string(), " ", to_lower(expression["operator"].as_string()),
                   expression["values"].empty() ? std::string() : cat(" [", joined(expression["values"], ", "), "]"));
        }
    }
}

void source(Writer& w, const Value& spec) {
    w.line(0, "Source:");
    if (!spec["hostPath"].is_null() || !spec["nfs"].is_null())
        return volume_source(w, spec);
    if (!spec["local"].is_null()) {
        w.line(2, "Type:\tLocalVolume (a persistent volume backed by local storage on a node)");
        return w.line(2, "Path:\t", spec["local"]["path"].as_string());
    }
    if (!persistent_volume_of_driver(w, spec))
        w.line(1, "<unknown>");
}

// Pods of the namespace that use the claim, and those that own it.
std::vector<std::string> users_of(const Subject& subject) {
    std::vector<std::string> names;
    auto pods = subject.server.list(api::kind::pods, api::namespace_of(subject.object));
    if (!pods.ok())
        return names;
    for (const auto& pod : pods.value()["items"].items()) {
        bool uses = false;
        for (const auto& volume : pod["spec"]["volumes"].items())
            uses = uses || volume["persistentVolumeClaim"]["claimName"].as_string() == api::name_of(subject.object);
        for (const auto& owner : subject.object["metadata"]["ownerReferences"].items())
            uses = uses || (owner["kind"].as_string() == "Pod" && owner["uid"].as_string() == api::uid_of(pod));
        if (uses)
            names.emplace_back(api::name_of(pod));
    }
    std::sort(names.begin(), names.end());
    return names;
}

void claim_conditions(Writer& w, const Value& conditions) {
    if (conditions.empty())
        return;
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    w.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for (const auto& condition : conditions.items())
        w.line(1, condition["type"].as_string(), " \t", condition["status"].as_string(), "\t", rfc1123(condition["lastProbeTime"]),
               " \t", rfc1123(condition["lastTransitionTime"]), " \t", condition["reason"].as_string(), "\t",
               condition["message"].as_string());
}

}  // namespace

std::string claim_class(const Value& claim) { return volume_class(claim); }

void persistent_volume(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Finalizers:\t", finalizers(object));
    w.line(0, "StorageClass:\t", volume_class(object));
    w.line(0, "Status:\t", status_text(subject));
    const auto& claim = spec["claimRef"];
    w.line(0, "Claim:\t", claim.is_null() ? std::string() : cat(claim["namespace"].as_string(), "/", claim["name"].as_string()));
    w.line(0, "Reclaim Policy:\t", spec["persistentVolumeReclaimPolicy"].as_string());
    w.line(0, "Access Modes:\t", access_modes(spec["accessModes"]));
    if (!spec["volumeMode"].is_null())
        w.line(0, "VolumeMode:\t", spec["volumeMode"].as_string());
    w.line(0, "Capacity:\t", api::Quantity::from(spec["capacity"]["storage"]).str());
    node_affinity(w, spec["nodeAffinity"]["required"]);
    w.line(0, "Message:\t", object["status"]["message"].as_string());
    source(w, spec);
    events(w, subject);
}

void persistent_volume_claim(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    const bool bound = !spec["volumeName"].as_string().empty();
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "StorageClass:\t", claim_class(object));
    w.line(0, "Status:\t", status_text(subject));
    w.line(0, "Volume:\t", spec["volumeName"].as_string());
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Finalizers:\t", finalizers(object));
    w.line(0, "Capacity:\t", bound ? api::Quantity::from(object["status"]["capacity"]["storage"]).str() : std::string());
    w.line(0, "Access Modes:\t", bound ? access_modes(object["status"]["accessModes"]) : std::string());
    if (!spec["volumeMode"].is_null())
        w.line(0, "VolumeMode:\t", spec["volumeMode"].as_string());
    if (const auto& data = spec["dataSource"]; !data.is_null()) {
        w.line(0, "DataSource:");
        if (!data["apiGroup"].is_null())
            w.line(1, "APIGroup:\t", data["apiGroup"].as_string());
        w.line(1, "Kind:\t", data["kind"].as_string());
        w.line(1, "Name:\t", data["name"].as_string());
    }
    w.line(0, "Used By:\t", or_none(join(users_of(subject), "\n\t")));
    claim_conditions(w, object["status"]["conditions"]);
    events(w, subject);
}

void storage_class(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& notes = object["metadata"]["annotations"];
    const bool is_default = notes["storageclass.kubernetes.io/is-default-class"].as_string() == "true" ||
                            notes["storageclass.beta.kubernetes.io/is-default-class"].as_string() == "true";
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "IsDefaultClass:\t", is_default ? "Yes" : "No");
    w.line(0, "Annotations:\t", format_labels(notes));
    w.line(0, "Provisioner:\t", object["provisioner"].as_string());
    w.line(0, "Parameters:\t", format_labels(object["parameters"]));
    w.line(0, "AllowVolumeExpansion:\t", bool_or_unset(object["allowVolumeExpansion"]));
    w.line(0, "MountOptions:", object["mountOptions"].empty() ? "\t<none>" : "");
    for (const auto& option : object["mountOptions"].items())
        w.line(1, option.as_string());
    if (!object["reclaimPolicy"].is_null())
        w.line(0, "ReclaimPolicy:\t", object["reclaimPolicy"].as_string());
    if (!object["volumeBindingMode"].is_null())
        w.line(0, "VolumeBindingMode:\t", object["volumeBindingMode"].as_string());
    if (const auto& topologies = object["allowedTopologies"]; !topologies.is_null()) {
        w.line(0, "AllowedTopologies:\t", topologies.empty() ? "<none>" : "");
        int number = 0;
        for (const auto& term : topologies.items()) {
            w.write(1, "Term ", number++, ":\t");
            if (term["matchLabelExpressions"].empty())
                w.line(0, "<none>");
            bool first = true;
            for (const auto& expression : term["matchLabelExpressions"].items()) {
                if (!first)
                    w.write(1, "\t");
                first = false;
                w.line(0, expression["key"].as_string(), " in",
                       expression["values"].empty() ? std::string() : cat(" [", joined(expression["values"], ", "), "]"));
            }
        }
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
