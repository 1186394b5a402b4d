#pragma once
// The kinds of check, one file each. `validate` sees the whole check; its own part is check[key].

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/cluster/session.h"

namespace kubewalk::lesson {

struct CheckKind {
    std::string_view key;
    Result<void> (*validate)(const api::Value& check);
    bool (*holds)(const api::Value& check, const cluster::Session& session);
    // What is there instead, in words for whoever wrote the check.
    std::string (*found)(const api::Value& check, const cluster::Session& session) = nullptr;
};

extern const CheckKind object_check;     // a field of a live object
extern const CheckKind count_check;      // how many objects there are
extern const CheckKind endpoints_check;  // how many endpoints of a Service are ready
extern const CheckKind event_check;      // an Event stands in the cluster
extern const CheckKind component_check;  // a component runs or stands still
extern const CheckKind happened_check;   // the cause log holds such an entry
extern const CheckKind requested_check;  // the learner sent such a request
extern const CheckKind behaves_check;    // such a request would go so now
extern const CheckKind looked_up_check;  // the learner looked up such a name
extern const CheckKind resolves_check;   // such a lookup would go so now
extern const CheckKind ran_check;        // such a command was typed
extern const CheckKind gives_check;      // such a command would print so now
extern const CheckKind in_past_check;    // the learner has gone back in time

// -- what several kinds use ------------------------------------------------------------------------

// `field`: the path inside the check that leads to the mistake, so that its line can be found; "" for the whole.
Error malformed(std::string message, std::string field = {});
// The message lists what is known. `where` is "check" or the path inside it.
Result<void> only_keys(const api::Value& object, std::initializer_list<std::string_view> allowed, std::string_view where);
// `wanted` names no `key`, or its pattern matches `text`.
bool fits(const api::Value& wanted, std::string_view key, std::string_view text);

// "after": {"fact", ...} beside a deed (ran, requested, looked_up): what was done before the first such entry of the
// cause log does not count. Its members are those of "happened".
Result<void> validate_after(const api::Value& check);
// Whether what was done as that step counts.
bool is_after(const api::Value& check, const cluster::Session& session, std::uint64_t step);

// Whether something typed in any of the terminals fits.
template <typename Predicate>
bool any_typed(const cluster::Session& session, Predicate fits_entry) {
    for (std::size_t terminal = 0; terminal < session.terminals(); ++terminal)
        for (const cluster::TranscriptEntry& entry : session.transcript(terminal))
            if (fits_entry(entry))
                return true;
    return false;
}

// "spec.ports[0].nodePort", "metadata.annotations['deployment.kubernetes.io/revision']"; a list's item by a member
// of it: "spec.template.spec.containers[name=carts].image".
const api::Value& value_at(const api::Value& object, std::string_view path);

// {"path", "equals", "not_equals", "exists", "at_least", "at_most", "contains", "matches"}: what is wanted of
// the value at `path`, or of the value itself. All that are given must hold. A text that is a number counts
// as one for at_least and at_most.
Result<void> validate_comparison(const api::Value& wanted, std::string_view where);
bool comparison_holds(const api::Value& wanted, const api::Value& value);

// {"equals", "at_least", "at_most"} of a number; at least one of them.
Result<void> validate_amount(const api::Value& wanted, std::string_view where);
bool amount_holds(const api::Value& wanted, std::int64_t amount);

}  // namespace kubewalk::lesson
