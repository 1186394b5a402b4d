// NodeLocal DNSCache beside its DNS server. Upstream: github.com/kubernetes/dns cmd/node-cache/app/cache_app.go
// (initIptables, setupNetworking, TeardownNetworking), configmap.go (updateCorefile) with their tests; main.go (flags).

#include <doctest/doctest.h>

#include <algorithm>

#include "core/addons/node_cache.h"
#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::addons;

namespace {

NodeCacheConfig usual() {
    return NodeCacheConfig::parse({"/node-cache", "-localip", "169.254.20.10,10.96.0.10", "-conf", "/etc/Corefile", "-upstreamsvc", "kube-dns-upstream"}).take();
}

std::string corefile(std::string_view base, std::map<std::string, std::string> files = {}, const NodeCacheConfig& config = usual()) {
    files["/etc/coredns/Corefile.base"] = base;
    return node_cache_corefile(config, files, {{"KUBE_DNS_UPSTREAM_SERVICE_HOST", "10.96.7.7"}});
}

}  // namespace

TEST_CASE("flags as Go reads them, and the errors that end it") {
    const auto config = usual();
    REQUIRE(config.local_ips.size() == 2);
    CHECK(config.corefile == "/etc/Corefile");
    CHECK(config.upstream_service == "kube-dns-upstream");
    CHECK(config.setup_iptables);
    CHECK_FALSE(NodeCacheConfig::parse({"x", "-localip=1.1.1.1", "-setupiptables=false", "--skipteardown"}).value().setup_iptables);
    CHECK(NodeCacheConfig::parse({"x", "-localip=1.1.1.1", "--skipteardown"}).value().skip_teardown);
    CHECK(NodeCacheConfig::parse({"x"}).error().message == "Error parsing flags - invalid localip specified - \"\", Exiting");
    CHECK(NodeCacheConfig::parse({"x", "-localip", "169.254.20.10,fd00::10"}).error().message ==
          "Error parsing flags - unexpected IP Family for localIP - \"fd00::10\", want IPv6=false, Exiting");
}

TEST_CASE("the Corefile: variables, the Service's address from the environment, stub domains") {
    CHECK(corefile("bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__|__PILLAR__CLUSTER__DNS__|__PILLAR__UPSTREAM__SERVERS__") ==
          "bind 169.254.20.10 10.96.0.10 |10.96.7.7|/etc/resolv.conf");
    CHECK(corefile("__PILLAR__UPSTREAM__SERVERS__", {{"/etc/kube-dns/upstreamNameservers", R"(["2.2.2.2:10053","3.3.3.3"])"}}) == "2.2.2.2:10053 3.3.3.3");
    CHECK(corefile("", {{"/etc/kube-dns/stubDomains", R"({"acme.local":["1.1.1.1"]})"}}) ==
          "\nacme.local:53 {\n    errors\n    cache 30\n    bind 169.254.20.10 10.96.0.10\n    forward . 1.1.1.1\n}\n");
    // A Pod that started before its Service knows no address.
    CHECK(node_cache_corefile(usual(), {{"/etc/coredns/Corefile.base", "__PILLAR__CLUSTER__DNS__"}}, {}) == "<nil>");
}

// cache_app.go initIptables: one iptables of the protocol that the local addresses have.
TEST_CASE("rules for IPv6 addresses stand in ip6tables") {
    net::NodeStack stack("node-1", 1, std::make_shared<net::ChainNames>());
    auto& host = stack.root();
    const auto config = NodeCacheConfig::parse({"/node-cache", "-localip", "fd00::20"}).take();
    CHECK(set_up_node_cache(config, host, WithRules::yes).size() == 13);
    CHECK(host.rules().empty());
    CHECK(host.rules(net::Family::ipv6).chain(net::TableId::raw, "PREROUTING")->rules.size() == 2);
    CHECK(set_up_node_cache(config, host, WithRules::yes).empty());
    tear_down_node_cache(config, host);
    CHECK(host.rules(net::Family::ipv6).chain(net::TableId::raw, "PREROUTING")->rules.empty());
}

TEST_CASE("interface and rules: made once, made again, taken away") {
    net::NodeStack stack("node-1", 1, std::make_shared<net::ChainNames>());
    auto& host = stack.root();
    CHECK(set_up_node_cache(usual(), host, WithRules::no) == std::vector<std::string>{"[INFO] Added interface - nodelocaldns"});
    CHECK(host.is_local(*net::Ip::parse("10.96.0.10")));
    CHECK_FALSE(std::as_const(host).find_interface("nodelocaldns")->up);
    CHECK(host.rules().empty());
    const auto log = set_up_node_cache(usual(), host, WithRules::yes);
    CHECK(log.size() == 24);  // twelve an address
    CHECK(log[1] == "[INFO] Added back nodelocaldns rule - {raw PREROUTING [-p udp -d 169.254.20.10 --dport 53 -j NOTRACK -m comment --comment "
                    "NodeLocal DNS Cache: skip conntrack]}");
    CHECK(set_up_node_cache(usual(), host, WithRules::yes).empty());
    const auto text = net::save_text(host.rules(), Time{});
    for (const std::string_view line :
         {"-A PREROUTING -d 10.96.0.10/32 -p udp -m udp --dport 53 -m comment --comment \"NodeLocal DNS Cache: skip conntrack\" -j NOTRACK\n",
          "-A OUTPUT -s 169.254.20.10/32 -p tcp -m tcp --sport 8080 -m comment --comment \"NodeLocal DNS Cache: skip conntrack\" -j NOTRACK\n",
          "-A INPUT -d 169.254.20.10/32 -p udp -m udp --dport 53 -m comment --comment \"NodeLocal DNS Cache: allow DNS traffic\" -j ACCEPT\n",
          "-A OUTPUT -s 10.96.0.10/32 -p udp -m udp --sport 53 -m comment --comment \"NodeLocal DNS Cache: allow DNS traffic\" -j ACCEPT\n"})
        CHECK_MESSAGE(text.find(line) != std::string::npos, line);
    host.edit_rules().delete_rule(net::TableId::raw, "PREROUTING", node_cache_rules(usual()).front().rule);
    CHECK(set_up_node_cache(usual(), host, WithRules::yes).size() == 1);
    tear_down_node_cache(usual(), host);
    CHECK(std::as_const(host).find_interface("nodelocaldns") == nullptr);
    CHECK(net::save_text(host.rules(), Time{}).find("NOTRACK") == std::string::npos);
    CHECK(net::save_text(host.rules(), Time{}).find("allow DNS traffic") == std::string::npos);
}
