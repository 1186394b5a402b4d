#pragma once
// The kernel's own load balancer (IP Virtual Server) in one network namespace: virtual services, the
// real servers behind them, who gets the next connection. Only masquerading (NAT) is modelled, which
// is all kube-proxy uses. A connection's binding is kept in its conntrack entry.
// Behaviour: net/netfilter/ipvs/ip_vs_core.c, ip_vs_rr.c, ip_vs_wrr.c, ip_vs_lc.c, ip_vs_sh.c, ...;
// the printers: ipvsadm(8).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/base/time.h"
#include "core/net/conntrack.h"
#include "core/net/packet.h"

namespace kubewalk::net {

struct VirtualServiceKey {
    Protocol protocol = Protocol::tcp;
    SocketAddress address;
    friend auto operator<=>(const VirtualServiceKey&, const VirtualServiceKey&) = default;
};

struct RealServer {
    SocketAddress address;
    int weight = 1;  // 0: gets no new connections
    friend bool operator==(const RealServer&, const RealServer&) = default;
};

struct VirtualService {
    std::string scheduler = "rr";
    std::optional<std::uint32_t> persistence;  // seconds a client stays with its real server
    std::vector<RealServer> servers;           // in the order they were added
    std::size_t last = 0;                      // rr, wrr: one past the server chosen last; 0: none yet

    const RealServer* find(const SocketAddress& address) const;
};

class Ipvs {
public:
    const OrderedMap<VirtualServiceKey, VirtualService>& services() const { return services_; }
    const VirtualService* find(const VirtualServiceKey& key) const { return services_.find(key); }
    VirtualService& edit(const VirtualServiceKey& key) { return services_[key]; }
    // True when it was there.
    bool erase(const VirtualServiceKey& key);
    void flush();

    // The real server for a new connection of this client; nothing when none takes any. Persistent
    // services remember it. `conntrack` counts connections for the schedulers that ask.
    std::optional<SocketAddress> schedule(const VirtualServiceKey& key, const Ip& client, const Conntrack& conntrack, Time now);

private:
    struct Template {
        SocketAddress server;
        Time expires;
    };
    OrderedMap<VirtualServiceKey, VirtualService> services_;
    OrderedMap<std::pair<VirtualServiceKey, Ip>, Template> templates_;
};

// `ipvsadm -Ln`: connections are counted from `conntrack`.
std::string ipvsadm_text(const Ipvs& ipvs, const Conntrack& conntrack, Time now);
// One service as `ipvsadm -S -n` writes it ("-A -t 10.96.0.1:443 -s rr"), for traces.
std::string ipvsadm_rule(const VirtualServiceKey& key, const VirtualService& service);

}  // namespace kubewalk::net
