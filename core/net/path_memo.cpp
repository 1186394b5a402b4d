#include "core/net/path_memo.h"

#include <unordered_map>

#include "core/net/network_state.h"

namespace kubewalk::net {

struct FlowClass : pool::Pooled {
    struct Space {
        PathMemo::Visit visit;
        NetNamespace* now = nullptr;  // as long as `copies` is FlowClasses' own
    };
    struct Slot {
        std::uint32_t tunnel;
        std::uint8_t space;
        bool datagram;
        bool toward_server;    // the packet that carried it
        ConntrackEntry entry;  // as it was found; the client's port, or the tunnel's, is 0
    };
    struct Step {
        std::uint8_t slot;
        Direction direction;
        bool seen_reply, fresh, quiet;
    };
    struct Path {
        bool usable = false;
        FewOf<Step, 8> steps;
        FewOf<PathMemo::Learned, PathMemo::most_learned> learned;
        Time learned_until;  // before that nobody has anything new to learn
        Duration elapsed;
        int ttl = 0;
    };
    FlowEnds ends;        // the client's port is 0
    bool common = false;  // else it is one flow's own, and says nothing of others' entries
    std::uint64_t wiring = 0, copies = 0;
    FewOf<Space, PathMemo::most_visits> spaces;
    FewOf<Slot, Passage::most_slots> slots;
    Path paths[path_kinds];
};

struct FlowKey {
    FlowEnds ends;  // the client's port is 0. Of those that open a flow: what they were sent with, and nothing else
    friend bool operator==(const FlowKey& a, const FlowKey& b) {
        return a.ends.client == b.ends.client && a.ends.server == b.ends.server && a.ends.sent == b.ends.sent && a.ends.arrived == b.ends.arrived;
    }
};
struct FlowKeyHash {
    std::size_t operator()(const FlowKey& key) const {
        return IpHash{}(key.ends.sent.destination) * 31 + IpHash{}(key.ends.arrived.destination) * 131 + key.ends.sent.destination_port +
               key.ends.client * 17u;
    }
};

// The ways of one key by what chance says at each turn; without chance there is one.
struct FlowChoice {
    static constexpr std::uint32_t none = 0xffffffff;
    std::uint32_t probability = none;
    std::uint32_t next[2] = {0, 0};  // 0: not been there
    std::shared_ptr<FlowClass> way;
};

namespace {

FlowKey key_of(const FlowEnds& ends) {
    FlowKey key{ends};
    key.ends.sent.source_port = key.ends.arrived.source_port = 0;
    return key;
}

FlowKey key_of(NamespaceId from, const Packet& packet) { return key_of({from, 0, packet.tuple, {}}); }

// The entry without the port that is the flow's own; false when that is not the one in both directions.
bool without_port(ConntrackEntry& entry, std::uint16_t port) {
    if (entry.original.source_port != port || entry.reply.destination_port != port)
        return false;
    entry.original.source_port = entry.reply.destination_port = 0;
    return true;
}

bool alike(const ConntrackEntry& entry, const FlowClass::Slot& slot, std::uint16_t port) {
    ConntrackEntry a = entry;
    const ConntrackEntry& b = slot.entry;
    return without_port(a, port) && a.original == b.original && a.reply == b.reply && a.confirmed == b.confirmed &&
           a.destination_done == b.destination_done && a.source_done == b.source_done && a.ipvs == b.ipvs && a.mark == b.mark;
}

std::uint16_t own_port(const FlowClass::Slot& slot, std::uint16_t client_port) {
    return slot.datagram ? tunnel_port(slot.tunnel + client_port * (slot.toward_server ? 31u : 1u)) : client_port;
}

// The slot of a flow's entry, made when there is none; most_slots when there cannot be one. `opens`: of a flow's first
// packets, which find what they have made themselves; an older entry (the ports have met before) is the exception.
std::size_t slot_of(FlowClass& way, Passage& passage, const PathMemo::Flow& flow, std::size_t space, const Conntrack& table, std::uint16_t client_port,
                    bool toward, bool opens) {
    for (std::size_t at = 0; at < way.slots.size(); ++at)
        if (passage.entries[at] == flow.entry && way.slots[at].space == space)
            return at;
    const ConntrackEntry* entry = table.peek(flow.entry);
    const std::size_t at = way.slots.size();
    if (!entry || at == Passage::most_slots || (opens && !flow.fresh))
        return Passage::most_slots;
    FlowClass::Slot slot{flow.tunnel, static_cast<std::uint8_t>(space), flow.datagram, toward, *entry};
    if (way.common && !(entry->confirmed && without_port(slot.entry, own_port(slot, client_port))))
        return Passage::most_slots;
    way.slots.push_back(slot);
    passage.entries[at] = flow.entry;
    return at;
}

// False when there is no room, or other flows could not be told from this one.
bool add_path(const Network::State& state, FlowClass& way, Passage& passage, const PathMemo& memo, std::uint16_t client_port, PathKind kind,
              FlowClass::Path& path) {
    const bool opens = kind == PathKind::open || kind == PathKind::answer;
    std::array<std::uint8_t, PathMemo::most_visits> spaces{};
    for (std::size_t i = 0; i < memo.visits.size(); ++i) {
        const PathMemo::Visit& visit = memo.visits[i];
        std::size_t at = 0;
        while (at < way.spaces.size() && way.spaces[at].visit.id != visit.id)
            ++at;
        if (at == way.spaces.size()) {
            way.spaces.push_back({visit});
            way.copies = 0;
        }
        spaces[i] = static_cast<std::uint8_t>(at);
    }
    if (!way.spaces.complete())
        return false;
    for (const PathMemo::Flow& flow : memo.flows) {
        const std::size_t space = spaces[flow.visit];
        const NetNamespace* where = state.find(way.spaces[space].visit.id);
        const std::size_t slot = where ? slot_of(way, passage, flow, space, where->conntrack, client_port, toward_server(kind), opens) : Passage::most_slots;
        if (slot == Passage::most_slots)
            return false;
        for (const FlowClass::Step& other : path.steps)
            if (memo.fresh && other.slot == slot)
                return false;
        path.steps.push_back({static_cast<std::uint8_t>(slot), flow.direction, where->conntrack.entry(flow.entry).seen_reply, flow.fresh, flow.quiet});
    }
    for (PathMemo::Learned known : memo.learned) {
        known.visit = spaces[known.visit];
        path.learned.push_back(known);
    }
    path.elapsed = memo.elapsed;
    path.usable = true;
    return true;
}

}  // namespace

struct FlowClasses::Kept {
    static constexpr std::size_t most = 4096;
    std::unordered_map<FlowKey, std::vector<FlowChoice>, FlowKeyHash> by_key;  // never iterated

