#include "core/controllers/disruption/disruption.h"

#include <algorithm>

#include "core/api/int_or_string.h"
#include "core/base/text.h"
#include "core/controllers/scale_client.h"

namespace kubewalk::controllers {

namespace {
enum Watched : std::size_t { budgets, pods, replica_sets, deployments, replication_controllers, stateful_sets };
// An eviction that was allowed and did not delete its Pod for so long does not count any more.
constexpr Duration deletion_timeout = minutes(2);

Value condition(const Value& status, std::string_view state, std::string_view reason, std::string_view message,
                std::int64_t generation, Time now) {
    Value made = Value::object({{"type", "DisruptionAllowed"},
                                {"status", state},
                                {"reason", reason},
                                {"message", message},
                                {"observedGeneration", generation},
                                {"lastTransitionTime", to_rfc3339(now)}});
    for (const auto& one : status["conditions"].items())
        if (one["type"].as_string() == "DisruptionAllowed" && one["status"].as_string() == state)
            made.set("lastTransitionTime", one["lastTransitionTime"]);
    return made;
}
}  // namespace

DisruptionController::DisruptionController(client::Environment environment)
    : ControllerOf(environment, "disruption-controller", "system:serviceaccount:kube-system:disruption-controller") {
    watch(api::kind::pod_disruption_budgets);
    watch_on_demand(api::kind::pods);
    watch_on_demand(api::kind::replica_sets);
    watch_on_demand(api::kind::deployments);
    watch_on_demand(api::kind::replication_controllers);
    watch_on_demand(api::kind::stateful_sets);
}

void DisruptionController::changed(std::size_t index, const client::Change& change) {
    if (index == budgets) {
        for (const auto one : {pods, replica_sets, deployments, replication_controllers, stateful_sets})
            need(one);
        enqueue(api::key_of(change.object));
        return;
    }
    // Pods by their labels; what controls Pods may change how many are expected.
    for (const auto& budget : informer(budgets).in_namespace(api::namespace_of(change.object))) {
        const auto selector = api::LabelSelector::from_object(budget["spec"]["selector"]);
        const auto& labels = index == pods ? change.object["metadata"]["labels"]
                                           : change.object["spec"]["template"]["metadata"]["labels"];
        const bool matched_before = !change.before.is_null() && selector.ok() &&
                                    selector.value().matches(change.before["metadata"]["labels"]);
        if (selector.ok() && (selector.value().matches(labels) || matched_before))
            enqueue(api::key_of(budget));
    }
}

// Whatever else has a scale (getScaleController).
Result<std::optional<DisruptionController::Scale>> DisruptionController::scale_of_other(const Value& pod, const Value& owner) const {
    const auto* kind = kind_named(client(), owner["apiVersion"].as_string(), owner["kind"].as_string());
    if (!kind)
        return Error{"InternalError", cat("no matches for kind ", quoted(owner["kind"].as_string()), " in version ", quoted(owner["apiVersion"].as_string())), {}, 0, 0};
    const auto found = send_scale(client(), client::Method::get, *kind, api::namespace_of(pod), owner["name"].as_string(), {});
    if (!found.ok() && found.error().reason != "NotFound")
        return found.error();
    if (!found.ok() && !has_scale(client(), *kind))
        return Error{"InternalError", cat(kind->group_resource(), " does not implement the scale subresource"), {}, 0, 0};
    if (!found.ok() || api::uid_of(found.value()) != owner["uid"].as_string())
        return std::optional<Scale>();
    return std::optional(Scale{std::string(api::uid_of(found.value())), found.value()["spec"]["replicas"].as_int()});
}

Result<std::optional<DisruptionController::Scale>> DisruptionController::scale_of(const Value& pod) const {
    const auto& owner = api::controller_of(pod);
    const auto kind = owner["kind"].as_string();
    const auto find = [&](Watched which, const Value& reference) -> const Value& {
        const auto& found = informer(which).get(cat(api::namespace_of(pod), "/", reference["name"].as_string()));
        return api::uid_of(found) == reference["uid"].as_string() ? found : api::null_value();
    };
    const auto scale = [](const Value& object) -> std::optional<Scale> {
        if (object.is_null())
            return std::nullopt;
        return Scale{std::string(api::uid_of(object)), object["spec"]["replicas"].as_int(1)};
    };
    if (kind == "ReplicationController")
        return scale(find(replication_controllers, owner));
    if (kind == "StatefulSet")
        return scale(find(stateful_sets, owner));
    if (kind != "ReplicaSet")
        return scale_of_other(pod, owner);
    const auto& replica_set = find(replica_sets, owner);
    const auto& above = api::controller_of(replica_set);
    if (above["kind"].as_string() == "Deployment")
        return scale(find(deployments, above));
    return scale(replica_set);
}

Result<std::int64_t> DisruptionController::expected_scale(const Objects& selected,
                                                          std::vector<std::string>& unmanaged) const {
    std::map<std::string, std::int64_t> by_controller;
    for (const auto& pod : selected) {
        const auto& owner = api::controller_of(pod);
        if (owner.is_null()) {
            unmanaged.push_back(std::string(api::name_of(pod)));
            continue;
        }
        KUBEWALK_TRY(scale, scale_of(pod));
        if (!scale)
            return Error{"InternalError", cat("found no controllers for pod ", quoted(api::name_of(pod))), {}, 0, 0};
        by_controller[scale->uid] = scale->replicas;
    }
    std::int64_t total = 0;
    for (const auto& [uid, replicas] : by_controller)
        total += replicas;
    return total;
}

Result<DisruptionController::Expected> DisruptionController::expected_pods(const Value& budget,
                                                                           const Objects& selected) const {
    Expected expected;
    const auto& most = budget["spec"]["maxUnavailable"];
    const auto& least = budget["spec"]["minAvailable"];
    if (!most.is_null()) {
        KUBEWALK_TRY(count, expected_scale(selected, expected.unmanaged));
        expected.count = count;
        KUBEWALK_TRY(missing, api::scaled_value(most, static_cast<int>(count), api::Rounding::up));
        expected.desired_healthy = std::max<std::int64_t>(0, count - missing);
    } else if (least.is_int()) {
        expected.desired_healthy = least.as_int();
        expected.count = static_cast<std::int64_t>(selected.size());
    } else if (least.is_string()) {
        KUBEWALK_TRY(count, expected_scale(selected, expected.unmanaged));
        expected.count = count;
        KUBEWALK_TRY(needed, api::scaled_value(least, static_cast<int>(count), api::Rounding::up));
        expected.desired_healthy = needed;
    }
    return expected;
}

Value DisruptionController::still_disrupted(const Value& budget, const Objects& selected,
                                            std::optional<Duration>& recheck) {
    Value kept = Value::object();
    for (const auto& announced : budget["status"]["disruptedPods"].members()) {
        const auto pod = std::find_if(selected.begin(), selected.end(),
                                      [&](const Value& one) { return api::name_of(one) == announced.key; });
        if (pod == selected.end() || api::is_deleting(*pod))
            continue;
        const Duration left = time_of(announced.value) + deletion_timeout - now();
        if (left <= Duration{}) {
            recorder().record(simulation(), *pod, client::EventType::warning, "NotDeleted",
                              cat("Pod was expected by PDB ", api::key_of(budget), " to be deleted but it wasn't"));
            continue;
        }
        kept.set(announced.key, announced.value);
        recheck = recheck ? std::min(*recheck, left) : left;
    }
    return kept;
}

client::Outcome DisruptionController::reconcile(const std::string& key) {
    const Value budget = informer(budgets).get(key);
    if (budget.is_null())
        return client::Outcome::done();
    const auto selector = api::LabelSelector::from_object(budget["spec"]["selector"]);
    if (!selector.ok())
        return client::Outcome::done();
    Objects selected;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(budget)))
        if (selector.value().matches(pod["metadata"]["labels"]))
            selected.push_back(pod);
    if (selected.empty())
        recorder().record(simulation(), budget, client::EventType::normal, "NoPods", "No matching pods found");

    Value status = budget["status"].is_null() ? Value::object() : budget["status"];
    const auto generation = budget["metadata"]["generation"].as_int();
    const auto expected = expected_pods(budget, selected);
    if (!expected.ok()) {
        recorder().record(simulation(), budget, client::EventType::warning, "CalculateExpectedPodCountFailed",
                          cat("Failed to calculate the number of expected pods: ", expected.error().message));
        status.set("disruptionsAllowed", 0);
        for (const auto field : {"currentHealthy", "desiredHealthy", "expectedPods"})
            if (status[field].is_null())
                status.set(field, 0);
        status.set("conditions", Value::array({condition(status, "False", "SyncFailed", expected.error().message, generation, now())}));
        const auto written = write(budget, status);
        return written.ok() ? client::Outcome::done() : client::Outcome::failed(written.error());
    }
    if (!expected.value().unmanaged.empty())
        recorder().record(simulation(), budget, client::EventType::warning, "UnmanagedPods",
                          cat("Pods selected by this PodDisruptionBudget (selector: ",
                              api::format_label_selector(budget["spec"]["selector"]),
                              ") were found to be unmanaged. As a result, the status of the PDB cannot be calculated "
                              "correctly, which may result in undefined behavior. To account for these pods please set "
                              "\".spec.minAvailable\" field of the PDB to an integer value."));

    std::optional<Duration> recheck;
    const Value disrupted = still_disrupted(budget, selected, recheck);
    std::int64_t healthy = 0;
    for (const auto& pod : selected)
        if (!api::is_deleting(pod) && !disrupted.contains(api::name_of(pod)) && is_pod_ready(pod))
            ++healthy;
    std::int64_t allowed = healthy - expected.value().desired_healthy;
    if (expected.value().count <= 0 || allowed <= 0)
        allowed = 0;
    status.set("currentHealthy", healthy);
    status.set("desiredHealthy", expected.value().desired_healthy);
    status.set("expectedPods", expected.value().count);
    status.set("disruptionsAllowed", allowed);
    status.set("observedGeneration", generation);
    if (disrupted.empty())
        status.erase("disruptedPods");
    else
        status.set("disruptedPods", disrupted);
    const Value verdict = condition(status, allowed > 0 ? "True" : "False",
                                    allowed > 0 ? "SufficientPods" : "InsufficientPods", "", generation, now());
    status.set("conditions", Value::array({verdict}));
    if (const auto written = write(budget, status); !written.ok())
        return client::Outcome::failed(written.error());
    return recheck ? client::Outcome::again_after(*recheck, sim::Urgency::background) : client::Outcome::done();
}

Result<void> DisruptionController::write(const Value& budget, const Value& status) {
    if (status == budget["status"])
        return {};
    Value updated = budget;
    updated.set("status", status);
    const auto written = client().update_status(api::kind::pod_disruption_budgets, updated);
    return written.ok() || written.error().reason == "NotFound" ? Result<void>() : Result<void>(written.error());
}

}  // namespace kubewalk::controllers
