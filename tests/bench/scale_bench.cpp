// Many Pods. Requests take no time and clients have no limit of requests a second here (simplifications.json:
// "api-call-instant"), so nothing has to be raised; the peer's limits are raised where it is measured (peer.mjs).

#include "bench.h"

#include "core/api/kinds.h"
#include "core/api/value.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/session.h"

namespace kubewalk::bench {

namespace {

cluster::Options empty_cluster(int workers) {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = workers;
    return options;
}

std::int64_t ready_replicas(const cluster::Session& session, std::string_view deployment) {
    return session.cluster().peek(api::kind::deployments, "default", deployment)["status"]["readyReplicas"].as_int();
}

struct Rollout {
    double cpu_ms = 0;
    double virtual_s = 0;
    double heap = 0;
    bool all_ready = false;
};

// From `kubectl create deployment` to all its Pods Ready.
Rollout roll_out(cluster::Session& session, int replicas) {
    Rollout result;
    const Time begun = session.now();
    const double heap = heap_bytes();
    const double spent = cpu_ms();
    (void)session.run(cat("kubectl create deployment web --image=nginx:1.29 --replicas=", replicas));
    while (ready_replicas(session, "web") < replicas && session.now() - begun < hours(2))
        session.advance(milliseconds(500));
    result.cpu_ms = cpu_ms() - spent;
    result.heap = heap_bytes() - heap;
    result.virtual_s = (session.now() - begun).seconds();
    result.all_ready = ready_replicas(session, "web") == replicas;
    return result;
}

void rows(const std::string& what, const Rollout& one, int pods, std::string_view budget) {
    row(what + (one.all_ready ? "" : " (NOT ALL READY)"), one.cpu_ms, "ms", budget);
    row("  each Pod", one.cpu_ms * 1000 / pods, "us");
    row("  memory of each Pod, its history included", one.heap / 1024 / pods, "KiB");
    row("  virtual time", one.virtual_s, "s");
}

}  // namespace

void deployment() {
    std::vector<Rollout> runs;
    for (int i = 0; i < 3; ++i) {
        cluster::Session session(empty_cluster(10));
        session.settle();
        runs.push_back(roll_out(session, 1000));
    }
    std::sort(runs.begin(), runs.end(), [](const Rollout& a, const Rollout& b) { return a.cpu_ms < b.cpu_ms; });
    rows("a Deployment of 1,000 Pods on 10 nodes, all Ready", runs[1], 1000, "budget 150 ms natively, 400 ms in WebAssembly");
    for (int scale : {1, 2, 4}) {
        const int pods = 2000 * scale;
        cluster::Session session(empty_cluster(20 * scale));
        session.settle();
        rows(cat(pods, " Pods on ", 20 * scale, " nodes, all Ready"), roll_out(session, pods), pods, "");
    }
}

void large() {
    const double heap = heap_bytes();
    const double spent = cpu_ms();
    cluster::Session session(empty_cluster(5000));
    session.settle();
    row("5,000 nodes, settled", cpu_ms() - spent, "ms");
    row("5,000 nodes, settled: memory", mebibytes(heap_bytes() - heap), "MiB");
    rows("150,000 Pods on 5,000 nodes, all Ready", roll_out(session, 150'000), 150'000, "");
    row("nodes and Pods together", (cpu_ms() - spent) / 1000, "s", "budget 60 s in WebAssembly");
    row("nodes and Pods together: memory", mebibytes(heap_bytes() - heap), "MiB", "budget 2,048 MiB");
}

}  // namespace kubewalk::bench
