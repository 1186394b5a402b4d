// A whole cluster whose machines come from a cloud.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/cluster/cluster.h"
#include "core/cluster/session.h"

using namespace kubewalk;
using cluster::Options;
using cluster::Session;

namespace {

Options cloud_cluster(int workers = 2) {
    Options options;
    options.scenario = "empty";
    options.workers = workers;
    options.cloud = true;
    return options;
}

void expose(Session& session, std::string_view more = "") {
    session.run("kubectl create deployment web --image=nginx --replicas=2");
    session.run(std::string("kubectl expose deployment web --port=80 --type=LoadBalancer") + std::string(more));
    session.settle();
}

std::string external_ip(Session& session) {
    return session.cluster().peek(api::kind::services, "default", "web").path("status", "loadBalancer", "ingress", 0, "ip").str();
}

}  // namespace

TEST_CASE("every Node is initialised, and what waited for that runs") {
    Session session(cloud_cluster());
    REQUIRE_MESSAGE(!session.cluster().failure(), session.cluster().failure()->message);
    for (const auto& node : session.cluster().peek_list(api::kind::nodes, "")) {
        INFO(api::name_of(node));
        CHECK(node["spec"]["providerID"].as_string().starts_with("kubewalk:///lab-1"));
        for (const auto& taint : node["spec"]["taints"].items())
            CHECK(taint["key"].as_string() == "node-role.kubernetes.io/control-plane");
    }
    for (const auto& pod : session.cluster().peek_list(api::kind::pods, "")) {
        INFO(api::key_of(pod));
        CHECK(pod["status"]["phase"].as_string() == "Running");
    }
}

TEST_CASE("a Service of type LoadBalancer is reached from the internet") {
    Session session(cloud_cluster());
    expose(session);
    CHECK(external_ip(session) == "198.51.100.20");
    const auto traced = session.trace("internet", "http://198.51.100.20/");
    REQUIRE(traced.ok());
    CHECK(traced.value().outcome == net::Outcome::delivered);
    CHECK(traced.value().status == 200);
    bool through = false;
    for (const auto& hop : traced.value().trace->connections.front().request)
        through = through || (hop.node == "lb-web" && hop.place == net::Place::edge);
    CHECK(through);
    // Gone with the Service.
    session.run("kubectl delete service web");
    session.settle();
    CHECK(session.cluster().cloud()->balancers().empty());
    CHECK(session.trace("internet", "http://198.51.100.20/").value().outcome != net::Outcome::delivered);
}

TEST_CASE("without node ports the balancer passes packets on unchanged") {
    Session session(cloud_cluster());
    session.run("kubectl create deployment web --image=nginx --replicas=2");
    session.run("kubectl apply -f -", R"(
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  allocateLoadBalancerNodePorts: false
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80}]
)");
    session.settle();
    REQUIRE(external_ip(session) == "198.51.100.20");
    const auto traced = session.trace("internet", "http://198.51.100.20/");
    REQUIRE(traced.ok());
    CHECK(traced.value().outcome == net::Outcome::delivered);
    CHECK(traced.value().client_address_seen == "203.0.113.7");
}

TEST_CASE("machines of one's own: LoadBalancer stays pending") {
    Options options = cloud_cluster();
    options.cloud = false;
    Session session(options);
    expose(session);
    CHECK(external_ip(session).empty());
    CHECK(session.cluster().cloud() == nullptr);
    CHECK(session.run("kubectl get service web").out.find("<pending>") != std::string::npos);
}

TEST_CASE("a cloud's cluster: same seed, same bytes, and back in time") {
    const auto everything = [](Session& session) {
        std::string out;
        for (const auto& kind : api::kinds())
            for (const auto& object : session.cluster().peek_list(kind, ""))
                out += api::to_json(object) + "\n";
        return out;
    };
    const auto play = [&](Session& session) {
        expose(session);
        session.advance(minutes(1));
        return everything(session);
    };
    Session one(cloud_cluster(1)), two(cloud_cluster(1));
    const std::string first = play(one);
    CHECK(first == play(two));
    const Time end = one.now();
    one.seek(end - seconds(75));
    one.seek(end);
    CHECK(everything(one) == first);
    CHECK(one.trace("internet", "http://198.51.100.20/").value().outcome == net::Outcome::delivered);
}
