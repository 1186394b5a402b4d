// ResourceQuota, LimitRange, and both as a Namespace shows them.
// Upstream: k8s.io/kubectl/pkg/describe/describe.go (describeQuota, describeLimitRange, DescribeResourceQuotas,
// DescribeLimitRanges, describeNamespace).

#include <algorithm>
#include <set>

#include "core/api/quantity.h"
#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Quantity;
using api::Value;

namespace {

std::string_view scope_help(std::string_view scope) {
    struct Help {
        std::string_view scope;
        std::string_view text;
    };
    static constexpr Help table[] = {
        {"Terminating",
         "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively "
         "terminated by the system."},
        {"NotTerminating",
         "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container "
         "command is not expected to terminate."},
        {"BestEffort",
         "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."},
        {"NotBestEffort",
         "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality "
         "of service."}};
    for (const auto& help : table)
        if (help.scope == scope)
            return help.text;
    return {};
}

void scope_lines(Writer& w, int level, std::string_view bullet, const Value& scopes) {
    if (scopes.empty())
        return;
    std::vector<std::string> sorted;
    for (const auto& scope : scopes.items())
        sorted.push_back(scope.str());
    std::sort(sorted.begin(), sorted.end());
    w.line(level, "Scopes:\t", join(sorted, ", "));
    for (const auto& scope : sorted)
        if (const auto help = scope_help(scope); !help.empty())
            w.line(level, bullet, help);
}

std::string amount(const Value& amounts, std::string_view name) {
    return amounts[name].is_null() ? std::string("-") : Quantity::from(amounts[name]).str();
}

void limits(Writer& w, std::string_view prefix, const Value& list) {
    static constexpr std::string_view columns[] = {"min", "max", "defaultRequest", "default", "maxLimitRequestRatio"};
    for (const auto& item : list.items()) {
        std::set<std::string> names;  // upstream's order is that of a Go map: any
        for (const auto column : columns)
            for (const auto& [name, value] : item[column].members())
                names.insert(name);
        for (const auto& name : names) {
            std::string line = cat(prefix, item["type"].as_string(), "\t", name);
            for (const auto column : columns)
                append(line, "\t", amount(item[column], name));
            w.line(0, line);
        }
    }
}

void quotas_of_namespace(Writer& w, const Value& list) {
    if (list.empty())
        return w.line(0, "No resource quota.");
    const auto items = list.items();
    std::vector<Value> sorted(items.begin(), items.end());
    sort_stably(sorted, [](const Value& a, const Value& b) { return api::name_of(a) < api::name_of(b); });
    w.line(0, "Resource Quotas");
    for (const auto& quota : sorted) {
        w.line(1, "Name:\t", api::name_of(quota));
        scope_lines(w, 1, "* ", quota["spec"]["scopes"]);
        w.line(1, "Resource\tUsed\tHard");
        w.line(1, "--------\t---\t---");
        const auto& used = quota["status"]["used"];
        for (const auto& [name, hard] : quota["status"]["hard"].members())
            w.line(1, name, "\t", Quantity::from(used[name]).str(), "\t", Quantity::from(hard).str());
    }
}

void limits_of_namespace(Writer& w, const Value& list) {
    if (list.empty())
        return w.line(0, "No LimitRange resource.");
    w.line(0, "Resource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    w.line(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for (const auto& range : list.items())
        limits(w, " ", range["spec"]["limits"]);
}

}  // namespace

void resource_quota(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    scope_lines(w, 0, " * ", object["spec"]["scopes"]);
    w.line(0, "Resource\tUsed\tHard");
    w.line(0, "--------\t----\t----");
    const auto& used = object["status"]["used"];
    for (const auto& [name, value] : object["status"]["hard"].members()) {
        const auto hard = Quantity::from(value);
        auto consumed = Quantity::from(used[name]);
        if (consumed.format() != hard.format())
            consumed = Quantity::of(consumed.value(), hard.format());
        w.line(0, name, "\t", consumed.str(), "\t", hard.str());
    }
}

void limit_range(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    w.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    limits(w, "", object["spec"]["limits"]);
}

void namespace_object(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Status:\t", object["status"]["phase"].as_string());
    if (const auto& conditions = object["status"]["conditions"]; !conditions.empty()) {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
        for (const auto& condition : conditions.items())
            w.line(1, condition["type"].as_string(), "\t", condition["status"].as_string(), "\t",
                   rfc1123(condition["lastTransitionTime"]), "\t", condition["reason"].as_string(), "\t",
                   condition["message"].as_string());
    }
    auto quotas = subject.server.list(api::kind::resource_quotas, api::name_of(object));
    auto ranges = subject.server.list(api::kind::limit_ranges, api::name_of(object));
    w.line(0);
    quotas_of_namespace(w, quotas.ok() ? quotas.value()["items"] : Value());
    w.line(0);
    limits_of_namespace(w, ranges.ok() ? ranges.value()["items"] : Value());
}

}  // namespace kubewalk::kubectl::describe
