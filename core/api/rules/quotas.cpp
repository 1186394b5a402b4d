// ResourceQuota and LimitRange. Upstream: pkg/apis/core/validation/validation.go (ValidateResourceQuota*,
// ValidateLimitRange), pkg/apis/core/v1/defaults.go (SetDefaults_LimitRangeItem), pkg/apis/core/helper/helpers.go.

#include <algorithm>
#include <map>
#include <set>

#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

void validate_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

// -- ResourceQuota ---------------------------------------------------------------------------------------

// IsStandardQuotaResourceName.
bool is_quota_resource(std::string_view name) {
    return one_of(name, {"cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
                         "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
                         "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
                         "services.nodeports", "services.loadbalancers"}) ||
           name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

// IsIntegerResourceName: what is counted, not measured.
bool is_counted(std::string_view name) {
    return one_of(name, {"pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
                         "services.nodeports", "services.loadbalancers"});
}

void validate_amounts(const Value& amounts, const Path& path, FieldErrors& errors) {
    for (const auto& [name, amount] : amounts.members()) {
        const Path at = path.key(name);
        const auto wrong = is_qualified_name(name);
        errors.invalid_each(at, Value(name), wrong);
        if (wrong.empty() && name.find('/') == std::string::npos && !is_quota_resource(name))
            errors.invalid(at, Value(name), "must be a standard resource for quota");
        const auto quantity = Quantity::from(amount);
        if (quantity.sign() < 0)
            errors.invalid(at, Value(quantity.str()), "must be greater than or equal to 0");
        if (is_counted(name) && compare(quantity, Quantity::of(quantity.value(), quantity.format())) != 0)
            errors.invalid(at, Value(quantity.str()), "must be an integer");
    }
}

bool is_scope(std::string_view scope) {
    return one_of(scope, {"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
                          "VolumeAttributesClass"});
}

// IsResourceQuotaScopeValidForResource: most scopes are about Pods.
bool scope_fits(std::string_view scope, std::string_view resource) {
    if (scope == "BestEffort")
        return resource == "pods";
    if (scope == "VolumeAttributesClass")
        return resource == "persistentvolumeclaims" || resource == "requests.storage";
    return one_of(resource, {"pods", "cpu", "memory", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu",
                             "limits.memory", "limits.ephemeral-storage", "ephemeral-storage"}) ||
           resource.starts_with("hugepages-") || resource.starts_with("requests.hugepages-");
}

bool conflict(const std::set<std::string, std::less<>>& scopes) {
    return (scopes.contains("BestEffort") && scopes.contains("NotBestEffort")) ||
           (scopes.contains("Terminating") && scopes.contains("NotTerminating"));
}

void validate_scope(const Value& scope, const Value& shown, const Value& hard, const Path& path, FieldErrors& errors) {
    const auto name = scope.as_string();
    if (!is_scope(name))
        errors.invalid(path, shown, "unsupported scope");
    for (const auto& [resource, amount] : hard.members())
        if (is_quota_resource(resource) && is_scope(name) && !scope_fits(name, resource))
            errors.invalid(path, shown, "unsupported scope applied to resource");
}

void validate_scope_selector(const Value& selector, const Value& hard, const Path& path, FieldErrors& errors) {
    const Path list = path.child("matchExpressions");
    std::set<std::string, std::less<>> seen;
    const Value& expressions = selector["matchExpressions"];
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const Value& one = expressions[i];
        const auto scope = one["scopeName"].as_string(), op = one["operator"].as_string();
        validate_scope(one["scopeName"], one["scopeName"], hard, list.child("scopeName"), errors);
        if (one_of(scope, {"BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"}) && op != "Exists")
            errors.invalid(list.child("operator"), one["operator"].str(),
                           "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                           "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        if (one_of(op, {"In", "NotIn"}) && one["values"].empty())
            errors.required(list.child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
        else if (one_of(op, {"Exists", "DoesNotExist"}) && !one["values"].empty())
            errors.invalid(list.child("values"), one["values"], "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector");
        else if (!one_of(op, {"In", "NotIn", "Exists", "DoesNotExist"}))
            errors.invalid(list.child("operator"), one["operator"].str(), "not a valid selector operator");
        seen.insert(std::string(scope));
    }
    if (conflict(seen))
        errors.invalid(path, selector, "conflicting scopes");
}

void validate_quota_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_amounts(spec["hard"], path.child("hard"), errors);
    const Path scopes = path.child("scopes");
    std::set<std::string, std::less<>> seen;
    for (const auto& scope : spec["scopes"].items()) {
        validate_scope(scope, spec["scopes"], spec["hard"], scopes, errors);
        seen.insert(scope.str());
    }
    if (conflict(seen))
        errors.invalid(scopes, spec["scopes"], "conflicting scopes");
    if (!spec["scopeSelector"].is_null())
        validate_scope_selector(spec["scopeSelector"], spec["hard"], path.child("scopeSelector"), errors);
}

void validate_quota(const Value& object, FieldErrors& errors) {
    validate_meta(object, errors);
    validate_quota_spec(object["spec"], errors);
    const Path status("status");
    validate_amounts(object["status"]["hard"], status.child("hard"), errors);
    validate_amounts(object["status"]["used"], status.child("used"), errors);
}

void validate_quota_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_quota_spec(object["spec"], errors);
    const auto scopes = [](const Value& quota) {
        std::set<std::string> names;
        for (const auto& scope : quota["spec"]["scopes"].items())
            names.insert(scope.str());
        return names;
    };
    if (scopes(object) != scopes(old))
        errors.invalid(Path("spec").child("scopes"), object["spec"]["scopes"], "field is immutable");
}

