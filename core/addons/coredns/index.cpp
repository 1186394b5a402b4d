#include "core/addons/coredns/index.h"

#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

constexpr std::string_view service_name_label = "kubernetes.io/service-name";

std::vector<Port> ports_of(const api::Value& ports) {
    std::vector<Port> out;
    for (const auto& port : ports.items())
        out.push_back({port["name"].str(), port["protocol"].str("TCP"), static_cast<int>(port["port"].as_int(-1))});
    if (out.empty())
        out.push_back({});  // so that the addresses are still found; SRV leaves it out
    return out;
}

std::vector<std::string> strings_of(const api::Value& list) {
    std::vector<std::string> out;
    for (const auto& item : list.items())
        out.push_back(item.str());
    return out;
}

}  // namespace

template <typename Record>
std::vector<const Record*> Index::with_prefix(const ByKey<Record>& map, const std::string& prefix) {
    std::vector<const Record*> found;
    for (auto at = map.lower_bound(prefix); at != map.end() && at->first.compare(0, prefix.size(), prefix) == 0; ++at)
        found.push_back(at->second.get());
    return found;
}

void Index::set_service(const api::Value& service) {
    ++revision_;
    const auto key = api::key_of(service);
    remove_service(key);
    auto record = std::make_shared<ServiceRecord>();
    const auto& spec = service["spec"];
    record->name = api::name_of(service);
    record->namespace_name = api::namespace_of(service);
    record->external_name_type = spec["type"].as_string() == "ExternalName";
    record->external_name = spec["externalName"].str();
    record->cluster_ips = strings_of(spec["clusterIPs"]);
    if (record->cluster_ips.empty())
        record->cluster_ips.push_back(spec["clusterIP"].str());
    record->external_ips = strings_of(spec["externalIPs"]);
    for (const auto& ingress : service.path("status", "loadBalancer", "ingress").items())
        record->external_ips.push_back(ingress["ip"].str(ingress["hostname"].as_string()));
    record->ports = ports_of(spec["ports"]);
    services_.set(key, record);
    for (const auto& ip : record->cluster_ips)
        services_by_ip_.set(cat(ip, "|", key), record);
    for (const auto& ip : record->external_ips)
        services_by_external_ip_.set(cat(ip, "|", key), record);
}

void Index::remove_service(std::string_view key) {
    ++revision_;
    const auto* found = services_.find(key);
    if (!found)
        return;
    const auto record = *found;
    for (const auto& ip : record->cluster_ips)
        services_by_ip_.erase(cat(ip, "|", key));
    for (const auto& ip : record->external_ips)
        services_by_external_ip_.erase(cat(ip, "|", key));
    services_.erase(key);
}

void Index::set_endpoint_slice(const api::Value& slice) {
    ++revision_;
    const auto key = api::key_of(slice);
    remove_endpoint_slice(key);
    auto record = std::make_shared<EndpointsRecord>();
    record->namespace_name = api::namespace_of(slice);
    record->service = slice.path("metadata", "labels", service_name_label).str();
    record->ports = ports_of(slice["ports"]);
    for (const auto& endpoint : slice["endpoints"].items()) {
        if (!endpoint.path("conditions", "ready").as_bool(true))
            continue;
        constexpr std::size_t longest_label = 63;
        auto target = endpoint.path("targetRef", "name").str();
        if (target.size() > longest_label)
            target.clear();
        for (const auto& address : endpoint["addresses"].items())
            record->addresses.push_back(
                {address.str(), endpoint["hostname"].str(), target, to_lower(endpoint["zone"].as_string())});
    }
    slices_.set(key, record);
    slices_by_service_.set(cat(record->namespace_name, "/", record->service, "|", key), record);
    for (const auto& address : record->addresses)
        slices_by_ip_.set(cat(address.ip, "|", key), record);
}

void Index::remove_endpoint_slice(std::string_view key) {
    ++revision_;
    const auto* found = slices_.find(key);
    if (!found)
        return;
    const auto record = *found;
    slices_by_service_.erase(cat(record->namespace_name, "/", record->service, "|", key));
    for (const auto& address : record->addresses)
        slices_by_ip_.erase(cat(address.ip, "|", key));
    slices_.erase(key);
}

void Index::set_namespace(const api::Value& object) {
    ++revision_;
    namespaces_.set(std::string(api::name_of(object)), true);
}

void Index::remove_namespace(std::string_view key) {
    ++revision_;
    namespaces_.erase(key);
}

void Index::set_pod(const api::Value& pod) {
    ++revision_;
    const auto key = api::key_of(pod);
    remove_pod(key);
    auto record = std::make_shared<PodRecord>();
    record->namespace_name = api::namespace_of(pod);
    record->ip = pod.path("status", "podIP").str();
    pods_.set(key, record);
    pods_by_ip_.set(cat(record->ip, "|", key), record);
}

void Index::remove_pod(std::string_view key) {
    ++revision_;
    const auto* found = pods_.find(key);
    if (!found)
        return;
    pods_by_ip_.erase(cat((*found)->ip, "|", key));
    pods_.erase(key);
}

const ServiceRecord* Index::service(std::string_view namespace_name, std::string_view name) const {
    const auto* found = services_.find(cat(namespace_name, "/", name));
    return found ? found->get() : nullptr;
}
std::vector<const ServiceRecord*> Index::services_by_ip(std::string_view ip) const {
    return with_prefix(services_by_ip_, cat(ip, "|"));
}
std::vector<const ServiceRecord*> Index::services_by_external_ip(std::string_view ip) const {
    return with_prefix(services_by_external_ip_, cat(ip, "|"));
}
std::vector<const EndpointsRecord*> Index::endpoints(std::string_view namespace_name,
                                                     std::string_view service) const {
    return with_prefix(slices_by_service_, cat(namespace_name, "/", service, "|"));
}
std::vector<const EndpointsRecord*> Index::endpoints_by_ip(std::string_view ip) const {
    return with_prefix(slices_by_ip_, cat(ip, "|"));
}
std::vector<const PodRecord*> Index::pods_by_ip(std::string_view ip) const {
    return with_prefix(pods_by_ip_, cat(ip, "|"));
}

std::string endpoint_hostname(const EndpointAddress& address, EndpointNames names) {
    if (!address.hostname.empty())
        return address.hostname;
    if (names == EndpointNames::pods && !address.target_ref_name.empty())
        return address.target_ref_name;
    if (address.ip.find('.') != std::string::npos)
        return replace_all(address.ip, ".", "-");
    auto label = replace_all(address.ip, ":", "-");
    return !label.empty() && label.back() == '-' ? label + "0" : label;
}

}  // namespace kubewalk::addons::coredns
