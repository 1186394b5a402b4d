// Defaults and bounds of what containers, Pods and claims ask for, as the namespace's LimitRanges have them.
// Upstream: plugin/pkg/admission/limitranger/admission.go.

#include <algorithm>

#include "core/api/quantity.h"
#include "core/api/quota_usage.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::limit_ranger {

using api::Quantity;
using api::Value;

namespace {

constexpr std::string_view annotation = "kubernetes.io/limit-ranger";

std::vector<Value> limit_ranges(const Admission& admission) {
    std::vector<Value> found;
    const auto prefix = store_prefix(api::kind::limit_ranges, admission.namespace_name);
    for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it)
        found.push_back(it->second.value);
    return found;
}

// -- defaults ------------------------------------------------------------------------------------

// Takes over what the container does not say; the names of what was set.
std::string fill(Value& container, std::string_view list, const Value& defaults) {
    std::vector<std::string> set;
    for (const auto& [name, amount] : defaults.members()) {
        if (container["resources"][list].contains(name))
            continue;
        container.edit_path("resources", list).set(name, amount);
        set.push_back(name);
    }
    return join(set, ", ");
}

void fill_containers(Value& pod, std::string_view list, std::string_view word, const Value& limit, std::vector<std::string>& notes) {
    for (std::size_t i = 0; i < pod["spec"][list].size(); ++i) {
        Value container = pod["spec"][list][i];
        const auto limits = fill(container, "limits", limit["default"]);
        const auto requests = fill(container, "requests", limit["defaultRequest"]);
        const auto name = container["name"].str();
        if (!requests.empty())
            notes.push_back(cat(requests, " request for ", word, " ", name));
        if (!limits.empty())
            notes.push_back(cat(limits, " limit for ", word, " ", name));
        if (!requests.empty() || !limits.empty())
            pod.edit("spec").edit(list).edit_at(i) = std::move(container);
    }
}

// -- bounds --------------------------------------------------------------------------------------

// What is asked for under one name; either may be null.
struct Asked {
    Value request;
    Value limit;
};

class Bounds {
public:
    Bounds(std::string_view type, std::vector<std::string>& errors) : type_(type), errors_(errors) {}

    void minimum(std::string_view name, const Value& bound, const Asked& asked) {
        const auto what = cat("minimum ", name, " usage per ", type_, " is ", text(bound));
        if (asked.request.is_null())
            errors_.push_back(cat(what, ".  No request is specified"));
        else if (above(bound, asked.request))
            errors_.push_back(cat(what, ", but request is ", text(asked.request)));
        else if (!asked.limit.is_null() && above(bound, asked.limit))
            errors_.push_back(cat(what, ", but limit is ", text(asked.limit)));
    }
    void maximum(std::string_view name, const Value& bound, const Asked& asked) {
        const auto what = cat("maximum ", name, " usage per ", type_, " is ", text(bound));
        if (asked.limit.is_null())
            errors_.push_back(cat(what, ".  No limit is specified"));
        else if (above(asked.limit, bound))
            errors_.push_back(cat(what, ", but limit is ", text(asked.limit)));
        else if (!asked.request.is_null() && above(asked.request, bound))
            errors_.push_back(cat(what, ", but request is ", text(asked.request)));
    }
    // Of claims, which have no limits.
    void maximum_request(std::string_view name, const Value& bound, const Value& request) {
        const auto what = cat("maximum ", name, " usage per ", type_, " is ", text(bound));
        if (request.is_null())
            errors_.push_back(cat(what, ".  No request is specified"));
        else if (above(request, bound))
            errors_.push_back(cat(what, ", but request is ", text(request)));
    }
    void ratio(std::string_view name, const Value& bound, const Asked& asked) {
        const auto what = cat(name, " max limit to request ratio per ", type_, " is ", text(bound), ", but ");
        const auto request = Quantity::from(asked.request).milli_value(), limit = Quantity::from(asked.limit).milli_value();
        if (request == 0) {
            errors_.push_back(cat(what, "no request is specified or request is 0"));
        } else if (limit == 0) {
            errors_.push_back(cat(what, "no limit is specified or limit is 0"));
        } else if (limit * 1000 > Quantity::from(bound).milli_value() * request) {
            const std::int64_t millionths = limit * 1'000'000 / request;
            errors_.push_back(cat(what, "provided ratio is ", millionths / 1'000'000, ".", std::string_view(cat(millionths % 1'000'000 + 1'000'000)).substr(1)));
        }
    }
    void all(const Value& limit, const Value& requests, const Value& limits) {
        for (const auto& [name, bound] : limit["min"].members())
            minimum(name, bound, {requests[name], limits[name]});
        for (const auto& [name, bound] : limit["max"].members())
            maximum(name, bound, {requests[name], limits[name]});
        for (const auto& [name, bound] : limit["maxLimitRequestRatio"].members())
            ratio(name, bound, {requests[name], limits[name]});
    }

private:
    static std::string text(const Value& amount) { return Quantity::from(amount).str(); }
    static bool above(const Value& a, const Value& b) { return compare(Quantity::from(a), Quantity::from(b)) > 0; }

