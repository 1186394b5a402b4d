#pragma once
// Frames of the interface without window and graphics card, on one core: what each costs in CPU time. Judges nothing.
// Natively and in WebAssembly under Node.js.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "tests/ui/harness.h"
#include "web/ui/imgui.h"

namespace kubewalk::views_bench {

struct Cost {
    double median = 0, p95 = 0, worst = 0;  // milliseconds
};

// `frames` frames, each after `change`.
template <typename Change>
Cost measure(ui_tests::Harness& harness, int frames, Change change) {
    std::vector<double> times;
    for (int i = 0; i < frames; ++i) {
        change(i);
        // The processor's time, not the wall's: others may be at work on the same machine.
        const std::clock_t begin = std::clock();
        harness.frames(1);
        times.push_back(1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], times[times.size() * 95 / 100], times.back()};
}

inline void print(const char* what, const Cost& cost) {
    std::printf("%-58s median %6.2f ms   95%% %6.2f ms   worst %6.2f ms   (%d vertices)\n", what, cost.median, cost.p95, cost.worst, ImGui::GetDrawData()->TotalVtxCount);
}

void cluster_view();  // 5,000 nodes, 150,000 Pods
void editor();        // a manifest of 2,000 lines
void terminal();      // 10,000 lines of output

}  // namespace kubewalk::views_bench
