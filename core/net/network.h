#pragma once
// The network of the whole simulated world: machines, network namespaces, interfaces, routes,
// netfilter and conntrack, cables. A service with a fixed address; its state belongs to every
// checkpoint. A request is a packet that is walked through all of this, rule by rule; there is no
// other way to reach anything.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/address.h"
#include "core/net/dns_message.h"
#include "core/net/capture.h"
#include "core/net/faults.h"
#include "core/net/packet.h"
#include "core/net/server.h"
#include "core/net/trace.h"
#include "core/sim/simulation.h"

namespace kubewalk::net {

// A network namespace: a machine's own (laptop, node) or a Pod's. 0: none. Never reused.
using NamespaceId = std::uint32_t;

// A process that waits for connections. ip unspecified: any address of the namespace.
struct Listener {
    Protocol protocol = Protocol::tcp;
    Ip ip;
    std::uint16_t port = 0;
    sim::ComponentId owner = 0;  // its facet() is a Server
    std::string process;         // "front-end", as `ss -lntp` shows it
    friend bool operator==(const Listener&, const Listener&) = default;
};

// An established exchange, ready for one or several requests.
struct Dialled {
    Outcome outcome = Outcome::timeout;
    std::uint64_t id = 0;   // 0 unless delivered
    Connection connection;  // hops only when recording
    std::string_view error; // strerror(3) of what connect(2) gives: "Connection refused", ...; empty when delivered
};

// A TCP connection attempt gives up after this: six SYN retries (net.ipv4.tcp_syn_retries = 6).
constexpr Duration syn_give_up = seconds(127);

// The router between the nodes' network and the internet.
struct EdgeConfig {
    std::string name = "edge";
    Prefix inside;         // its address on the nodes' network
    Ip public_ip;          // what the world knows the cluster by
    Prefix outside;        // its address on the internet's side
    std::optional<Ip> target;  // public_ip:PORT goes to this node's PORT
};

struct Arrival;
struct Dial;
struct Passage;
class FlowClasses;
class NetNamespace;
class NodeStack;  // node_stack.h: one machine's namespaces, netfilter tables, conntrack

class Network final : public sim::Snapshotable {
public:
    explicit Network(sim::Simulation& simulation);
    ~Network() override;

    // -- machines ------------------------------------------------------------------------------
    // A machine with eth0 on the nodes' network 192.168.122.0/24 (or another prefix), default route
    // via `gateway` when given. Returns its root namespace.
    NamespaceId add_machine(std::string name, Ip ip, int prefix_length, std::optional<Ip> gateway);
    // Another address on a machine's eth0, of the other family as a rule, with a default route via `gateway` when given.
    void add_second_address(std::string_view machine, const Prefix& address, std::optional<Ip> gateway);
    // An edge router (a hop of its own): masquerades what leaves, forwards the public address to a node.
    NamespaceId add_edge(const EdgeConfig& config);
    // Another target for the public address; none: nobody.
    void set_edge_target(std::string_view edge, std::optional<Ip> target);
    // A cloud's load balancer beside the nodes (balancer.h): answers of flows that it rewrote are brought back to it.
    NamespaceId add_balancer(std::string name, Ip ip, int prefix_length, Ip gateway);
    // A machine of the internet: private addresses are unreachable from it.
    NamespaceId add_internet_machine(std::string name, Ip ip, int prefix_length, Ip gateway);
    // What kubeadm's prerequisites set on a node, for each family it has: forwarding, bridge-nf-call-iptables.
    void prepare_node(std::string_view machine);
    void remove_machine(std::string_view name);
    void set_machine_up(std::string_view name, bool up);  // a node that lost its power
    // What a machine forgets when it starts again: namespaces, interfaces but its own, rules, conntrack,
    // neighbours, sockets, and the files below /run.
    void reboot(std::string_view machine);
    NamespaceId machine(std::string_view name) const;     // 0 when unknown
    std::vector<std::string> machines() const;

    // -- namespaces (what a CNI plugin and the runtime do) ----------------------------------------
    // A Pod's namespace on a machine, lo up and nothing else.
    NamespaceId add_namespace(std::string_view machine, std::string name);
    void remove_namespace(NamespaceId id);
    // The stack to program: interfaces, addresses, routes, rules, sysctls. Null when unknown.
    NodeStack* stack(std::string_view machine);
    const NodeStack* stack(std::string_view machine) const;
    // One namespace to look at (`ip addr`, `ss`, `conntrack -L`, ...). Null when unknown.
    const NetNamespace* view(NamespaceId id) const;
    std::string namespace_name(NamespaceId id) const;    // "sock-shop/carts-…" or the machine's name
    std::string machine_of(NamespaceId id) const;
    std::vector<Ip> addresses(NamespaceId id) const;     // without loopback

    // -- sockets ---------------------------------------------------------------------------------
    // Error reason "AddressInUse" as bind(2) gives it.
    Result<void> listen(NamespaceId where, Listener listener);
    void close(NamespaceId where, Protocol protocol, std::uint16_t port, sim::ComponentId owner);
    void close_all(sim::ComponentId owner);
    std::vector<Listener> listeners(NamespaceId where) const;

