// HorizontalPodAutoscaler. Upstream: pkg/apis/autoscaling/{v1,v2}/defaults.go,
// pkg/apis/autoscaling/validation/validation.go, pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go.
// Objects may come in either version; rules beyond defaults look at v2, which is what is stored.

#include <algorithm>
#include <set>

#include "core/api/conversion.h"
#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::int64_t max_window_seconds = 3600;
constexpr std::int64_t max_period_seconds = 1800;
constexpr int default_utilization = 80;

bool is_v1(const Value& object) { return object["apiVersion"].as_string() == "autoscaling/v1"; }

bool one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

// -- defaults --------------------------------------------------------------------------------------------

Value policy(std::string_view type, int value) { return Value::object({{"type", type}, {"value", value}, {"periodSeconds", 15}}); }

// The rules given, over the standard ones (copyHPAScalingRules).
void fill_rules(Value& behavior, std::string_view direction, const Value& standard) {
    Value rules = standard;
    for (const auto& [field, value] : behavior[direction].members())
        if (!value.is_null())
            rules.set(field, value);
    behavior.set(direction, std::move(rules));
}

void default_autoscaler(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "minReplicas", 1);
    if (is_v1(object))
        return;
    if (spec["metrics"].empty())
        spec.set("metrics", Value::array({Value::object(
                                {{"type", "Resource"},
                                 {"resource", Value::object({{"name", "cpu"},
                                                             {"target", Value::object({{"type", "Utilization"}, {"averageUtilization", default_utilization}})}})}})}));
    if (spec["behavior"].is_null())
        return;
    Value& behavior = spec.edit("behavior");
    fill_rules(behavior, "scaleUp", Value::object({{"stabilizationWindowSeconds", 0}, {"selectPolicy", "Max"},
                                                   {"policies", Value::array({policy("Pods", 4), policy("Percent", 100)})}}));
    fill_rules(behavior, "scaleDown", Value::object({{"selectPolicy", "Max"}, {"policies", Value::array({policy("Percent", 100)})}}));
}

void prepare_autoscaler(Value& object) { object.set("status", Value::object({{"currentMetrics", nullptr}, {"desiredReplicas", 0}})); }

// -- validation ------------------------------------------------------------------------------------------

void validate_reference(const Value& reference, const Path& path, FieldErrors& errors) {
    for (const std::string_view field : {"kind", "name"}) {
        const auto text = reference[field].as_string();
        if (text.empty())
            errors.required(path.child(field));
        else
            errors.invalid_each(path.child(field), reference[field], is_path_segment_name(text));
    }
}

void validate_target(const Value& target, const Path& path, FieldErrors& errors) {
    const auto type = target["type"].as_string();
    if (type.empty())
        errors.required(path.child("type"), "must specify a metric target type");
    if (!one_of(type, {"Utilization", "Value", "AverageValue"}))
        errors.invalid(path.child("type"), Value(type), "must be either Utilization, Value, or AverageValue");
    for (const std::string_view field : {"value", "averageValue"})
        if (!target[field].is_null() && Quantity::from(target[field]).sign() != 1)
            errors.invalid(path.child(field), target[field], "must be positive");
    if (!target["averageUtilization"].is_null() && target["averageUtilization"].as_int() < 1)
        errors.invalid(path.child("averageUtilization"), target["averageUtilization"], "must be greater than 0");
}

void validate_identifier(const Value& metric, const Path& path, FieldErrors& errors) {
    const auto name = metric["name"].as_string();
    if (name.empty())
        errors.required(path.child("name"), "must specify a metric name");
    else
        errors.invalid_each(path.child("name"), metric["name"], is_path_segment_name(name));
}

// Utilization or value, and not both: what the two kinds of resource metrics ask.
void validate_resource_target(const Value& target, const Path& path, FieldErrors& errors) {
    validate_target(target, path, errors);
    const bool utilization = !target["averageUtilization"].is_null(), value = !target["averageValue"].is_null();
    if (!utilization && !value)
        errors.required(path.child("averageUtilization"), "must set either a target raw value or a target utilization");
    if (utilization && value)
        errors.forbidden(path.child("averageValue"), "may not set both a target raw value and a target utilization");
}

void validate_source_of(std::string_view field, const Value& source, const Path& path, FieldErrors& errors) {
    const Value& target = source["target"];
    const Path target_path = path.child("target");
    const bool value = !target["value"].is_null(), average = !target["averageValue"].is_null();
    if (field == "resource" || field == "containerResource") {
        const auto name = source["name"].as_string();
        if (name.empty())
            errors.required(path.child("name"), "must specify a resource name");
        else if (field == "containerResource")
            validate_container_resource_name(name, path.child("name"), errors);
        if (field == "containerResource") {
            const auto container = source["container"].as_string();
            if (container.empty())
                errors.required(path.child("container"), "must specify a container");
            else
                errors.invalid_each(path.child("container"), source["container"], is_dns1123_label(container));
        }
        return validate_resource_target(target, target_path, errors);
    }
    if (field == "object")
        validate_reference(source["describedObject"], path.child("describedObject"), errors);
    validate_identifier(source["metric"], path.child("metric"), errors);
    validate_target(target, target_path, errors);
    if (field == "object" && !value && !average)
        errors.required(target_path.child("averageValue"), "must set either a target value or averageValue");
    if (field == "external" && !value && !average)
        errors.required(target_path.child("averageValue"), "must set either a target value for metric or a per-pod target");
    if (field == "external" && value && average)
        errors.forbidden(target_path.child("value"), "may not set both a target value for metric and a per-pod target");
    if (field == "pods" && !average)
        errors.required(target_path.child("averageValue"), "must specify a positive target averageValue");
}

