#include "core/net/walk.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::net {

namespace {

constexpr std::string_view loopback_name = "lo";
constexpr int vxlan_overhead = 50;    // outer IP, UDP and VXLAN headers, inner Ethernet header
constexpr int vxlan6_overhead = 70;  // IPv6's header is 20 bytes longer
constexpr int max_steps = 64;  // more than any honest path; a routing loop ends by TTL before

// Whether the port's far end would answer for that address.
bool leads_to(const NodeStack& machine, const Interface& port, const Interface& bridge, const Ip& next_hop) {
    if (port.master != bridge.name || port.kind != InterfaceKind::veth || !port.up)
        return false;
    const NetNamespace* pod = machine.find(port.peer_namespace);
    const Interface* end = pod ? pod->find_interface(port.peer) : nullptr;
    if (!end || !end->up)
        return false;
    return std::any_of(end->addresses.begin(), end->addresses.end(), [&](const Prefix& address) { return address.ip == next_hop; });
}

// A key for hints: others with the same are only asked anew.
std::uint32_t hint_key(const Ip& ip) {
    const std::uint64_t low = ordered_number(ip.bytes.data() + 8);
    return ip.v4_number() ^ static_cast<std::uint32_t>(low ^ low >> 32);
}

const Interface* port_toward(const NodeStack& machine, const NetNamespace& host, const Interface& bridge, const Ip& next_hop) {
    const Interface*& hint = host.lookups().ports[hint_key(next_hop)];
    if (hint && leads_to(machine, *hint, bridge, next_hop))
        return hint;
    for (const Interface& port : host.interfaces)
        if (leads_to(machine, port, bridge, next_hop))
            return hint = &port;
    return hint = nullptr;
}

}  // namespace

Arrival Walker::send(NamespaceId from, Packet packet) {
    packet_ = packet;
    packet_.mark = 0;
    client_number_ = client_port_ == ClientPort::source ? packet.tuple.source_port : packet.tuple.destination_port;
    stand_in(state_.machine_index(from), from);
    if (!ns_ || !machine_->up) {
        end(Arrival::Kind::lost);
        return result_;
    }
    Next next = Next::output;
    for (int step = 0; next != Next::done; ++step) {
        if (step == max_steps) {
            end(Arrival::Kind::lost);
            break;
        }
        next = next == Next::output ? output() : receive();
    }
    return result_;
}

Walker::Next Walker::end(Arrival::Kind kind) {
    if (kind != Arrival::Kind::arrived) {
        forget_fresh();
        memo_ = nullptr;
    }
    if (memo_) {
        memo_->usable = true;
        memo_->wiring = state_.wiring;
        memo_->elapsed = result_.elapsed;
    }
    result_.kind = kind;
    result_.at = ns_ ? ns_->id : 0;
    result_.packet = packet_;
    return Next::done;
}

// An ICMP error from here to the packet's source. Errors about errors are never sent.
Walker::Next Walker::reject(IcmpCode code) {
    if (packet_.kind == PacketKind::icmp_error || packet_.kind == PacketKind::rst)
        return end(Arrival::Kind::dropped);
    Packet error;
    error.kind = PacketKind::icmp_error;
    error.icmp = code;
    error.tuple = packet_.tuple;
    const Route* back = ns_->lookup(packet_.tuple.source);
    const bool own = ns_->is_local(packet_.tuple.source);
    if (ns_->is_local(packet_.tuple.destination) || own)
        error.reporter = own ? packet_.tuple.source : packet_.tuple.destination;
    else
        error.reporter = back ? ns_->source_address(*back, packet_.tuple.source).value_or(Ip{}) : Ip{};
    result_.error = error;
    return end(Arrival::Kind::error);
}

// -- wires ----------------------------------------------------------------------------------------------

bool Walker::fits(const Interface& out, Next& next) {
    // Fragments are put together again where the packet ends. IPv6's routers make none, its senders do.
    const bool router = in_ && packet_.tuple.source.family == Family::ipv6;
    if (packet_.length <= out.mtu || (!packet_.dont_fragment && !router))
        return true;
    if (hops_)
        record(Place::interface_, out.name, packet_, "drop",
               {"net.why.mtu", {cat(packet_.length), place_name(out.name), cat(out.mtu)}});
    result_.mtu = out.mtu;
    if (!in_) {
        next = end(Arrival::Kind::too_big);
        return false;
    }
    const int mtu = out.mtu;
    next = reject(IcmpCode::fragmentation_needed);
    result_.error.mtu = static_cast<std::uint16_t>(mtu);
    return false;
}

