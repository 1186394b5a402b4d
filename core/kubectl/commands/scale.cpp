// scale and autoscale. Upstream: k8s.io/kubectl/pkg/cmd/scale/scale.go, pkg/scale/scale.go,
// pkg/cmd/autoscale/autoscale.go.

#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

std::string scale_path(const Info& info) { return cat(api::object_path(*info.kind, info.namespace_name, info.name), "/scale"); }

Refusal no_scale(const Info& info) {
    return Refusal::plain(cat("could not find scale subresource for ", info.kind->api_version(), ", Resource=", info.kind->resource,
                              " in discovery information"));
}

// Kinds without /scale have no such path.
bool is_missing_path(const Refusal& refusal) { return refusal.is("NotFound") && refusal.status["details"]["name"].as_string().empty(); }

Answer<Value> scale_one(Run& run, const Info& info, DryRun dry_run) {
    const auto wanted = run.flags.integer("current-replicas");
    const auto version = run.flags.text("resource-version");
    Value patch = Value::object({{"spec", Value::object({{"replicas", run.flags.integer("replicas")}})}});
    if (wanted != -1 || !version.empty()) {
        auto now = run.server.answer(run.server.request(client::Method::get, scale_path(info)));
        if (!now.ok())
            return is_missing_path(now.refusal()) ? no_scale(info) : now.refusal();
        const auto replicas = now.value()["spec"]["replicas"].as_int();
        if (wanted != -1 && replicas != wanted)
            return Refusal::plain(cat("Expected replicas to be ", wanted, ", was ", replicas));
        if (!version.empty() && api::resource_version_of(now.value()) != version)
            return Refusal::plain(cat("Expected resource version to be ", version, ", was ", api::resource_version_of(now.value())));
        patch.set("metadata", Value::object({{"resourceVersion", now.value()["metadata"]["resourceVersion"]}}));
    }
    auto request = run.server.request(client::Method::patch, scale_path(info));
    request.headers["Content-Type"] = "application/merge-patch+json";
    request.body = std::move(patch);
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok())
        return is_missing_path(answer.refusal()) ? no_scale(info) : answer.refusal();
    return answer;
}

// --timeout: until status.replicas is what was asked for (scale.WaitForScaleHasDesiredReplicas).
class Scaling final : public Waiting<Scaling> {
public:
    Scaling(const Server& server, std::vector<std::string> paths, Time deadline)
        : server_(server.quiet()), paths_(std::move(paths)), deadline_(deadline) {}

    bool poll(Time now, Output& more) override {
        std::erase_if(paths_, [this](const std::string& path) {
            auto scale = server_.answer(server_.request(client::Method::get, path));
            return scale.ok() && scale.value()["status"]["replicas"].as_int() == scale.value()["spec"]["replicas"].as_int();
        });
        if (paths_.empty())
            return true;
        if (now < deadline_)
            return false;
        more.err += "error: timed out waiting for the condition\n";
        more.exit = 1;
        return true;
    }

private:
    Server server_;
    std::vector<std::string> paths_;
    Time deadline_;
};

}  // namespace

void scale_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_label_flag(set);
    add_record_flag(set);
    set.integer("replicas", "How many there shall be. Required", "0")
        .integer("current-replicas", "Only when there are this many now; -1: always", "-1")
        .text("resource-version", "Only when the object has this version")
        .boolean("all", "All of the kind in the namespace")
        .duration("timeout", "How long to wait until there are so many; 0s: do not wait", "0s");
}

