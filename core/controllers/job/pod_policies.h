#pragma once
// What a Job's podFailurePolicy and successPolicy say, how long it waits after failures.
// Upstream: pkg/controller/job/{pod_failure_policy.go,success_policy.go,backoff_utils.go}.

#include <optional>
#include <string>

#include "core/controllers/job/indexed_job_utils.h"

namespace kubewalk::controllers::job {

struct FailureVerdict {
    bool counts = true;
    std::string action;                       // "" when no rule matches
    std::optional<std::string> fail_message;  // for FailJob
};
FailureVerdict match_failure_policy(const Value& policy, const Value& pod);

// The message when the Job is done early.
std::optional<std::string> match_success_policy(const Value& policy, std::int64_t completions, const Indexes& done);

// When the Pod ended: its last container, or as near as its conditions tell.
Time finished_at(const Value& pod);

// Failures since the last success; a Pod is created again 10 s after the last of them, then 20 s, ... 10 min.
struct BackOff {
    std::int64_t failures = 0;
    Time last_failure;

    BackOff with(Objects succeeded, Objects failed) const;
    Duration remaining(Time now) const;
};

}  // namespace kubewalk::controllers::job
