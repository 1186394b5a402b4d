// StatefulSet, ControllerRevision, Job, CronJob, ReplicationController, PodTemplate, HorizontalPodAutoscaler, Scale.
// Upstream: pkg/printers/internalversion/printers.go.

#include <algorithm>

#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace stateful_sets {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"}, {"Ready", "string", ""}, {"Age", "string", ""}, {"Containers", "string", "", 1}, {"Images", "string", "", 1}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& pod_spec = object["spec"]["template"]["spec"];
    return {api::name_of(object), cat(object["status"]["readyReplicas"].as_int(), "/", object["spec"]["replicas"].as_int()),
            age(object, now), container_names(pod_spec), container_images(pod_spec)};
}

}  // namespace stateful_sets

namespace controller_revisions {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Controller", "string", ""}, {"Revision", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& owner = api::controller_of(object);
    std::string controller = "<none>";
    if (!owner.is_null()) {
        const auto version = owner["apiVersion"].as_string();
        const auto group = version.substr(0, version.find('/') == std::string_view::npos ? 0 : version.find('/'));
        controller = cat(to_lower(owner["kind"].as_string()), group.empty() ? "" : ".", group, "/", owner["name"].as_string());
    }
    return {api::name_of(object), controller, object["revision"].as_int(), age(object, now)};
}

}  // namespace controller_revisions

namespace jobs {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"}, {"Status", "string", ""},        {"Completions", "string", ""}, {"Duration", "string", ""},
    {"Age", "string", ""},      {"Containers", "string", "", 1}, {"Images", "string", "", 1},   {"Selector", "string", "", 1},
};

bool has_condition(const Value& job, std::string_view type) {
    for (const auto& condition : job["status"]["conditions"].items())
        if (condition["type"].as_string() == type && condition["status"].as_string() == "True")
            return true;
    return false;
}

std::string_view status_of(const Value& job) {
    if (has_condition(job, "Complete"))
        return "Complete";
    if (has_condition(job, "Failed"))
        return "Failed";
    if (api::is_deleting(job))
        return "Terminating";
    for (const std::string_view type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
        if (has_condition(job, type))
            return type;
    return "Running";
}

std::string completions(const Value& job) {
    const auto succeeded = job["status"]["succeeded"].as_int();
    const auto parallelism = job["spec"]["parallelism"].as_int();
    if (!job["spec"]["completions"].is_null())
        return cat(succeeded, "/", job["spec"]["completions"].as_int());
    return parallelism > 1 ? cat(succeeded, "/1 of ", parallelism) : cat(succeeded, "/1");
}

std::string duration(const Value& job, Time now) {
    const auto start = parse_rfc3339(job["status"]["startTime"].as_string());
    if (!start)
        return {};
    const auto end = parse_rfc3339(job["status"]["completionTime"].as_string());
    return human_duration((end ? *end : now) - *start);
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& pod_spec = object["spec"]["template"]["spec"];
    return {api::name_of(object),
            status_of(object),
            completions(object),
            duration(object, now),
            age(object, now),
            container_names(pod_spec),
            container_images(pod_spec),
            api::format_label_selector(object["spec"]["selector"])};
}

}  // namespace jobs

namespace cron_jobs {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"},     {"Schedule", "string", ""}, {"Timezone", "string", ""},      {"Suspend", "boolean", ""},   {"Active", "integer", ""},
    {"Last Schedule", "string", ""}, {"Age", "string", ""},      {"Containers", "string", "", 1}, {"Images", "string", "", 1}, {"Selector", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    const auto& suspend = spec["suspend"];
    const auto& job_spec = spec["jobTemplate"]["spec"];
    const auto& pod_spec = job_spec["template"]["spec"];
    const auto& last = object["status"]["lastScheduleTime"];
    return {api::name_of(object),
            spec["schedule"].as_string(),
            or_else(spec["timeZone"].as_string(), "<none>"),
            suspend.is_null() ? "<unset>" : suspend.as_bool() ? "True" : "False",
            static_cast<std::int64_t>(object["status"]["active"].size()),
            last.is_null() ? std::string("<none>") : age_of_timestamp(last, now),
            age(object, now),
            container_names(pod_spec),
            container_images(pod_spec),
            api::format_label_selector(job_spec["selector"])};
}

}  // namespace cron_jobs

