#pragma once
// What CoreDNS keeps of the cluster: Services, EndpointSlices, Namespaces and Pods, reduced to what
// names need, with the indexes the lookups use. A value type; copies share structure.
// Upstream: coredns plugin/kubernetes/{controller.go,object/*.go}.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/ordered_map.h"

namespace kubewalk::addons::coredns {

struct Port {
    std::string name;
    std::string protocol;  // "TCP"
    int port = -1;         // -1: the object declares no ports
};

struct ServiceRecord {
    std::string name;
    std::string namespace_name;
    bool external_name_type = false;
    std::string external_name;
    std::vector<std::string> cluster_ips;   // "None" for headless
    std::vector<std::string> external_ips;  // externalIPs and load balancer addresses
    std::vector<Port> ports;
    bool headless() const { return !cluster_ips.empty() && cluster_ips.front() == "None"; }
};

struct EndpointAddress {
    std::string ip;
    std::string hostname;
    std::string target_ref_name;
    std::string zone;  // lower case
};

struct EndpointsRecord {
    std::string namespace_name;
    std::string service;
    std::vector<EndpointAddress> addresses;  // ready ones only
    std::vector<Port> ports;
};

struct PodRecord {
    std::string namespace_name;
    std::string ip;
};

class Index {
public:
    void set_service(const api::Value& service);
    void set_endpoint_slice(const api::Value& slice);
    void set_namespace(const api::Value& object);
    void set_pod(const api::Value& pod);
    // key: "namespace/name", or "name".
    void remove_service(std::string_view key);
    void remove_endpoint_slice(std::string_view key);
    void remove_namespace(std::string_view key);
    void remove_pod(std::string_view key);

    bool has_namespace(std::string_view name) const { return namespaces_.contains(name); }
    // Null when absent.
    const ServiceRecord* service(std::string_view namespace_name, std::string_view name) const;
    std::vector<const ServiceRecord*> services_by_ip(std::string_view ip) const;
    std::vector<const ServiceRecord*> services_by_external_ip(std::string_view ip) const;
    std::vector<const EndpointsRecord*> endpoints(std::string_view namespace_name, std::string_view service) const;
    std::vector<const EndpointsRecord*> endpoints_by_ip(std::string_view ip) const;
    std::vector<const PodRecord*> pods_by_ip(std::string_view ip) const;

    // Unix seconds of the last change: the SOA's serial.
    std::uint32_t serial = 0;
    // Counts changes.
    std::uint64_t revision() const { return revision_; }

private:
    template <typename Record>
    using ByKey = OrderedMap<std::string, std::shared_ptr<const Record>>;
    // "IP|key" or "namespace/service|slice": entries with one prefix stand together.
    template <typename Record>
    static std::vector<const Record*> with_prefix(const ByKey<Record>& map, const std::string& prefix);

    std::uint64_t revision_ = 0;
    ByKey<ServiceRecord> services_;
    ByKey<ServiceRecord> services_by_ip_;
    ByKey<ServiceRecord> services_by_external_ip_;
    ByKey<EndpointsRecord> slices_;
    ByKey<EndpointsRecord> slices_by_service_;
    ByKey<EndpointsRecord> slices_by_ip_;
    ByKey<PodRecord> pods_;
    ByKey<PodRecord> pods_by_ip_;
    OrderedMap<std::string, bool> namespaces_;
};

// The label an endpoint goes by under its Service: its hostname, or its address with dashes.
enum class EndpointNames : std::uint8_t { addresses, pods };
std::string endpoint_hostname(const EndpointAddress& address, EndpointNames names);

}  // namespace kubewalk::addons::coredns