void validate_quota_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    const Path status("status");
    validate_amounts(object["status"]["hard"], status.child("hard"), errors);
    validate_amounts(object["status"]["used"], status.child("used"), errors);
}

void default_quota(Value& object) { default_resource_list(object.edit("spec"), "hard"); }

// -- LimitRange ------------------------------------------------------------------------------------------

void default_limit_range(Value& object) {
    for (std::size_t i = 0; i < object["spec"]["limits"].size(); ++i) {
        Value& limit = object.edit("spec").edit("limits").edit_at(i);
        for (const std::string_view list : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"})
            default_resource_list(limit, list);
        if (limit["type"].as_string() != "Container")
            continue;
        const auto take_over = [&](std::string_view from, std::string_view to) {
            const Value source = limit[from];
            for (const auto& [name, amount] : source.members())
                if (!limit[to].contains(name))
                    limit.edit(to).set(name, amount);
        };
        take_over("max", "default");
        take_over("default", "defaultRequest");
        take_over("min", "defaultRequest");
    }
}

// One without a name gets a name of chance upstream; here it is named after its uid.
void prepare_limit_range(Value& object) {
    if (name_of(object).empty())
        object.edit("metadata").set("name", object["metadata"]["uid"]);
}

void validate_limit_type(const Value& type, const Path& path, FieldErrors& errors) {
    const auto name = type.as_string();
    const auto wrong = is_qualified_name(name);
    errors.invalid_each(path, Value(name), wrong);
    if (wrong.empty() && name.find('/') == std::string_view::npos && !one_of(name, {"Pod", "Container", "PersistentVolumeClaim"}))
        errors.invalid(path, type, "must be a standard limit type or fully qualified");
}

// %f of Go: six digits.
std::string fixed_text(double number) {
    constexpr std::int64_t million = 1'000'000;
    const auto scaled = static_cast<std::int64_t>(number * million + 0.5);
    const std::string digits = cat(scaled % million + million);
    return cat(scaled / million, ".", std::string_view(digits).substr(1));
}

// The amounts of one resource in a limit; null where a list does not name it.
struct Amounts {
    const Value& min;
    const Value& max;
    const Value& standard;
    const Value& request;
    const Value& ratio;
};

void validate_order(const Amounts& of, std::string_view name, const Path& path, FieldErrors& errors) {
    const auto text = [](const Value& amount) { return Quantity::from(amount).str(); };
    const auto above = [](const Value& a, const Value& b) {
        return !a.is_null() && !b.is_null() && compare(Quantity::from(a), Quantity::from(b)) > 0;
    };
    const auto refuse = [&](std::string_view list, const Value& shown, const std::string& why) {
        errors.invalid(path.child(list).key(name), Value(text(shown)), why);
    };
    if (above(of.min, of.max))
        refuse("min", of.min, cat("min value ", text(of.min), " is greater than max value ", text(of.max)));
    if (above(of.min, of.request))
        refuse("defaultRequest", of.request, cat("min value ", text(of.min), " is greater than default request value ", text(of.request)));
    if (above(of.request, of.max))
        refuse("defaultRequest", of.request, cat("default request value ", text(of.request), " is greater than max value ", text(of.max)));
    if (above(of.request, of.standard))
        refuse("defaultRequest", of.request,
               cat("default request value ", text(of.request), " is greater than default limit value ", text(of.standard)));
    if (above(of.min, of.standard))
        refuse("default", of.min, cat("min value ", text(of.min), " is greater than default value ", text(of.standard)));
    if (above(of.standard, of.max))
        refuse("default", of.max, cat("default value ", text(of.standard), " is greater than max value ", text(of.max)));
    if (!of.ratio.is_null() && compare(Quantity::from(of.ratio), Quantity::of(1)) < 0)
        refuse("maxLimitRequestRatio", of.ratio, cat("ratio ", text(of.ratio), " is less than 1"));
    if (!of.ratio.is_null() && !of.min.is_null() && !of.max.is_null()) {
        const double limit = static_cast<double>(Quantity::from(of.max).milli_value()) / static_cast<double>(Quantity::from(of.min).milli_value());
        if (static_cast<double>(Quantity::from(of.ratio).milli_value()) / 1000 > limit)
            refuse("maxLimitRequestRatio", of.ratio, cat("ratio ", text(of.ratio), " is greater than max/min = ", fixed_text(limit)));
    }
    if (!may_overcommit_resource(name) && !of.standard.is_null() && !of.request.is_null() && (above(of.standard, of.request) || above(of.request, of.standard)))
        refuse("defaultRequest", of.request, cat("default value ", text(of.standard), " must equal to defaultRequest value ", text(of.request), " in ", name));
}

void validate_limit(const Value& limit, const Path& path, FieldErrors& errors) {
    const auto type = limit["type"].as_string();
    std::set<std::string> names;
    const auto look_at = [&](std::string_view list) {
        const Path at = path.child(list);
        for (const auto& [name, amount] : limit[list].members()) {
            if (type == "Pod" || type == "Container")
                validate_container_resource_name(name, at.key(name), errors);
            else
                validate_resource_name(name, at.key(name), errors);
            names.insert(name);
        }
    };
    look_at("max");
    look_at("min");
    for (const std::string_view list : {"default", "defaultRequest"}) {
        if (type != "Pod")
            look_at(list);
        else if (!limit[list].empty())
            errors.forbidden(path.child(list), "may not be specified when `type` is 'Pod'");
    }
    if (type == "PersistentVolumeClaim" && limit["min"]["storage"].is_null() && limit["max"]["storage"].is_null())
        errors.required(path.child("limits"), "either minimum or maximum storage value is required, but neither was provided");
    look_at("maxLimitRequestRatio");
    const Value& none = null_value();
    for (const auto& name : names)
        validate_order({limit["min"][name], limit["max"][name], type == "Pod" ? none : limit["default"][name],
                        type == "Pod" ? none : limit["defaultRequest"][name], limit["maxLimitRequestRatio"][name]},
                       name, path, errors);
}

void validate_limit_range(const Value& object, FieldErrors& errors) {
    validate_meta(object, errors);
    const Path spec("spec");
    const Path list = spec.child("limits");
    std::set<std::string_view> types;
    const Value& limits = object["spec"]["limits"];
    for (std::size_t i = 0; i < limits.size(); ++i) {
        const Path at = list.index(i);
        validate_limit_type(limits[i]["type"], at.child("type"), errors);
        if (!types.insert(limits[i]["type"].as_string()).second)
            errors.duplicate(at.child("type"), limits[i]["type"]);
        validate_limit(limits[i], at, errors);
    }
}

void validate_limit_range_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_limit_range(object, errors);
}

}  // namespace

const Rules resource_quota_rules = {"", "ResourceQuota", default_quota, drop_status, keep_status, keep_all_but_status, validate_quota,
                                    validate_quota_update, validate_quota_status, no_warnings};
const Rules limit_range_rules = {"", "LimitRange", default_limit_range, prepare_limit_range, nothing_to_prepare, nullptr, validate_limit_range,
                                 validate_limit_range_update, nullptr, no_warnings};

}  // namespace kubewalk::api
