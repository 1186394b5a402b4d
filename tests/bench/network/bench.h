#pragma once
// What the network costs at 5,000 Services with 10 endpoints each on 100 nodes. Every line is "name<TAB>value<TAB>unit";
// tests/bench/network.mjs prints them side by side, natively, in WebAssembly and for @ngrok/webernetes.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "core/api/value.h"
#include "core/net/address.h"

namespace kubewalk::bench {

constexpr int services = 5000, endpoints_each = 10, nodes = 100;

void kube_proxy();  // syncs and verdicts
void requests();    // packets from Pod to Pod through a ClusterIP, traces, lookups
void dns();         // the DNS server alone

// Of processor time natively, of the wall clock in WebAssembly, which has no other.
template <typename Work>
double seconds_of(Work work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

template <typename Work>
double median_ms(int runs, Work work) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i)
        times.push_back(seconds_of(work) * 1000);
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

// Best of five: what it can do, not what the machine was busy with.
template <typename Work>
double per_second(int count, Work work) {
    double best = 0;
    for (int run = 0; run < 5; ++run) {
        const double seconds = seconds_of([&] {
            for (int i = 0; i < count; ++i)
                work(i);
        });
        best = std::max(best, count / seconds);
    }
    return best;
}

void line(const std::string& name, double value, const char* unit);

// The objects, as the API server would hand them out. Service i is "s<i>" in "default"; its endpoints are on nodes
// 10 i, 10 i + 1, ... (of 100). `turn` moves one of them to another address.
net::Ip cluster_ip(int service);
net::Ip pod_ip(int node, int number);
net::Ip node_ip(int node);
std::string node_name(int node);
int endpoint_node(int service, int endpoint);
api::Value service_object(int service);
api::Value slice_object(int service, int turn = 0);

}  // namespace kubewalk::bench
