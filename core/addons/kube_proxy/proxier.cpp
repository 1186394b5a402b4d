#include "core/addons/kube_proxy/proxier.h"

#include <algorithm>

#include "core/addons/kube_proxy/iptables.h"
#include "core/addons/kube_proxy/ipvs.h"
#include "core/addons/kube_proxy/nftables.h"
#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using net::Prefix;

namespace {

std::string service_of_slice(const api::Value& slice) {
    return cat(api::namespace_of(slice), '/', slice.path("metadata", "labels", "kubernetes.io/service-name").as_string());
}

}  // namespace

std::string_view proxy_mode_name(ProxyMode mode) {
    constexpr std::string_view names[] = {"iptables", "ipvs", "nftables"};
    return names[static_cast<std::size_t>(mode)];
}

Prefix host_prefix(const net::Ip& ip) { return {ip, ip.family == net::Family::ipv4 ? 32 : 128}; }

std::unique_ptr<Proxier> make_proxier(ProxyMode mode, ProxierConfig config) {
    switch (mode) {
    case ProxyMode::ipvs: return std::make_unique<IpvsProxier>(std::move(config));
    case ProxyMode::nftables: return std::make_unique<NftablesProxier>(std::move(config));
    case ProxyMode::iptables: break;
    }
    return std::make_unique<IptablesProxier>(std::move(config));
}

void clean_up_other_modes(ProxyMode mode, net::NetNamespace& host, net::Family family) {
    // iptables and ipvs share chains and do not clean up after each other.
    if (mode == ProxyMode::nftables) {
        IptablesProxier::clean_up(host, family);
        IpvsProxier::clean_up(host, family);
    } else {
        NftablesProxier::clean_up(host, family);
    }
}

// -- what was watched ---------------------------------------------------------------------------------

std::size_t Proxier::counted(const std::string& service) const {
    std::size_t total = 0;
    for (auto it = services_.lower_bound(ServicePortName{service, "", net::Protocol::tcp});
         it != services_.end() && it->first.service == service; ++it)
        total += endpoints(it->first).size();
    return total;
}

bool Proxier::set_service(const api::Value& service) {
    const std::string key = api::key_of(service);
    endpoint_count_ -= counted(key);
    auto wanted = service_ports(service, config_.family);
    for (auto& [name, port] : wanted)
        port.hash = chain_base(name);
    bool changed = false;
    for (auto it = services_.lower_bound(ServicePortName{key, "", net::Protocol::tcp}); it != services_.end() && it->first.service == key;) {
        const bool gone = std::none_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.first == it->first; });
        changed = changed || gone;
        it = gone ? services_.erase(it) : std::next(it);
    }
    for (const auto& [name, port] : wanted) {
        const auto it = services_.find(name);
        if (it != services_.end() && it->second == port)
            continue;
        services_[name] = port;
        changed = true;
    }
    endpoint_count_ += counted(key);
    if (changed)
        changed_.insert(key);
    return changed;
}

bool Proxier::delete_service(const std::string& key) {
    endpoint_count_ -= counted(key);
    auto it = services_.lower_bound(ServicePortName{key, "", net::Protocol::tcp});
    bool erased = false;
    while (it != services_.end() && it->first.service == key) {
        it = services_.erase(it);
        erased = true;
    }
    if (erased)
        changed_.insert(key);
    return erased;
}

bool Proxier::set_slice(const api::Value& slice) {
    const std::string service = service_of_slice(slice);
    slices_[service].set(std::string(api::name_of(slice)), slice);
    std::map<ServicePortName, std::vector<ProxyEndpoint>> before;
    const auto first = endpoints_.lower_bound(ServicePortName{service, "", net::Protocol::tcp});
    for (auto it = first; it != endpoints_.end() && it->first.service == service; ++it)
        before.insert(*it);
    auto after = service_endpoints(service);
    if (before == after)
        return false;
    replace_endpoints(service, std::move(after));
    return true;
}

bool Proxier::delete_slice(const api::Value& slice) {
    const std::string service = service_of_slice(slice);
    if (!slices_.contains(service) || !slices_[service].erase(api::name_of(slice)))
        return false;
    replace_endpoints(service, service_endpoints(service));
    if (slices_.find(service)->empty())
        slices_.erase(service);
    return true;
}

std::map<ServicePortName, std::vector<ProxyEndpoint>> Proxier::service_endpoints(const std::string& service) const {
    auto out = slice_endpoints(service, *slices_.find(service), config_.node_name, config_.family);
    for (auto& [name, list] : out) {
        // Hashing is dear; most endpoints were there before.
        const std::vector<ProxyEndpoint>& known = endpoints(name);
        std::size_t at = 0;
        for (ProxyEndpoint& endpoint : list) {
            while (at < known.size() && known[at].address.text() < endpoint.address.text())
                ++at;
            endpoint.chain = at < known.size() && known[at].address == endpoint.address ? known[at].chain : chain_base(name, endpoint.address);
        }
    }
    return out;
}

