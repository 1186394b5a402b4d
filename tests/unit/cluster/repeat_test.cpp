#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/repeat.h"

using namespace kubewalk;
using cluster::Session;

namespace {

cluster::Options small_cluster() {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    return options;
}

std::string objects_of(const Session& session) {
    std::string text;
    for (const api::Kind& kind : api::kinds())
        for (const auto& object : session.cluster().peek_list(kind, ""))
            append(text, kind.group_resource(), " ", api::to_json(object), "\n");
    return text;
}

}  // namespace

TEST_CASE("what was done in one session is done again in another: commands, answers, manifests, requests, stops and faults") {
    Session first(small_cluster());
    first.settle();
    first.run("kubectl run box --image=busybox:1.37 -- sleep 1d");
    first.settle();
    REQUIRE(first.begin("kubectl exec -it box -- sh", {}, 1));
    while (!first.prompt(1))
        first.advance(milliseconds(100));
    first.type("echo hello > /tmp/greeting", 1);
    first.advance(seconds(1));
    first.end_input(1);
    first.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {a: b}\n");
    REQUIRE(first.trace("laptop", "https://192.168.122.11:6443/").ok());
    REQUIRE(first.set_component_running("kube-scheduler", false).ok());
    first.run("kubectl create deployment waiting --image=nginx:1.29");
    first.advance(seconds(20));

    Session second(small_cluster());
    cluster::repeat(second, first.actions(), first.now());
    second.advance(first.now() - second.now());
    CHECK(objects_of(second) == objects_of(first));
    CHECK_FALSE(second.cluster().component_running("kube-scheduler"));
    CHECK(second.requests().size() == first.requests().size());
    CHECK(second.run("kubectl exec box -- cat /tmp/greeting").out == "hello\n");
}

TEST_CASE("repeating stops at its limit, and nothing waits for ever") {
    using Kind = cluster::Action::Kind;
    std::vector<cluster::Action> actions;
    for (int i = 0; i < 50; ++i)
        actions.push_back({Kind::command, 0, Time{}, "kubectl get pods -w", "", 0});
    Session session(small_cluster());
    const Time limit = session.now() + minutes(3);
    cluster::repeat(session, actions, limit);
    CHECK(session.now() <= limit + seconds(1));
    // An answer to a command that does not ask is left out.
    Session other(small_cluster());
    cluster::repeat(other, {{Kind::type, 0, Time{}, "ls", "", 0}, {Kind::edited, 0, Time{}, "x", "saved", 0}}, limit);
    CHECK(other.transcript().empty());
}
