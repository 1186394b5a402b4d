#include "core/api/quota_usage.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

void add(ResourceAmounts& amounts, std::string_view name, const Quantity& amount) {
    amounts[std::string(name)].add(amount);
}

void add_list(ResourceAmounts& amounts, const Value& list) {
    for (const auto& one : list.members())
        add(amounts, one.key, Quantity::from(one.value));
}

void raise_to(ResourceAmounts& amounts, const ResourceAmounts& least) {
    for (const auto& [name, amount] : least)
        if (Quantity& current = amounts[name]; compare(current, amount) < 0)
            current = amount;
}

bool is_finished(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase == "Failed" || phase == "Succeeded";
}

bool is_best_effort(const Value& pod) {
    for (const auto list : {"containers", "initContainers"})
        for (const auto& container : pod["spec"][list].items())
            for (const auto part : {"requests", "limits"})
                for (const auto name : {"cpu", "memory"})
                    if (!Quantity::from(container["resources"][part][name]).is_zero())
                        return false;
    return true;
}

void count_pod(const Value& pod, ResourceAmounts& usage) {
    if (is_finished(pod))
        return;
    add(usage, "pods", Quantity::of(1));
    for (const auto& [name, amount] : pod_resources(pod["spec"], "requests")) {
        const bool standard = name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
        if (standard)
            add(usage, name, amount);
        if (standard || name.find('/') != std::string::npos)
            add(usage, cat("requests.", name), amount);
    }
    for (const auto& [name, amount] : pod_resources(pod["spec"], "limits"))
        if (name == "cpu" || name == "memory" || name == "ephemeral-storage")
            add(usage, cat("limits.", name), amount);
}

void count_service(const Value& service, ResourceAmounts& usage) {
    const auto type = service["spec"]["type"].as_string();
    const auto ports = static_cast<std::int64_t>(service["spec"]["ports"].size());
    add(usage, "services", Quantity::of(1));
    add(usage, "services.nodeports", Quantity::of(0));
    add(usage, "services.loadbalancers", Quantity::of(0));
    if (type == "NodePort")
        add(usage, "services.nodeports", Quantity::of(ports));
    if (type != "LoadBalancer")
        return;
    add(usage, "services.loadbalancers", Quantity::of(1));
    if (service["spec"]["allocateLoadBalancerNodePorts"].as_bool(true))
        add(usage, "services.nodeports", Quantity::of(ports));
}

void count_claim(const Value& claim, ResourceAmounts& usage) {
    const auto storage = Quantity::from(claim["spec"]["resources"]["requests"]["storage"]);
    add(usage, "persistentvolumeclaims", Quantity::of(1));
    add(usage, "requests.storage", storage);
    const auto& old = claim["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
    const auto name = old.is_null() ? claim["spec"]["storageClassName"].as_string() : old.as_string();
    if (name.empty())
        return;
    add(usage, cat(name, ".storageclass.storage.k8s.io/requests.storage"), storage);
    add(usage, cat(name, ".storageclass.storage.k8s.io/persistentvolumeclaims"), Quantity::of(1));
}

bool in_priority_classes(const Value& requirement, std::string_view name) {
    const auto op = requirement["operator"].as_string();
    const auto values = requirement["values"].items();
    const bool listed = std::any_of(values.begin(), values.end(), [&](const Value& one) { return one.as_string() == name; });
    if (op == "Exists")
        return !name.empty();
    if (op == "DoesNotExist")
        return name.empty();
    return op == "In" ? listed : !listed;
}

bool in_scope(std::string_view scope, const Value& requirement, const Value& pod) {
    const bool terminating = !pod["spec"]["activeDeadlineSeconds"].is_null();
    if (scope == "Terminating")
        return terminating;
    if (scope == "NotTerminating")
        return !terminating;
    if (scope == "BestEffort")
        return is_best_effort(pod);
    if (scope == "NotBestEffort")
        return !is_best_effort(pod);
    if (scope == "PriorityClass")
        return in_priority_classes(requirement, pod["spec"]["priorityClassName"].as_string());
    return false;  // CrossNamespacePodAffinity: nothing here counts for it
}

}  // namespace

ResourceAmounts pod_resources(const Value& pod_spec, std::string_view list) {
    ResourceAmounts total;
    for (const auto& container : pod_spec["containers"].items())
        add_list(total, container["resources"][list]);
    // Sidecars go on running; what was started before an init container runs beside it.
    ResourceAmounts sidecars, peak;
    for (const auto& container : pod_spec["initContainers"].items()) {
        ResourceAmounts now = sidecars;
        add_list(now, container["resources"][list]);
        if (container["restartPolicy"].as_string() == "Always") {
            sidecars = now;
            add_list(total, container["resources"][list]);
        }
        raise_to(peak, now);
    }
    raise_to(total, peak);
    if (list == "requests" || !total.empty())
        add_list(total, pod_spec["overhead"]);
    return total;
}

ResourceAmounts quota_usage(const Kind& kind, const Value& object) {
    ResourceAmounts usage;
    add(usage, cat("count/", kind.group_resource()), Quantity::of(1));
    if (&kind == &kind::pods)
        count_pod(object, usage);
    else if (&kind == &kind::services)
        count_service(object, usage);
    else if (&kind == &kind::persistent_volume_claims)
        count_claim(object, usage);
    else if (&kind == &kind::config_maps || &kind == &kind::secrets || &kind == &kind::replication_controllers ||
             &kind == &kind::resource_quotas)
        add(usage, kind.resource, Quantity::of(1));
    return usage;
}

ResourceAmounts limited_by(const Value& quota, const Kind& kind, const Value& object, const ResourceAmounts& usage) {
    const auto scopes = quota["spec"]["scopes"].items();
    const auto requirements = quota["spec"]["scopeSelector"]["matchExpressions"].items();
    if (!scopes.empty() || !requirements.empty()) {
        if (&kind != &kind::pods)
            return {};
        for (const auto& scope : scopes)
            if (!in_scope(scope.as_string(), Value::object({{"operator", "Exists"}}), object))
                return {};
        for (const auto& requirement : requirements)
            if (!in_scope(requirement["scopeName"].as_string(), requirement, object))
                return {};
    }
    ResourceAmounts limited;
    for (const auto& hard : quota["spec"]["hard"].members())
        if (const auto found = usage.find(hard.key); found != usage.end())
            limited.insert(*found);
    return limited;
}

}  // namespace kubewalk::api
