#pragma once
// ControllerRevisions: what a StatefulSet's or DaemonSet's Pod template was at each revision.
// Upstream: pkg/controller/history/controller_history.go.

#include <optional>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::history {

inline constexpr std::string_view hash_label = "controller-revision-hash";

// {"spec":{"template":{..., "$patch":"replace"}}}: what a revision keeps of its owner.
Value template_patch(const Value& owner);
// FNV-32 of the patch as Go marshals it, and of the collision count in decimal where there is one.
std::string hash_of(const Value& data, std::optional<std::int64_t> collisions);

// A ControllerRevision named OWNER-HASH with the template's labels and the owner's annotations.
Value new_revision(const Value& owner, const Value& data, std::int64_t number, std::string_view hash);

// By revision number, then age, then name.
void sort_revisions(Objects& revisions);
// Of sorted revisions: one more than the highest.
std::int64_t next_number(const Objects& sorted);
bool same_data(const Value& a, const Value& b);
// The owner with the template that the revision keeps.
Value apply_revision(const Value& owner, const Value& revision);

// Revisions that neither `live` names nor `limit` leaves room for, the oldest first.
Objects to_truncate(const Objects& sorted, const std::set<std::string, std::less<>>& live, std::int64_t limit);

}  // namespace kubewalk::controllers::history
