#pragma once
// How many replicas a metric asks for; without side effects.
// Upstream: pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go.

#include <map>
#include <set>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::podautoscaler {

// One Pod's use of a resource, in thousandths of its unit.
struct PodMetric {
    std::int64_t milli = 0;
    Time timestamp;
    Duration window;
};
using PodMetrics = std::map<std::string, PodMetric>;  // by Pod name

struct Question {
    std::int64_t current = 0;      // replicas now
    std::string resource;          // "cpu", "memory"
    std::string container;         // "": the whole Pod
    std::int64_t target = 0;       // per cent of the request, or thousandths a Pod
    double tolerance_up = 0.1;     // how far from the target nothing is done
    double tolerance_down = 0.1;
    Time now;
};

struct Answer {
    std::int64_t replicas = 0;
    std::int64_t utilization = 0;  // per cent; only where the target is one
    std::int64_t average = 0;      // thousandths a Pod
};

// averageUtilization. Errors have upstream's words: "missing request for cpu in container c of Pod p", ...
Result<Answer> replicas_for_utilization(const Question& question, PodMetrics metrics, const Objects& pods);
// averageValue.
Result<Answer> replicas_for_value(const Question& question, PodMetrics metrics, const Objects& pods);

}  // namespace kubewalk::controllers::podautoscaler
