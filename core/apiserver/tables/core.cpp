// Node, Namespace, Event, ConfigMap, Secret, ServiceAccount, Lease, and whatever has no line of its own.
// Upstream: pkg/printers/internalversion/printers.go.

#include <set>

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace nodes {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"},          {"Status", "string", ""},
    {"Roles", "string", ""},             {"Age", "string", ""},
    {"Version", "string", ""},           {"Internal-IP", "string", "", 1},
    {"External-IP", "string", "", 1},    {"OS-Image", "string", "", 1},
    {"Kernel-Version", "string", "", 1}, {"Container-Runtime", "string", "", 1},
};

std::string status_of(const Value& node) {
    std::string text = "Unknown";
    for (const auto& condition : node["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            text = condition["status"].as_string() == "True" ? "Ready" : "NotReady";
    return node["spec"]["unschedulable"].as_bool() ? text + ",SchedulingDisabled" : text;
}

std::string roles(const Value& node) {
    constexpr std::string_view prefix = "node-role.kubernetes.io/";
    std::set<std::string> found;
    for (const auto& [key, value] : node["metadata"]["labels"].members()) {
        if (key.starts_with(prefix) && key.size() > prefix.size())
            found.insert(key.substr(prefix.size()));
        else if (key == "kubernetes.io/role" && !value.as_string().empty())
            found.insert(value.str());
    }
    return or_else(join({found.begin(), found.end()}, ","), "<none>");
}

std::string address(const Value& node, std::string_view type) {
    for (const auto& entry : node["status"]["addresses"].items())
        if (entry["type"].as_string() == type)
            return entry["address"].str();
    return "<none>";
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& node, Time now, Width) {
    const auto& info = node["status"]["nodeInfo"];
    return {api::name_of(node),
            status_of(node),
            roles(node),
            age(node, now),
            info["kubeletVersion"].as_string(),
            address(node, "InternalIP"),
            address(node, "ExternalIP"),
            or_else(info["osImage"].as_string(), "<unknown>"),
            or_else(info["kernelVersion"].as_string(), "<unknown>"),
            or_else(info["containerRuntimeVersion"].as_string(), "<unknown>")};
}

}  // namespace nodes

namespace namespaces {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Status", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), object["status"]["phase"].as_string(), age(object, now)};
}

}  // namespace namespaces

namespace events {

namespace {

constexpr Column table[] = {
    {"Last Seen", "string", ""},      {"Type", "string", ""},       {"Reason", "string", ""},
    {"Object", "string", ""},         {"Subobject", "string", "", 1}, {"Source", "string", "", 1},
    {"Message", "string", ""},        {"First Seen", "string", "", 1}, {"Count", "string", "", 1},
    {"Name", "string", "name", 1},
};

std::string source_of(const Value& event) {
    const auto component = or_else(event["source"]["component"].as_string(), event["reportingComponent"].as_string());
    const auto host = or_else(event["source"]["host"].as_string(), event["reportingInstance"].as_string());
    return host.empty() ? component : cat(component, ", ", host);
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& event, Time now, Width) {
    const auto& happened = event["firstTimestamp"].is_null() ? event["eventTime"] : event["firstTimestamp"];
    const auto first = age_of_timestamp(happened, now);
    auto last = event["lastTimestamp"].is_null() ? first : age_of_timestamp(event["lastTimestamp"], now);
    auto count = event["count"].as_int();
    if (!event["series"].is_null()) {
        last = age_of_timestamp(event["series"]["lastObservedTime"], now);
        count = event["series"]["count"].as_int();
    } else if (count == 0) {
        count = 1;
    }
    const auto& involved = event["involvedObject"];
    auto target = to_lower(involved["kind"].as_string());
    if (!involved["name"].as_string().empty())
        append(target, "/", involved["name"].as_string());
    return {last,
            event["type"].as_string(),
            event["reason"].as_string(),
            target,
            involved["fieldPath"].as_string(),
            source_of(event),
            trim(event["message"].as_string()),
            first,
            count,
            api::name_of(event)};
}

}  // namespace events

namespace config_maps {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Data", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto entries = object["data"].size() + object["binaryData"].size();
    return {api::name_of(object), static_cast<std::int64_t>(entries), age(object, now)};
}

}  // namespace config_maps

namespace secrets {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"}, {"Type", "string", ""}, {"Data", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), object["type"].as_string(), static_cast<std::int64_t>(object["data"].size()),
            age(object, now)};
}

}  // namespace secrets

namespace service_accounts {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Secrets", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), static_cast<std::int64_t>(object["secrets"].size()), age(object, now)};
}

}  // namespace service_accounts

namespace leases {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Holder", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), object["spec"]["holderIdentity"].as_string(), age(object, now)};
}

}  // namespace leases

namespace anything {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Created At", "date", ""}};
}

constinit const std::span<const Column> columns = table;

// rest.NewDefaultTableConvertor: kinds without printers (Role, ClusterRole, LimitRange).
Cells cells(const Value& object, Time, Width) {
    return {api::name_of(object), object["metadata"]["creationTimestamp"].as_string()};
}

}  // namespace anything

}  // namespace kubewalk::apiserver::tables
