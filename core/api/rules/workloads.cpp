// Deployment, ReplicaSet, DaemonSet. Upstream: pkg/apis/apps/v1/defaults.go,
// pkg/apis/apps/validation/validation.go, pkg/registry/apps/*/strategy.go.

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/workload_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {

// -- shared by all that hold a template ------------------------------------------------------------

void prepare_workload(Value& object) {
    drop_status(object);
    start_generation(object);
}

void prepare_workload_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

bool is_empty_selector(const Value& selector) {
    return !selector.is_null() && selector["matchLabels"].empty() && selector["matchExpressions"].empty();
}

// LabelSelectorAsSelector refuses exactly what ValidateLabelSelector reports.
bool makes_a_selector(const Value& selector) {
    FieldErrors wrong;
    validate_label_selector(selector, Path("selector"), wrong);
    return wrong.empty();
}

// A selector that is not there finds nothing, so it does not find the template either.
void validate_template_labels(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& labels = spec["template"]["metadata"]["labels"];
    const auto selector = LabelSelector::from_object(spec["selector"]);
    if (!selector.ok() || selector.value().matches(labels))
        return;
    const Path metadata = path.child("metadata");
    errors.invalid(metadata.child("labels"), labels.is_null() ? Value::object() : labels, "`selector` does not match template `labels`");
}

// What a controller that keeps its Pods running asks of their spec.
void validate_template_spec(const Value& spec, const Path& path, std::string_view deadline_message, FieldErrors& errors) {
    const Value& pod_template = spec["template"];
    validate_pod_template(pod_template, path, errors);
    const Path pod_spec = path.child("spec");
    const Value& policy = pod_template["spec"]["restartPolicy"];
    if (policy.as_string() != "Always")
        errors.not_supported(pod_spec.child("restartPolicy"), policy, {"Always"});
    if (!pod_template["spec"]["activeDeadlineSeconds"].is_null())
        errors.forbidden(pod_spec.child("activeDeadlineSeconds"), deadline_message);
}

void validate_workload_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
}

void validate_workload_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

// ValidatePositiveIntOrPercent, then at most 100%.
void validate_share(const Value& share, const Path& path, bool at_most_all, FieldErrors& errors) {
    if (share.is_string()) {
        if (const auto wrong = is_valid_percent(share.as_string()); !wrong.empty())
            return errors.invalid_each(path, share, wrong);
        if (at_most_all && scaled_value(share, 100, Rounding::down).value_or(0) > 100)
            errors.invalid(path, share, "must not be greater than 100%");
    } else {
        validate_nonnegative(share, path, errors);
    }
}

// getIntOrPercentValue: text that is no percentage is read as a number, and what is none counts as 0.
bool is_zero_share(const Value& share) {
    if (!share.is_string())
        return share.as_int() == 0;
    if (is_valid_percent(share.as_string()).empty())
        return scaled_value(share, 100, Rounding::down).value_or(0) == 0;
    return parse_int(share.as_string()).value_or(0) == 0;
}

void validate_status_counts(const Value& object, std::initializer_list<std::string_view> fields, FieldErrors& errors) {
    const Path path("status");
    for (const auto field : fields)
        validate_nonnegative(object["status"][field], path.child(field), errors);
}

void validate_status_order(const Value& object, std::initializer_list<std::string_view> fields, std::string_view available_message,
                           FieldErrors& errors) {
    const Path path("status");
    const Value& status = object["status"];
    for (const auto field : fields)
        if (status[field].as_int() > status["replicas"].as_int())
            errors.invalid(path.child(field), status[field], "cannot be greater than status.replicas");
    if (status["availableReplicas"].as_int() > status["readyReplicas"].as_int())
        errors.invalid(path.child("availableReplicas"), status["availableReplicas"], available_message);
}

void validate_collision_count(const Value& object, const Value& old, FieldErrors& errors) {
    const Value& now = object["status"]["collisionCount"];
    const Value& before = old["status"]["collisionCount"];
    if (!before.is_null() && (now.is_null() || now.as_int() < before.as_int()))
        errors.invalid(Path("status").child("collisionCount"), Value(now.as_int()), "cannot be decremented");
}

void name_warnings(const Value& object, std::vector<std::string>& out) {
    const auto wrong = is_dns1123_label(name_of(object));
    if (!wrong.empty())
        out.push_back(cat("metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [",
                          join(wrong, " "), "]"));
}

void template_warnings(const Value& object, std::vector<std::string>& out) {
    const Path spec("spec");
    pod_template_warnings(object["spec"]["template"], spec.child("template"), out);
}

void workload_template_warnings(const Value& object, std::vector<std::string>& out) {
    name_warnings(object, out);
    template_warnings(object, out);
}

