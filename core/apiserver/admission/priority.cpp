// spec.priority from the priority class. The two system classes are known; PriorityClass objects
// of one's own come with that kind. Upstream: plugin/pkg/admission/priority/admission.go,
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
    return admission.kind.kind == "Pod" && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission& admission, api::Value& object) {
    const auto wanted = object["spec"]["priorityClassName"].as_string();
    std::int64_t value = 0;
    if (!wanted.empty()) {
        const SystemClass* found = nullptr;
        for (const auto& one : system_classes)
            if (one.name == wanted)
                found = &one;
        if (!found)
            return status::forbidden(admission.kind, admission.name,
                                     cat("no PriorityClass with name ", wanted, " was found"));
        value = found->value;
    }
    // A static Pod's mirror brings the kubelet's computed value along.
    const auto& given = object["spec"]["priority"];
    if (!given.is_null() && given.as_int() != value)
        return status::forbidden(
            admission.kind, admission.name,
            cat("the integer value of priority (", given.as_int(),
                ") must not be provided in pod spec; priority admission controller computed ", value,
                " from the given PriorityClass name"));
    auto& spec = object.edit("spec");
    spec.set("priority", value);
    if (spec["preemptionPolicy"].is_null())
        spec.set("preemptionPolicy", "PreemptLowerPriority");
    return Done{};
}

}  // namespace kubewalk::apiserver::priority
