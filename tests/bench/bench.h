#pragma once
// What the benches share: processor time, memory in use, and how a figure is printed beside its budget.
// They measure and judge nothing; compare figures of one run with each other.

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::bench {

// Milliseconds: of this process natively, of the wall clock in WebAssembly, which has no other.
inline double cpu_ms() { return static_cast<double>(std::clock()) * 1000.0 / CLOCKS_PER_SEC; }

// Bytes that the allocator has handed out.
inline double heap_bytes() {
#ifdef __EMSCRIPTEN__
    return static_cast<double>(static_cast<unsigned>(mallinfo().uordblks));
#else
    const auto info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
#endif
}
inline double mebibytes(double bytes) { return bytes / 1024 / 1024; }

inline double median_ms(int runs, const std::function<void()>& work) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        const double start = cpu_ms();
        work();
        times.push_back(cpu_ms() - start);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

inline void row(std::string_view what, double value, std::string_view unit, std::string_view budget = {}) {
    std::printf("%-56s %11.3f %-8s %s\n", std::string(what).c_str(), value, std::string(unit).c_str(), std::string(budget).c_str());
    std::fflush(stdout);
}

// Each prints its rows. The network's are a program of their own: tests/bench/network.
void start();        // cluster_bench.cpp: start of a cluster, traces, snapshots
void deployment();   // scale_bench.cpp: a Deployment of 1,000 Pods on 10 nodes, and what a Pod costs as they grow
void history();      // cluster_bench.cpp: an hour of cluster life, going back
void large();        // scale_bench.cpp: 150,000 Pods on 5,000 nodes

}  // namespace kubewalk::bench
