// Deployment, ReplicaSet, DaemonSet. Upstream: pkg/apis/apps/v1/defaults.go,
// pkg/apis/apps/validation/validation.go, pkg/registry/apps/*/strategy.go.

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// -- shared by all that hold a template ------------------------------------------------------------

void prepare_create(Value& object) {
    drop_status(object);
    start_generation(object);
}

void prepare_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

// A Deployment's annotations are part of what its controller looks at: they count as well.
void prepare_deployment_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, !(object["spec"] == old["spec"]) || !(object["metadata"]["annotations"] == old["metadata"]["annotations"]));
}

void validate_selector(const Value& spec, const Path& path, std::string_view empty_message, FieldErrors& errors) {
    const Value& selector = spec["selector"];
    const Path at = path.child("selector");
    if (selector.is_null()) {
        errors.required(at);
    } else {
        validate_label_selector(selector, at, errors);
        if (selector["matchLabels"].empty() && selector["matchExpressions"].empty())
            errors.invalid(at, selector, empty_message);
    }
}

// restartPolicy, and labels that the selector finds.
void validate_template(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& pod_template = spec["template"];
    const Path at = path.child("template");
    const auto selector = LabelSelector::from_object(spec["selector"]);
    if (selector.ok() && !selector.value().is_nothing() && !selector.value().is_everything() &&
        !selector.value().matches(pod_template["metadata"]["labels"]))
        errors.invalid(at.child("metadata").child("labels"), pod_template["metadata"]["labels"].is_null() ? Value::object() : pod_template["metadata"]["labels"],
                       "`selector` does not match template `labels`");
    validate_pod_template(pod_template, at, errors);
    const auto policy = pod_template["spec"]["restartPolicy"];
    if (policy.as_string() != "Always")
        errors.not_supported(at.child("spec").child("restartPolicy"), policy, {"Always"});
    if (!pod_template["spec"]["activeDeadlineSeconds"].is_null())
        errors.forbidden(at.child("spec").child("activeDeadlineSeconds"), "activeDeadlineSeconds in ReplicaSet is not Supported");
}

void validate_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
}

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

// ValidatePositiveIntOrPercent, then at most 100%.
void validate_share(const Value& share, const Path& path, bool at_most_all, FieldErrors& errors) {
    if (share.is_string()) {
        if (const auto wrong = is_valid_percent(share.as_string()); !wrong.empty()) {
            errors.invalid(path, share, "must be an integer or percentage (e.g '5%%')");
            return;
        }
        if (at_most_all && scaled_value(share, 100, Rounding::down).value_or(0) > 100)
            errors.invalid(path, share, "must not be greater than 100%");
    } else {
        validate_nonnegative(share, path, errors);
    }
}

bool is_zero_share(const Value& share) { return scaled_value(share, 100, Rounding::down).value_or(1) == 0; }

void validate_status_counts(const Value& object, std::initializer_list<std::string_view> fields, FieldErrors& errors) {
    const Path path("status");
    for (const auto field : fields)
        validate_nonnegative(object["status"][field], path.child(field), errors);
}

// -- Deployment ------------------------------------------------------------------------------------------

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

void validate_deployment_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_selector(spec, path, "empty selector is invalid for deployment", errors);
    validate_template(spec, path, errors);
    validate_strategy(spec["strategy"], path.child("strategy"), errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_nonnegative(spec["revisionHistoryLimit"], path.child("revisionHistoryLimit"), errors);
    if (!spec["progressDeadlineSeconds"].is_null()) {
        validate_nonnegative(spec["progressDeadlineSeconds"], path.child("progressDeadlineSeconds"), errors);
        if (spec["progressDeadlineSeconds"].as_int() <= spec["minReadySeconds"].as_int())
            errors.invalid(path.child("progressDeadlineSeconds"), spec["progressDeadlineSeconds"], "must be greater than minReadySeconds");
    }
}

void validate_deployment(const Value& object, FieldErrors& errors) {
    validate_meta(object, errors);
    validate_deployment_spec(object["spec"], errors);
}

void validate_deployment_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_deployment_spec(object["spec"], errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_deployment_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_status_counts(object, {"observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"}, errors);
}

