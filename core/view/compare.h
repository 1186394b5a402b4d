#pragma once
// Two traces side by side: which hops are the same, which differ, which only one of them has.

#include <cstdint>
#include <string>
#include <vector>

#include "core/view/traffic.h"

namespace kubewalk::view {

enum class HopDifference : unsigned char { none, node, header, verdict, chains, only_left, only_right };

struct HopPair {
    int left = -1;   // index into the left scene's steps, -1: none
    int right = -1;
    HopDifference difference = HopDifference::none;
};

// Aligned by direction, place and what the place is called. Compared by the parts they play: the dialled address,
// the second machine on the way; ports that a client chose do not count as different.
std::vector<HopPair> compare_hops(const TrafficScene& left, const TrafficScene& right);

}  // namespace kubewalk::view