namespace {

// selector and template of a Deployment and a ReplicaSet. With a selector that cannot be read the template is
// not looked at.
void validate_selector_and_template(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& selector = spec["selector"];
    const Path at = path.child("selector");
    if (selector.is_null())
        errors.required(at);
    else
        validate_label_selector(selector, at, errors);
    if (is_empty_selector(selector))
        errors.invalid(at, selector, "empty selector is invalid for deployment");
    if (!makes_a_selector(selector))
        return errors.invalid(at, selector, "invalid label selector");
    const Path pod_template = path.child("template");
    validate_template_labels(spec, pod_template, errors);
    validate_template_spec(spec, pod_template, "activeDeadlineSeconds in ReplicaSet is not Supported", errors);
}

// -- Deployment ------------------------------------------------------------------------------------------

// The deprecated rollbackTo of extensions/v1beta1 lives on as this annotation; upstream reports it under this name.
void validate_rollback(const Value& annotations, const Path& path, FieldErrors& errors) {
    const auto revision = parse_int(annotations["deprecated.deployment.rollback.to"].as_string());
    const Path rollback = path.child("rollback");
    if (revision)
        validate_nonnegative(Value(*revision), rollback.child("version"), errors);
}

// A Deployment's annotations are part of what its controller looks at: they count as well.
void prepare_deployment_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, !(object["spec"] == old["spec"]) || !(object["metadata"]["annotations"] == old["metadata"]["annotations"]));
}

void default_deployment(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "replicas", 1);
    Value& strategy = spec.edit("strategy");
    if (strategy["type"].as_string().empty())
        strategy.set("type", "RollingUpdate");
    if (strategy["type"].as_string() == "RollingUpdate") {
        Value& rolling = strategy.edit("rollingUpdate");
        default_to(rolling, "maxUnavailable", "25%");
        default_to(rolling, "maxSurge", "25%");
    }
    default_to(spec, "revisionHistoryLimit", 10);
    default_to(spec, "progressDeadlineSeconds", 600);
    default_pod_template(spec.edit("template"));
}