void template_warnings(const Value& object, std::vector<std::string>& out) {
    const Path spec("spec");
    pod_template_warnings(object["spec"]["template"], spec.child("template"), out);
}

// -- ReplicaSet ------------------------------------------------------------------------------------------

void default_replica_set(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "replicas", 1);
    default_pod_template(spec.edit("template"));
}

void validate_replica_set_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_selector(spec, path, "empty selector is invalid for deployment", errors);
    validate_template(spec, path, errors);
}

void validate_replica_set(const Value& object, FieldErrors& errors) {
    validate_meta(object, errors);
    validate_replica_set_spec(object["spec"], errors);
}

void validate_replica_set_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_replica_set_spec(object["spec"], errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_replica_set_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_status_counts(object, {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"}, errors);
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

void prepare_daemon_set(Value& object) {
    prepare_create(object);
    default_to(object.edit("spec"), "templateGeneration", Value());
    object.edit("spec").erase("templateGeneration");
    // The deprecated templateGeneration of extensions/v1beta1 lives on as this annotation.
    Value& annotations = object.edit_path("metadata", "annotations");
    annotations.set("deprecated.daemonset.template.generation", "1");
}

void prepare_daemon_set_update(Value& object, const Value& old) {
    keep_status(object, old);
    const Value& before = old["metadata"]["annotations"]["deprecated.daemonset.template.generation"];
    auto generation = parse_int(before.as_string()).value_or(1);
    if (!(object["spec"]["template"] == old["spec"]["template"]))
        ++generation;
    object.edit_path("metadata", "annotations").set("deprecated.daemonset.template.generation", cat(generation));
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

void validate_daemon_set_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_selector(spec, path, "empty selector is invalid for daemonset", errors);
    validate_template(spec, path, errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    const Value& strategy = spec["updateStrategy"];
    const Path at = path.child("updateStrategy");
    if (strategy["type"].as_string() == "RollingUpdate") {
        const Path rolling = at.child("rollingUpdate");
        const Value& share = strategy["rollingUpdate"];
        validate_share(share["maxUnavailable"], rolling.child("maxUnavailable"), true, errors);
        validate_share(share["maxSurge"], rolling.child("maxSurge"), true, errors);
        const bool surge = !is_zero_share(share["maxSurge"]), unavailable = !is_zero_share(share["maxUnavailable"]);
        if (surge && unavailable)
            errors.invalid(rolling.child("maxSurge"), share["maxSurge"], "may not be set when maxUnavailable is non-zero");
        else if (!surge && !unavailable)
            errors.required(rolling.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
    } else if (strategy["type"].as_string() != "OnDelete") {
        errors.not_supported(at, strategy["type"], {"RollingUpdate", "OnDelete"});
    }
    validate_nonnegative(spec["revisionHistoryLimit"], path.child("revisionHistoryLimit"), errors);
}

void validate_daemon_set(const Value& object, FieldErrors& errors) {
    validate_meta(object, errors);
    validate_daemon_set_spec(object["spec"], errors);
}

void validate_daemon_set_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_daemon_set_spec(object["spec"], errors);
    validate_immutable(object["spec"]["selector"], old["spec"]["selector"], Path("spec").child("selector"), errors);
}

void validate_daemon_set_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_status_counts(object,
                           {"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
                            "updatedNumberScheduled", "numberAvailable", "numberUnavailable"},
                           errors);
}

}  // namespace

const Rules deployment_rules = {"apps", "Deployment", default_deployment, prepare_create, prepare_deployment_update, keep_all_but_status,
                                validate_deployment, validate_deployment_update, validate_deployment_status, template_warnings};
const Rules replica_set_rules = {"apps", "ReplicaSet", default_replica_set, prepare_create, prepare_update, keep_all_but_status,
                                 validate_replica_set, validate_replica_set_update, validate_replica_set_status, template_warnings};
const Rules daemon_set_rules = {"apps", "DaemonSet", default_daemon_set, prepare_daemon_set, prepare_daemon_set_update, keep_all_but_status,
                                validate_daemon_set, validate_daemon_set_update, validate_daemon_set_status, template_warnings};

}  // namespace kubewalk::api
