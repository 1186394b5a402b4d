// Time in both directions, causes, and the way from manifest to packet, on the cluster that starts.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/cluster/cluster.h"
#include "core/cluster/request.h"
#include "core/cluster/session.h"
#include "core/scheduler/schedule_one.h"

using namespace kubewalk;
using cluster::Options;
using cluster::Session;

namespace {

std::string state_of(Session& session) {
    // Everything the API holds, as text.
    std::string out;
    for (const auto& kind : api::kinds())
        for (const auto& object : session.cluster().peek_list(kind, ""))
            out += api::to_json(object) + "\n";
    return out;
}

Options empty_cluster() {
    Options options;
    options.scenario = "empty";
    return options;
}

}  // namespace

TEST_CASE("the cluster that kubeadm gives") {
    Session session(empty_cluster());
    REQUIRE_MESSAGE(!session.cluster().failure(), session.cluster().failure()->message);
    CHECK(session.cluster().peek_list(api::kind::nodes, "").size() == 3);
    CHECK(session.cluster().peek(api::kind::services, "default", "kubernetes")["spec"]["clusterIP"].as_string() == "10.96.0.1");
    CHECK(session.cluster().peek(api::kind::services, "kube-system", "kube-dns")["spec"]["clusterIP"].as_string() == "10.96.0.10");
    for (const auto& pod : session.cluster().peek_list(api::kind::pods, "")) {
        INFO(api::key_of(pod));
        CHECK(pod["status"]["phase"].as_string() == "Running");
    }
}

TEST_CASE("an unknown scenario is said, not guessed") {
    Options options;
    options.scenario = "nonsense";
    Session session(options);
    REQUIRE(session.cluster().failure());
    CHECK(session.cluster().failure()->message == "unknown scenario \"nonsense\"");
}

TEST_CASE("same seed, same actions, same bytes; another seed, another history") {
    auto play = [](std::uint64_t seed) {
        Options options = empty_cluster();
        options.seed = seed;
        Session session(options);
        session.run("kubectl create deployment web --image=nginx --replicas=3");
        session.settle();
        return state_of(session);
    };
    const auto first = play(7);
    CHECK(first == play(7));
    CHECK(first != play(8));
}

TEST_CASE("going back restores everything, going forward repeats it") {
    Session session(empty_cluster());
    const std::string before = state_of(session);
    const Time start = session.now();
    session.advance(seconds(1));  // what happens at an instant belongs to it: act a little later
    session.run("kubectl create deployment web --image=nginx --replicas=2");
    session.settle();
    const std::string after = state_of(session);
    const Time end = session.now();
    const auto transcript = session.transcript();
    REQUIRE(before != after);

    session.seek(start);
    CHECK(session.transcript().empty());
    CHECK(state_of(session) == before);
    CHECK_FALSE(session.future().empty());
    CHECK(session.known_until() == end);

    session.seek(end);
    CHECK(state_of(session) == after);
    REQUIRE(session.transcript().size() == transcript.size());
    CHECK(session.transcript().back().result.out == transcript.back().result.out);
    CHECK(session.future().empty());
}

TEST_CASE("one event back, one event forward: the same place") {
    Session session(empty_cluster());
    session.run("kubectl create deployment web --image=nginx");
    session.advance(seconds(2));
    const cluster::EventFilter filter;
    // Right behind an event that counts: signs of life may have come after the last one.
    REQUIRE(session.step_back(filter));
    REQUIRE(session.step_forward(filter));
    const std::string here = state_of(session);
    const std::size_t entries = session.log().size();
    for (int i = 0; i < 5; ++i)
        REQUIRE(session.step_back(filter));
    CHECK(session.log().size() < entries);
    while (session.log().size() < entries)
        REQUIRE(session.step_forward(filter));
    CHECK(session.log().size() == entries);
    CHECK(state_of(session) == here);
}

TEST_CASE("an action taken in the past drops what came after it") {
    Session session(empty_cluster());
    const Time start = session.now();
    session.advance(seconds(1));
    session.run("kubectl create namespace one");
    session.settle();
    session.seek(start);
    session.run("kubectl create namespace two");
    session.settle();
    CHECK(session.future().empty());
    CHECK(session.cluster().peek(api::kind::namespaces, "", "one").is_null());
    CHECK_FALSE(session.cluster().peek(api::kind::namespaces, "", "two").is_null());
}

