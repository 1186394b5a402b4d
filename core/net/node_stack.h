#pragma once
// One machine's network: its namespaces (the machine's own and those of Pods) with interfaces,
// addresses, routes, neighbours, sysctls, netfilter tables, conntrack and listening sockets. Plain
// copyable state; what is large is shared between copies until it is written to.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/worked_out.h"
#include "core/net/conntrack.h"
#include "core/net/netfilter.h"
#include "core/net/network.h"

namespace kubewalk::net {

enum class InterfaceKind : std::uint8_t { loopback, ethernet, bridge, veth, vxlan, dummy };

struct FdbEntry {
    Mac mac;
    Ip remote;  // the other tunnel end
    friend bool operator==(const FdbEntry&, const FdbEntry&) = default;
};

struct Interface {
    std::string name;
    InterfaceKind kind = InterfaceKind::ethernet;
    int index = 0;  // as `ip link` numbers them
    Mac mac;
    int mtu = 1500;
    bool up = true;
    std::vector<Prefix> addresses;
    std::string master;  // the bridge it is a port of
    // veth: the other end
    NamespaceId peer_namespace = 0;
    std::string peer;
    // vxlan
    std::uint32_t vni = 0;
    std::uint16_t vxlan_port = 8472;
    Ip vxlan_local;
    std::vector<FdbEntry> fdb;
    bool hairpin = false;  // bridge port: frames may leave where they came in
};

struct Neighbour {
    Ip ip;
    Mac mac;
    std::string device;
    friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// An entry of the ARP table that the kernel made itself. `neighbours` holds the permanent ones.
struct LearnedNeighbour {
    Mac mac;
    std::string device;
    Time seen;
    bool failed = false;  // nobody answered
};
// "REACHABLE", "STALE", "FAILED"; empty when the garbage collector has had it.
std::string_view neighbour_state(const LearnedNeighbour& neighbour, Time now);

struct Route {
    enum class Kind : std::uint8_t { unicast, unreachable, blackhole };
    Prefix destination;      // 0.0.0.0/0 or ::/0: default
    std::optional<Ip> via;
    std::string device;
    bool onlink = false;
    std::string protocol;    // "kernel", "" (boot), "static", "dhcp"
    bool scope_link = false;
    std::optional<Ip> source;
    Kind kind = Kind::unicast;
    // Several ways of equal weight instead of `via`; each flow keeps to one (fib_multipath_hash_policy = 1).
    std::vector<Ip> nexthops{};

    std::string text() const;  // as `ip route` or `ip -6 route` prints it
    friend bool operator==(const Route&, const Route&) = default;
};

class Ipvs;
class NftTables;
class NetNamespace;

// What a namespace's lists hold, by the keys that packets ask with. Compiled from them when it is first asked, dropped
// when they change. Short lists are read as they are.
class NetLookups {
public:
    explicit NetLookups(const NetNamespace& of);

    struct Way {
        Prefix destination;
        const Route* route = nullptr;
        const Interface* device = nullptr;  // null: not unicast
    };
    // The longest prefix whose device is up; null when there is none.
    const Way* way(const Ip& destination) const;
    const Interface* interface_named(std::string_view name) const;
    // The machine's word on who has that address behind the device.
    const Neighbour* neighbour(const Ip& ip, std::string_view device) const;
    const FdbEntry* remote(const Interface& tunnel, const Mac& mac) const;
    bool forwards(Family family) const { return family == Family::ipv4 ? forwards_ : forwards6_; }
    const std::vector<Ip>& addresses() const { return addresses_; }
    const std::vector<const Interface*>& tunnels() const { return tunnels_; }
    // The port of a bridge whose far end had that address when it was last asked for; a hint.
    mutable std::unordered_map<std::uint32_t, const Interface*> ports;
    // Where the ARP table keeps an address that was learned lately; a hint, as long as the table loses no entry.
    struct Known {
        Ip ip;
        LearnedNeighbour* entry = nullptr;
    };
    static constexpr std::size_t known_count = 64;
    mutable std::array<Known, known_count> known{};

private:
    struct Length {  // the ways of one length, by their network's address
        Family family = Family::ipv4;
        int length = 0;
        std::vector<const Way*> ways;
        std::vector<std::uint32_t> numbers;  // of IPv4's: the networks of `ways`, for a search without detours
    };
    const NetNamespace& of_;
    static constexpr std::size_t named_count = 16;
    mutable std::array<const Interface*, named_count> named_{};  // by a hash of the name: the last one asked for
    std::vector<Way> ways_;  // longest prefix first
    std::vector<Length> lengths_;
    std::vector<Ip> addresses_;
    bool forwards_ = false, forwards6_ = false;
    std::vector<const Interface*> tunnels_;
    std::unordered_map<std::string_view, const Interface*> by_name_;
    std::unordered_map<std::uint64_t, const Neighbour*> neighbours_;
    std::unordered_map<std::uint64_t, const FdbEntry*> fdb_;
};

// A network namespace.
class NetNamespace final : public LocalAddresses {
public:
    NetNamespace(NamespaceId namespace_id, std::string namespace_name, std::shared_ptr<ChainNames> names);

    NamespaceId id = 0;
    std::string name;
    std::vector<Interface> interfaces;
    std::vector<Route> routes;
    std::vector<Neighbour> neighbours;
    std::map<Ip, LearnedNeighbour> learned;
    std::map<std::string, std::string, std::less<>> sysctls;  // "net.ipv4.ip_forward" -> "1"
    std::vector<Listener> listeners;
    std::set<std::pair<Protocol, std::uint16_t>> ports_in_use;  // of outgoing connections
    Conntrack conntrack;
    std::uint64_t conntrack_refused = 0;  // packets dropped because the table was full
    RecentLists recent;
    IpSets ipsets;

