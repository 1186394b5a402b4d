// Job and CronJob. Upstream: k8s.io/kubectl/pkg/describe/describe.go (describeJob, describeCronJob).

#include "core/api/labels.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string number_or_unset(const Value& number, std::string_view unit = {}) {
    return number.is_null() ? std::string("<unset>") : cat(number.as_int(), unit);
}

std::string selector_text(const Value& selector) {
    const auto parsed = api::LabelSelector::from_object(selector);
    return parsed.ok() ? parsed.value().str() : cat("Failed to get selector: ", parsed.error().message);
}

// capIndexesListOrNone: after fifty characters the list ends at the next comma.
std::string capped_indexes(std::string_view indexes) {
    constexpr std::size_t soft_limit = 50;
    if (indexes.empty())
        return "<none>";
    const auto comma = indexes.find(',', soft_limit);
    return comma == std::string_view::npos ? std::string(indexes) : cat(indexes.substr(0, comma + 1), "...");
}

void times(Writer& w, const Value& status) {
    const auto start = parse_rfc3339(status["startTime"].as_string());
    const auto end = parse_rfc3339(status["completionTime"].as_string());
    if (start)
        w.line(0, "Start Time:\t", rfc1123(status["startTime"]));
    if (end)
        w.line(0, "Completed At:\t", rfc1123(status["completionTime"]));
    if (start && end)
        w.line(0, "Duration:\t", human_duration(*end - *start));
}

void pods_statuses(Writer& w, const Value& status) {
    w.line(0, "Pods Statuses:\t", status["active"].as_int(), " Active",
           status["ready"].is_null() ? std::string() : cat(" (", status["ready"].as_int(), " Ready)"), " / ",
           status["succeeded"].as_int(), " Succeeded / ", status["failed"].as_int(), " Failed");
}

}  // namespace

void job(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Selector:\t", selector_text(spec["selector"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    if (const auto owner = controller(object); !owner.empty())
        w.line(0, "Controlled By:\t", owner);
    if (!spec["parallelism"].is_null())
        w.line(0, "Parallelism:\t", spec["parallelism"].as_int());
    w.line(0, "Completions:\t", number_or_unset(spec["completions"]));
    if (!spec["completionMode"].is_null())
        w.line(0, "Completion Mode:\t", spec["completionMode"].as_string());
    if (!spec["suspend"].is_null())
        w.line(0, "Suspend:\t", spec["suspend"].as_bool());
    if (!spec["backoffLimit"].is_null())
        w.line(0, "Backoff Limit:\t", spec["backoffLimit"].as_int());
    if (!spec["ttlSecondsAfterFinished"].is_null())
        w.line(0, "TTL Seconds After Finished:\t", spec["ttlSecondsAfterFinished"].as_int());
    times(w, object["status"]);
    if (!spec["activeDeadlineSeconds"].is_null())
        w.line(0, "Active Deadline Seconds:\t", spec["activeDeadlineSeconds"].as_int(), "s");
    pods_statuses(w, object["status"]);
    if (spec["completionMode"].as_string() == "Indexed")
        w.line(0, "Completed Indexes:\t", capped_indexes(object["status"]["completedIndexes"].as_string()));
    pod_template(w, spec["template"]);
    events(w, subject);
}

void cron_job(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    metadata(w, object);
    w.line(0, "Schedule:\t", spec["schedule"].as_string());
    w.line(0, "Concurrency Policy:\t", spec["concurrencyPolicy"].as_string());
    w.line(0, "Suspend:\t", bool_or_unset(spec["suspend"]));
    w.line(0, "Time Zone:\t", spec["timeZone"].as_string("<unset>"));
    w.line(0, "Successful Job History Limit:\t", number_or_unset(spec["successfulJobsHistoryLimit"]));
    w.line(0, "Failed Job History Limit:\t", number_or_unset(spec["failedJobsHistoryLimit"]));
    w.line(0, "Starting Deadline Seconds:\t", number_or_unset(spec["startingDeadlineSeconds"], "s"));
    const auto& inner = spec["jobTemplate"]["spec"];
    w.line(0, "Selector:\t", inner["selector"].is_null() ? std::string("<unset>") : selector_text(inner["selector"]));
    w.line(0, "Parallelism:\t", number_or_unset(inner["parallelism"]));
    w.line(0, "Completions:\t", number_or_unset(inner["completions"]));
    if (!inner["activeDeadlineSeconds"].is_null())
        w.line(0, "Active Deadline Seconds:\t", inner["activeDeadlineSeconds"].as_int(), "s");
    pod_template(w, inner["template"]);
    const auto& last = object["status"]["lastScheduleTime"];
    w.line(0, "Last Schedule Time:\t", last.is_null() ? std::string("<unset>") : rfc1123(last));
    std::vector<std::string> active;
    for (const auto& reference : object["status"]["active"].items())
        active.push_back(reference["name"].str());
    w.line(0, "Active Jobs:\t", or_none(join(active, ", ")));
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