struct MetricType {
    std::string_view type;
    std::string_view field;
};
// In the order in which upstream looks at the fields.
constexpr MetricType metric_types[] = {
    {"Object", "object"}, {"External", "external"}, {"Pods", "pods"}, {"Resource", "resource"}, {"ContainerResource", "containerResource"}};

void validate_metric(const Value& metric, const Path& path, FieldErrors& errors) {
    const auto type = metric["type"].as_string();
    if (type.empty())
        errors.required(path.child("type"), "must specify a metric source type");
    const auto* known = std::find_if(std::begin(metric_types), std::end(metric_types), [&](const MetricType& one) { return one.type == type; });
    const auto refuse_type = [&] {
        errors.not_supported(path.child("type"), Value(type), {"ContainerResource", "External", "Object", "Pods", "Resource"});
    };
    if (known == std::end(metric_types))
        refuse_type();
    std::vector<std::string_view> present;
    for (const auto& one : metric_types) {
        if (metric[one.field].is_null())
            continue;
        present.push_back(one.field);
        if (present.size() == 1)
            validate_source_of(one.field, metric[one.field], path.child(one.field), errors);
    }
    if (known == std::end(metric_types))
        refuse_type();
    else if (metric[known->field].is_null())
        errors.required(path.child(known->field), "must populate information for the given metric source");
    if (present.size() == 1)
        return;
    for (const auto field : present)
        if (known == std::end(metric_types) || field != known->field)
            errors.forbidden(path.child(field), "must populate the given metric source only");
}

void validate_policy(const Value& one, const Path& path, FieldErrors& errors) {
    const auto type = one["type"].as_string();
    if (type != "Pods" && type != "Percent")
        errors.not_supported(path.child("type"), Value(type), {"Percent", "Pods"});
    if (one["value"].as_int() <= 0)
        errors.invalid(path.child("value"), Value(one["value"].as_int()), "must be greater than zero");
    const auto period = one["periodSeconds"].as_int();
    if (period <= 0)
        errors.invalid(path.child("periodSeconds"), Value(period), "must be greater than zero");
    if (period > max_period_seconds)
        errors.invalid(path.child("periodSeconds"), Value(period), cat("must be less than or equal to ", max_period_seconds));
}

void validate_scaling(const Value& rules, const Path& path, FieldErrors& errors) {
    if (rules.is_null())
        return;
    const Value& window = rules["stabilizationWindowSeconds"];
    if (window.as_int() < 0)
        errors.invalid(path.child("stabilizationWindowSeconds"), window, "must be greater than or equal to zero");
    if (window.as_int() > max_window_seconds)
        errors.invalid(path.child("stabilizationWindowSeconds"), window, cat("must be less than or equal to ", max_window_seconds));
    const Value& select = rules["selectPolicy"];
    if (!select.is_null() && !one_of(select.as_string(), {"Disabled", "Max", "Min"}))
        errors.not_supported(path.child("selectPolicy"), select, {"Disabled", "Max", "Min"});
    const Path list = path.child("policies");
    if (rules["policies"].empty())
        errors.required(list, "must specify at least one Policy");
    for (std::size_t i = 0; i < rules["policies"].size(); ++i)
        validate_policy(rules["policies"][i], list.index(i), errors);
    if (!rules["tolerance"].is_null() && Quantity::from(rules["tolerance"]).sign() < 0)
        errors.invalid(path.child("tolerance"), rules["tolerance"], "must be greater than or equal to zero");
}

void validate_spec(const Value& spec, std::int64_t lowest, FieldErrors& errors) {
    const Path path("spec");
    const Value& min = spec["minReplicas"];
    const auto max = spec["maxReplicas"].as_int();
    if (!min.is_null() && min.as_int() < lowest)
        errors.invalid(path.child("minReplicas"), min, cat("must be greater than or equal to ", lowest));
    if (max < 1)
        errors.invalid(path.child("maxReplicas"), Value(max), "must be greater than 0");
    if (!min.is_null() && max < min.as_int())
        errors.invalid(path.child("maxReplicas"), Value(max), "must be greater than or equal to `minReplicas`");
    validate_reference(spec["scaleTargetRef"], path.child("scaleTargetRef"), errors);
    const Path metrics = path.child("metrics");
    bool from_outside = false;
    for (std::size_t i = 0; i < spec["metrics"].size(); ++i) {
        validate_metric(spec["metrics"][i], metrics.index(i), errors);
        from_outside = from_outside || one_of(spec["metrics"][i]["type"].as_string(), {"Object", "External"});
    }
    if (!min.is_null() && min.as_int() == 0 && !from_outside)
        errors.forbidden(metrics, "must specify at least one Object or External metric to support scaling to zero replicas");
    const Path behavior = path.child("behavior");
    for (const std::string_view direction : {"scaleUp", "scaleDown"})
        validate_scaling(spec["behavior"][direction], behavior.child(direction), errors);
}

Value stored(const Value& object) { return is_v1(object) ? autoscaler_to_v2(object) : object; }

void validate_autoscaler(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    validate_spec(stored(object)["spec"], 1, errors);
}

void validate_autoscaler_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Value& before = old["spec"]["minReplicas"];
    validate_spec(stored(object)["spec"], before.is_int() && before.as_int() == 0 ? 0 : 1, errors);
}

void validate_autoscaler_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path path("status");
    for (const std::string_view field : {"currentReplicas", "desiredReplicas"})
        validate_nonnegative(object["status"][field], path.child(field), errors);
}

}  // namespace

const Rules horizontal_pod_autoscaler_rules = {"autoscaling", "HorizontalPodAutoscaler", default_autoscaler, prepare_autoscaler, keep_status,
                                               keep_all_but_status, validate_autoscaler, validate_autoscaler_update,
                                               validate_autoscaler_status, no_warnings};

}  // namespace kubewalk::api