TEST_CASE("the chain of causes leads from a container's start to the learner's command") {
    Session session(empty_cluster());
    session.run("kubectl create deployment web --image=nginx");
    session.settle();
    const auto& simulation = session.cluster().simulation();
    bool found = false;
    for (const auto& entry : session.log()) {
        if (entry.kind != sim::EntryKind::cri || entry.fact.id != "cri.StartContainer" || entry.object.namespace_name != "default")
            continue;
        std::vector<std::string> components;
        for (std::optional<sim::Entry> at = entry; at; at = simulation.entry(at->cause))
            components.push_back(at->component);
        auto has = [&](std::string_view name) {
            for (const auto& component : components)
                if (component == name)
                    return true;
            return false;
        };
        CHECK(has("kube-scheduler"));
        CHECK(has("replicaset-controller"));
        CHECK(has("deployment-controller"));
        CHECK(has("kubectl"));
        CHECK(components.back() == "laptop");
        found = true;
    }
    CHECK(found);
}

TEST_CASE("a request from the laptop reaches a Pod by the rules, and a probe leaves nothing behind") {
    Session session(Options{});
    REQUIRE_MESSAGE(!session.cluster().failure(), session.cluster().failure()->message);
    const std::string before = state_of(session);
    const auto probed = session.probe("laptop", "http://192.168.122.12:30001/", 1);
    REQUIRE(probed.ok());
    CHECK(probed.value().front().outcome == net::Outcome::delivered);
    CHECK(session.requests().empty());
    CHECK(state_of(session) == before);

    const auto result = session.trace("laptop", "http://192.168.122.12:30001/");
    REQUIRE(result.ok());
    CHECK(result.value().outcome == net::Outcome::delivered);
    CHECK(result.value().status == 200);
    CHECK(result.value().endpoint_pod.starts_with("sock-shop/front-end-"));
    CHECK(result.value().endpoint->port == 8079);
    REQUIRE(session.requests().size() == 1);
    // One DNAT on the way, from the node port straight to the Pod's port.
    const auto& hops = result.value().trace->connections.front().request;
    int rewrites = 0;
    for (const auto& hop : hops)
        rewrites += hop.in.destination == hop.out.destination ? 0 : 1;
    CHECK(rewrites == 1);
}

TEST_CASE("each command of a line that sends a request leaves one behind") {
    Session session(Options{});
    session.run("curl -s http://192.168.122.12:30001/ > /dev/null; curl -s http://192.168.122.13:30001/ > /dev/null");
    REQUIRE(session.requests().size() == 2);
    CHECK(session.requests()[0].to == "192.168.122.12:30001");
    CHECK(session.requests()[1].to == "192.168.122.13:30001");
    CHECK(session.requests()[0].at < session.requests()[1].at);
    const auto last = session.requests()[1].at;
    session.seek(last - milliseconds(1));
    CHECK(session.requests().size() == 1);
    session.seek(last + seconds(1));
    CHECK(session.requests().size() == 2);
}

TEST_CASE("a component may be named with its machine") {
    Session session(empty_cluster());
    REQUIRE(session.fault("component stop etcd control-plane").ok());
    CHECK(session.run("kubectl get nodes").exit == 1);
    REQUIRE(session.fault("component start etcd control-plane").ok());
    CHECK(session.run("kubectl get nodes").exit == 0);
    REQUIRE(session.fault("component stop kube-apiserver control-plane").ok());
    CHECK(session.run("kubectl get nodes").exit == 1);
    REQUIRE(session.fault("component start kube-apiserver control-plane").ok());
    CHECK(session.run("kubectl get nodes").exit == 0);
    CHECK_FALSE(session.fault("component stop etcd node-1").ok());
}

TEST_CASE("a stopped component does nothing, and catches up when it is started") {
    Session session(empty_cluster());
    REQUIRE(session.set_component_running("kube-scheduler", false).ok());
    session.run("kubectl create deployment web --image=nginx");
    session.advance(seconds(20));
    auto node_of = [&] {
        for (const auto& pod : session.cluster().peek_list(api::kind::pods, "default"))
            return pod["spec"]["nodeName"].str();
        return std::string("no Pod");
    };
    CHECK(node_of() == "");
    REQUIRE(session.set_component_running("kube-scheduler", true).ok());
    session.settle();
    CHECK(node_of().starts_with("node-"));
    CHECK_FALSE(session.set_component_running("kube-nothing", false).ok());
}

TEST_CASE("a frozen program takes the connection and never answers") {
    Options options;
    options.scenario = "empty";
    options.workers = 0;
    Session session(options);
    const auto outcome = [&] {
        const auto result = session.trace("laptop", "https://192.168.122.11:6443/version");
        REQUIRE(result.ok());
        CHECK(session.requests().back().result.outcome == result.value().outcome);
        return result.value().outcome;
    };
    CHECK(outcome() == net::Outcome::delivered);
    REQUIRE(session.set_component_running("kube-apiserver", false).ok());
    CHECK(outcome() == net::Outcome::timeout);
}

