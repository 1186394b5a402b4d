#include "core/net/node_stack.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/ipvs.h"
#include "core/net/nft.h"

namespace kubewalk::net {

Mac mac_for(std::string_view text) {
    const std::uint64_t hash = fnv1a(text);
    Mac mac;
    for (std::size_t i = 0; i < 6; ++i)
        mac.bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i) & 255);
    mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xfc) | 0x02);
    return mac;
}

std::string Route::text() const {
    std::string out;
    if (kind == Kind::unreachable)
        out += "unreachable ";
    else if (kind == Kind::blackhole)
        out += "blackhole ";
    const int host = destination.ip.family == Family::ipv4 ? 32 : 128;
    if (destination.length == 0)
        out += "default";
    else
        out += destination.length == host ? destination.ip.text() : destination.text();
    if (via)
        append(out, " via ", via->text());
    if (!device.empty() && nexthops.empty())
        append(out, " dev ", device);
    if (!protocol.empty())
        append(out, " proto ", protocol);
    if (destination.ip.family == Family::ipv6)  // IP6_RT_PRIO_ADDRCONF, IP6_RT_PRIO_USER
        return cat(out, source ? cat(" src ", source->text()) : std::string(), " metric ", protocol == "kernel" ? 256 : 1024,
                   onlink ? " onlink" : "", " pref medium");
    if (scope_link)
        out += " scope link";
    if (source)
        append(out, " src ", source->text());
    for (const Ip& hop : nexthops)
        append(out, " nexthop via ", hop.text(), " dev ", device, " weight 1");
    if (onlink)
        out += " onlink";
    return out;
}

NetNamespace::NetNamespace(NamespaceId namespace_id, std::string namespace_name, std::shared_ptr<ChainNames> names)
    : id(namespace_id),
      name(std::move(namespace_name)),
      rules_(std::make_shared<Ruleset>(names)),
      rules6_(std::make_shared<Ruleset>(std::move(names), Family::ipv6)) {
    Interface lo;
    lo.name = "lo";
    lo.kind = InterfaceKind::loopback;
    lo.mtu = 65536;
    lo.addresses.push_back({Ip::v4(127, 0, 0, 1), 8});
    add_interface(std::move(lo));
}

Ruleset& NetNamespace::edit_rules(Family family) {
    ++changes_;
    std::shared_ptr<Ruleset>& rules = family == Family::ipv4 ? rules_ : rules6_;
    if (rules.use_count() > 1)
        rules = std::make_shared<Ruleset>(*rules);
    return *rules;
}

void NetNamespace::enable_ipv6() {
    if (ipv6_)
        return;
    ipv6_ = true;
    Ip loopback{Family::ipv6, {}};
    add_address("lo", {loopback.plus(1), 128});
}

Ipvs& NetNamespace::edit_ipvs() {
    ++changes_;
    return own_ipvs();
}

Ipvs& NetNamespace::own_ipvs() {
    if (!ipvs_)
        ipvs_ = std::make_shared<Ipvs>();
    else if (ipvs_.use_count() > 1)
        ipvs_ = std::make_shared<Ipvs>(*ipvs_);
    return *ipvs_;
}

NftTables& NetNamespace::edit_nft() {
    ++changes_;
    return own_nft();
}

NftTables& NetNamespace::own_nft() {
    if (!nft_)
        nft_ = std::make_shared<NftTables>();
    else if (nft_.use_count() > 1)
        nft_ = std::make_shared<NftTables>(*nft_);
    return *nft_;
}

const Interface* NetNamespace::find_interface(std::string_view interface_name) const {
    for (const Interface& interface_ : interfaces)
        if (interface_.name == interface_name)
            return &interface_;
    return nullptr;
}

Interface* NetNamespace::find_interface(std::string_view interface_name) {
    changed();
    return const_cast<Interface*>(static_cast<const NetNamespace*>(this)->find_interface(interface_name));
}

const NetLookups& NetNamespace::lookups() const { return lookups_.of(*this); }

Interface& NetNamespace::add_interface(Interface interface_) {
    changed();
    int last = 0;
    for (const Interface& other : interfaces)
        last = std::max(last, other.index);
    interface_.index = last + 1;
    interfaces.push_back(std::move(interface_));
    return interfaces.back();
}

void NetNamespace::remove_interface(std::string_view interface_name) {
    changed();
    const std::string gone(interface_name);
    std::erase_if(interfaces, [&](const Interface& i) { return i.name == gone; });
    std::erase_if(routes, [&](const Route& r) { return r.device == gone; });
    std::erase_if(neighbours, [&](const Neighbour& n) { return n.device == gone; });
    std::erase_if(learned, [&](const auto& entry) { return entry.second.device == gone; });
}

