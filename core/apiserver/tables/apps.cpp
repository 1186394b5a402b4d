// Deployment, ReplicaSet, DaemonSet.
// Upstream: pkg/printers/internalversion/printers.go (printDeployment, printReplicaSet, printDaemonSet).

#include "core/api/labels.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace deployments {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"}, {"Ready", "string", ""},         {"Up-to-date", "string", ""}, {"Available", "string", ""},
    {"Age", "string", ""},      {"Containers", "string", "", 1}, {"Images", "string", "", 1},  {"Selector", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& status = object["status"];
    const auto& pod_spec = object["spec"]["template"]["spec"];
    const auto selector = api::LabelSelector::from_object(object["spec"]["selector"]);
    return {api::name_of(object),
            cat(status["readyReplicas"].as_int(), "/", object["spec"]["replicas"].as_int()),
            status["updatedReplicas"].as_int(),
            status["availableReplicas"].as_int(),
            age(object, now),
            container_names(pod_spec),
            container_images(pod_spec),
            selector.ok() ? selector.value().str() : "<invalid>"};
}

}  // namespace deployments

namespace replica_sets {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"}, {"Desired", "integer", ""},      {"Current", "integer", ""},  {"Ready", "integer", ""},
    {"Age", "string", ""},      {"Containers", "string", "", 1}, {"Images", "string", "", 1}, {"Selector", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& pod_spec = object["spec"]["template"]["spec"];
    return {api::name_of(object),
            object["spec"]["replicas"].as_int(),
            object["status"]["replicas"].as_int(),
            object["status"]["readyReplicas"].as_int(),
            age(object, now),
            container_names(pod_spec),
            container_images(pod_spec),
            api::format_label_selector(object["spec"]["selector"])};
}

}  // namespace replica_sets

namespace daemon_sets {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"},      {"Desired", "integer", ""},    {"Current", "integer", ""},
    {"Ready", "integer", ""},        {"Up-to-date", "integer", ""}, {"Available", "integer", ""},
    {"Node Selector", "string", ""}, {"Age", "string", ""},         {"Containers", "string", "", 1},
    {"Images", "string", "", 1},     {"Selector", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& status = object["status"];
    const auto& pod_spec = object["spec"]["template"]["spec"];
    return {api::name_of(object),
            status["desiredNumberScheduled"].as_int(),
            status["currentNumberScheduled"].as_int(),
            status["numberReady"].as_int(),
            status["updatedNumberScheduled"].as_int(),
            status["numberAvailable"].as_int(),
            format_labels(pod_spec["nodeSelector"]),
            age(object, now),
            container_names(pod_spec),
            container_images(pod_spec),
            api::format_label_selector(object["spec"]["selector"])};
}

}  // namespace daemon_sets

}  // namespace kubewalk::apiserver::tables
