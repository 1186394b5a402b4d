// What core costs natively: start of the cluster, traces, rewinding. Medians of several runs; compare
// figures of one run with each other, not with those of another machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/cluster/cluster.h"
#include "core/cluster/session.h"
#include "core/view/architecture.h"
#include "dns_bench.h"

namespace {

using namespace kubewalk;

double median_ms(int runs, const std::function<void()>& work) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

void row(const char* what, double value, const char* unit, const char* budget = "") {
    std::printf("%-52s %10.3f %-10s %s\n", what, value, unit, budget);
}

}  // namespace

int main() {
    cluster::Options empty;
    empty.scenario = "empty";
    row("start of the empty cluster", median_ms(9, [&] { cluster::Session session(empty); }), "ms");
    row("start of the sock-shop cluster", median_ms(9, [] { cluster::Session session(cluster::Options{}); }), "ms", "budget 50 ms");

    cluster::Session session{cluster::Options{}};
    constexpr int batch = 200;
    const double traced = median_ms(5, [&] {
        for (int i = 0; i < batch; ++i)
            (void)session.trace("laptop", "http://192.168.122.12:30001/");
    });
    row("traces with every hop recorded", batch / traced * 1000, "per s");
    row("Architecture snapshot", median_ms(21, [&] { (void)view::architecture(session); }), "ms");
    row("checkpoint", median_ms(21, [&] { (void)session.cluster().simulation().checkpoint(); }), "ms");

    const Time start = session.now();
    session.advance(minutes(60));
    row("entries in the log after one more hour", static_cast<double>(session.log().size()), "");
    row("one hour of the settled cluster", median_ms(1, [&] { session.advance(minutes(60)); }), "ms");
    row("going back half an hour", median_ms(5, [&] {
            session.seek(session.now() - minutes(30));
            session.seek(session.known_until());
        }), "ms", "there and back again");
    row("going back to the start", median_ms(1, [&] { session.seek(start); }), "ms");
    bench::dns();
    return 0;
}
