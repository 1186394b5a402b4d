// What happens at one netfilter hook: conntrack, the tables in the kernel's order of priority, NAT,
// the kernel's load balancer. Shape: net/netfilter/nf_conntrack_core.c, nf_nat_core.c,
// net/netfilter/ipvs/ip_vs_core.c, ip_vs_xmit.c.

#include "core/net/walk.h"

#include <climits>
#include <optional>

#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk::net {

namespace {

bool opens_flow(PacketKind kind) {
    return kind == PacketKind::syn || kind == PacketKind::datagram || kind == PacketKind::echo_request || kind == PacketKind::data;
}

}  // namespace

void Walker::forget_fresh() {
    if (!track_.id || !track_.fresh || !ns_)
        return;
    // An error about a rewritten packet still has to be translated back.
    const ConntrackEntry& entry = ns_->conntrack.entry(track_.id);
    if (!entry.dnat() && !entry.snat())
        ns_->conntrack.erase(track_.id);
}

// -- conntrack and NAT --------------------------------------------------------------------------------

// What the raw table says comes first: conntrack passes over what NOTRACK has marked.
void Walker::track(std::uint32_t state_from_raw) {
    if (through_loopback_ || diverted_)
        return;  // the packet keeps its entry, or its mark, across lo
    track_ = {};
    if (state_from_raw == ctstate::untracked) {
        track_.state = ctstate::untracked;
        return;
    }
    const Time now = simulation_.now();
    Conntrack& table = ns_->conntrack;
    const bool about = packet_.kind == PacketKind::icmp_error;
    Conntrack::Found found = table.find(about ? packet_.tuple.inverse() : packet_.tuple, now);
    if (found.id && packet_.kind == PacketKind::syn && table.entry(found.id).begins_anew()) {
        table.erase(found.id);
        found = {};
    }
    if (found.id) {
        const ConntrackEntry& entry = table.entry(found.id);
        track_.id = found.id;
        track_.direction = found.direction;
        if (about)
            track_.state = ctstate::related;
        else
            track_.state = found.direction == Direction::reply || entry.seen_reply ? ctstate::established : ctstate::fresh;
        if (!about)
            table.advance(table.edit(found.id), found.direction, packet_.kind, now);
        note_flow();
    } else if (!about && opens_flow(packet_.kind)) {
        track_.id = table.create(packet_.tuple, now);
        track_.refused = track_.id == 0;
        track_.fresh = track_.id != 0;
        track_.state = track_.id ? ctstate::fresh : ctstate::invalid;
        if (track_.id)
            table.advance(table.edit(track_.id), Direction::original, packet_.kind, now);
        note_flow();
    } else {
        // An error that this machine makes belongs to the packet it is about (nf_ct_attach).
        memo_ = nullptr;
        track_.state = about && !in_ ? ctstate::related : ctstate::invalid;
    }
}

void Walker::note_flow() {
    if (!memo_)
        return;
    memo_->fresh = memo_->fresh || track_.fresh;
    memo_->flows.push_back({track_.id, tunnel_, static_cast<std::uint8_t>(memo_->visits.size() - 1), track_.direction, inner_.has_value(), track_.fresh,
                            track_.fresh});
}

// Gives the entry its reply tuple; when another flow answers to the same, the source port moves.
void Walker::bind_reply(Tuple reply, bool random_ports) {
    constexpr std::uint16_t low = 1024;
    constexpr std::uint32_t span = 65536 - low;
    constexpr int attempts = 128;
    Conntrack& table = ns_->conntrack;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (attempt > 0 || random_ports) {
            memo_ = nullptr;
            reply.destination_port = static_cast<std::uint16_t>(low + dice_.next() % span);
        }
        if (table.set_reply(track_.id, reply, simulation_.now()))
            return;
    }
}