void validate_strategy(const Value& strategy, const Path& path, FieldErrors& errors) {
    const auto type = strategy["type"].as_string();
    if (type == "Recreate") {
        if (!strategy["rollingUpdate"].is_null())
            errors.forbidden(path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
        return;
    }
    if (type != "RollingUpdate")
        return errors.not_supported(path, strategy["type"], {"Recreate", "RollingUpdate"});
    const Value& rolling = strategy["rollingUpdate"];
    if (rolling.is_null())
        return errors.required(path.child("rollingUpdate"), "this should be defaulted and never be nil");
    const Path at = path.child("rollingUpdate");
    validate_share(rolling["maxUnavailable"], at.child("maxUnavailable"), true, errors);
    validate_share(rolling["maxSurge"], at.child("maxSurge"), false, errors);
    if (is_zero_share(rolling["maxUnavailable"]) && is_zero_share(rolling["maxSurge"]))
        errors.invalid(at.child("maxUnavailable"), rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
}

void validate_deployment_spec(const Value& object, FieldErrors& errors) {
    const Path path("spec");
    const Value& spec = object["spec"];
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_selector_and_template(spec, path, errors);
    validate_strategy(spec["strategy"], path.child("strategy"), errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_nonnegative(spec["revisionHistoryLimit"], path.child("revisionHistoryLimit"), errors);
    validate_rollback(object["metadata"]["annotations"], path, errors);
    if (!spec["progressDeadlineSeconds"].is_null()) {
        validate_nonnegative(spec["progressDeadlineSeconds"], path.child("progressDeadlineSeconds"), errors);
        if (spec["progressDeadlineSeconds"].as_int() <= spec["minReadySeconds"].as_int())
            errors.invalid(path.child("progressDeadlineSeconds"), spec["progressDeadlineSeconds"], "must be greater than minReadySeconds");
    }
}

void validate_deployment(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_deployment_spec(object, errors);
}

void validate_deployment_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_deployment_spec(object, errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_deployment_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_status_counts(object, {"observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas",
                                    "collisionCount"}, errors);
    validate_status_order(object, {"updatedReplicas", "readyReplicas", "availableReplicas"}, "cannot be greater than readyReplicas", errors);
    validate_collision_count(object, old, errors);
}

// -- ReplicaSet ------------------------------------------------------------------------------------------

void default_replica_set(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "replicas", 1);
    default_pod_template(spec.edit("template"));
}

void prepare_replica_set(Value& object) {
    prepare_workload(object);
    object.edit("status").set("replicas", 0);
}

void validate_replica_set_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_selector_and_template(spec, path, errors);
}

void validate_replica_set(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_replica_set_spec(object["spec"], errors);
}

void validate_replica_set_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_replica_set_spec(object["spec"], errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_replica_set_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_status_counts(object, {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"}, errors);
    validate_status_order(object, {"fullyLabeledReplicas", "readyReplicas", "availableReplicas"}, "cannot be greater than readyReplicas", errors);
}

// -- DaemonSet -------------------------------------------------------------------------------------------

void default_daemon_set(Value& object) {
    Value& spec = object.edit("spec");
    Value& strategy = spec.edit("updateStrategy");
    if (strategy["type"].as_string().empty())
        strategy.set("type", "RollingUpdate");
    if (strategy["type"].as_string() == "RollingUpdate") {
        Value& rolling = strategy.edit("rollingUpdate");
        default_to(rolling, "maxUnavailable", 1);
        default_to(rolling, "maxSurge", 0);
    }
    default_to(spec, "revisionHistoryLimit", 10);
    default_pod_template(spec.edit("template"));
}

// The deprecated templateGeneration of extensions/v1beta1 lives on as this annotation.
constexpr std::string_view template_generation_annotation = "deprecated.daemonset.template.generation";

std::int64_t template_generation(const Value& object) {
    return parse_int(object["metadata"]["annotations"][template_generation_annotation].as_string()).value_or(0);
}

void prepare_daemon_set(Value& object) {
    prepare_workload(object);
    object.edit("spec").erase("templateGeneration");
    // The counts that are printed though they are zero.
    for (const std::string_view field : {"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"})
        object.edit("status").set(field, 0);
    Value& annotations = object.edit_path("metadata", "annotations");
    annotations.set(template_generation_annotation, "1");
}

void prepare_daemon_set_update(Value& object, const Value& old) {
    keep_status(object, old);
    auto generation = template_generation(old);
    if (!(object["spec"]["template"] == old["spec"]["template"]))
        ++generation;
    object.edit_path("metadata", "annotations").set(template_generation_annotation, cat(generation));
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

void validate_rolling_daemons(const Value& rolling, const Path& path, FieldErrors& errors) {
    if (rolling.is_null())
        return errors.required(path);
    validate_share(rolling["maxUnavailable"], path.child("maxUnavailable"), true, errors);
    validate_share(rolling["maxSurge"], path.child("maxSurge"), true, errors);
    const bool surge = !is_zero_share(rolling["maxSurge"]), unavailable = !is_zero_share(rolling["maxUnavailable"]);
    if (surge && unavailable)
        errors.invalid(path.child("maxSurge"), rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
    else if (!surge && !unavailable)
        errors.required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
}

void validate_daemon_set_spec(const Value& object, FieldErrors& errors) {
    const Path path("spec");
    const Value& spec = object["spec"];
    const Value& selector = spec["selector"];
    const Path selector_path = path.child("selector");
    const Path pod_template = path.child("template");
    validate_label_selector(selector, selector_path, errors);
    if (makes_a_selector(selector))
        validate_template_labels(spec, pod_template, errors);
    if (is_empty_selector(selector))
        errors.invalid(selector_path, selector, "empty selector is invalid for daemonset");
    validate_template_spec(spec, pod_template, "activeDeadlineSeconds in DaemonSet is not Supported", errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_nonnegative(Value(template_generation(object)), path.child("templateGeneration"), errors);
    const Value& strategy = spec["updateStrategy"];
    const Path at = path.child("updateStrategy");
    if (strategy["type"].as_string() == "RollingUpdate") {
        validate_rolling_daemons(strategy["rollingUpdate"], at.child("rollingUpdate"), errors);
    } else if (strategy["type"].as_string() != "OnDelete") {
        errors.not_supported(at, strategy["type"], {"RollingUpdate", "OnDelete"});
    }
    validate_nonnegative(spec["revisionHistoryLimit"], path.child("revisionHistoryLimit"), errors);
}

void validate_daemon_set(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_daemon_set_spec(object, errors);
}

// It counts the template's changes, and nothing else.
void validate_template_generation(const Value& object, const Value& old, FieldErrors& errors) {
    const auto now = template_generation(object), before = template_generation(old);
    const bool changed = !(object["spec"]["template"] == old["spec"]["template"]);
    const Path spec("spec");
    const Path path = spec.child("templateGeneration");
    if (now < before)
        errors.invalid(path, Value(now), "must not be decremented");
    if (now == before && changed)
        errors.invalid(path, Value(now), "must be incremented upon template update");
    else if (now > before && !changed)
        errors.invalid(path, Value(now), "must not be incremented without template update");
}

void validate_daemon_set_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_template_generation(object, old, errors);
    validate_daemon_set_spec(object, errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_daemon_set_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_status_counts(object,
                           {"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
                            "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"},
                           errors);
    validate_collision_count(object, old, errors);
}

// Of all kinds, a Deployment's status brings no labels (pkg/registry/apps/deployment/strategy.go).
void prepare_deployment_status(Value& object, const Value& old) {
    object.edit("metadata").set("labels", old["metadata"]["labels"]);
    keep_all_but_status(object, old);
    if (old["metadata"]["labels"].is_null())
        object.edit("metadata").erase("labels");
}

}  // namespace

const Rules deployment_rules = {"apps", "Deployment", default_deployment, prepare_workload, prepare_deployment_update, prepare_deployment_status,
                                validate_deployment, validate_deployment_update, validate_deployment_status, workload_template_warnings, true};
const Rules replica_set_rules = {"apps", "ReplicaSet", default_replica_set, prepare_replica_set, prepare_workload_update, keep_all_but_status,
                                 validate_replica_set, validate_replica_set_update, validate_replica_set_status, workload_template_warnings, true};
const Rules daemon_set_rules = {"apps", "DaemonSet", default_daemon_set, prepare_daemon_set, prepare_daemon_set_update, keep_all_but_status,
                                validate_daemon_set, validate_daemon_set_update, validate_daemon_set_status, template_warnings, true};

}  // namespace kubewalk::api
