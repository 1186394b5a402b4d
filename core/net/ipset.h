#pragma once
// ipsets of one network namespace: named sets of addresses, networks, ports and their combinations
// that rules ask with `-m set --match-set NAME src,dst`. Copies share structure.
// Behaviour: ipset(8), net/netfilter/ipset/ip_set_hash_*.c, ip_set_bitmap_port.c.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/net/packet.h"

namespace kubewalk::net {

enum class IpSetType : std::uint8_t { hash_ip, hash_net, hash_ip_port, hash_ip_port_ip, hash_ip_port_net, bitmap_port };
std::string_view ip_set_type_name(IpSetType type);  // "hash:ip,port"

// One member; what a type does not have stays at its default.
struct IpSetEntry {
    Prefix address;  // host prefix, but for hash:net
    Protocol protocol = Protocol::tcp;
    std::uint16_t port = 0;
    Prefix second;  // hash:ip,port,ip (host prefix) and hash:ip,port,net
    friend auto operator<=>(const IpSetEntry&, const IpSetEntry&) = default;

    static IpSetEntry ip(const Ip& ip);
    static IpSetEntry net(const Prefix& prefix);
    static IpSetEntry ip_port(const Ip& ip, Protocol protocol, std::uint16_t port);
    static IpSetEntry ip_port_ip(const Ip& ip, Protocol protocol, std::uint16_t port, const Ip& second);
    static IpSetEntry ip_port_net(const Ip& ip, Protocol protocol, std::uint16_t port, const Prefix& second);
    static IpSetEntry bitmap(std::uint16_t port);
};

// Which side of the packet each dimension of a set is compared with, as --match-set writes it.
struct IpSetDirections {
    std::uint8_t count = 0;
    std::uint8_t source_bits = 0;  // bit i: dimension i looks at the source

    static IpSetDirections parse(std::string_view text);  // "dst,dst", "src"
    std::string text() const;
    bool source(std::size_t dimension) const { return (source_bits >> dimension & 1) != 0; }
    friend bool operator==(const IpSetDirections&, const IpSetDirections&) = default;
};

class IpSet {
public:
    enum class Effect : std::uint8_t { match, nomatch };  // nomatch: a hole in a hash:net

    IpSet() = default;
    IpSet(IpSetType type, Family family) : type_(type), family_(family) {}

    IpSetType type() const { return type_; }
    Family family() const { return family_; }
    std::size_t size() const { return entries_.size(); }
    bool has(const IpSetEntry& entry) const { return entries_.contains(entry); }
    const OrderedMap<IpSetEntry, Effect>& entries() const { return entries_; }

    // False when it was there already with this effect.
    bool add(const IpSetEntry& entry, Effect effect = Effect::match);
    bool remove(const IpSetEntry& entry);
    void clear();
    // What --match-set asks. Types with a port match tcp, udp and sctp only.
    bool matches(const Packet& packet, IpSetDirections directions) const;

    // Members as `ipset list` prints them, in the order of their values.
    std::vector<std::string> members() const;
    std::string member_text(const IpSetEntry& entry) const;
    // "family inet hashsize 1024 maxelem 65536", "range 0-65535"
    std::string header() const;

private:
    bool matches_net(IpSetEntry probe, const Ip& ip, bool second) const;

    IpSetType type_ = IpSetType::hash_ip;
    Family family_ = Family::ipv4;
    OrderedMap<IpSetEntry, Effect> entries_;
    OrderedMap<int, int> lengths_;  // of hash:net and hash:ip,port,net: prefix length -> how many
};

class IpSets {
public:
    const IpSet* find(std::string_view name) const { return sets_.find(name); }
    // Null when there is none.
    IpSet* edit(std::string_view name);
    // `ipset create NAME TYPE -exist`: what is there already stays.
    IpSet& ensure(std::string_view name, IpSetType type, Family family = Family::ipv4);
    bool destroy(std::string_view name) { return sets_.erase(name); }
    bool empty() const { return sets_.empty(); }
    const OrderedMap<std::string, IpSet>& all() const { return sets_; }

private:
    OrderedMap<std::string, IpSet> sets_;
};

// `ipset save`, and `ipset list` (of one set when named; empty text: no such set).
std::string ipset_save_text(const IpSets& sets);
std::string ipset_list_text(const IpSets& sets, std::string_view name = {});

}  // namespace kubewalk::net
