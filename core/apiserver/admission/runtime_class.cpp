// A Pod's runtime class gives it overhead and a place: without the class the Pod is refused.
// Upstream: plugin/pkg/admission/runtimeclass/admission.go, pkg/util/tolerations (MergeTolerations).

#include "core/api/quantity.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::runtime_class {

using api::Value;

namespace {

constexpr std::string_view mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

Answer<Value> class_of(const Admission& admission, const Value& pod) {
    const Value& name = pod["spec"]["runtimeClassName"];
    if (name.is_null())
        return Value();
    const Value found = admission.core.get(*api::find_kind("node.k8s.io/v1", "RuntimeClass"), {}, name.as_string());
    if (found.is_null())
        return status::forbidden(admission.kind, admission.name, cat("pod rejected: RuntimeClass ", quoted(name.as_string()), " not found"));
    return found;
}

bool same_amounts(const Value& one, const Value& other) {
    if (one.size() != other.size())
        return false;
    for (const auto& [name, amount] : one.members())
        if (!other.contains(name) || api::Quantity::from(amount).str() != api::Quantity::from(other[name]).str())
            return false;
    return true;
}

// isSuperset: whatever `narrow` tolerates, `broad` does too.
bool covers(const Value& broad, const Value& narrow) {
    if (broad == narrow)
        return true;
    const auto key = broad["key"].as_string();
    const auto how = broad["operator"].as_string("Equal");
    if (key != narrow["key"].as_string() && (!key.empty() || how != "Exists"))
        return false;
    const auto effect = broad["effect"].as_string();
    if (!effect.empty() && effect != narrow["effect"].as_string())
        return false;
    const Value& limit = broad["tolerationSeconds"];
    const Value& asked = narrow["tolerationSeconds"];
    if (effect == "NoExecute" && !limit.is_null() && (asked.is_null() || asked.as_int() > limit.as_int()))
        return false;
    if (how == "Equal")
        return narrow["operator"].as_string("Equal") == "Equal" && broad["value"].as_string() == narrow["value"].as_string();
    return how == "Exists";
}

// MergeTolerations: none that another one covers; of equal ones the first.
Value merged(const Value& first, const Value& second) {
    std::vector<Value> all(first.items().begin(), first.items().end());
    all.insert(all.end(), second.items().begin(), second.items().end());
    Value kept = Value::array();
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool redundant = false;
        for (const auto& one : kept.items())
            redundant = redundant || covers(one, all[i]);
        for (std::size_t j = i + 1; j < all.size(); ++j)
            redundant = redundant || (!(all[j] == all[i]) && covers(all[j], all[i]));
        if (!redundant)
            kept.push_back(all[i]);
    }
    return kept;
}

Answer<Done> place(const Admission& admission, const Value& scheduling, Value& pod) {
    const Value selector = pod["spec"]["nodeSelector"];
    for (const auto& [key, value] : scheduling["nodeSelector"].members()) {
        const Value& own = selector[key];
        if (!own.is_null() && own.as_string() != value.as_string())
            return status::forbidden(admission.kind, admission.name,
                                     cat("conflict: runtimeClass.scheduling.nodeSelector[", key, "] = ", value.as_string(),
                                         "; pod.spec.nodeSelector[", key, "] = ", own.as_string()));
        pod.edit_path("spec", "nodeSelector").set(key, value);
    }
    if (Value all = merged(pod["spec"]["tolerations"], scheduling["tolerations"]); !all.empty())
        pod.edit("spec").set("tolerations", std::move(all));
    return Done{};
}

}  // namespace

bool handles(const Admission& admission) {
    return admission.subresource.empty() && admission.operation == Operation::create && admission.kind.kind == "Pod";
}

Answer<Done> mutate(const Admission& admission, Value& object) {
    auto found = class_of(admission, object);
    if (!found.ok())
        return found.failure();
    const Value& fixed = found.value()["overhead"]["podFixed"];
    if (!fixed.empty()) {
        const Value& given = object["spec"]["overhead"];
        if (!given.empty() && !same_amounts(given, fixed))
            return status::forbidden(admission.kind, admission.name, mismatch);
        object.edit("spec").set("overhead", fixed);
    }
    if (found.value()["scheduling"].is_object())
        return place(admission, found.value()["scheduling"], object);
    return Done{};
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    auto found = class_of(admission, object);
    if (!found.ok())
        return found.failure();
    const Value& overhead = object["spec"]["overhead"];
    if (found.value()["overhead"].is_object()) {
        if (!same_amounts(found.value()["overhead"]["podFixed"], overhead))
            return status::forbidden(admission.kind, admission.name, mismatch);
    } else if (!overhead.empty()) {
        return status::forbidden(admission.kind, admission.name,
                                 "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
    return Done{};
}

}  // namespace kubewalk::apiserver::runtime_class
