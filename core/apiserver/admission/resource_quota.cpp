// What a namespace may use in total: charges the quotas for what is about to be written, or refuses it.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go (checkRequest),
// pkg/quota/v1/evaluator/core/pods.go (Constraints).

#include <set>

#include "core/api/quantity.h"
#include "core/api/quota_usage.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::resource_quota {

using api::Quantity;
using api::Value;

namespace {

std::vector<Value> quotas_of(const Admission& admission) {
    std::vector<Value> found;
    const auto prefix = store_prefix(api::kind::resource_quotas, admission.namespace_name);
    for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it)
        found.push_back(it->second.value);
    return found;
}

// "cpu=2,memory=1Gi"
std::string printed(const api::ResourceAmounts& amounts) {
    std::vector<std::string> pieces;
    for (const auto& [name, amount] : amounts)
        pieces.push_back(cat(name, "=", amount.str()));
    return join(pieces, ",");
}

bool says(const Value& container, std::string_view resource) {
    const Value& resources = container["resources"];
    if (resource.starts_with("limits."))
        return resources["limits"].contains(resource.substr(7));
    return resources["requests"].contains(resource.starts_with("requests.") ? resource.substr(9) : resource);
}

// A quota on cpu or memory wants every container to say what it needs; empty when all do.
std::string unspecified(const Value& pod, const Value& hard) {
    constexpr std::string_view compute[] = {"cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"};
    std::vector<std::string> missing;
    for (const auto resource : compute) {
        if (!hard.contains(resource))
            continue;
        std::set<std::string> names;
        for (const std::string_view list : {"containers", "initContainers"})
            for (const auto& container : pod["spec"][list].items())
                if (!says(container, resource))
                    names.insert(container["name"].str());
        if (!names.empty())
            missing.push_back(cat(resource, " for: ", join({names.begin(), names.end()}, ",")));
    }
    return missing.empty() ? std::string() : cat("must specify ", join(missing, "; "));
}

// What of `usage` is more than before (SubtractWithNonNegativeResult).
api::ResourceAmounts increase(api::ResourceAmounts usage, const api::ResourceAmounts& before) {
    for (auto& [name, amount] : usage) {
        if (const auto old = before.find(name); old != before.end())
            amount.subtract(old->second);
        if (amount.sign() < 0)
            amount = Quantity();
    }
    return usage;
}

// The quota with the request charged to it, or why it does not fit.
Answer<Value> charged(const Admission& admission, const Value& quota, const api::ResourceAmounts& requested) {
    const Value& hard = quota["status"]["hard"];
    const Value& used = quota["status"]["used"];
    api::ResourceAmounts over_requested, over_used, over_hard;
    Value updated = quota;
    for (const auto& [name, amount] : requested) {
        if (!hard.contains(name) || amount.is_zero())
            continue;
        Quantity total = Quantity::from(used[name]);
        total.add(amount);
        updated.edit_path("status", "used").set(name, total.str());
        if (compare(total, Quantity::from(hard[name])) <= 0)
            continue;
        over_requested[name] = amount;
        over_used[name] = Quantity::from(used[name]);
        over_hard[name] = Quantity::from(hard[name]);
    }
    if (!over_hard.empty())
        return status::forbidden(admission.kind, admission.name,
                                 cat("exceeded quota: ", api::name_of(quota), ", requested: ", printed(over_requested), ", used: ",
                                     printed(over_used), ", limited: ", printed(over_hard)));
    return updated;
}

}  // namespace

bool handles(const Admission& admission) {
    return admission.kind.namespaced() && admission.subresource.empty() && admission.operation != Operation::remove &&
           admission.kind.kind != "ResourceQuota" && admission.kind.kind != "Event" && admission.kind.kind != "Lease";
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    const auto quotas = quotas_of(admission);
    if (quotas.empty())
        return Done{};
    const auto usage = api::quota_usage(admission.kind, object);
    if (usage.empty())
        return Done{};
    std::vector<std::pair<Value, Value>> writes;  // before, after
    for (const auto& quota : quotas) {
        auto limited = api::limited_by(quota, admission.kind, object, usage);
        if (limited.empty())
            continue;
        const auto name = api::name_of(quota);
        if (admission.kind.kind == "Pod" && admission.operation == Operation::create)
            if (const auto why = unspecified(object, quota["status"]["hard"]); !why.empty())
                return status::forbidden(admission.kind, admission.name, cat("failed quota: ", name, ": ", why));
        std::vector<std::string> unknown;
        for (const auto& [resource, amount] : limited)
            if (quota["status"]["hard"].contains(resource) && !quota["status"]["used"].contains(resource))
                unknown.push_back(resource);
        if (!unknown.empty())
            return status::forbidden(admission.kind, admission.name,
                                     cat("status unknown for quota: ", name, ", resources: ", join(unknown, ",")));
        if (!admission.old.is_null())
            limited = increase(std::move(limited), api::quota_usage(admission.kind, admission.old));
        auto updated = charged(admission, quota, limited);
        if (!updated.ok())
            return updated.failure();
        if (!(updated.value() == quota))
            writes.emplace_back(quota, updated.take());
    }
    // All fit: now they are charged. What a failing write leaves over, the quota's controller counts anew.
    for (auto& [before, after] : writes)
        if (auto written = admission.core.write(admission.call, api::kind::resource_quotas, std::move(after), before); !written.ok())
            return written.failure();
    return Done{};
}

}  // namespace kubewalk::apiserver::resource_quota
