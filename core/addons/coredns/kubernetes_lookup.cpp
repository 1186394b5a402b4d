// Upstream: coredns plugin/kubernetes/{parse,kubernetes,reverse,ns,external}.go.

#include <algorithm>

#include "core/addons/coredns/kubernetes.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsType;

// _port._protocol.service.namespace.svc | endpoint.service.namespace.svc | service.namespace.svc |
// address.namespace.pod | topozone.pin|prefer._zone.service.namespace.svc, lower case.
struct KubernetesBackend::Name {
    std::string pod_or_svc;
    std::string namespace_name;
    std::string service;
    std::string endpoint;
    std::string port;
    std::string protocol;
    std::string topology_zone;
    bool prefer_zone = false;
};

namespace {

std::string_view without_underscore(std::string_view label) {
    return !label.empty() && label[0] == '_' ? label.substr(1) : label;
}

// The asked port and protocol may be left open.
bool port_matches(std::string_view port, std::string_view protocol, const Port& have) {
    return (port.empty() || net::same_dns_name(port, have.name)) &&
           (protocol.empty() || net::same_dns_name(protocol, have.protocol));
}

std::string below(std::string_view labels, std::string_view zone) {
    return zone == "." ? cat(labels, ".") : cat(labels, ".", zone);
}

}  // namespace

bool KubernetesBackend::exposed(std::string_view namespace_name) const {
    return (config_.namespaces.empty() || config_.namespaces.count(std::string(namespace_name)) > 0) &&
           index_.has_namespace(namespace_name);
}

// False: no name of this form exists.
bool KubernetesBackend::parse(std::string_view name, std::string_view zone, Name& into) const {
    const std::string base = to_lower(trim_zone(name, zone));
    if (base.empty() || base == "svc" || base == "pod")
        return true;
    auto labels = split(base, '.');
    const auto take = [&labels] {
        auto last = labels.back();
        labels.pop_back();
        return std::string(last);
    };
    into.pod_or_svc = take();
    if (into.pod_or_svc != "svc" && into.pod_or_svc != "pod") {
        return false;
    }
    if (!labels.empty())
        into.namespace_name = take();
    if (!labels.empty())
        into.service = take();
    if (labels.empty())
        return true;
    if (labels.size() == 1) {
        into.endpoint = take();
        return true;
    }
    if (labels.size() == 2) {
        into.protocol = without_underscore(labels[1]);
        into.port = without_underscore(labels[0]);
        return true;
    }
    const auto directive = labels[labels.size() - 2];
    if (!config_.zonal || labels.back() != "_zone" || into.pod_or_svc != "svc" ||
        (directive != "pin" && directive != "prefer"))
        return false;
    into.prefer_zone = directive == "prefer";
    labels.resize(labels.size() - 2);
    for (auto label : labels)
        append(into.topology_zone, into.topology_zone.empty() ? "" : ".", label);
    return true;
}

Services KubernetesBackend::records(std::string_view name, std::string_view zone) const {
    Name parsed;
    if (!parse(name, zone, parsed))
        return Services::no_such_name();
    if (parsed.pod_or_svc.empty())
        return {};
    const auto lower_zone = to_lower(zone);
    if (net::in_dns_zone(lower_zone, "in-addr.arpa.") || net::in_dns_zone(lower_zone, "ip6.arpa."))
        return Services::no_such_name();
    if (!exposed(parsed.namespace_name))
        return Services::no_such_name();
    return parsed.pod_or_svc == "pod" ? find_pods(parsed, zone) : find_services(parsed, zone);
}

