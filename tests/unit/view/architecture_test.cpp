// What the Architecture and Cluster views are told of Pods and workloads, on clusters that run.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/cluster/cluster.h"
#include "core/view/activity.h"
#include "core/view/architecture.h"
#include "core/view/traffic.h"

using namespace kubewalk;

namespace {

cluster::Options machines(bool cloud) {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    options.cloud = cloud;
    return options;
}

std::vector<view::PodChip> pods_of(const view::Architecture& snapshot) {
    std::vector<view::PodChip> out = snapshot.unscheduled;
    for (const auto& node : snapshot.nodes)
        out.insert(out.end(), node.pods.begin(), node.pods.end());
    return out;
}

const view::WorkloadBox* workload(const view::Architecture& snapshot, std::string_view name) {
    for (const auto& load : snapshot.workloads)
        if (load.name == name)
            return &load;
    return nullptr;
}

}  // namespace

TEST_CASE("Pods bear the name of the workload that made them; programs with a box are told apart") {
    cluster::Session session(machines(false));
    session.settle();
    int coredns = 0, boxed = 0;
    for (const auto& pod : pods_of(view::architecture(session))) {
        CHECK(pod.app != "kube-dns");
        coredns += pod.app == "coredns" && !pod.boxed ? 1 : 0;
        boxed += pod.boxed ? 1 : 0;
        CHECK(pod.boxed == (pod.app == "etcd" || pod.app == "kube-flannel-ds" || (pod.app != "local-path-provisioner" && pod.app.starts_with("kube-"))));
    }
    CHECK(coredns == 2);
    CHECK(boxed >= 8);
}

TEST_CASE("what ran to its end is completed; Jobs and CronJobs say how they are") {
    cluster::Session session(machines(false));
    session.run("kubectl create job once --image=busybox:1.36 -- true");
    session.run("kubectl create job bad --image=busybox:1.36 -- false");
    session.run("kubectl patch job bad -p '{\"spec\":{\"backoffLimit\":0}}'");
    session.run("kubectl create cronjob often --image=busybox:1.36 --schedule='*/1 * * * *' -- true");
    session.run("kubectl create cronjob asleep --image=busybox:1.36 --schedule='0 3 * * *' -- true");
    session.run("kubectl patch cronjob asleep -p '{\"spec\":{\"suspend\":true}}'");
    session.advance(minutes(3));
    const auto snapshot = view::architecture(session);
    int completed = 0;
    for (const auto& pod : pods_of(snapshot)) {
        if (pod.app != "once")
            continue;
        ++completed;
        CHECK(pod.phase == "Completed");
        CHECK(pod.health == view::Health::completed);
        CHECK(pod.ip.empty());
    }
    CHECK(completed == 1);
    REQUIRE(workload(snapshot, "once"));
    CHECK(workload(snapshot, "once")->health == view::Health::completed);
    CHECK(workload(snapshot, "once")->ready == 1);
    REQUIRE(workload(snapshot, "bad"));
    CHECK(workload(snapshot, "bad")->health == view::Health::failed);
    const auto* often = workload(snapshot, "often");
    REQUIRE(often);
    CHECK(often->schedule == "*/1 * * * *");
    REQUIRE(often->last_schedule);
    CHECK(snapshot.now - *often->last_schedule <= minutes(1));
    CHECK(workload(snapshot, "asleep")->health == view::Health::stopped);
    CHECK_FALSE(workload(snapshot, "asleep")->last_schedule);
    // Nothing can be sent to what has ended.
    for (const auto& machine : view::traffic_stage(session).machines)
        for (const auto& element : machine.elements)
            CHECK(element.id.find("pod/default/once") == std::string::npos);
}

TEST_CASE("queues name what they hold: kind, namespace and name") {
    CHECK(view::work_item("deployments", "sock-shop/carts") == "Deployment sock-shop/carts");
    cluster::Session session(machines(false));
    session.run("kubectl create deployment web --image=nginx");
    session.settle();
    const auto& log = session.log();
    int collected = 0;
    for (std::size_t i = log.first(); i < log.size(); ++i) {
        if (log.kind(i) != sim::EntryKind::reconcile)
            continue;
        CHECK(log.arg(i, 0).find('|') == std::string_view::npos);
        CHECK(log.object(i).namespace_name.find('|') == std::string_view::npos);
        collected += log.component(i) == "garbage-collector-controller" ? 1 : 0;
    }
    CHECK(collected > 0);
    for (const auto& box : view::architecture(session).components)
        CHECK(box.detail.find('|') == std::string::npos);
}

TEST_CASE("the stage: CoreDNS has its own name and its Service's beside it, the internet has an address") {
    cluster::Session session(machines(true));
    session.settle();
    const auto stage = view::traffic_stage(session);
    bool internet = false, dns = false;
    for (const auto& machine : stage.machines) {
        internet = internet || (machine.name == "internet" && machine.ip == "203.0.113.7");
        for (const auto& element : machine.elements)
            dns = dns || (element.title == "coredns" && element.service == "kube-dns");
    }
    CHECK(internet);
    CHECK(dns);
}

TEST_CASE("Service kubernetes is answered though no Pod is selected: the API server is behind it") {
    cluster::Session session(machines(false));
    session.run("kubectl create service clusterip nobody --tcp=80");
    session.settle();
    bool kubernetes = false, nobody = true;
    for (const auto& service : view::architecture(session).services) {
        if (service.name == "kubernetes")
            kubernetes = service.answered() && service.pods.empty();
        if (service.name == "nobody")
            nobody = service.answered();
    }
    CHECK(kubernetes);
    CHECK_FALSE(nobody);
}
