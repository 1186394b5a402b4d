#pragma once
// A Pod's resolv.conf by its dnsPolicy and dnsConfig. Upstream: pkg/kubelet/network/dns/dns.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::kubelet {

// The runtime's DNSConfig: what a resolv.conf says.
struct DnsConfig {
    std::vector<std::string> servers;
    std::vector<std::string> searches;
    std::vector<std::string> options;

    // The file as containerd writes it.
    std::string resolv_conf() const;
    // Reads a resolv.conf as parseResolvConf does; the last `search` and the last `options` line count.
    static DnsConfig parse(std::string_view text);
};

// What the limits of a resolver cut off, in the words of the DNSConfigForming event; "" when all fits.
struct DnsLimits {
    std::string nameservers;
    std::string searches;
};

// The kubelet's own configuration (dns.Configurer).
struct DnsConfigurer {
    std::vector<std::string> cluster_dns;  // addresses
    std::string cluster_domain;
    DnsConfig host;  // what the file named by resolver_config holds
    std::string resolver_config = "/etc/resolv.conf";  // "" disables the node's configuration
    std::vector<std::string> node_ips;

    // `warnings` takes the messages of DNSConfigForming events; null when nobody listens.
    DnsConfig pod_dns(const api::Value& pod, std::vector<std::string>* warnings = nullptr) const;
};

// The pieces of upstream's file that have tests of their own.
std::vector<std::string> fit_search_limits(std::vector<std::string> searches, std::string* warning = nullptr);
std::vector<std::string> fit_nameserver_limits(std::vector<std::string> servers, std::string* warning = nullptr);
std::vector<std::string> omit_duplicates(const std::vector<std::string>& names);
// `existing` as texts ("ndots:5"), `added` as PodDNSConfigOptions; sorted, so that runs are equal.
std::vector<std::string> merge_dns_options(const std::vector<std::string>& existing, const api::Value& added);
DnsConfig append_dns_config(DnsConfig existing, const api::Value& pod_dns_config);

}  // namespace kubewalk::kubelet