    // -- use -------------------------------------------------------------------------------------
    // Opens a TCP connection: SYN there, SYN-ACK back (conntrack entries stay). The connection is
    // recorded when a Recording is active.
    // A silent network costs `give_up` (connect's or the caller's own time-out, whichever is shorter).
    Dialled connect(NamespaceId from, SocketAddress to, std::string_view label = {}, Duration give_up = syn_give_up);
    void disconnect(std::uint64_t dialled);
    // One exchange over an open connection; the Server behind the socket answers. Errors: reason
    // "ConnectionReset" (nobody listens any more), "Timeout" (the packets or the process do not answer),
    // "TlsProtocol" (the request is inside TLS and the socket speaks plain HTTP).
    Result<HttpResponse> http(std::uint64_t dialled, const HttpRequest& request);
    // TLS's handshake alone: what the server shows for that name ("" when an address was dialled), before anything
    // is asked of it. Errors as of http().
    Result<Certificate> tls(std::uint64_t dialled, const std::string& server_name);
    Result<std::string> bytes(std::uint64_t dialled, const std::string& request);
    // One datagram and its answer (DNS). Outcome timeout when nobody answers.
    struct DnsExchange {
        Outcome outcome = Outcome::timeout;
        DnsMessage answer;
        Duration elapsed{};
    };
    // give_up: how long the caller waits for the answer. Over TCP: a connection for this one question. resolv_conf: for the
    // recording, what a resolver that asks has read.
    DnsExchange dns(NamespaceId from, SocketAddress server, const DnsMessage& query, Duration give_up = seconds(5),
                    Protocol protocol = Protocol::udp, std::shared_ptr<const std::string> resolv_conf = {});
    // ICMP echo.
    struct EchoOptions {
        int ttl = 64;
        int size = 56;  // bytes of data
        bool dont_fragment = false;
        Duration give_up = seconds(1);
        std::uint16_t identifier = 0;  // 0: drawn
        std::uint16_t sequence = 1;
    };
    struct Echo {
        Outcome outcome = Outcome::timeout;
        Duration round_trip{};
        int ttl = 0;
        // Where an ICMP error came from, and which; none: an answer or silence. Fragmentation needed
        // without a reporter: the message does not fit into the sender's own interface.
        IcmpCode icmp = IcmpCode::none;
        Ip reporter;
        int mtu = 0;
    };
    Echo ping(NamespaceId from, Ip to) { return ping(from, to, EchoOptions{}); }
    Echo ping(NamespaceId from, Ip to, const EchoOptions& options);
    // One packet to a port and what comes back: an answer, an error, silence (nc -zu, traceroute, SCTP's
    // INIT). A datagram that a socket takes counts as delivered; programs do not see it.
    Echo probe(NamespaceId from, SocketAddress to, Protocol protocol, const EchoOptions& options);

    // -- faults (faults.cpp) -----------------------------------------------------------------------
    // The cable between a machine and its switch. A sound one: LinkFault{}.
    void set_link_fault(std::string_view machine, const LinkFault& fault);
    LinkFault link_fault(std::string_view machine) const;
    // net.netfilter.nf_conntrack_max; false: unknown machine.
    bool set_conntrack_max(std::string_view machine, std::size_t entries);

    // -- captures (capture.cpp): what tcpdump sees ------------------------------------------------------
    // 0 when there is no such interface ("any": all of them).
    std::uint64_t start_capture(NamespaceId where, std::string_view interface_, const CaptureFilter& filter, std::size_t most);
    const Capture* capture(std::uint64_t id) const;
    void stop_capture(std::uint64_t id);

    // -- recording -------------------------------------------------------------------------------
    // While one is alive, every connection is recorded hop by hop into its trace. They nest.
    class Recording {
    public:
        explicit Recording(Network& network);
        ~Recording();
        Recording(const Recording&) = delete;
        Recording& operator=(const Recording&) = delete;
        const Trace& trace() const { return trace_; }

    private:
        friend class Network;
        Network& network_;
        Recording* outer_;
        std::uint64_t id_;
        Trace trace_;
    };

    // -- sim::Snapshotable -------------------------------------------------------------------------
    std::shared_ptr<const void> save() const override;
    void load(const std::shared_ptr<const void>& state) override;

    struct State;  // network_state.h, for core/net itself

private:
    struct Exchange;  // one packet there and its answer back
    NamespaceId new_namespace_id(std::uint32_t machine);
    std::string endpoint_name(NamespaceId id) const;
    std::uint16_t take_port(NamespaceId from, Protocol protocol);
    void release_port(NamespaceId from, Protocol protocol, std::uint16_t port);
    const Listener* listener(const Passage& passage, NamespaceId where, Protocol protocol, const SocketAddress& local) const;
    Echo answer_of(Exchange& attempt, const SocketAddress& to, std::string_view line);
    Arrival send_first(Exchange& exchange, std::vector<Hop>* there);
    void exchange_once(Exchange& exchange, std::vector<Hop>* there, std::vector<Hop>* back);
    Server* server(sim::ComponentId owner);
    void exchange(Exchange& exchange, std::vector<Hop>* there, std::vector<Hop>* back);
    void bounce(Exchange& exchange, const Packet& packet, NamespaceId from, std::vector<Hop>* back);
    // True when the packet reaches the other socket of the open exchange.
    bool carry(const Dial& dial, PacketKind kind, bool toward_server, Duration& elapsed);
    Connection* recorded(const Dial& dial);
    DnsExchange dns_over_tcp(NamespaceId from, SocketAddress server, const DnsMessage& query, Duration give_up);

    sim::Simulation& simulation_;
    std::unique_ptr<State> state_;
    std::unique_ptr<FlowClasses> classes_;  // only spares work: no part of the state
    Recording* recording_ = nullptr;
    std::uint64_t recordings_ = 0;
    int depth_ = 0;  // how many programs are answering at the moment
};

}  // namespace kubewalk::net
