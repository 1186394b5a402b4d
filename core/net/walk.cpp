#include "core/net/walk.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::net {

namespace {

constexpr int vxlan_overhead = 50;  // outer IP, UDP and VXLAN headers, inner Ethernet header
constexpr int max_steps = 64;  // more than any honest path; a routing loop ends by TTL before

const Interface* port_toward(const NodeStack& machine, const NetNamespace& host, const Interface& bridge, const Ip& next_hop) {
    for (const Interface& port : host.interfaces) {
        if (port.master != bridge.name || port.kind != InterfaceKind::veth || !port.up)
            continue;
        const NetNamespace* pod = machine.find(port.peer_namespace);
        const Interface* end = pod ? pod->find_interface(port.peer) : nullptr;
        if (!end || !end->up)
            continue;
        for (const Prefix& address : end->addresses)
            if (address.ip == next_hop)
                return &port;
    }
    return nullptr;
}

}  // namespace

Arrival Walker::send(NamespaceId from, Packet packet) {
    const std::uint32_t index = state_.machine_index(from);
    machine_ = state_.edit_machine(index);
    ns_ = machine_ ? machine_->find_for_edit(from) : nullptr;
    packet_ = packet;
    packet_.mark = 0;
    track_ = {};
    in_.clear();
    inner_.reset();
    through_loopback_ = bridged_ = diverted_ = false;
    result_ = {};
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
    if (kind != Arrival::Kind::arrived)
        forget_fresh();
    result_.kind = kind;
    result_.at = ns_ ? ns_->id : 0;
    result_.packet = packet_;
    result_.in_interface = in_;
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
    if (packet_.length <= out.mtu || !packet_.dont_fragment)
        return true;  // fragments are put together again where the packet ends
    if (hops_)
        record(Place::interface_, out.name, packet_, "drop",
               {"net.why.mtu", {cat(packet_.length), place_name(out.name), cat(out.mtu)}});
    result_.mtu = out.mtu;
    if (in_.empty()) {
        next = end(Arrival::Kind::too_big);
        return false;
    }
    const int mtu = out.mtu;
    next = reject(IcmpCode::fragmentation_needed);
    result_.error.mtu = static_cast<std::uint16_t>(mtu);
    return false;
}

void Walker::tap(std::string_view interface_, Way way) {
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
    return fault.loss_per_million > 0 && dice_.next() % million < fault.loss_per_million;
}

// -- the stages -----------------------------------------------------------------------------------------

Walker::Next Walker::output() {
    const auto local_device = [this] { return ns_->is_local(packet_.destination()); };
    const Route* route = ns_->lookup(packet_.destination());
    if (!local_device() && (!route || route->kind != Route::Kind::unicast)) {
        if (hops_)
            record(Place::route, "", packet_, "unreachable",
                   {"net.why.route.none", {packet_.destination().text(), place_name("")}});
        return end(Arrival::Kind::no_route);
    }
    if (packet_.tuple.source.unspecified() && packet_.kind != PacketKind::icmp_error)
        packet_.tuple.source = local_device() ? packet_.destination()
                                              : ns_->source_address(*route, packet_.destination()).value_or(Ip{});
    in_.clear();
    through_loopback_ = false;
    Next next = Next::done;
    const Ip before = packet_.destination();
    if (!hook(chain_output, "", local_device() ? std::string_view("lo") : std::string_view(route->device), next))
        return next;
    if (packet_.destination() != before)
        route = ns_->lookup(packet_.destination());  // ip_route_me_harder
    if (local_device())
        return postroute("lo", packet_.destination());
    if (!route || route->kind != Route::Kind::unicast)
        return end(Arrival::Kind::no_route);
    if (hops_ && !inner_)
        record_route(*route, packet_, "forward");
    return postroute(route->device, pick_way(*route));
}

Walker::Next Walker::receive() {
    Next next = Next::done;
    if (!hook(chain_prerouting, in_, "", next))
        return next;
    const Ip& destination = packet_.destination();
    if (ns_->is_local(destination)) {
        // Martians: 127.0.0.0/8 never comes in by a real interface, unless route_localnet says so.
        if (destination.loopback() && !through_loopback_ && ns_->sysctl("net.ipv4.conf.all.route_localnet") != "1") {
            if (hops_)
                record(Place::route, "", packet_, "drop", {"net.why.route.martian", {destination.text()}});
            return end(Arrival::Kind::lost);
        }
        return input();
    }
    const Route* route = ns_->lookup(destination);
    if (!route || route->kind != Route::Kind::unicast) {
        if (hops_)
            record(Place::route, "", packet_, "unreachable", {"net.why.route.none", {destination.text(), place_name("")}});
        return reject(IcmpCode::net_unreachable);
    }
    const bool stays = bridged_ && route->device == in_ && !route->via;
    if (!stays && !ns_->forwards(destination.family)) {
        if (hops_)
            record(Place::route, "", packet_, "drop", {"net.why.forward.off", {place_name("")}});
        return end(Arrival::Kind::lost);
    }
    return forward(*route, pick_way(*route));
}

