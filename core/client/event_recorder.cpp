#include "core/client/event_recorder.h"

#include <algorithm>
#include <cstdio>

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
    Value reference = Value::object({{"apiVersion", object["apiVersion"]},
                                     {"kind", object["kind"]},
                                     {"name", object["metadata"]["name"]},
                                     {"uid", object["metadata"]["uid"]}});
    if (!api::namespace_of(object).empty())
        reference.set("namespace", api::namespace_of(object));
    if (!api::resource_version_of(object).empty())
        reference.set("resourceVersion", api::resource_version_of(object));
    if (!field_path.empty())
        reference.set("fieldPath", field_path);
    return reference;
}

}  // namespace

EventRecorder::EventRecorder(Client client, std::string component, std::string host)
    : client_(std::move(client)), component_(std::move(component)), host_(std::move(host)) {}

void EventRecorder::record(sim::Simulation& simulation, const Value& object, EventType type, std::string_view reason,
                           std::string_view message, std::string_view field_path) {
    const Time now = simulation.now();
    const auto object_id = cat(object["kind"].as_string(), "/", api::key_of(object), "/", api::uid_of(object));
    const std::string_view type_name = type == EventType::normal ? "Normal" : "Warning";
    if (!allowed(now, object_id))
        return;

    const auto stamp = to_rfc3339(now);
    if (seen_.size() >= remembered_limit)
        seen_.clear();
    if (buckets_.size() >= remembered_limit)
        buckets_.clear();
    Seen& seen = seen_[cat(object_id, "\n", field_path, "\n", type_name, "\n", reason, "\n", message)];
    // An event is written as a consequence: whatever the caller does next keeps the caller's cause.
    sim::Simulation::CauseScope scope(simulation, simulation.current_cause());
    if (seen.count > 0) {
        ++seen.count;
        const auto patched =
            client_.patch(api::kind::events, seen.namespace_name, seen.name, PatchType::strategic,
                          Value::object({{"count", seen.count}, {"lastTimestamp", stamp}}));
        if (patched.ok() || patched.error().reason != "NotFound")
            return;
        seen.count = 0;  // it expired meanwhile
    }

    const auto object_namespace = api::namespace_of(object);
    seen.namespace_name = object_namespace.empty() ? "default" : std::string(object_namespace);
    seen.first = stamp;
    Value source = Value::object({{"component", component_}});
    if (!host_.empty())
        source.set("host", host_);
    Value event = Value::object({{"apiVersion", "v1"},
                                 {"kind", "Event"},
                                 {"metadata", Value::object({{"namespace", seen.namespace_name}})},
                                 {"involvedObject", reference_to(object, field_path)},
                                 {"reason", reason},
                                 {"message", message},
                                 {"source", std::move(source)},
                                 {"firstTimestamp", stamp},
                                 {"lastTimestamp", stamp},
                                 {"count", 1},
                                 {"type", type_name},
                                 {"reportingComponent", component_},
                                 {"reportingInstance", host_}});
    constexpr int attempts = 8;  // two components may record about one object in the same instant
    for (int i = 0; i < attempts; ++i) {
        seen.name = unique_name(now, api::name_of(object));
        event.edit("metadata").set("name", seen.name);
        const auto created = client_.create(api::kind::events, event);
        if (created.ok())
            seen.count = 1;
        if (created.ok() || created.error().reason != "AlreadyExists")
            return;
    }
}

// A token bucket per object: 25 at once, then one in five minutes.
bool EventRecorder::allowed(Time now, const std::string& object) {
    auto [found, inserted] = buckets_.try_emplace(object);
    Bucket& bucket = found->second;
    if (inserted)
        bucket.tokens = spam_burst;
    bucket.tokens = std::min(spam_burst, bucket.tokens + (now - bucket.refilled).seconds() * spam_per_second);
    bucket.refilled = now;
    if (bucket.tokens < 1)
        return false;
    bucket.tokens -= 1;
    return true;
}

// "carts-5f8b.18640b9f1c2d3e4f": the hexadecimal part is the time in Unix nanoseconds.
std::string EventRecorder::unique_name(Time now, std::string_view object) {
    last_stamp_ = std::max(last_stamp_ + 1, epoch_unix_seconds * 1'000'000'000 + now.ns);
    char hex[20];
    std::snprintf(hex, sizeof hex, ".%llx", static_cast<unsigned long long>(last_stamp_));
    return cat(object, hex);
}

}  // namespace kubewalk::client
