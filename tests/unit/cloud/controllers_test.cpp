// The cloud-controller-manager's controllers against an API server that only stores.
// Facts: k8s.io/cloud-provider/controllers/{node,nodelifecycle,route,service}.

#include <doctest/doctest.h>

#include "core/cloud/controllers.h"
#include "core/cloud/provider.h"
#include "tests/unit/cloud/world.h"
#include "tests/unit/controllers/fake_cluster.h"

using namespace kubewalk;
using namespace kubewalk::testing;
using api::Value;

namespace {

// As the DaemonSet in assets/bootstrap/cloud starts it.
cloud::ControllerOptions without_routes() {
    cloud::ControllerOptions options;
    options.configure_cloud_routes = false;
    return options;
}

struct ManagedWorld : CloudWorld {
    FakeCluster cluster{simulation};

    explicit ManagedWorld(cloud::ControllerOptions options = without_routes()) {
        cluster.put_text(api::kind::nodes, node_text("node-1", "192.168.122.12", "10.244.1.0/24"));
        cluster.put_text(api::kind::nodes, node_text("node-2", "192.168.122.13", "10.244.2.0/24"));
        for (const auto& entry : cloud::controllers())
            if (auto controller = entry.create({simulation, cluster}, cloud, options))
                simulation.add(std::move(controller));
    }
    static std::string node_text(std::string_view name, std::string_view address, std::string_view cidr) {
        return cat(R"({"metadata":{"name":")", name, R"(","annotations":{"alpha.kubernetes.io/provided-node-ip":")", address,
                   R"("},"labels":{}},"spec":{"podCIDR":")", cidr, R"(","podCIDRs":[")", cidr,
                   R"("],"taints":[{"key":"node.cloudprovider.kubernetes.io/uninitialized","value":"true","effect":"NoSchedule"}]},)",
                   R"("status":{"addresses":[{"type":"InternalIP","address":")", address, R"("},{"type":"Hostname","address":")", name,
                   R"("}],"conditions":[{"type":"Ready","status":"True"}]}})");
    }
    void run(Duration duration = seconds(10)) { simulation.run_for(duration); }
    Value node(std::string_view name) const { return cluster.object(api::kind::nodes, name); }
    Value service() const { return cluster.object(api::kind::services, "default/web"); }
    void put_service(std::string_view more = "") {
        cluster.put_text(api::kind::services,
                         cat(R"({"metadata":{"name":"web","namespace":"default"},"spec":{"type":"LoadBalancer",)", more,
                             R"("ports":[{"port":80,"protocol":"TCP","nodePort":30080}]},"status":{"loadBalancer":{}}})"));
    }
    void set_ready(std::string_view name, std::string_view status) {
        Value changed = node(name);
        changed.edit("status").set("conditions", Value::array({Value::object({{"type", "Ready"}, {"status", status}})}));
        cluster.put(api::kind::nodes, changed);
    }
    bool has_taint(std::string_view name, std::string_view key) const {
        const Value found = node(name);
        for (const Value& taint : found["spec"]["taints"].items())
            if (taint["key"].as_string() == key)
                return true;
        return false;
    }
};

}  // namespace

TEST_CASE("a new Node is told what the cloud knows of its machine") {
    ManagedWorld world;
    world.run();
    const Value node = world.node("node-2");
    const auto& instance = *world.cloud.instance_named("node-2");
    CHECK(node["spec"]["providerID"].as_string() == cat("kubewalk:///lab-1b/", instance.id));
    CHECK(node["spec"]["taints"].empty());
    const Value& labels = node["metadata"]["labels"];
    CHECK(labels["topology.kubernetes.io/zone"].as_string() == "lab-1b");
    CHECK(labels["failure-domain.beta.kubernetes.io/zone"].as_string() == "lab-1b");
    CHECK(labels["topology.kubernetes.io/region"].as_string() == "lab-1");
    CHECK(labels["node.kubernetes.io/instance-type"].as_string() == "standard-2");
    CHECK(labels["beta.kubernetes.io/instance-type"].as_string() == "standard-2");
    CHECK(world.cluster.told("Synced: Node synced successfully"));
}

