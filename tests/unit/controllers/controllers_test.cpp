#include <doctest/doctest.h>

#include <set>

#include "core/controllers/daemon/util.h"
#include "core/controllers/nodeipam/range_allocator.h"
#include "core/controllers/tainteviction/taint_eviction.h"
#include "core/controllers/nodelifecycle/zones.h"
#include "core/controllers/replicaset/replica_set_util.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {

Value node(std::string_view name, std::string_view taints = "[]") {
    return parse(cat(R"({"metadata":{"name":")", name, R"(","labels":{"kubernetes.io/hostname":")", name, R"("}},"spec":{"taints":)",
                     taints, R"(},"status":{"conditions":[{"type":"Ready","status":"True","lastHeartbeatTime":"2026-01-01T00:00:00Z"}]}})"));
}

Value service(std::string_view name) {
    return parse(cat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":{"clusterIP":"10.96.0.50","ipFamilies":["IPv4"],)",
                     R"("selector":{"app":")", name, R"("},"ports":[{"port":80,"targetPort":8079,"protocol":"TCP"}]}})"));
}

Value daemon_set() {
    return parse(R"({"metadata":{"name":"kube-proxy","namespace":"kube-system","generation":1},"spec":{
        "selector":{"matchLabels":{"k8s-app":"kube-proxy"}},"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}},
        "template":{"metadata":{"labels":{"k8s-app":"kube-proxy"}},"spec":{"containers":[{"name":"p","image":"kube-proxy:1"}]}}}})");
}

}  // namespace

TEST_CASE("endpoints and endpointslice controllers show the ready Pods of a Service") {
    World world{"deployment-controller", "replicaset-controller", "endpoints-controller", "endpointslice-controller"};
    world.cluster.put(api::kind::nodes, node("node-1"));
    world.cluster.put(api::kind::services, service("carts"));
    world.run();
    const auto empty = world.cluster.all(api::kind::endpoint_slices);
    REQUIRE(empty.size() == 1);  // it says that there are no endpoints
    CHECK(empty[0]["endpoints"].empty());

    world.cluster.put(api::kind::deployments, deployment("carts", 2, "a"));
    world.run_with_pods_ready(1);
    const auto slices = world.cluster.all(api::kind::endpoint_slices);
    REQUIRE(slices.size() == 1);
    CHECK(api::name_of(slices[0]).starts_with("carts-"));
    CHECK(slices[0]["metadata"]["labels"]["kubernetes.io/service-name"].as_string() == "carts");
    REQUIRE(slices[0]["endpoints"].size() == 2);
    CHECK(slices[0]["endpoints"][0]["conditions"]["ready"].as_bool());
    CHECK(slices[0]["ports"][0]["port"].as_int() == 8079);
    const Value endpoints = world.cluster.object(api::kind::endpoints, "default/carts");
    CHECK(endpoints["subsets"][0]["addresses"].size() == 2);
    CHECK(endpoints["subsets"][0]["ports"][0]["port"].as_int() == 8079);
    CHECK(endpoints["metadata"]["labels"]["endpoints.kubernetes.io/managed-by"].as_string() == "endpoint-controller");
}

TEST_CASE("a DaemonSet has one Pod on each Node that it tolerates") {
    World world{"daemonset-controller"};
    for (const auto name : {"cp", "w1", "w2"})
        world.cluster.put(api::kind::nodes, node(name));
    world.cluster.put(api::kind::nodes, node("tainted", R"([{"key":"gpu","effect":"NoSchedule"}])"));
    world.cluster.put(api::kind::daemon_sets, daemon_set());
    world.run();
    const auto pods = world.cluster.all(api::kind::pods);
    REQUIRE(pods.size() == 3);
    std::set<std::string> targets;
    for (const auto& pod : pods)
        targets.insert(controllers::daemon::target_node(pod));
    CHECK(targets == std::set<std::string>{"cp", "w1", "w2"});
    CHECK(pods[0]["spec"]["tolerations"].size() == 6);
    const Value status = world.cluster.object(api::kind::daemon_sets, "kube-system/kube-proxy")["status"];
    CHECK(status["desiredNumberScheduled"].as_int() == 3);
    CHECK(status["numberUnavailable"].as_int() == 3);

    world.cluster.put(api::kind::nodes, node("w3"));
    world.run();
    CHECK(world.cluster.all(api::kind::pods).size() == 4);
}

