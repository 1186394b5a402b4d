// Ingress and IngressClass.
// Upstream: pkg/printers/internalversion/printers.go (printIngress, printIngressClass).

#include <set>

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace ingresses {

namespace {

constexpr std::size_t most_hosts = 3;
constexpr std::size_t address_width = 16;

constexpr Column table[] = {
    {"Name", "string", "name"}, {"Class", "string", ""}, {"Hosts", "string", ""},
    {"Address", "string", ""},  {"Ports", "string", ""}, {"Age", "string", ""},
};

// Upstream counts what is left out by rules, hosts or not.
std::string hosts(const Value& rules) {
    std::vector<std::string> shown;
    bool more = false;
    for (const auto& rule : rules.items()) {
        more = more || shown.size() == most_hosts;
        if (!more && !rule["host"].as_string().empty())
            shown.push_back(rule["host"].str());
    }
    if (shown.empty())
        return "*";
    return with_more(shown, more ? rules.size() : shown.size());
}

std::string addresses(const Value& balancer, Width width) {
    std::set<std::string> all;
    for (const auto& ingress : balancer["ingress"].items())
        if (const auto address = or_else(ingress["ip"].as_string(), ingress["hostname"].as_string()); !address.empty())
            all.insert(address);
    auto text = join({all.begin(), all.end()}, ",");
    if (width == Width::narrow && text.size() > address_width)
        text = text.substr(0, address_width - 3) + "...";
    return text;
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width width) {
    const auto& spec = object["spec"];
    return {api::name_of(object),
            spec["ingressClassName"].as_string("<none>"),
            hosts(spec["rules"]),
            addresses(object["status"]["loadBalancer"], width),
            spec["tls"].empty() ? "80" : "80, 443",
            age(object, now)};
}

}  // namespace ingresses

namespace ingress_classes {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"}, {"Controller", "string", ""}, {"Parameters", "string", ""}, {"Age", "string", ""}};

std::string parameters_text(const Value& parameters) {
    if (!parameters.is_object())
        return "<none>";
    const auto group = parameters["apiGroup"].as_string();
    return cat(parameters["kind"].as_string(), parameters["apiGroup"].is_null() ? "" : ".", group, "/",
               parameters["name"].as_string());
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), object["spec"]["controller"].as_string(), parameters_text(object["spec"]["parameters"]),
            age(object, now)};
}

}  // namespace ingress_classes

}  // namespace kubewalk::apiserver::tables