void NetNamespace::add_address(std::string_view interface_name, const Prefix& prefix) {
    Interface* interface_ = find_interface(interface_name);
    if (!interface_)
        return;
    if (std::find(interface_->addresses.begin(), interface_->addresses.end(), prefix) != interface_->addresses.end())
        return;
    interface_->addresses.push_back(prefix);
    const bool ipv4 = prefix.ip.family == Family::ipv4;
    if (ipv4 && prefix.length == 32)
        return;
    Route connected;
    connected.destination = {prefix.network(), prefix.length};
    connected.device = interface_name;
    connected.protocol = "kernel";
    // IPv6 has neither here: addrconf_prefix_route names no source.
    connected.scope_link = ipv4;
    if (ipv4)
        connected.source = prefix.ip;
    set_route(std::move(connected));
}

void NetNamespace::set_route(Route route) {
    changed();
    for (Route& existing : routes)
        if (existing.destination == route.destination) {
            existing = std::move(route);
            return;
        }
    // In the order `ip route` lists them: by address, shorter prefixes first (default is 0.0.0.0/0).
    const auto at = std::lower_bound(routes.begin(), routes.end(), route,
                                     [](const Route& a, const Route& b) { return a.destination < b.destination; });
    routes.insert(at, std::move(route));
}

bool NetNamespace::delete_route(const Prefix& destination) {
    changed();
    return std::erase_if(routes, [&](const Route& route) { return route.destination == destination; }) > 0;
}

void NetNamespace::set_neighbour(const Neighbour& neighbour) {
    changed();
    for (Neighbour& existing : neighbours)
        if (existing.ip == neighbour.ip && existing.device == neighbour.device) {
            existing = neighbour;
            return;
        }
    neighbours.push_back(neighbour);
}

// net.ipv4.neigh.default: base_reachable_time 30 s, gc_stale_time 60 s.
std::string_view neighbour_state(const LearnedNeighbour& neighbour, Time now) {
    const Duration age = now - neighbour.seen;
    if (neighbour.failed)
        return age <= seconds(60) ? "FAILED" : "";
    return age <= seconds(30) ? "REACHABLE" : "STALE";
}

Time NetNamespace::learn(const Ip& ip, std::string_view device, const Mac& mac, Time now) {
    NetLookups::Known& known = lookups().known[IpHash{}(ip) % NetLookups::known_count];
    if (!known.entry || !(known.ip == ip))
        known = {ip, &learned[ip]};
    LearnedNeighbour& entry = *known.entry;
    if (!entry.failed && entry.mac == mac && now - entry.seen < seconds(1) && entry.device == device)
        return entry.seen;
    entry.mac = mac;
    entry.device = device;
    entry.seen = now;
    entry.failed = false;
    return now;
}

void NetNamespace::learn_failed(const Ip& ip, std::string_view device, Time now) {
    LearnedNeighbour& entry = learned[ip];
    if (!entry.device.empty() && !entry.failed)
        ++changes_;  // flows that rely on it learn it again
    entry.mac = {};
    entry.device = device;
    entry.seen = now;
    entry.failed = true;
}

const Route* NetNamespace::lookup(const Ip& destination) const {
    const NetLookups::Way* way = lookups().way(destination);
    return way ? way->route : nullptr;
}

std::optional<Ip> NetNamespace::source_address(const Route& route, const Interface* device, const Ip& destination) const {
    if (route.source)
        return route.source;
    const Ip& toward = route.via ? *route.via : destination;
    if (!device)
        return std::nullopt;
    std::optional<Ip> first;
    for (const Prefix& address : device->addresses) {
        if (address.ip.family != destination.family)
            continue;
        if (address.contains(toward))
            return address.ip;
        if (!first)
            first = address.ip;
    }
    if (first)
        return first;
    for (const Interface& other : interfaces)
        for (const Prefix& address : other.addresses)
            if (address.ip.family == destination.family && !address.ip.loopback())
                return address.ip;
    return std::nullopt;
}

bool NetNamespace::is_local(const Ip& ip) const {
    if (ip.family == Family::ipv4 && ip.loopback())
        return true;
    const std::vector<Ip>& own = lookups().addresses();
    return std::find(own.begin(), own.end(), ip) != own.end();
}

std::string_view NetNamespace::sysctl(std::string_view key) const {
    const auto it = sysctls.find(key);
    return it == sysctls.end() ? std::string_view("0") : std::string_view(it->second);
}

void NetNamespace::set_sysctl(std::string_view key, std::string_view value) {
    changed();
    sysctls[std::string(key)] = std::string(value);
}

