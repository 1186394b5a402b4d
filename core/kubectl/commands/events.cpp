// Upstream: k8s.io/kubectl/pkg/cmd/events (events.go, event_printer.go).

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/describe/describe.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

std::string_view last_seen(const Value& event) {
    if (!event["series"].is_null())
        return event["series"]["lastObservedTime"].as_string();
    for (std::string_view key : {"lastTimestamp", "eventTime", "firstTimestamp"})
        if (!event[key].is_null())
            return event[key].as_string();
    return {};
}

std::string interval_of(const Value& event, Time now) {
    const auto& first = event["eventTime"].is_null() ? event["firstTimestamp"] : event["eventTime"];
    const auto since_first = describe::since(first, now);
    if (!event["series"].is_null())
        return cat(describe::since(event["series"]["lastObservedTime"], now), " (x", event["series"]["count"].as_int(), " over ", since_first, ")");
    if (event["count"].as_int() > 1)
        return cat(describe::since(event["lastTimestamp"], now), " (x", event["count"].as_int(), " over ", since_first, ")");
    return since_first;
}

Answer<std::vector<Value>> events_asked(Run& run) {
    std::string selector;
    if (run.flags.has("for")) {
        auto target = parse_target(run.flags.text("for"), "pods");
        if (!target.ok())
            return target.refusal();
        selector = cat("involvedObject.kind=", target.value().kind->kind, ",involvedObject.name=", target.value().name);
    }
    auto list = run.server.list(api::kind::events, run.namespace_or_all(), {}, selector);
    if (!list.ok())
        return list.refusal();
    std::vector<Value> events;
    const auto wanted = run.flags.list("types");
    for (const auto& event : list.value()["items"].items())
        if (wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& type) {
                return to_lower(type) == to_lower(event["type"].as_string());
            }))
            events.push_back(event);
    std::stable_sort(events.begin(), events.end(), [](const Value& a, const Value& b) { return last_seen(a) < last_seen(b); });
    return events;
}

}  // namespace

void events_flags(FlagSet& set) {
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .text("for", "Only events of TYPE/NAME")
        .list("types", "Only Normal or Warning")
        .boolean("no-headers", "No line of column names")
        .boolean("watch", "Not supported: use kubectl get events -w", 'w')
        .text("output", "json or yaml", 'o')
        .boolean("show-managed-fields", "Accepted")
        .integer("chunk-size", "Accepted", "500");
}

void events(Run& run) {
    if (run.flags.is("watch"))
        return run.fail("--watch is not part of this command here: use kubectl get events --watch");
    auto events = events_asked(run);
    if (!events.ok())
        return run.fail(events.refusal());
    const bool all = run.flags.is("all-namespaces");
    if (events.value().empty())
        return run.err(all ? "No events found.\n" : cat("No events found in ", run.namespace_name(), " namespace.\n"));
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    if (!printer.value().is_table()) {
        std::vector<Info> infos;
        for (const auto& event : events.value())
            infos.push_back({&api::kind::events, {}, {}, {}, 0, event});
        auto text = printer.value().print(nullptr, list_of(infos));
        return text.ok() ? run.out(text.value()) : run.fail(text.refusal());
    }
    TabWriter writer(table_stops);
    if (!run.flags.is("no-headers"))
        writer.write(cat(all ? "NAMESPACE\t" : "", "LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
    for (const auto& event : events.value()) {
        const auto& object = event["involvedObject"];
        writer.write(cat(all ? cat(api::namespace_of(event), "\t") : std::string(), interval_of(event, run.environment.now), "\t",
                         event["type"].as_string(), "\t", event["reason"].as_string(), "\t", object["kind"].as_string(), "/",
                         object["name"].as_string(), "\t", trim(event["message"].as_string()), "\n"));
    }
    run.out(writer.take());
}

}  // namespace kubewalk::kubectl::command