TEST_CASE("a Node whose address is none of the cloud's stays tainted") {
    ManagedWorld world;
    world.cluster.put_text(api::kind::nodes, ManagedWorld::node_text("node-3", "192.168.122.14", "10.244.3.0/24"));
    world.run();
    CHECK(world.has_taint("node-3", "node.cloudprovider.kubernetes.io/uninitialized"));
}

TEST_CASE("a machine that is off taints its Node, one that is gone takes it along") {
    ManagedWorld world;
    world.run();
    world.network.set_machine_up("node-1", false);
    world.set_ready("node-1", "Unknown");
    world.run();
    CHECK(world.has_taint("node-1", "node.cloudprovider.kubernetes.io/shutdown"));
    world.network.set_machine_up("node-1", true);
    world.set_ready("node-1", "True");
    world.run();
    CHECK_FALSE(world.has_taint("node-1", "node.cloudprovider.kubernetes.io/shutdown"));

    world.cloud.remove_instance(world.cloud.instance_named("node-2")->id);
    world.run();
    CHECK_FALSE(world.node("node-2").is_null());  // it still says it is ready
    world.set_ready("node-2", "Unknown");
    world.run();
    CHECK(world.node("node-2").is_null());
    CHECK(world.cluster.told("DeletingNode: Deleting node node-2 because it does not exist in the cloud provider"));
}

TEST_CASE("routes are made only where the flags ask for them") {
    ManagedWorld tunnels;
    tunnels.run();
    CHECK(tunnels.cloud.routes().empty());

    ManagedWorld world(cloud::ControllerOptions{});
    world.run(seconds(15));
    REQUIRE(world.cloud.routes().size() == 2);
    CHECK(world.network.stack("edge")->root().lookup(ip("10.244.2.9"))->via == ip("192.168.122.13"));
    bool told = false;
    for (const Value& condition : world.node("node-1")["status"]["conditions"].items())
        told = told || (condition["type"].as_string() == "NetworkUnavailable" && condition["status"].as_string() == "False" &&
                        condition["reason"].as_string() == "RouteCreated" &&
                        condition["message"].as_string() == "RouteController created a route");
    CHECK(told);
    world.cluster.drop(api::kind::nodes, "node-2");
    world.run(seconds(15));
    CHECK(world.cloud.routes().size() == 1);
}

TEST_CASE("a Service of type LoadBalancer gets a balancer, an address and a finalizer") {
    ManagedWorld world;
    world.put_service();
    world.run(seconds(2));
    CHECK(world.cluster.told("EnsuringLoadBalancer: Ensuring load balancer"));
    CHECK_FALSE(world.cluster.told("EnsuredLoadBalancer: Ensured load balancer"));
    CHECK(world.service()["status"]["loadBalancer"].empty());  // <pending>
    CHECK(world.service()["metadata"]["finalizers"] == Value::array({"service.kubernetes.io/load-balancer-cleanup"}));
    world.run();
    CHECK(world.cluster.told("EnsuredLoadBalancer: Ensured load balancer"));
    CHECK(world.service()["status"]["loadBalancer"]["ingress"] ==
          Value::array({Value::object({{"ip", "198.51.100.20"}, {"ipMode", "VIP"}})}));
    CHECK(world.get(world.internet, ip("198.51.100.20")).substr(6) == " sees 203.0.113.7");
}

TEST_CASE("another class of balancer is somebody else's business") {
    ManagedWorld world;
    world.put_service(R"("loadBalancerClass":"example.com/internal",)");
    world.run();
    CHECK(world.cloud.balancers().empty());
    CHECK(world.service()["metadata"]["finalizers"].is_null());
}

TEST_CASE("a Service that is deleted or changes its type gives its balancer back") {
    ManagedWorld world;
    world.put_service();
    world.run();
    REQUIRE(world.cloud.balancers().size() == 1);
    Value changed = world.service();
    changed.edit("spec").set("type", "ClusterIP");
    world.cluster.put(api::kind::services, changed);
    world.run();
    CHECK(world.cloud.balancers().empty());
    CHECK(world.service()["metadata"]["finalizers"].is_null());
    CHECK(world.service()["status"]["loadBalancer"].empty());
    CHECK(world.cluster.told("Type: LoadBalancer -> ClusterIP"));
    CHECK(world.cluster.told("DeletingLoadBalancer: Deleting load balancer"));
    CHECK(world.cluster.told("DeletedLoadBalancer: Deleted load balancer"));
}