Services KubernetesBackend::find_pods(const Name& name, std::string_view zone) const {
    if (config_.pods == PodMode::disabled)
        return Services::no_such_name();
    if (name.service.empty())
        return {};
    const auto dashes = std::count(name.service.begin(), name.service.end(), '-');
    const bool ipv4 = dashes == 3 && name.service.find("--") == std::string::npos;
    const std::string ip = replace_all(name.service, "-", ipv4 ? "." : ":");
    const Found found{ip, 0, config_.ttl, below(cat(name.service, ".", name.namespace_name, ".pod"), zone), {}};
    if (config_.pods == PodMode::insecure)
        return net::Ip::parse(ip) ? Services{{found}, false} : Services::no_such_name();
    Services services = Services::no_such_name();
    for (const auto* pod : index_.pods_by_ip(ip)) {
        if (!net::same_dns_name(pod->namespace_name, name.namespace_name))
            continue;
        services.found.push_back(found);
        services.name_error = false;
    }
    return services;
}

void KubernetesBackend::add_endpoints(const Name& name, const ServiceRecord& service, std::string_view topology_zone,
                                      std::string_view zone, Services& into) const {
    for (const auto* endpoints : index_.endpoints(service.namespace_name, service.name)) {
        for (const auto& address : endpoints->addresses) {
            if (!topology_zone.empty() && address.zone != topology_zone)
                continue;
            const auto hostname = endpoint_hostname(address, config_.endpoint_names);
            if (!name.endpoint.empty() && !net::same_dns_name(name.endpoint, hostname))
                continue;
            for (const auto& port : endpoints->ports) {
                if (!port_matches(name.port, name.protocol, port))
                    continue;
                into.name_error = false;
                into.found.push_back(
                    {address.ip, port.port, config_.ttl,
                     below(cat(hostname, ".", service.name, ".", service.namespace_name, ".svc"), zone), {}});
            }
        }
    }
}

Services KubernetesBackend::find_services(const Name& name, std::string_view zone) const {
    if (name.service.empty())
        return {};
    const auto* service = index_.service(name.namespace_name, name.service);
    if (!service)
        return Services::no_such_name();
    const auto owner = below(cat(service->name, ".", service->namespace_name, ".svc"), zone);
    if (config_.ignore_empty_service && !service->external_name_type && !service->headless()) {
        const auto endpoints = index_.endpoints(service->namespace_name, service->name);
        if (std::all_of(endpoints.begin(), endpoints.end(), [](const auto* e) { return e->addresses.empty(); }))
            return Services::no_such_name();
    }
    if (!name.topology_zone.empty() && !service->headless())
        return Services::no_such_name();
    if (service->external_name_type) {
        const bool plain = name.endpoint.empty() && name.port.empty() && name.protocol.empty();
        if (!plain || net::Ip::parse(service->external_name))
            return Services::no_such_name();
        return {{{service->external_name, 0, config_.ttl, owner, {}}}, false};
    }
    Services services = Services::no_such_name();
    if (service->headless() || !name.endpoint.empty()) {
        if (!name.topology_zone.empty())
            services.name_error = false;  // the name exists, whoever is in that zone
        if (config_.endpoints) {
            add_endpoints(name, *service, name.topology_zone, zone, services);
            if (services.found.empty() && name.prefer_zone)
                add_endpoints(name, *service, {}, zone, services);
        }
        return services;
    }
    for (const auto& port : service->ports) {
        if (!port_matches(name.port, name.protocol, port))
            continue;
        services.name_error = false;
        for (const auto& ip : service->cluster_ips)
            services.found.push_back({ip, port.port, config_.ttl, owner, {}});
    }
    return services;
}

Services KubernetesBackend::reverse(std::string_view name, std::string_view zone) const {
    const auto ip = net::address_of_reverse_name(name);
    if (ip.empty())
        return {{}, records(name, zone).name_error};
    const auto hidden = [this](std::string_view namespace_name) {
        return !config_.namespaces.empty() && !exposed(namespace_name);
    };
    for (const auto* service : index_.services_by_ip(ip))
        if (!hidden(service->namespace_name))
            return {{{below(cat(service->name, ".", service->namespace_name, ".svc"), config_.primary_zone()), 0,
                      config_.ttl, {}, {}}},
                    false};
    Services services;
    for (const auto* endpoints : index_.endpoints_by_ip(ip)) {
        if (hidden(endpoints->namespace_name))
            continue;
        for (const auto& address : endpoints->addresses)
            if (address.ip == ip)
                services.found.push_back(
                    {below(cat(endpoint_hostname(address, config_.endpoint_names), ".", endpoints->service, ".",
                               endpoints->namespace_name, ".svc"),
                           config_.primary_zone()),
                     0, config_.ttl, {}, {}});
    }
    services.name_error = services.found.empty();
    return services;
}

