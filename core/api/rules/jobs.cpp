// Job and CronJob. Upstream: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation/validation.go,
// pkg/registry/batch/{job,cronjob}/strategy.go.

#include <algorithm>
#include <set>

#include "core/api/cron_schedule.h"
#include "core/api/labels.h"
#include "core/api/rules/job_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/workload_parts.h"
#include "core/base/text.h"
#include "core/base/time_zone.h"

namespace kubewalk::api {

namespace {

constexpr std::int64_t max_indexed_parallelism = 100'000;
constexpr std::int64_t max_failed_indexes = 100'000;
constexpr std::int64_t completions_soft_limit = 100'000;
constexpr std::int64_t parallelism_of_many = 10'000;
constexpr std::int64_t failed_indexes_of_many = 10'000;
constexpr int max_managed_by = 63;

// Those of old and their successors with a prefix.
constexpr std::string_view name_labels[] = {"job-name", "batch.kubernetes.io/job-name"};
constexpr std::string_view uid_labels[] = {"controller-uid", "batch.kubernetes.io/controller-uid"};

// -- Job -------------------------------------------------------------------------------------------------

void default_job(Value& object) {
    Value& spec = object.edit("spec");
    if (spec["completions"].is_null() && spec["parallelism"].is_null())
        spec.set("completions", 1);
    default_to(spec, "parallelism", 1);
    default_to(spec, "backoffLimit", spec["backoffLimitPerIndex"].is_null() ? Value(6) : Value(2147483647));
    if (object["metadata"]["labels"].empty() && !spec["template"]["metadata"]["labels"].empty())
        object.edit("metadata").set("labels", spec["template"]["metadata"]["labels"]);
    default_to(spec, "completionMode", "NonIndexed");
    default_to(spec, "suspend", false);
    default_job_policies(spec);
    default_to(spec, "podReplacementPolicy", spec["podFailurePolicy"].is_null() ? "TerminatingOrFailed" : "Failed");
    default_pod_template(spec.edit("template"));
}

// The labels and the selector by which a Job knows its Pods (generateSelector). What the user set stays;
// validation refuses what contradicts.
void generate_selector(Value& object) {
    const Value name = object["metadata"]["name"], uid = object["metadata"]["uid"];
    Value& labels = object.edit_path("spec", "template", "metadata", "labels");
    for (const auto label : name_labels)
        if (!labels.contains(label))
            labels.set(label, name.str());
    for (const auto label : uid_labels)
        if (!labels.contains(label))
            labels.set(label, uid.str());
    Value& match = object.edit_path("spec", "selector", "matchLabels");
    if (!match.contains(uid_labels[1]))
        match.set(uid_labels[1], uid.str());
}

void prepare_job(Value& object) {
    prepare_workload(object);
    if (!object["spec"]["manualSelector"].as_bool())
        generate_selector(object);
}

void validate_has_label(const Value& labels, std::string_view key, std::string_view expected, const Path& path, FieldErrors& errors) {
    if (!labels.contains(key))
        errors.required(path.key(key), cat("must be '", expected, "'"));
    else if (labels[key].as_string() != expected)
        errors.invalid(path.key(key), labels, cat("must be '", expected, "'"));
}

void validate_generated_selector(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    if (spec["manualSelector"].as_bool() || spec["selector"].is_null())
        return;
    const auto name = api::name_of(object), uid = api::uid_of(object);
    const Path metadata("metadata"), root("spec");
    if (uid.empty())
        errors.required(metadata.child("uid"));
    const Path pod_template = root.child("template");
    const Path pod_metadata = pod_template.child("metadata");
    const Path labels = pod_metadata.child("labels");
    Value expected = Value::object();
    for (int i = 0; i < 2; ++i) {
        validate_has_label(spec["template"]["metadata"]["labels"], uid_labels[i], uid, labels, errors);
        validate_has_label(spec["template"]["metadata"]["labels"], name_labels[i], name, labels, errors);
        expected.set(uid_labels[i], Value(uid));
        expected.set(name_labels[i], Value(name));
    }
    const auto selector = LabelSelector::from_object(spec["selector"]);
    if (selector.ok() && !selector.value().matches(expected))
        errors.invalid(root.child("selector"), spec["selector"], "`selector` not auto-generated");
}

// "example.com/controller"; what is before the slash is a DNS subdomain.
void validate_managed_by(const Value& managed_by, const Path& path, FieldErrors& errors) {
    const auto text = managed_by.as_string();
    const auto slash = text.find('/');
    if (text.empty())
        errors.required(path);
    else if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size())
        errors.invalid(path, managed_by, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    else
        errors.invalid_each(path, Value(text.substr(0, slash)), is_dns1123_subdomain(text.substr(0, slash)));
    if (text.size() > max_managed_by)
        errors.too_long(path, max_managed_by);
}

void validate_indexed(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& parallelism = spec["parallelism"];
    const Value& completions = spec["completions"];
    const Value& failed = spec["maxFailedIndexes"];
    const Path parallelism_path = path.child("parallelism"), failed_path = path.child("maxFailedIndexes");
    if (completions.is_null())
        errors.required(path.child("completions"), "when completion mode is Indexed");
    if (parallelism.as_int() > max_indexed_parallelism)
        errors.invalid(parallelism_path, parallelism, cat("must be less than or equal to ", max_indexed_parallelism, " when completion mode is Indexed"));
    if (!completions.is_null() && !failed.is_null() && failed.as_int() > completions.as_int())
        errors.invalid(failed_path, failed, "must be less than or equal to completions");
    if (failed.as_int() > max_failed_indexes)
        errors.invalid(failed_path, failed, cat("must be less than or equal to ", max_failed_indexes));
    if (completions.as_int() <= completions_soft_limit || spec["backoffLimitPerIndex"].is_null())
        return;
    const auto limit = [](std::int64_t number) {
        return cat("must be less than or equal to ", number, " when completions are above ", completions_soft_limit, " and used with backoff limit per index");
    };
    if (failed.is_null())
        errors.required(failed_path, cat("must be specified when completions is above ", completions_soft_limit));
    if (parallelism.as_int() > parallelism_of_many)
        errors.invalid(parallelism_path, parallelism, limit(parallelism_of_many));
    if (failed.as_int() > failed_indexes_of_many)
        errors.invalid(failed_path, failed, limit(failed_indexes_of_many));
}

void validate_restart_policy(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path pod_template = path.child("template");
    const Path pod_spec = pod_template.child("spec");
    const Path at = pod_spec.child("restartPolicy");
    const Value& policy = spec["template"]["spec"]["restartPolicy"];
    const auto text = policy.as_string();
    if (text == "Always" || text.empty())
        errors.required(at, "valid values: \"OnFailure\", \"Never\"");
    else if (text != "OnFailure" && text != "Never")
        errors.not_supported(at, policy, {"OnFailure", "Never"});
    else if (!spec["podFailurePolicy"].is_null() && text != "Never")
        errors.invalid(at, policy, "only \"Never\" is supported when podFailurePolicy is specified");
}

// What a Job and a CronJob's template have in common.
void validate_job_spec(const Value& spec, const Path& path, FieldErrors& errors) {
    for (const std::string_view field : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
                                         "backoffLimitPerIndex", "maxFailedIndexes"})
        validate_nonnegative(spec[field], path.child(field), errors);
    if (!spec["maxFailedIndexes"].is_null() && spec["backoffLimitPerIndex"].is_null())
        errors.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    if (!spec["managedBy"].is_null())
        validate_managed_by(spec["managedBy"], path.child("managedBy"), errors);
    const auto mode = spec["completionMode"].as_string();
    if (!spec["completionMode"].is_null() && mode != "NonIndexed" && mode != "Indexed")
        errors.not_supported(path.child("completionMode"), spec["completionMode"], {"NonIndexed", "Indexed"});
    if (mode == "Indexed") {
        validate_indexed(spec, path, errors);
    } else if (spec["completionMode"].is_null() || mode == "NonIndexed") {
        for (const std::string_view field : {"backoffLimitPerIndex", "maxFailedIndexes"})
            if (!spec[field].is_null())
                errors.invalid(path.child(field), spec[field], "requires indexed completion mode");
    }
    validate_job_policies(spec, path, errors);
    validate_pod_template(spec["template"], path.child("template"), errors);
    validate_restart_policy(spec, path, errors);
}

void validate_whole_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_job_spec(spec, path, errors);
    if (spec["selector"].is_null())
        errors.required(path.child("selector"));
    else
        validate_label_selector(spec["selector"], path.child("selector"), errors);
    if (makes_a_selector(spec["selector"]))
        validate_template_labels(spec, path.child("template"), errors);
}