    std::string type_;
    std::vector<std::string>& errors_;
};

Value amounts(const api::ResourceAmounts& resources) {
    Value list = Value::object();
    for (const auto& [name, amount] : resources)
        list.set(name, amount.str());
    return list;
}

void check_pod(const Value& pod, const Value& limit, std::vector<std::string>& errors) {
    const auto type = limit["type"].as_string();
    Bounds bounds(type, errors);
    if (type == "Container") {
        for (const std::string_view list : {"containers", "initContainers"})
            for (const auto& container : pod["spec"][list].items())
                bounds.all(limit, container["resources"]["requests"], container["resources"]["limits"]);
    } else if (type == "Pod") {
        bounds.all(limit, amounts(api::pod_resources(pod["spec"], "requests")), amounts(api::pod_resources(pod["spec"], "limits")));
    }
}

void check_claim(const Value& claim, const Value& limit, std::vector<std::string>& errors) {
    const auto type = limit["type"].as_string();
    if (type != "PersistentVolumeClaim")
        return;
    Bounds bounds(type, errors);
    const Value& requests = claim["spec"]["resources"]["requests"];
    for (const auto& [name, bound] : limit["min"].members())
        bounds.minimum(name, bound, {requests[name], {}});
    for (const auto& [name, bound] : limit["max"].members())
        bounds.maximum_request(name, bound, requests[name]);
}

}  // namespace

bool handles(const Admission& admission) {
    if (!admission.subresource.empty() || admission.operation == Operation::remove || !admission.kind.group.empty())
        return false;
    return (admission.kind.kind == "Pod" && admission.operation == Operation::create) || admission.kind.kind == "PersistentVolumeClaim";
}

Answer<Done> mutate(const Admission& admission, Value& object) {
    if (admission.kind.kind != "Pod")
        return Done{};
    for (const auto& range : limit_ranges(admission)) {
        std::vector<std::string> notes;
        for (const auto& limit : range["spec"]["limits"].items()) {
            if (limit["type"].as_string() != "Container")
                continue;
            fill_containers(object, "containers", "container", limit, notes);
            fill_containers(object, "initContainers", "init container", limit, notes);
        }
        if (!notes.empty())
            object.edit_path("metadata", "annotations").set(annotation, cat("LimitRanger plugin set: ", join(notes, "; ")));
    }
    return Done{};
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    for (const auto& range : limit_ranges(admission)) {
        std::vector<std::string> errors;
        for (const auto& limit : range["spec"]["limits"].items()) {
            if (admission.kind.kind == "Pod")
                check_pod(object, limit, errors);
            else
                check_claim(object, limit, errors);
        }
        if (!errors.empty())
            return status::forbidden(admission.kind, admission.name, errors.size() == 1 ? errors[0] : cat("[", join(errors, ", "), "]"));
    }
    return Done{};
}

}  // namespace kubewalk::apiserver::limit_ranger
