#include "core/net/conntrack.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::net {

namespace {

constexpr std::size_t places_swept = 2;  // with every new entry, as the kernel's garbage collector goes round
constexpr std::size_t first_cells = 256;

std::uint64_t hash_of_end(const Ip& ip, std::uint16_t port) {
    std::uint64_t hash = (plain_number(ip.bytes.data()) ^ static_cast<std::uint64_t>(port) << 40) * 0x9e3779b97f4a7c15ull;
    if (ip.family == Family::ipv6)
        hash = (hash ^ plain_number(ip.bytes.data() + 8)) * 0x165667b19e3779f9ull;
    return hash ^ hash >> 32;
}

std::uint32_t hash_of(const Tuple& tuple) {
    const std::uint64_t ends = hash_of_end(tuple.source, tuple.source_port) + hash_of_end(tuple.destination, tuple.destination_port);
    const std::uint64_t hash = (ends + static_cast<std::uint64_t>(tuple.protocol)) * 0xc2b2ae3d27d4eb4full;
    return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

std::string_view tcp_state_name(TcpState state) {
    switch (state) {
    case TcpState::none: return "NONE";
    case TcpState::syn_sent: return "SYN_SENT";
    case TcpState::syn_recv: return "SYN_RECV";
    case TcpState::established: return "ESTABLISHED";
    case TcpState::fin_wait: return "FIN_WAIT";
    case TcpState::time_wait: return "TIME_WAIT";
    case TcpState::close: return "CLOSE";
    }
    return "";
}

// -- the hash table: open addressing, one cell after the other ---------------------------------------------

Conntrack::Found Conntrack::look_up(const Tuple& tuple, std::uint32_t hash) const {
    if (cells_.size() == 0)
        return {};
    const std::size_t mask = cells_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        const Cell& cell = cells_[at];
        if (cell.ref == 0)
            return {};
        if (cell.hash != hash)
            continue;
        const Place& place = places_[cell.ref - 1];
        if (place.entry.original == tuple)
            return {place.id, Direction::original};
        if (place.answers && place.entry.reply == tuple)
            return {place.id, Direction::reply};
    }
}

void Conntrack::put(std::uint32_t hash, std::uint32_t ref) {
    if ((cells_used_ + 1) * 2 > cells_.size())
        grow();
    const std::size_t mask = cells_.size() - 1;
    std::size_t at = hash & mask;
    while (cells_[at].ref != 0)
        at = (at + 1) & mask;
    cells_.edit(at) = {hash, ref};
    ++cells_used_;
}

void Conntrack::grow() {
    const SharedVector<Cell, 256> before = cells_;
    cells_.assign(std::max(first_cells, before.size() * 2), Cell{});
    const std::size_t mask = cells_.size() - 1;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Cell& cell = before[i];
        if (cell.ref == 0)
            continue;
        std::size_t at = cell.hash & mask;
        while (cells_[at].ref != 0)
            at = (at + 1) & mask;
        cells_.edit(at) = cell;
    }
}

