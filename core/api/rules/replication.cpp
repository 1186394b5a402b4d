// ReplicationController and PodTemplate. Upstream: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go,
// pkg/registry/core/{replicationcontroller,podtemplate}/strategy.go.

#include "core/api/labels.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/workload_parts.h"

namespace kubewalk::api {

namespace {

void default_controller(Value& object) {
    Value& spec = object.edit("spec");
    const Value labels = spec["template"]["metadata"]["labels"];
    if (!labels.empty()) {
        if (spec["selector"].empty())
            spec.set("selector", labels);
        if (object["metadata"]["labels"].empty())
            object.edit("metadata").set("labels", labels);
    }
    default_to(spec, "replicas", 1);
    if (!spec["template"].is_null())
        default_pod_template(spec.edit("template"));
}

void prepare_controller(Value& object) {
    prepare_workload(object);
    object.edit("status").set("replicas", 0);
}

void validate_template(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& pod_template = spec["template"];
    if (pod_template.is_null())
        return errors.required(path);
    const Value& labels = pod_template["metadata"]["labels"];
    const Path metadata = path.child("metadata");
    if (!spec["selector"].empty() && !LabelSelector::from_map(spec["selector"]).matches(labels))
        errors.invalid(metadata.child("labels"), labels.is_null() ? Value::object() : labels, "`selector` does not match template `labels`");
    validate_template_spec(spec, path, "activeDeadlineSeconds in ReplicationController is not Supported", errors);
}

void validate_controller_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_nonnegative(spec["minReadySeconds"], path.child("minReadySeconds"), errors);
    if (spec["selector"].empty())
        errors.required(path.child("selector"));
    validate_nonnegative(spec["replicas"], path.child("replicas"), errors);
    validate_template(spec, path.child("template"), errors);
}

void validate_controller(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_controller_spec(object["spec"], errors);
}

void validate_controller_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_controller_spec(object["spec"], errors);
}

void validate_controller_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_status_counts(object, {"replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"}, errors);
    validate_status_order(object, {"fullyLabeledReplicas", "readyReplicas", "availableReplicas"}, "cannot be greater than readyReplicas", errors);
}

// -- PodTemplate -----------------------------------------------------------------------------------------

void default_template(Value& object) { default_pod_template(object.edit("template")); }

void prepare_template_update(Value& object, const Value& old) { set_generation(object, old, !(object["template"] == old["template"])); }

void validate_pod_template_object(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_pod_template(object["template"], Path("template"), errors);
}

void validate_pod_template_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_pod_template(object["template"], Path("template"), errors);
}

void pod_template_object_warnings(const Value& object, std::vector<std::string>& out) {
    pod_template_warnings(object["template"], Path("template"), out);
}

}  // namespace

const Rules replication_controller_rules = {"", "ReplicationController", default_controller, prepare_controller, prepare_workload_update,
                                            keep_all_but_status, validate_controller, validate_controller_update,
                                            validate_controller_status, workload_template_warnings};
const Rules pod_template_rules = {"", "PodTemplate", default_template, start_generation, prepare_template_update, nullptr,
                                  validate_pod_template_object, validate_pod_template_update, nullptr, pod_template_object_warnings};

}  // namespace kubewalk::api
