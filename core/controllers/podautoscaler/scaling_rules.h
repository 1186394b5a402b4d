#pragma once
// How fast an autoscaler may follow: the window in which recommendations are remembered, the policies of
// spec.behavior, the bounds. Upstream: pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas*).

#include <deque>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::podautoscaler {

// What happened to one autoscaler.
struct History {
    struct Recommendation {
        std::int64_t replicas = 0;
        Time at;
    };
    struct ScaleEvent {
        std::int64_t change = 0;
        Time at;
    };
    std::deque<Recommendation> recommendations;
    std::deque<ScaleEvent> ups, downs;
};

struct Normalized {
    std::int64_t replicas = 0;
    // Conditions AbleToScale (reason, message; always true here) and ScalingLimited.
    std::string able_reason, able_message;
    bool limited = false;
    std::string limited_reason, limited_message;
};

// Remembers `desired` in the history and says what of it may be done now.
Normalized normalize(const Value& autoscaler, History& history, std::int64_t current, std::int64_t desired,
                     std::int64_t least, Time now);

}  // namespace kubewalk::controllers::podautoscaler
