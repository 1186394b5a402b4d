#pragma once
// Which completion indexes of a Job succeeded or failed, as intervals: "1,3-5,7".
// Upstream: pkg/controller/job/indexed_job_utils.go.

#include <set>
#include <string>
#include <vector>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::job {

inline constexpr std::string_view index_annotation = "batch.kubernetes.io/job-completion-index";
inline constexpr std::string_view failure_count_annotation = "batch.kubernetes.io/job-index-failure-count";
inline constexpr std::string_view ignored_failure_count_annotation =
    "batch.kubernetes.io/job-index-ignored-failure-count";
inline constexpr std::string_view tracking_finalizer = "batch.kubernetes.io/job-tracking";

bool is_indexed(const Value& job);
bool has_limit_per_index(const Value& job);
// -1: the Pod says none.
std::int64_t completion_index(const Value& pod);
// Has an index of the Job's range.
bool has_valid_index(const Value& pod, const Value& job);
std::int64_t annotation_count(const Value& pod, std::string_view annotation);

class Indexes {
public:
    // Indexes at or beyond `completions` are left out; malformed text ends the reading.
    static Indexes parse(std::string_view text, std::int64_t completions);
    void add(std::int64_t index);
    bool has(std::int64_t index) const;
    std::int64_t total() const;
    std::string text() const;

private:
    struct Interval {
        std::int64_t first = 0, last = 0;
    };
    std::vector<Interval> intervals_;  // ascending, with gaps between them
};

// The lowest `count` indexes that nobody works on, that are neither done nor failed.
std::vector<std::int64_t> first_pending(const Objects& active, const Indexes& done, const Indexes& failed,
                                        std::int64_t count, std::int64_t completions);
// Active Pods that repeat an index, or have none of the Job's; the rest goes to `left`.
Objects repeated_indexes(const Objects& active, std::int64_t completions, Objects& left);

// The template of one index's Pod: annotation, label, host name, JOB_COMPLETION_INDEX.
void add_index_environment(Value& pod);
void set_index(Value& pod, const Value& job, std::int64_t index);

}  // namespace kubewalk::controllers::job
