#include "core/api/internal_version.h"

namespace kubewalk::api {

namespace {

enum class Holds : unsigned char { nothing, itself, pod_template, root_template, job_template };

Holds pods_of(const Kind& kind) {
    struct Line {
        std::string_view group;
        std::string_view kind;
        Holds holds;
    };
    static constexpr Line table[] = {
        {"", "Pod", Holds::itself},
        {"", "PodTemplate", Holds::root_template},
        {"", "ReplicationController", Holds::pod_template},
        {"apps", "DaemonSet", Holds::pod_template},
        {"apps", "Deployment", Holds::pod_template},
        {"apps", "ReplicaSet", Holds::pod_template},
        {"apps", "StatefulSet", Holds::pod_template},
        {"batch", "Job", Holds::pod_template},
        {"batch", "CronJob", Holds::job_template},
    };
    for (const auto& line : table)
        if (line.kind == kind.kind && line.group == kind.group)
            return line.holds;
    return Holds::nothing;
}

constexpr std::string_view dropped_annotations[] = {
    "pod.beta.kubernetes.io/init-containers", "pod.alpha.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses", "pod.alpha.kubernetes.io/init-container-statuses"};

bool has_dropped_annotation(const Value& pod) {
    const Value& annotations = pod["metadata"]["annotations"];
    if (annotations.empty())
        return false;
    for (const auto name : dropped_annotations)
        if (annotations.contains(name))
            return true;
    return false;
}

bool is_settled(const Value& pod) {
    return pod["spec"]["serviceAccount"].as_string() == pod["spec"]["serviceAccountName"].as_string() && !has_dropped_annotation(pod);
}

Value& edit_pod_part(Holds holds, Value& object) {
    switch (holds) {
        case Holds::pod_template: return object.edit_path("spec", "template");
        case Holds::root_template: return object.edit("template");
        case Holds::job_template: return object.edit_path("spec", "jobTemplate", "spec", "template");
        case Holds::itself:
        case Holds::nothing: break;
    }
    return object;
}

}  // namespace

const Value& pod_part(const Kind& kind, const Value& object) {
    switch (pods_of(kind)) {
        case Holds::itself: return object;
        case Holds::pod_template: return object["spec"]["template"];
        case Holds::root_template: return object["template"];
        case Holds::job_template: return object["spec"]["jobTemplate"]["spec"]["template"];
        case Holds::nothing: break;
    }
    return null_value();
}

void through_internal_version(const Kind& kind, Value& object) {
    const Value& part = pod_part(kind, object);
    if (!part["spec"].is_object() || is_settled(part))
        return;
    Value& pod = edit_pod_part(pods_of(kind), object);
    if (has_dropped_annotation(pod)) {
        Value& metadata = pod.edit("metadata");
        for (const auto name : dropped_annotations)
            metadata.edit("annotations").erase(name);
        if (metadata["annotations"].empty())
            metadata.erase("annotations");
    }
    // serviceAccount is the old name of serviceAccountName.
    Value& spec = pod.edit("spec");
    if (spec["serviceAccountName"].as_string().empty() && !spec["serviceAccount"].as_string().empty())
        spec.set("serviceAccountName", spec["serviceAccount"]);
    if (!spec["serviceAccountName"].as_string().empty())
        spec.set("serviceAccount", spec["serviceAccountName"]);
}

}  // namespace kubewalk::api