TEST_CASE("a DaemonSet's rolling update replaces one Pod after the other") {
    World world{"daemonset-controller"};
    for (const auto name : {"cp", "w1", "w2"})
        world.cluster.put(api::kind::nodes, node(name));
    world.cluster.put(api::kind::daemon_sets, daemon_set());
    const auto pods_ready = [&] {
        for (auto pod : world.cluster.all(api::kind::pods)) {
            pod.edit("spec").set("nodeName", controllers::daemon::target_node(pod));
            world.cluster.put(api::kind::pods, pod);
        }
        world.make_pods_ready();
    };
    world.run();
    pods_ready();
    world.run();
    Value next = world.cluster.object(api::kind::daemon_sets, "kube-system/kube-proxy");
    next.edit_path("spec", "template", "spec", "containers").edit_at(0).set("image", "kube-proxy:2");
    world.cluster.put(api::kind::daemon_sets, next);
    for (int i = 0; i < 6; ++i) {
        world.run(milliseconds(200));
        int ready = 0;
        for (const auto& pod : world.cluster.all(api::kind::pods))
            ready += controllers::is_pod_ready(pod) ? 1 : 0;
        CHECK(ready >= 2);
        pods_ready();
    }
    for (const auto& pod : world.cluster.all(api::kind::pods))
        CHECK(pod["spec"]["containers"][0]["image"].as_string() == "kube-proxy:2");
    CHECK(world.cluster.object(api::kind::daemon_sets, "kube-system/kube-proxy")["status"]["updatedNumberScheduled"]
              .as_int() == 3);
}

TEST_CASE("Nodes get their share of the Pod network in order") {
    World world{"node-ipam-controller"};
    for (const auto name : {"cp", "w1", "w2"}) {
        world.cluster.put(api::kind::nodes, node(name));
        world.run();
    }
    CHECK(world.cluster.object(api::kind::nodes, "cp")["spec"]["podCIDR"].as_string() == "10.244.0.0/24");
    CHECK(world.cluster.object(api::kind::nodes, "w1")["spec"]["podCIDR"].as_string() == "10.244.1.0/24");
    CHECK(world.cluster.object(api::kind::nodes, "w2")["spec"]["podCIDRs"][0].as_string() == "10.244.2.0/24");

    controllers::CidrSet set("10.244.0.0/16", 24);
    set.occupy("10.244.0.0/24");
    CHECK(set.allocate_next() == "10.244.1.0/24");
    set.release("10.244.1.0/24");
    CHECK(set.allocate_next() == "10.244.2.0/24");
    // IPv6: a /64 for each node (cidr_set_test.go)
    controllers::CidrSet six("fd00:10:244::/56", 64);
    CHECK(*six.allocate_next() == "fd00:10:244::/64");
    six.occupy("fd00:10:244:1::/64");
    six.occupy("fd00:11::/64");  // of somebody else's range
    CHECK(*six.allocate_next() == "fd00:10:244:2::/64");
    six.release("fd00:10:244::/64");
    for (int i = 3; i < 256; ++i)
        REQUIRE(six.allocate_next());
    CHECK(*six.allocate_next() == "fd00:10:244::/64");
    CHECK_FALSE(six.allocate_next());
    CHECK_FALSE(controllers::CidrSet("fd00::/47", 64).allocate_next());  // 17 bits
    controllers::CidrSet small("10.0.0.0/23", 24);
    CHECK(small.allocate_next() == "10.0.0.0/24");
    CHECK(small.allocate_next() == "10.0.1.0/24");
    CHECK_FALSE(small.allocate_next().has_value());
}

TEST_CASE("every Namespace has its default ServiceAccount and root CA") {
    World world{"serviceaccount-controller", "root-ca-certificate-publisher-controller"};
    world.cluster.put_text(api::kind::namespaces, R"({"metadata":{"name":"sock-shop"},"status":{"phase":"Active"}})");
    world.run();
    CHECK_FALSE(world.cluster.object(api::kind::service_accounts, "sock-shop/default").is_null());
    CHECK(world.cluster.object(api::kind::config_maps, "sock-shop/kube-root-ca.crt")["data"].contains("ca.crt"));
    world.cluster.drop(api::kind::service_accounts, "sock-shop/default");
    world.run();
    CHECK_FALSE(world.cluster.object(api::kind::service_accounts, "sock-shop/default").is_null());
}

