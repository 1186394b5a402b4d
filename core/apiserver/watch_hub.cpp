#include "core/apiserver/watch_hub.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using client::WatchEvent;
using client::WatchId;
using client::WatchType;

namespace {

// A reader that lags further behind is cut off and has to list again, as upstream's slow watchers.
constexpr std::size_t pending_limit = 10'000;

std::string channel_of(const api::Kind& kind, std::string_view node) {
    auto channel = kind.group_resource();
    if (!node.empty())
        append(channel, "@", node);
    return channel;
}

std::string_view node_of(const api::Kind& kind, const api::Value& object) {
    return kind.group.empty() && kind.resource == "pods" ? object["spec"]["nodeName"].as_string() : std::string_view();
}

}  // namespace

WatchId WatchHub::open(sim::Simulation& simulation, Random& random, const api::Kind& kind, const api::Kind& served, Filter filter,
                       sim::ComponentId target, std::uint32_t event_code, std::vector<WatchEvent> backlog) {
    const WatchId id = next_++;
    auto terms = std::make_shared<Terms>();
    const auto node = kind.resource == "pods" ? filter.required("spec.nodeName") : std::string_view();
    terms->channel = channel_of(kind, node);
    terms->filter = std::move(filter);
    terms->served = &served;
    terms->target = target;
    terms->event_code = event_code;
    channels_[terms->channel].push_back(id);
    Watch watch;
    watch.terms = std::move(terms);
    watch.pending = std::move(backlog);
    watches_.set(id, std::move(watch));
    Watch& opened = watches_[id];
    if (!opened.pending.empty())
        notify(simulation, random, id, opened, sim::Urgency::work);
    return id;
}

client::Transport::WatchBatch WatchHub::read(WatchId id) {
    client::Transport::WatchBatch batch;
    if (!watches_.contains(id)) {
        batch.closed = true;
        return batch;
    }
    Watch& watch = watches_[id];
    batch.events = std::move(watch.pending);
    batch.closed = watch.closed;
    watch.pending.clear();
    watch.told = watch.whispered = false;
    return batch;
}

void WatchHub::close(WatchId id) {
    const Watch* watch = watches_.find(id);
    if (!watch)
        return;
    std::erase(channels_[watch->terms->channel], id);
    watches_.erase(id);
}

void WatchHub::close_all(sim::Simulation& simulation, Random& random) {
    std::vector<WatchId> ids;
    for (const auto& [id, watch] : watches_)
        ids.push_back(id);
    for (auto id : ids) {
        Watch& watch = watches_[id];
        watch.closed = true;
        watch.pending.clear();
        notify(simulation, random, id, watch, sim::Urgency::work);
    }
    channels_.clear();
}

int WatchHub::publish(sim::Simulation& simulation, Random& random, const api::Kind& kind, store::Revision revision,
                       const store::Change& change) {
    std::vector<std::string> channels{channel_of(kind, {})};
    for (const auto* object : {&change.before, &change.after}) {
        const auto node = node_of(kind, *object);
        if (!node.empty() && channel_of(kind, node) != channels.back())
            channels.push_back(channel_of(kind, node));
    }
    int told = 0;
    std::vector<WatchId> orphaned;
    for (const auto& channel : channels) {
        const auto* listeners = channels_.find(channel);
        if (!listeners)
            continue;
        for (const WatchId id : *listeners) {
            const Terms& terms = *watches_.find(id)->terms;
            if (!simulation.find(terms.target)) {
                orphaned.push_back(id);
                continue;
            }
            auto event = seen_by(terms.filter, revision, change);
            if (!event)
                continue;
            ++told;
            if (terms.served != &kind)
                event->object = api::convert(event->object, kind, *terms.served);
            Watch& watch = watches_[id];
            const auto urgency = event->heartbeat ? sim::Urgency::background : sim::Urgency::work;
            watch.pending.push_back(std::move(*event));
            if (watch.pending.size() > pending_limit) {
                watch.pending.clear();
                watch.closed = true;
                orphaned.push_back(id);
            }
            notify(simulation, random, id, watch, urgency);
        }
    }
    for (auto id : orphaned) {
        const Watch* watch = watches_.find(id);
        if (watch && watch->closed)
            std::erase(channels_[watch->terms->channel], id);  // stays until its reader learns of it
        else
            close(id);
    }
    return told;
}

std::optional<WatchEvent> WatchHub::seen_by(const Filter& filter, store::Revision revision,
                                            const store::Change& change) {
    const bool before = !change.before.is_null() && filter.matches(change.before);
    const bool after = !change.after.is_null() && filter.matches(change.after);
    if (!before && !after)
        return std::nullopt;
    WatchEvent event;
    event.type = before && after ? WatchType::modified : after ? WatchType::added : WatchType::deleted;
    event.object = after ? change.after : change.before;
    if (!after)  // the last state known, at the revision of its end
        event.object.edit("metadata").set("resourceVersion", cat(revision));
    event.cause = change.origin.cause;
    event.heartbeat = change.origin.heartbeat;
    return event;
}

void WatchHub::notify(sim::Simulation& simulation, Random& random, WatchId id, Watch& watch, sim::Urgency urgency) {
    bool& underway = urgency == sim::Urgency::work ? watch.told : watch.whispered;
    if (underway || watch.told)
        return;
    underway = true;
    const Duration latency = milliseconds(1) + microseconds(static_cast<std::int64_t>(random.below(2001)));
    simulation.schedule(watch.terms->target, latency, watch.terms->event_code, urgency, id);
}

}  // namespace kubewalk::apiserver
