#include "core/net/conntrack.h"

#include "core/base/text.h"

namespace kubewalk::net {

namespace {
constexpr std::uint32_t sweep_every = 256;
}

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

Conntrack::Found Conntrack::find(const Tuple& tuple, Time now) const {
    const Ref* ref = by_tuple_.find(tuple);
    if (!ref || entries_.find(ref->id)->expires < now)
        return {};
    return {ref->id, ref->direction};
}

std::uint64_t Conntrack::create(const Tuple& original, Time now) {
    if (++since_sweep_ >= sweep_every || entries_.size() >= settings.max)
        sweep(now);
    if (entries_.size() >= settings.max)
        return 0;
    if (const Ref* stale = by_tuple_.find(original))
        erase(stale->id);
    if (const Ref* stale = by_tuple_.find(original.inverse()); stale && entries_.find(stale->id)->expires < now)
        erase(stale->id);
    const std::uint64_t id = next_id_++;
    ConntrackEntry entry;
    entry.original = original;
    entry.reply = original.inverse();
    entry.expires = now + seconds(30);
    entries_.set(id, entry);
    by_tuple_.set(original, {id, Direction::original});
    if (!by_tuple_.contains(entry.reply))
        by_tuple_.set(entry.reply, {id, Direction::reply});
    return id;
}

bool Conntrack::reply_free(const Tuple& reply, Time now) const { return find(reply, now).id == 0; }

bool Conntrack::set_reply(std::uint64_t id, const Tuple& reply) {
    const Ref* holder = by_tuple_.find(reply);
    if (holder && holder->id != id)
        return false;
    ConntrackEntry& entry = entries_[id];
    if (const Ref* before = by_tuple_.find(entry.reply); before && before->id == id && before->direction == Direction::reply)
        by_tuple_.erase(entry.reply);
    entry.reply = reply;
    if (!by_tuple_.contains(reply))
        by_tuple_.set(reply, {id, Direction::reply});
    return true;
}

void Conntrack::advance(std::uint64_t id, Direction direction, PacketKind kind, Time now) {
    ConntrackEntry& entry = entries_[id];
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
    const ConntrackEntry* entry = entries_.find(id);
    if (!entry)
        return;
    const Tuple original = entry->original, reply = entry->reply;
    if (const Ref* ref = by_tuple_.find(original); ref && ref->id == id)
        by_tuple_.erase(original);
    if (const Ref* ref = by_tuple_.find(reply); ref && ref->id == id)
        by_tuple_.erase(reply);
    entries_.erase(id);
}

void Conntrack::sweep(Time now) {
    since_sweep_ = 0;
    erase_if([now](const ConntrackEntry& entry) { return entry.expires < now; });
}

std::vector<ConntrackEntry> Conntrack::list(Time now) const {
    std::vector<ConntrackEntry> out;
    for (const auto& [id, entry] : entries_)
        if (entry.expires >= now)
            out.push_back(entry);
    return out;
}

namespace {

std::string tuple_text(const Tuple& tuple) {
    std::string out = cat("src=", tuple.source.text(), " dst=", tuple.destination.text());
    if (tuple.protocol == Protocol::icmp)
        append(out, " type=8 code=0 id=", tuple.source_port);
    else
        append(out, " sport=", tuple.source_port, " dport=", tuple.destination_port);
    return out;
}

}  // namespace

std::string conntrack_line(const ConntrackEntry& entry, Time now) {
    const Protocol protocol = entry.original.protocol;
    const int number = protocol == Protocol::tcp ? 6 : protocol == Protocol::udp ? 17 : protocol == Protocol::icmp ? 1 : 132;
    std::string out(protocol_name(protocol));
    out.resize(8, ' ');
    append(out, ' ', number, ' ', (entry.expires - now).whole_seconds(), ' ');
    if (protocol == Protocol::tcp)
        append(out, tcp_state_name(entry.tcp), ' ');
    append(out, tuple_text(entry.original), ' ');
    if (!entry.seen_reply)
        out += "[UNREPLIED] ";
    std::string reply = tuple_text(entry.reply);
    if (protocol == Protocol::icmp)
        reply = replace_all(reply, "type=8", "type=0");
    append(out, reply, ' ');
    if (entry.assured)
        out += "[ASSURED] ";
    append(out, "mark=", entry.mark, " use=1");
    return out;
}

}  // namespace kubewalk::net
