#include "core/controllers/controller_utils.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

namespace {
constexpr Duration expectations_timeout = minutes(5);
}

const Value& condition_of(const Value& object, std::string_view type) {
    for (const auto& condition : object["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition;
    return api::null_value();
}

bool is_pod_ready(const Value& pod) { return condition_of(pod, "Ready")["status"].as_string() == "True"; }

std::optional<Duration> pod_available_in(const Value& pod, std::int64_t min_ready_seconds, Time now) {
    if (!is_pod_ready(pod) || min_ready_seconds <= 0)
        return std::nullopt;
    const auto& since = condition_of(pod, "Ready")["lastTransitionTime"];
    if (since.is_null())
        return std::nullopt;
    const Duration left = time_of(since) + seconds(min_ready_seconds) - now;
    return left > Duration{} ? std::optional(left) : std::nullopt;
}

bool is_pod_available(const Value& pod, std::int64_t min_ready_seconds, Time now) {
    if (!is_pod_ready(pod))
        return false;
    if (min_ready_seconds == 0)
        return true;
    const auto& since = condition_of(pod, "Ready")["lastTransitionTime"];
    return !since.is_null() && time_of(since) + seconds(min_ready_seconds) <= now;
}

bool is_pod_terminal(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase == "Succeeded" || phase == "Failed";
}

bool is_pod_active(const Value& pod) { return !is_pod_terminal(pod) && !api::is_deleting(pod); }
bool is_pod_terminating(const Value& pod) { return !is_pod_terminal(pod) && api::is_deleting(pod); }

bool created_before(const Value& a, const Value& b) {
    const auto at = a["metadata"]["creationTimestamp"].as_string();
    const auto bt = b["metadata"]["creationTimestamp"].as_string();
    return at != bt ? at < bt : api::name_of(a) < api::name_of(b);
}

Time time_of(const Value& timestamp) { return parse_rfc3339(timestamp.as_string()).value_or(Time{}); }

void set_count(Value& status, std::string_view key, std::int64_t count) {
    if (count != 0)
        status.set(key, count);
    else
        status.erase(key);
}

// -- ownership --------------------------------------------------------------------------------

bool is_controlled_by(const Value& object, const Value& owner) {
    const auto& controller = api::controller_of(object);
    return !controller.is_null() && controller["uid"].as_string() == api::uid_of(owner);
}

Claim claim(const Value& owner, const api::LabelSelector& selector, const Objects& candidates) {
    Claim result;
    const bool deleting = api::is_deleting(owner);
    for (const auto& object : candidates) {
        const bool selected = selector.matches(object["metadata"]["labels"]);
        const auto& controller = api::controller_of(object);
        if (!controller.is_null()) {
            if (controller["uid"].as_string() != api::uid_of(owner))
                continue;
            if (selected)
                result.owned.push_back(object);
            else if (!deleting)
                result.release.push_back(object);
        } else if (selected && !deleting && !api::is_deleting(object)) {
            result.adopt.push_back(object);
        }
    }
    return result;
}

Result<Objects> settle_claim(const client::Client& client, const api::Kind& kind, const Value& owner,
                             const Claim& claim, std::string_view finalizer) {
    Objects owned = claim.owned;
    for (const auto& object : claim.adopt) {
        Value metadata = Value::object({{"ownerReferences", Value::array({api::controller_ref(owner)})}, {"uid", api::uid_of(object)}});
        if (!finalizer.empty())
            metadata.set("finalizers", Value::array({finalizer}));
        const Value patch = Value::object({{"metadata", std::move(metadata)}});
        auto adopted =
            client.patch(kind, api::namespace_of(object), api::name_of(object), client::PatchType::strategic, patch);
        if (adopted.ok())
            owned.push_back(adopted.take());
        else if (adopted.error().reason != "NotFound")
            return adopted.error();
    }
    for (const auto& object : claim.release) {
        const Value drop = Value::object({{"$patch", "delete"}, {"uid", api::uid_of(owner)}});
        const Value patch = Value::object({{"metadata", Value::object({{"ownerReferences", Value::array({drop})},
                                                                       {"uid", api::uid_of(object)}})}});
        auto released =
            client.patch(kind, api::namespace_of(object), api::name_of(object), client::PatchType::strategic, patch);
        if (!released.ok() && released.error().reason != "NotFound" && released.error().reason != "Invalid")
            return released.error();
    }
    return owned;
}

// -- expectations -----------------------------------------------------------------------------

void Expectations::expect(const std::string& key, int creations, std::set<std::string> pods, Time now) {
    entries_[key] = {creations, std::move(pods), now};
}

void Expectations::expect_creations(const std::string& key, int count, Time now) { expect(key, count, {}, now); }

void Expectations::expect_deletions(const std::string& key, std::set<std::string> pods, Time now) {
    expect(key, 0, std::move(pods), now);
}

void Expectations::creation_observed(const std::string& key) {
    auto found = entries_.find(key);
    if (found != entries_.end())
        --found->second.creations;
}

void Expectations::deletion_observed(const std::string& key, const std::string& pod) {
    auto found = entries_.find(key);
    if (found != entries_.end())
        found->second.deletions.erase(pod);
}

bool Expectations::satisfied(const std::string& key, Time now) const {
    auto found = entries_.find(key);
    if (found == entries_.end())
        return true;
    const Entry& entry = found->second;
    return (entry.creations <= 0 && entry.deletions.empty()) || now - entry.set_at > expectations_timeout;
}

Batch slow_start_batch(int count, const std::function<Result<void>()>& act) {
    Batch result;
    int remaining = count;
    for (int size = std::min(remaining, 1); size > 0; size = std::min(2 * size, remaining)) {
        for (int i = 0; i < size; ++i) {
            auto done = act();
            if (done.ok())
                ++result.succeeded;
            else if (!result.error)
                result.error = done.error();
        }
        if (result.error)
            break;
        remaining -= size;
    }
    return result;
}

// -- Pods from templates ----------------------------------------------------------------------

Value pod_from_template(const Value& pod_template, const Value& owner) {
    Value metadata = Value::object();
    for (const auto key : {"labels", "annotations", "finalizers"})
        if (const auto& given = pod_template["metadata"][key]; !given.empty())
            metadata.set(key, given);
    metadata.set("generateName", cat(api::name_of(owner), "-"));
    metadata.set("namespace", owner["metadata"]["namespace"]);
    metadata.set("ownerReferences", Value::array({api::controller_ref(owner)}));
    return Value::object(
        {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}, {"spec", pod_template["spec"]}, {"status", Value::object()}});
}

Result<Value> PodControl::create(const Value& pod, const Value& owner) {
    auto created = client_.typed().create(api::kind::pods, pod);
    if (created.ok())
        recorder_.record(simulation_, owner, client::EventType::normal, "SuccessfulCreate",
                         cat("Created pod: ", api::name_of(created.value())));
    else
        recorder_.record(simulation_, owner, client::EventType::warning, "FailedCreate",
                         cat("Error creating: ", created.error().message));
    return created;
}

Result<void> PodControl::remove(const Value& pod, const Value& owner) {
    auto removed = client_.remove(api::kind::pods, api::namespace_of(pod), api::name_of(pod));
    if (removed.ok()) {
        recorder_.record(simulation_, owner, client::EventType::normal, "SuccessfulDelete",
                         cat("Deleted pod: ", api::name_of(pod)));
        return {};
    }
    if (removed.error().reason == "NotFound")
        return removed.error();
    recorder_.record(simulation_, owner, client::EventType::warning, "FailedDelete",
                     cat("Error deleting: ", removed.error().message));
    return removed.error();
}

// -- hashes -----------------------------------------------------------------------------------

std::string safe_encode(std::uint32_t hash) {
    constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string text = cat(hash);
    for (char& c : text)
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return text;
}

std::string compute_hash(const Value& pod_template, const Value& collision_count) {
    std::uint32_t hash = 2166136261u;
    const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 16777619u; };
    for (char c : api::to_json(pod_template))
        add(static_cast<unsigned char>(c));
    if (!collision_count.is_null()) {
        const auto count = static_cast<std::uint32_t>(collision_count.as_int());
        for (int shift = 0; shift < 32; shift += 8)
            add(static_cast<unsigned char>(count >> shift));
        for (int i = 0; i < 4; ++i)
            add(0);
    }
    return safe_encode(hash);
}

}  // namespace kubewalk::controllers
