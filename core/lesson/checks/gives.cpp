// {"gives": {"line": "curl -s http://...", "exit": 0, "out": "*text*", "err"}}: what a command of the terminal would
// print now, tried on a copy. One that does not end at once (kubectl delete, a watch) gives nothing.

#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_gives(const Value& check) {
    if (auto keys = only_keys(check, {"gives"}, "check"); !keys.ok())
        return keys;
    if (check["gives"]["line"].as_string().empty())
        return malformed("gives: line is missing, a command as the terminal takes it", "gives");
    return only_keys(check["gives"], {"line", "exit", "out", "err"}, "gives");
}

bool gives_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["gives"];
    const auto result = session.attempt(wanted["line"].as_string());
    return result && result->exit == wanted["exit"].as_int(0) && fits(wanted, "out", result->out) && fits(wanted, "err", result->err);
}

}  // namespace

const CheckKind gives_check{"gives", validate_gives, gives_holds};

}  // namespace kubewalk::lesson
