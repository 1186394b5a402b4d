// StatefulSet and ControllerRevision. Upstream: pkg/apis/apps/v1/defaults.go (SetDefaults_StatefulSet),
// pkg/apis/apps/validation/validation.go, pkg/registry/apps/{statefulset,controllerrevision}/strategy.go.

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/api/rules/claim_spec.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/workload_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// -- StatefulSet -----------------------------------------------------------------------------------------

void default_update_strategy(Value& strategy) {
    if (strategy["type"].as_string().empty()) {
        strategy.set("type", "RollingUpdate");
        default_to(strategy, "rollingUpdate", Value::object());
    }
    if (strategy["type"].as_string() != "RollingUpdate" || strategy["rollingUpdate"].is_null())
        return;
    Value& rolling = strategy.edit("rollingUpdate");
    default_to(rolling, "partition", 0);
    default_to(rolling, "maxUnavailable", 1);  // feature MaxUnavailableStatefulSet: on since 1.35
}

void default_stateful_set(Value& object) {
    Value& spec = object.edit("spec");
    if (spec["podManagementPolicy"].as_string().empty())
        spec.set("podManagementPolicy", "OrderedReady");
    default_update_strategy(spec.edit("updateStrategy"));
    Value& retention = spec.edit("persistentVolumeClaimRetentionPolicy");
    for (const std::string_view when : {"whenDeleted", "whenScaled"})
        if (retention[when].as_string().empty())
            retention.set(when, "Retain");
    default_to(spec, "replicas", 1);
    default_to(spec, "revisionHistoryLimit", 10);
    default_pod_template(spec.edit("template"));
    for (std::size_t i = 0; i < spec["volumeClaimTemplates"].size(); ++i) {
        Value& claim = spec.edit("volumeClaimTemplates").edit_at(i);
        default_claim_spec(claim.edit("spec"));
        if (claim["status"]["phase"].as_string().empty())
            claim.edit("status").set("phase", "Pending");
    }
}

// A claim of a template always says what it is (Convert_apps_StatefulSetSpec_To_v1_StatefulSetSpec).
void name_claim_kinds(Value& object) {
    for (std::size_t i = 0; i < object["spec"]["volumeClaimTemplates"].size(); ++i) {
        const Value& claim = object["spec"]["volumeClaimTemplates"][i];
        if (claim["kind"].as_string() == "PersistentVolumeClaim" && claim["apiVersion"].as_string() == "v1")
            continue;
        Value& changed = object.edit("spec").edit("volumeClaimTemplates").edit_at(i);
        changed.set("apiVersion", "v1");
        changed.set("kind", "PersistentVolumeClaim");
    }
}

void prepare_stateful_set(Value& object) {
    object.set("status", Value::object({{"availableReplicas", 0}, {"replicas", 0}}));
    start_generation(object);
    name_claim_kinds(object);
}

void prepare_stateful_set_update(Value& object, const Value& old) {
    name_claim_kinds(object);
    prepare_workload_update(object, old);
}

void validate_update_strategy(const Value& strategy, const Path& path, FieldErrors& errors) {
    const auto type = strategy["type"].as_string();
    const Value& rolling = strategy["rollingUpdate"];
    const Path at = path.child("rollingUpdate");
    if (type.empty())
        return errors.required(path);
    if (type == "OnDelete") {
        if (!rolling.is_null())
            errors.invalid(at, rolling, "only allowed for updateStrategy 'RollingUpdate'");
        return;
    }
    if (type != "RollingUpdate")
        return errors.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
    if (rolling.is_null())
        return;
    validate_nonnegative(rolling["partition"], at.child("partition"), errors);
    const Value& share = rolling["maxUnavailable"];
    if (share.is_null())
        return;
    const Path where = at.child("maxUnavailable");
    validate_share(share, where, false, errors);
    if (is_zero_share(share))
        errors.invalid(where, share, "cannot be 0");
    if (share.is_string() && is_valid_percent(share.as_string()).empty() &&
        scaled_value(share, 100, Rounding::down).value_or(0) > 100)
        errors.invalid(where, share, "must not be greater than 100%");
}

void validate_retention(const Value& policy, const Path& path, FieldErrors& errors) {
    for (const std::string_view when : {"whenDeleted", "whenScaled"}) {
        const auto value = policy[when].as_string();
        if (!policy.is_null() && value != "Retain" && value != "Delete")
            errors.not_supported(path.child(when), Value(value), {"Retain", "Delete"});
    }
}

// The claims become volumes of the same name, before those that the template itself names.
Value with_claims(const Value& pod_template, const Value& claims) {
    Value result = pod_template;
    Value volumes = Value::array();
    for (const auto& claim : claims.items())
        volumes.push_back(Value::object({{"name", claim["metadata"]["name"]},
                                         {"persistentVolumeClaim", Value::object({{"claimName", claim["metadata"]["name"]}})}}));
    for (const auto& volume : pod_template["spec"]["volumes"].items()) {
        bool replaced = false;
        for (const auto& claim : claims.items())
            replaced = replaced || claim["metadata"]["name"] == volume["name"];
        if (!replaced)
            volumes.push_back(volume);
    }
    if (!volumes.empty())
        result.edit("spec").set("volumes", std::move(volumes));
    return result;
}

// StatefulSetValidationOptions.SkipValidatePodTemplateSpec: what was let in once stays.
enum class TemplateCheck : unsigned char { whole, labels_only };

