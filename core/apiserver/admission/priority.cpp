// spec.priority from the priority class. The two system classes are known even before their objects are made: static
// Pods are the first of all. Upstream: plugin/pkg/admission/priority/admission.go,
// pkg/apis/scheduling/v1/helpers.go.

#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::priority {

namespace {

struct SystemClass {
    std::string_view name;
    std::int64_t value;
};

constexpr SystemClass system_classes[] = {
    {"system-node-critical", 2'000'001'000},
    {"system-cluster-critical", 2'000'000'000},
};

}  // namespace

bool handles(const Admission& admission) {
    if (!admission.subresource.empty() || admission.operation == Operation::remove)
        return false;
    return (admission.kind.kind == "Pod" && admission.operation == Operation::create) || admission.kind.kind == "PriorityClass";
}

namespace {

struct Chosen {
    std::int64_t value = 0;
    std::string name;
    std::string preemption = "PreemptLowerPriority";
};

// The class that counts for Pods that name none: of several the one with the lowest value.
Chosen default_class(const Core& core) {
    Chosen chosen;
    const auto prefix = store_prefix(api::kind::priority_classes, {});
    for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it) {
        const auto& one = it->second.value;
        if (!one["globalDefault"].as_bool() || (!chosen.name.empty() && one["value"].as_int() >= chosen.value))
            continue;
        chosen = {one["value"].as_int(), one["metadata"]["name"].str(), one["preemptionPolicy"].str(chosen.preemption)};
    }
    return chosen;
}

}  // namespace

Answer<Done> mutate(const Admission& admission, api::Value& object) {
    if (admission.kind.kind != "Pod")
        return Done{};
    const auto wanted = object["spec"]["priorityClassName"].str();
    Chosen chosen;
    if (wanted.empty()) {
        chosen = default_class(admission.core);
    } else {
        const auto& found = admission.core.get(api::kind::priority_classes, {}, wanted);
        const SystemClass* known = nullptr;
        for (const auto& one : system_classes)
            if (one.name == wanted)
                known = &one;
        if (!found.is_null())
            chosen = {found["value"].as_int(), wanted, found["preemptionPolicy"].str(chosen.preemption)};
        else if (known)
            chosen.value = known->value;
        else
            return status::forbidden(admission.kind, admission.name, cat("no PriorityClass with name ", wanted, " was found"));
    }
    // A static Pod's mirror brings the kubelet's computed value along.
    const auto& given = object["spec"]["priority"];
    if (!given.is_null() && given.as_int() != chosen.value)
        return status::forbidden(
            admission.kind, admission.name,
            cat("the integer value of priority (", given.as_int(),
                ") must not be provided in pod spec; priority admission controller computed ", chosen.value,
                " from the given PriorityClass name"));
    const auto policy = object["spec"]["preemptionPolicy"].str();
    if (!policy.empty() && policy != chosen.preemption)
        return status::forbidden(admission.kind, admission.name,
                                 cat("the string value of PreemptionPolicy (", policy,
                                     ") must not be provided in pod spec; priority admission controller computed ", chosen.preemption,
                                     " from the given PriorityClass name"));
    auto& spec = object.edit("spec");
    if (wanted.empty() && !chosen.name.empty())
        spec.set("priorityClassName", chosen.name);
    spec.set("priority", chosen.value);
    spec.set("preemptionPolicy", chosen.preemption);
    return Done{};
}

// There is one global default, or none.
Answer<Done> validate(const Admission& admission, const api::Value& object) {
    if (admission.kind.kind != "PriorityClass" || !object["globalDefault"].as_bool())
        return Done{};
    const auto current = default_class(admission.core);
    if (!current.name.empty() && current.name != api::name_of(object))
        return status::forbidden(admission.kind, admission.name,
                                 cat("PriorityClass ", current.name, " is already marked as default. Only one default can exist"));
    return Done{};
}

}  // namespace kubewalk::apiserver::priority