void Walker::bind_source(const Target& target, std::string_view out) {
    Tuple reply = ns_->conntrack.entry(track_.id).reply;
    if (target.kind == TargetKind::masquerade) {
        const Interface* device = ns_->lookups().interface_named(out);
        if (!device)
            return;
        Route via_device;
        const Route* route = ns_->lookup(packet_.tuple.destination);
        if (route && route->device == out)
            via_device.via = route->via;
        reply.destination = ns_->source_address(via_device, device, packet_.tuple.destination).value_or(reply.destination);
    } else {
        reply.destination = target.to.ip;
        if (target.to.port)
            reply.destination_port = target.to.port;
    }
    const bool ports = packet_.tuple.protocol != Protocol::icmp;
    bind_reply(reply, target.random_fully && ports);
}

void Walker::bind_destination(const SocketAddress& to) {
    Tuple reply = ns_->conntrack.entry(track_.id).reply;
    reply.source = to.ip;
    if (to.port)
        reply.source_port = to.port;
    bind_reply(reply, false);
}

// Asks the nat table once per flow and side. False: dropped.
bool Walker::nat(ChainId id, Evaluation& at, std::vector<RuleHit>* hits, NatChange& change) {
    if (!track_.id || track_.direction != Direction::original || packet_.kind == PacketKind::icmp_error)
        return true;
    const bool destination_side = id == chain_prerouting || id == chain_output;
    if (const ConntrackEntry& known = ns_->conntrack.entry(track_.id); destination_side ? known.destination_done : known.source_done)
        return true;
    ConntrackEntry& entry = ns_->conntrack.edit(track_.id);
    (destination_side ? entry.destination_done : entry.source_done) = true;
    const std::uint32_t mark = packet_.mark;
    const std::size_t asked = dice_.asked();
    const Verdict verdict = rules().evaluate(TableId::nat, id, at, hits);
    if (!track_.fresh)
        memo_ = nullptr;
    else if (memo_ && (verdict.kind != TargetKind::accept || packet_.mark != mark || dice_.asked() != asked))
        memo_->flows.last().quiet = false;
    change.rule = verdict.rule;
    change.chain = verdict.chain;
    change.kind = verdict.kind;
    if (verdict.kind == TargetKind::drop)
        return false;
    if (verdict.kind == TargetKind::accept && !nft(NftChainType::nat, id, INT_MIN, INT_MAX, at)) {
        change.kind = nft_.verdict.kind;
        Target target;
        target.random_fully = true;
        target.kind = nft_.verdict.kind;
        target.to = nft_.verdict.to;
        if (target.kind == TargetKind::masquerade)
            bind_source(target, at.out_interface);
        else if (target.kind == TargetKind::dnat)
            bind_destination(target.to);
        return target.kind != TargetKind::drop;
    }
    if (verdict.kind == TargetKind::dnat) {
        bind_destination(verdict.rule->target.to);
    } else if (verdict.kind == TargetKind::snat || verdict.kind == TargetKind::masquerade) {
        bind_source(verdict.rule->target, at.out_interface);
    } else if (!destination_side && !ns_->conntrack.reply_free(entry.reply, simulation_.now())) {
        bind_reply(entry.reply, false);  // a clash of ports: the kernel's null binding moves the source port
    }
    return true;
}

// Rewrites the packet as its entry says: the destination early, the source late.
void Walker::apply_nat(ChainId id) {
    if (!track_.id)
        return;
    const ConntrackEntry& entry = ns_->conntrack.entry(track_.id);
    if (packet_.kind == PacketKind::icmp_error) {
        // The whole embedded packet is translated at once, early.
        if (id == chain_prerouting || id == chain_output)
            packet_.tuple = track_.direction == Direction::reply ? entry.original : entry.reply;
        return;
    }
    const bool original = track_.direction == Direction::original;
    if (id == chain_prerouting || id == chain_output) {
        if (entry.ipvs && original)
            return;  // balance() does that
        packet_.tuple.destination = original ? entry.reply.source : entry.original.source;
        packet_.tuple.destination_port = original ? entry.reply.source_port : entry.original.source_port;
    } else {
        packet_.tuple.source = original ? entry.reply.destination : entry.original.destination;
        packet_.tuple.source_port = original ? entry.reply.destination_port : entry.original.destination_port;
    }
}

