// kubelet/pod-resolv-conf.json and kubelet/resolv-conf-helpers.json: dnsPolicy and dnsConfig -> resolv.conf.

#include <algorithm>

#include "core/api/json.h"
#include "core/cli/vectors/runner.h"
#include "core/kubelet/dns_config.h"

namespace kubewalk::cli {
namespace {

std::vector<std::string> texts(const api::Value& array) {
    std::vector<std::string> out;
    for (const auto& item : array.items())
        out.push_back(item.str());
    return out;
}

std::string list_text(const std::vector<std::string>& names) {
    auto out = api::Value::array();
    for (const auto& name : names)
        out.push_back(name);
    return api::to_json(out);
}

kubelet::DnsConfig config_of(const api::Value& value) {
    return {texts(value["servers"]), texts(value["searches"]), texts(value["options"])};
}

// Options come out of a Go map: their order means nothing.
std::string config_text(kubelet::DnsConfig config) {
    std::sort(config.options.begin(), config.options.end());
    return list_text(config.servers) + list_text(config.searches) + list_text(config.options);
}

void judge_list(const api::Value& test, const std::vector<std::string>& found, Report& report) {
    report.check(test["id"].as_string(), list_text(texts(test["result"][0])), list_text(found));
}

}  // namespace

void run_kubelet_pod_resolv_conf(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items()) {
        const auto& given = test["given"];
        kubelet::DnsConfigurer configurer;
        configurer.cluster_dns = texts(given["clusterDNS"]);
        configurer.cluster_domain = given["clusterDomain"].str();
        configurer.host = config_of(given["hostDNS"]);
        configurer.resolver_config = given["resolverConfigPath"].str();
        configurer.node_ips = texts(given["nodeIPs"]);
        report.check(test["id"].as_string(), config_text(config_of(test["result"][0])),
                     config_text(configurer.pod_dns(test["args"]["pod"])));
    }
}

void run_kubelet_resolv_conf_helpers(const api::Value& root, Report& report) {
    for (const auto& test : root["cases"].items()) {
        const auto function = test["func"].as_string();
        const auto& args = test["args"];
        if (function == "formDNSSearchFitsLimits") {
            judge_list(test, kubelet::fit_search_limits(texts(args["composedSearch"])), report);
        } else if (function == "formDNSNameserversFitsLimits") {
            judge_list(test, kubelet::fit_nameserver_limits(texts(args["nameservers"])), report);
        } else if (function == "omitDuplicates") {
            judge_list(test, kubelet::omit_duplicates(texts(args["strs"])), report);
        } else if (function == "mergeDNSOptions") {
            auto expected = texts(test["result"][0]);
            std::sort(expected.begin(), expected.end());
            report.check(test["id"].as_string(), list_text(expected),
                         list_text(kubelet::merge_dns_options(texts(args["existingDNSConfigOptions"]),
                                                              args["dnsConfigOptions"])));
        } else if (function == "appendDNSConfig") {
            report.check(test["id"].as_string(), config_text(config_of(test["result"][0])),
                         config_text(kubelet::append_dns_config(config_of(args["existingDNSConfig"]), args["dnsConfig"])));
        } else {
            report.fail(test["id"].as_string(), "a known function", function);
        }
    }
}

}  // namespace kubewalk::cli
