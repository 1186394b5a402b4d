#pragma once
// Two rented machines with a server on a node port each, a router and somebody on the internet.

#include <memory>
#include <string>

#include "core/cloud/cloud.h"
#include "core/net/node_stack.h"
#include "core/net/server.h"

namespace kubewalk::testing {

inline net::Ip ip(std::string_view text) { return *net::Ip::parse(text); }
inline net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }

constexpr std::uint16_t node_port = 30080;
constexpr std::uint16_t check_port = 32000;

// Says who it is and whom it sees; its health port answers as told.
class NodeServer : public sim::Component, public net::Server {
public:
    explicit NodeServer(std::string node) : name_(std::move(node)) {}
    std::string_view name() const override { return name_; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<NodeServer>(*this); }
    net::HttpResponse serve_http(const net::HttpRequest&, const net::Peer& peer) override {
        net::HttpResponse response;
        response.status = peer.local.port == check_port && !has_endpoints ? 503 : 200;
        response.body = name_ + " sees " + peer.client.ip.text();
        return response;
    }
    bool has_endpoints = true;

private:
    std::string name_;
};

struct CloudWorld {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    cloud::Cloud cloud;
    net::NamespaceId internet, laptop;
    sim::ComponentId servers[2] = {};

    CloudWorld() : cloud(simulation, network, options()) {
        simulation.register_service(network);
        simulation.register_service(cloud);
        net::EdgeConfig edge;
        edge.inside = prefix("192.168.122.254/24");
        edge.public_ip = ip("198.51.100.10");
        edge.outside = prefix("203.0.113.1/24");
        network.add_edge(edge);
        internet = network.add_internet_machine("internet", ip("203.0.113.7"), 24, ip("203.0.113.1"));
        laptop = network.add_machine("laptop", ip("192.168.122.1"), 24, ip("192.168.122.254"));
        for (int i = 0; i < 2; ++i) {
            const std::string name = "node-" + std::to_string(i + 1);
            const net::Ip address = net::Ip::v4(192, 168, 122, static_cast<std::uint8_t>(12 + i));
            const auto root = network.add_machine(name, address, 24, ip("192.168.122.254"));
            network.prepare_node(name);
            cloud.add_instance(name, address, i, "standard-2");
            servers[i] = simulation.add(std::make_unique<NodeServer>(name));
            for (const std::uint16_t port : {node_port, check_port})
                (void)network.listen(root, {net::Protocol::tcp, {}, port, servers[i], "server"});
        }
        cloud.start();
    }
    static cloud::CloudOptions options() {
        cloud::CloudOptions options;
        options.inside = prefix("192.168.122.254/24");
        return options;
    }

    NodeServer& server(int index) { return *static_cast<NodeServer*>(simulation.find(servers[index])); }
    std::vector<std::string> instances() const {
        std::vector<std::string> ids;
        for (const auto& instance : cloud.instances())
            ids.push_back(instance.id);
        return ids;
    }
    static cloud::BalancerRequest request(net::Forwarding forwarding = net::Forwarding::node_port) {
        cloud::BalancerRequest request;
        request.name = "a1";
        request.service = "default/web";
        request.forwarding = forwarding;
        request.ports = {{net::Protocol::tcp, 80, node_port}};
        return request;
    }
    net::Ip build(const cloud::BalancerRequest& wanted) {
        const auto balancer = cloud.ensure_balancer(wanted, instances());
        simulation.run_for(seconds(6));
        return balancer.ok() ? balancer.value().public_ip : net::Ip{};
    }
    // The answer's text, or how the connection failed.
    std::string get(net::NamespaceId from, const net::Ip& to, std::uint16_t port = 80) {
        const auto dialled = network.connect(from, {to, port});
        if (dialled.outcome != net::Outcome::delivered)
            return std::string(net::outcome_name(dialled.outcome));
        const auto response = network.http(dialled.id, {});
        network.disconnect(dialled.id);
        return response.ok() ? response.value().body : response.error().reason;
    }
    // Which nodes answer ten requests.
    std::string nodes_behind(const net::Ip& to) {
        std::string seen;
        for (int i = 0; i < 10; ++i) {
            const std::string node = get(internet, to).substr(0, 6);
            if (seen.find(node) == std::string::npos)
                seen += node + " ";
        }
        return seen;
    }
};

}  // namespace kubewalk::testing
