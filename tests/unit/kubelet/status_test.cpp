// The phase, and what a Pod's resolv.conf is made of. Upstream: pkg/kubelet/kubelet_pods_test.go,
// pkg/kubelet/network/dns/dns_test.go.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/kubelet/dns_config.h"
#include "core/kubelet/status.h"

using namespace kubewalk;
using Texts = std::vector<std::string>;

namespace {
std::string_view phase(std::string_view spec, std::string_view statuses) {
    const auto list = api::parse_json(statuses).value_or({});
    const auto items = list.items();
    return kubelet::pod_phase(api::parse_json(spec).value_or({}), {items.begin(), items.end()}, kubelet::Terminal::no);
}
}  // namespace

TEST_CASE("an init container that has to run again keeps the Pod Pending; a sidecar does not") {
    constexpr std::string_view both = R"([{"name":"a","state":{"running":{}}},{"name":"x","state":{"running":{}}}])";
    CHECK(phase(R"({"initContainers":[{"name":"x"}],"containers":[{"name":"a"}]})", both) == "Pending");
    CHECK(phase(R"({"initContainers":[{"name":"x","restartPolicy":"Always"}],"containers":[{"name":"a"}]})", both) == "Running");
}

TEST_CASE("the kubelet reads a node's resolv.conf by rules of its own") {
    const auto config = kubelet::DnsConfig::parse(
        "# comment\nnameserver 10.0.0.1\nnameserver\ndomain old.test\nsearch a.test\nsearch b.test. c.test .\n"
        "options ndots:1 debug\noptions timeout:2\n");
    CHECK(config.servers == Texts{"10.0.0.1"});
    CHECK(config.searches == Texts{"b.test", "c.test", "."});
    CHECK(config.options == Texts{"timeout:2"});
}
