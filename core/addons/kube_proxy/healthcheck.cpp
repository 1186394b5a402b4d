#include "core/addons/kube_proxy/healthcheck.h"

#include <set>

#include "core/addons/kube_proxy/services.h"
#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

// A Service has one port for all families: the first one's entry tells.
std::uint16_t health_port_of(const api::Value& service) {
    for (const net::Family family : {net::Family::ipv4, net::Family::ipv6})
        for (const auto& [name, port] : service_ports(service, family))
            return port.health_check_node_port;
    return 0;
}

std::string service_of(const api::Value& slice) {
    return cat(api::namespace_of(slice), "/", slice.path("metadata", "labels", "kubernetes.io/service-name").as_string());
}

}  // namespace

api::Value service_reference(const std::string& service) {
    const auto [namespace_name, name] = api::split_key(service);
    return api::Value::object({{"kind", "Service"},
                               {"metadata", api::Value::object({{"namespace", namespace_name}, {"name", name}, {"uid", service}})}});
}

void ServiceHealth::take_services(const std::vector<client::Change>& changes) {
    for (const client::Change& change : changes) {
        const std::string key = api::key_of(change.object);
        const std::uint16_t port = change.type == client::WatchType::deleted ? std::uint16_t{0} : health_port_of(change.object);
        if (port == 0)
            wanted_.erase(key);
        else
            wanted_[key] = port;
    }
}

void ServiceHealth::take_slices(const std::vector<client::Change>& changes) {
    for (const client::Change& change : changes) {
        auto& slices = slices_[service_of(change.object)];
        const std::string name(api::name_of(change.object));
        if (change.type == client::WatchType::deleted)
            slices.erase(name);
        else
            slices.set(name, change.object);
        if (slices.empty())
            slices_.erase(service_of(change.object));
    }
}

std::size_t ServiceHealth::local_ready_endpoints(const std::string& service) const {
    const auto* slices = slices_.find(service);
    std::set<net::Ip> addresses;
    if (slices)
        for (const net::Family family : {net::Family::ipv4, net::Family::ipv6})
            for (const auto& [port, endpoints] : slice_endpoints(service, *slices, node_name_, family))
                for (const ProxyEndpoint& endpoint : endpoints)
                    if (endpoint.local && endpoint.ready)
                        addresses.insert(endpoint.address.ip);
    return addresses.size();
}

std::vector<ServiceHealth::Failed> ServiceHealth::sync(net::Network& network, net::NamespaceId host, sim::ComponentId owner) {
    for (auto it = open_.begin(); it != open_.end();) {
        const auto wanted = wanted_.find(it->first);
        if (wanted != wanted_.end() && wanted->second == it->second.port) {
            ++it;
            continue;
        }
        network.close(host, net::Protocol::tcp, it->second.port, owner);
        it = open_.erase(it);
    }
    std::vector<Failed> failed;
    for (const auto& [service, port] : wanted_) {
        if (open_.contains(service))
            continue;
        const auto opened = network.listen(host, {net::Protocol::tcp, {}, port, owner, "kube-proxy"});
        if (opened.ok())
            open_[service] = {port, 0};
        else
            failed.push_back({service, cat("node ", node_name_, " failed to start healthcheck ", quoted(service), " on port ", port, ": ",
                                           opened.error().message)});
    }
    for (auto& [service, entry] : open_)
        entry.endpoints = local_ready_endpoints(service);
    return failed;
}

std::optional<net::HttpResponse> ServiceHealth::serve(std::uint16_t port, bool proxy_healthy) const {
    for (const auto& [service, entry] : open_) {
        if (entry.port != port)
            continue;
        const auto [namespace_name, name] = api::split_key(service);
        net::HttpResponse response;
        response.took = milliseconds(1);
        response.status = entry.endpoints != 0 && proxy_healthy ? 200 : 503;
        response.headers["content-type"] = "application/json";
        response.headers["x-content-type-options"] = "nosniff";
        response.headers["x-load-balancing-endpoint-weight"] = cat(entry.endpoints);
        response.body = cat("{\n\t\"service\": {\n\t\t\"namespace\": ", quoted(namespace_name), ",\n\t\t\"name\": ", quoted(name),
                            "\n\t},\n\t\"localEndpoints\": ", entry.endpoints, ",\n\t\"serviceProxyHealthy\": ", proxy_healthy, "\n}");
        return response;
    }
    return std::nullopt;
}

}  // namespace kubewalk::addons
