// What Kubernetes accepts without a word and what will not work nevertheless, said at its line; and what only
// admission can say, by a dry run that leaves no trace.

#include <doctest/doctest.h>

#include <map>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/manifest_hints.h"
#include "core/cluster/session.h"

using namespace kubewalk;
using cluster::ManifestHint;

namespace {

cluster::Session& shared() {
    static cluster::Session session([] {
        cluster::Options options;
        options.scenario = "empty";
        options.workers = 1;
        return options;
    }());
    return session;
}

std::vector<ManifestHint> hints(std::string_view text) { return cluster::manifest_hints(shared().cluster(), text); }

const std::string deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: carts
spec:
  selector:
    matchLabels:
      app: carts
  template:
    metadata:
      labels:
        app: carts
    spec:
      containers:
      - name: carts
        image: weaveworksdemos/carts:0.4.8
        ports:
        - name: http
          containerPort: 80
        readinessProbe:
          httpGet:
            path: /health
            port: 80
)";

std::string service(std::string_view label, std::string_view target, std::string_view space = "default") {
    return cat("apiVersion: v1\nkind: Service\nmetadata:\n  name: carts\n  namespace: ", space, "\nspec:\n  selector:\n    app: ", label,
               "\n  ports:\n  - port: 80\n    targetPort: ", target, "\n---\n");
}

}  // namespace

TEST_CASE("a Service and its Deployment that fit: nothing to say") {
    CHECK(hints(service("carts", "80") + deployment).empty());
    CHECK(hints(service("carts", "http") + deployment).empty());
}

TEST_CASE("a selector that matches nothing, by a letter or altogether") {
    const auto slip = hints(service("cart", "80") + deployment);
    REQUIRE(slip.size() == 1);
    CHECK(slip[0].id == "selector_near_miss");
    CHECK(slip[0].args == std::vector<std::string>{"app=cart", "app=carts", "Deployment carts"});
    CHECK(slip[0].line == 8);
    CHECK(slip[0].document == 0);
    const auto swapped = hints(service("cartsx", "80") + deployment);
    REQUIRE(swapped.size() == 1);
    CHECK(swapped[0].id == "selector_near_miss");

    const auto nothing = hints(service("front-end", "80") + deployment);
    REQUIRE(nothing.size() == 1);
    CHECK(nothing[0].id == "selector_matches_nothing");
    CHECK(nothing[0].args == std::vector<std::string>{"app=front-end", "default"});

    const auto elsewhere = hints(service("carts", "80", "shop") + deployment);
    REQUIRE(elsewhere.size() == 1);
    CHECK(elsewhere[0].id == "selector_other_namespace");
    CHECK(elsewhere[0].args == std::vector<std::string>{"app=carts", "default", "shop"});
}

TEST_CASE("a target port on which nobody listens") {
    const auto silent = hints(service("carts", "8080") + deployment);
    REQUIRE(silent.size() == 1);
    CHECK(silent[0].id == "target_port_silent");
    CHECK(silent[0].args == std::vector<std::string>{"8080", "80"});
    CHECK(silent[0].line == 11);
    const auto name = hints(service("carts", "web") + deployment);
    REQUIRE(name.size() == 1);
    CHECK(name[0].id == "target_port_name");
    CHECK(name[0].args == std::vector<std::string>{"web", "http"});
    // The program's own flag moves the port, and the hint follows.
    std::string moved = deployment;
    moved.replace(moved.find("        ports:\n"), 0, "        command: [java, \"-jar\", \"./app.jar\", \"--port=8080\"]\n");
    moved.replace(moved.find("port: 80\n", moved.find("readiness")), 9, "port: 8080\n");
    CHECK(hints(service("carts", "8080") + moved).empty());
    // What a shell command listens on nobody can tell: silence.
    std::string shell = deployment;
    shell.replace(shell.find("        ports:\n"), 0, "        command: [sh, -c, \"sleep 1000\"]\n");
    CHECK(hints(service("carts", "8080") + shell).empty());
}

TEST_CASE("probes that ask at the wrong door") {
    std::string wrong = deployment;
    wrong.replace(wrong.find("port: 80\n", wrong.find("readiness")), 9, "port: 8080\n");
    const auto silent = hints(wrong);
    REQUIRE(silent.size() == 1);
    CHECK(silent[0].id == "probe_port_silent");
    CHECK(silent[0].args == std::vector<std::string>{"readinessProbe", "8080", "80"});
    CHECK(silent[0].line == 23);
    std::string named = deployment;
    named.replace(named.find("port: 80\n", named.find("readiness")), 9, "port: htp\n");
    const auto unknown = hints(named);
    REQUIRE(unknown.size() == 1);
    CHECK(unknown[0].id == "probe_port_name");
}

