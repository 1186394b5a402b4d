#include "core/api/conversion.h"

#include "core/api/custom_kinds.h"
#include <string>

#include "core/api/json.h"

namespace kubewalk::api {

namespace {

// What autoscaling/v1 has no field for travels in these.
constexpr std::string_view metrics_annotation = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view current_metrics_annotation = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr std::string_view conditions_annotation = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view behavior_annotation = "autoscaling.alpha.kubernetes.io/behavior";

bool is_cpu(const Value& metric) {
    return metric["type"].as_string() == "Resource" && metric["resource"]["name"].as_string() == "cpu";
}

void put(Value& object, std::string_view key, const Value& value) {
    if (!value.is_null())
        object.set(key, value);
}

// A MetricSpec of v2 in v1's annotation form, and back. `current`: of the status ("currentAverageValue", ...).
struct Words {
    std::string_view utilization, average, value, part;
};
constexpr Words wanted{"targetAverageUtilization", "targetAverageValue", "targetValue", "target"};
constexpr Words measured{"currentAverageUtilization", "currentAverageValue", "currentValue", "current"};

Value metric_to_v1(const Value& metric, const Words& words) {
    Value result = Value::object({{"type", metric["type"]}});
    for (const auto& [field, source] : metric.members()) {
        if (field == "type" || source.is_null())
            continue;
        const Value& target = source[words.part];
        Value old = Value::object();
        put(old, "name", source["name"]);
        put(old, "container", source["container"]);
        put(old, "metricName", source["metric"]["name"]);
        put(old, field == "external" ? "metricSelector" : "selector", source["metric"]["selector"]);
        put(old, "target", source["describedObject"]);
        put(old, words.utilization, target["averageUtilization"]);
        put(old, field == "object" ? "averageValue" : words.average, target["averageValue"]);
        put(old, words.value, target["value"]);
        result.set(field, std::move(old));
    }
    return result;
}

Value metric_to_v2(const Value& metric, const Words& words) {
    Value result = Value::object({{"type", metric["type"]}});
    for (const auto& [field, old] : metric.members()) {
        if (field == "type" || old.is_null())
            continue;
        const Value& average = old[field == "object" ? std::string_view("averageValue") : words.average];
        Value target = Value::object();
        put(target, "averageUtilization", old[words.utilization]);
        put(target, "averageValue", average);
        put(target, "value", old[words.value]);
        if (words.part == "target")
            target.set("type", !old[words.utilization].is_null() ? "Utilization" : !average.is_null() ? "AverageValue" : "Value");
        Value source = Value::object({{words.part, std::move(target)}});
        put(source, "name", old["name"]);
        put(source, "container", old["container"]);
        put(source, "describedObject", old["target"]);
        if (!old["metricName"].is_null()) {
            source.edit("metric").set("name", old["metricName"]);
            put(source.edit("metric"), "selector", old[field == "external" ? "metricSelector" : "selector"]);
        }
        result.set(field, std::move(source));
    }
    return result;
}

// Takes the JSON of an annotation out; null when it is not there or no JSON.
Value take_annotation(Value& object, std::string_view name) {
    const auto text = object["metadata"]["annotations"][name].str();
    if (text.empty())
        return {};
    object.edit_path("metadata", "annotations").erase(name);
    if (object["metadata"]["annotations"].empty())
        object.edit("metadata").erase("annotations");
    auto parsed = parse_json(text);
    return parsed.ok() ? parsed.take() : Value();
}

void add_annotation(Value& object, std::string_view name, const Value& content) {
    if (!content.is_null() && content.size() > 0)
        object.edit_path("metadata", "annotations").set(name, to_json(content));
}

struct Rename {
    std::string_view core;
    std::string_view events;
};
constexpr Rename event_fields[] = {
    {"message", "note"},
    {"involvedObject", "regarding"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
};

Value event_as(const Value& object, const Kind& to) {
    const bool to_core = to.group.empty();
    Value result = object;
    for (const auto& field : event_fields) {
        const auto from = to_core ? field.events : field.core;
        if (!object.contains(from))
            continue;
        result.erase(from);
        result.set(to_core ? field.core : field.events, object[from]);
    }
    result.set("apiVersion", to.api_version());
    return result;
}

}  // namespace

const Kind& storage_kind(const Kind& served) {
    if (served.group == "autoscaling" && served.version == "v1")
        return kind::horizontal_pod_autoscalers;
    if (served.group == "events.k8s.io")
        return kind::events;
    return served;
}

bool is_stored(const Kind& kind) { return !kind.group.empty() || (kind.kind != "Binding" && kind.kind != "ComponentStatus"); }

Value convert(const Value& object, const Kind& from, const Kind& to) {
    // Versions of a custom kind differ in their name alone, and what is stored has the one it was last written in.
    if (is_custom(to)) {
        Value renamed = object;
        if (const auto version = to.api_version(); object["apiVersion"].as_string() != version)
            renamed.set("apiVersion", version);
        return renamed;
    }
    if (&from == &to)
        return object;
    if (from.kind == "HorizontalPodAutoscaler")
        return to.version == "v1" ? autoscaler_to_v1(object) : autoscaler_to_v2(object);
    return event_as(object, to);
}

Value autoscaler_to_v2(const Value& object) {
    Value result = object;
    result.set("apiVersion", "autoscaling/v2");
    Value& spec = result.edit("spec");
    Value metrics = Value::array();
    const Value others = take_annotation(result, metrics_annotation);
    if (!spec["targetCPUUtilizationPercentage"].is_null())
        metrics.push_back(Value::object(
            {{"type", "Resource"},
             {"resource", Value::object({{"name", "cpu"},
                                         {"target", Value::object({{"type", "Utilization"}, {"averageUtilization", spec["targetCPUUtilizationPercentage"]}})}})}}));
    for (const auto& metric : others.items())
        metrics.push_back(metric_to_v2(metric, wanted));
    spec.erase("targetCPUUtilizationPercentage");
    if (!metrics.empty())
        spec.set("metrics", std::move(metrics));
    if (Value behavior = take_annotation(result, behavior_annotation); behavior.is_object()) {
        Value named = Value::object();
        put(named, "scaleUp", behavior["ScaleUp"]);
        put(named, "scaleDown", behavior["ScaleDown"]);
        spec.set("behavior", named.empty() ? behavior : named);
    }
    Value current = Value::array();
    if (const Value& cpu = object["status"]["currentCPUUtilizationPercentage"]; !cpu.is_null())
        current.push_back(Value::object({{"type", "Resource"},
                                         {"resource", Value::object({{"name", "cpu"}, {"current", Value::object({{"averageUtilization", cpu}, {"averageValue", "0"}})}})}}));
    for (const auto& metric : take_annotation(result, current_metrics_annotation).items())
        current.push_back(metric_to_v2(metric, measured));
    const Value conditions = take_annotation(result, conditions_annotation);
    if (!result["status"].is_object())
        return result;
    Value& status = result.edit("status");
    status.erase("currentCPUUtilizationPercentage");
    status.set("currentMetrics", current.empty() ? Value() : current);
    put(status, "conditions", conditions);
    if (status["currentReplicas"].as_int() == 0)
        status.erase("currentReplicas");
    return result;
}

Value autoscaler_to_v1(const Value& object) {
    Value result = object;
    result.set("apiVersion", "autoscaling/v1");
    Value& spec = result.edit("spec");
    Value others = Value::array();
    for (const auto& metric : object["spec"]["metrics"].items()) {
        const Value& utilization = metric["resource"]["target"]["averageUtilization"];
        if (is_cpu(metric) && !utilization.is_null() && spec["targetCPUUtilizationPercentage"].is_null())
            spec.set("targetCPUUtilizationPercentage", utilization);
        else
            others.push_back(metric_to_v1(metric, wanted));
    }
    spec.erase("metrics");
    spec.erase("behavior");
    add_annotation(result, metrics_annotation, others);
    Value behavior = Value::object();
    put(behavior, "ScaleUp", object["spec"]["behavior"]["scaleUp"]);
    put(behavior, "ScaleDown", object["spec"]["behavior"]["scaleDown"]);
    add_annotation(result, behavior_annotation, behavior);
    if (!object["status"].is_object())
        return result;
    Value& status = result.edit("status");
    Value current = Value::array();
    for (const auto& metric : object["status"]["currentMetrics"].items()) {
        if (const Value& cpu = metric["resource"]["current"]["averageUtilization"]; is_cpu(metric) && !cpu.is_null())
            status.set("currentCPUUtilizationPercentage", cpu);
        else
            current.push_back(metric_to_v1(metric, measured));
    }
    for (const std::string_view field : {"currentMetrics", "conditions"})
        status.erase(field);
    for (const std::string_view field : {"currentReplicas", "desiredReplicas"})
        if (status[field].is_null())
            status.set(field, 0);
    add_annotation(result, current_metrics_annotation, current);
    add_annotation(result, conditions_annotation, object["status"]["conditions"]);
    return result;
}

}  // namespace kubewalk::api
