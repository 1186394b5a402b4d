#include "core/net/ipset.h"

#include "core/base/text.h"

namespace kubewalk::net {

namespace {

Prefix host(const Ip& ip) { return {ip, ip.family == Family::ipv4 ? 32 : 128}; }

bool has_port(IpSetType type) { return type != IpSetType::hash_ip && type != IpSetType::hash_net; }

bool has_ports(Protocol protocol) { return protocol == Protocol::tcp || protocol == Protocol::udp || protocol == Protocol::sctp; }

}  // namespace

std::string_view ip_set_type_name(IpSetType type) {
    constexpr std::string_view names[] = {"hash:ip", "hash:net", "hash:ip,port", "hash:ip,port,ip", "hash:ip,port,net", "bitmap:port"};
    return names[static_cast<std::size_t>(type)];
}

IpSetEntry IpSetEntry::ip(const Ip& ip) {
    IpSetEntry entry;
    entry.address = host(ip);
    return entry;
}

IpSetEntry IpSetEntry::net(const Prefix& prefix) {
    IpSetEntry entry;
    entry.address = {prefix.network(), prefix.length};
    return entry;
}

IpSetEntry IpSetEntry::ip_port(const Ip& ip, Protocol protocol, std::uint16_t port) {
    IpSetEntry entry;
    entry.address = host(ip);
    entry.protocol = protocol;
    entry.port = port;
    return entry;
}

IpSetEntry IpSetEntry::ip_port_ip(const Ip& ip, Protocol protocol, std::uint16_t port, const Ip& second) {
    return ip_port_net(ip, protocol, port, host(second));
}

IpSetEntry IpSetEntry::ip_port_net(const Ip& ip, Protocol protocol, std::uint16_t port, const Prefix& second) {
    IpSetEntry entry = ip_port(ip, protocol, port);
    entry.second = {second.network(), second.length};
    return entry;
}

IpSetEntry IpSetEntry::bitmap(std::uint16_t port) {
    IpSetEntry entry;
    entry.port = port;
    return entry;
}

IpSetDirections IpSetDirections::parse(std::string_view text) {
    IpSetDirections out;
    for (std::string_view piece : split(text, ',')) {
        if (piece == "src")
            out.source_bits = static_cast<std::uint8_t>(out.source_bits | 1u << out.count);
        ++out.count;
    }
    return out;
}

std::string IpSetDirections::text() const {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        append(out, i == 0 ? "" : ",", source(i) ? "src" : "dst");
    return out;
}

bool IpSet::add(const IpSetEntry& entry, Effect effect) {
    if (const Effect* there = entries_.find(entry)) {
        if (*there == effect)
            return false;
        entries_.set(entry, effect);
        return true;
    }
    entries_.set(entry, effect);
    if (type_ == IpSetType::hash_net)
        ++lengths_[entry.address.length];
    else if (type_ == IpSetType::hash_ip_port_net)
        ++lengths_[entry.second.length];
    return true;
}

bool IpSet::remove(const IpSetEntry& entry) {
    if (!entries_.erase(entry))
        return false;
    const int length = type_ == IpSetType::hash_net ? entry.address.length : entry.second.length;
    if (lengths_.contains(length) && --lengths_[length] == 0)
        lengths_.erase(length);
    return true;
}

void IpSet::clear() {
    entries_.clear();
    lengths_.clear();
}

// The narrowest network that holds the address decides.
bool IpSet::matches_net(IpSetEntry probe, const Ip& ip, bool second) const {
    int found = -1;
    Effect effect = Effect::nomatch;
    for (const auto& [length, count] : lengths_) {
        const Prefix wider{ip, length};
        Prefix& asked = second ? probe.second : probe.address;  // (g++ 12 loses an assignment to the conditional itself)
        asked = {wider.network(), length};
        if (const Effect* there = entries_.find(probe); there && length > found) {
            found = length;
            effect = *there;
        }
    }
    return found >= 0 && effect == Effect::match;
}

bool IpSet::matches(const Packet& packet, IpSetDirections directions) const {
    const auto ip = [&](std::size_t dimension) -> const Ip& {
        return directions.source(dimension) ? packet.source() : packet.destination();
    };
    const auto port = [&](std::size_t dimension) {
        return directions.source(dimension) ? packet.tuple.source_port : packet.tuple.destination_port;
    };
    if (has_port(type_) && !has_ports(packet.protocol()))
        return false;
    if (type_ == IpSetType::bitmap_port)
        return entries_.contains(IpSetEntry::bitmap(port(0)));
    if (ip(0).family != family_)
        return false;
    switch (type_) {
    case IpSetType::hash_ip: return entries_.contains(IpSetEntry::ip(ip(0)));
    case IpSetType::hash_net: return matches_net({}, ip(0), false);
    case IpSetType::hash_ip_port: return entries_.contains(IpSetEntry::ip_port(ip(0), packet.protocol(), port(1)));
    case IpSetType::hash_ip_port_ip:
        return entries_.contains(IpSetEntry::ip_port_ip(ip(0), packet.protocol(), port(1), ip(2)));
    case IpSetType::hash_ip_port_net: return matches_net(IpSetEntry::ip_port(ip(0), packet.protocol(), port(1)), ip(2), true);
    case IpSetType::bitmap_port: break;
    }
    return false;
}

std::string IpSet::member_text(const IpSetEntry& entry) const {
    const auto bare = [](const Prefix& prefix) {
        return prefix.length == (prefix.ip.family == Family::ipv4 ? 32 : 128) ? prefix.ip.text() : prefix.text();
    };
    if (type_ == IpSetType::bitmap_port)
        return cat(entry.port);
    std::string out = bare(entry.address);
    if (has_port(type_))
        append(out, ',', protocol_name(entry.protocol), ':', entry.port);
    if (type_ == IpSetType::hash_ip_port_ip || type_ == IpSetType::hash_ip_port_net)
        append(out, ',', bare(entry.second));
    return out;
}

std::vector<std::string> IpSet::members() const {
    std::vector<std::string> out;
    for (const auto& [entry, effect] : entries_)
        out.push_back(cat(member_text(entry), effect == Effect::nomatch ? " nomatch" : ""));
    return out;
}

std::string IpSet::header() const {
    if (type_ == IpSetType::bitmap_port)
        return "range 0-65535";
    // The kernel doubles a hash that fills up; it starts with 1024 buckets.
    std::size_t buckets = 1024;
    while (buckets * 4 < entries_.size())
        buckets *= 2;
    return cat("family ", family_ == Family::ipv4 ? "inet" : "inet6", " hashsize ", buckets, " maxelem 65536");
}

IpSet* IpSets::edit(std::string_view name) { return sets_.contains(name) ? &sets_[std::string(name)] : nullptr; }

IpSet& IpSets::ensure(std::string_view name, IpSetType type, Family family) {
    if (!sets_.contains(name))
        sets_.set(std::string(name), IpSet(type, family));
    return sets_[std::string(name)];
}

std::string ipset_save_text(const IpSets& sets) {
    std::string out;
    for (const auto& [name, set] : sets.all()) {
        append(out, "create ", name, ' ', ip_set_type_name(set.type()), ' ', set.header(), '\n');
        for (const std::string& member : set.members())
            append(out, "add ", name, ' ', member, '\n');
    }
    return out;
}

std::string ipset_list_text(const IpSets& sets, std::string_view name) {
    std::string out;
    for (const auto& [each, set] : sets.all()) {
        if (!name.empty() && each != name)
            continue;
        append(out, out.empty() ? "" : "\n", "Name: ", each, "\nType: ", ip_set_type_name(set.type()), "\nHeader: ", set.header(),
               "\nNumber of entries: ", set.size(), "\nMembers:\n");
        for (const std::string& member : set.members())
            append(out, member, '\n');
    }
    return out;
}

}  // namespace kubewalk::net
