#include "core/controllers/replicaset/replica_set_util.h"

#include <algorithm>
#include <bit>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::controllers::replicaset {

namespace {

int phase_ordinal(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase == "Pending" ? 0 : phase == "Unknown" ? 1 : phase == "Running" ? 2 : 0;
}

std::int64_t deletion_cost(const Value& pod) {
    const auto& cost = pod["metadata"]["annotations"]["controller.kubernetes.io/pod-deletion-cost"];
    return parse_int(cost.as_string()).value_or(0);
}

// The most restarts of a regular container, then of a sidecar; other init containers do not count.
std::pair<std::int64_t, std::int64_t> restarts(const Value& pod) {
    std::pair<std::int64_t, std::int64_t> most;
    for (const auto& one : pod["status"]["containerStatuses"].items())
        most.first = std::max(most.first, one["restartCount"].as_int());
    for (const auto& one : pod["status"]["initContainerStatuses"].items())
        for (const auto& container : pod["spec"]["initContainers"].items())
            if (container["name"] == one["name"] && container["restartPolicy"].as_string() == "Always")
                most.second = std::max(most.second, one["restartCount"].as_int());
    return most;
}

// floor(log2(age)); -1 for no age. Ages of the same magnitude count as equal, so that not always the
// youngest Pods go.
int age_rank(Time then, Time now) {
    const auto age = (now - then).ns;
    return age <= 0 ? -1 : 63 - std::countl_zero(static_cast<std::uint64_t>(age));
}

// Negative: `a` first; zero: equal in all respects.
int compare_times(const Value& a, const Value& b, const Value& pod_a, const Value& pod_b, Time now) {
    if (a == b)
        return 0;
    if (a.is_null() || b.is_null())
        return a.is_null() ? -1 : 1;
    const int difference = age_rank(time_of(a), now) - age_rank(time_of(b), now);
    if (difference != 0)
        return difference;
    return api::uid_of(pod_a) < api::uid_of(pod_b) ? -1 : 1;
}

struct Ranked {
    Value pod;
    int rank = 0;
};

int ready_value(const Value& pod) { return is_pod_ready(pod) ? 1 : 0; }

// Whether `a` should be deleted before `b` (ActivePodsWithRanks.Less).
bool goes_before(const Ranked& a, const Ranked& b, Time now) {
    const bool a_unassigned = a.pod["spec"]["nodeName"].as_string().empty();
    const bool b_unassigned = b.pod["spec"]["nodeName"].as_string().empty();
    if (a_unassigned != b_unassigned)
        return a_unassigned;
    if (phase_ordinal(a.pod) != phase_ordinal(b.pod))
        return phase_ordinal(a.pod) < phase_ordinal(b.pod);
    if (ready_value(a.pod) != ready_value(b.pod))
        return ready_value(a.pod) < ready_value(b.pod);
    if (deletion_cost(a.pod) != deletion_cost(b.pod))
        return deletion_cost(a.pod) < deletion_cost(b.pod);
    if (a.rank != b.rank)
        return a.rank > b.rank;
    if (is_pod_ready(a.pod)) {
        const int order = compare_times(condition_of(a.pod, "Ready")["lastTransitionTime"],
                                        condition_of(b.pod, "Ready")["lastTransitionTime"], a.pod, b.pod, now);
        if (order != 0)
            return order < 0;
    }
    if (restarts(a.pod) != restarts(b.pod))
        return restarts(a.pod) > restarts(b.pod);
    return compare_times(a.pod["metadata"]["creationTimestamp"], b.pod["metadata"]["creationTimestamp"], a.pod, b.pod,
                         now) < 0;
}

}  // namespace

Objects pods_to_delete(const Objects& pods, const Objects& related, std::size_t diff, Time now) {
    if (diff >= pods.size())
        return pods;
    std::map<std::string, int, std::less<>> on_node;
    for (const auto& pod : related)
        if (is_pod_active(pod))
            ++on_node[pod["spec"]["nodeName"].str()];
    std::vector<Ranked> ranked;
    for (const auto& pod : pods) {
        const auto found = on_node.find(pod["spec"]["nodeName"].as_string());
        ranked.push_back({pod, found == on_node.end() ? 0 : found->second});
    }
    sort_stably(ranked,
                     [now](const Ranked& a, const Ranked& b) { return goes_before(a, b, now); });
    Objects chosen;
    for (std::size_t i = 0; i < diff; ++i)
        chosen.push_back(ranked[i].pod);
    return chosen;
}

namespace {

const Value& failure_of(const Value& status) {
    for (const auto& condition : status["conditions"].items())
        if (condition["type"].as_string() == "ReplicaFailure")
            return condition;
    return api::null_value();
}

void drop_failure(Value& status) {
    Value kept = Value::array();
    for (const auto& condition : status["conditions"].items())
        if (condition["type"].as_string() != "ReplicaFailure")
            kept.push_back(condition);
    if (kept.empty())
        status.erase("conditions");
    else
        status.set("conditions", kept);
}

}  // namespace

bool has_labels(const Value& labels, const Value& wanted) {
    for (const auto& label : wanted.members())
        if (!labels.contains(label.key) || labels[label.key] != label.value)
            return false;
    return true;
}

Tally tally(const Value& replica_set, const Objects& active, std::size_t terminating, Time now) {
    const auto& template_labels = replica_set["spec"]["template"]["metadata"]["labels"];
    const auto min_ready = replica_set["spec"]["minReadySeconds"].as_int();
    Tally pods;
    pods.active = static_cast<std::int64_t>(active.size());
    pods.terminating = static_cast<std::int64_t>(terminating);
    for (const auto& pod : active) {
        pods.labeled += has_labels(pod["metadata"]["labels"], template_labels) ? 1 : 0;
        pods.ready += is_pod_ready(pod) ? 1 : 0;
        pods.available += is_pod_available(pod, min_ready, now) ? 1 : 0;
    }
    return pods;
}

Value calculate_status(const Value& replica_set, const Objects& active, const Objects& terminating,
                       const std::optional<std::string>& manage_error, Time now) {
    return calculate_status(replica_set, tally(replica_set, active, terminating.size(), now), manage_error, now);
}

Value calculate_status(const Value& replica_set, const Tally& pods, const std::optional<std::string>& manage_error, Time now) {
    Value status = replica_set["status"].is_null() ? Value::object() : replica_set["status"];
    const bool failed = !failure_of(status).is_null();
    if (manage_error && !failed) {
        const auto diff = pods.active - replica_set["spec"]["replicas"].as_int();
        status.edit("conditions").push_back(Value::object({{"type", "ReplicaFailure"},
                                                           {"status", "True"},
                                                           {"lastTransitionTime", to_rfc3339(now)},
                                                           {"reason", diff < 0 ? "FailedCreate" : "FailedDelete"},
                                                           {"message", *manage_error}}));
    } else if (!manage_error && failed) {
        drop_failure(status);
    }
    status.set("replicas", pods.active);
    set_count(status, "fullyLabeledReplicas", pods.labeled);
    set_count(status, "readyReplicas", pods.ready);
    set_count(status, "availableReplicas", pods.available);
    status.set("terminatingReplicas", pods.terminating);
    return status;
}

}  // namespace kubewalk::controllers::replicaset
