// kubeproxy/topology-categorize-endpoints.json: which endpoints count under the traffic policies.

#include <algorithm>

#include "core/addons/kube_proxy/services.h"
#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

addons::ProxyEndpoint endpoint_of(const api::Value& value) {
    addons::ProxyEndpoint out;
    const std::string text = value["Endpoint"].str();
    const std::size_t colon = text.rfind(':');
    out.address.ip = net::Ip::parse(text.substr(0, colon)).value_or(net::Ip{});
    out.address.port = static_cast<std::uint16_t>(parse_int(text.substr(colon + 1)).value_or(0));
    out.local = value["IsLocal"].as_bool();
    out.ready = value["Ready"].as_bool();
    out.serving = value["Serving"].as_bool();
    out.terminating = value["Terminating"].as_bool();
    for (const auto& hint : value["ZoneHints"].members())
        out.zone_hints.push_back(hint.key);
    return out;
}

// Lists of addresses as sets: upstream merges two of them through a map.
std::string text_of(std::vector<std::string> addresses) {
    std::sort(addresses.begin(), addresses.end());
    return join(addresses, ",");
}

std::string text_of(const std::vector<addons::ProxyEndpoint>& endpoints) {
    std::vector<std::string> out;
    for (const auto& endpoint : endpoints)
        out.push_back(endpoint.address.text());
    return text_of(std::move(out));
}

// Before 1.30 hints counted only with the Service's annotation. Where the input has hints that the annotation
// switched off, the mark says so and names the endpoints hinted for the node's zone, for a reviewed rewrite.
std::string mark(const std::vector<addons::ProxyEndpoint>& endpoints, std::string_view zone, std::string_view annotation) {
    if (annotation == "auto" || annotation == "Auto" || zone.empty())
        return {};
    std::vector<std::string> hinted;
    for (const auto& endpoint : endpoints) {
        if (!endpoint.ready)
            continue;
        if (endpoint.zone_hints.empty())
            return {};  // hints count only where every ready endpoint has them
        if (std::find(endpoint.zone_hints.begin(), endpoint.zone_hints.end(), zone) != endpoint.zone_hints.end())
            hinted.push_back(endpoint.address.text());
    }
    return hinted.empty() ? std::string() : cat(" [no annotation; hinted ", text_of(std::move(hinted)), "]");
}

}  // namespace

void run_kubeproxy_topology(const api::Value& root, Report& report) {
    for (const api::Value& test : root["cases"].items()) {
        const api::Value& args = test["args"];
        std::vector<addons::ProxyEndpoint> endpoints;
        for (const api::Value& value : args["endpoints"].items())
            endpoints.push_back(endpoint_of(value));
        const api::Value& service = args["svcInfo"];
        const auto zone = args.path("nodeLabels", "topology.kubernetes.io/zone").as_string();
        const auto found = addons::categorize_endpoints(
            endpoints, {service["usesClusterEndpoints"].as_bool(), service["usesLocalEndpoints"].as_bool()}, "", zone);
        const std::string marked = mark(endpoints, zone, service["hintsAnnotation"].as_string());
        std::vector<std::string> expected;
        for (int i = 0; i < 3; ++i) {
            std::vector<std::string> list;
            for (const api::Value& value : test["result"][i].items())
                list.push_back(value["Endpoint"].str());
            expected.push_back(text_of(std::move(list)));
        }
        report.check(test["id"].as_string(),
                     cat("cluster ", expected[0], "; local ", expected[1], "; all ", expected[2], "; any ", test["result"][3].as_bool(), marked),
                     cat("cluster ", text_of(found.cluster), "; local ", text_of(found.local), "; all ", text_of(found.all_reachable),
                         "; any ", found.has_any, marked));
    }
}

}  // namespace kubewalk::cli
