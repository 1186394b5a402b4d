// {"ran": "kubectl*get s*", "shows": "*NodePort*", "exit": 0, "after": {...}}: such a command has ended so, and printed that.
// A line typed to a command that reads on (`kubectl exec -it ... -- sh`) stands behind that command, as if both were one;
// as nobody sees how it ended, it counts by what it shows.

#include <algorithm>

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

bool typed_holds(const Value& check, const cluster::Session& session, const cluster::TranscriptEntry& entry) {
    const std::string_view out = entry.result.out;
    return check.contains("shows") && std::any_of(entry.typed.begin(), entry.typed.end(), [&](const auto& typed) {
        return fits(check, "ran", cat(entry.command, " ", typed.line)) && fits(check, "shows", out.substr(std::min(typed.printed, out.size()))) &&
               is_after(check, session, typed.step);
    });
}

bool ran_holds(const Value& check, const cluster::Session& session) {
    return any_typed(session, [&](const cluster::TranscriptEntry& entry) {
        if (typed_holds(check, session, entry))
            return true;
        return entry.finished && entry.result.exit == check["exit"].as_int() && fits(check, "ran", entry.command) &&
               (!check.contains("shows") || fits(check, "shows", cat(entry.result.out, entry.result.err))) &&
               is_after(check, session, entry.step);
    });
}

}  // namespace

const CheckKind ran_check{"ran", validate_ran, ran_holds};

}  // namespace kubewalk::lesson