TEST_CASE("bad URLs and unknown places are errors") {
    CHECK(cluster::parse_url("http://a:99999/").error().message == "invalid port \":99999\" after host");
    CHECK(cluster::parse_url("ftp://a/").error().message == "unsupported protocol scheme \"ftp\"");
    CHECK(cluster::parse_url("http://[::1]:8080/x").value().host == "::1");
    Session session(empty_cluster());
    CHECK_FALSE(session.trace("moon", "http://10.96.0.1/").ok());
    CHECK_FALSE(session.trace("pod/none/none", "http://10.96.0.1/").ok());
}

TEST_CASE("what if: a history that was left can be returned to, and left again") {
    Session session(empty_cluster());
    const Time start = session.now();
    session.advance(seconds(1));
    session.run("kubectl create deployment web --image=nginx --replicas=2");
    session.settle();
    const std::string first = state_of(session);
    const Time first_end = session.now();
    CHECK(session.branches().empty());

    session.seek(start + milliseconds(500));
    session.run("kubectl create namespace other");
    session.advance(seconds(3));
    const std::string second = state_of(session);
    const Time second_end = session.now();
    REQUIRE(session.branches().size() == 1);
    CHECK(session.branches()[0].first == "kubectl create deployment web --image=nginx --replicas=2");
    CHECK(session.branches()[0].parted_at == start + milliseconds(500));
    CHECK(session.branches()[0].known_until == first_end);

    CHECK(session.return_to(session.branches()[0].id));
    CHECK(session.now() == first_end);
    CHECK(state_of(session) == first);
    CHECK(session.transcript().size() == 1);
    REQUIRE(session.branches().size() == 1);
    CHECK(session.branches()[0].first == "kubectl create namespace other");

    CHECK(session.return_to(session.branches()[0].id));
    CHECK(session.now() == second_end);
    CHECK(state_of(session) == second);
    CHECK_FALSE(session.return_to(4711));
}

TEST_CASE("steps can be taken from one change of an object to its next") {
    Session session(empty_cluster());
    session.advance(seconds(1));
    session.run("kubectl create deployment web --image=nginx --replicas=1");
    const Time created = session.now();
    session.settle();
    session.seek(created);
    cluster::EventFilter filter;
    filter.object = {"deployments", "default", "web"};
    filter.changes = true;
    REQUIRE(session.step_forward(filter));
    const auto& entry = session.log().back();
    CHECK(entry.object == filter.object);
    CHECK(entry.kind == sim::EntryKind::api_call);
    CHECK(session.now() > created);
}

TEST_CASE("a scheduling decision is explained from the instant before it, and nothing has happened") {
    Session session(empty_cluster());
    session.run("kubectl create deployment web --image=nginx --replicas=5");
    session.settle();
    session.run("kubectl scale deployment web --replicas=9");
    session.settle();
    const auto before = state_of(session);
    const auto entries = session.log().size();
    const auto last = session.log().back().fact;
    int seen = 0;
    for (const auto& pod : session.cluster().peek_list(api::kind::pods, "default")) {
        const auto decision = session.explain_scheduling("default", api::name_of(pod));
        REQUIRE(decision.ok());
        INFO(api::name_of(pod));
        CHECK(decision.value().node == pod["spec"]["nodeName"].as_string());
        REQUIRE(decision.value().nodes.size() == 3);
        for (const auto& verdict : decision.value().nodes) {
            CHECK_FALSE(verdict.filters.empty());
            CHECK(verdict.status.ok() == (verdict.node != "control-plane"));
            CHECK(verdict.scores.empty() != verdict.status.ok());
        }
        ++seen;
    }
    CHECK(seen == 9);
    CHECK(state_of(session) == before);
    REQUIRE(session.log().size() == entries);
    CHECK(session.log().back().fact == last);
    CHECK(session.explain_scheduling("default", "nobody").error().reason == "NotFound");
    // Life goes on where it was.
    session.run("kubectl scale deployment web --replicas=10");
    session.settle();
    CHECK(session.cluster().peek_list(api::kind::pods, "default").size() == 10);
}

TEST_CASE("a recorded lookup keeps the resolver's file, whatever becomes of who asked") {
    Session session(empty_cluster());
    session.run("kubectl create deployment web --image=nginx:1.29 --port=80");
    session.run("kubectl expose deployment web --port=80");
    session.run("kubectl run asks --image=busybox --command -- sleep 3600");
    session.settle();
    const auto sent = session.trace("pod/default/asks", "http://web/");
    REQUIRE(sent.ok());
    session.run("kubectl delete pod asks --force --grace-period=0");
    session.settle();
    int lookups = 0;
    for (const auto& connection : sent.value().trace->connections) {
        const bool asks = connection.protocol == net::Protocol::udp;
        lookups += asks ? 1 : 0;
        CHECK((connection.resolv_conf != nullptr) == asks);
        if (asks)
            CHECK(connection.resolv_conf->find("search default.svc.cluster.local svc.cluster.local cluster.local") != std::string::npos);
    }
    CHECK(lookups > 0);
}