// The cells behind move up, so that no search stops early.
void Conntrack::take_out(std::uint32_t hash, std::uint32_t ref) {
    const std::size_t mask = cells_.size() - 1;
    std::size_t hole = hash & mask;
    while (cells_[hole].ref != ref || cells_[hole].hash != hash)
        hole = (hole + 1) & mask;
    for (std::size_t at = (hole + 1) & mask; cells_[at].ref != 0; at = (at + 1) & mask) {
        const std::size_t home = cells_[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        cells_.edit(hole) = cells_[at];
        hole = at;
    }
    cells_.edit(hole) = Cell{};
    --cells_used_;
}

// -- entries -------------------------------------------------------------------------------------------------

Conntrack::Found Conntrack::find(const Tuple& tuple, Time now) const {
    const Found found = look_up(tuple, hash_of(tuple));
    return found.id && entry(found.id).expires < now ? Found{} : found;
}

const ConntrackEntry* Conntrack::peek(std::uint64_t id) const {
    const std::size_t at = place_of(id);
    return at < places_.size() && places_[at].id == id ? &places_[at].entry : nullptr;
}

std::uint64_t Conntrack::create(const Tuple& original, const Tuple& reply, Time now) {
    sweep(now, size_ >= settings.max ? places_.size() : places_swept);
    if (!takes(0))
        return 0;
    const std::uint32_t hash = hash_of(original), reply_hash = hash_of(reply);
    if (const Found stale = look_up(original, hash); stale.id)
        erase(stale.id);
    Found holder = look_up(reply, reply_hash);
    if (holder.id && entry(holder.id).expires < now) {
        erase(holder.id);
        holder = {};
    }
    std::size_t at = places_.size();
    if (first_free_) {
        at = first_free_ - 1;
        first_free_ = places_[at].next_free;
    } else {
        places_.push_back({});
    }
    Place& place = places_.edit(at);
    place.id = ++taken_ << place_bits | at;
    place.answers = holder.id == 0 && !(reply == original);
    place.entry = {};
    place.entry.original = original;
    place.entry.reply = reply;
    place.entry.expires = now + seconds(30);
    const std::uint64_t id = place.id;
    const auto ref = static_cast<std::uint32_t>(at + 1);
    put(hash, ref);
    if (place.answers && reply_hash != hash)
        put(reply_hash, ref);
    ++size_;
    return id;
}

bool Conntrack::set_reply(std::uint64_t id, const Tuple& reply, Time now) {
    const std::uint32_t hash = hash_of(reply);
    if (const Found holder = look_up(reply, hash); holder.id && holder.id != id) {
        if (entry(holder.id).expires >= now)
            return false;
        erase(holder.id);
    }
    Place& place = places_.edit(place_of(id));
    const std::uint32_t own = hash_of(place.entry.original), before = hash_of(place.entry.reply);
    const auto ref = static_cast<std::uint32_t>(place_of(id) + 1);
    if (place.answers && before != own)
        take_out(before, ref);
    place.entry.reply = reply;
    place.answers = !(reply == place.entry.original);
    if (place.answers && hash != own)
        put(hash, ref);
    return true;
}

void Conntrack::advance(ConntrackEntry& entry, Direction direction, PacketKind kind, Time now) const {
    if (direction == Direction::reply)
        entry.seen_reply = true;
    std::int64_t timeout_s = 0;
    if (entry.original.protocol == Protocol::tcp || entry.original.protocol == Protocol::sctp) {
        switch (kind) {
        case PacketKind::syn: entry.tcp = TcpState::syn_sent; break;
        case PacketKind::syn_ack: entry.tcp = TcpState::syn_recv; break;
        case PacketKind::fin: entry.tcp = entry.tcp == TcpState::fin_wait && direction == Direction::reply ? TcpState::time_wait : TcpState::fin_wait; break;
        case PacketKind::rst: entry.tcp = TcpState::close; break;
        default:
            if (entry.tcp == TcpState::syn_recv)
                entry.tcp = TcpState::established;
        }
        switch (entry.tcp) {
        case TcpState::syn_sent: timeout_s = settings.tcp_syn_sent; break;
        case TcpState::syn_recv: timeout_s = settings.tcp_syn_recv; break;
        case TcpState::fin_wait: timeout_s = settings.tcp_fin_wait; break;
        case TcpState::time_wait: timeout_s = settings.tcp_time_wait; break;
        case TcpState::close: timeout_s = settings.tcp_close; break;
        default: timeout_s = settings.tcp_established; entry.assured = true;
        }
    } else if (entry.original.protocol == Protocol::udp) {
        // Two-way traffic becomes a stream with the third packet.
        if (entry.seen_reply && direction == Direction::original)
            entry.assured = true;
        timeout_s = entry.assured ? settings.udp_stream : settings.udp;
    } else {
        timeout_s = settings.icmp;
    }
    entry.expires = now + seconds(timeout_s);
}

void Conntrack::erase(std::uint64_t id) {
    if (!peek(id))
        return;
    const std::size_t at = place_of(id);
    Place& place = places_.edit(at);
    const auto ref = static_cast<std::uint32_t>(at + 1);
    const std::uint32_t hash = hash_of(place.entry.original), reply_hash = hash_of(place.entry.reply);
    take_out(hash, ref);
    if (place.answers && reply_hash != hash)
        take_out(reply_hash, ref);
    place.id = 0;
    place.next_free = first_free_;
    first_free_ = ref;
    --size_;
}

// Looks at the next places and takes out what has expired.
void Conntrack::sweep(Time now, std::size_t places) {
    for (std::size_t i = 0; i < places && i < places_.size(); ++i) {
        swept_ = swept_ + 1 < places_.size() ? swept_ + 1 : 0;
        if (const Place& place = places_[swept_]; place.id != 0 && place.entry.expires < now)
            erase(place.id);
    }
}

std::vector<ConntrackEntry> Conntrack::list(Time now) const {
    std::vector<const Place*> alive;
    for (std::size_t at = 0; at < places_.size(); ++at)
        if (places_[at].id != 0 && places_[at].entry.expires >= now)
            alive.push_back(&places_[at]);
    std::sort(alive.begin(), alive.end(), [](const Place* a, const Place* b) { return a->id < b->id; });
    std::vector<ConntrackEntry> out;
    out.reserve(alive.size());
    for (const Place* place : alive)
        out.push_back(place->entry);
    return out;
}

namespace {

std::string tuple_text(const Tuple& tuple) {
    std::string out = cat("src=", tuple.source.text(), " dst=", tuple.destination.text());
    if (tuple.protocol == Protocol::icmp)
        append(out, tuple.source.family == Family::ipv4 ? " type=8" : " type=128", " code=0 id=", tuple.source_port);
    else
        append(out, " sport=", tuple.source_port, " dport=", tuple.destination_port);
    return out;
}

}  // namespace

std::string conntrack_line(const ConntrackEntry& entry, Time now) {
    const Protocol protocol = entry.original.protocol;
    const bool icmpv6 = protocol == Protocol::icmp && entry.original.source.family == Family::ipv6;
    const int number = protocol == Protocol::tcp ? 6 : protocol == Protocol::udp ? 17 : icmpv6 ? 58 : protocol == Protocol::icmp ? 1 : 132;
    std::string out(icmpv6 ? "icmpv6" : protocol_name(protocol));
    out.resize(8, ' ');
    append(out, ' ', number, ' ', (entry.expires - now).whole_seconds(), ' ');
    if (protocol == Protocol::tcp)
        append(out, tcp_state_name(entry.tcp), ' ');
    append(out, tuple_text(entry.original), ' ');
    if (!entry.seen_reply)
        out += "[UNREPLIED] ";
    std::string reply = tuple_text(entry.reply);
    if (protocol == Protocol::icmp)
        reply = icmpv6 ? replace_all(reply, "type=128", "type=129") : replace_all(reply, "type=8", "type=0");
    append(out, reply, ' ');
    if (entry.assured)
        out += "[ASSURED] ";
    append(out, "mark=", entry.mark, " use=1");
    return out;
}

}  // namespace kubewalk::net