bool Walker::hook(ChainId id, std::string_view in, std::string_view out, Next& next) {
    const bool first = id == chain_prerouting || id == chain_output;
    if (!ns_->filters(packet_.destination().family)) {
        if (first && !through_loopback_ && !diverted_)
            track_ = {};  // no hooks are registered in a namespace without rules
        return true;
    }
    Evaluation at{packet_, 0, in, out, *ns_, ns_->recent, dice_, simulation_.now(), bridged_ && id != chain_prerouting};
    at.from_bridge = !in.empty() && in_ && in_->kind == InterfaceKind::bridge;
    std::vector<RuleHit> hits;
    std::vector<RuleHit>* const seen = hops_ ? &hits : nullptr;
    const std::optional<Packet> before = hops_ ? std::optional(packet_) : std::nullopt;
    Verdict verdict{TargetKind::accept, nullptr, id};
    if (first) {
        if (!rules().silent(TableId::raw, id))
            verdict = rules().evaluate(TableId::raw, id, at, seen);
        if (verdict.kind == TargetKind::accept)
            track(at.state);
    }
    if (track_.refused) {
        ++ns_->conntrack_refused;
        machine_->log_kernel(simulation_.now(), "nf_conntrack: nf_conntrack: table full, dropping packet");
        if (hops_)
            record(Place::netfilter, id == chain_output ? "OUTPUT" : "PREROUTING", packet_, "drop",
                   {"net.why.conntrack.full", {place_name(""), cat(ns_->conntrack.settings.max)}});
        next = end(Arrival::Kind::dropped);
        return false;
    }
    pending_latency_ = pending_latency_ + latency::hook;
    result_.elapsed = result_.elapsed + latency::hook;
    at.state = nat_state();
    if (nft_.verdict.kind != TargetKind::accept || !nft_.hits.empty())
        nft_ = {};  // of the hook before
    NatChange change;
    if (verdict.kind == TargetKind::accept)
        verdict = judge(id, at, seen, change);
    if (hops_)
        record_hook(id, *before, hits, verdict, change);
    if (memo_) {
        // Of a tunnel's datagram the source port follows from the client's.
        const bool port = inner_ || client_port_ == ClientPort::source ? at.looked_at.source_port : at.looked_at.destination_port;
        if (port || at.looked_at.moving || ns_->nft() || ns_->ipvs())
            memo_->common = false;
    }
    if (verdict.kind == TargetKind::accept)
        return true;
    next = verdict.kind == TargetKind::reject ? reject(verdict.rule ? verdict.rule->target.reject_with : IcmpCode::port_unreachable)
                                              : end(Arrival::Kind::dropped);
    return false;
}

std::uint32_t Walker::nat_state() const {
    if (!track_.id)
        return track_.state;
    const ConntrackEntry& entry = ns_->conntrack.entry(track_.id);
    return track_.state | (entry.dnat() ? ctstate::dnat : 0) | (entry.snat() ? ctstate::snat : 0);
}

// After raw and conntrack: mangle, then filter and nat in the order of their hook, nftables' own chains by priority.
Verdict Walker::judge(ChainId id, Evaluation& at, std::vector<RuleHit>* hits, NatChange& change) {
    constexpr int before_nat = -101, after_nat = -99;
    const Ruleset& own_rules = rules();
    Verdict verdict{TargetKind::accept, nullptr, id};
    const auto tables = [&](TableId table) {
        if (verdict.kind == TargetKind::accept && !own_rules.silent(table, id))
            verdict = own_rules.evaluate(table, id, at, hits);
    };
    const auto own = [&](int lowest, int highest) {
        if (verdict.kind == TargetKind::accept && !nft(NftChainType::filter, id, lowest, highest, at))
            verdict = {nft_.verdict.kind, nullptr, id};
    };
    tables(TableId::mangle);
    own(INT_MIN, before_nat);
    if (id == chain_input) {  // nat INPUT comes after filter INPUT, and IPVS between them
        tables(TableId::filter);
        own(after_nat, INT_MAX);
        if (verdict.kind == TargetKind::accept)
            verdict.kind = balance(id, change);
        if (diverted_)
            return verdict;
    }
    if (verdict.kind == TargetKind::accept && id != chain_forward) {
        if (!nat(id, at, hits, change))
            return {TargetKind::drop, change.rule, change.chain};
        apply_nat(id);
    }
    if (verdict.kind == TargetKind::accept && id == chain_output)
        verdict.kind = balance(id, change);
    if (id == chain_forward || id == chain_output) {
        at.state = nat_state();
        if (const ConntrackEntry* entry = track_.id ? &ns_->conntrack.entry(track_.id) : nullptr; entry && entry->ipvs)
            at.virtual_service = {entry->original.destination, entry->original.destination_port};
        tables(TableId::filter);
        own(after_nat, INT_MAX);
    }
    return verdict;
}

