#include "core/net/path_memo.h"

#include <unordered_map>
#include <vector>

#include "core/net/network_state.h"

namespace kubewalk::net {

bool repeat(Network::State& state, const PathMemo& memo, PacketKind kind, Time now, Duration& elapsed) {
    if (!memo.usable || memo.wiring != state.wiring || !state.captures.empty())
        return false;
    NetNamespace* spaces[PathMemo::most_visits];
    NetNamespace** next = spaces;
    for (const PathMemo::Visit& visit : memo.visits) {
        NodeStack* machine = state.edit_machine(visit.machine);
        NetNamespace* space = machine ? machine->find_for_walk(visit.id) : nullptr;
        if (!space || space->changes() != visit.changes)
            return false;
        *next++ = space;
    }
    for (const PathMemo::Flow& flow : memo.flows) {
        const ConntrackEntry* entry = spaces[flow.visit]->conntrack.peek(flow.entry);
        if (!entry || entry->expires < now)
            return false;
    }
    for (const PathMemo::Flow& flow : memo.flows)
        spaces[flow.visit]->conntrack.advance(flow.entry, flow.direction, flow.datagram ? PacketKind::datagram : kind, now);
    for (const PathMemo::Learned& known : memo.learned)
        spaces[known.visit]->learn(known.ip, spaces[known.visit]->interfaces[known.device].name, known.mac, now);
    elapsed = elapsed + memo.elapsed;
    return true;
}

// -- classes of flows ------------------------------------------------------------------------------------------

struct FlowClass {
    struct Key {
        NamespaceId from = 0, at = 0;
        Tuple sent;     // the client's port is 0
        Tuple arrived;  // likewise
        friend bool operator==(const Key& a, const Key& b) { return a.from == b.from && a.at == b.at && a.sent == b.sent && a.arrived == b.arrived; }
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return IpHash{}(key.sent.source) * 7 + IpHash{}(key.sent.destination) * 31 + IpHash{}(key.arrived.destination) * 131 +
                   IpHash{}(key.arrived.source) * 521 + key.sent.destination_port + key.sent.source_port * 3u + key.from * 17u;
        }
    };
    static constexpr std::size_t most = 4096;
    PathMemo memo;
    std::vector<ConntrackEntry> entries;  // of memo.flows, as they were found; the client's port, or the tunnel's, is 0
};

namespace {

FlowClass::Key class_of(const Dial& dial, bool toward_server) {
    FlowClass::Key key{toward_server ? dial.client : dial.server, toward_server ? dial.server : dial.client, dial.tuple, dial.arrived};
    key.sent.source_port = key.arrived.source_port = 0;
    return key;
}

// The entry without the port that is the flow's own; false when that is not the one in both directions.
bool without_port(ConntrackEntry& entry, std::uint16_t port) {
    if (entry.original.source_port != port || entry.reply.destination_port != port)
        return false;
    entry.original.source_port = entry.reply.destination_port = 0;
    return true;
}

bool alike(const ConntrackEntry& a, const ConntrackEntry& b) {
    return a.original == b.original && a.reply == b.reply && a.seen_reply == b.seen_reply && a.confirmed == b.confirmed &&
           a.destination_done == b.destination_done && a.source_done == b.source_done && a.ipvs == b.ipvs && a.mark == b.mark;
}

std::uint16_t own_port(const PathMemo::Flow& flow, std::uint16_t client_port, bool toward_server) {
    return flow.datagram ? tunnel_port(flow.tunnel + client_port * (toward_server ? 31u : 1u)) : client_port;
}

// False when other flows cannot be told from this one.
bool note_entries(const Network::State& state, const PathMemo& memo, std::uint16_t client_port, bool toward_server, std::vector<ConntrackEntry>& out) {
    out.clear();
    for (const PathMemo::Flow& flow : memo.flows) {
        const NetNamespace* space = state.find(memo.visits.begin()[flow.visit].id);
        const ConntrackEntry* entry = space ? space->conntrack.peek(flow.entry) : nullptr;
        if (!entry || !entry->confirmed || !without_port(out.emplace_back(*entry), own_port(flow, client_port, toward_server)))
            return false;
    }
    return true;
}

// Makes the flow's memo from what flows of its class have in common; false when an entry is not as theirs were.
bool take_over(const Network::State& state, const FlowClass& common, std::uint16_t client_port, bool toward_server, Time now, PathMemo& memo) {
    if (common.memo.wiring != state.wiring || !state.captures.empty())
        return false;
    memo.clear();
    const ConntrackEntry* wanted = common.entries.data();
    for (PathMemo::Flow flow : common.memo.flows) {
        const PathMemo::Visit& visit = common.memo.visits.begin()[flow.visit];
        const NetNamespace* space = state.find(visit.id);
        if (!space || space->changes() != visit.changes)
            return false;
        const std::uint16_t port = own_port(flow, client_port, toward_server);
        Tuple tuple = flow.direction == Direction::original ? wanted->original : wanted->reply;
        (flow.direction == Direction::original ? tuple.source_port : tuple.destination_port) = port;
        const Conntrack::Found found = space->conntrack.find(tuple, now);
        if (!found.id || found.direction != flow.direction)
            return false;
        ConntrackEntry entry = space->conntrack.entry(found.id);
        if (!without_port(entry, port) || !alike(entry, *wanted++))
            return false;
        flow.entry = found.id;
        memo.flows.push_back(flow);
    }
    memo.visits = common.memo.visits;
    memo.learned = common.memo.learned;
    memo.elapsed = common.memo.elapsed;
    memo.wiring = common.memo.wiring;
    memo.usable = true;
    return true;
}

}  // namespace

struct FlowClasses::Kept {
    std::unordered_map<FlowClass::Key, FlowClass, FlowClass::KeyHash> by_key;  // never iterated
};

FlowClasses::FlowClasses() : kept_(std::make_unique<Kept>()) {}
FlowClasses::~FlowClasses() = default;

void FlowClasses::clear() { kept_->by_key.clear(); }

bool FlowClasses::adopt(const Network::State& state, const Dial& dial, bool toward_server, Time now, PathMemo& memo) const {
    const std::uint16_t port = dial.tuple.source_port;
    if (dial.arrived.source_port != port || kept_->by_key.empty())
        return false;
    const auto common = kept_->by_key.find(class_of(dial, toward_server));
    return common != kept_->by_key.end() && take_over(state, common->second, port, toward_server, now, memo);
}

void FlowClasses::offer(const Network::State& state, const Dial& dial, bool toward_server, const PathMemo& memo) {
    const std::uint16_t port = dial.tuple.source_port;
    FlowClass common;
    // A balancer's network asks conntrack where an answer goes (Walker::way_back).
    if (!memo.common || dial.arrived.source_port != port || !state.balancers.empty() ||
        !note_entries(state, memo, port, toward_server, common.entries))
        return;
    if (kept_->by_key.size() >= FlowClass::most)
        kept_->by_key.clear();
    common.memo = memo;
    kept_->by_key[class_of(dial, toward_server)] = std::move(common);
}

}  // namespace kubewalk::net
