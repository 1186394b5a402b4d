// What the Inspector is told, on the cluster that starts.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/api/kinds.h"
#include "core/cluster/cluster.h"
#include "core/view/compare.h"
#include "core/view/inspect.h"
#include "core/view/objects.h"
#include "core/view/story.h"
#include "core/view/traffic.h"

using namespace kubewalk;

namespace {

cluster::Options empty_cluster() {
    cluster::Options options;
    options.scenario = "empty";
    return options;
}

// A Deployment with a Service, settled.
struct Web {
    cluster::Session session{empty_cluster()};
    sim::ObjectRef deployment{"deployments", "default", "web"};
    sim::ObjectRef pod{"pods", "default", {}};

    Web() {
        session.advance(seconds(1));
        session.run("kubectl create deployment web --image=nginx --replicas=2 --port=80");
        session.run("kubectl expose deployment web --port=80 --type=NodePort");
        session.settle();
        for (const auto& one : session.cluster().peek_list(api::kind::pods, "default"))
            pod.name = api::name_of(one);
    }
};

bool has(const std::vector<view::Relative>& list, std::string_view kind) {
    return std::any_of(list.begin(), list.end(), [&](const view::Relative& one) { return one.kind == kind; });
}

}  // namespace

TEST_CASE("family: owners upwards, what is owned downwards, who selects it, what it needs") {
    Web web;
    const auto down = view::family(web.session, web.deployment);
    CHECK(down.owners.empty());
    REQUIRE(down.owned.size() == 3);  // one ReplicaSet, two Pods
    CHECK(down.owned[0].kind == "ReplicaSet");
    CHECK(down.owned[0].detail == "2/2");
    CHECK(down.owned[1].kind == "Pod");
    CHECK(down.owned[1].depth == 2);
    const auto up = view::family(web.session, web.pod);
    REQUIRE(up.owners.size() == 2);
    CHECK(up.owners[0].kind == "ReplicaSet");
    CHECK(up.owners[1].object == web.deployment);
    CHECK(has(up.selected_by, "Service"));
    CHECK(has(up.uses, "Node"));
    CHECK(has(up.uses, "ServiceAccount"));
    const auto service = view::family(web.session, {"services", "default", "web"});
    CHECK(service.uses.size() == 2);
    CHECK(has(service.owned, "EndpointSlice"));
    CHECK(view::family(web.session, {"pods", "default", "nobody"}).owners.empty());
}

TEST_CASE("scheduling: the node that was chosen, and why others were not") {
    Web web;
    const auto decision = view::scheduling(web.session, web.pod);
    REQUIRE(decision);
    const auto object = web.session.cluster().peek(api::kind::pods, "default", web.pod.name);
    CHECK(decision->node == object["spec"]["nodeName"].as_string());
    REQUIRE(!decision->rows.empty());
    CHECK(decision->rows[0].chosen);
    const auto refused = std::find_if(decision->rows.begin(), decision->rows.end(), [](const auto& row) { return row.node == "control-plane"; });
    REQUIRE(refused != decision->rows.end());
    CHECK_FALSE(refused->fits);
    CHECK(refused->plugin == "TaintToleration");
    CHECK_FALSE(view::scheduling(web.session, web.deployment));
}

TEST_CASE("requests: each remembers its way through the API server") {
    Web web;
    const auto ways = view::requests_about(web.session, web.deployment);
    REQUIRE(!ways.empty());
    const auto& created = ways.back();
    CHECK(created.method == "POST");
    CHECK(created.code == 201);
    CHECK(std::any_of(created.stages.begin(), created.stages.end(), [](const auto& fact) { return fact.id == "apiserver.write"; }));
    CHECK(view::request_way(web.session, created.id));
    CHECK_FALSE(view::request_way(web.session, 0));
}

