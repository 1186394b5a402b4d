// pods/NAME/eviction. Upstream: pkg/registry/core/pod/storage/eviction.go.

#include "core/api/decode.h"
#include "core/api/labels.h"
#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

constexpr api::Kind eviction_kind{"policy", "v1", "Eviction", "evictions", "eviction", "", api::Scope::namespaced, api::StatusSubresource::no, "V1Eviction", ""};
// More Pods than these under way, and the budget's controller has to catch up first (MaxDisruptedPodSize).
constexpr std::size_t disrupted_limit = 2000;

bool is_ready(const Value& pod) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string() == "True";
    return false;
}

// Of these there is nothing left to protect.
bool needs_no_budget(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || api::is_deleting(pod);
}

std::vector<Value> budgets_for(const Core& core, const Value& pod) {
    std::vector<Value> found;
    const auto prefix = store_prefix(api::kind::pod_disruption_budgets, api::namespace_of(pod));
    for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it) {
        const auto selector = api::LabelSelector::from_object(it->second.value["spec"]["selector"]);
        if (selector.ok() && selector.value().matches(pod["metadata"]["labels"]))
            found.push_back(it->second.value);
    }
    return found;
}

Failure too_many(std::string_view budget, std::string detail) {
    auto failure = status::too_many_requests("Cannot evict pod as it would violate the pod's disruption budget.");
    failure.causes.push_back({"DisruptionBudget", cat("The disruption budget ", budget, " ", detail), {}});
    return failure;
}

// Takes one disruption from the budget (checkAndDecrement).
Answer<Value> checked(const Core& core, const Value& budget, const Value& pod) {
    const auto name = api::name_of(budget);
    const Value& state = budget["status"];
    if (state["observedGeneration"].as_int() < budget["metadata"]["generation"].as_int())
        return too_many(name, "is still being processed by the server.");
    const auto allowed = state["disruptionsAllowed"].as_int();
    if (allowed < 0)
        return status::forbidden(api::kind::pod_disruption_budgets, name, "pdb disruptions allowed is negative");
    if (state["disruptedPods"].size() > disrupted_limit)
        return status::forbidden(api::kind::pod_disruption_budgets, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    if (allowed == 0)
        return too_many(name, cat("needs ", state["desiredHealthy"].as_int(), " healthy pods and has ", state["currentHealthy"].as_int(), " currently"));
    Value updated = budget;
    Value& status = updated.edit("status");
    status.set("disruptionsAllowed", allowed - 1);
    status.edit("disruptedPods").set(api::name_of(pod), to_rfc3339(core.simulation.now()));
    return updated;
}

// A Pod that is not ready anyway may go when its budget says so, or when enough others are healthy.
bool may_go_unhealthy(const Value& budget, const Value& pod) {
    if (is_ready(pod))
        return false;
    if (budget["spec"]["unhealthyPodEvictionPolicy"].as_string() == "AlwaysAllow")
        return true;
    return budget["status"]["currentHealthy"].as_int() >= budget["status"]["desiredHealthy"].as_int() && budget["status"]["desiredHealthy"].as_int() > 0;
}

}  // namespace

Answer<Value> eviction(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    auto decoded = api::decode(core.schema, eviction_kind.schema, call.request.body);
    if (!decoded.ok())
        return status::bad_request(api::cannot_be_handled(eviction_kind, decoded.error()));
    const Value& body = decoded.value().object;
    if (const auto name = api::name_of(body); !name.empty() && name != call.route.name)
        return status::bad_request("name in URL does not match name in Eviction object");
    const Value pod = core.get(kind, call.route.namespace_name, call.route.name);
    if (pod.is_null())
        return status::not_found(kind, call.route.name);
    const auto budgets = needs_no_budget(pod) ? std::vector<Value>() : budgets_for(core, pod);
    if (budgets.size() > 1)
        return status::internal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    if (budgets.size() == 1 && !may_go_unhealthy(budgets[0], pod)) {
        auto updated = checked(core, budgets[0], pod);
        if (!updated.ok())
            return updated;
        if (auto written = core.write(call, api::kind::pod_disruption_budgets, updated.take(), budgets[0]); !written.ok())
            return written;
    }
    Value marked = pod;
    // DisruptionTarget says why the Pod goes.
    const Value condition = Value::object({{"type", "DisruptionTarget"}, {"status", "True"}, {"reason", "EvictionByEvictionAPI"},
                                           {"message", "Eviction API: evicting"}, {"lastProbeTime", nullptr},
                                           {"lastTransitionTime", to_rfc3339(core.simulation.now())}});
    auto& conditions = marked.edit_path("status", "conditions");
    std::size_t at = 0;
    while (at < conditions.size() && conditions[at]["type"].as_string() != "DisruptionTarget")
        ++at;
    if (at == conditions.size())
        conditions.push_back(condition);
    else
        conditions.edit_at(at) = condition;
    if (auto written = registry.store_or_finish(call, kind, std::move(marked), pod); !written.ok())
        return written;
    auto removed = registry.remove_named(call, kind, call.route.namespace_name, call.route.name, body["deleteOptions"]);
    if (!removed.ok())
        return removed;
    return status::success();
}

}  // namespace kubewalk::apiserver::subresource
