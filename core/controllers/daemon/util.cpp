#include "core/controllers/daemon/util.h"

#include <algorithm>

#include "core/api/int_or_string.h"
#include "core/api/scheduling.h"
#include "core/base/text.h"

namespace kubewalk::controllers::daemon {

namespace {

struct DaemonToleration {
    std::string_view key;
    std::string_view effect;
    bool host_network_only = false;
};
constexpr DaemonToleration daemon_tolerations[] = {
    {"node.kubernetes.io/not-ready", "NoExecute"},
    {"node.kubernetes.io/unreachable", "NoExecute"},
    {"node.kubernetes.io/disk-pressure", "NoSchedule"},
    {"node.kubernetes.io/memory-pressure", "NoSchedule"},
    {"node.kubernetes.io/pid-pressure", "NoSchedule"},
    {"node.kubernetes.io/unschedulable", "NoSchedule"},
    {"node.kubernetes.io/network-unavailable", "NoSchedule", true},
};

Objects make_tolerations() {
    Objects all;
    for (const auto& wanted : daemon_tolerations)
        all.push_back(Value::object({{"key", wanted.key}, {"operator", "Exists"}, {"effect", wanted.effect}}));
    return all;
}

void add_tolerations(Value& spec) {
    static const Objects all = make_tolerations();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (daemon_tolerations[i].host_network_only && !spec["hostNetwork"].as_bool())
            continue;
        const Value& toleration = all[i];
        const auto has = spec["tolerations"].items();
        if (std::find(has.begin(), has.end(), toleration) == has.end())
            spec.edit("tolerations").push_back(toleration);
    }
}

// ReplaceDaemonSetPodNodeNameNodeAffinity: every term is bound to this Node's name.
void bind_to_node(Value& spec, std::string_view node) {
    const Value fields = Value::array(
        {Value::object({{"key", "metadata.name"}, {"operator", "In"}, {"values", Value::array({Value(node)})}})});
    const auto& required = spec.path("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
    Value terms = Value::array({Value::object({{"matchFields", fields}})});
    if (!required["nodeSelectorTerms"].empty()) {
        terms = Value::array();
        for (const auto& term : required["nodeSelectorTerms"].items()) {
            Value bound = term;
            bound.set("matchFields", fields);
            terms.push_back(bound);
        }
    }
    spec.edit_path("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
        .set("nodeSelectorTerms", terms);
}

struct Counts {
    std::int64_t surge = 0;
    std::int64_t unavailable = 0;
};

// maxSurge and maxUnavailable against the number of Nodes that should have a Pod.
Counts update_counts(const Value& daemon_set, std::int64_t desired) {
    const auto& rolling = daemon_set["spec"]["updateStrategy"]["rollingUpdate"];
    const auto scaled = [desired](const Value& value) {
        return value.is_null() ? 0 : api::scaled_value(value, static_cast<int>(desired), api::Rounding::up).value_or(0);
    };
    Counts counts{scaled(rolling["maxSurge"]), scaled(rolling["maxUnavailable"])};
    if (counts.surge == 0 && counts.unavailable == 0)
        counts.unavailable = 1;
    return counts;
}

const Objects& pods_on(const PodsByNode& pods, std::string_view node) {
    static const Objects none;
    const auto found = pods.find(std::string(node));
    return found == pods.end() ? none : found->second;
}

std::int64_t min_ready(const Value& daemon_set) { return daemon_set["spec"]["minReadySeconds"].as_int(); }

// The Pod that is tried on each Node: what is the same for all of them.
Value trial_spec(const Value& daemon_set) {
    Value spec = daemon_set["spec"]["template"]["spec"];
    add_tolerations(spec);
    return spec;
}

NodeVerdict verdict_on(const Value& node, const Value& spec) {
    const auto wanted = spec["nodeName"].as_string();
    if (!wanted.empty() && wanted != api::name_of(node))
        return {false, false};
    const auto& taints = node["spec"]["taints"];
    const auto& tolerations = spec["tolerations"];
    const bool fits_affinity = api::matches_required_node_affinity(spec, node);
    const bool untolerated =
        !api::find_untolerated_taint(taints, tolerations, api::TaintEffects::no_schedule_or_execute).is_null();
    if (!fits_affinity)
        return {false, false};
    if (untolerated)
        // Only NoExecute drives a running Pod away.
        return {false, api::find_untolerated_taint(taints, tolerations, api::TaintEffects::no_execute).is_null()};
    return {true, true};
}

}  // namespace

NodeVerdict node_should_run(const Value& node, const Value& daemon_set) { return verdict_on(node, trial_spec(daemon_set)); }

Value pod_for_node(const Value& daemon_set, std::string_view node, std::string_view hash) {
    Value pod = pod_from_template(daemon_set["spec"]["template"], daemon_set);
    Value& labels = pod.edit_path("metadata", "labels");
    labels.set(revision_hash_label, hash);
    if (const auto& generation = daemon_set["metadata"]["annotations"]["deprecated.daemonset.template.generation"];
        generation.is_string())
        labels.set(template_generation_label, generation);
    Value& spec = pod.edit("spec");
    add_tolerations(spec);
    bind_to_node(spec, node);
    return pod;
}

std::string target_node(const Value& pod) {
    if (const auto& name = pod["spec"]["nodeName"]; !name.as_string().empty())
        return name.str();
    const auto& required =
        pod["spec"].path("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
    for (const auto& term : required["nodeSelectorTerms"].items())
        for (const auto& field : term["matchFields"].items())
            if (field["key"].as_string() == "metadata.name" && field["operator"].as_string() == "In" &&
                field["values"].size() == 1)
                return field["values"][0].str();
    return {};
}

bool is_updated(const Value& pod, const Value& daemon_set, std::string_view hash) {
    const auto& labels = pod["metadata"]["labels"];
    const auto& generation = daemon_set["metadata"]["annotations"]["deprecated.daemonset.template.generation"];
    const bool same_generation = generation.is_string() && labels[template_generation_label] == generation;
    return same_generation || labels[revision_hash_label].as_string() == hash;
}

namespace {

void plan_kept_node(const Value& daemon_set, const Objects& pods, std::string_view hash, Time now, bool surge,
                    Plan& plan) {
    Objects running;
    for (const auto& pod : pods) {
        if (api::is_deleting(pod))
            continue;
        if (is_pod_terminal(pod)) {
            plan.remove.push_back(pod);
            plan.failed.push_back(pod);
        } else {
            running.push_back(pod);
        }
    }
    if (running.size() <= 1)
        return;
    // The oldest stays, except during a surge: then the old one goes as soon as the new one is available.
    std::sort(running.begin(), running.end(), created_before);
    if (surge) {
        Objects old, fresh;
        for (const auto& pod : running)
            (is_updated(pod, daemon_set, hash) ? fresh : old).push_back(pod);
        for (auto* group : {&old, &fresh})
            for (std::size_t i = 1; i < group->size(); ++i)
                plan.remove.push_back((*group)[i]);
        if (!old.empty() && !fresh.empty() && is_pod_available(fresh.front(), min_ready(daemon_set), now))
            plan.remove.push_back(old.front());
        return;
    }
    for (std::size_t i = 1; i < running.size(); ++i)
        plan.remove.push_back(running[i]);
}

}  // namespace

Plan plan_pods(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash, Time now) {
    Plan plan;
    const bool rolling = daemon_set["spec"]["updateStrategy"]["type"].as_string() != "OnDelete";
    const bool surge = rolling && update_counts(daemon_set, static_cast<std::int64_t>(nodes.size())).surge > 0;
    std::map<std::string, bool, std::less<>> known;
    const Value trial = trial_spec(daemon_set);
    for (const auto& node : nodes) {
        const std::string name(api::name_of(node));
        known[name] = true;
        const NodeVerdict verdict = verdict_on(node, trial);
        const Objects& here = pods_on(pods, name);
        if (verdict.should_run && here.empty()) {
            plan.create.push_back(name);
        } else if (verdict.should_continue) {
            plan_kept_node(daemon_set, here, hash, now, surge, plan);
        } else {
            for (const auto& pod : here)
                if (!api::is_deleting(pod))
                    plan.remove.push_back(pod);
        }
    }
    // Pods meant for Nodes that are gone would stay Pending for ever.
    for (const auto& [name, here] : pods)
        if (!known.contains(name))
            for (const auto& pod : here)
                if (pod["spec"]["nodeName"].as_string().empty() && !api::is_deleting(pod))
                    plan.remove.push_back(pod);
    return plan;
}

namespace {

struct OnNode {
    Value fresh;
    Value old;
    bool settled = true;  // at most one of each
};

OnNode sort_out(const Value& daemon_set, const Objects& pods, std::string_view hash) {
    OnNode result;
    for (const auto& pod : pods) {
        if (api::is_deleting(pod)) {
            result.settled = false;
            continue;
        }
        Value& place = is_updated(pod, daemon_set, hash) ? result.fresh : result.old;
        if (!place.is_null())
            result.settled = false;
        place = pod;
    }
    return result;
}

}  // namespace

Plan plan_update(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash,
                 Time now) {
    Objects eligible;
    const Value trial = trial_spec(daemon_set);
    for (const auto& node : nodes)
        if (verdict_on(node, trial).should_run)
            eligible.push_back(node);
    const Counts counts = update_counts(daemon_set, static_cast<std::int64_t>(eligible.size()));
    Plan plan;
    std::int64_t unavailable = 0;
    std::int64_t surging = 0;
    Objects candidates;
    std::vector<std::string> surge_nodes, urgent_nodes;
    for (const auto& node : eligible) {
        const std::string name(api::name_of(node));
        const OnNode here = sort_out(daemon_set, pods_on(pods, name), hash);
        const auto available = [&](const Value& pod) { return is_pod_available(pod, min_ready(daemon_set), now); };
        if (!here.settled || (here.fresh.is_null() && here.old.is_null())) {
            ++unavailable;
            ++surging;
        } else if (counts.surge > 0) {
            if (!here.fresh.is_null() && !here.old.is_null()) {
                ++surging;
                if (available(here.fresh))
                    plan.remove.push_back(here.old);
            } else if (here.fresh.is_null()) {
                (available(here.old) ? surge_nodes : urgent_nodes).push_back(name);
            }
        } else if (here.fresh.is_null()) {
            if (!available(here.old)) {
                plan.remove.push_back(here.old);  // it serves nobody: replacing it costs nothing
                ++unavailable;
            } else {
                candidates.push_back(here.old);
            }
        } else if (here.old.is_null() && !available(here.fresh)) {
            ++unavailable;
        }
    }
    if (counts.surge > 0) {
        plan.create = urgent_nodes;
        const auto room = std::max<std::int64_t>(0, counts.surge - surging);
        for (std::int64_t i = 0; i < room && i < static_cast<std::int64_t>(surge_nodes.size()); ++i)
            plan.create.push_back(surge_nodes[static_cast<std::size_t>(i)]);
        return plan;
    }
    const auto room = std::max<std::int64_t>(0, counts.unavailable - unavailable);
    for (std::int64_t i = 0; i < room && i < static_cast<std::int64_t>(candidates.size()); ++i)
        plan.remove.push_back(candidates[static_cast<std::size_t>(i)]);
    return plan;
}

Value calculate_status(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash,
                       Time now) {
    std::int64_t desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
    const Value trial = trial_spec(daemon_set);
    for (const auto& node : nodes) {
        const bool should_run = verdict_on(node, trial).should_run;
        const Objects& here = pods_on(pods, api::name_of(node));
        if (!should_run) {
            misscheduled += here.empty() ? 0 : 1;
            continue;
        }
        ++desired;
        if (here.empty())
            continue;
        ++current;
        // The newest template first, then the oldest Pod.
        Objects sorted = here;
        std::sort(sorted.begin(), sorted.end(), created_before);
        const Value& pod = sorted.front();
        ready += is_pod_ready(pod) ? 1 : 0;
        available += is_pod_available(pod, min_ready(daemon_set), now) ? 1 : 0;
        updated += is_updated(pod, daemon_set, hash) ? 1 : 0;
    }
    Value status = daemon_set["status"].is_null() ? Value::object() : daemon_set["status"];
    set_count(status, "observedGeneration", daemon_set["metadata"]["generation"].as_int());
    status.set("desiredNumberScheduled", desired);
    status.set("currentNumberScheduled", current);
    status.set("numberMisscheduled", misscheduled);
    status.set("numberReady", ready);
    set_count(status, "updatedNumberScheduled", updated);
    set_count(status, "numberAvailable", available);
    set_count(status, "numberUnavailable", desired - available);
    return status;
}

}  // namespace kubewalk::controllers::daemon
