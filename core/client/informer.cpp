#include "core/client/informer.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::client {

using api::Value;

Informer::Informer(Client client, const api::Kind& kind, std::string namespace_name, ListOptions options)
    : client_(std::move(client)),
      kind_(&kind),
      namespace_name_(std::move(namespace_name)),
      options_(std::move(options)) {}

std::vector<Change> Informer::start(sim::Simulation& simulation, sim::ComponentId target, std::uint32_t event_code) {
    target_ = target;
    event_code_ = event_code;
    return list_and_watch(simulation);
}

void Informer::stop() {
    if (watch_ != 0)
        client_.transport().unwatch(watch_);
    watch_ = 0;
    retry_token_ = 0;
}

std::vector<Change> Informer::on_event(sim::Simulation& simulation, const sim::Event& event) {
    if (event.number == retry_token_) {
        retry_token_ = 0;
        return list_and_watch(simulation);
    }
    std::vector<Change> changes;
    const auto batch = client_.transport().read(watch_);
    bool broken = batch.closed;
    const Cache* state = broken ? nullptr : client_.transport().state(watch_);
    changes.reserve(batch.events.size());
    for (const auto& change : batch.events) {
        if (change.type == WatchType::error)
            broken = true;  // the revision is compacted: only a new list helps
        else if (change.type != WatchType::bookmark)
            apply(simulation, change, state != nullptr, changes);
    }
    if (state)
        cache_ = *state;
    if (broken) {
        client_.transport().unwatch(watch_);
        watch_ = 0;
        retry_later(simulation);
    } else {
        failures_ = 0;
    }
    return changes;
}

const Value& Informer::get(std::string_view key) const {
    const Value* found = cache_.find(key);
    return found ? *found : api::null_value();
}

std::vector<Value> Informer::in_namespace(std::string_view namespace_name) const {
    std::vector<Value> objects;
    const std::string prefix = cat(namespace_name, "/");
    for (auto it = cache_.lower_bound(prefix); it != cache_.end() && it->first.starts_with(prefix); ++it)
        objects.push_back(it->second);
    return objects;
}

std::vector<Change> Informer::list_and_watch(sim::Simulation& simulation) {
    std::vector<Change> changes;
    const auto list = client_.list(*kind_, namespace_name_, options_);
    if (!list.ok()) {
        retry_later(simulation);
        return changes;
    }
    changes = differences(simulation, list.value());
    synced_ = true;
    const auto version = api::resource_version_of(list.value());
    const auto opened = client_.watch(*kind_, namespace_name_, options_, version, target_, event_code_);
    if (opened.ok())
        watch_ = opened.value();
    else
        retry_later(simulation);
    if (const Cache* state = opened.ok() ? client_.transport().state(watch_) : nullptr)
        cache_ = *state;
    else
        replace(list.value());
    return changes;
}

// The cache becomes what was listed; the differences are the changes (Reflector.syncWith, DeltaFIFO.Replace).
std::vector<Change> Informer::differences(sim::Simulation& simulation, const Value& list) const {
    std::vector<Change> changes;
    const sim::CauseId cause = simulation.current_cause();
    const auto items = list["items"].items();
    if (cache_.empty()) {
        changes.reserve(items.size());
        for (const auto& item : items)
            changes.push_back({WatchType::added, {}, item, cause});
        return changes;
    }
    Cache fresh;
    for (const auto& item : items) {
        auto key = api::key_of(item);
        const Value& before = get(key);
        if (before.is_null())
            changes.push_back({WatchType::added, {}, item, cause});
        else if (api::resource_version_of(before) != api::resource_version_of(item))
            changes.push_back({WatchType::modified, before, item, cause});
        fresh.set(std::move(key), item);
    }
    for (const auto& [key, object] : cache_)
        if (!fresh.contains(key))
            changes.push_back({WatchType::deleted, object, object, cause});
    return changes;
}

void Informer::replace(const Value& list) {
    cache_.clear();
    for (const auto& item : list["items"].items())
        cache_.set(api::key_of(item), item);
}

// `shared`: the cache is the transport's, and it tells what was before.
void Informer::apply(sim::Simulation& simulation, const WatchEvent& event, bool shared, std::vector<Change>& changes) {
    const std::string own_key = event.key.is_string() ? std::string() : api::key_of(event.object);
    const std::string_view key = event.key.as_string(own_key);
    Change change;
    change.before = shared ? event.before : get(key);
    change.object = event.object;
    change.heartbeat = event.heartbeat;
    if (event.type == WatchType::deleted) {
        if (change.before.is_null())
            return;
        change.type = WatchType::deleted;
        if (!shared)
            cache_.erase(key);
    } else {
        change.type = change.before.is_null() ? WatchType::added : WatchType::modified;
        if (!shared)
            cache_.set(std::string(key), event.object);
    }
    sim::Simulation::CauseScope scope(simulation, event.cause);
    change.cause = simulation.record(sim::EntryKind::watch, client_.agent(),
                                     {kind_->resource, api::namespace_of(event.object), api::name_of(event.object)},
                                     {"watch.event", {watch_type_name(event.type), kind_->resource, key}}, event.heartbeat);
    changes.push_back(std::move(change));
}

// Reflector's back-off: 800 ms doubling to 30 s. Background: while nobody answers, nothing can progress, and a
// cluster without its API server must still come to rest.
void Informer::retry_later(sim::Simulation& simulation) {
    const Duration delay = std::min(seconds(30), milliseconds(800) * (std::int64_t{1} << std::min(failures_, 10)));
    ++failures_;
    const auto label = cat(client_.agent(), "/", kind_->resource, "/", namespace_name_, "/", target_, "/", failures_);
    retry_token_ = simulation.random().stream(label).next() | (std::uint64_t{1} << 63);
    simulation.schedule(target_, delay, event_code_, sim::Urgency::background, retry_token_);
}

}  // namespace kubewalk::client
