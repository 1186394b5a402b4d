// The lists of a namespace by the keys that packets ask with.

#include <algorithm>

#include "core/base/random.h"
#include "core/base/sort.h"
#include "core/net/node_stack.h"

namespace kubewalk::net {

namespace {

// Shorter lists are read one after the other.
constexpr std::size_t many = 12;

std::uint64_t key_of(const Ip& ip, std::string_view device) {
    std::uint64_t name = device.size();
    for (const char letter : device)
        name = name * 31 + static_cast<unsigned char>(letter);
    return (plain_number(ip.bytes.data()) ^ plain_number(ip.bytes.data() + 8) * 31) * 0x9e3779b97f4a7c15ull ^ name;
}

std::uint64_t key_of(const Mac& mac, const Interface& tunnel) {
    std::uint64_t key = static_cast<std::uint64_t>(tunnel.index) << 48;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i)
        key |= static_cast<std::uint64_t>(mac.bytes[i]) << (8 * i);
    return key;
}

}  // namespace

NetLookups::NetLookups(const NetNamespace& of) : of_(of) {
    forwards_ = of.sysctl("net.ipv4.ip_forward") == "1";
    forwards6_ = of.sysctl("net.ipv6.conf.all.forwarding") == "1";
    const bool by_name = of.interfaces.size() >= many;
    for (const Interface& interface_ : of.interfaces) {
        if (by_name)
            by_name_.emplace(interface_.name, &interface_);
        for (const Prefix& address : interface_.addresses)
            addresses_.push_back(address.ip);
        if (interface_.kind == InterfaceKind::vxlan)
            tunnels_.push_back(&interface_);
        if (interface_.fdb.size() >= many)
            for (const FdbEntry& entry : interface_.fdb)
                fdb_[key_of(entry.mac, interface_)] = &entry;
    }
    if (of.neighbours.size() >= many)
        for (const Neighbour& neighbour : of.neighbours)
            neighbours_[key_of(neighbour.ip, neighbour.device)] = &neighbour;
    for (const Route& route : of.routes) {
        const Interface* out = interface_named(route.device);
        if (route.kind == Route::Kind::unicast && (!out || !out->up))
            continue;
        ways_.push_back({{route.destination.network(), route.destination.length}, &route, out});
    }
    sort_stably(ways_, [](const Way& a, const Way& b) { return a.destination.length > b.destination.length; });
    if (ways_.size() < many)
        return;
    for (const Way& way : ways_) {
        const Prefix& to = way.destination;
        const auto same = std::find_if(lengths_.begin(), lengths_.end(),
                                       [&](const Length& l) { return l.length == to.length && l.family == to.ip.family; });
        if (same != lengths_.end())
            same->ways.push_back(&way);
        else
            lengths_.push_back({to.ip.family, to.length, {&way}, {}});
    }
    for (Length& length : lengths_) {
        sort_stably(length.ways,
                         [](const Way* a, const Way* b) { return a->destination.ip < b->destination.ip; });
        if (length.family == Family::ipv4)
            for (const Way* way : length.ways)
                length.numbers.push_back(way->destination.ip.v4_number());
    }
}

const NetLookups::Way* NetLookups::way(const Ip& destination) const {
    if (lengths_.empty()) {
        for (const Way& way : ways_)
            if (way.destination.contains(destination))
                return &way;
        return nullptr;
    }
    for (const Length& length : lengths_) {
        if (length.family != destination.family)
            continue;
        if (length.family == Family::ipv4) {
            const std::uint32_t wanted = length.length == 0 ? 0 : destination.v4_number() >> (32 - length.length) << (32 - length.length);
            const auto found = std::lower_bound(length.numbers.begin(), length.numbers.end(), wanted);
            if (found != length.numbers.end() && *found == wanted)
                return length.ways[static_cast<std::size_t>(found - length.numbers.begin())];
            continue;
        }
        const Ip network = Prefix{destination, length.length}.network();
        const auto at = std::lower_bound(length.ways.begin(), length.ways.end(), network,
                                         [](const Way* way, const Ip& wanted) { return way->destination.ip < wanted; });
        if (at != length.ways.end() && (*at)->destination.ip == network)
            return *at;
    }
    return nullptr;
}

const Interface* NetLookups::interface_named(std::string_view name) const {
    if (name.empty())
        return nullptr;
    const Interface*& hint = named_[(name.size() + static_cast<unsigned char>(name.back()) * 7u) % named_count];
    if (hint && hint->name == name)
        return hint;
    const Interface* found = nullptr;
    if (by_name_.empty())
        found = of_.find_interface(name);
    else if (const auto at = by_name_.find(name); at != by_name_.end())
        found = at->second;
    return found ? hint = found : nullptr;
}

const Neighbour* NetLookups::neighbour(const Ip& ip, std::string_view device) const {
    if (!neighbours_.empty()) {
        const auto at = neighbours_.find(key_of(ip, device));
        return at != neighbours_.end() && at->second->ip == ip && at->second->device == device ? at->second : nullptr;
    }
    for (const Neighbour& candidate : of_.neighbours)
        if (candidate.ip == ip && candidate.device == device)
            return &candidate;
    return nullptr;
}

const FdbEntry* NetLookups::remote(const Interface& tunnel, const Mac& mac) const {
    if (tunnel.fdb.size() >= many) {
        const auto at = fdb_.find(key_of(mac, tunnel));
        return at == fdb_.end() ? nullptr : at->second;
    }
    const FdbEntry* found = nullptr;
    for (const FdbEntry& candidate : tunnel.fdb)
        if (candidate.mac == mac)
            found = &candidate;
    return found;
}

}  // namespace kubewalk::net