bool Walker::nft(NftChainType type, ChainId id, int lowest, int highest, Evaluation& at) {
    if (!ns_->nft())
        return true;
    nft_.verdict = ns_->walk_nft().evaluate(type, id, lowest, highest, at, hops_ ? &nft_.hits : nullptr);
    return nft_.verdict.kind == TargetKind::accept;
}

// -- IPVS -------------------------------------------------------------------------------------------------

// Looks at what is for this machine, in INPUT, and at what its own processes send, in OUTPUT. Answers
// are translated back by conntrack's entry, as everything that was rewritten.
TargetKind Walker::balance(ChainId id, NatChange& change) {
    const Protocol protocol = packet_.tuple.protocol;
    if (!ns_->ipvs() || !track_.id || track_.direction != Direction::original || packet_.kind == PacketKind::icmp_error ||
        protocol == Protocol::icmp || diverted_)
        return TargetKind::accept;
    const VirtualServiceKey key{protocol, {packet_.tuple.destination, packet_.tuple.destination_port}};
    const VirtualService* service = ns_->ipvs()->find(key);
    const ConntrackEntry& entry = ns_->conntrack.entry(track_.id);
    if (!service && !entry.ipvs)
        return TargetKind::accept;
    if (entry.ipvs && (!service || !service->find({entry.reply.source, entry.reply.source_port}))) {
        // expire_nodest_conn = 1: the packet is lost, the next one starts anew.
        if (hops_)
            change.ipvs.reset(new NatChange::Ipvs{
                {}, {"net.why.ipvs.gone", {key.address.text(), SocketAddress{entry.reply.source, entry.reply.source_port}.text()}}});
        ns_->conntrack.erase(track_.id);
        track_ = {};
        return TargetKind::drop;
    }
    if (!entry.ipvs) {
        const auto server = ns_->walk_ipvs().schedule(key, packet_.tuple.source, ns_->conntrack, simulation_.now());
        if (!server) {
            if (hops_)
                change.ipvs.reset(new NatChange::Ipvs{{}, {"net.why.ipvs.none", {key.address.text()}}});
            return TargetKind::reject;
        }
        bind_destination(*server);
        ns_->conntrack.edit(track_.id).ipvs = true;
        change.kind = TargetKind::dnat;
        if (hops_)
            change.ipvs.reset(new NatChange::Ipvs{
                ipvsadm_rule(key, *ns_->ipvs()->find(key)),
                {"net.why.ipvs", {key.address.text(), server->text(), service->scheduler, cat(service->servers.size())}}});
    }
    const ConntrackEntry& bound = ns_->conntrack.entry(track_.id);
    packet_.tuple.destination = bound.reply.source;
    packet_.tuple.destination_port = bound.reply.source_port;
    if (id == chain_input && !ns_->is_local(packet_.destination()))
        diverted_ = true;
    return TargetKind::accept;
}

Walker::Next Walker::divert() {
    const NetLookups::Way* way = ns_->lookups().way(packet_.destination());
    if (!way || way->route->kind != Route::Kind::unicast)
        return reject(IcmpCode::net_unreachable);
    if (hops_)
        record_route(*way->route, packet_, "forward");
    if (--packet_.ttl <= 0)
        return reject(IcmpCode::ttl_exceeded);
    const Ip hop = pick_way(*way->route);
    Next next = Next::done;
    const bool passed = hook(chain_output, {}, way->device->name, next);
    diverted_ = false;
    return passed ? postroute(*way->device, hop) : next;
}

}  // namespace kubewalk::net
