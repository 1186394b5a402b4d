#pragma once
// What a learner can do to the wires between machines. Like tc-netem(8) on both ends of a cable: what is
// lost or late is so in both directions; only chance from the seed decides which packet is lost.

#include <cstdint>

#include "core/base/time.h"

namespace kubewalk::net {

struct LinkFault {
    bool cut = false;
    Duration delay{};                    // added each way
    std::uint32_t loss_per_million = 0;  // of the packets that pass, each way
    bool sound() const { return !cut && delay.ns == 0 && loss_per_million == 0; }
    friend bool operator==(const LinkFault&, const LinkFault&) = default;
};

}  // namespace kubewalk::net
