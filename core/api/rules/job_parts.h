#pragma once
// The parts of a JobSpec's rules, for jobs.cpp and job_policies.cpp.

#include <cstdint>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// A condition that a rule of podFailurePolicy names without a status is one that is True; in a CronJob's template too.
void default_job_policies(Value& spec);
// podFailurePolicy, podReplacementPolicy and successPolicy; `path` is the JobSpec's.
void validate_job_policies(const Value& spec, const Path& path, FieldErrors& errors);
// "1,3-5": how many indexes, or the error that parsing gives (validateIndexesFormat). Indexes are below
// `completions`.
struct IndexCount {
    std::int64_t count = 0;
    std::string error;
};
IndexCount count_indexes(std::string_view text, std::int64_t completions);

}  // namespace kubewalk::api
