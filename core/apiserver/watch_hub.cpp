#include "core/apiserver/watch_hub.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/apiserver/route.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using client::WatchEvent;
using client::WatchId;
using client::WatchType;

namespace {

// A reader that lags further behind is cut off and has to list again, as upstream's slow watchers.
constexpr std::size_t pending_limit = 10'000;

std::string_view node_of(const api::Kind& kind, const api::Value& object) {
    return kind.group.empty() && kind.resource == "pods" ? object["spec"]["nodeName"].as_string() : std::string_view();
}

std::string place_of(const WatchHub::Terms& terms) {
    auto place = terms.kind->group_resource();
    if (const auto node = terms.kind->resource == "pods" ? terms.filter.required("spec.nodeName") : std::string_view(); !node.empty())
        append(place, "@", node);
    else if (const auto name = terms.filter.required("metadata.name"); !name.empty())
        append(place, "=", name);
    return place;
}

}  // namespace

// -- channels ---------------------------------------------------------------------------------------------

WatchHub::Watch* WatchHub::Channel::find(WatchId id) {
    const auto found = std::lower_bound(watches.begin(), watches.end(), id, [](const Watch& one, WatchId wanted) { return one.id < wanted; });
    return found != watches.end() && found->id == id ? &*found : nullptr;
}

WatchHub::ChannelId WatchHub::channel_for(const store::Store& store, Terms terms) {
    std::string key = cat(terms.kind->group_resource(), "/", terms.served->version, "?", terms.filter.text());
    if (const auto* known = by_terms_.find(key))
        return *known;
    Channel channel;
    const auto prefix = store_prefix(*terms.kind, terms.filter.namespace_name());
    const bool converts = terms.served != terms.kind || api::is_custom(*terms.kind);
    for (auto it = store.first(prefix); store.within(it, prefix); ++it)
        if (const auto& object = it->second.value; terms.filter.matches(object))
            channel.state.set(api::key_of(object), converts ? api::convert(object, *terms.kind, *terms.served) : object);
    channel.key = std::move(key);
    channel.place = place_of(terms);
    channel.terms = std::make_shared<const Terms>(std::move(terms));
    const ChannelId id = next_channel_++;
    by_terms_.set(channel.key, id);
    index_[channel.place].push_back(id);
    channels_.set(id, std::move(channel));
    return id;
}

void WatchHub::drop_if_idle(ChannelId id) {
    const Channel* channel = channels_.find(id);
    if (!channel || !channel->watches.empty())
        return;
    by_terms_.erase(channel->key);
    auto& there = index_[channel->place];
    std::erase(there, id);
    if (there.empty())
        index_.erase(channel->place);
    channels_.erase(id);
}

void WatchHub::forget_read(Channel& channel) {
    // Looking for what all have read costs a look at each of them: not at every turn.
    constexpr std::size_t worth_it = 32;
    const std::uint64_t end = channel.first + channel.events.size();
    if (channel.events.size() < std::max(worth_it, channel.watches.size() / 8))
        return;
    std::uint64_t first = end;
    for (const auto& watch : channel.watches)
        first = std::min(first, watch.next);
    channel.events.erase(channel.events.begin(), channel.events.begin() + static_cast<std::ptrdiff_t>(first - channel.first));
    channel.first = first;
}

bool WatchHub::lags(const Channel& channel, const Watch& watch) {
    return channel.first + channel.events.size() - watch.next + (watch.backlog ? watch.backlog->size() : 0) > pending_limit;
}

// -- readers ----------------------------------------------------------------------------------------------

WatchId WatchHub::open(sim::Simulation& simulation, Random& random, const store::Store& store, Terms terms, Reader reader,
                       std::vector<WatchEvent> backlog) {
    const ChannelId at = channel_for(store, std::move(terms));
    Channel& channel = channels_[at];
    Watch watch;
    watch.id = next_++;
    watch.reader = reader;
    watch.next = channel.first + channel.events.size();
    if (!backlog.empty())
        watch.backlog = std::make_shared<const std::vector<WatchEvent>>(std::move(backlog));
    channel.watches.push_back(std::move(watch));
    Watch& opened = channel.watches.back();
    channel_of_.set(opened.id, at);
    if (opened.backlog)
        notify(simulation, random, opened, sim::Urgency::work);
    return opened.id;
}

client::Transport::WatchBatch WatchHub::read(WatchId id) {
    client::Transport::WatchBatch batch;
    const ChannelId* at = channel_of_.find(id);
    if (!at || *at == 0) {
        batch.closed = true;
        return batch;
    }
    Channel& channel = channels_[*at];
    Watch& watch = *channel.find(id);
    watch.told = watch.whispered = false;
    if (watch.backlog)
        batch.events = *std::exchange(watch.backlog, nullptr);
    batch.events.insert(batch.events.end(), channel.events.begin() + static_cast<std::ptrdiff_t>(watch.next - channel.first), channel.events.end());
    watch.next = channel.first + channel.events.size();
    forget_read(channel);
    return batch;
}

const client::Cache* WatchHub::state(WatchId id) const {
    const ChannelId* at = channel_of_.find(id);
    return at && *at != 0 ? &channels_.find(*at)->state : nullptr;
}

