// Requests and limits. Upstream: pkg/apis/core/validation/validation.go, pkg/apis/core/helper/helpers.go.

#include <map>
#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

constexpr std::string_view hugepages_prefix = "hugepages-";

bool is_hugepages(std::string_view name) { return name.starts_with(hugepages_prefix); }

bool is_native(std::string_view name) {
    return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

bool is_extended(std::string_view name) {
    if (is_native(name) || name.starts_with("requests.")) return false;
    return is_qualified_name("requests." + std::string(name)).empty();
}

bool may_overcommit(std::string_view name) { return is_native(name) && !is_hugepages(name); }

bool is_container_resource(std::string_view name) {
    return name == "cpu" || name == "memory" || name == "ephemeral-storage" || is_hugepages(name);
}

// The names that quotas and nodes know beside those of containers.
bool is_standard_resource(std::string_view name) {
    static const std::set<std::string_view> names = {
        "storage",        "requests.cpu",    "requests.memory",         "requests.ephemeral-storage",
        "limits.cpu",     "limits.memory",   "limits.ephemeral-storage", "pods",
        "resourcequotas", "services",        "replicationcontrollers",  "secrets",
        "configmaps",     "persistentvolumeclaims", "requests.storage", "services.nodeports",
        "services.loadbalancers"};
    return is_container_resource(name) || name.starts_with("requests.hugepages-") || names.count(name) != 0;
}

}  // namespace

bool is_standard_resource_name(std::string_view name) { return is_standard_resource(name); }

bool may_overcommit_resource(std::string_view name) { return may_overcommit(name); }

void validate_resource_name(std::string_view name, const Path& path, FieldErrors& errors) {
    const Messages wrong = is_qualified_name(name);
    errors.invalid_each(path, Value(name), wrong);
    const bool short_name = name.find('/') == std::string_view::npos;
    if (wrong.empty() && short_name && !is_standard_resource(name)) {
        errors.invalid(path, Value(name), "must be a standard resource type or fully qualified");
    }
}

void validate_container_resource_name(std::string_view name, const Path& path, FieldErrors& errors) {
    validate_resource_name(name, path, errors);
    if (name.find('/') == std::string_view::npos) {
        if (!is_container_resource(name)) {
            errors.invalid(path, Value(name), "must be a standard resource for containers");
        }
    } else if (!is_native(name) && !is_extended(name)) {
        errors.invalid(path, Value(name), "doesn't follow extended resource name standard");
    }
}

namespace {

struct Contents {
    bool compute = false;
    bool hugepages = false;

    void note(std::string_view name) {
        compute = compute || name == "cpu" || name == "memory";
        hugepages = hugepages || is_hugepages(name);
    }
};

void validate_hugepages(std::string_view name, const Quantity& amount, const Path& path, FieldErrors& errors) {
    const auto size = Quantity::parse(name.substr(hugepages_prefix.size()));
    if (!size.ok() || size.value().value() <= 0 || amount.value() % size.value().value() == 0) return;
    errors.invalid(path, Value(amount.str()),
                   amount.str() + " is not positive integer multiple of " + std::string(name));
}

void validate_request(const Value::Member& request, const Value& limits, const Path& path, FieldErrors& errors) {
    const Quantity amount = Quantity::from(request.value);
    const Path requests_path = path.child("requests");
    if (!limits.contains(request.key)) {
        if (!may_overcommit(request.key)) {
            errors.required(path.child("limits"), "Limit must be set for non overcommitable resources");
        }
        return;
    }
    const Quantity limit = Quantity::from(limits[request.key]);
    const int order = compare(amount, limit);
    if (order != 0 && !may_overcommit(request.key)) {
        errors.invalid(requests_path, Value(amount.str()),
                       "must be equal to " + request.key + " limit of " + limit.str());
    } else if (order > 0) {
        errors.invalid(requests_path, Value(amount.str()),
                       "must be less than or equal to " + request.key + " limit of " + limit.str());
    }
}

void validate_claims(const Value& claims, const Value& spec, const Path& path, FieldErrors& errors) {
    std::set<std::string, std::less<>> known;
    for (const Value& claim : spec["resourceClaims"].items()) known.emplace(claim["name"].as_string());
    std::set<std::string, std::less<>> seen;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const Path at = path.index(i);
        const std::string_view name = claims[i]["name"].as_string();
        if (name.empty()) {
            errors.required(at.child("name"));
            continue;
        }
        const std::string_view request = claims[i]["request"].as_string();
        const std::string key = std::string(name) + (request.empty() ? "" : "/" + std::string(request));
        if (!seen.insert(key).second) {
            errors.duplicate(at, Value(key));
        } else if (known.find(name) == known.end()) {
            errors.not_found(at.child("name"), claims[i]["name"]);
        }
    }
}

}  // namespace

namespace {

using Totals = std::map<std::string, Quantity, std::less<>>;

void add_requests(Totals& totals, const Value& container) {
    for (const Value::Member& request : container.path("resources", "requests").members()) {
        totals[request.key].add(Quantity::from(request.value));
    }
}

}  // namespace

// Upstream: k8s.io/component-helpers/resource/helpers.go.
Value pod_container_requests(const Value& spec) {
    Totals running;
    for (const Value& container : spec["containers"].items()) add_requests(running, container);
    Totals sidecars;
    Totals starting;  // the most that any step of the start needs
    for (const Value& container : spec["initContainers"].items()) {
        Totals step = sidecars;
        add_requests(step, container);
        if (container["restartPolicy"].as_string() == "Always") {
            add_requests(running, container);
            sidecars = step;
        }
        for (const auto& [name, amount] : step) {
            Quantity& most = starting[name];
            if (compare(amount, most) > 0) most = amount;
        }
    }
    for (const auto& [name, amount] : starting) {
        Quantity& total = running[name];
        if (compare(amount, total) > 0) total = amount;
    }
    Value result = Value::object();
    for (const auto& [name, amount] : running) result.set(name, Value(amount.str()));
    return result;
}

void validate_resource_amount(std::string_view name, const Value& amount, const Path& path, FieldErrors& errors) {
    const Quantity quantity = Quantity::from(amount);
    if (quantity.sign() < 0) errors.invalid(path, Value(quantity.str()), "must be greater than or equal to 0");
    if (!is_extended(name)) return;
    if (compare(quantity, Quantity::of(quantity.value(), quantity.format())) != 0) {
        errors.invalid(path, Value(quantity.str()), "must be an integer");
    }
}

void validate_resources(const Value& resources, const Value& spec, const Path& path, FieldErrors& errors) {
    Contents contents;
    for (const std::string_view list : {"limits", "requests"}) {
        const Path list_path = path.child(list);
        for (const Value::Member& member : resources[list].members()) {
            const Path at = list_path.key(member.key);
            validate_container_resource_name(member.key, at, errors);
            validate_resource_amount(member.key, member.value, at, errors);
            if (list == "requests") validate_request(member, resources["limits"], path, errors);
            if (is_hugepages(member.key)) validate_hugepages(member.key, Quantity::from(member.value), at, errors);
            contents.note(member.key);
        }
    }
    if (contents.hugepages && !contents.compute) errors.forbidden(path, "HugePages require cpu or memory");
    validate_claims(resources["claims"], spec, path.child("claims"), errors);
}

}  // namespace kubewalk::api
