#include "core/controllers/podautoscaler/replica_calculator.h"

#include <algorithm>
#include <cmath>

#include "core/api/quantity.h"
#include "core/base/text.h"

namespace kubewalk::controllers::podautoscaler {

namespace {

constexpr Duration initialization_period = minutes(5);     // --horizontal-pod-autoscaler-cpu-initialization-period
constexpr Duration initial_readiness_delay = seconds(30);  // --horizontal-pod-autoscaler-initial-readiness-delay

Error broken(std::string message) { return {"InternalError", std::move(message), {}, 0, 0}; }

struct Groups {
    std::int64_t ready = 0;
    std::set<std::string> unready, missing, ignored;
};

// A Pod that has just started uses much processor time or none: it says nothing about the load.
bool is_unready_for_cpu(const Value& pod, const PodMetric& metric, Time now) {
    const auto& ready = condition_of(pod, "Ready");
    const auto& started = pod["status"]["startTime"];
    if (ready.is_null() || started.is_null())
        return true;
    const Time since = time_of(ready["lastTransitionTime"]);
    const bool is_false = ready["status"].as_string() == "False";
    if (time_of(started) + initialization_period > now)
        return is_false || metric.timestamp < since + metric.window;
    return is_false && time_of(started) + initial_readiness_delay > since;
}

Groups group(const Objects& pods, const PodMetrics& metrics, const Question& question) {
    Groups groups;
    for (const auto& pod : pods) {
        const std::string name(api::name_of(pod));
        const auto phase = pod["status"]["phase"].as_string();
        const auto metric = metrics.find(name);
        if (api::is_deleting(pod) || phase == "Failed")
            groups.ignored.insert(name);
        else if (phase == "Pending")
            groups.unready.insert(name);
        else if (metric == metrics.end())
            groups.missing.insert(name);
        else if (question.resource == "cpu" && is_unready_for_cpu(pod, metric->second, question.now))
            groups.unready.insert(name);
        else
            ++groups.ready;
    }
    return groups;
}

void remove(PodMetrics& metrics, const std::set<std::string>& names) {
    for (const auto& name : names)
        metrics.erase(name);
}

using Requests = std::map<std::string, std::int64_t>;  // thousandths, by Pod

Result<Requests> requests_of(const Objects& pods, const Question& question) {
    Requests requests;
    for (const auto& pod : pods) {
        std::int64_t sum = 0;
        for (const auto& container : pod["spec"]["containers"].items()) {
            if (!question.container.empty() && container["name"].as_string() != question.container)
                continue;
            const auto& request = container["resources"]["requests"][question.resource];
            if (request.is_null())
                return broken(cat("missing request for ", question.resource, " in container ", container["name"].as_string(), " of Pod ",
                                  api::name_of(pod)));
            sum += api::Quantity::from(request).milli_value();
        }
        requests[std::string(api::name_of(pod))] = sum;
    }
    return requests;
}

// How use compares with the target; nothing when the metrics fit no request.
struct Ratio {
    double ratio = 0;
    std::int64_t utilization = 0, average = 0;
};
using Measure = std::function<std::optional<Ratio>(const PodMetrics&)>;

bool within(double ratio, const Question& question) {
    return 1.0 - question.tolerance_down <= ratio && ratio <= 1.0 + question.tolerance_up;
}

Result<Answer> calculate(const Question& question, PodMetrics metrics, const Objects& pods, const Measure& measure,
                         const std::function<std::int64_t(const std::string&)>& full_use) {
    const Groups groups = group(pods, metrics, question);
    remove(metrics, groups.ignored);
    remove(metrics, groups.unready);
    if (metrics.empty())
        return broken("did not receive metrics for targeted pods (pods might be unready)");
    const auto first = measure(metrics);
    if (!first)
        return broken("no metrics returned matched known pods");
    Answer answer{question.current, first->utilization, first->average};
    const bool up_with_unready = !groups.unready.empty() && first->ratio > 1.0;
    const auto ceiling = [](double value) { return static_cast<std::int64_t>(std::ceil(value)); };
    if (!up_with_unready && groups.missing.empty()) {
        if (!within(first->ratio, question))
            answer.replicas = ceiling(first->ratio * static_cast<double>(groups.ready));
        return answer;
    }
    // What is not known counts against the change: full use when scaling down, none when scaling up.
    for (const auto& name : groups.missing)
        metrics[name].milli = first->ratio < 1.0 ? full_use(name) : 0;
    if (up_with_unready)
        for (const auto& name : groups.unready)
            metrics[name].milli = 0;
    const auto second = measure(metrics);
    if (!second)
        return broken("no metrics returned matched known pods");
    const bool turned = (first->ratio < 1.0 && second->ratio > 1.0) || (first->ratio > 1.0 && second->ratio < 1.0);
    if (within(second->ratio, question) || turned)
        return answer;
    const auto wanted = ceiling(second->ratio * static_cast<double>(metrics.size()));
    if ((second->ratio < 1.0 && wanted > question.current) || (second->ratio > 1.0 && wanted < question.current))
        return answer;
    answer.replicas = wanted;
    return answer;
}

}  // namespace

Result<Answer> replicas_for_utilization(const Question& question, PodMetrics metrics, const Objects& pods) {
    if (pods.empty())
        return broken("no pods returned by selector while calculating replica count");
    KUBEWALK_TRY(requests, requests_of(pods, question));
    const Measure measure = [&](const PodMetrics& list) -> std::optional<Ratio> {
        std::int64_t used = 0, requested = 0, entries = 0;
        for (const auto& [name, metric] : list) {
            const auto request = requests.find(name);
            if (request == requests.end())
                continue;  // a Pod that the selector no longer has
            used += metric.milli;
            requested += request->second;
            ++entries;
        }
        if (requested == 0)
            return std::nullopt;
        const std::int64_t utilization = used * 100 / requested;
        return Ratio{static_cast<double>(utilization) / static_cast<double>(question.target), utilization, used / entries};
    };
    const auto fallback = std::max<std::int64_t>(100, question.target);
    return calculate(question, std::move(metrics), pods, measure,
                     [&](const std::string& name) { return requests[name] * fallback / 100; });
}

Result<Answer> replicas_for_value(const Question& question, PodMetrics metrics, const Objects& pods) {
    if (pods.empty())
        return broken("no pods returned by selector while calculating replica count");
    const Measure measure = [&](const PodMetrics& list) -> std::optional<Ratio> {
        if (list.empty())
            return std::nullopt;
        std::int64_t used = 0;
        for (const auto& [name, metric] : list)
            used += metric.milli;
        const auto average = used / static_cast<std::int64_t>(list.size());
        return Ratio{static_cast<double>(average) / static_cast<double>(question.target), 0, average};
    };
    return calculate(question, std::move(metrics), pods, measure, [&](const std::string&) { return question.target; });
}

}  // namespace kubewalk::controllers::podautoscaler
