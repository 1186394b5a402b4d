// Names in the terminal's output lead to their objects.

#include <doctest/doctest.h>

#include "core/cluster/cluster.h"
#include "core/view/mention.h"

using namespace kubewalk;

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

sim::ObjectRef at(std::string_view word, std::string_view line, std::string_view command) {
    return view::mentioned_object(shared(), word, line, command);
}

}  // namespace

TEST_CASE("words of tables and messages") {
    CHECK(at("coredns", "kube-system   coredns   2/2", "kubectl get deploy -A") == sim::ObjectRef{"deployments", "kube-system", "coredns"});
    CHECK(at("kubernetes", "kubernetes   ClusterIP   10.96.0.1", "kubectl get svc") == sim::ObjectRef{"services", "default", "kubernetes"});
    CHECK(at("kubernetes", "kubernetes   192.168.122.11:6443", "kubectl get endpoints") == sim::ObjectRef{"endpoints", "default", "kubernetes"});
    CHECK(at("deployment.apps/coredns", "deployment.apps/coredns restarted", "kubectl -n kube-system rollout restart deploy/coredns") ==
          sim::ObjectRef{"deployments", "kube-system", "coredns"});
    CHECK(at("\"kube-dns\",", "services \"kube-dns\", x", "kubectl -n kube-system delete svc x") ==
          sim::ObjectRef{"services", "kube-system", "kube-dns"});
    CHECK(at("node-1", "node-1   Ready", "kubectl get nodes") == sim::ObjectRef{"nodes", "", "node-1"});
}

TEST_CASE("what is no object's name is no link") {
    for (const auto* word : {"NAME", "2/2", "10.96.0.1", "Running", "x/y", "/", "", "...", "no-such-thing"})
        CHECK_MESSAGE(at(word, word, "kubectl get pods").name.empty(), word);
}
