// ResourceQuota, PodDisruptionBudget, PriorityClass, NetworkPolicy and the bindings of RBAC.
// Upstream: pkg/printers/internalversion/printers.go.

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace resource_quotas {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Request", "string", ""}, {"Limit", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& status = object["status"];
    std::vector<std::string> requests, limits;
    for (const auto& [name, hard] : status["hard"].members()) {
        auto& texts = name.starts_with("limits.") ? limits : requests;
        texts.push_back(cat(name, ": ", api::Quantity::from(status["used"][name]).str(), "/", api::Quantity::from(hard).str()));
    }
    return {api::name_of(object), join(requests, ", "), join(limits, ", "), age(object, now)};
}

}  // namespace resource_quotas

namespace pod_disruption_budgets {

namespace {
constexpr Column table[] = {{"Name", "string", "name"},
                            {"Min Available", "string", ""},
                            {"Max Unavailable", "string", ""},
                            {"Allowed Disruptions", "integer", ""},
                            {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto share = [&](std::string_view field) {
        const auto& value = object["spec"][field];
        return value.is_null() ? std::string("N/A") : api::int_or_string_text(value);
    };
    return {api::name_of(object), share("minAvailable"), share("maxUnavailable"), object["status"]["disruptionsAllowed"].as_int(), age(object, now)};
}

}  // namespace pod_disruption_budgets

namespace priority_classes {

namespace {
constexpr Column table[] = {{"Name", "string", "name"},
                            {"Value", "integer", ""},
                            {"Global-Default", "boolean", ""},
                            {"Age", "string", ""},
                            {"PreemptionPolicy", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width width) {
    Cells result = {api::name_of(object), object["value"].as_int(), object["globalDefault"].as_bool(), age(object, now)};
    if (width == Width::wide)  // as upstream, though the column is not only for wide output
        result.emplace_back(object["preemptionPolicy"].as_string());
    return result;
}

}  // namespace priority_classes

namespace network_policies {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Pod-Selector", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), api::format_label_selector(object["spec"]["podSelector"]), age(object, now)};
}

}  // namespace network_policies

namespace role_bindings {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"},     {"Role", "string", ""},      {"Age", "string", ""},
    {"Users", "string", "", 1},     {"Groups", "string", "", 1}, {"ServiceAccounts", "string", "", 1},
};

std::string subjects(const Value& object, std::string_view kind) {
    std::vector<std::string> names;
    for (const auto& subject : object["subjects"].items()) {
        if (subject["kind"].as_string() != kind)
            continue;
        const auto space = subject["namespace"].as_string();
        names.push_back(kind == "ServiceAccount" ? cat(space, "/", subject["name"].as_string()) : subject["name"].str());
    }
    return join(names, ", ");
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& role = object["roleRef"];
    return {api::name_of(object),
            cat(role["kind"].as_string(), "/", role["name"].as_string()),
            age(object, now),
            subjects(object, "User"),
            subjects(object, "Group"),
            subjects(object, "ServiceAccount")};
}

}  // namespace role_bindings

namespace statuses {

namespace {
constexpr Column table[] = {{"Status", "string", ""}, {"Reason", "string", ""}, {"Message", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time, Width) {
    return {object["status"].as_string(), object["reason"].as_string(), object["message"].as_string()};
}

}  // namespace statuses

}  // namespace kubewalk::apiserver::tables