void Walker::tap(std::string_view interface_, Way way) {
    if (state_.captures.empty())
        return;
    for (auto& [id, capture] : state_.captures) {
        if (capture.where != ns_->id || capture.full() || !(capture.interface_ == interface_ || capture.interface_ == "any") ||
            !capture.filter.matches(packet_))
            continue;
        CapturedPacket& seen = capture.packets.emplace_back();
        seen.at = simulation_.now() + result_.elapsed;
        seen.interface_ = interface_;
        seen.way = way;
        seen.packet = packet_;
        seen.packet.payload = {};
        seen.payload = packet_.payload;
        if (inner_) {
            seen.inner = inner_;
            seen.inner->payload = {};
            seen.payload = inner_->payload;
            seen.vni = inner_vni_;
        }
    }
}

bool Walker::lost_by_chance(const LinkFault& fault) {
    constexpr std::uint64_t million = 1'000'000;
    if (fault.loss_per_million > 0)
        memo_ = nullptr;
    return fault.loss_per_million > 0 && dice_.next() % million < fault.loss_per_million;
}

// -- the stages -----------------------------------------------------------------------------------------

Walker::Next Walker::output() {
    const Ip destination = packet_.destination();
    bool local = ns_->is_local(destination);
    const NetLookups::Way* way = ns_->lookups().way(destination);
    if (!local && (!way || way->route->kind != Route::Kind::unicast)) {
        if (hops_)
            record(Place::route, "", packet_, "unreachable", {"net.why.route.none", {destination.text(), place_name("")}});
        return end(Arrival::Kind::no_route);
    }
    if (packet_.tuple.source.unspecified() && packet_.kind != PacketKind::icmp_error)
        packet_.tuple.source = local ? destination : ns_->source_address(*way->route, way->device, destination).value_or(Ip{});
    in_ = nullptr;
    through_loopback_ = false;
    Next next = Next::done;
    if (!hook(chain_output, {}, local ? loopback_name : std::string_view(way->route->device), next))
        return next;
    if (const Ip& rewritten = packet_.destination(); !(rewritten == destination)) {  // ip_route_me_harder
        local = ns_->is_local(rewritten);
        way = ns_->lookups().way(rewritten);
    }
    if (local) {
        const Interface* loopback = ns_->lookups().interface_named(loopback_name);
        return loopback ? postroute(*loopback, packet_.destination()) : end(Arrival::Kind::lost);
    }
    if (!way || way->route->kind != Route::Kind::unicast)
        return end(Arrival::Kind::no_route);
    if (hops_ && !inner_)
        record_route(*way->route, packet_, "forward");
    return postroute(*way->device, pick_way(*way->route));
}

Walker::Next Walker::receive() {
    Next next = Next::done;
    if (!hook(chain_prerouting, in_name(), {}, next))
        return next;
    const Ip& destination = packet_.destination();
    if (ns_->is_local(destination)) {
        // Martians: 127.0.0.0/8 never comes in by a real interface, unless route_localnet says so.
        if (destination.loopback() && !through_loopback_ && !routes_loopback(destination.family)) {
            if (hops_)
                record(Place::route, "", packet_, "drop", {"net.why.route.martian", {destination.text()}});
            return end(Arrival::Kind::lost);
        }
        return input();
    }
    const NetLookups::Way* way = ns_->lookups().way(destination);
    if (!way || way->route->kind != Route::Kind::unicast) {
        if (hops_)
            record(Place::route, "", packet_, "unreachable", {"net.why.route.none", {destination.text(), place_name("")}});
        return reject(IcmpCode::net_unreachable);
    }
    const bool stays = bridged_ && way->device == in_ && !way->route->via;
    if (!stays && !ns_->forwards(destination.family)) {
        if (hops_)
            record(Place::route, "", packet_, "drop",
                   {destination.family == Family::ipv4 ? "net.why.forward.off" : "net.why.forward.off6", {place_name("")}});
        return end(Arrival::Kind::lost);
    }
    return forward(*way, pick_way(*way->route));
}

Walker::Next Walker::input() {
    Next next = Next::done;
    if (!hook(chain_input, in_name(), {}, next))
        return next;
    if (diverted_)
        return divert();
    confirm();
    if (inner_ && packet_.tuple.protocol == Protocol::udp)
        for (const Interface* tunnel : ns_->lookups().tunnels())
            if (tunnel->vni == inner_vni_ && tunnel->vxlan_port == packet_.tuple.destination_port &&
                tunnel->vxlan_local.family == packet_.tuple.destination.family)
                return decapsulate(*tunnel);
    return end(Arrival::Kind::arrived);
}