void WatchHub::close(WatchId id) {
    const ChannelId* found = channel_of_.find(id);
    if (!found)
        return;
    const ChannelId at = *found;
    channel_of_.erase(id);
    if (at == 0)
        return;
    std::erase_if(channels_[at].watches, [id](const Watch& one) { return one.id == id; });
    drop_if_idle(at);
}

void WatchHub::close_all(sim::Simulation& simulation, Random& random) {
    std::vector<std::pair<WatchId, Watch>> ended;
    for (const auto& [id, at] : channel_of_)
        if (at != 0)
            ended.emplace_back(id, *channels_[at].find(id));
    for (auto& [id, watch] : ended) {
        channel_of_.set(id, 0);
        notify(simulation, random, watch, sim::Urgency::work);
    }
    channels_.clear();
    by_terms_.clear();
    index_.clear();
}

// -- changes ----------------------------------------------------------------------------------------------

int WatchHub::publish(sim::Simulation& simulation, Random& random, const api::Kind& kind, store::Revision revision, const store::Change& change) {
    const auto resource = kind.group_resource();
    const api::Value& object = change.after.is_null() ? change.before : change.after;
    std::vector<ChannelId> seen;
    spread(resource, revision, change, seen);
    spread(cat(resource, "=", api::name_of(object)), revision, change, seen);
    int told = tell(simulation, random, seen, change);
    std::string_view last;
    for (const auto* side : {&change.before, &change.after}) {
        const auto node = node_of(kind, *side);
        if (node.empty() || node == last)
            continue;
        last = node;
        seen.clear();
        spread(cat(resource, "@", node), revision, change, seen);
        told += tell(simulation, random, seen, change);
    }
    return told;
}

void WatchHub::spread(const std::string& place, store::Revision revision, const store::Change& change, std::vector<ChannelId>& seen) {
    const auto* there = index_.find(place);
    if (!there)
        return;
    for (const ChannelId id : *there) {
        const Terms& terms = *channels_.find(id)->terms;
        auto event = seen_by(terms.filter, revision, change);
        if (!event)
            continue;
        if (terms.served != terms.kind || api::is_custom(*terms.kind)) {
            event->object = api::convert(event->object, *terms.kind, *terms.served);
            if (!event->before.is_null())
                event->before = api::convert(event->before, *terms.kind, *terms.served);
        }
        Channel& channel = channels_[id];
        auto key = api::key_of(event->object);
        event->key = key;
        if (event->type == WatchType::deleted)
            channel.state.erase(key);
        else
            channel.state.set(std::move(key), event->object);
        channel.events.push_back(std::move(*event));
        seen.push_back(id);
    }
}

// In the order in which the watches were opened, whatever channel they are in.
int WatchHub::tell(sim::Simulation& simulation, Random& random, const std::vector<ChannelId>& channels, const store::Change& change) {
    const auto urgency = change.origin.heartbeat ? sim::Urgency::background : sim::Urgency::work;
    struct Place {
        WatchId id;
        Channel* channel;
        std::size_t index;
    };
    std::vector<Place> places;
    for (const ChannelId id : channels) {
        Channel& channel = channels_[id];
        for (std::size_t i = 0; i < channel.watches.size(); ++i)
            places.push_back({channel.watches[i].id, &channel, i});
    }
    if (channels.size() > 1)
        std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.id < b.id; });
    std::vector<WatchId> orphaned, slow;
    for (const Place& place : places) {
        Watch& watch = place.channel->watches[place.index];
        if (!simulation.look(watch.reader.target)) {
            orphaned.push_back(watch.id);
            continue;
        }
        if (lags(*place.channel, watch))
            slow.push_back(watch.id);
        notify(simulation, random, watch, urgency);
    }
    for (const auto id : orphaned)
        close(id);
    for (const auto id : slow) {
        close(id);
        channel_of_.set(id, 0);  // until its reader learns of it
    }
    return static_cast<int>(places.size() - orphaned.size());
}

std::optional<WatchEvent> WatchHub::seen_by(const Filter& filter, store::Revision revision, const store::Change& change) {
    const bool before = !change.before.is_null() && filter.matches(change.before);
    const bool after = !change.after.is_null() && filter.matches(change.after);
    if (!before && !after)
        return std::nullopt;
    WatchEvent event;
    event.type = before && after ? WatchType::modified : after ? WatchType::added : WatchType::deleted;
    event.object = after ? change.after : change.before;
    if (!after)  // the last state known, at the revision of its end
        event.object.edit("metadata").set("resourceVersion", cat(revision));
    if (before)
        event.before = change.before;
    event.cause = change.origin.cause;
    event.heartbeat = change.origin.heartbeat;
    return event;
}

void WatchHub::notify(sim::Simulation& simulation, Random& random, Watch& watch, sim::Urgency urgency) {
    bool& underway = urgency == sim::Urgency::work ? watch.told : watch.whispered;
    if (underway || watch.told)
        return;
    underway = true;
    const Duration latency = milliseconds(1) + microseconds(static_cast<std::int64_t>(random.below(2001)));
    simulation.schedule(watch.reader.target, latency, watch.reader.event_code, urgency, watch.id);
}

}  // namespace kubewalk::apiserver