Walker::Next Walker::input() {
    Next next = Next::done;
    if (!hook(chain_input, in_, "", next))
        return next;
    if (diverted_)
        return divert();
    if (track_.id)
        ns_->conntrack.edit(track_.id).confirmed = true;
    if (inner_ && packet_.tuple.protocol == Protocol::udp)
        for (const Interface& tunnel : ns_->interfaces)
            if (tunnel.kind == InterfaceKind::vxlan && tunnel.vni == inner_vni_ && tunnel.vxlan_port == packet_.tuple.destination_port)
                return decapsulate();
    return end(Arrival::Kind::arrived);
}

Walker::Next Walker::forward(const Route& route, const Ip& next_hop) {
    const std::string device = route.device;
    const Ip hop = next_hop;
    // With br_netfilter a frame between two ports of one bridge passes the hooks, but is not routed.
    bridged_ = bridged_ && device == in_ && !route.via;
    if (hops_ && !bridged_)
        record_route(route, packet_, "forward");
    if (!bridged_ && --packet_.ttl <= 0)
        return reject(IcmpCode::ttl_exceeded);
    Next next = Next::done;
    if (!hook(chain_forward, in_, device, next))
        return next;
    return postroute(device, hop);
}

Walker::Next Walker::postroute(const std::string& device, const Ip& next_hop) {
    if (packet_.source().loopback() && device != "lo" && packet_.kind != PacketKind::icmp_error &&
        ns_->sysctl("net.ipv4.conf.all.route_localnet") != "1") {
        if (hops_)
            record(Place::route, "", packet_, "drop", {"net.why.route.martian", {packet_.source().text()}});
        return end(Arrival::Kind::lost);
    }
    const std::string out = device;
    const Ip hop = next_hop;
    Next next = Next::done;
    if (!hook(chain_postrouting, "", out, next))
        return next;
    if (track_.id)
        ns_->conntrack.edit(track_.id).confirmed = true;
    return transmit(out, hop);
}

Walker::Next Walker::transmit(const std::string& device, const Ip& next_hop) {
    const Interface* out = ns_->find_interface(device);
    if (!out || !out->up)
        return end(Arrival::Kind::lost);
    if (Next next = Next::done; !fits(*out, next))
        return next;
    tap(device, Way::out);
    switch (out->kind) {
    case InterfaceKind::loopback:
        through_loopback_ = true;
        in_ = "lo";
        tap("lo", Way::in);
        result_.elapsed = result_.elapsed + latency::loopback;
        return Next::receive;
    case InterfaceKind::veth: return transmit_veth(*out);
    case InterfaceKind::bridge: return transmit_bridge(*out, next_hop, "");
    case InterfaceKind::vxlan: return encapsulate(*out, next_hop);
    case InterfaceKind::ethernet: return transmit_wire(*out, next_hop);
    case InterfaceKind::dummy: break;  // takes everything and passes on nothing
    }
    return end(Arrival::Kind::lost);
}

Walker::Next Walker::enter(std::uint32_t machine, NamespaceId ns, std::string_view interface_) {
    const std::string name(interface_);
    machine_ = state_.edit_machine(machine);
    ns_ = machine_ ? machine_->find_for_edit(ns) : nullptr;
    track_ = {};
    through_loopback_ = false;
    in_ = name;
    if (!ns_)
        return end(Arrival::Kind::lost);
    packet_.mark = 0;
    return Next::receive;
}

Walker::Next Walker::transmit_veth(const Interface& from) {
    const NamespaceId peer_namespace = from.peer_namespace;
    const std::string peer = from.peer;
    const std::string name = from.name;
    const NamespaceId sender_id = ns_->id;
    // The next hop decides whether a bridge takes the frame up or passes it on.
    const Route* route = ns_->lookup(packet_.destination());
    const Ip next_hop = route && route->via ? *route->via : packet_.destination();
    if (hops_)
        record(Place::interface_, name, packet_, "forward", {"net.why.veth", {place_name(name)}});
    pending_latency_ = pending_latency_ + latency::veth;
    result_.elapsed = result_.elapsed + latency::veth;
    const std::uint32_t machine = state_.machine_index(peer_namespace);
    enter(machine, peer_namespace, peer);
    if (!ns_)
        return Next::done;
    const Interface* end_interface = ns_->find_interface(peer);
    if (!end_interface || !end_interface->up)
        return end(Arrival::Kind::lost);
    tap(peer, Way::in);
    bridged_ = false;
    if (end_interface->master.empty())
        return Next::receive;
    const Interface* bridge = ns_->find_interface(end_interface->master);
    if (!bridge || !bridge->up)
        return end(Arrival::Kind::lost);
    in_ = bridge->name;
    bridge_port_ = peer;
    tap(bridge->name, Way::in);  // a capture makes the bridge promiscuous: it sees frames for others too
    for (const Prefix& address : bridge->addresses)
        if (address.ip == next_hop) {
            if (NetNamespace* sender = state_.edit(sender_id))
                sender->learn(next_hop, name, bridge->mac, simulation_.now());
            if (hops_)
                record(Place::interface_, bridge->name, packet_, "forward", {"net.why.bridge.up", {bridge->name, peer}});
            return Next::receive;
        }
    return enter_bridge(*end_interface, *bridge);
}

