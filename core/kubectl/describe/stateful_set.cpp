// StatefulSet and ReplicationController. Upstream: k8s.io/kubectl/pkg/describe/describe.go
// (describeStatefulSet, describeVolumeClaimTemplates, describeReplicationController).

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

void update_strategy(Writer& w, const Value& strategy) {
    w.line(0, "Update Strategy:\t", strategy["type"].as_string());
    const auto& rolling = strategy["rollingUpdate"];
    if (rolling["partition"].is_null())
        return;
    w.line(1, "Partition:\t", rolling["partition"].as_int());
    if (!rolling["maxUnavailable"].is_null())
        w.line(1, "MaxUnavailable:\t", api::int_or_string_text(rolling["maxUnavailable"]));
}

void claim_templates(Writer& w, const Value& templates) {
    w.line(0, "Volume Claims:", templates.empty() ? "\t<none>" : "");
    for (const auto& claim : templates.items()) {
        const auto& spec = claim["spec"];
        w.line(1, "Name:\t", api::name_of(claim));
        w.line(1, "StorageClass:\t", claim_class(claim));
        labels(w, "  Labels", claim["metadata"]["labels"]);
        // Upstream prints these with the printer of labels.
        labels(w, "  Annotations", claim["metadata"]["annotations"]);
        const auto& storage = spec["resources"]["requests"]["storage"];
        w.line(1, "Capacity:\t", storage.is_null() ? std::string("<default>") : api::Quantity::from(storage).str());
        w.line(1, "Access Modes:\t[", joined(spec["accessModes"], " "), "]");
    }
}

}  // namespace

void stateful_set(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    const auto selector = api::LabelSelector::from_object(spec["selector"]);
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    w.line(0, "Selector:\t", selector.ok() ? selector.value().str() : std::string());
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    if (const auto name = spec["serviceName"].as_string(); !name.empty())
        w.line(0, "Service Name:\t", name);
    if (const auto policy = spec["podManagementPolicy"].as_string(); !policy.empty())
        w.line(0, "Pod Management Policy:\t", policy);
    w.line(0, "Replicas:\t", spec["replicas"].as_int(1), " desired | ", object["status"]["replicas"].as_int(), " total");
    update_strategy(w, spec["updateStrategy"]);
    if (const auto& retention = spec["persistentVolumeClaimRetentionPolicy"]; !retention.is_null()) {
        w.line(0, "Persistent Volume Claim Retention Policy:");
        w.line(1, "WhenDeleted:\t", retention["whenDeleted"].as_string());
        w.line(1, "WhenScaled:\t", retention["whenScaled"].as_string());
    }
    w.line(0, "Pods Status:\t", pods_status(subject));
    pod_template(w, spec["template"]);
    claim_templates(w, spec["volumeClaimTemplates"]);
    events(w, subject);
}

void replication_controller(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Selector:\t", format_labels(object["spec"]["selector"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Replicas:\t", object["status"]["replicas"].as_int(), " current / ", object["spec"]["replicas"].as_int(1), " desired");
    w.line(0, "Pods Status:\t", pods_status(subject));
    pod_template(w, object["spec"]["template"]);
    conditions_with_reason(w, object["status"]["conditions"]);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