namespace replication_controllers {

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
            format_labels(object["spec"]["selector"])};
}

}  // namespace replication_controllers

namespace pod_templates {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Containers", "string", ""}, {"Images", "string", ""}, {"Pod Labels", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time, Width) {
    const auto& pod_spec = object["template"]["spec"];
    return {api::name_of(object), container_names(pod_spec), container_images(pod_spec), format_labels(object["template"]["metadata"]["labels"])};
}

}  // namespace pod_templates

namespace horizontal_pod_autoscalers {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"},  {"Reference", "string", ""}, {"Targets", "string", ""}, {"MinPods", "string", ""},
    {"MaxPods", "string", ""},   {"Replicas", "string", ""},  {"Age", "string", ""},
};

constexpr std::string_view unknown = "<unknown>";

struct Source {
    std::string_view type;
    std::string_view field;
};
constexpr Source sources[] = {{"External", "external"}, {"Pods", "pods"}, {"Object", "object"}, {"Resource", "resource"}, {"ContainerResource", "containerResource"}};

std::string percent(const Value& number, std::string_view otherwise) {
    return number.is_null() ? std::string(otherwise) : cat(number.as_int(), "%");
}

// formatHPAMetrics: where a metric stands against where it should.
std::string metric_text(const Value& metric, const Value& status) {
    const auto* source = std::find_if(std::begin(sources), std::end(sources), [&](const Source& one) { return one.type == metric["type"].as_string(); });
    if (source == std::end(sources))
        return "<unknown type>";
    const Value& spec = metric[source->field];
    const Value& target = spec["target"];
    const Value& seen = status[source->field];
    const Value& current = seen["current"];
    const bool average = !target["averageValue"].is_null();
    const auto amount = [&](std::string_view field) {
        return seen.is_null() || current[field].is_null() ? std::string(unknown) : api::Quantity::from(current[field]).str();
    };
    const auto average_target = api::Quantity::from(target["averageValue"]).str();
    if (source->field == "resource" || source->field == "containerResource") {
        const auto name = spec["name"].as_string();
        return average ? cat(name, ": ", amount("averageValue"), "/", average_target)
                       : cat(name, ": ", percent(current["averageUtilization"], unknown), "/", percent(target["averageUtilization"], "<auto>"));
    }
    if (source->field == "pods")
        return cat(amount("averageValue"), "/", average_target);
    return average ? cat(amount("averageValue"), "/", average_target, " (avg)")
                   : cat(amount("value"), "/", api::Quantity::from(target["value"]).str());
}

std::string targets(const Value& object) {
    constexpr std::size_t shown = 2;
    const Value& metrics = object["spec"]["metrics"];
    if (metrics.empty())
        return "<none>";
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < std::min(metrics.size(), shown); ++i)
        texts.push_back(metric_text(metrics[i], object["status"]["currentMetrics"][i]));
    const auto text = join(texts, ", ");
    return metrics.size() > shown ? cat(text, " + ", metrics.size() - shown, " more...") : text;
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    const auto& reference = spec["scaleTargetRef"];
    return {api::name_of(object),
            cat(reference["kind"].as_string(), "/", reference["name"].as_string()),
            targets(object),
            spec["minReplicas"].is_null() ? std::string("<unset>") : cat(spec["minReplicas"].as_int()),
            spec["maxReplicas"].as_int(),
            object["status"]["currentReplicas"].as_int(),
            age(object, now)};
}

}  // namespace horizontal_pod_autoscalers

namespace scales {

namespace {
constexpr Column table[] = {{"Name", "string", ""}, {"Desired", "integer", ""}, {"Available", "integer", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), object["spec"]["replicas"].as_int(), object["status"]["replicas"].as_int(), age(object, now)};
}

}  // namespace scales

}  // namespace kubewalk::apiserver::tables