TEST_CASE("a Namespace goes when its contents are gone") {
    World world{"namespace-controller"};
    world.cluster.put_text(api::kind::config_maps, R"({"metadata":{"name":"a","namespace":"old"}})");
    world.cluster.put_text(api::kind::pods, R"({"metadata":{"name":"p","namespace":"old"},"spec":{}})");
    world.cluster.put_text(api::kind::namespaces,
                      R"({"metadata":{"name":"old","deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})");
    world.run(seconds(20));
    CHECK(world.cluster.all(api::kind::config_maps).empty());
    CHECK(world.cluster.all(api::kind::pods).empty());
    CHECK(world.cluster.object(api::kind::namespaces, "old").is_null());
}

TEST_CASE("dependents follow their owner") {
    World world{"deployment-controller", "replicaset-controller", "garbage-collector-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 2, "a"));
    world.run();
    REQUIRE(world.cluster.all(api::kind::pods).size() == 2);
    world.cluster.drop(api::kind::deployments, "default/carts");
    world.run();
    CHECK(world.cluster.all(api::kind::replica_sets).empty());
    CHECK(world.cluster.all(api::kind::pods).empty());
}

TEST_CASE("foreground deletion: the owner waits for its dependents; orphaning: they stay") {
    World world{"garbage-collector-controller"};
    world.cluster.put_text(api::kind::config_maps, R"({"metadata":{"name":"owner","namespace":"default"}})");
    const auto uid = api::uid_of(world.cluster.object(api::kind::config_maps, "default/owner"));
    const std::string reference = cat(R"([{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":")", uid, R"(","blockOwnerDeletion":true}])");
    world.cluster.put_text(api::kind::secrets, cat(R"({"metadata":{"name":"child","namespace":"default","ownerReferences":)", reference, "}}"));
    world.run();
    for (const auto finalizer : {"orphan", "foregroundDeletion"}) {
        Value owner = world.cluster.object(api::kind::config_maps, "default/owner");
        if (std::string_view(finalizer) == "foregroundDeletion") {
            world.cluster.put_text(api::kind::config_maps, R"({"metadata":{"name":"owner","namespace":"default"}})");
            owner = world.cluster.object(api::kind::config_maps, "default/owner");
            Value child = world.cluster.object(api::kind::secrets, "default/child");
            child.edit("metadata").set("ownerReferences", parse(replace_all(reference, uid, api::uid_of(owner))));
            world.cluster.put(api::kind::secrets, child);
            world.run();
        }
        owner.edit("metadata").set("deletionTimestamp", "2026-01-01T00:00:00Z");
        owner.edit("metadata").set("finalizers", Value::array({Value(finalizer)}));
        world.cluster.put(api::kind::config_maps, owner);
        world.run();
        CHECK(world.cluster.object(api::kind::config_maps, "default/owner").is_null());
        const Value child = world.cluster.object(api::kind::secrets, "default/child");
        CHECK(child.is_null() == (std::string_view(finalizer) == "foregroundDeletion"));
        CHECK(child["metadata"]["ownerReferences"].empty());
    }
}

