// {"ran": "kubectl*get s*", "shows": "*NodePort*", "exit": 0, "after": {...}}: such a command has ended so, and printed that.

#include "core/base/text.h"
#include "core/lesson/check.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_ran(const Value& check) {
    if (!check["ran"].is_string())
        return malformed("ran: needs a pattern");
    if (check.contains("exit") && !check["exit"].is_int())
        return malformed("ran: exit is a number");
    if (auto after = validate_after(check); !after.ok())
        return after;
    return only_keys(check, {"ran", "shows", "exit", "after"}, "check");
}

bool ran_holds(const Value& check, const cluster::Session& session) {
    return any_typed(session, [&](const cluster::TranscriptEntry& entry) {
        return entry.finished && entry.result.exit == check["exit"].as_int() && fits(check, "ran", entry.command) &&
               (!check.contains("shows") || fits(check, "shows", cat(entry.result.out, entry.result.err))) &&
               is_after(check, session, entry.step);
    });
}

}  // namespace

const CheckKind ran_check{"ran", validate_ran, ran_holds};

}  // namespace kubewalk::lesson
