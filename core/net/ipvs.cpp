#include "core/net/ipvs.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::net {

namespace {

struct Load {
    std::uint64_t active = 0, inactive = 0;
};

// Established TCP connections are active, everything else is inactive.
Load load_of(const Conntrack& conntrack, const VirtualServiceKey& key, const SocketAddress& server, Time now) {
    Load out;
    conntrack.each([&](const ConntrackEntry& entry) {
        if (!entry.ipvs || entry.expires < now || entry.original.protocol != key.protocol ||
            !(entry.original.destination == key.address.ip) || entry.original.destination_port != key.address.port ||
            !(entry.reply.source == server.ip) || entry.reply.source_port != server.port)
            return;
        ++(entry.tcp == TcpState::established ? out.active : out.inactive);
    });
    return out;
}

// Lower is better; schedulers that weigh multiply instead of dividing, as the kernel does.
enum class Cost : std::uint8_t { connections, active_weighted, expected_delay };

std::uint64_t cost_of(Cost cost, const Load& load) {
    constexpr std::uint64_t active_factor = 256;  // an active connection costs as much as 256 inactive ones
    return cost == Cost::expected_delay ? load.active + 1 : load.active * active_factor + load.inactive;
}

std::optional<std::size_t> least(const VirtualService& service, const VirtualServiceKey& key, Cost cost, const Conntrack& conntrack, Time now) {
    std::optional<std::size_t> best;
    std::uint64_t best_cost = 0;
    for (std::size_t i = 0; i < service.servers.size(); ++i) {
        const RealServer& server = service.servers[i];
        if (server.weight <= 0)
            continue;
        const std::uint64_t own = cost_of(cost, load_of(conntrack, key, server.address, now));
        const bool weighted = cost != Cost::connections;
        const auto best_weight = static_cast<std::uint64_t>(best && weighted ? service.servers[*best].weight : 1);
        const auto weight = static_cast<std::uint64_t>(weighted ? server.weight : 1);
        if (!best || own * best_weight < best_cost * weight) {
            best = i;
            best_cost = own;
        }
    }
    return best;
}

// The next in the row that takes connections. Heavier servers come up more often: within one round
// each server has as many turns as its weight.
std::optional<std::size_t> next_in_row(VirtualService& service, bool weighted) {
    std::size_t turns = 0;
    for (const RealServer& server : service.servers)
        turns += server.weight <= 0 ? 0 : weighted ? static_cast<std::size_t>(server.weight) : 1;
    if (turns == 0)
        return std::nullopt;
    if (!weighted) {
        for (std::size_t step = 0; step < service.servers.size(); ++step) {
            const std::size_t at = (service.last + step) % service.servers.size();
            if (service.servers[at].weight > 0) {
                service.last = at + 1;
                return at;
            }
        }
        return std::nullopt;
    }
    std::size_t turn = service.last++ % turns;
    for (int level = 1;; ++level)
        for (std::size_t i = 0; i < service.servers.size(); ++i)
            if (service.servers[i].weight >= level && turn-- == 0)
                return i;
}

// A hash of an address decides; servers without weight are skipped.
std::optional<std::size_t> by_hash(const VirtualService& service, const Ip& ip) {
    const std::size_t count = service.servers.size();
    const std::uint64_t hash = fnv1a({reinterpret_cast<const char*>(ip.bytes.data()), ip.bytes.size()});
    for (std::size_t step = 0; step < count; ++step)
        if (const std::size_t at = (hash + step) % count; service.servers[at].weight > 0)
            return at;
    return std::nullopt;
}

std::optional<std::size_t> choose(VirtualService& service, const VirtualServiceKey& key, const Ip& client, const Conntrack& conntrack, Time now) {
    if (service.servers.empty())
        return std::nullopt;
    const std::string& scheduler = service.scheduler;
    if (scheduler == "lc")
        return least(service, key, Cost::connections, conntrack, now);
    if (scheduler == "wlc" || scheduler == "lblc" || scheduler == "lblcr")
        return least(service, key, Cost::active_weighted, conntrack, now);
    if (scheduler == "sed" || scheduler == "nq")
        return least(service, key, Cost::expected_delay, conntrack, now);
    if (scheduler == "sh" || scheduler == "mh")
        return by_hash(service, client);
    if (scheduler == "dh")
        return by_hash(service, key.address.ip);
    return next_in_row(service, scheduler == "wrr");
}

std::string_view upper_name(Protocol protocol) {
    return protocol == Protocol::udp ? "UDP" : protocol == Protocol::sctp ? "SCTP" : "TCP";
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.resize(width, ' ');
    return text;
}

std::string service_text(const VirtualService& service) {
    return service.persistence ? cat(service.scheduler, " persistent ", *service.persistence) : service.scheduler;
}

}  // namespace

const RealServer* VirtualService::find(const SocketAddress& address) const {
    const auto found = std::find_if(servers.begin(), servers.end(), [&](const RealServer& s) { return s.address == address; });
    return found == servers.end() ? nullptr : &*found;
}

bool Ipvs::erase(const VirtualServiceKey& key) { return services_.erase(key); }

void Ipvs::flush() {
    services_.clear();
    templates_.clear();
}

std::optional<SocketAddress> Ipvs::schedule(const VirtualServiceKey& key, const Ip& client, const Conntrack& conntrack, Time now) {
    if (!services_.contains(key))
        return std::nullopt;
    VirtualService& service = services_[key];
    if (service.persistence) {
        const Template* known = templates_.find(std::pair{key, client});
        const RealServer* server = known && known->expires >= now ? service.find(known->server) : nullptr;
        if (server && server->weight > 0) {  // expire_quiescent_template = 1
            const SocketAddress address = known->server;
            templates_.set({key, client}, {address, now + seconds(*service.persistence)});
            return address;
        }
    }
    const auto chosen = choose(service, key, client, conntrack, now);
    if (!chosen)
        return std::nullopt;
    const SocketAddress address = service.servers[*chosen].address;
    if (service.persistence)
        templates_.set({key, client}, {address, now + seconds(*service.persistence)});
    return address;
}

std::string ipvsadm_text(const Ipvs& ipvs, const Conntrack& conntrack, Time now) {
    std::string out =
        "IP Virtual Server version 1.2.1 (size=4096)\n"
        "Prot LocalAddress:Port Scheduler Flags\n"
        "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n";
    for (const auto& [key, service] : ipvs.services()) {
        append(out, padded(std::string(upper_name(key.protocol)), 4), ' ', key.address.text(), ' ', service_text(service), '\n');
        for (const RealServer& server : service.servers) {
            const Load load = load_of(conntrack, key, server.address, now);
            append(out, "  -> ", padded(server.address.text(), 28), ' ', padded("Masq", 7), ' ', padded(cat(server.weight), 6), ' ',
                   padded(cat(load.active), 10), ' ', padded(cat(load.inactive), 10), '\n');
        }
    }
    return out;
}

std::string ipvsadm_rule(const VirtualServiceKey& key, const VirtualService& service) {
    const std::string_view flag = key.protocol == Protocol::udp ? "-u" : key.protocol == Protocol::sctp ? "--sctp-service" : "-t";
    std::string out = cat("-A ", flag, ' ', key.address.text(), " -s ", service.scheduler);
    if (service.persistence)
        append(out, " -p ", *service.persistence);
    return out;
}

}  // namespace kubewalk::net
