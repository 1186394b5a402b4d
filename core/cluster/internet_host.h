#pragma once
// A server of the small Internet: what ExternalName Services and hand-made EndpointSlices lead to. Its name, address and
// page stand in assets/internet.json.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/network.h"
#include "core/net/server.h"
#include "core/sim/simulation.h"

namespace kubewalk::cluster {

class InternetHost final : public sim::Component, public net::Server {
public:
    struct Description {
        std::string name;  // of the machine: "example.com"
        net::Ip ip;
        std::vector<std::uint16_t> ports;
        std::string process;
        std::string page;  // what GET answers, on any path but unknown ones
    };
    // {"hosts": [{"name": "example.com", "ip": "203.0.113.80", "ports": [80], "process": "nginx", "page": "..."}, ...]}
    static Result<std::vector<Description>> parse(std::string_view json);

    InternetHost(net::Network& network, Description description) : network_(&network), description_(std::move(description)) {}

    std::string_view name() const override { return description_.name; }
    void start() override;
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<InternetHost>(*this); }

    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

private:
    net::Network* network_;
    Description description_;
};

}  // namespace kubewalk::cluster
