#include "core/controllers/tainteviction/taint_eviction.h"

#include <algorithm>

#include "core/api/scheduling.h"
#include "core/base/text.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

namespace tainteviction {

std::optional<Duration> stays_for(const Value& taints, const Value& tolerations) {
    std::optional<Duration> shortest;
    const auto limit = [&shortest](Duration stay) { shortest = shortest ? std::min(*shortest, stay) : stay; };
    for (const auto& taint : taints.items()) {
        if (!api::has_effect(taint, api::TaintEffects::no_execute))
            continue;
        if (!api::any_tolerates(tolerations, taint))
            return Duration{};
        for (const auto& toleration : tolerations.items())
            if (const auto& limit_seconds = toleration["tolerationSeconds"];
                !limit_seconds.is_null() && api::tolerates(toleration, taint))
                limit(seconds(std::max<std::int64_t>(0, limit_seconds.as_int())));
    }
    return shortest;
}

}  // namespace tainteviction

namespace {
enum Watched : std::size_t { pods, nodes };

bool has_no_execute(const Value& node) {
    const auto items = node["spec"]["taints"].items();
    return std::any_of(items.begin(), items.end(),
                       [](const Value& one) { return api::has_effect(one, api::TaintEffects::no_execute); });
}
}  // namespace

TaintEvictionController::TaintEvictionController(client::Environment environment)
    : ControllerOf(environment, "taint-eviction-controller", "system:serviceaccount:kube-system:node-controller") {
    watch(api::kind::pods);
    watch(api::kind::nodes);
}

void TaintEvictionController::changed(std::size_t index, const client::Change& change) {
    if (index == pods) {
        const std::string key = api::key_of(change.object);
        if (change.type == client::WatchType::deleted) {
            planned_.erase(key);
            return;
        }
        const auto& node = informer(nodes).get(change.object["spec"]["nodeName"].as_string());
        if (has_no_execute(node) || planned_.contains(key))
            enqueue(key);
        return;
    }
    if (change.type == client::WatchType::deleted ||
        change.before["spec"]["taints"] == change.object["spec"]["taints"] ||
        (!has_no_execute(change.before) && !has_no_execute(change.object)))
        return;
    for (const auto& [key, pod] : cache(pods))
        if (pod["spec"]["nodeName"].as_string() == api::name_of(change.object))
            enqueue(key);
}

client::Outcome TaintEvictionController::reconcile(const std::string& key) {
    const Value pod = informer(pods).get(key);
    if (pod.is_null() || api::is_deleting(pod) || is_pod_terminal(pod)) {
        planned_.erase(key);
        return client::Outcome::done();
    }
    const auto& node = informer(nodes).get(pod["spec"]["nodeName"].as_string());
    const auto stay = tainteviction::stays_for(node["spec"]["taints"], pod["spec"]["tolerations"]);
    const auto planned = planned_.find(key);
    if (!stay) {
        if (planned != planned_.end()) {
            planned_.erase(planned);
            recorder().record(simulation(), pod, client::EventType::normal, "TaintManagerEviction",
                              cat("Cancelling deletion of Pod ", key));
        }
        return client::Outcome::done();
    }
    if (*stay > Duration{}) {
        if (planned == planned_.end() || planned->second.stay > *stay)
            planned_[key] = {planned == planned_.end() ? now() : planned->second.since, *stay};
        const Duration left = planned_[key].since + planned_[key].stay - now();
        // The five minutes that every Pod tolerates do not keep the cluster from being settled.
        if (left > Duration{})
            return client::Outcome::again_after(left, sim::Urgency::background);
    }
    planned_.erase(key);
    recorder().record(simulation(), pod, client::EventType::normal, "TaintManagerEviction",
                      cat("Marking for deletion Pod ", key));
    const Value condition = Value::object({{"type", "DisruptionTarget"},
                                           {"status", "True"},
                                           {"reason", "DeletionByTaintManager"},
                                           {"message", "Taint manager: deleting due to NoExecute taint"},
                                           {"lastTransitionTime", to_rfc3339(now())}});
    const Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
    (void)client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod), client::PatchType::strategic,
                         patch, "status");
    auto removed = client().remove(api::kind::pods, api::namespace_of(pod), api::name_of(pod));
    if (removed.ok() || removed.error().reason == "NotFound")
        return client::Outcome::done();
    return client::Outcome::failed(removed.error());
}

}  // namespace kubewalk::controllers
