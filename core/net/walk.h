#pragma once
// One packet's way: from a namespace's output through rules, routes, bridges, tunnels and wires to
// the namespace whose address it carries, or to where it ends. Shape: the packet flow of Linux
// netfilter (PREROUTING -> routing -> INPUT | FORWARD -> POSTROUTING; OUTPUT for local packets).

#include <optional>
#include <string>
#include <vector>

#include "core/net/ipvs.h"
#include "core/net/network_state.h"
#include "core/net/nft.h"

namespace kubewalk::net {

struct Arrival {
    enum class Kind : std::uint8_t {
        arrived,           // the packet stands before a socket of namespace `at`
        dropped,           // a rule discarded it
        lost,              // nobody took it (machine off, no neighbour, forwarding off)
        no_route,          // the sender itself has no route
        host_unreachable,  // the sender itself gets no ARP answer
        error,             // an ICMP error is to be sent from `at`: `error`
        too_big,           // does not fit into the sender's own interface: `mtu`
    };
    Kind kind = Kind::lost;
    NamespaceId at = 0;
    Packet packet;
    Packet error;
    Duration elapsed{};
    bool by_chance = false;  // lost on a bad wire: the next one may get through
    int mtu = 0;
};

class Walker {
public:
    // `hops` null: nothing is recorded, and nothing is spent on it. `memo`: filled in when an established flow's packet
    // can be repeated from it.
    // `client_port`: which of the packet's ports is the client's, for the memo.
    enum class ClientPort : std::uint8_t { source, destination };
    Walker(Network::State& state, sim::Simulation& simulation, std::vector<Hop>* hops, PathMemo* memo = nullptr,
           ClientPort client_port = ClientPort::source)
        : state_(state), simulation_(simulation), dice_(simulation.random()), hops_(hops), memo_(memo), client_port_(client_port) {
        if (memo_)
            dice_.note_in(memo_->drawn);
    }

    // A packet of a local process. An unspecified source address is chosen by the route.
    Arrival send(NamespaceId from, Packet packet);

private:
    struct Track {
        std::uint64_t id = 0;  // 0: not tracked
        Direction direction = Direction::original;
        std::uint32_t state = 0;
        bool fresh = false;
        bool refused = false;  // the table is full
    };
    enum class Next : std::uint8_t { receive, output, done };
    struct NatChange {
        const Rule* rule = nullptr;
        ChainId chain = 0;
        TargetKind kind = TargetKind::accept;
        struct Ipvs {
            std::string rule_text;
            sim::Fact why;
        };
        std::unique_ptr<Ipvs> ipvs;  // what it had to say
    };
    // What nftables' own tables had to say at the present hook.
    struct NftSeen {
        std::vector<NftHit> hits;
        NftVerdict verdict;
    };

    Next output();
    Next receive();
    Next input();
    Next forward(const NetLookups::Way& way, const Ip& next_hop);
    Next postroute(const Interface& out, const Ip& next_hop);
    Next transmit(const Interface& out, const Ip& next_hop);
    Next transmit_veth(const Interface& from);
    Next transmit_bridge(const Interface& bridge, const Ip& next_hop, std::string_view from_port);
    Next enter_bridge(const Interface& port, const Interface& bridge);
    Next encapsulate(const Interface& tunnel, const Ip& next_hop);
    Next decapsulate(const Interface& tunnel);
    void confirm();
    bool routes_loopback(Family family) const;
    // The rules for packets of this one's family.
    const Ruleset& rules() const { return ns_->rules(packet_.destination().family); }
    Next transmit_wire(const Interface& device, const Ip& next_hop);
    // Into a namespace by one of its interfaces; lost when it has no such one.
    Next enter(std::uint32_t machine, NamespaceId ns, std::string_view interface_);
    void stand_in(std::uint32_t machine, NamespaceId ns);
    void learn(NetNamespace& who, const Ip& ip, const Interface& device, const Mac& mac);
    std::string_view in_name() const { return in_ ? std::string_view(in_->name) : std::string_view{}; }
    Next end(Arrival::Kind kind);
    Next reject(IcmpCode code);
    bool frame_for_host(const Ip& next_hop) const;
    // Does it fit? Otherwise `next` says how it ended.
    bool fits(const Interface& out, Next& next);
    // What captures on that interface of the present namespace see.
    void tap(std::string_view interface_, Way way);
    bool lost_by_chance(const LinkFault& fault);
    // balancer.cpp: one of a route's ways; the load balancer that this answer has to go back through, if any.
    Ip pick_way(const Route& route) const;
    const WireEnd* way_back() const;

    // A hook's tables in order; false when the packet ended there (`next` says how).
    bool hook(ChainId id, std::string_view in, std::string_view out, Next& next);
    Verdict judge(ChainId id, Evaluation& at, std::vector<RuleHit>* hits, NatChange& change);
    std::uint32_t nat_state() const;
    void track(std::uint32_t state_from_raw);
    void note_flow();  // for the memo
    bool nat(ChainId id, Evaluation& at, std::vector<RuleHit>* hits, NatChange& change);
    // nftables' own tables of one kind, by priority; true when they leave the packet be.
    bool nft(NftChainType type, ChainId id, int lowest, int highest, Evaluation& at);
    // IPVS: accept, drop or reject; what it takes is rewritten.
    TargetKind balance(ChainId id, NatChange& change);
    // The rest of the way of a packet that IPVS took in INPUT.
    Next divert();
    void bind_source(const Target& target, std::string_view out);
    void bind_destination(const SocketAddress& to);
    void bind_reply(Tuple reply, bool random_ports);
    void apply_nat(ChainId id);
    void forget_fresh();

    // Recording (walk_record.cpp); called only when hops_ is set.
    Header header(const Packet& packet) const;
    Hop& record(Place place, std::string_view at, const Packet& before, std::string_view verdict, sim::Fact why);
    void record_hook(ChainId id, const Packet& before, const std::vector<RuleHit>& hits, const Verdict& verdict,
                     const NatChange& change);
    void record_route(const Route& route, const Packet& before, std::string_view verdict);
    std::string place_name(std::string_view what) const;

    Network::State& state_;
    sim::Simulation& simulation_;
    Dice dice_;
    std::vector<Hop>* hops_;
    PathMemo* memo_;
    ClientPort client_port_;
    std::uint16_t client_number_ = 0;  // that port's number, as sent
    std::uint32_t tunnel_ = 0;         // PathMemo::Flow::tunnel of the packet on its way

    NodeStack* machine_ = nullptr;
    NetNamespace* ns_ = nullptr;
    Packet packet_;
    Track track_;
    const Interface* in_ = nullptr;  // the interface it came in by; none for local packets
    bool through_loopback_ = false;
    bool diverted_ = false;   // IPVS took it in INPUT
    NftSeen nft_;
    bool bridged_ = false;    // stays on the bridge: TTL untouched
    std::optional<Packet> inner_;  // while it travels in a tunnel
    std::uint32_t inner_vni_ = 0;
    Duration pending_latency_{};
    Arrival result_;
};

// What the walk adds for each step (typical of small virtual machines; no measurement of anything).
namespace latency {
constexpr Duration hook = microseconds(1);
constexpr Duration veth = microseconds(4);
constexpr Duration bridge = microseconds(2);
constexpr Duration tunnel = microseconds(8);
constexpr Duration wire = microseconds(180);
constexpr Duration internet = milliseconds(9);
constexpr Duration loopback = microseconds(3);
constexpr Duration arp_give_up = milliseconds(3060);  // three unanswered ARP requests, one second apart
}  // namespace latency

}  // namespace kubewalk::net
