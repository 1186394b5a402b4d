// {"in_past": true}: the learner went back in time and has not returned: more is known than has happened.

#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_in_past(const Value& check) {
    if (!check["in_past"].is_bool())
        return malformed("in_past: true or false");
    return only_keys(check, {"in_past"}, "check");
}

bool in_past_holds(const Value& check, const cluster::Session& session) {
    return (session.now() < session.known_until()) == check["in_past"].as_bool();
}

}  // namespace

const CheckKind in_past_check{"in_past", validate_in_past, in_past_holds};

}  // namespace kubewalk::lesson
