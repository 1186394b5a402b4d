#pragma once
// What the kinds that hold a Pod template share (workloads.cpp, stateful_set.cpp, jobs.cpp, ...).
// Upstream: pkg/apis/apps/validation/validation.go, pkg/registry/apps/*/strategy.go.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// No status, generation 1; the old status, and a generation more when the spec changed.
void prepare_workload(Value& object);
void prepare_workload_update(Value& object, const Value& old);

// There, but selecting everything.
bool is_empty_selector(const Value& selector);
// Whether LabelSelectorAsSelector accepts it.
bool makes_a_selector(const Value& selector);
// "`selector` does not match template `labels`"; `path` is the template's.
void validate_template_labels(const Value& spec, const Path& path, FieldErrors& errors);
// The template, restartPolicy Always, no deadline.
void validate_template_spec(const Value& spec, const Path& path, std::string_view deadline_message, FieldErrors& errors);
void validate_workload_meta(const Value& object, FieldErrors& errors);
void validate_workload_update_meta(const Value& object, const Value& old, FieldErrors& errors);
// ValidatePositiveIntOrPercent, with `at_most_all` IsNotMoreThan100Percent.
void validate_share(const Value& share, const Path& path, bool at_most_all, FieldErrors& errors);
bool is_zero_share(const Value& share);
// These fields of status are not negative.
void validate_status_counts(const Value& object, std::initializer_list<std::string_view> fields, FieldErrors& errors);
// `fields` of status are no more than status.replicas, and what is available is ready.
void validate_status_order(const Value& object, std::initializer_list<std::string_view> fields, std::string_view available_message,
                           FieldErrors& errors);
// status.collisionCount only counts up.
void validate_collision_count(const Value& object, const Value& old, FieldErrors& errors);
// A name that is no DNS label makes poor hostnames.
void name_warnings(const Value& object, std::vector<std::string>& out);
// What the template warns of; of most workloads also of the name.
void template_warnings(const Value& object, std::vector<std::string>& out);
void workload_template_warnings(const Value& object, std::vector<std::string>& out);

}  // namespace kubewalk::api
