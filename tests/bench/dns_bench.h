#pragma once

namespace kubewalk::bench {
// Prints rows like those of core_bench.cpp.
void dns();
}  // namespace kubewalk::bench