NodeStack::NodeStack(std::string machine_name, NamespaceId root, std::shared_ptr<ChainNames> names)
    : name_(std::move(machine_name)), root_(root), names_(std::move(names)) {
    namespaces_.push_back({root, std::make_shared<NetNamespace>(root, name_, names_)});
}

namespace {

// Ids only grow: a machine's namespaces stand in their order.
template <typename Spaces>
auto place_of(Spaces& spaces, NamespaceId id) {
    const auto at = std::lower_bound(spaces.begin(), spaces.end(), id, [](const auto& entry, NamespaceId wanted) { return entry.id < wanted; });
    return at != spaces.end() && at->id == id ? at : spaces.end();
}

}  // namespace

const NetNamespace* NodeStack::find(NamespaceId id) const {
    if (id == root_)
        return namespaces_.front().space.get();
    const auto at = place_of(namespaces_, id);
    return at == namespaces_.end() ? nullptr : at->space.get();
}

NetNamespace* NodeStack::find_for_walk(NamespaceId id) {
    const auto at = id == root_ ? namespaces_.begin() : place_of(namespaces_, id);
    if (at == namespaces_.end())
        return nullptr;
    if (at->space.use_count() > 1)
        at->space = std::make_shared<NetNamespace>(*at->space);
    return at->space.get();
}

NetNamespace* NodeStack::find_for_edit(NamespaceId id) {
    NetNamespace* found = find_for_walk(id);
    if (found)
        found->changed();
    return found;
}

std::vector<NamespaceId> NodeStack::namespaces() const {
    std::vector<NamespaceId> out;
    for (const Held& entry : namespaces_)
        out.push_back(entry.id);
    return out;
}

NetNamespace& NodeStack::add_namespace(NamespaceId id, std::string name) {
    namespaces_.push_back({id, std::make_shared<NetNamespace>(id, std::move(name), names_)});
    return *namespaces_.back().space;
}

void NodeStack::remove_namespace(NamespaceId id) {
    if (id == root_)
        return;
    // A veth pair goes when one of its ends goes.
    NetNamespace& host = root();
    std::vector<std::string> gone;
    for (const Interface& interface_ : host.interfaces)
        if (interface_.kind == InterfaceKind::veth && interface_.peer_namespace == id)
            gone.push_back(interface_.name);
    for (const std::string& interface_name : gone)
        host.remove_interface(interface_name);
    std::erase_if(namespaces_, [id](const Held& entry) { return entry.id == id; });
}

void NodeStack::log_kernel(Time now, std::string_view text) {
    constexpr std::size_t most = 100;
    for (auto line = kernel_log.rbegin(); line != kernel_log.rend() && now - line->at < seconds(5); ++line)
        if (line->text == text)
            return;
    if (kernel_log.size() == most)
        kernel_log.erase(kernel_log.begin());
    kernel_log.push_back({now, std::string(text)});
}

void NodeStack::reboot() {
    const NetNamespace before = root();
    namespaces_.assign(1, {root_, std::make_shared<NetNamespace>(root_, name_, names_)});
    NetNamespace& host = root();
    if (before.ipv6())
        host.enable_ipv6();
    for (const Interface& interface_ : before.interfaces)
        if (interface_.kind == InterfaceKind::ethernet)
            host.add_interface(interface_);
    // What the machine's own configuration brings up again.
    for (const Route& route : before.routes)
        if (const Interface* device = host.find_interface(route.device); device && device->kind == InterfaceKind::ethernet)
            host.set_route(route);
    kernel_log.clear();
    for (auto file = files.begin(); file != files.end();)
        file = file->first.starts_with("/run/") ? files.erase(file) : std::next(file);
}

void NodeStack::add_veth(std::string_view host_end, std::string_view bridge, NamespaceId pod, std::string_view pod_end, int mtu) {
    Interface outside;
    outside.name = host_end;
    outside.kind = InterfaceKind::veth;
    outside.mac = mac_for(cat(name_, '/', host_end));
    outside.mtu = mtu;
    outside.master = bridge;
    outside.peer_namespace = pod;
    outside.peer = pod_end;
    outside.hairpin = true;
    root().add_interface(std::move(outside));
    Interface inside;
    inside.name = pod_end;
    inside.kind = InterfaceKind::veth;
    inside.mac = mac_for(cat(name_, '/', host_end, "/peer"));
    inside.mtu = mtu;
    inside.peer_namespace = root_;
    inside.peer = host_end;
    edit(pod).add_interface(std::move(inside));
}

}  // namespace kubewalk::net
