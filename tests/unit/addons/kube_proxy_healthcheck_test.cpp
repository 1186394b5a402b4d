// The health check port of Services with externalTrafficPolicy Local.
// Facts: pkg/proxy/healthcheck/service_health.go and its tests.

#include <doctest/doctest.h>

#include "core/addons/kube_proxy/healthcheck.h"
#include "core/api/json.h"
#include "core/base/text.h"

using namespace kubewalk;
using addons::ServiceHealth;

namespace {

client::Change change(std::string_view json, client::WatchType type = client::WatchType::added) {
    client::Change out;
    out.type = type;
    out.object = api::parse_json(json).take();
    return out;
}

client::Change service(int port, client::WatchType type = client::WatchType::added) {
    return change(cat(R"({"metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.7",)",
                      R"("clusterIPs":["10.96.0.7"],"externalTrafficPolicy":"Local","healthCheckNodePort":)", port,
                      R"(,"ports":[{"port":80,"protocol":"TCP","nodePort":30080}]}})"),
                  type);
}

// One slice: an endpoint on each node named, ready unless it begins with '!'.
client::Change slice(std::initializer_list<std::string_view> nodes) {
    std::string endpoints;
    int number = 0;
    for (std::string_view node : nodes) {
        const bool ready = !node.starts_with('!');
        if (!ready)
            node.remove_prefix(1);
        append(endpoints, endpoints.empty() ? "" : ",", R"({"addresses":["10.244.1.)", ++number, R"("],"nodeName":")", node,
               R"(","conditions":{"ready":)", ready, "}}");
    }
    return change(cat(R"({"metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},)",
                      R"("addressType":"IPv4","ports":[{"port":8080,"protocol":"TCP"}],"endpoints":[)", endpoints, "]}"));
}

struct Node {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    net::NamespaceId root = network.add_machine("node-1", net::Ip::v4(192, 168, 122, 12), 24, std::nullopt);
    ServiceHealth health{"node-1"};

    std::vector<ServiceHealth::Failed> sync() { return health.sync(network, root, 7); }
    bool open(std::uint16_t port) const {
        for (const auto& listener : network.listeners(root))
            if (listener.port == port && listener.owner == 7)
                return true;
        return false;
    }
};

}  // namespace

TEST_CASE("a node without endpoints of the Service says 503, one with endpoints 200 and how many") {
    Node node;
    node.health.take_services({service(32122)});
    node.health.take_slices({slice({"node-2"})});
    CHECK(node.sync().empty());
    CHECK(node.open(32122));
    auto answer = node.health.serve(32122, true);
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->body ==
          "{\n\t\"service\": {\n\t\t\"namespace\": \"shop\",\n\t\t\"name\": \"web\"\n\t},\n\t\"localEndpoints\": 0,\n"
          "\t\"serviceProxyHealthy\": true\n}");

    // An endpoint that is not ready does not count.
    node.health.take_slices({slice({"node-1", "!node-1", "node-2", "node-1"})});
    node.sync();
    answer = node.health.serve(32122, true);
    CHECK(answer->status == 200);
    CHECK(answer->headers.at("x-load-balancing-endpoint-weight") == "2");
    CHECK(answer->body.find("\"localEndpoints\": 2") != std::string::npos);
    // kube-proxy's own health counts as well.
    CHECK(node.health.serve(32122, false)->status == 503);
    CHECK_FALSE(node.health.serve(32123, true));
}

TEST_CASE("ports follow the Services") {
    Node node;
    node.health.take_services({service(32122)});
    node.sync();
    node.health.take_services({service(32133, client::WatchType::modified)});
    node.sync();
    CHECK_FALSE(node.open(32122));
    CHECK(node.open(32133));
    node.health.take_services({service(32133, client::WatchType::deleted)});
    node.sync();
    CHECK_FALSE(node.open(32133));
}

TEST_CASE("a port that somebody else has is reported, and tried again") {
    Node node;
    REQUIRE(node.network.listen(node.root, {net::Protocol::tcp, {}, 32122, 9, "other"}).ok());
    node.health.take_services({service(32122)});
    const auto failed = node.sync();
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].service == "shop/web");
    CHECK(failed[0].message.starts_with("node node-1 failed to start healthcheck \"shop/web\" on port 32122: "));
    node.network.close(node.root, net::Protocol::tcp, 32122, 9);
    CHECK(node.sync().empty());
    CHECK(node.open(32122));
}
