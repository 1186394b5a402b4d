// HorizontalPodAutoscaler. Upstream: k8s.io/kubectl/pkg/describe/describe.go (describeHorizontalPodAutoscalerV2).

#include "core/api/quantity.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

std::string quantity(const Value& value) { return api::Quantity::from(value).str(); }

// Of a resource, of the Pods' or of one container's: a share of the request, or an amount.
void resource_metric(Writer& w, const Value& target, const Value& current) {
    const auto& now = current["current"];
    if (!target["averageValue"].is_null())
        return w.line(0, ":\t", current.is_null() ? std::string("<unknown>") : quantity(now["averageValue"]), " / ",
                      quantity(target["averageValue"]));
    const auto shown = now["averageUtilization"].is_null()
                           ? std::string("<unknown>")
                           : cat(now["averageUtilization"].as_int(), "% (", quantity(now["averageValue"]), ")");
    const auto wanted = target["averageUtilization"].is_null() ? std::string("<auto>") : cat(target["averageUtilization"].as_int(), "%");
    w.line(1, "(as a percentage of request):\t", shown, " / ", wanted);
}

void value_metric(Writer& w, const Value& target, const Value& now) {
    const bool average = !target["averageValue"].is_null() || target["type"].as_string() == "AverageValue";
    const std::string_view field = average ? "averageValue" : "value";
    w.line(0, average ? "(target average value):\t" : "(target value):\t",
           now[field].is_null() ? std::string("<unknown>") : quantity(now[field]), " / ", quantity(target[field]));
}

void metric(Writer& w, const Value& metric, const Value& status) {
    const auto type = metric["type"].as_string();
    if (type == "Resource") {
        w.write(1, "resource ", metric["resource"]["name"].as_string(), " on pods");
        return resource_metric(w, metric["resource"]["target"], status["resource"]);
    }
    if (type == "ContainerResource") {
        const auto& source = metric["containerResource"];
        w.write(1, "resource ", source["name"].as_string(), " of container \"", source["container"].as_string(), "\" on pods");
        return resource_metric(w, source["target"], status["containerResource"]);
    }
    if (type == "Pods") {
        const auto& now = status["pods"]["current"]["averageValue"];
        return w.line(1, quoted(metric["pods"]["metric"]["name"].as_string()), " on pods:\t",
                      now.is_null() ? std::string("<unknown>") : quantity(now), " / ",
                      quantity(metric["pods"]["target"]["averageValue"]));
    }
    if (type == "Object") {
        const auto& source = metric["object"];
        w.write(1, "\"", source["metric"]["name"].as_string(), "\" on ", source["describedObject"]["kind"].as_string(), "/",
                source["describedObject"]["name"].as_string(), " ");
        return value_metric(w, source["target"], status["object"]["current"]);
    }
    if (type == "External") {
        w.write(1, quoted(metric["external"]["metric"]["name"].as_string()), " ");
        return value_metric(w, metric["external"]["target"], status["external"]["current"]);
    }
    w.line(1, "<unknown metric type ", quoted(type), ">");
}

void direction(Writer& w, std::string_view title, const Value& rules) {
    if (rules.is_null())
        return;
    w.line(1, title, ":");
    if (!rules["stabilizationWindowSeconds"].is_null())
        w.line(2, "Stabilization Window: ", rules["stabilizationWindowSeconds"].as_int(), " seconds");
    if (rules["policies"].empty())
        return;
    w.line(2, "Select Policy: ", rules["selectPolicy"].as_string("Max"));
    w.line(2, "Policies:");
    for (const auto& policy : rules["policies"].items())
        w.line(3, "- Type: ", policy["type"].as_string(), "\tValue: ", policy["value"].as_int(), "\tPeriod: ",
               policy["periodSeconds"].as_int(), " seconds");
}

}  // namespace

void autoscaler(const Subject& subject, Writer& w) {
    // Whatever version was asked for, it is the newer one that is shown.
    const auto& named = subject.object;
    Value object = named;
    if (named["apiVersion"].as_string() == "autoscaling/v1")
        if (auto newer = subject.server.get(api::kind::horizontal_pod_autoscalers, api::namespace_of(named), api::name_of(named)); newer.ok())
            object = newer.take();
    const auto& spec = object["spec"];
    const auto& status = object["status"];
    metadata(w, object);
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    const auto target = spec["scaleTargetRef"]["kind"].as_string();
    w.line(0, "Reference:\t", target, "/", spec["scaleTargetRef"]["name"].as_string());
    w.line(0, "Metrics:\t( current / target )");
    for (std::size_t i = 0; i < spec["metrics"].size(); ++i)
        metric(w, spec["metrics"][i], status["currentMetrics"][i]);
    w.line(0, "Min replicas:\t", spec["minReplicas"].is_null() ? std::string("<unset>") : cat(spec["minReplicas"].as_int()));
    w.line(0, "Max replicas:\t", spec["maxReplicas"].as_int());
    if (!spec["behavior"].is_null()) {
        w.line(0, "Behavior:");
        direction(w, "Scale Up", spec["behavior"]["scaleUp"]);
        direction(w, "Scale Down", spec["behavior"]["scaleDown"]);
    }
    w.line(0, target, " pods:\t", status["currentReplicas"].as_int(), " current / ", status["desiredReplicas"].as_int(), " desired");
    if (!status["conditions"].empty()) {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tReason\tMessage");
        w.line(1, "----\t------\t------\t-------");
        for (const auto& condition : status["conditions"].items())
            w.line(1, condition["type"].as_string(), "\t", condition["status"].as_string(), "\t", condition["reason"].as_string(),
                   "\t", condition["message"].as_string());
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