    // iptables' tables, and ip6tables'.
    const Ruleset& rules(Family family = Family::ipv4) const { return family == Family::ipv4 ? *rules_ : *rules6_; }
    Ruleset& edit_rules(Family family = Family::ipv4);
    // Whether any table of iptables, nftables or IPVS is there to look at packets of that family.
    bool filters(Family family) const { return !rules(family).empty() || nft_ || ipvs_; }
    // IPv6 is configured here: ::1 on lo. Namespaces of single-stack clusters go without.
    bool ipv6() const { return ipv6_; }
    void enable_ipv6();
    // The kernel's load balancer (ipvs.h) and nftables' own tables (nft.h); null where never used.
    const Ipvs* ipvs() const { return ipvs_.get(); }
    Ipvs& edit_ipvs();
    const NftTables* nft() const { return nft_.get(); }
    NftTables& edit_nft();

    // Everything that packets are judged by counts its changes; conntrack and what is learned do not. Who holds a
    // namespace for change and lets packets pass meanwhile says so itself.
    void changed() {
        ++changes_;
        lookups_.reset();
    }
    std::uint64_t changes() const { return changes_; }
    const NetLookups& lookups() const;
    // For the walk: packets move the balancer's turns and the elements of sets, which is no change of the rules.
    Ipvs& walk_ipvs() { return own_ipvs(); }
    NftTables& walk_nft() { return own_nft(); }

    Interface* find_interface(std::string_view interface_name);
    const Interface* find_interface(std::string_view interface_name) const;
    Interface& add_interface(Interface interface_);
    // Also its addresses' and its own routes and neighbours.
    void remove_interface(std::string_view interface_name);
    // Adds the address and its connected route ("proto kernel scope link src").
    void add_address(std::string_view interface_name, const Prefix& prefix);
    // Replaces a route to the same destination.
    void set_route(Route route);
    bool delete_route(const Prefix& destination);
    void set_neighbour(const Neighbour& neighbour);
    void learn(const Ip& ip, std::string_view device, const Mac& mac, Time now);
    void learn_failed(const Ip& ip, std::string_view device, Time now);
    // The longest prefix; null when there is no route.
    const Route* lookup(const Ip& destination) const;
    // What inet_select_addr gives for packets that leave there.
    std::optional<Ip> source_address(const Route& route, const Ip& destination) const {
        return source_address(route, lookups().interface_named(route.device), destination);
    }
    std::optional<Ip> source_address(const Route& route, const Interface* device, const Ip& destination) const;

    bool is_local(const Ip& ip) const override;
    const IpSet* ip_set(std::string_view set_name) const override { return ipsets.find(set_name); }
    std::string_view sysctl(std::string_view key) const;
    void set_sysctl(std::string_view key, std::string_view value);
    bool forwards(Family family) const { return lookups().forwards(family); }

private:
    Ipvs& own_ipvs();
    NftTables& own_nft();

    std::shared_ptr<Ruleset> rules_;
    std::shared_ptr<Ruleset> rules6_;
    bool ipv6_ = false;
    std::shared_ptr<Ipvs> ipvs_;
    std::shared_ptr<NftTables> nft_;
    std::uint64_t changes_ = 0;
    mutable WorkedOut<NetLookups> lookups_;
};

// What a machine stands for in the picture.
enum class MachineRole : std::uint8_t { host, edge, balancer };

class NodeStack {
public:
    NodeStack(std::string machine_name, NamespaceId root, std::shared_ptr<ChainNames> names);

    const std::string& name() const { return name_; }
    bool up = true;
    MachineRole role = MachineRole::host;

    NetNamespace& root() { return edit(root_); }
    const NetNamespace& root() const { return *find(root_); }
    NamespaceId root_id() const { return root_; }

    // Null when this machine has no such namespace. The first form copies what a checkpoint shares.
    NetNamespace* find_for_edit(NamespaceId id);
    // The same for a packet that passes: no change of what others are judged by.
    NetNamespace* find_for_walk(NamespaceId id);
    const NetNamespace* find(NamespaceId id) const;
    NetNamespace& edit(NamespaceId id) { return *find_for_edit(id); }
    std::vector<NamespaceId> namespaces() const;

    NetNamespace& add_namespace(NamespaceId id, std::string name);
    void remove_namespace(NamespaceId id);

    // A veth pair: one end in the root namespace (a port of `bridge` when given), one in the Pod's.
    void add_veth(std::string_view host_end, std::string_view bridge, NamespaceId pod, std::string_view pod_end, int mtu);

    const std::shared_ptr<ChainNames>& chain_names() const { return names_; }

    // /run and /var/lib files of node daemons that other programs read (flannel's subnet.env,
    // host-local's leases): path -> text.
    std::map<std::string, std::string, std::less<>> files;

    // What the kernel has to say (dmesg): the last lines, at most one of a kind in five seconds.
    struct KernelMessage {
        Time at;
        std::string text;
    };
    std::vector<KernelMessage> kernel_log;
    void log_kernel(Time now, std::string_view text);
    // Everything but its own interface and its disk: see Network::reboot.
    void reboot();

private:
    std::string name_;
    NamespaceId root_;
    std::shared_ptr<ChainNames> names_;
    std::vector<std::shared_ptr<NetNamespace>> namespaces_;  // root first
};

// A link-layer address derived from a text: stable, locally administered.
Mac mac_for(std::string_view text);

}  // namespace kubewalk::net