void scale(Run& run) {
    if (!run.flags.has("replicas"))
        return run.fail("required flag(s) \"replicas\" not set");
    if (run.flags.integer("replicas") < 0)
        return run.fail("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    if (run.flags.integer("current-replicas") < -1)
        return run.fail("The --current-replicas must specify an integer of -1 or greater");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    Found found = find_resources(run, run.args(), {});
    if (run.flags.has("resource-version") && found.infos.size() > 1)
        return run.fail("cannot use --resource-version with multiple resources");
    if (found.infos.empty())
        return found.refusals.empty() ? run.fail("no objects passed to scale") : run.fail(found.refusals);
    std::vector<std::string> paths;
    for (auto& info : found.infos) {
        std::int64_t size = run.flags.integer("replicas");
        if (how.value().dry_run != DryRun::client) {
            auto scaled = scale_one(run, info, how.value().dry_run);
            if (!scaled.ok())
                return run.fail(scaled.refusal());
            size = scaled.value()["spec"]["replicas"].as_int();
            paths.push_back(scale_path(info));
        }
        info.object.edit("spec").set("replicas", size);
        if (run.flags.is("record") && how.value().dry_run == DryRun::none)
            if (auto live = run.server.get(*info.kind, info.namespace_name, info.name); live.ok()) {
                Value recorded = live.value();
                record_change(run, recorded);
                static_cast<void>(send_change(run, {info.kind, info.namespace_name, info.name, {}, 0, live.value()}, recorded, DryRun::none));
            }
        how.value().printer.changed(run, *info.kind, info.object, cat("scaled", dry_run_suffix(how.value().dry_run)));
    }
    run.fail(found.refusals);
    const auto timeout = run.flags.duration("timeout");
    if (timeout.ns <= 0 || how.value().dry_run != DryRun::none)
        return;
    auto rest = std::make_unique<Scaling>(run.server, std::move(paths), run.environment.now + timeout);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

// -- autoscale -----------------------------------------------------------------------------------------

namespace {

// "70%" of the request, or an amount; bare numbers are millicores and mebibytes (parseResourceInput).
Answer<Value> metric_for(const std::string& text, std::string_view resource) {
    Value target = Value::object();
    if (text.ends_with('%')) {
        const auto share = parse_int(std::string_view(text).substr(0, text.size() - 1));
        if (!share || *share < 0)
            return Refusal::plain(cat("invalid percentage value: ", text));
        target.set("type", "Utilization");
        target.set("averageUtilization", *share);
    } else {
        const auto written = parse_int(text) ? cat(text, resource == "cpu" ? "m" : "Mi") : text;
        auto quantity = api::Quantity::parse(written);
        if (!quantity.ok())
            return Refusal::plain(cat("invalid ", resource, " resource value: ", text));
        target.set("type", "AverageValue");
        target.set("averageValue", quantity.value().str());
    }
    return Value::object({{"type", "Resource"}, {"resource", Value::object({{"name", resource}, {"target", std::move(target)}})}});
}

Answer<Outcome> autoscale_one(Run& run, const Info& info, const Value& metrics, DryRun dry_run) {
    auto scale = run.server.answer(run.server.request(client::Method::get, scale_path(info)));
    if (!scale.ok())
        return is_missing_path(scale.refusal()) ? Refusal::plain(cat("cannot autoscale a ", info.kind->kind, ": ", no_scale(info).text)) : scale.refusal();
    const auto name = run.flags.text("name");
    Value object = Value::object({{"apiVersion", "autoscaling/v2"}, {"kind", "HorizontalPodAutoscaler"}});
    object.edit("metadata").set("name", name.empty() ? info.name : name);
    if (run.namespace_given())
        object.edit("metadata").set("namespace", info.namespace_name);
    auto& spec = object.edit("spec");
    spec.set("scaleTargetRef", Value::object({{"apiVersion", info.kind->api_version()}, {"kind", info.kind->kind}, {"name", info.name}}));
    spec.set("maxReplicas", run.flags.integer("max"));
    if (run.flags.integer("min") > 0)
        spec.set("minReplicas", run.flags.integer("min"));
    if (!metrics.empty())
        spec.set("metrics", metrics);
    record_change(run, object);
    if (dry_run == DryRun::client) {
        object.set("status", Value::object({{"currentMetrics", Value()}, {"desiredReplicas", 0}}));
        return Outcome{std::move(object), "created"};
    }
    if (run.flags.is("save-config"))
        object = with_last_applied(object);
    auto request = run.server.request(client::Method::post, api::collection_path(api::kind::horizontal_pod_autoscalers, info.namespace_name));
    request.query["fieldManager"] = run.flags.text("field-manager");
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    request.body = std::move(object);
    auto created = run.server.answer(std::move(request));
    if (!created.ok())
        return created.refusal();
    return Outcome{created.take(), "autoscaled"};
}

}  // namespace

void autoscale_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_manager_flag(set, "kubectl-autoscale");
    add_record_flag(set);
    set.integer("min", "The fewest Pods; negative: as the server has it", "-1")
        .integer("max", "The most Pods. Required", "-1")
        .text("cpu", "CPU aimed at: 70% of the request, or an amount such as 500m")
        .text("memory", "Memory aimed at: 60% of the request, or an amount such as 200Mi")
        .text("name", "The name of the autoscaler; else that of what it scales")
        .boolean("save-config", "Keep the configuration in an annotation, as apply does")
        .integer("cpu-percent", "CPU aimed at, in percent of the request", "-1")
        .deprecated("Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).");
}

void autoscale(Run& run) {
    if (!run.flags.has("max"))
        return run.fail("required flag(s) \"max\" not set");
    const auto least = run.flags.integer("min");
    const auto most = run.flags.integer("max");
    if (most < 1)
        return run.fail(cat("--max=MAXPODS is required and must be at least 1, max: ", most));
    if (most < least)
        return run.fail(cat("--max=MAXPODS must be larger or equal to --min=MINPODS, max: ", most, ", min: ", least));
    if (run.flags.integer("cpu-percent") > 0 && run.flags.has("cpu"))
        return run.fail("--cpu-percent and --cpu are mutually exclusive");
    Value metrics = Value::array();
    struct Wanted {
        std::string text;
        std::string_view resource;
    };
    const auto percent = run.flags.integer("cpu-percent");
    for (const auto& wanted : {Wanted{percent > 0 ? cat(percent, "%") : run.flags.text("cpu"), "cpu"}, Wanted{run.flags.text("memory"), "memory"}}) {
        if (wanted.text.empty())
            continue;
        auto metric = metric_for(wanted.text, wanted.resource);
        if (!metric.ok())
            return run.fail(metric.refusal());
        metrics.push_back(metric.take());
    }
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    Found found = find_resources(run, run.args(), {});
    if (found.infos.empty() && found.refusals.empty())
        return run.fail("no objects passed to autoscale");
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto made = autoscale_one(run, info, metrics, how.value().dry_run);
        run.err(run.server.take_notes());
        if (made.ok())
            how.value().printer.changed(run, api::kind::horizontal_pod_autoscalers, made.value().object,
                                        cat(made.value().operation, dry_run_suffix(how.value().dry_run)));
        else
            refusals.push_back(made.refusal());
    }
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