std::vector<Found> KubernetesBackend::name_server_addresses(std::string_view zone, bool external,
                                                            Headless headless) const {
    std::vector<Found> found;
    bool found_endpoint = false;
    const auto locals = local_();
    const std::string_view svc = external ? "" : ".svc";
    for (const auto& local : locals) {
        for (const auto* endpoints : index_.endpoints_by_ip(local.text())) {
            found_endpoint = true;
            const auto* service = index_.service(endpoints->namespace_name, endpoints->service);
            if (!service)
                continue;
            const auto name = below(cat(service->name, ".", service->namespace_name, svc), zone);
            if (service->headless() && (!external || headless == Headless::yes)) {
                for (const auto& address : endpoints->addresses)
                    found.push_back({address.ip, 0, config_.ttl,
                                     cat(endpoint_hostname(address, config_.endpoint_names), ".", name), {}});
            } else {
                for (const auto& ip : external ? service->external_ips : service->cluster_ips)
                    found.push_back({ip, 0, config_.ttl, name, {}});
            }
        }
    }
    if (!found_endpoint)
        for (const auto& local : locals)
            found.push_back({local.text(), 0, config_.ttl, below("ns.dns", zone), {}});
    return found;
}

KubernetesBackend::External KubernetesBackend::external(std::string_view name, std::string_view zone, DnsType type,
                                                        Headless headless) const {
    if (type == DnsType::PTR) {
        if (const auto ip = net::address_of_reverse_name(name); !ip.empty()) {
            External out;
            for (const auto* service : index_.services_by_external_ip(ip))
                if (config_.namespaces.empty() || exposed(service->namespace_name))
                    out.found.push_back({cat(service->name, ".", service->namespace_name), 0, config_.ttl, {}, {}});
            out.code = out.found.empty() ? DnsCode::nxdomain : DnsCode::noerror;
            return out;
        }
    }
    const std::string base = to_lower(trim_zone(name, zone));
    if (base.empty())
        return {{}, DnsCode::servfail};
    auto labels = split(base, '.');
    Name parsed;
    parsed.namespace_name = labels.back();
    if (!exposed(parsed.namespace_name))
        return {{}, DnsCode::nxdomain};
    if (labels.size() == 1)
        return {};
    parsed.service = labels[labels.size() - 2];
    if (labels.size() == 3)
        parsed.endpoint = without_underscore(labels[0]);
    if (labels.size() == 4) {
        parsed.port = without_underscore(labels[0]);
        parsed.protocol = without_underscore(labels[1]);
    }
    const auto* service = labels.size() > 4 ? nullptr : index_.service(parsed.namespace_name, parsed.service);
    if (!service)
        return {{}, DnsCode::nxdomain};
    External out{{}, DnsCode::nxdomain};
    const auto owner = below(cat(service->name, ".", service->namespace_name), zone);
    if (headless == Headless::yes && service->external_ips.empty() &&
        (service->headless() || !parsed.endpoint.empty())) {
        Services services = Services::no_such_name();
        add_endpoints(parsed, *service, {}, zone, services);
        for (auto& found : services.found) {
            // HOSTNAME.SERVICE.NAMESPACE without "svc"
            found.owner = cat(found.owner.substr(0, found.owner.find('.')), ".", owner);
            out.found.push_back(std::move(found));
        }
    } else {
        for (const auto& ip : service->external_ips)
            for (const auto& port : service->ports)
                if (port_matches(parsed.port, parsed.protocol, port))
                    out.found.push_back({ip, port.port, config_.ttl, owner, {}});
    }
    if (!out.found.empty())
        out.code = DnsCode::noerror;
    if (type == DnsType::PTR)
        out.found.clear();
    return out;
}

}  // namespace kubewalk::addons::coredns