void validate_template(const Value& spec, TemplateCheck check, const Path& path, FieldErrors& errors) {
    const Value& pod_template = spec["template"];
    const Value& selector = spec["selector"];
    const Path at = path.child("template");
    const Path pod_spec = at.child("spec");
    if (!makes_a_selector(selector)) {
        errors.invalid(path.child("selector"), selector, "");
    } else {
        validate_template_labels(spec, at, errors);
        if (check == TemplateCheck::whole)
            validate_pod_template(with_claims(pod_template, spec["volumeClaimTemplates"]), at, errors);
        else
            validate_labels(pod_template["metadata"]["labels"], at.child("labels"), errors);
    }
    if (pod_template["spec"]["restartPolicy"].as_string() != "Always")
        errors.not_supported(pod_spec.child("restartPolicy"), pod_template["spec"]["restartPolicy"], {"Always"});
    if (!pod_template["spec"]["activeDeadlineSeconds"].is_null())
        errors.forbidden(pod_spec.child("activeDeadlineSeconds"), "activeDeadlineSeconds in StatefulSet is not Supported");
}

void validate_stateful_set_spec(const Value& spec, TemplateCheck check, FieldErrors& errors) {
    const Path path("spec");
    const auto policy = spec["podManagementPolicy"].as_string();
    if (policy.empty())
        errors.required(path.child("podManagementPolicy"));
    else if (policy != "OrderedReady" && policy != "Parallel")
        errors.invalid(path.child("podManagementPolicy"), spec["podManagementPolicy"], "must be 'OrderedReady' or 'Parallel'");
    validate_update_strategy(spec["updateStrategy"], path.child("updateStrategy"), errors);
    validate_retention(spec["persistentVolumeClaimRetentionPolicy"], path.child("persistentVolumeClaimRetentionPolicy"), errors);
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    validate_nonnegative(spec["ordinals"]["start"], path.child("ordinals.start"), errors);
    const Value& selector = spec["selector"];
    const Path at = path.child("selector");
    if (selector.is_null()) {
        errors.required(at);
    } else {
        validate_label_selector(selector, at, errors);
        if (is_empty_selector(selector))
            errors.invalid(at, selector, "empty selector is invalid for statefulset");
    }
    validate_template(spec, check, path, errors);
}

void validate_stateful_set(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_label, Path("metadata"), errors);
    const Value& spec = object["spec"];
    validate_stateful_set_spec(spec, TemplateCheck::whole, errors);
    const Path path("spec");
    const Path claims = path.child("volumeClaimTemplates");
    for (std::size_t i = 0; i < spec["volumeClaimTemplates"].size(); ++i) {
        const Path claim = claims.index(i);
        validate_claim_spec(spec["volumeClaimTemplates"][i]["spec"], claim.child("spec"), errors);
    }
    // Optional, and since 1.34 a DNS label when it is there (kubernetes#130233).
    if (const auto service = object["spec"]["serviceName"].as_string(); !service.empty())
        errors.invalid_each(Path("spec").child("serviceName"), Value(service), is_dns1123_label(service));
}

void validate_stateful_set_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    FieldErrors before;
    const bool same = object["spec"]["template"] == old["spec"]["template"];
    if (!same)
        validate_pod_template(with_claims(old["spec"]["template"], old["spec"]["volumeClaimTemplates"]), Path("template"), before);
    validate_stateful_set_spec(object["spec"], same || !before.empty() ? TemplateCheck::labels_only : TemplateCheck::whole, errors);
    Value compared = object["spec"];
    for (const std::string_view field : {"replicas", "template", "updateStrategy", "minReadySeconds", "ordinals", "revisionHistoryLimit",
                                         "persistentVolumeClaimRetentionPolicy"}) {
        if (old["spec"].contains(field))
            compared.set(field, old["spec"][field]);
        else
            compared.erase(field);
    }
    if (!(compared == old["spec"]))
        errors.forbidden(Path("spec"),
                         "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                         "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
}

void validate_stateful_set_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_status_counts(object, {"replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
                                    "observedGeneration", "collisionCount"}, errors);
    validate_status_order(object, {"readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"},
                          "cannot be greater than status.readyReplicas", errors);
    validate_workload_update_meta(object, old, errors);
    validate_collision_count(object, old, errors);
}

void stateful_set_warnings(const Value& object, std::vector<std::string>& out) {
    workload_template_warnings(object, out);
    const Path spec("spec");
    const Path claims = spec.child("volumeClaimTemplates");
    for (std::size_t i = 0; i < object["spec"]["volumeClaimTemplates"].size(); ++i) {
        const Path claim = claims.index(i);
        claim_spec_warnings(object["spec"]["volumeClaimTemplates"][i]["spec"], claim.child("spec"), out);
    }
    if (object["spec"]["revisionHistoryLimit"].as_int() < 0)
        out.push_back("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
}

// -- ControllerRevision ----------------------------------------------------------------------------------

void validate_revision(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    if (object["data"].is_null())
        errors.required(Path("data"), "data is mandatory");
    validate_nonnegative(object["revision"], Path("revision"), errors);
}

void validate_revision_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_revision(object, errors);
    validate_immutable(object["data"], old["data"], Path("data"), errors);
}

}  // namespace

const Rules stateful_set_rules = {"apps", "StatefulSet", default_stateful_set, prepare_stateful_set, prepare_stateful_set_update,
                                  keep_all_but_status, validate_stateful_set, validate_stateful_set_update,
                                  validate_stateful_set_status, stateful_set_warnings, true};
const Rules controller_revision_rules = {"apps", "ControllerRevision", nothing, nothing, nothing_to_prepare, nullptr, validate_revision,
                                         validate_revision_update, nullptr, no_warnings};

}  // namespace kubewalk::api
