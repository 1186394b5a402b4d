#pragma once
// What a recorded request leaves behind: connections in order (a lookup, each side of a proxy and
// each call a program makes on the way are connections of their own), each with its hops there and
// back. `kubewalk trace --json` prints exactly this.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/net/address.h"
#include "core/sim/cause.h"

namespace kubewalk::net {

// dropped: a rule or policy discarded it; timeout: no answer for any other reason;
// unreachable: no route; unresolved: the name had no address.
enum class Outcome : std::uint8_t { delivered, refused, dropped, timeout, unreachable, unresolved };
std::string_view outcome_name(Outcome outcome);

// The packet as one hop sees it. mark is the netfilter mark.
struct Header {
    SocketAddress source;
    SocketAddress destination;
    std::uint32_t mark = 0;
    std::string conntrack;  // "NEW", "ESTABLISHED", "NEW,DNAT", ...; empty where not tracked
    int ttl = 64;
    friend bool operator==(const Header&, const Header&) = default;
};

// Where in a node a hop happens: what the Traffic view draws it at.
enum class Place : std::uint8_t {
    client,      // the sending process's socket
    interface_,  // a packet enters or leaves an interface (eth0, veth…, cni0, flannel.1)
    netfilter,   // a table's chain was evaluated
    route,       // a routing decision
    tunnel,      // VXLAN encapsulation or decapsulation
    wire,        // between machines
    socket,      // delivered to a listening process
    edge,        // the edge router, a cloud load balancer
};

struct Hop {
    std::string node;  // "node-1", "laptop", "internet", ...
    Place place = Place::interface_;
    std::string at;    // "eth0", "PREROUTING", "cni0", "flannel.1", "front-end-7d…/eth0"
    Header in;
    Header out;
    std::vector<std::string> chain;  // chains passed inside netfilter: "KUBE-SERVICES", "KUBE-EXT-…", "KUBE-SVC-…", "KUBE-SEP-…"
    std::string rule;     // iptables-save text of the rule that decided; or the route as `ip route` prints it
    std::string verdict;  // "accept", "DNAT", "MASQUERADE", "drop", "reject", "forward", "encapsulate", "deliver", ...
    sim::Fact why;        // message id and arguments, translated by the interface
    std::optional<Header> outer;  // VXLAN's outer header, where there is one
    Duration latency{};   // since the hop before
};

struct Connection {
    SocketAddress client;       // as the client's socket shows it
    SocketAddress server;       // as the client dialled it
    SocketAddress client_seen;  // as the server's socket shows it
    SocketAddress endpoint;     // where it ended (after DNAT)
    std::string client_name;    // "laptop", "node/node-1", "pod/sock-shop/carts-…"
    std::string endpoint_name;  // likewise, of the machine or Pod that answered or should have
    Protocol protocol = Protocol::tcp;
    Outcome outcome = Outcome::timeout;
    std::string request_line;   // "GET /health", "A catalogue.sock-shop.svc.cluster.local."
    std::string response_line;  // "200 OK", "NXDOMAIN"
    bool tls = false;           // the exchange was inside TLS
    std::shared_ptr<const std::string> resolv_conf;  // of a name that a resolver asked for: its /etc/resolv.conf at that time
    std::vector<std::pair<std::string, std::string>> request_headers;  // of HTTP, lower-case names, "host" first
    std::vector<Hop> request;
    std::vector<Hop> reply;
    Duration elapsed{};
    int depth = 0;  // 0: what was asked for; 1: what the answering program called meanwhile; ...
};

struct Trace {
    std::vector<Connection> connections;
};

}  // namespace kubewalk::net
