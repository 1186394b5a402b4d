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
};

class NodeStack;  // node_stack.h: one machine's namespaces, netfilter tables, conntrack

class Network final : public sim::Snapshotable {
public:
    explicit Network(sim::Simulation& simulation);
    ~Network() override;

    // -- machines ------------------------------------------------------------------------------
    // A machine with eth0 on the nodes' network 192.168.122.0/24 (or another prefix), default route
    // via `gateway` when given. Returns its root namespace.
    NamespaceId add_machine(std::string name, Ip ip, int prefix_length, std::optional<Ip> gateway);
    void remove_machine(std::string_view name);
    void set_machine_up(std::string_view name, bool up);  // a node that lost its power
    NamespaceId machine(std::string_view name) const;     // 0 when unknown
    std::vector<std::string> machines() const;

    // -- namespaces (what a CNI plugin and the runtime do) ----------------------------------------
    // A Pod's namespace on a machine, lo up and nothing else.
    NamespaceId add_namespace(std::string_view machine, std::string name);
    void remove_namespace(NamespaceId id);
    // The stack to program: interfaces, addresses, routes, rules, sysctls. Null when unknown.
    NodeStack* stack(std::string_view machine);
    const NodeStack* stack(std::string_view machine) const;
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
    Dialled connect(NamespaceId from, SocketAddress to, std::string_view label = {});
    void disconnect(std::uint64_t dialled);
    // One exchange over an open connection; the Server behind the socket answers.
    Result<HttpResponse> http(std::uint64_t dialled, const HttpRequest& request);
    Result<std::string> bytes(std::uint64_t dialled, const std::string& request);
    // One datagram and its answer (DNS). Outcome timeout when nobody answers.
    struct DnsExchange {
        Outcome outcome = Outcome::timeout;
        DnsMessage answer;
        Duration elapsed{};
    };
    DnsExchange dns(NamespaceId from, SocketAddress server, const DnsMessage& query);
    // ICMP echo.
    struct Echo {
        Outcome outcome = Outcome::timeout;
        Duration round_trip{};
        int ttl = 0;
    };
    Echo ping(NamespaceId from, Ip to);

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
        Trace trace_;
    };

    // -- sim::Snapshotable -------------------------------------------------------------------------
    std::shared_ptr<const void> save() const override;
    void load(const std::shared_ptr<const void>& state) override;

private:
    struct State;
    sim::Simulation& simulation_;
    std::unique_ptr<State> state_;
    Recording* recording_ = nullptr;
};

}  // namespace kubewalk::net
