#include "core/controllers/podautoscaler/horizontal.h"

#include <algorithm>

#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/controllers/scale_client.h"

namespace kubewalk::controllers {

using namespace podautoscaler;

namespace {

enum Watched : std::size_t { autoscalers, pods };
constexpr Duration sync_period = seconds(15);  // --horizontal-pod-autoscaler-sync-period

// "10m", "151552Ki": the amount in thousandths as the resource is usually written.
std::string amount_text(std::string_view resource, std::int64_t milli) {
    if (resource == "cpu")
        return api::Quantity::of_milli(milli).str();
    return api::Quantity::of(milli / 1000).str();
}

}  // namespace

HorizontalController::HorizontalController(client::Environment environment)
    : ControllerOf(environment, "horizontal-pod-autoscaler", "system:serviceaccount:kube-system:horizontal-pod-autoscaler") {
    watch(api::kind::horizontal_pod_autoscalers);
    watch_on_demand(api::kind::pods);
}

void HorizontalController::changed(std::size_t index, const client::Change& change) {
    if (index != autoscalers)
        return;
    need(pods);
    const std::string key = api::key_of(change.object);
    if (change.type == client::WatchType::deleted)
        histories_.erase(key);
    else if (change.type == client::WatchType::added || change.before["spec"] != change.object["spec"])
        enqueue(key);
}

void HorizontalController::tell(const Value& autoscaler, client::EventType type, std::string_view reason,
                                const std::string& message) {
    recorder().record(simulation(), autoscaler, type, reason, message);
}

client::Outcome HorizontalController::reconcile(const std::string& key) {
    const Value before = informer(autoscalers).get(key);
    if (before.is_null())
        return client::Outcome::done();
    Value autoscaler = before;
    const auto again = client::Outcome::look_again(sync_period);
    const auto target = send_scale(client::Method::get, autoscaler, {});
    if (!target.ok()) {
        tell(autoscaler, client::EventType::warning, "FailedGetScale", target.error().message);
        set_condition(autoscaler, "AbleToScale", false, "FailedGetScale",
                      cat("the HPA controller was unable to get the target's current scale: ", target.error().message));
        (void)write_status(before, autoscaler);
        return again;
    }
    set_condition(autoscaler, "AbleToScale", true, "SucceededGetScale",
                  "the HPA controller was able to get the target's current scale");
    (void)scale(autoscaler, target.value());
    (void)write_status(before, autoscaler);
    return again;
}

// GET and PUT of the target's /scale.
Result<Value> HorizontalController::send_scale(client::Method method, const Value& autoscaler, const Value& body) const {
    const auto& reference = autoscaler["spec"]["scaleTargetRef"];
    const auto* kind = kind_named(client(), reference["apiVersion"].as_string(), reference["kind"].as_string());
    if (!kind)
        return Error{"NotFound", cat("no matches for kind ", quoted(reference["kind"].as_string()), " in group ",
                                     quoted(split(reference["apiVersion"].as_string(), '/')[0])), {}, 0, 0};
    return controllers::send_scale(client(), method, *kind, api::namespace_of(autoscaler), reference["name"].as_string(), body);
}

Result<void> HorizontalController::scale(Value& autoscaler, Value target) {
    const std::string key = api::key_of(autoscaler);
    const auto current = target["spec"]["replicas"].as_int();
    const auto least = autoscaler["spec"]["minReplicas"].as_int(1);
    const auto most = autoscaler["spec"]["maxReplicas"].as_int();
    History& history = histories_[key];
    if (history.recommendations.empty())
        history.recommendations.push_back({current, now()});
    std::int64_t desired = current;
    std::string why;
    Value& status = autoscaler.edit("status");
    set_count(status, "currentReplicas", current);
    if (current == 0 && least != 0) {
        desired = 0;
        set_condition(autoscaler, "ScalingActive", false, "ScalingDisabled",
                      "scaling is disabled since the replica count of the target is zero");
    } else if (current > most) {
        desired = most;
        why = "Current number of replicas above Spec.MaxReplicas";
    } else if (current < least) {
        desired = least;
        why = "Current number of replicas below Spec.MinReplicas";
    } else {
        auto proposal = propose(autoscaler, target);
        if (!proposal.ok()) {
            tell(autoscaler, client::EventType::warning, "FailedComputeMetricsReplicas", proposal.error().message);
            autoscaler.edit("status").set("desiredReplicas", current);
            return proposal.error();
        }
        const auto wanted = proposal.value().replicas;
        why = wanted > current ? cat(proposal.value().name, " above target") : "All metrics below target";
        const Normalized allowed = normalize(autoscaler, history, current, wanted, least, now());
        desired = allowed.replicas;
        set_condition(autoscaler, "AbleToScale", true, allowed.able_reason, allowed.able_message);
        set_condition(autoscaler, "ScalingLimited", allowed.limited, allowed.limited_reason, allowed.limited_message);
        autoscaler.edit("status").set("currentMetrics", proposal.value().status);
    }
    autoscaler.edit("status").set("desiredReplicas", desired);
    if (desired == current)
        return {};
    target.edit("spec").set("replicas", desired);
    const auto written = send_scale(client::Method::put, autoscaler, target);
    if (!written.ok()) {
        tell(autoscaler, client::EventType::warning, "FailedRescale",
             cat("New size: ", desired, "; reason: ", why, "; error: ", written.error().message));
        set_condition(autoscaler, "AbleToScale", false, "FailedUpdateScale",
                      cat("the HPA controller was unable to update the target scale: ", written.error().message));
        return written.error();
    }
    set_condition(autoscaler, "AbleToScale", true, "SucceededRescale",
                  cat("the HPA controller was able to update the target scale to ", desired));
    tell(autoscaler, client::EventType::normal, "SuccessfulRescale", cat("New size: ", desired, "; reason: ", why));
    auto& events = desired > current ? history.ups : history.downs;
    events.push_back({desired > current ? desired - current : current - desired, now()});
    while (events.size() > 1 && events.front().at + hours(1) < now())
        events.pop_front();
    autoscaler.edit("status").set("lastScaleTime", to_rfc3339(now()));
    return {};
}

Result<HorizontalController::Proposal> HorizontalController::propose(Value& autoscaler, const Value& target) {
    Proposal best;
    best.status = Value::array();
    const Value specs = autoscaler["spec"]["metrics"];
    std::size_t invalid = 0;
    std::string first_reason, first_message;
    if (target["status"]["selector"].as_string().empty()) {
        tell(autoscaler, client::EventType::warning, "SelectorRequired", "selector is required");
        set_condition(autoscaler, "ScalingActive", false, "InvalidSelector", "the HPA target's scale is missing a selector");
        return Error{"InternalError", "selector is required", {}, 0, 0};
    }
    for (const auto& metric : specs.items()) {
        std::string reason;
        auto one = propose_for(autoscaler, target, metric, reason);
        if (!one.ok()) {
            tell(autoscaler, client::EventType::warning, reason, one.error().message);
            if (invalid++ == 0) {
                first_reason = reason;
                first_message = one.error().message;
            }
            continue;
        }
        best.status.push_back(one.value().status);
        if (one.value().replicas > best.replicas) {
            best.replicas = one.value().replicas;
            best.name = one.value().name;
        }
    }
    const bool all_invalid = invalid >= specs.size();
    if (invalid > 0 && (all_invalid || best.replicas < target["spec"]["replicas"].as_int())) {
        set_condition(autoscaler, "ScalingActive", false, first_reason,
                      cat("the HPA was unable to compute the replica count: ", first_message));
        return Error{"InternalError", cat("invalid metrics (", invalid, " invalid out of ", specs.size(), "), first error is: ", first_message), {}, 0, 0};
    }
    set_condition(autoscaler, "ScalingActive", true, "ValidMetricFound",
                  cat("the HPA was able to successfully calculate a replica count from ", best.name));
    return best;
}

Result<HorizontalController::Proposal> HorizontalController::propose_for(const Value& autoscaler, const Value& target,
                                                                         const Value& metric, std::string& reason) {
    const auto type = metric["type"].as_string();
    const bool of_container = type == "ContainerResource";
    if (type != "Resource" && !of_container) {
        reason = cat("FailedGet", type, "Metric");
        return Error{"NotFound", cat("unable to get metric ", metric[to_lower(type)]["metric"]["name"].as_string(), ": unable to fetch metrics from ",
                                     type == "External" ? "external" : "custom", " metrics API: no known available metric versions found"), {}, 0, 0};
    }
    const auto& source = metric[of_container ? "containerResource" : "resource"];
    reason = of_container ? "FailedGetContainerResourceMetric" : "FailedGetResourceMetric";
    const std::string resource = source["name"].str();
    const bool utilization = !source["target"]["averageUtilization"].is_null();
    const auto selector_text = target["status"]["selector"].as_string();
    const auto failed = [&](const Error& error) {
        return Error{error.reason, cat("failed to get ", resource, utilization ? " utilization: " : " usage: ", error.message), {}, 0, 0};
    };
    Question question;
    question.current = target["spec"]["replicas"].as_int();
    question.resource = resource;
    question.container = source["container"].str();
    question.now = now();
    const auto& behavior = autoscaler["spec"]["behavior"];
    if (const auto& given = behavior["scaleUp"]["tolerance"]; !given.is_null())
        question.tolerance_up = static_cast<double>(api::Quantity::from(given).milli_value()) / 1000.0;
    if (const auto& given = behavior["scaleDown"]["tolerance"]; !given.is_null())
        question.tolerance_down = static_cast<double>(api::Quantity::from(given).milli_value()) / 1000.0;
    question.target = utilization ? source["target"]["averageUtilization"].as_int()
                                  : api::Quantity::from(source["target"]["averageValue"]).milli_value();
    auto metrics = pod_metrics(api::namespace_of(autoscaler), selector_text, resource, question.container);
    if (!metrics.ok())
        return failed(metrics.error());
    KUBEWALK_TRY(selector, api::LabelSelector::parse(selector_text));
    Objects selected;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(autoscaler)))
        if (selector.matches(pod["metadata"]["labels"]))
            selected.push_back(pod);
    const auto answer = utilization ? replicas_for_utilization(question, metrics.take(), selected)
                                    : replicas_for_value(question, metrics.take(), selected);
    if (!answer.ok())
        return failed(answer.error());
    Value current = Value::object({{"averageValue", amount_text(resource, answer.value().average)}});
    if (utilization)
        current.set("averageUtilization", answer.value().utilization);
    Value shown = Value::object({{"name", resource}, {"current", current}});
    if (of_container)
        shown.set("container", question.container);
    Proposal proposal;
    proposal.replicas = answer.value().replicas;
    proposal.name = cat(resource, of_container ? " container" : "", utilization ? " resource utilization (percentage of request)" : " resource");
    proposal.status = Value::object({{"type", type}, {of_container ? "containerResource" : "resource", shown}});
    return proposal;
}

