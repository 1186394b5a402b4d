// Faults are actions of the learner: replayed, undone by going back. Settings of the network reach the nodes.

#include <doctest/doctest.h>

#include "core/api/kinds.h"
#include "core/cluster/cluster.h"
#include "core/cluster/faults.h"
#include "core/net/node_stack.h"

using namespace kubewalk;
using namespace kubewalk::cluster;

namespace {

Options empty_cluster(int workers) {
    Options options;
    options.scenario = "empty";
    options.workers = workers;
    return options;
}

std::string ready_of(const Session& session, std::string_view node) {
    const auto object = session.cluster().peek(api::kind::nodes, "", node);
    for (const auto& condition : object["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].str();
    return {};
}

}  // namespace

TEST_CASE("the layout follows kubeadm's settings and the number of nodes") {
    Options options;
    CHECK(Layout::of(options).value().pod_cidr == "10.244.0.0/16");
    CHECK(Layout::of(options).value().cluster_dns == "10.96.0.10");
    options.workers = 500;
    const Layout large = Layout::of(options).value();
    CHECK(large.pod_cidr == "10.128.0.0/11");
    CHECK(large.node_ip(0).text() == "172.16.0.11");
    CHECK(large.node_ip(499).text() == "172.16.1.254");
    CHECK(large.policy_controller == "none");
    options = {};
    options.pod_network_cidr = "172.30.0.0/16";
    options.service_cidr = "172.31.0.0/20";
    CHECK(Layout::of(options).value().cluster_dns == "172.31.0.10");
    options.service_cidr = "172.30.128.0/20";
    CHECK_FALSE(Layout::of(options).ok());  // overlaps
    options.service_cidr = "not a range";
    CHECK_FALSE(Layout::of(options).ok());
    options = {};
    options.flannel_backend = "carrier-pigeon";
    CHECK_FALSE(Layout::of(options).ok());
}

TEST_CASE("two networks each make a dual-stack layout; what cannot be is said") {
    Options options;
    options.pod_network_cidr = "10.244.0.0/16,fd00:10:244::/56";
    CHECK(Layout::of(options).error().message ==
          "podSubnet: Invalid value: \"10.244.0.0/16,fd00:10:244::/56\": expected as many networks as in serviceSubnet 10.96.0.0/12");
    options.service_cidr = "10.96.0.0/16,fd00:10:96::/112";
    const Layout layout = Layout::of(options).value();
    CHECK(layout.dual_stack());
    CHECK(layout.cluster_dns == "10.96.0.10");
    CHECK(layout.node_ipv6(1).text() == "fd00:1:2:3::12/64");
    options.cloud = true;
    CHECK_FALSE(Layout::of(options).ok());
    options.cloud = false;
    for (const char* wrong : {"10.244.0.0/16,fd00:10:244::/80", "10.244.0.0/16,fd00::/32", "10.244.0.0/16,10.245.0.0/16",
                              "fd00:10:244::/56,10.244.0.0/16", "10.244.0.0/16,fd00:10:244::1/56", "10.244.0.0/16,fd00:10:96::/56"}) {
        options.pod_network_cidr = wrong;
        INFO(wrong);
        CHECK_FALSE(Layout::of(options).ok());
    }
}

TEST_CASE("a cut cable makes a node NotReady, and going back mends it") {
    Session session(empty_cluster(1));
    REQUIRE_FALSE(session.cluster().failure());
    const Time before = session.now();
    session.advance(seconds(1));
    CHECK_FALSE(session.fault("link cut node-7").ok());
    CHECK_FALSE(session.fault("link gnaw node-1").ok());
    REQUIRE(session.fault("link cut node-1").ok());
    CHECK(session.cluster().network().link_fault("node-1").cut);
    session.advance(seconds(70));
    CHECK(ready_of(session, "node-1") == "Unknown");
    CHECK(session.run("ssh node-1 true").exit == 255);
    session.seek(before);
    CHECK_FALSE(session.cluster().network().link_fault("node-1").cut);
    CHECK(ready_of(session, "node-1") == "True");
    // The known future repeats it.
    session.advance(seconds(70));
    CHECK(session.cluster().network().link_fault("node-1").cut);
    REQUIRE(session.fault("link restore node-1").ok());
    session.advance(seconds(60));
    CHECK(ready_of(session, "node-1") == "True");
}

TEST_CASE("a stopped component stays stopped: no probe restarts it") {
    Session session(empty_cluster(1));
    const auto restarts = [&] {
        return session.cluster().peek(api::kind::pods, "kube-system", "kube-scheduler-control-plane").path("status", "containerStatuses")[0]["restartCount"].as_int();
    };
    REQUIRE(session.set_component_running("kube-scheduler", false).ok());
    session.advance(minutes(5));
    CHECK_FALSE(session.cluster().component_running("kube-scheduler"));
    CHECK(restarts() == 0);
    REQUIRE(session.set_component_running("kube-scheduler", true).ok());
    CHECK(session.cluster().component_running("kube-scheduler"));
}

TEST_CASE("a cluster without an API server comes to rest") {
    Session session(empty_cluster(1));
    REQUIRE(session.set_component_running("kube-apiserver", false).ok());
    CHECK(session.settle());
    REQUIRE(session.set_component_running("kube-apiserver", true).ok());
    CHECK(session.settle());
}

TEST_CASE("a node that had no power starts its containers anew") {
    Session session(empty_cluster(1));
    const auto restarts = [&session] {
        std::int64_t count = 0;
        for (const auto& pod : session.cluster().peek_list(api::kind::pods, "kube-system"))
            if (pod["spec"]["nodeName"].as_string() == "node-1")
                for (const auto& status : pod["status"]["containerStatuses"].items())
                    count += status["restartCount"].as_int();
        return count;
    };
    const auto before = restarts();
    REQUIRE(session.fault("node stop node-1").ok());
    CHECK(session.trace("laptop", "http://192.168.122.12:10256/healthz").value().outcome == net::Outcome::unreachable);
    session.advance(seconds(70));
    CHECK(ready_of(session, "node-1") == "Unknown");
    REQUIRE(session.fault("node start node-1").ok());
    session.advance(minutes(2));
    CHECK(ready_of(session, "node-1") == "True");
    CHECK(restarts() >= before + 2);  // kube-proxy and kube-router at least
    CHECK(session.trace("laptop", "http://192.168.122.12:10256/healthz").value().status == 200);
}

TEST_CASE("flannel's host-gw backend and other address ranges") {
    Options options = empty_cluster(2);
    options.flannel_backend = "host-gw";
    options.pod_network_cidr = "172.30.0.0/16";
    options.service_cidr = "172.31.0.0/20";
    Session session(options);
    REQUIRE_FALSE(session.cluster().failure());
    const auto& root = session.cluster().network().stack("node-1")->root();
    CHECK(root.find_interface("flannel.1") == nullptr);
    const auto subnet = session.cluster().peek(api::kind::nodes, "", "node-2")["spec"]["podCIDR"].str();
    CHECK(subnet.substr(0, 7) == "172.30.");
    bool direct = false;
    for (const auto& route : root.routes)
        direct |= route.text() == subnet + " via 192.168.122.13 dev eth0";
    CHECK(direct);
    CHECK(session.cluster().peek(api::kind::services, "default", "kubernetes")["spec"]["clusterIP"].as_string() == "172.31.0.1");
    CHECK(session.run("kubectl run box --image=busybox:1.36 --restart=Never --command -- sleep 100000").exit == 0);
    session.settle();
    CHECK(session.run("kubectl exec box -- nslookup kubernetes.default.svc.cluster.local").out.find("172.31.0.1") != std::string::npos);
}

TEST_CASE("nodes are not called silent because nobody listened") {
    // A controller manager that stood still for longer than its Lease begins anew: with what it sees then, not with how
    // long ago it last heard of a node. Upstream: node_lifecycle_controller.go (tryUpdateNodeHealth, "Assuming now").
    Session session(empty_cluster(2));
    for (const int pause : {35, 41, 47, 53, 59, 65, 300}) {
        CAPTURE(pause);
        REQUIRE(session.set_component_running("kube-controller-manager", false).ok());
        session.advance(seconds(pause));
        REQUIRE(session.set_component_running("kube-controller-manager", true).ok());
        for (int i = 0; i < 60; ++i) {
            session.advance(seconds(1));
            CHECK(ready_of(session, "node-1") == "True");
            CHECK(ready_of(session, "node-2") == "True");
        }
    }
    session.run("kubectl create deployment web --image=nginx:1.29");
    session.settle();
    CHECK(session.cluster().peek_list(api::kind::pods, "default").size() == 1);
}

TEST_CASE("a power cut ends the pull that was under way; the image is pulled anew") {
    Session session(empty_cluster(1));
    session.run("kubectl run late --image=mongo:7");
    session.advance(milliseconds(1500));
    session.cluster().set_node_power("node-1", Power::off);
    session.advance(seconds(5));
    session.cluster().set_node_power("node-1", Power::on);
    session.advance(minutes(3));
    CHECK(session.cluster().peek(api::kind::pods, "default", "late")["status"]["phase"].as_string() == "Running");
}