void Proxier::replace_endpoints(const std::string& service, std::map<ServicePortName, std::vector<ProxyEndpoint>> after) {
    endpoint_count_ -= counted(service);
    auto it = endpoints_.lower_bound(ServicePortName{service, "", net::Protocol::tcp});
    while (it != endpoints_.end() && it->first.service == service)
        it = endpoints_.erase(it);
    for (auto& [name, list] : after)
        endpoints_[name] = std::move(list);
    endpoint_count_ += counted(service);
    changed_.insert(service);
}

bool Proxier::set_node_labels(const api::Value& labels) {
    const std::string zone = labels["topology.kubernetes.io/zone"].str();
    if (zone == zone_)
        return false;
    zone_ = zone;
    return true;
}

const std::vector<ProxyEndpoint>& Proxier::endpoints(const ServicePortName& name) const {
    static const std::vector<ProxyEndpoint> none;
    const auto found = endpoints_.find(name);
    return found == endpoints_.end() ? none : found->second;
}

EndpointCategories Proxier::categorize(const ServicePortName& name, const ServicePort& port) const {
    return categorize_endpoints(endpoints(name), {port.uses_cluster_endpoints(), port.uses_local_endpoints()}, config_.node_name, zone_);
}

// -- node ports -----------------------------------------------------------------------------------------

bool Proxier::node_ports_match_all() const {
    if (config_.node_ports_on_primary_only)
        return false;
    if (config_.node_port_addresses.empty())
        return true;
    return std::any_of(config_.node_port_addresses.begin(), config_.node_port_addresses.end(),
                       [](const Prefix& prefix) { return prefix.length == 0; });
}

std::vector<net::Ip> Proxier::node_port_ips(const net::NetNamespace& host, Loopback loopback) const {
    if (config_.node_ports_on_primary_only)
        return {config_.node_ip};
    std::vector<net::Ip> out;
    for (const net::Interface& interface_ : host.interfaces)
        for (const Prefix& address : interface_.addresses) {
            const bool selected = std::any_of(config_.node_port_addresses.begin(), config_.node_port_addresses.end(),
                                              [&](const Prefix& prefix) { return prefix.contains(address.ip); });
            if (selected && (loopback == Loopback::kept || !address.ip.loopback()))
                out.push_back(address.ip);
        }
    return out;
}

// -- the whole --------------------------------------------------------------------------------------------

SyncReport Proxier::synchronize(SyncKind kind, net::NetNamespace& host, Time now) {
    const SyncReport report = apply(kind, host, now);
    if (!changed_.empty())
        clean_udp_entries(host);
    changed_.clear();
    return report;
}

// UDP has no end of connection: entries that lead to endpoints which are gone would swallow the
// client's packets.
void Proxier::clean_udp_entries(net::NetNamespace& host) const {
    const auto affected = [this](const ServicePortName& name) {
        return name.protocol == net::Protocol::udp && changed_.contains(name.service);
    };
    std::map<net::SocketAddress, const std::vector<ProxyEndpoint>*> fronts;
    std::map<std::uint16_t, const std::vector<ProxyEndpoint>*> node_ports;
    if (host.conntrack.size() == 0 ||
        std::none_of(services_.begin(), services_.end(), [&](const auto& entry) { return affected(entry.first); }))
        return;
    for (const auto& [name, port] : services_) {
        if (port.protocol != net::Protocol::udp)
            continue;
        const std::vector<ProxyEndpoint>* behind = &endpoints(name);
        fronts[{port.cluster_ip, port.port}] = behind;
        for (const net::Ip& ip : port.external_ips)
            fronts[{ip, port.port}] = behind;
        for (const net::Ip& ip : port.load_balancer_ips)
            fronts[{ip, port.port}] = behind;
        if (port.node_port)
            node_ports[port.node_port] = behind;
    }
    host.conntrack.erase_if([&](const net::ConntrackEntry& entry) {
        if (entry.original.protocol != net::Protocol::udp)
            return false;
        const std::vector<ProxyEndpoint>* behind = nullptr;
        if (const auto it = fronts.find({entry.original.destination, entry.original.destination_port}); it != fronts.end())
            behind = it->second;
        else if (const auto at = node_ports.find(entry.original.destination_port);
                 at != node_ports.end() && host.is_local(entry.original.destination))
            behind = at->second;
        if (!behind)
            return false;
        const net::SocketAddress answers{entry.reply.source, entry.reply.source_port};
        return std::none_of(behind->begin(), behind->end(), [&](const ProxyEndpoint& e) { return e.address == answers && e.serving; });
    });
}

}  // namespace kubewalk::addons