TEST_CASE("a silent Node becomes Unknown, is tainted, and its Pods go when they no longer tolerate it") {
    World world{"node-lifecycle-controller", "taint-eviction-controller"};
    world.cluster.put(api::kind::nodes, node("w1"));
    // One Node is heard of: if none were, nothing would be given up.
    const auto beat = [&](Duration time) {
        for (Duration passed{}; passed < time; passed = passed + seconds(5)) {
            Value lease = world.cluster.object(api::kind::leases, "kube-node-lease/w2");
            if (lease.is_null())
                lease = parse(R"({"metadata":{"name":"w2","namespace":"kube-node-lease"},"spec":{}})");
            lease.edit("spec").set("renewTime", to_rfc3339_micro(world.simulation.now()));
            world.cluster.put(api::kind::leases, lease);
            world.run(seconds(5));
        }
    };
    world.cluster.put(api::kind::nodes, node("w2"));
    world.cluster.put_text(api::kind::pods, R"({"metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"w1","tolerations":[
        {"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},
        "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})");
    beat(seconds(45));
    CHECK(world.cluster.object(api::kind::nodes, "w1")["spec"]["taints"].empty());
    CHECK(world.cluster.told("RegisteredNode: Node w1 event: Registered Node w1 in Controller"));
    beat(seconds(20));
    const Value silent = world.cluster.object(api::kind::nodes, "w1");
    CHECK(silent["status"]["conditions"][0]["status"].as_string() == "Unknown");
    CHECK(silent["status"]["conditions"][0]["message"].as_string() == "Kubelet stopped posting node status.");
    REQUIRE(silent["spec"]["taints"].size() == 2);
    CHECK(silent["spec"]["taints"][0]["key"].as_string() == "node.kubernetes.io/unreachable");
    CHECK(world.cluster.told("NodeNotReady: Node w1 status is now: NodeNotReady"));
    CHECK_FALSE(world.cluster.object(api::kind::pods, "default/p").is_null());
    beat(minutes(6));
    CHECK(world.cluster.object(api::kind::pods, "default/p").is_null());
    CHECK(world.cluster.told("TaintManagerEviction: Marking for deletion Pod default/p"));
}

TEST_CASE("Pods of Nodes that are gone are collected") {
    World world{"pod-garbage-collector-controller"};
    world.cluster.put_text(api::kind::pods, R"({"metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"gone"},"status":{"phase":"Running"}})");
    world.run(seconds(45));
    CHECK_FALSE(world.cluster.object(api::kind::pods, "default/p").is_null());
    world.run(minutes(1));
    CHECK(world.cluster.object(api::kind::pods, "default/p").is_null());
}

TEST_CASE("zones: when many Nodes fail, they are given up slowly or not at all (TestMonitorNodeHealthEvictPodsWithDisruption)") {
    using namespace controllers::nodelifecycle;
    CHECK(zone_state(3, 0) == ZoneState::normal);
    CHECK(zone_state(0, 3) == ZoneState::full_disruption);
    CHECK(zone_state(2, 3) == ZoneState::partial_disruption);
    CHECK(zone_state(1, 2) == ZoneState::normal);  // at most two: no disruption yet
    CHECK(eviction_rate(ZoneState::normal, 3) == 0.1);
    CHECK(eviction_rate(ZoneState::partial_disruption, 5) == 0);
    CHECK(eviction_rate(ZoneState::partial_disruption, 60) == 0.01);
    EvictionQueue queue;
    queue.set_rate(0.1);
    queue.add("a");
    queue.add("b");
    CHECK(queue.take(Time{}) == "a");
    CHECK(queue.take(Time{} + seconds(9)).empty());
    CHECK(queue.take(Time{} + seconds(10)) == "b");

    World world{"node-lifecycle-controller"};
    world.cluster.put(api::kind::nodes, node("w1"));
    world.cluster.put(api::kind::nodes, node("w2"));
    world.run(minutes(3));
    for (const auto name : {"w1", "w2"}) {
        const Value silent = world.cluster.object(api::kind::nodes, name);
        REQUIRE(silent["spec"]["taints"].size() == 1);
        CHECK(silent["spec"]["taints"][0]["effect"].as_string() == "NoSchedule");
    }
}

TEST_CASE("which Pod a ReplicaSet gives up: regular containers' restarts before sidecars', init containers' never") {
    // pkg/controller/controller_utils.go compareMaxContainerRestarts
    const auto pod = [](std::string_view name, int regular, int init, std::string_view policy) {
        return parse(cat(R"({"metadata":{"name":")", name, R"(","uid":")", name, R"(","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"nodeName":"n",)",
                         R"("initContainers":[{"name":"i","restartPolicy":")", policy, R"("}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","restartCount":)",
                         regular, R"(}],"initContainerStatuses":[{"name":"i","restartCount":)", init, "}]}}"));
    };
    const Time now = parse_rfc3339("2026-01-02T00:00:00Z").value_or(Time{});
    const auto first = [&](const controllers::Objects& pods) {
        return api::name_of(controllers::replicaset::pods_to_delete(pods, {}, 1, now).at(0)) == "gone";
    };
    CHECK(first({pod("kept", 1, 9, "Always"), pod("gone", 2, 0, "Always")}));
    CHECK(first({pod("kept", 1, 2, "Always"), pod("gone", 1, 3, "Always")}));
    CHECK(first({pod("kept", 1, 9, ""), pod("gone", 2, 0, "")}));
}
