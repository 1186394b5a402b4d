// Upstream: k8s.io/kubectl/pkg/cmd/events (events.go, event_printer.go).

#include <algorithm>
#include <map>

#include "core/base/sort.h"
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

// Which events were asked for, and how they are shown.
struct Query {
    std::string namespace_name;  // "": all
    std::string field_selector;
    std::vector<std::string> types;
    Printer printer;

    Answer<std::vector<Value>> look(Server& server) const {
        auto list = server.list(api::kind::events, namespace_name, {}, field_selector);
        if (!list.ok())
            return list.refusal();
        std::vector<Value> events;
        for (const auto& event : list.value()["items"].items())
            if (types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& type) {
                    return to_lower(type) == to_lower(event["type"].as_string());
                }))
                events.push_back(event);
        sort_stably(events, [](const Value& a, const Value& b) { return last_seen(a) < last_seen(b); });
        return events;
    }

    std::string line(const Value& event, Time now) const {
        const auto& object = event["involvedObject"];
        return cat(namespace_name.empty() ? cat(api::namespace_of(event), "\t") : std::string(), interval_of(event, now), "\t",
                   event["type"].as_string(), "\t", event["reason"].as_string(), "\t", object["kind"].as_string(), "/",
                   object["name"].as_string(), "\t", trim(event["message"].as_string()), "\n");
    }
};

Answer<Query> query_of(const Run& run) {
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return printer.refusal();
    Query query{std::string(run.namespace_or_all()), {}, run.flags.list("types"), printer.take()};
    if (run.flags.has("for")) {
        auto target = parse_target(run.flags.text("for"), "pods");
        if (!target.ok())
            return target.refusal();
        query.field_selector = cat("involvedObject.kind=", target.value().kind->kind, ",involvedObject.name=", target.value().name);
    }
    return query;
}

// --watch: what there is, then each event that is new or counted once more.
class WatchingEvents final : public Waiting<WatchingEvents> {
public:
    WatchingEvents(const Server& server, Query query, bool headers) : server_(server.quiet()), query_(std::move(query)), headers_(headers) {}

    bool poll(Time now, Output& more) override {
        auto events = query_.look(server_);
        if (!events.ok()) {
            more.err += events.refusal().alone() + "\n";
            more.exit = 1;
            return true;
        }
        std::map<std::string, std::string> versions;
        for (const auto& event : events.value()) {
            const auto& version = versions[cat(api::namespace_of(event), "/", api::name_of(event))] = api::resource_version_of(event);
            const auto seen = seen_.find(cat(api::namespace_of(event), "/", api::name_of(event)));
            if (seen != seen_.end() && seen->second == version)
                continue;
            if (!query_.printer.is_table()) {
                if (auto text = query_.printer.print(&api::kind::events, event); text.ok())
                    more.out += text.value();
                continue;
            }
            if (headers_)
                writer_.write(cat(query_.namespace_name.empty() ? "NAMESPACE\t" : "", header));
            headers_ = false;
            writer_.write(query_.line(event, now));
        }
        more.out += writer_.take();
        seen_ = std::move(versions);
        return false;
    }

    static constexpr std::string_view header = "LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n";

private:
    Server server_;
    Query query_;
    bool headers_;
    TabWriter writer_{table_stops};
    std::map<std::string, std::string> seen_;
};

}  // namespace

void events_flags(FlagSet& set) {
    add_output_flags(set);
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .text("for", "Only events of TYPE/NAME")
        .list("types", "Only Normal or Warning")
        .boolean("no-headers", "No line of column names")
        .boolean("watch", "Then go on with those that come", 'w')
        .integer("chunk-size", "Lists come in pieces of this many; 0: whole", "500");
}

void events(Run& run) {
    auto asked = query_of(run);
    if (!asked.ok())
        return run.fail(asked.refusal());
    const Query query = asked.take();
    const bool headers = !run.flags.is("no-headers");
    if (run.flags.is("watch")) {
        auto watching = std::make_unique<WatchingEvents>(run.server, query, headers);
        if (!watching->poll(run.environment.now, run.started.output))
            run.go_on(std::move(watching));
        return;
    }
    auto events = query.look(run.server);
    if (!events.ok())
        return run.fail(events.refusal());
    const bool all = query.namespace_name.empty();
    if (events.value().empty())
        return run.err(all ? "No events found.\n" : cat("No events found in ", run.namespace_name(), " namespace.\n"));
    if (!query.printer.is_table()) {
        std::vector<Info> infos;
        for (const auto& event : events.value())
            infos.push_back({&api::kind::events, {}, {}, {}, 0, event});
        auto text = query.printer.print(nullptr, list_of(infos));
        return text.ok() ? run.out(text.value()) : run.fail(text.refusal());
    }
    TabWriter writer(table_stops);
    if (headers)
        writer.write(cat(all ? "NAMESPACE\t" : "", WatchingEvents::header));
    for (const auto& event : events.value())
        writer.write(query.line(event, run.environment.now));
    run.out(writer.take());
}

}  // namespace kubewalk::kubectl::command