Walker::Next Walker::forward(const NetLookups::Way& way, const Ip& next_hop) {
    // With br_netfilter a frame between two ports of one bridge passes the hooks, but is not routed.
    bridged_ = bridged_ && way.device == in_ && !way.route->via;
    if (hops_ && !bridged_)
        record_route(*way.route, packet_, "forward");
    if (!bridged_ && --packet_.ttl <= 0)
        return reject(IcmpCode::ttl_exceeded);
    Next next = Next::done;
    if (!hook(chain_forward, in_name(), way.device->name, next))
        return next;
    return postroute(*way.device, next_hop);
}

// net.ipv4.conf.all.route_localnet; IPv6 has no such thing.
bool Walker::routes_loopback(Family family) const {
    return family == Family::ipv4 && ns_->sysctl("net.ipv4.conf.all.route_localnet") == "1";
}

Walker::Next Walker::postroute(const Interface& out, const Ip& next_hop) {
    if (packet_.source().loopback() && out.kind != InterfaceKind::loopback && packet_.kind != PacketKind::icmp_error &&
        !routes_loopback(packet_.source().family)) {
        if (hops_)
            record(Place::route, "", packet_, "drop", {"net.why.route.martian", {packet_.source().text()}});
        return end(Arrival::Kind::lost);
    }
    const Ip hop = next_hop;
    Next next = Next::done;
    if (!hook(chain_postrouting, {}, out.name, next))
        return next;
    confirm();
    return transmit(out, hop);
}

void Walker::confirm() {
    if (track_.id && !ns_->conntrack.entry(track_.id).confirmed)
        ns_->conntrack.edit(track_.id).confirmed = true;
}

Walker::Next Walker::transmit(const Interface& out, const Ip& next_hop) {
    if (!out.up)
        return end(Arrival::Kind::lost);
    if (Next next = Next::done; !fits(out, next))
        return next;
    tap(out.name, Way::out);
    switch (out.kind) {
    case InterfaceKind::loopback:
        through_loopback_ = true;
        in_ = &out;
        tap(out.name, Way::in);
        result_.elapsed = result_.elapsed + latency::loopback;
        return Next::receive;
    case InterfaceKind::veth: return transmit_veth(out);
    case InterfaceKind::bridge: return transmit_bridge(out, next_hop, "");
    case InterfaceKind::vxlan: return encapsulate(out, next_hop);
    case InterfaceKind::ethernet: return transmit_wire(out, next_hop);
    case InterfaceKind::dummy: break;  // takes everything and passes on nothing
    }
    return end(Arrival::Kind::lost);
}

void Walker::stand_in(std::uint32_t machine, NamespaceId ns) {
    machine_ = state_.edit_machine(machine);
    ns_ = machine_ ? machine_->find_for_walk(ns) : nullptr;
    if (memo_ && ns_)
        memo_->visits.push_back({machine, ns, ns_->changes()});
}

Walker::Next Walker::enter(std::uint32_t machine, NamespaceId ns, std::string_view interface_) {
    stand_in(machine, ns);
    track_ = {};
    through_loopback_ = false;
    in_ = ns_ ? ns_->lookups().interface_named(interface_) : nullptr;
    if (!in_)
        return end(Arrival::Kind::lost);
    packet_.mark = 0;
    return Next::receive;
}

// Whoever learns is the present namespace or the one before.
void Walker::learn(NetNamespace& who, const Ip& ip, const Interface& device, const Mac& mac) {
    who.learn(ip, device.name, mac, simulation_.now());
    if (memo_)
        memo_->learned.push_back({static_cast<std::uint16_t>(memo_->visits.size() - (&who == ns_ ? 1 : 2)),
                                  static_cast<std::uint16_t>(&device - who.interfaces.data()), mac, ip});
}

Walker::Next Walker::transmit_veth(const Interface& from) {
    NetNamespace& sender = *ns_;
    const std::uint32_t machine = state_.machine_index(from.peer_namespace);
    // The next hop decides whether a bridge takes the frame up or passes it on.
    const NetLookups::Way* way = ns_->lookups().way(packet_.destination());
    const Ip next_hop = way && way->route->via ? *way->route->via : packet_.destination();
    if (hops_)
        record(Place::interface_, from.name, packet_, "forward", {"net.why.veth", {place_name(from.name)}});
    pending_latency_ = pending_latency_ + latency::veth;
    result_.elapsed = result_.elapsed + latency::veth;
    if (enter(machine, from.peer_namespace, from.peer) == Next::done)
        return Next::done;
    const Interface& end_interface = *in_;
    if (!end_interface.up)
        return end(Arrival::Kind::lost);
    tap(end_interface.name, Way::in);
    bridged_ = false;
    if (end_interface.master.empty())
        return Next::receive;
    const Interface* bridge = ns_->lookups().interface_named(end_interface.master);
    if (!bridge || !bridge->up)
        return end(Arrival::Kind::lost);
    in_ = bridge;
    tap(bridge->name, Way::in);  // a capture makes the bridge promiscuous: it sees frames for others too
    for (const Prefix& address : bridge->addresses)
        if (address.ip == next_hop) {
            learn(sender, next_hop, from, bridge->mac);
            if (hops_)
                record(Place::interface_, bridge->name, packet_, "forward", {"net.why.bridge.up", {bridge->name, end_interface.name}});
            return Next::receive;
        }
    return enter_bridge(end_interface, *bridge);
}

