// A learner's cluster: how fast it is there, what an hour of it costs and keeps, how fast time goes back.

#include "bench.h"

#include "core/cluster/cluster.h"
#include "core/cluster/session.h"
#include "core/view/architecture.h"

namespace kubewalk::bench {

void start() {
    cluster::Options empty;
    empty.scenario = "empty";
    row("start of the empty cluster", median_ms(9, [&] { cluster::Session session(empty); }), "ms");
    row("start of the sock-shop cluster", median_ms(9, [] { cluster::Session session(cluster::Options{}); }), "ms", "budget 50 ms natively");

    cluster::Session session{cluster::Options{}};
    constexpr int batch = 200;
    const double traced = median_ms(5, [&] {
        for (int i = 0; i < batch; ++i)
            (void)session.trace("laptop", "http://192.168.122.12:30001/");
    });
    row("traces with every hop recorded", batch / traced * 1000, "per s");
    row("Architecture snapshot", median_ms(21, [&] { (void)view::architecture(session); }), "ms");
    row("checkpoint", median_ms(21, [&] { (void)session.cluster().simulation().checkpoint(); }), "ms");
}

namespace {

// What a learner does in an hour: something every few minutes.
void an_hour_with_actions(cluster::Session& session) {
    constexpr const char* lines[] = {
        "kubectl -n sock-shop scale deployment carts --replicas=3", "kubectl -n sock-shop rollout restart deployment front-end",
        "curl http://192.168.122.12:30001/", "kubectl -n sock-shop delete pod -l name=catalogue", "kubectl -n sock-shop set image deployment/user user=nginx:9.9.9",
        "kubectl -n sock-shop rollout undo deployment/user", "kubectl -n sock-shop scale deployment carts --replicas=1", "kubectl get pods -A -o wide",
        "kubectl -n sock-shop delete deployment shipping", "kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data", "kubectl uncordon node-2",
        "kubectl -n sock-shop scale deployment front-end --replicas=4",
    };
    for (const char* line : lines) {
        (void)session.run(line);
        session.advance(minutes(5));
    }
}

// The slowest of many ways back, spread over the whole known past.
void rows_of_going_back(cluster::Session& session, std::string_view what) {
    const Time end = session.now();
    constexpr int places = 60;
    double worst = 0, sum = 0;
    for (int i = 0; i < places; ++i) {
        // Primes walk through the hour without a pattern that checkpoints could share.
        const Time to{end.ns / 1009 * ((i * 389) % 1009) + 1'000'000'000};
        const double before = cpu_ms();
        session.seek(std::min(to, end));
        const double took = cpu_ms() - before;
        worst = std::max(worst, took);
        sum += took;
        session.seek(end);
    }
    row(std::string(what) + ": going back, the slowest of 60", worst, "ms", "budget 100 ms");
    row(std::string(what) + ": going back, mean", sum / places, "ms");
    constexpr int steps = 20;
    double slowest = 0;
    for (int i = 0; i < steps; ++i) {
        const double before = cpu_ms();
        (void)session.step_back({});
        slowest = std::max(slowest, cpu_ms() - before);
    }
    row(std::string(what) + ": one event back, the slowest of 20", slowest, "ms", "budget 100 ms");
}

}  // namespace

void history() {
    {
        const double before_start = heap_bytes();
        cluster::Session session{cluster::Options{}};
        row("sock-shop settled: the whole cluster in memory", mebibytes(heap_bytes() - before_start), "MiB");
        const double before = heap_bytes();
        const double spent = cpu_ms();
        session.advance(hours(1));
        row("an idle hour of sock-shop", cpu_ms() - spent, "ms", "was 5,000 ms");
        row("an idle hour: entries in the log", static_cast<double>(session.log().size()), "");
        row("an idle hour: history", mebibytes(heap_bytes() - before), "MiB", "budget 64 MiB");
        rows_of_going_back(session, "an idle hour");
    }
    cluster::Session session{cluster::Options{}};
    const double before = heap_bytes();
    const double spent = cpu_ms();
    an_hour_with_actions(session);
    row("an hour of sock-shop with a learner at work", cpu_ms() - spent, "ms");
    row("a learner's hour: entries in the log", static_cast<double>(session.log().size()), "");
    row("a learner's hour: history", mebibytes(heap_bytes() - before), "MiB", "budget 64 MiB");
    rows_of_going_back(session, "a learner's hour");
}

}  // namespace kubewalk::bench
