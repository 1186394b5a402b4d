
#include "core/api/labels.h"
#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

constexpr std::size_t max_annotation_length = 140;

// Go's time.RFC1123Z of days since 1970.
struct Date {
    std::int64_t year;
    int month;  // 1..12
    int day;
    int weekday;  // 0: Sunday
};

// Howard Hinnant's civil_from_days.
Date date_of(std::int64_t days) {
    const auto z = days + 719468;
    const auto era = (z >= 0 ? z : z - 146096) / 146097;
    const auto doe = z - era * 146097;
    const auto yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const auto doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const auto mp = (5 * doy + 2) / 153;
    const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, day, static_cast<int>(((days % 7) + 11) % 7)};
}

std::string two(std::int64_t number) { return cat(number < 10 ? "0" : "", number); }

void map_lines(Writer& w, std::string_view title, const Value& map) {
    w.write(0, title, ":\t");
    if (map.empty())
        return w.line(0, "<none>");
    bool first = true;
    for (const auto& [key, value] : map.members()) {
        w.line(0, first ? "" : "\t", key, "=", value.as_string());
        first = false;
    }
}

}  // namespace

std::string rfc1123(const Value& timestamp) {
    const auto time = parse_rfc3339(timestamp.as_string());
    if (!time)
        return "Mon, 01 Jan 0001 00:00:00 +0000";  // Go's zero time
    static constexpr std::string_view weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::int64_t whole = time->ns / 1'000'000'000;
    if (time->ns % 1'000'000'000 < 0)
        --whole;
    const auto seconds = epoch_unix_seconds + whole;
    const auto days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400;
    const auto rest = seconds - days * 86400;
    const auto date = date_of(days);
    return cat(weekdays[date.weekday], ", ", two(date.day), " ", months[date.month - 1], " ", date.year, " ",
               two(rest / 3600), ":", two(rest / 60 % 60), ":", two(rest % 60), " +0000");
}

std::string since(const Value& timestamp, Time now) {
    const auto time = parse_rfc3339(timestamp.as_string());
    return time ? human_duration(now - *time) : "<unknown>";
}

std::string or_none(std::string_view text) { return std::string(text.empty() ? "<none>" : text); }

std::string bool_or_unset(const Value& value) { return value.is_null() ? "<unset>" : value.as_bool() ? "True" : "False"; }

std::string controller(const Value& object) {
    const auto& owner = api::controller_of(object);
    return owner.is_null() ? std::string() : cat(owner["kind"].as_string(), "/", owner["name"].as_string());
}

std::string format_labels(const Value& labels) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : labels.members())
        pairs.push_back(cat(key, "=", value.as_string()));
    return or_none(join(pairs, ","));
}

std::string joined(const Value& texts, std::string_view separator) {
    std::vector<std::string> pieces;
    for (const auto& text : texts.items())
        pieces.push_back(text.str());
    return join(pieces, separator);
}

void labels(Writer& w, std::string_view title, const Value& labels) { map_lines(w, title, labels); }

void annotations(Writer& w, std::string_view title, const Value& annotations) {
    w.write(0, title, ":\t");
    bool first = true;
    for (const auto& [key, raw] : annotations.members()) {
        if (key == "kubectl.kubernetes.io/last-applied-configuration")
            continue;
        std::string_view value = raw.as_string();
        if (value.ends_with('\n'))
            value.remove_suffix(1);
        w.write(0, first ? "" : "\t");
        first = false;
        if (value.size() + key.size() + 2 <= max_annotation_length && value.find('\n') == std::string_view::npos) {
            w.line(0, key, ": ", value);
            continue;
        }
        w.line(0, key, ":");
        for (const auto line : split(value, '\n')) {
            const bool cut = line.size() > max_annotation_length - 2;
            w.line(0, "\t  ", line.substr(0, max_annotation_length - 2), cut ? "..." : "");
        }
    }
    if (first)
        w.line(0, "<none>");
}

void metadata(Writer& w, const Value& object) {
    w.line(0, "Name:\t", api::name_of(object));
    if (const auto namespace_name = api::namespace_of(object); !namespace_name.empty())
        w.line(0, "Namespace:\t", namespace_name);
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
}

