// {"event": {"namespace", "kind", "name", "reason", "message", "from", "type"}}: such an Event stands in the
// cluster (Events last an hour, as upstream).

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_event(const Value& check) {
    if (auto keys = only_keys(check["event"], {"namespace", "kind", "name", "reason", "message", "from", "type"}, "event"); !keys.ok())
        return keys;
    if (check["event"].empty())
        return malformed("event: says nothing about the event");
    return only_keys(check, {"event"}, "check");
}

bool event_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["event"];
    const auto events = session.cluster().peek_list(api::kind::events, wanted["namespace"].as_string());
    return std::any_of(events.begin(), events.end(), [&](const Value& event) {
        const auto& about = event["involvedObject"];
        const auto from = event["reportingComponent"].as_string();
        return fits(wanted, "kind", about["kind"].as_string()) && fits(wanted, "name", about["name"].as_string()) &&
               fits(wanted, "reason", event["reason"].as_string()) && fits(wanted, "message", event["message"].as_string()) &&
               fits(wanted, "type", event["type"].as_string()) &&
               fits(wanted, "from", from.empty() ? event.path("source", "component").as_string() : from);
    });
}

}  // namespace

const CheckKind event_check{"event", validate_event, event_holds};

}  // namespace kubewalk::lesson