void validate_job(const Value& object, FieldErrors& errors) {
    validate_workload_meta(object, errors);
    validate_generated_selector(object, errors);
    validate_whole_spec(object["spec"], errors);
    const auto completions = object["spec"]["completions"].as_int();
    if (object["spec"]["completionMode"].as_string() != "Indexed" || completions <= 0)
        return;
    const auto hostname = cat(name_of(object), "-", completions - 1);
    if (!is_dns1123_label(hostname).empty())
        errors.invalid(Path("metadata").child("name"), object["metadata"]["name"].str(),
                       cat("will not able to create pod with invalid DNS label: ", hostname));
}

void validate_completions(const Value& spec, const Value& old, const Path& path, FieldErrors& errors) {
    if (spec["completionMode"].as_string() != "Indexed")
        return validate_immutable(spec["completions"], old["completions"], path, errors);
    if (spec["completions"] == old["completions"] || spec["completions"].is_null())
        return;
    if (spec["completions"] != spec["parallelism"])
        errors.invalid(path, spec["completions"], "can only be modified in tandem with spec.parallelism");
}

// Where a Job that waits may still be sent elsewhere: the old template with what may change taken over.
Value with_scheduling_of(const Value& old_template, const Value& pod_template) {
    Value result = old_template;
    const auto follow = [](Value& to, const Value& from, std::string_view key) {
        if (from.contains(key))
            to.set(key, from[key]);
        else if (to.contains(key))
            to.erase(key);
    };
    Value& spec = result.edit("spec");
    const Value& wanted = pod_template["spec"];
    if (wanted["affinity"].is_null() && !spec["affinity"].is_null()) {
        spec.edit("affinity").erase("nodeAffinity");
        if (spec["affinity"].empty())
            spec.erase("affinity");
    } else if (!wanted["affinity"].is_null()) {
        Value affinity = spec["affinity"].is_null() ? Value::object() : spec["affinity"];
        follow(affinity, wanted["affinity"], "nodeAffinity");
        spec.set("affinity", std::move(affinity));
    }
    for (const std::string_view field : {"nodeSelector", "tolerations", "schedulingGates"})
        follow(spec, wanted, field);
    for (const std::string_view field : {"annotations", "labels"})
        follow(result.edit("metadata"), pod_template["metadata"], field);
    return result;
}

