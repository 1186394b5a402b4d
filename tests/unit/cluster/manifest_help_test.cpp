// The editor's help: what could stand at the caret, and what a field means.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/cluster/cluster.h"
#include "core/cluster/manifest_help.h"

using namespace kubewalk;
using cluster::complete_manifest;

namespace {

cluster::Cluster& shared() {
    static cluster::Cluster cluster([] {
        cluster::Options options;
        options.scenario = "empty";
        options.workers = 1;
        return options;
    }());
    return cluster;
}

cluster::Completion at(std::string text) {
    const auto caret = text.find('^');
    text.erase(caret, 1);
    return complete_manifest(shared(), text, caret);
}

std::vector<std::string> labels(const cluster::Completion& completion) {
    std::vector<std::string> out;
    for (const auto& one : completion.suggestions)
        out.push_back(one.label);
    return out;
}

bool has(const std::vector<std::string>& all, std::string_view one) { return std::find(all.begin(), all.end(), one) != all.end(); }

const std::string head = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

}  // namespace

TEST_CASE("keys of the mapping at the caret, without those that are there") {
    const auto spec = labels(at(head + "spec:\n  type: NodePort\n  ^\n"));
    CHECK(has(spec, "ports"));
    CHECK(has(spec, "selector"));
    CHECK(!has(spec, "type"));
    CHECK(!has(spec, "containers"));
    const auto ports = at(head + "spec:\n  ports:\n  - ^\n");
    REQUIRE(!ports.suggestions.empty());
    CHECK(ports.suggestions[0].label == "port");  // the only one that must be there
    CHECK(ports.suggestions[0].required);
    CHECK(ports.suggestions[0].detail == "integer");
    CHECK(ports.suggestions[0].text.find("port that will be exposed") != std::string::npos);
    CHECK(labels(at(head + "spec:\n  sel^\n"))[0] == "selector");
    CHECK(!has(labels(at(head + "^\n")), "status"));
    CHECK(labels(at(head + "spec:\n  selector:\n    ^\n")).empty());
}

TEST_CASE("what is put in goes on where typing goes on") {
    CHECK(at(head + "spec:\n  por^").suggestions[0].insert == "ports:\n    - ");
    CHECK(at(head + "spec:\n  clusterIP^").suggestions[0].insert == "clusterIP: ");
    const auto template_ = at("apiVersion: apps/v1\nkind: Deployment\nspec:\n  templ^");
    CHECK(template_.suggestions[0].insert == "template:\n    ");
}

TEST_CASE("values: enumerations, booleans, names that live in the cluster") {
    CHECK(labels(at(head + "spec:\n  type: ^")) == std::vector<std::string>{"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    CHECK(labels(at(head + "spec:\n  publishNotReadyAddresses: ^")) == std::vector<std::string>{"true", "false"});
    CHECK(has(labels(at("apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: ^")), "kube-system"));
    CHECK(has(labels(at("apiVersion: v1\nkind: Pod\nspec:\n  nodeName: ^")), "node-1"));
    CHECK(labels(at("apiVersion: apps/v1\nkind: Dep^")) == std::vector<std::string>{"Deployment"});
    CHECK(has(labels(at("kind: Deployment\napiVersion: ^")), "apps/v1"));
}

TEST_CASE("an empty text is offered its head") {
    CHECK(labels(at("^")) == std::vector<std::string>{"apiVersion", "kind", "metadata", "spec"});
}

TEST_CASE("a field explains itself") {
    const std::string text = head + "spec:\n  type: NodePort\n";
    const auto help = cluster::explain_field(shared(), text, text.find("type") + 1);
    CHECK(help.path == "spec.type");
    CHECK(help.type == "string");
    CHECK(help.text.find("determines how the Service is exposed") != std::string::npos);
    CHECK(has(help.values, "NodePort"));
    CHECK(cluster::explain_field(shared(), text, text.find("NodePort")).path == "spec.type");
    // The generated client says nothing of the field itself.
    CHECK(cluster::explain_field(shared(), text, text.find("selector") + 1).text.empty() == false);
    CHECK(cluster::explain_field(shared(), "a: b", 0).path.empty());
}