TEST_CASE("what is named must exist, in the text or in the cluster") {
    std::string config = deployment;
    config += "        envFrom:\n        - configMapRef:\n            name: settngs\n";
    const auto missing = hints(config + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n");
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].id == "missing_object");
    CHECK(missing[0].args[0] == "ConfigMap");
    std::string right = config;
    right.replace(right.find("settngs"), 7, "settings");
    CHECK(hints(right + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n").empty());

    std::string placed = deployment;
    placed += "      nodeSelector:\n        kubernetes.io/os: linus\n";
    const auto nowhere = hints(placed);
    REQUIRE(nowhere.size() == 1);
    CHECK(nowhere[0].id == "node_selector");
    CHECK(nowhere[0].args == std::vector<std::string>{"kubernetes.io/os=linus", "kubernetes.io/os=linux"});
}

TEST_CASE("broken text has no hints: its mistakes come first") {
    CHECK(hints("kind: [").empty());
    CHECK(hints("").empty());
}

TEST_CASE("admission is asked while typing, and nothing remembers it") {
    cluster::Session& session = shared();
    session.settle();
    const auto entries = session.log().size();
    const auto revision = session.cluster().revision();
    const std::string pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: nowhere\nspec:\n  containers:\n  - name: a\n    image: nginx\n";
    const auto refused = session.check(pod);
    REQUIRE(refused.problems.size() == 1);
    CHECK(refused.problems[0].error.message == "namespaces \"nowhere\" not found");
    // The text itself makes the namespace.
    CHECK(session.check("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: nowhere\n---\n" + pod).ok);
    session.apply("apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: few\n  namespace: default\nspec:\n  hard:\n    services: \"0\"\n");
    session.settle();
    const auto quota = session.check(service("x", "80"));
    REQUIRE_FALSE(quota.ok);
    CHECK(quota.problems[0].error.message.find("exceeded quota: few") != std::string::npos);
    CHECK(session.log().size() > entries);
    const auto after = session.log().size();
    const auto at = session.cluster().revision();
    CHECK(at > revision);
    for (int i = 0; i < 5; ++i)
        session.check(service("x", "80"));
    CHECK(session.log().size() == after);
    CHECK(session.cluster().revision() == at);
    session.run("kubectl delete resourcequota few");
}

TEST_CASE("checking draws no lots: what is applied later comes out the same") {
    const auto outcome = [](bool check) {
        cluster::Options options;
        options.scenario = "empty";
        options.workers = 1;
        cluster::Session session(options);
        session.settle();
        if (check)
            for (int i = 0; i < 3; ++i)
                session.check(service("x", "80"));
        session.apply(service("y", "80"));
        return session.run("kubectl get service carts -o yaml").out;
    };
    CHECK(outcome(false) == outcome(true));
}

TEST_CASE("terminals run side by side, and time travel takes them all along") {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    session.settle();
    REQUIRE(session.begin("kubectl get pods -n kube-system -w", {}, 1));
    CHECK(session.busy(1));
    CHECK_FALSE(session.busy());
    session.run("kubectl -n kube-system create configmap a");
    CHECK(session.transcript().size() == 1);
    CHECK(session.transcript(1).size() == 1);
    CHECK(session.terminals() == 2);
    const auto here = session.now();
    session.run("kubectl -n kube-system delete pod -l k8s-app=kube-dns");
    session.advance(seconds(20));
    const std::string watched = session.transcript(1).back().result.out;
    CHECK(watched.find("Terminating") != std::string::npos);
    session.seek(here);
    CHECK(session.transcript(1).back().result.out.find("Terminating") == std::string::npos);
    CHECK(session.busy(1));
    session.advance(seconds(40));
    CHECK(session.transcript(1).back().result.out.starts_with(watched));
    session.interrupt(1);
    CHECK_FALSE(session.busy(1));
    CHECK_FALSE(session.begin("kubectl get pods", {}, cluster::Session::most_terminals));
}

TEST_CASE("what a text still lacks is told from what is wrong in it") {
    using Nature = cluster::ManifestProblem::Nature;
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    cluster::Session session(options);
    session.settle();
    const auto natures = [&](std::string_view text) {
        std::map<std::string, Nature> out;
        for (const auto& problem : session.check(text).problems)
            out[problem.error.field] = problem.nature;
        return out;
    };
    CHECK(natures("apiVersion: apps/v1\n") == std::map<std::string, Nature>{{"kind", Nature::missing}});
    // A Deployment of which two lines are written: what its selector does not match is no news before there is one.
    auto begun = natures("apiVersion: apps/v1\nkind: Deployment\n");
    CHECK(begun.at("metadata.name") == Nature::missing);
    CHECK(begun.at("spec.selector") == Nature::missing);
    for (const auto& one : begun)
        CHECK_MESSAGE(one.second != Nature::wrong, one.first);
    // What stands there and is wrong is said at once.
    auto wrong = natures("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: A_B\n");
    CHECK(wrong.at("metadata.name") == Nature::wrong);
    CHECK(wrong.at("spec.selector") == Nature::missing);
    // In a whole text a selector that matches nothing is wrong, whether or not the template has labels.
    auto whole = natures("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {matchLabels: {a: b}}\n"
                         "  template:\n    spec:\n      containers: [{name: a, image: b}]\n");
    CHECK(whole.at("spec.template.metadata.labels") == Nature::wrong);
}