TEST_CASE("what cannot be had is said and tried again") {
    ManagedWorld world;
    world.put_service(R"("loadBalancerIP":"192.0.2.1",)");
    world.run();
    CHECK(world.cluster.told("SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: "
                             "requested address 192.0.2.1 is not a free address of the pool"));
    Value changed = world.service();
    changed.edit("spec").erase("loadBalancerIP");
    world.cluster.put(api::kind::services, changed);
    world.run();
    CHECK(world.cluster.told("LoadbalancerIP: 192.0.2.1 -> "));
    CHECK(world.service()["status"]["loadBalancer"]["ingress"][0]["ip"].as_string() == "198.51.100.20");
}

TEST_CASE("the balancer's nodes follow the cluster's, but not their readiness") {
    ManagedWorld world;
    world.put_service();
    world.run();
    const auto hosts = [&world] { return world.cloud.balancers().front().targets.size(); };
    REQUIRE(hosts() == 2);
    world.set_ready("node-1", "False");
    world.run();
    CHECK(hosts() == 2);
    CHECK_FALSE(world.cluster.told("UpdatedLoadBalancer: Updated load balancer with new hosts"));

    Value node = world.node("node-1");
    node.edit_path("metadata", "labels").set("node.kubernetes.io/exclude-from-external-load-balancers", "");
    world.cluster.put(api::kind::nodes, node);
    world.run();
    CHECK(hosts() == 1);
    CHECK(world.cluster.told("UpdatedLoadBalancer: Updated load balancer with new hosts"));
    CHECK(world.nodes_behind(ip("198.51.100.20")) == "node-2 ");

    world.cluster.drop(api::kind::nodes, "node-2");
    world.run();
    CHECK(hosts() == 0);
    CHECK(world.cluster.told("UnAvailableLoadBalancer: There are no available nodes for LoadBalancer"));
}

TEST_CASE("what a Service asks of its balancer") {
    const auto request = [](std::string_view more, std::string_view port = R"({"port":80,"protocol":"TCP","nodePort":30080})") {
        return cloud::balancer_request(parse(cat(R"({"metadata":{"name":"web","namespace":"default","uid":"0a-1b"},"spec":{)", more,
                                                 R"("ports":[)", port, "]}}")));
    };
    const auto plain = request("").value();
    CHECK(plain.name == "a0a1b");
    CHECK(plain.forwarding == net::Forwarding::node_port);
    CHECK(plain.check.kind == cloud::HealthCheck::Kind::tcp);
    // allocateLoadBalancerNodePorts: false leaves no port to forward to; kube-proxy's own health counts.
    const auto portless = request("", R"({"port":80,"protocol":"TCP"})").value();
    CHECK(portless.forwarding == net::Forwarding::direct);
    CHECK(portless.check == cloud::HealthCheck{cloud::HealthCheck::Kind::http, 10256, "/healthz"});
    const auto local = request(R"("externalTrafficPolicy":"Local","healthCheckNodePort":32111,)").value();
    CHECK(local.check == cloud::HealthCheck{cloud::HealthCheck::Kind::http, 32111, "/healthz"});
    const auto ranges = request(R"("loadBalancerSourceRanges":["203.0.113.0/24"," 10.0.0.0/8 "],)").value();
    CHECK(ranges.sources == std::vector<net::Prefix>{prefix("203.0.113.0/24"), prefix("10.0.0.0/8")});
    CHECK(request(R"("loadBalancerSourceRanges":["203.0.113.0/24","0.0.0.0/0"],)").value().sources.empty());
    CHECK(*request(R"("sessionAffinity":"ClientIP",)").value().affinity_seconds == 10800);
    CHECK_FALSE(request(R"("ipFamilies":["IPv6"],)").ok());
    CHECK(request(R"("ipFamilies":["IPv6","IPv4"],)").ok());
}
