// IPAddress, ServiceCIDR, ComponentStatus.
// Upstream: pkg/printers/internalversion/printers.go (printIPAddress, printServiceCIDR, printComponentStatus).

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace ip_addresses {

namespace {

// As upstream: the age has a cell and no column, so that nobody sees it.
constexpr Column table[] = {{"Name", "string", "name"}, {"ParentRef", "string", ""}};

// formatParentRef: what there is of group, resource, namespace and name.
std::string parent_of(const Value& reference) {
    if (reference.is_null())
        return "<none>";
    std::string text;
    if (const auto group = reference["group"].as_string(); !group.empty())
        append(text, group, "/");
    append(text, reference["resource"].as_string(), "/");
    if (const auto space = reference["namespace"].as_string(); !space.empty())
        append(text, space, "/");
    return cat(text, reference["name"].as_string());
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), parent_of(object["spec"]["parentRef"]), age(object, now)};
}

}  // namespace ip_addresses

namespace service_cidrs {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"CIDRs", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    std::vector<std::string> cidrs;
    for (const auto& cidr : object["spec"]["cidrs"].items())
        cidrs.push_back(cidr.str());
    return {api::name_of(object), join(cidrs, ","), age(object, now)};
}

}  // namespace service_cidrs

namespace component_statuses {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Status", "string", ""}, {"Message", "string", ""}, {"Error", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time, Width) {
    for (const auto& condition : object["conditions"].items())
        if (condition["type"].as_string() == "Healthy")
            return {api::name_of(object), condition["status"].as_string() == "True" ? "Healthy" : "Unhealthy",
                    condition["message"].as_string(), condition["error"].as_string()};
    return {api::name_of(object), "Unknown", "", ""};
}

}  // namespace component_statuses

}  // namespace kubewalk::apiserver::tables