    void keep(const FlowKey& key, const std::vector<Draw>& drawn, const std::shared_ptr<FlowClass>& way) {
        std::vector<FlowChoice>& choices = by_key[key];
        std::size_t at = 0;
        for (std::size_t i = 0; i <= drawn.size(); ++i) {
            const std::uint32_t probability = i < drawn.size() ? drawn[i].probability : FlowChoice::none;
            if (choices.empty())
                choices.emplace_back().probability = probability;
            if (choices[at].probability != probability) {  // the rules have changed
                choices.clear();
                at = 0;
                i = static_cast<std::size_t>(-1);
                continue;
            }
            if (i == drawn.size())
                break;
            std::uint32_t next = choices[at].next[drawn[i].happened];
            if (next == 0) {
                next = static_cast<std::uint32_t>(choices.size());
                choices[at].next[drawn[i].happened] = next;
                choices.emplace_back().probability = i + 1 < drawn.size() ? drawn[i + 1].probability : FlowChoice::none;
            }
            at = next;
        }
        choices[at].way = way;
    }
};

FlowClasses::FlowClasses() : kept_(std::make_unique<Kept>()) {}
FlowClasses::~FlowClasses() = default;

void FlowClasses::clear() {
    kept_->by_key.clear();
    ++copies_;
}

bool FlowClasses::current(Network::State& state, FlowClass& way) const {
    if (way.wiring != state.wiring || !state.captures.empty())
        return false;
    if (way.copies != copies_) {
        for (std::size_t at = 0; at < way.spaces.size(); ++at) {
            FlowClass::Space& space = way.spaces[at];
            NodeStack* machine = state.edit_machine(space.visit.machine);
            space.now = machine ? machine->find_for_walk(space.visit.id) : nullptr;
            if (!space.now)
                return false;
        }
        for (FlowClass::Path& path : way.paths)
            path.learned_until = {};
        way.copies = copies_;
    }
    for (const FlowClass::Space& space : way.spaces)
        if (space.now->changes() != space.visit.changes)
            return false;
    return true;
}

bool FlowClasses::pass(Network::State& state, Passage& passage, PathKind kind_of_path, std::uint16_t client_port, PacketKind kind, Time now,
                       Duration& elapsed) const {
    FlowClass& way = *passage.way;
    FlowClass::Path& path = way.paths[static_cast<std::size_t>(kind_of_path)];
    if (!path.usable || !current(state, way))
        return false;
    ConntrackEntry* entries[8];
    std::uint64_t over[8];  // what a new entry takes the place of
    std::size_t at = 0;
    for (const FlowClass::Step& step : path.steps) {
        const FlowClass::Slot& slot = way.slots[step.slot];
        Conntrack& table = way.spaces[slot.space].now->conntrack;
        std::uint64_t& id = passage.entries[step.slot];
        ConntrackEntry* entry = id ? table.edit_alive(id, now) : nullptr;
        over[at] = 0;
        if (!entry) {
            if (!way.common)
                return false;
            const std::uint16_t port = own_port(slot, client_port);
            Tuple tuple = step.direction == Direction::original ? slot.entry.original : slot.entry.reply;
            (step.direction == Direction::original ? tuple.source_port : tuple.destination_port) = port;
            const Conntrack::Found found = table.find(tuple, now);
            id = found.id;
            entry = id ? &table.edit(id) : nullptr;
            if (entry && step.fresh && !slot.datagram && kind == PacketKind::syn && entry->begins_anew()) {
                over[at] = id;
                entry = nullptr;
            }
            if (entry ? (step.fresh && !step.quiet) || found.direction != step.direction || !alike(*entry, slot, port) : !step.fresh)
                return false;
            if (!entry) {
                tuple = slot.entry.reply;
                tuple.destination_port = port;
                const std::uint64_t holder = table.find(tuple, now).id;
                if ((holder && holder != over[at]) || !table.takes(path.steps.size()))
                    return false;
            }
        }
        if (entry && step.direction == Direction::original && entry->seen_reply != step.seen_reply)
            return false;
        entries[at++] = entry;
    }
    at = 0;
    for (const FlowClass::Step& step : path.steps) {
        const FlowClass::Slot& slot = way.slots[step.slot];
        Conntrack& table = way.spaces[slot.space].now->conntrack;
        ConntrackEntry* entry = entries[at];
        if (!entry) {
            if (over[at])
                table.erase(over[at]);
            Tuple original = slot.entry.original, reply = slot.entry.reply;
            original.source_port = reply.destination_port = own_port(slot, client_port);
            passage.entries[step.slot] = table.create(original, reply, now);
            entry = &table.edit(passage.entries[step.slot]);
            entry->confirmed = true;
            entry->destination_done = slot.entry.destination_done;
            entry->source_done = slot.entry.source_done;
        }
        table.advance(*entry, step.direction, slot.datagram ? PacketKind::datagram : kind, now);
        ++at;
    }
    if (now >= path.learned_until) {
        path.learned_until = now + seconds(1);
        for (const PathMemo::Learned& known : path.learned) {
            NetNamespace& space = *way.spaces[known.visit].now;
            const Time seen = space.learn(known.ip, space.interfaces[known.device].name, known.mac, now);
            path.learned_until = std::min(path.learned_until, seen + seconds(1));
        }
    }
    elapsed = elapsed + path.elapsed;
    return true;
}

bool FlowClasses::repeat(Network::State& state, Passage& passage, PathKind path, std::uint16_t client_port, PacketKind kind, Time now, int& ttl,
                         Duration& elapsed) {
    if (!passage.way || !pass(state, passage, path, client_port, kind, now, elapsed))
        return false;
    ttl = passage.way->paths[static_cast<std::size_t>(path)].ttl;
    return true;
}

bool FlowClasses::open(Network::State& state, Random& random, NamespaceId from, const Packet& packet, Time now, Passage& passage, FlowEnds& ends,
                       int& ttl, Duration& elapsed) {
    const auto kept = kept_->by_key.find(key_of(from, packet));
    if (kept == kept_->by_key.end())
        return false;
    const Random before = random;
    Dice dice(random);
    const FlowChoice* choice = kept->second.data();
    while (choice->probability != FlowChoice::none) {
        const std::uint32_t next = choice->next[dice.happens(choice->probability)];
        if (next == 0)
            break;
        choice = kept->second.data() + next;
    }
    passage.way = choice->way;
    const std::uint16_t port = packet.tuple.source_port;
    if (!repeat(state, passage, PathKind::open, port, packet.kind, now, ttl, elapsed)) {
        random = before;
        passage = {};
        return false;
    }
    ends = passage.way->ends;
    ends.sent.source_port = ends.arrived.source_port = port;
    return true;
}

const NetNamespace* FlowClasses::server(const Network::State& state, const Passage& passage, NamespaceId id) const {
    const FlowClass* way = passage.way.get();
    if (way && way->copies == copies_ && way->wiring == state.wiring)
        for (const FlowClass::Space& space : way->spaces)
            if (space.visit.id == id)
                return space.now;
    return state.find(id);
}

void FlowClasses::find(const Network::State& state, const FlowEnds& ends, Passage& passage) const {
    if (ends.arrived.source_port != ends.sent.source_port || !state.balancers.empty())
        return;
    const auto kept = kept_->by_key.find(key_of(ends));
    if (kept != kept_->by_key.end())
        passage.way = kept->second.front().way;
}

void FlowClasses::offer(Network::State& state, const FlowEnds& ends, Passage& passage, PathKind kind_of_path, const PathMemo& memo, int ttl,
                        const Packet* first) {
    const bool opens = kind_of_path == PathKind::open || kind_of_path == PathKind::answer;
    const std::uint16_t port = ends.sent.source_port;
    // A balancer's network asks conntrack where an answer goes (Walker::way_back).
    const bool common = memo.common && ends.arrived.source_port == port && state.balancers.empty();
    if (!memo.usable || !memo.complete() || !state.captures.empty() || (opens ? !common : memo.fresh) ||
        (kind_of_path != PathKind::open && !memo.drawn.empty()))
        return;
    const auto at = static_cast<std::size_t>(kind_of_path);
    if (passage.way && (!current(state, *passage.way) || (passage.way->paths[at].usable && !passage.way->common)))
        passage = {};
    std::shared_ptr<FlowClass> way = passage.way;
    if (way && way->paths[at].usable)
        return;
    const bool known = way && (way->common == common || !way->common);
    if (!known) {
        way = way ? std::make_shared<FlowClass>(*way) : std::make_shared<FlowClass>();
        way->common = common;
        way->wiring = memo.wiring;
        way->ends = key_of(ends).ends;
    }
    FlowClass::Path path;
    path.ttl = ttl;
    const std::size_t slots = way->slots.size();
    if (!add_path(state, *way, passage, memo, port, kind_of_path, path)) {
        way->slots.cut(slots);
        std::fill(passage.entries.begin() + static_cast<std::ptrdiff_t>(slots), passage.entries.end(), 0);
        return;
    }
    way->paths[at] = path;
    passage.way = way;
    if (known || !common)
        return;
    if (kept_->by_key.size() >= Kept::most)
        kept_->by_key.clear();
    kept_->keep(key_of(ends), {}, way);
    if (first)
        kept_->keep(key_of(ends.client, *first), memo.drawn, way);
}

}  // namespace kubewalk::net
