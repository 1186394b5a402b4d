#pragma once
// The kubernetes plugin: names of Services, endpoints and Pods.
// Upstream: coredns plugin/kubernetes/{setup,handler,kubernetes,parse,ns,reverse}.go.

#include <set>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/chain.h"

namespace kubewalk::addons::coredns {

enum class PodMode : std::uint8_t { disabled, insecure, verified };

struct KubernetesConfig {
    std::vector<std::string> zones;  // the first non-reverse one is primary
    std::set<std::string> namespaces;  // empty: all
    PodMode pods = PodMode::disabled;
    std::uint32_t ttl = 5;
    EndpointNames endpoint_names = EndpointNames::addresses;
    bool ignore_empty_service = false;
    bool endpoints = true;  // false with `noendpoints`
    bool zonal = false;
    std::string labels;            // selectors of the watches
    std::string namespace_labels;
    Duration startup_timeout = seconds(5);
    Fallthrough fall;

    std::string_view primary_zone() const;
};

Result<std::shared_ptr<const KubernetesConfig>> parse_kubernetes(const Setup& setup);

// What the cluster says about names. `lookup` asks the server itself about names outside the zones.
class KubernetesBackend final : public Backend {
public:
    using Lookup = std::function<std::optional<net::DnsMessage>(std::string_view name, net::DnsType type)>;

    using LocalAddresses = std::function<std::vector<net::Ip>()>;

    KubernetesBackend(const KubernetesConfig& config, const Index& index, LocalAddresses local, Lookup lookup)
        : config_(config), index_(index), local_(std::move(local)), lookup_(std::move(lookup)) {}

    Services services(std::string_view name, std::string_view zone, net::DnsType type) const override;
    Services reverse(std::string_view name, std::string_view zone) const override;
    std::uint32_t serial() const override { return index_.serial; }
    std::uint32_t min_ttl() const override { return config_.ttl; }
    std::optional<net::DnsMessage> lookup(std::string_view name, net::DnsType type) const override {
        return lookup_ ? lookup_(name, type) : std::nullopt;
    }

    // -- what k8s_external asks for --------------------------------------------------------------
    struct External {
        std::vector<Found> found;
        net::DnsCode code = net::DnsCode::noerror;
    };
    enum class Headless : std::uint8_t { no, yes };
    External external(std::string_view name, std::string_view zone, net::DnsType type, Headless headless) const;
    // The addresses of the DNS server's own Service.
    std::vector<Found> name_server_addresses(std::string_view zone, bool external, Headless headless) const;

private:
    struct Name;  // a parsed name
    Services records(std::string_view name, std::string_view zone) const;
    Services find_services(const Name& name, std::string_view zone) const;
    Services find_pods(const Name& name, std::string_view zone) const;
    void add_endpoints(const Name& name, const ServiceRecord& service, std::string_view topology_zone,
                       std::string_view zone, Services& into) const;
    bool parse(std::string_view name, std::string_view zone, Name& into) const;
    bool exposed(std::string_view namespace_name) const;

    const KubernetesConfig& config_;
    const Index& index_;
    LocalAddresses local_;
    Lookup lookup_;
};

// Answers one question from an index alone, or nothing where the next plugin is to answer.
std::optional<net::DnsMessage> answer(const KubernetesConfig& config, const KubernetesBackend& backend, bool synced,
                                      const net::DnsMessage& query);

Result<void> setup_kubernetes(const Setup& setup, PluginSetup& into);
Result<void> setup_k8s_external(const Setup& setup, PluginSetup& into);

}  // namespace kubewalk::addons::coredns