void validate_job_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    const Value& spec = object["spec"];
    const Path path("spec");
    validate_whole_spec(spec, errors);
    validate_completions(spec, old["spec"], path.child("completions"), errors);
    validate_immutable(spec["selector"], old["spec"]["selector"], path.child("selector"), errors);
    const bool waits = old["spec"]["suspend"].as_bool() && old["status"]["startTime"].is_null();
    const Value before = waits ? with_scheduling_of(old["spec"]["template"], spec["template"]) : old["spec"]["template"];
    validate_immutable(spec["template"], before, path.child("template"), errors);
    for (const std::string_view field : {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"})
        validate_immutable(spec[field], old["spec"][field], path.child(field), errors);
}

bool has_condition(const Value& object, std::string_view type) {
    for (const auto& condition : object["status"]["conditions"].items())
        if (condition["type"].as_string() == type && condition["status"].as_string() == "True")
            return true;
    return false;
}

// Which conditions go together, and what a finished Job must and must not have.
void validate_finished(const Value& object, const Path& path, FieldErrors& errors) {
    const Value& status = object["status"];
    const bool complete = has_condition(object, "Complete"), failed = has_condition(object, "Failed");
    const bool met = has_condition(object, "SuccessCriteriaMet"), target = has_condition(object, "FailureTarget");
    const Path conditions = path.child("conditions");
    const auto refuse = [&](bool wrong, std::string_view text) {
        if (wrong)
            errors.invalid_without_value(conditions, text);
    };
    refuse(complete && failed, "cannot set Complete=True and Failed=true conditions");
    refuse(complete && target, "cannot set Complete=True and FailureTarget=true conditions");
    if (!status["completionTime"].is_null() && !complete)
        errors.invalid(path.child("completionTime"), status["completionTime"], "cannot set completionTime when there is no Complete=True condition");
    if (status["completionTime"].is_null() && complete)
        errors.required(path.child("completionTime"), "completionTime is required for Complete jobs");
    refuse(failed && !target, "cannot set Failed=True condition without the FailureTarget=true condition");
    refuse(complete && !met, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
    if (complete || failed) {
        if (status["active"].as_int() > 0)
            errors.invalid(path.child("active"), status["active"], "active>0 is invalid for finished job");
        if (status["startTime"].is_null())
            errors.required(path.child("startTime"), "startTime is required for finished job");
        if (!status["uncountedTerminatedPods"]["failed"].empty() || !status["uncountedTerminatedPods"]["succeeded"].empty())
            errors.invalid(path.child("uncountedTerminatedPods"), status["uncountedTerminatedPods"], "uncountedTerminatedPods needs to be empty for finished job");
        if (status["terminating"].as_int() > 0)
            errors.invalid(path.child("terminating"), status["terminating"], "terminating>0 is invalid for finished job");
    }
    refuse(met && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
    refuse(met && target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
}

void validate_job_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_status_counts(object, {"active", "succeeded", "failed", "ready", "terminating"}, errors);
    const Value& status = object["status"];
    const Path path("status");
    validate_finished(object, path, errors);
    if (status["ready"].as_int() > status["active"].as_int())
        errors.invalid(path.child("ready"), status["ready"], "cannot set more ready pods than active");
    for (const std::string_view type : {"Failed", "Complete", "FailureTarget"})
        if (has_condition(old, type) && !has_condition(object, type))
            errors.invalid_without_value(path.child("conditions"), cat("cannot disable the terminal ", type, "=True condition"));
    for (const std::string_view field : {"failed", "succeeded"})
        if (status[field].as_int() < old["status"][field].as_int())
            errors.invalid(path.child(field), Value(status[field].as_int()), cat("cannot decrease the ", field, " counter"));
    if (has_condition(old, "SuccessCriteriaMet") && !has_condition(object, "SuccessCriteriaMet"))
        errors.invalid_without_value(path.child("conditions"), "cannot disable the SuccessCriteriaMet=True condition");
}

void job_warnings(const Value& object, std::vector<std::string>& out) {
    const Value& spec = object["spec"];
    workload_template_warnings(object, out);
    if (spec["completionMode"].as_string() == "Indexed" && spec["completions"].as_int() > completions_soft_limit &&
        spec["parallelism"].as_int() > parallelism_of_many)
        out.push_back("In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail");
}

// -- CronJob ---------------------------------------------------------------------------------------------

void default_cron_job(Value& object) {
    Value& spec = object.edit("spec");
    if (spec["concurrencyPolicy"].as_string().empty())
        spec.set("concurrencyPolicy", "Allow");
    default_to(spec, "suspend", false);
    default_to(spec, "successfulJobsHistoryLimit", 3);
    default_to(spec, "failedJobsHistoryLimit", 1);
    Value& job = spec.edit_path("jobTemplate", "spec");
    default_job_policies(job);
    default_pod_template(job.edit("template"));
}

void validate_time_zone(const Value& zone, const Path& path, FieldErrors& errors) {
    const auto text = zone.as_string();
    if (zone.is_null())
        return;
    if (text.empty())
        return errors.invalid(path, zone, "timeZone must be nil or non-empty string");
    if (to_lower(text) == "local")
        errors.invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    if (!TimeZone::find(text))
        errors.invalid(path, zone, cat("unknown time zone ", text));
}

void validate_schedule(const Value& spec, bool zone_allowed, const Path& path, FieldErrors& errors) {
    const Value& schedule = spec["schedule"];
    const auto text = schedule.as_string();
    if (text.empty())
        return errors.required(path);
    if (const auto parsed = parse_cron_schedule(text); !parsed.ok())
        errors.invalid(path, schedule, parsed.error().message);
    const bool has_zone = text.find("TZ") != std::string_view::npos;
    if (has_zone && zone_allowed && !spec["timeZone"].is_null())
        errors.invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
    else if (has_zone && !zone_allowed)
        errors.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
}

void validate_cron_job_spec(const Value& spec, const Value& old, FieldErrors& errors) {
    const Path path("spec");
    validate_schedule(spec, old["schedule"].as_string().find("TZ") != std::string_view::npos, path.child("schedule"), errors);
    validate_nonnegative(spec["startingDeadlineSeconds"], path.child("startingDeadlineSeconds"), errors);
    if (old.is_null() || spec["timeZone"] != old["timeZone"])
        validate_time_zone(spec["timeZone"], path.child("timeZone"), errors);
    const auto policy = spec["concurrencyPolicy"].as_string();
    if (policy.empty())
        errors.required(path.child("concurrencyPolicy"));
    else if (policy != "Allow" && policy != "Forbid" && policy != "Replace")
        errors.not_supported(path.child("concurrencyPolicy"), spec["concurrencyPolicy"], {"Allow", "Forbid", "Replace"});
    const Path job = path.child("jobTemplate");
    const Path job_spec = job.child("spec");
    const Value& job_template = spec["jobTemplate"]["spec"];
    validate_job_spec(job_template, job_spec, errors);
    if (!job_template["selector"].is_null())
        errors.invalid(job_spec.child("selector"), job_template["selector"], "`selector` will be auto-generated");
    if (job_template["manualSelector"].as_bool())
        errors.not_supported(job_spec.child("manualSelector"), job_template["manualSelector"], {"nil", "false"});
    validate_nonnegative(spec["successfulJobsHistoryLimit"], path.child("successfulJobsHistoryLimit"), errors);
    validate_nonnegative(spec["failedJobsHistoryLimit"], path.child("failedJobsHistoryLimit"), errors);
}

void validate_cron_job(const Value& object, FieldErrors& errors) {
    constexpr std::size_t max_name = 52;  // the controller appends "-" and ten digits
    validate_workload_meta(object, errors);
    validate_cron_job_spec(object["spec"], null_value(), errors);
    if (name_of(object).size() > max_name)
        errors.invalid(Path("metadata").child("name"), object["metadata"]["name"], "must be no more than 52 characters");
}

void validate_cron_job_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_workload_update_meta(object, old, errors);
    validate_cron_job_spec(object["spec"], old["spec"], errors);
}

void cron_job_warnings(const Value& object, std::vector<std::string>& out) {
    name_warnings(object, out);
    const Path spec("spec");
    const Path job = spec.child("jobTemplate");
    const Path job_spec = job.child("spec");
    pod_template_warnings(object["spec"]["jobTemplate"]["spec"]["template"], job_spec.child("template"), out);
}

}  // namespace

const Rules job_rules = {"batch", "Job", default_job, prepare_job, prepare_workload_update, keep_all_but_status,
                         validate_job, validate_job_update, validate_job_status, job_warnings};
const Rules cron_job_rules = {"batch", "CronJob", default_cron_job, prepare_workload, prepare_workload_update, keep_all_but_status,
                              validate_cron_job, validate_cron_job_update, validate_workload_update_meta, cron_job_warnings};

}  // namespace kubewalk::api
