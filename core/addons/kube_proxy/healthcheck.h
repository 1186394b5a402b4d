#pragma once
// The health check port of Services with externalTrafficPolicy Local: a load balancer asks each node there
// whether it has endpoints of its own. Any proxy mode serves it the same way.
// Upstream: pkg/proxy/healthcheck/service_health.go, pkg/proxy/endpointschangetracker.go (LocalReadyEndpoints).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/client/informer.h"
#include "core/net/network.h"

namespace kubewalk::addons {

class ServiceHealth {
public:
    explicit ServiceHealth(std::string node_name) : node_name_(std::move(node_name)) {}

    // -- what was watched ----------------------------------------------------------------------------
    void take_services(const std::vector<client::Change>& changes);
    void take_slices(const std::vector<client::Change>& changes);

    // Opens and closes ports as the Services ask for, and counts their endpoints anew. The result: what
    // could not be opened, as "namespace/name" and the sentence for an Event.
    struct Failed {
        std::string service;
        std::string message;
    };
    std::vector<Failed> sync(net::Network& network, net::NamespaceId host, sim::ComponentId owner);
    // The answer at that port; nothing when it is none of these.
    std::optional<net::HttpResponse> serve(std::uint16_t port, bool proxy_healthy) const;

private:
    struct Open {
        std::uint16_t port = 0;
        std::size_t endpoints = 0;
    };
    std::size_t local_ready_endpoints(const std::string& service) const;

    std::string node_name_;
    std::map<std::string, std::uint16_t> wanted_;  // "namespace/name" -> healthCheckNodePort
    std::map<std::string, Open> open_;
    OrderedMap<std::string, OrderedMap<std::string, api::Value>> slices_;  // service -> slice -> object
};

// What an Event about that Service refers to: kube-proxy gives its key for the uid.
api::Value service_reference(const std::string& service);

}  // namespace kubewalk::addons
