#pragma once
// From Ingresses, Services, EndpointSlices and Secrets to what nginx is told: servers with locations, upstreams
// with endpoints. Upstream: kubernetes/ingress-nginx internal/ingress/controller/controller.go
// (getBackendServers, createServers, createUpstreams, mergeAlternativeBackends), endpointslices.go,
// store/store.go (GetIngressClass, ListIngresses).

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/ingress/matching.h"

namespace kubewalk::addons::ingress {

struct Endpoint {
    std::string address;  // an IP address; of an ExternalName Service the name
    std::uint16_t port = 0;
    std::string text() const;  // "10.244.1.4:80"
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Upstream {
    std::string name;  // "sock-shop-front-end-80"
    std::string namespace_name;
    std::string service;
    std::vector<Endpoint> endpoints;
    bool sticky = false;
    CookieAffinity cookie;
    std::set<std::pair<std::string, std::string>> cookie_locations;  // host, path: where the cookie is set
    bool alternative = false;   // reached only through another's canary
    Canary canary;
    std::vector<std::string> alternatives;
};

struct Configuration {
    Settings settings;
    VirtualHosts servers;
    std::map<std::string, Upstream, std::less<>> upstreams;
    // What the controller's log says about it: "Service \"x/y\" does not have any active Endpoint."
    std::vector<std::string> warnings;
};

// What the controller looks up while it builds; null values for what is not there.
struct Sources {
    std::vector<api::Value> ingresses;  // those of its class
    std::function<const api::Value&(std::string_view key)> service;
    std::function<std::vector<api::Value>(std::string_view namespace_name, std::string_view service)> slices;
    std::function<const api::Value&(std::string_view key)> secret;
};

Configuration build(const Settings& settings, Sources sources);

// The certificate for names that no Secret serves.
net::Certificate fake_certificate();

// Which class the controller serves (command line).
struct ClassOptions {
    std::string controller = "k8s.io/ingress-nginx";  // --controller-class
    std::string annotation = "nginx";                 // --ingress-class
    bool without_class = false;                       // --watch-ingress-without-class
};
// Empty when the Ingress is the controller's, else why not, as its log says it. `find_class` gives an
// IngressClass by name, or null.
std::string class_mismatch(const api::Value& ingress, const ClassOptions& options,
                           const std::function<const api::Value&(std::string_view name)>& find_class);

}  // namespace kubewalk::addons::ingress