TEST_CASE("runtime, events and tracked flows of a Pod") {
    Web web;
    const auto calls = view::cri_calls(web.session, web.pod);
    std::vector<std::string> names;
    for (const auto& call : calls)
        names.push_back(call.fact.id);
    CHECK(std::find(names.begin(), names.end(), "cri.RunPodSandbox") != names.end());
    CHECK(std::find(names.begin(), names.end(), "cri.StartContainer") != names.end());
    const auto events = view::events_about(web.session, web.pod);
    CHECK(std::any_of(events.begin(), events.end(), [](const auto& event) { return event.reason == "Scheduled"; }));
    const auto port = web.session.cluster().peek(api::kind::services, "default", "web")["spec"]["ports"].items()[0]["nodePort"].as_int();
    REQUIRE(web.session.trace("laptop", "http://192.168.122.12:" + std::to_string(port) + "/").ok());
    const auto flows = view::tracked_flows(web.session, "node-1");
    REQUIRE(!flows.empty());
    CHECK(std::any_of(flows.begin(), flows.end(), [](const auto& flow) { return flow.dnat; }));
    CHECK(view::tracked_flows(web.session, "node-1", "192.0.2.1").empty());
    CHECK(view::tracked_flows(web.session, "nobody").empty());
}

TEST_CASE("story: from the learner's command to the container's start") {
    Web web;
    view::StoryTeller teller;
    for (const auto& object : {web.deployment, web.pod}) {
        const auto& story = teller.of(web.session, object);
        REQUIRE(!story.chain.empty());
        CHECK(story.chain.front().kind == sim::EntryKind::action);
        CHECK(story.chain.back().fact.id == "cri.StartContainer");
        std::vector<std::string> who;
        for (const auto& entry : story.chain)
            who.push_back(entry.component);
        for (const char* component : {"deployment-controller", "replicaset-controller", "kube-scheduler"}) {
            INFO(component);
            CHECK(std::find(who.begin(), who.end(), component) != who.end());
        }
        CHECK(std::find(story.touched.begin(), story.touched.end(), "kube-apiserver") != story.touched.end());
    }
    // Reading on gives the same as reading anew.
    web.session.run("kubectl scale deployment web --replicas=3");
    web.session.settle();
    const auto grown = teller.of(web.session, web.pod).entries;
    view::StoryTeller fresh;
    CHECK(fresh.of(web.session, web.pod).entries == grown);
    CHECK(teller.of(web.session, {}).chain.empty());
}

TEST_CASE("two traces are compared hop by hop") {
    Web web;
    const auto port = std::to_string(web.session.cluster().peek(api::kind::services, "default", "web")["spec"]["ports"].items()[0]["nodePort"].as_int());
    auto scene = [&](const std::string& url) {
        auto sent = web.session.trace("laptop", url);
        REQUIRE(sent.ok());
        return view::traffic_scene(web.session, *sent.value().trace, 0);
    };
    const auto one = scene("http://192.168.122.12:" + port + "/");
    for (const auto& pair : view::compare_hops(one, one)) {
        CHECK(pair.left == pair.right);
        CHECK(pair.difference == view::HopDifference::none);
    }
    web.session.run("kubectl patch service web -p '{\"spec\":{\"externalTrafficPolicy\":\"Local\"}}'");
    web.session.settle();
    const auto local = scene("http://192.168.122.12:" + port + "/");
    const auto pairs = view::compare_hops(one, local);
    CHECK(std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.difference != view::HopDifference::none; }));
    // Every hop of either side stands there once.
    std::size_t left = 0, right = 0;
    for (const auto& pair : pairs) {
        left += pair.left >= 0 ? 1 : 0;
        right += pair.right >= 0 ? 1 : 0;
    }
    CHECK(left == one.steps.size());
    CHECK(right == local.steps.size());
}

TEST_CASE("the stage and the probes of kubelets") {
    Web web;
    const auto stage = view::traffic_stage(web.session);
    CHECK(stage.steps.empty());
    CHECK(std::any_of(stage.machines.begin(), stage.machines.end(), [](const auto& machine) { return machine.name == "node-1" && !machine.pod_cidr.empty(); }));
    // CoreDNS has both probes over HTTP.
    const auto probes = view::probes(web.session);
    CHECK(std::any_of(probes.begin(), probes.end(), [](const auto& probe) { return probe.pod.starts_with("kube-system/coredns") && probe.kind == "readiness" && probe.url.ends_with(":8181/ready"); }));
}