// A frame for another port of the same bridge.
Walker::Next Walker::enter_bridge(const Interface& port, const Interface& bridge) {
    const bool ipv4 = packet_.destination().family == Family::ipv4;
    if (ns_->sysctl(ipv4 ? "net.bridge.bridge-nf-call-iptables" : "net.bridge.bridge-nf-call-ip6tables") == "1") {
        bridged_ = true;
        return Next::receive;
    }
    if (hops_)
        record(Place::interface_, bridge.name, packet_, "forward", {"net.why.bridge.port", {bridge.name, port.name}});
    return transmit_bridge(bridge, packet_.destination(), port.name);
}

Walker::Next Walker::transmit_bridge(const Interface& bridge, const Ip& next_hop, std::string_view from_port) {
    const Interface* port = port_toward(*machine_, *ns_, bridge, next_hop);
    result_.elapsed = result_.elapsed + latency::bridge;
    if (!port || (port->name == from_port && !port->hairpin)) {
        if (hops_)
            record(Place::interface_, bridge.name, packet_, "drop", {"net.why.neighbour.none", {next_hop.text(), bridge.name}});
        ns_->learn_failed(next_hop, bridge.name, simulation_.now());
        if (packet_.kind == PacketKind::icmp_error || inner_)
            return end(Arrival::Kind::lost);
        const bool own = ns_->is_local(packet_.source());
        if (own)
            return end(Arrival::Kind::host_unreachable);
        result_.elapsed = result_.elapsed + latency::arp_give_up;
        return reject(IcmpCode::host_unreachable);
    }
    const NamespaceId pod = port->peer_namespace;
    const std::string& pod_end = port->peer;
    if (const Interface* end_interface = machine_->find(pod)->find_interface(pod_end); from_port.empty() && end_interface)
        learn(*ns_, next_hop, bridge, end_interface->mac);
    tap(port->name, Way::out);
    if (hops_)
        record(Place::interface_, bridge.name, packet_, "forward", {"net.why.bridge.port", {bridge.name, port->name}});
    pending_latency_ = pending_latency_ + latency::veth;
    result_.elapsed = result_.elapsed + latency::veth;
    const Next next = enter(state_.machine_index(pod), pod, pod_end);
    if (next == Next::receive)
        tap(pod_end, Way::in);
    if (next == Next::receive && hops_)
        record(Place::interface_, place_name(pod_end), packet_, "forward", {"net.why.veth.in", {place_name(pod_end)}});
    return next;
}

Walker::Next Walker::encapsulate(const Interface& tunnel, const Ip& next_hop) {
    const Neighbour* neighbour = ns_->lookups().neighbour(next_hop, tunnel.name);
    const FdbEntry* remote = neighbour ? ns_->lookups().remote(tunnel, neighbour->mac) : nullptr;
    if (!remote) {
        if (hops_)
            record(Place::tunnel, tunnel.name, packet_, "drop", {"net.why.tunnel.peer.none", {next_hop.text(), tunnel.name}});
        return end(Arrival::Kind::lost);
    }
    const Packet inner = packet_;
    Packet outer;
    outer.kind = PacketKind::datagram;
    outer.tuple.protocol = Protocol::udp;
    outer.tuple.source = tunnel.vxlan_local;
    outer.tuple.destination = remote->remote;
    // The kernel derives the outer source port from the inner flow, so that paths spread.
    const std::uint32_t seed = inner.tuple.source_port * 31u + inner.tuple.destination_port + hint_key(inner.tuple.destination);
    outer.tuple.source_port = tunnel_port(seed);
    if (memo_) {
        const bool source = client_port_ == ClientPort::source;
        tunnel_ = seed - client_number_ * (source ? 31u : 1u);
        memo_->common = memo_->common && (source ? inner.tuple.source_port : inner.tuple.destination_port) == client_number_;
    }
    outer.tuple.destination_port = tunnel.vxlan_port;
    const bool over_ipv6 = remote->remote.family == Family::ipv6;
    outer.length = static_cast<std::uint16_t>(inner.length + (over_ipv6 ? vxlan6_overhead : vxlan_overhead));
    outer.dont_fragment = false;
    inner_ = inner;
    inner_vni_ = tunnel.vni;
    if (hops_) {
        Hop& hop = record(Place::tunnel, tunnel.name, inner, "encapsulate",
                          {"net.why.tunnel.encapsulate", {tunnel.name, cat(tunnel.vni), remote->remote.text()}});
        packet_ = outer;
        hop.outer = header(outer);
    }
    packet_ = outer;
    result_.elapsed = result_.elapsed + latency::tunnel;
    return Next::output;
}