Result<PodMetrics> HorizontalController::pod_metrics(std::string_view namespace_name, std::string_view selector,
                                                     std::string_view resource, std::string_view container) const {
    const auto wrapped = [&](std::string_view message) {
        return Error{"InternalError", cat("unable to get metrics for resource ", resource, ": ", message), {}, 0, 0};
    };
    client::Request request;
    request.path = cat("/apis/metrics.k8s.io/v1beta1/namespaces/", namespace_name, "/pods");
    request.query["labelSelector"] = selector;
    request.user = client().user();
    request.agent = client().agent();
    request.heartbeat = true;
    const auto response = client().transport().send(request);
    if (!response.ok()) {
        // The aggregator says without a Status that nobody is there; client-go puts it into words (NewGenericServerResponse).
        const auto said = client::to_error(response).message;
        return wrapped(cat("unable to fetch metrics from resource metrics API: ",
                           response.code == 503 && said.empty() ? "the server is currently unable to handle the request (get pods.metrics.k8s.io)" : said));
    }
    PodMetrics metrics;
    for (const auto& pod : response.body["items"].items()) {
        PodMetric one{0, time_of(pod["timestamp"]), parse_go_duration(pod["window"].as_string()).value_or(seconds(15))};
        bool complete = true, any = false;
        for (const auto& each : pod["containers"].items()) {
            if (!container.empty() && each["name"].as_string() != container)
                continue;
            const auto& used = each["usage"][resource];
            complete = complete && !used.is_null();
            any = true;
            one.milli += api::Quantity::from(used).milli_value();
        }
        if (complete && any)
            metrics[std::string(api::name_of(pod))] = one;
    }
    if (metrics.empty())
        return wrapped("no metrics returned from resource metrics API");
    return metrics;
}

void HorizontalController::set_condition(Value& autoscaler, std::string_view type, bool state, std::string_view reason,
                                         std::string_view message) const {
    Value condition = Value::object({{"type", type},
                                     {"status", state ? "True" : "False"},
                                     {"reason", reason},
                                     {"message", message},
                                     {"lastTransitionTime", to_rfc3339(now())}});
    Value& conditions = autoscaler.edit("status").edit("conditions");
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (conditions[i]["type"].as_string() != type)
            continue;
        if (conditions[i]["status"] == condition["status"])
            condition.set("lastTransitionTime", conditions[i]["lastTransitionTime"]);
        conditions.edit_at(i) = condition;
        return;
    }
    conditions.push_back(condition);
}

Result<void> HorizontalController::write_status(const Value& before, Value autoscaler) {
    if (autoscaler["status"] == before["status"])
        return {};
    const auto written = client().update_status(api::kind::horizontal_pod_autoscalers, autoscaler);
    return written.ok() ? Result<void>() : Result<void>(written.error());
}

}  // namespace kubewalk::controllers