namespace {

std::string_view last_seen(const Value& event) {
    for (std::string_view key : {"lastTimestamp", "eventTime", "firstTimestamp"})
        if (!event[key].is_null())
            return event[key].as_string();
    return {};
}

std::string interval_of(const Value& event, Time now) {
    const auto first = event["eventTime"].is_null() ? since(event["firstTimestamp"], now) : since(event["eventTime"], now);
    if (!event["series"].is_null())
        return cat(since(event["series"]["lastObservedTime"], now), " (x", event["series"]["count"].as_int(), " over ", first, ")");
    if (event["count"].as_int() > 1)
        return cat(since(event["lastTimestamp"], now), " (x", event["count"].as_int(), " over ", first, ")");
    return first;
}

}  // namespace

void events(Writer& w, const Subject& subject) {
    if (subject.events.is_null())
        return;
    if (subject.events.empty())
        return w.line(0, "Events:\t<none>");
    w.flush();
    const auto items = subject.events.items();
    std::vector<Value> sorted(items.begin(), items.end());
    sort_stably(sorted, [](const Value& a, const Value& b) { return last_seen(a) < last_seen(b); });
    w.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
    w.line(1, "----\t------\t----\t----\t-------");
    for (const auto& event : sorted) {
        std::string_view source = event["source"]["component"].as_string();
        if (source.empty())
            source = event["reportingComponent"].as_string();
        const auto field = event["involvedObject"]["fieldPath"].as_string();
        w.line(1, event["type"].as_string(), "\t", event["reason"].as_string(), "\t", interval_of(event, subject.now), "\t",
               source, "\t", field.empty() ? std::string() : cat(field, ": "), trim(event["message"].as_string()));
    }
}

void tolerations(Writer& w, std::string_view title, const Value& list) {
    w.write(0, title, ":\t");
    if (list.empty())
        return w.line(0, "<none>");
    const auto items = list.items();
    std::vector<Value> sorted(items.begin(), items.end());
    sort_stably(sorted,
                     [](const Value& a, const Value& b) { return a["key"].as_string() < b["key"].as_string(); });
    bool first = true;
    for (const auto& toleration : sorted) {
        const auto value = toleration["value"].as_string();
        const auto effect = toleration["effect"].as_string();
        std::string line = toleration["key"].str();
        if (!value.empty())
            append(line, "=", value);
        if (!effect.empty())
            append(line, ":", effect);
        if (toleration["operator"].as_string() == "Exists" && value.empty())
            append(line, line.empty() ? "op=Exists" : " op=Exists");
        if (!toleration["tolerationSeconds"].is_null())
            append(line, " for ", toleration["tolerationSeconds"].as_int(), "s");
        w.line(0, first ? "" : "\t", line);
        first = false;
    }
}

void topology_spread(Writer& w, const Value& constraints, Inside inside) {
    if (constraints.empty())
        return;
    const std::string_view space = inside == Inside::pod ? "" : "  ";
    w.write(0, space, "Topology Spread Constraints:\t");
    bool first = true;
    for (const auto& constraint : constraints.items()) {
        w.write(0, first ? std::string() : cat(space, "\t"));
        first = false;
        w.write(0, constraint["topologyKey"].as_string(), ":", constraint["whenUnsatisfiable"].as_string(),
                " when max skew ", constraint["maxSkew"].as_int(), " is exceeded");
        if (!constraint["labelSelector"].is_null())
            w.write(0, " for selector ", api::format_label_selector(constraint["labelSelector"]));
        w.line(0);
    }
}

void conditions_with_reason(Writer& w, const Value& conditions) {
    if (conditions.empty())
        return;
    w.line(0, "Conditions:\n  Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for (const auto& condition : conditions.items())
        w.line(1, condition["type"].as_string(), " \t", condition["status"].as_string(), "\t", condition["reason"].as_string());
}

std::string pods_status(const Subject& subject) {
    const auto selector = api::LabelSelector::from_object(subject.object["spec"]["selector"]);
    int running = 0, waiting = 0, succeeded = 0, failed = 0;
    auto list = subject.server.list(api::kind::pods, api::namespace_of(subject.object),
                                    selector.ok() ? selector.value().str() : std::string());
    if (list.ok())
        for (const auto& pod : list.value()["items"].items()) {
            if (api::controller_of(pod)["uid"].as_string() != api::uid_of(subject.object))
                continue;
            const auto phase = pod["status"]["phase"].as_string();
            running += phase == "Running";
            waiting += phase == "Pending";
            succeeded += phase == "Succeeded";
            failed += phase == "Failed";
        }
    return cat(running, " Running / ", waiting, " Waiting / ", succeeded, " Succeeded / ", failed, " Failed");
}

}  // namespace kubewalk::kubectl::describe