// A frame for another port of the same bridge.
Walker::Next Walker::enter_bridge(const Interface& port, const Interface& bridge) {
    if (ns_->sysctl("net.bridge.bridge-nf-call-iptables") == "1") {
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
        return own ? end(Arrival::Kind::host_unreachable) : reject(IcmpCode::host_unreachable);
    }
    const NamespaceId pod = port->peer_namespace;
    const std::string pod_end = port->peer;
    if (const Interface* end_interface = machine_->find(pod)->find_interface(pod_end); from_port.empty() && end_interface)
        ns_->learn(next_hop, bridge.name, end_interface->mac, simulation_.now());
    tap(port->name, Way::out);
    if (hops_)
        record(Place::interface_, bridge.name, packet_, "forward", {"net.why.bridge.port", {bridge.name, port->name}});
    pending_latency_ = pending_latency_ + latency::veth;
    result_.elapsed = result_.elapsed + latency::veth;
    const std::uint32_t machine = state_.machine_index(pod);
    const Next next = enter(machine, pod, pod_end);
    if (next == Next::receive)
        tap(pod_end, Way::in);
    if (next == Next::receive && hops_)
        record(Place::interface_, place_name(pod_end), packet_, "forward", {"net.why.veth.in", {place_name(pod_end)}});
    return next;
}

Walker::Next Walker::encapsulate(const Interface& tunnel, const Ip& next_hop) {
    const Neighbour* neighbour = nullptr;
    for (const Neighbour& candidate : ns_->neighbours)
        if (candidate.device == tunnel.name && candidate.ip == next_hop)
            neighbour = &candidate;
    const FdbEntry* remote = nullptr;
    if (neighbour)
        for (const FdbEntry& candidate : tunnel.fdb)
            if (candidate.mac == neighbour->mac)
                remote = &candidate;
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
    outer.tuple.source_port = static_cast<std::uint16_t>(
        32768 + (inner.tuple.source_port * 31u + inner.tuple.destination_port + inner.tuple.destination.v4_number()) % 28232);
    outer.tuple.destination_port = tunnel.vxlan_port;
    outer.length = static_cast<std::uint16_t>(inner.length + vxlan_overhead);
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

Walker::Next Walker::decapsulate() {
    const Packet outer = packet_;
    packet_ = *inner_;
    inner_.reset();
    packet_.mark = 0;
    track_ = {};
    for (const Interface& tunnel : ns_->interfaces)
        if (tunnel.kind == InterfaceKind::vxlan && tunnel.vni == inner_vni_)
            in_ = tunnel.name;
    tap(in_, Way::in);
    result_.elapsed = result_.elapsed + latency::tunnel;
    if (hops_)
        record(Place::tunnel, in_, packet_, "decapsulate", {"net.why.tunnel.decapsulate", {in_, outer.tuple.source.text()}}).outer =
            header(outer);
    return Next::receive;
}

Walker::Next Walker::transmit_wire(const Interface& device, const Ip& next_hop) {
    const auto it = state_.wires.find(next_hop);
    const WireEnd* brought_back = way_back();
    const WireEnd* wire = brought_back ? brought_back : it == state_.wires.end() ? nullptr : &it->second;
    const NodeStack* other = wire ? state_.machine(wire->machine) : nullptr;
    const Interface* far_end = other ? other->root().find_interface(wire->interface_) : nullptr;
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
                       : sim::Fact{"net.why.arp.silent", {next_hop.text(), machine_->name()}});
        ns_->learn_failed(next_hop, device.name, simulation_.now());
        if (inner_ || packet_.kind == PacketKind::icmp_error)
            return end(Arrival::Kind::lost);
        return in_.empty() ? end(Arrival::Kind::host_unreachable) : reject(IcmpCode::host_unreachable);
    }
    if (!brought_back)
        ns_->learn(next_hop, device.name, far_end->mac, simulation_.now());
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
    const std::uint32_t machine = wire->machine;
    const NamespaceId root = other->root_id();
    const std::string interface_ = wire->interface_;
    const Next next = enter(machine, root, interface_);
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
