#pragma once
// The resolver outside the cluster: dnsmasq on the learner's machine, as libvirt runs it for the
// nodes' network. CoreDNS forwards to it what is not the cluster's. Its names stand in
// assets/internet.json.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/net/network.h"
#include "core/net/server.h"
#include "core/sim/simulation.h"

namespace kubewalk::cluster {

class UpstreamDns final : public sim::Component, public net::Server {
public:
    using Zone = std::map<std::string, std::vector<net::DnsRecord>>;  // by lower-case name with final dot

    // {"records": [{"name": "example.com.", "type": "A", "ttl": 300, "data": "203.0.113.80"}, ...]}
    static Result<Zone> parse_zone(std::string_view json);

    UpstreamDns(net::Network& network, net::NamespaceId netns, Zone zone);

    std::string_view name() const override { return "dnsmasq"; }
    void start() override;
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<UpstreamDns>(*this); }

    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& query, const net::Peer& peer) override;

private:
    net::Network* network_;
    net::NamespaceId netns_;
    std::shared_ptr<const Zone> zone_;
};

}  // namespace kubewalk::cluster
