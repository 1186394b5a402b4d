// Service, Endpoints, EndpointSlice.
// Upstream: pkg/printers/internalversion/printers.go (printService, printEndpoints, printEndpointSlice).

#include <set>

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace {

constexpr std::size_t shown_limit = 3;

std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> result;
    for (const auto& item : list.items())
        result.push_back(item.str());
    return result;
}

}  // namespace

namespace services {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"}, {"Type", "string", ""}, {"Cluster-IP", "string", ""},    {"External-IP", "string", ""},
    {"Port(s)", "string", ""},  {"Age", "string", ""},  {"Selector", "string", "", 1},
};

constexpr std::size_t load_balancer_width = 16;

std::string load_balancer_addresses(const Value& service, Width width) {
    std::set<std::string> addresses;
    for (const auto& ingress : service["status"]["loadBalancer"]["ingress"].items()) {
        const auto address = or_else(ingress["ip"].as_string(), ingress["hostname"].as_string());
        if (!address.empty())
            addresses.insert(address);
    }
    auto text = join({addresses.begin(), addresses.end()}, ",");
    if (width == Width::narrow && text.size() > load_balancer_width)
        text = text.substr(0, load_balancer_width - 3) + "...";
    return text;
}

std::string external_ip(const Value& service, Width width) {
    const auto type = service["spec"]["type"].as_string();
    const auto given = join(texts(service["spec"]["externalIPs"]), ",");
    if (type == "ClusterIP" || type == "NodePort")
        return or_else(given, "<none>");
    if (type == "ExternalName")
        return service["spec"]["externalName"].str();
    if (type != "LoadBalancer")
        return "<unknown>";
    const auto balanced = load_balancer_addresses(service, width);
    if (!given.empty())
        return balanced.empty() ? given : cat(balanced, ",", given);
    return or_else(balanced, "<pending>");
}

std::string ports(const Value& service) {
    std::vector<std::string> pieces;
    for (const auto& port : service["spec"]["ports"].items()) {
        auto text = cat(port["port"].as_int());
        if (port["nodePort"].as_int() > 0)
            append(text, ":", port["nodePort"].as_int());
        pieces.push_back(cat(text, "/", port["protocol"].as_string()));
    }
    return or_else(join(pieces, ","), "<none>");
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& service, Time now, Width width) {
    return {api::name_of(service),
            service["spec"]["type"].as_string(),
            service["spec"]["clusterIPs"][0].as_string("<none>"),
            external_ip(service, width),
            ports(service),
            age(service, now),
            format_labels(service["spec"]["selector"])};
}

}  // namespace services

namespace endpoints {

namespace {

constexpr Column table[] = {{"Name", "string", "name"}, {"Endpoints", "string", ""}, {"Age", "string", ""}};

std::string host_port(std::string_view ip, std::int64_t port) {
    return ip.find(':') == std::string_view::npos ? cat(ip, ":", port) : cat("[", ip, "]:", port);
}

std::string format_endpoints(const Value& object) {
    if (object["subsets"].empty())
        return "<none>";
    std::vector<std::string> shown;
    std::size_t total = 0;
    auto show = [&](std::string text) {
        ++total;
        if (shown.size() < shown_limit)
            shown.push_back(std::move(text));
    };
    for (const auto& subset : object["subsets"].items()) {
        if (subset["ports"].empty())
            for (const auto& address : subset["addresses"].items())
                show(address["ip"].str());
        for (const auto& port : subset["ports"].items())
            for (const auto& address : subset["addresses"].items())
                show(host_port(address["ip"].as_string(), port["port"].as_int()));
    }
    return with_more(shown, total);
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {api::name_of(object), format_endpoints(object), age(object, now)};
}

}  // namespace endpoints

namespace endpoint_slices {

namespace {

constexpr Column table[] = {{"Name", "string", "name"},
                            {"AddressType", "string", ""},
                            {"Ports", "string", ""},
                            {"Endpoints", "string", ""},
                            {"Age", "string", ""}};

std::string shortened(std::vector<std::string> all) {
    const auto total = all.size();
    if (total > shown_limit)
        all.resize(shown_limit);
    return or_else(with_more(all, total), "<unset>");
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& slice, Time now, Width) {
    std::vector<std::string> ports;
    for (const auto& port : slice["ports"].items())
        ports.push_back(port["port"].is_int() ? cat(port["port"].as_int()) : port["name"].str("*"));
    std::vector<std::string> addresses;
    for (const auto& endpoint : slice["endpoints"].items())
        for (const auto& address : endpoint["addresses"].items())
            addresses.push_back(address.str());
    return {api::name_of(slice), slice["addressType"].as_string(), shortened(std::move(ports)),
            shortened(std::move(addresses)), age(slice, now)};
}

}  // namespace endpoint_slices

}  // namespace kubewalk::apiserver::tables
