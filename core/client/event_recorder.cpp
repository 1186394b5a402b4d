#include "core/client/event_recorder.h"

#include <algorithm>
#include <cstdio>

#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::client {

using api::Value;

namespace {

constexpr double spam_burst = 25;
constexpr double spam_per_second = 1.0 / 300.0;
// maxLruCacheEntries; here the memory starts anew instead of forgetting the oldest.
constexpr std::size_t remembered_limit = 4096;

// k8s.io/client-go/tools/reference.GetReference.
Value reference_to(const Value& object, std::string_view field_path) {
    Value reference = Value::object();
    // Of a reference, as components keep one of their node, not all is known.
    for (const auto key : {"apiVersion", "kind"})
        if (!object[key].as_string().empty())
            reference.set(key, object[key]);
    for (const auto key : {"name", "uid"})
        if (!object["metadata"][key].as_string().empty())
            reference.set(key, object["metadata"][key]);
    if (!api::namespace_of(object).empty())
        reference.set("namespace", api::namespace_of(object));
    if (!api::resource_version_of(object).empty())
        reference.set("resourceVersion", api::resource_version_of(object));
    if (!field_path.empty())
        reference.set("fieldPath", field_path);
    return reference;
}

// "carts-5f8b.18640b9f1c2d3e4f": the hexadecimal part is the time in Unix nanoseconds.
std::string event_name(std::string_view object, std::int64_t stamp) {
    char hex[20];
    std::snprintf(hex, sizeof hex, ".%llx", static_cast<unsigned long long>(stamp));
    return cat(object, hex);
}

std::string_view event_namespace(const Value& object) {
    const auto namespace_name = api::namespace_of(object);
    return namespace_name.empty() ? std::string_view("default") : namespace_name;
}

// One hash over several texts; a zero byte ends each of them.
std::uint64_t hash_of(std::uint64_t hash, std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
        hash = fnv1a(std::string_view("", 1), fnv1a(text, hash));
    return hash;
}

}  // namespace

EventRecorder::EventRecorder(Client client, std::string component, std::string host)
    : client_(client.typed()), component_(std::move(component)), host_(std::move(host)) {
    const Value name = component_, place = host_;
    Value source = Value::object({{"component", name}});
    if (!host_.empty())
        source.set("host", place);
    blank_ = Value::object({{"apiVersion", "v1"},
                            {"kind", "Event"},
                            {"source", std::move(source)},
                            {"count", 1},
                            {"reportingComponent", name},
                            {"reportingInstance", place},
                            {"eventTime", nullptr},  // a zero MicroTime is written as null
                            // What each event fills in has its place already.
                            {"metadata", nullptr},
                            {"involvedObject", nullptr},
                            {"reason", nullptr},
                            {"message", nullptr},
                            {"firstTimestamp", nullptr},
                            {"lastTimestamp", nullptr},
                            {"type", nullptr}});
}

void EventRecorder::record(sim::Simulation& simulation, const Value& object, EventType type, std::string_view reason,
                           std::string_view message, std::string_view field_path) {
    const Time now = simulation.now();
    const auto namespace_name = api::namespace_of(object), name = api::name_of(object);
    const Hash object_hash = hash_of(fnv1a(object["kind"].as_string()), {namespace_name, name, api::uid_of(object)});
    const std::string_view type_name = type == EventType::normal ? "Normal" : "Warning";
    if (!allowed(now, object_hash))
        return;

    const auto stamp = to_rfc3339(now);
    if (seen_.size() >= remembered_limit)
        seen_.clear();
    if (buckets_.size() >= remembered_limit)
        buckets_.clear();
    Seen& seen = seen_[hash_of(object_hash, {field_path, type_name, reason, message})];
    // An event is written as a consequence: whatever the caller does next keeps the caller's cause.
    sim::Simulation::CauseScope scope(simulation, simulation.current_cause());
    if (seen.count > 0) {
        ++seen.count;
        const auto patched = client_.patch(api::kind::events, event_namespace(object), event_name(name, seen.stamp), PatchType::strategic,
                                           Value::object({{"count", seen.count}, {"lastTimestamp", stamp}}));
        if (patched.ok() || patched.error().reason != "NotFound")
            return;
        seen.count = 0;  // it expired meanwhile
    }

    const Value at = stamp;
    Value event = blank_;
    event.set("metadata", Value::object({{"namespace", event_namespace(object)}}));
    event.set("involvedObject", reference_to(object, field_path));
    event.set("reason", reason);
    event.set("message", message);
    event.set("firstTimestamp", at);
    event.set("lastTimestamp", at);
    event.set("type", type_name);
    constexpr int attempts = 8;  // two components may record about one object in the same instant
    for (int i = 0; i < attempts; ++i) {
        seen.stamp = unique_stamp(now);
        event.edit("metadata").set("name", event_name(name, seen.stamp));
        const auto created = client_.create(api::kind::events, event);
        if (created.ok())
            seen.count = 1;
        if (created.ok() || created.error().reason != "AlreadyExists")
            return;
    }
}

// A token bucket per object: 25 at once, then one in five minutes.
bool EventRecorder::allowed(Time now, Hash object) {
    const bool known = buckets_.contains(object);
    Bucket& bucket = buckets_[object];
    if (!known)
        bucket.tokens = spam_burst;
    bucket.tokens = std::min(spam_burst, bucket.tokens + (now - bucket.refilled).seconds() * spam_per_second);
    bucket.refilled = now;
    if (bucket.tokens < 1)
        return false;
    bucket.tokens -= 1;
    return true;
}

std::int64_t EventRecorder::unique_stamp(Time now) {
    last_stamp_ = std::max(last_stamp_ + 1, epoch_unix_seconds * 1'000'000'000 + now.ns);
    return last_stamp_;
}

}  // namespace kubewalk::client