Walker::Next Walker::decapsulate(const Interface& tunnel) {
    const Packet outer = packet_;
    packet_ = *inner_;
    inner_.reset();
    packet_.mark = 0;
    track_ = {};
    in_ = &tunnel;
    tap(tunnel.name, Way::in);
    result_.elapsed = result_.elapsed + latency::tunnel;
    if (hops_)
        record(Place::tunnel, tunnel.name, packet_, "decapsulate", {"net.why.tunnel.decapsulate", {tunnel.name, outer.tuple.source.text()}})
            .outer = header(outer);
    return Next::receive;
}

Walker::Next Walker::transmit_wire(const Interface& device, const Ip& next_hop) {
    const auto it = state_.wires.find(next_hop);
    const WireEnd* brought_back = way_back();
    const WireEnd* wire = brought_back ? brought_back : it == state_.wires.end() ? nullptr : &it->second;
    const NodeStack* other = wire ? state_.machine(wire->machine) : nullptr;
    const Interface* far_end = other ? other->root().lookups().interface_named(wire->interface_) : nullptr;
    const LinkFault own_cable = state_.link_fault(state_.machine_index(ns_->id));
    const LinkFault far_cable = other ? state_.link_fault(wire->machine) : LinkFault{};
    const bool answers = other && other->up && far_end && far_end->up && !own_cable.cut && !far_cable.cut;
    if (hops_)
        record(Place::interface_, device.name, inner_.value_or(packet_), "forward", {"net.why.interface.out", {place_name(device.name)}});
    if (!answers) {
        if (hops_)
            record(Place::wire, device.name, inner_.value_or(packet_), "drop",
                   own_cable.cut || far_cable.cut
                       ? sim::Fact{"net.why.wire.cut", {own_cable.cut ? machine_->name() : other->name(), next_hop.text()}}
                       : sim::Fact{next_hop.family == Family::ipv4 ? "net.why.arp.silent" : "net.why.ndp.silent",
                                   {next_hop.text(), machine_->name()}});
        ns_->learn_failed(next_hop, device.name, simulation_.now());
        if (inner_ || packet_.kind == PacketKind::icmp_error)
            return end(Arrival::Kind::lost);
        if (!in_)
            return end(Arrival::Kind::host_unreachable);
        result_.elapsed = result_.elapsed + latency::arp_give_up;
        return reject(IcmpCode::host_unreachable);
    }
    if (!brought_back)
        learn(*ns_, next_hop, device, far_end->mac);
    if (lost_by_chance(own_cable) || lost_by_chance(far_cable)) {
        if (hops_)
            record(Place::wire, device.name, inner_.value_or(packet_), "drop", {"net.why.wire.lost", {machine_->name(), other->name()}});
        result_.by_chance = true;
        return end(Arrival::Kind::lost);
    }
    const bool far = machine_->role == MachineRole::edge || other->role == MachineRole::edge;
    const Duration takes = (far ? latency::internet : latency::wire) + own_cable.delay + far_cable.delay;
    pending_latency_ = pending_latency_ + takes;
    result_.elapsed = result_.elapsed + takes;
    if (hops_) {
        Hop& hop = record(Place::wire, device.name, inner_.value_or(packet_), "forward",
                          {brought_back ? "net.why.wire.balancer" : "net.why.wire", {machine_->name(), other->name()}});
        if (inner_)
            hop.outer = header(packet_);
    }
    const std::string& interface_ = wire->interface_;
    const Next next = enter(wire->machine, other->root_id(), interface_);
    if (next == Next::receive)
        tap(interface_, Way::in);
    if (next == Next::receive && hops_) {
        Hop& hop = record(Place::interface_, interface_, inner_.value_or(packet_), "forward",
                          {"net.why.interface.in", {place_name(interface_)}});
        if (inner_)
            hop.outer = header(packet_);
    }
    return next;
}

}  // namespace kubewalk::net
