#pragma once
// NodeLocal DNSCache: what its process does beside being a CoreDNS (coredns/): flags, the Corefile made of a template,
// a dummy interface that holds the local addresses, and rules that keep conntrack away from what is asked there.
// Upstream: github.com/kubernetes/dns cmd/node-cache/{main.go,app/cache_app.go,app/configmap.go}, pkg/netif.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

struct NodeCacheConfig {
    std::vector<net::Ip> local_ips;  // -localip, of one family, never empty
    std::uint16_t local_port = 53;
    std::uint16_t health_port = 8080;
    std::string interface_name = "nodelocaldns";
    std::string upstream_service = "kube-dns";
    std::string base_corefile = "/etc/coredns/Corefile.base";  // the template
    std::string corefile = "/etc/Corefile";                    // what becomes of it
    std::string kube_dns_folder = "/etc/kube-dns";             // stubDomains, upstreamNameservers
    bool setup_interface = true;
    bool setup_iptables = true;
    bool skip_teardown = false;
    Duration interval = seconds(60);  // between looks whether interface and rules are still there

    net::Family family() const { return local_ips.front().family; }  // whose tables hold the rules

    // Errors as it prints them before it exits.
    static Result<NodeCacheConfig> parse(const std::vector<std::string>& argv);
};

// The Corefile: the template with its variables replaced, and a server block for each stub domain of kube-dns's
// ConfigMap. `files`: what the container sees; `environment`: where the upstream Service's address stands.
std::string node_cache_corefile(const NodeCacheConfig& config, const std::map<std::string, std::string>& files,
                                const std::map<std::string, std::string>& environment);

// In the order in which they are ensured; each is put in front of its chain.
struct NodeCacheRule {
    net::TableId table;
    std::string_view chain;
    net::Rule rule;
    std::string words;  // as it hands them to iptables and prints them
};
std::vector<NodeCacheRule> node_cache_rules(const NodeCacheConfig& config);

enum class WithRules : bool { no, yes };
// Makes what is missing, and says of each thing what the process logs.
std::vector<std::string> set_up_node_cache(const NodeCacheConfig& config, net::NetNamespace& host, WithRules rules);
void tear_down_node_cache(const NodeCacheConfig& config, net::NetNamespace& host);

}  // namespace kubewalk::addons
