#pragma once
// The cloud that the machines are rented from, without a word of Kubernetes: instances in zones, load
// balancers with public addresses out of a pool, routes in the network's router. A service with a fixed
// address; what a cloud-controller-manager asks it for goes through this interface, as it would through
// a provider's API. A request takes effect at once; that building a balancer takes a while shows in
// Balancer::ready_at.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/balancer.h"
#include "core/net/network.h"
#include "core/sim/simulation.h"

namespace kubewalk::cloud {

// A rented machine. Its power is the machine's own (net::NodeStack::up).
struct Instance {
    std::string name;  // also the machine's in core/net
    std::string id;    // "i-0c8f…"
    std::string type;  // "standard-2"
    std::string zone;  // "lab-1a"
    std::string region;
    net::Ip ip;
};

struct HealthCheck {
    enum class Kind : std::uint8_t {
        tcp,   // a connection to each port's node port
        http,  // GET path at `port` gives 200
    };
    Kind kind = Kind::tcp;
    std::uint16_t port = 0;
    std::string path = "/healthz";
    friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct BalancerPort {
    net::Protocol protocol = net::Protocol::tcp;
    std::uint16_t port = 0;
    std::uint16_t node_port = 0;  // 0: none
    friend bool operator==(const BalancerPort&, const BalancerPort&) = default;
};

// What somebody wants of a balancer.
struct BalancerRequest {
    std::string name;     // its identity: asking again for the same name changes it
    std::string service;  // who it is for: "sock-shop/front-end"
    net::Forwarding forwarding = net::Forwarding::node_port;
    std::vector<BalancerPort> ports;
    std::vector<net::Prefix> sources;  // empty: everybody
    std::optional<std::uint32_t> affinity_seconds;
    std::optional<net::Ip> address;    // this one of the pool
    HealthCheck check;
};

// How an instance fared at its checks, for each port of the balancer.
struct TargetHealth {
    bool fit = false;
    bool known = false;  // the first check decides alone
    bool last = false;
    int run = 0;         // checks in a row with the same result
};

struct Target {
    std::string instance;  // id
    std::string name;
    net::Ip ip;
    std::vector<TargetHealth> ports;  // as BalancerRequest::ports
};

struct Balancer {
    BalancerRequest request;
    std::uint64_t number = 0;
    std::string machine;  // in core/net: "lb-front-end"
    net::Ip public_ip;
    net::Ip inside_ip;
    Time ready_at;        // before, it is being built
    std::vector<Target> targets;
    sim::EventId next_check = 0;
};

struct Route {
    std::string name;
    std::string node;
    net::Prefix destination;
    net::Ip gateway;
};

struct CloudOptions {
    std::string region = "lab-1";
    std::string zones = "abc";  // "lab-1a", ...
    std::string edge = "edge";  // the router between the nodes' network and the internet
    net::Prefix inside;         // its address on the nodes' network
    net::Ip first_public = net::Ip::v4(198, 51, 100, 20);
    int public_addresses = 80;
    Duration building_time = seconds(5);
    // Interval and thresholds as Azure's load balancer has them by default.
    Duration first_check = seconds(2);
    Duration early_check = milliseconds(200);  // when a balancer's targets or ports change
    Duration check_interval = seconds(5);
    Duration check_timeout = seconds(2);
    int check_threshold = 2;
};

class Cloud final : public sim::Snapshotable {
public:
    Cloud(sim::Simulation& simulation, net::Network& network, CloudOptions options);
    // Adds the component that checks the balancers' targets.
    void start();

    const CloudOptions& options() const { return options_; }

    // -- instances ------------------------------------------------------------------------------
    // `machine` is in the network already. `zone` counts from 0 and wraps round.
    void add_instance(std::string machine, net::Ip ip, int zone, std::string type);
    void remove_instance(std::string_view id);
    // By id; null when there is no such instance (any more).
    const Instance* instance(std::string_view id) const;
    const Instance* instance_named(std::string_view name) const;
    bool running(const Instance& instance) const;
    std::vector<Instance> instances() const;

    // -- load balancers -------------------------------------------------------------------------
    // Null when there is none of that name.
    const Balancer* balancer(std::string_view name) const;
    std::vector<Balancer> balancers() const;
    // Builds or changes one; `instances` are ids. Errors: "AddressUnavailable", "QuotaExceeded",
    // "InvalidParameter", with the sentence that a controller shows.
    Result<Balancer> ensure_balancer(const BalancerRequest& request, const std::vector<std::string>& instances);
    void delete_balancer(std::string_view name);

    // -- routes ---------------------------------------------------------------------------------
    std::vector<Route> routes() const;
    Result<void> create_route(const Route& route);
    void delete_route(std::string_view name);

    // One round of checks, and the next one after the interval. For the cloud's own component.
    void check(std::uint64_t balancer);

    // -- sim::Snapshotable --------------------------------------------------------------------------
    std::shared_ptr<const void> save() const override { return std::make_shared<const State>(state_); }
    void load(const std::shared_ptr<const void>& state) override { state_ = *static_cast<const State*>(state.get()); }

private:
    struct State {
        std::map<std::string, Instance, std::less<>> instances;  // by id
        std::map<std::string, Balancer, std::less<>> balancers;  // by request name
        std::map<std::string, Route, std::less<>> routes;        // by name
        std::uint64_t next_balancer = 1;
        sim::ComponentId checker = 0;
    };

    std::optional<net::Ip> free_public(const std::optional<net::Ip>& wanted) const;
    std::optional<net::Ip> free_inside() const;
    std::string machine_name(std::string_view service) const;
    Result<Balancer> build(const BalancerRequest& request);
    void set_targets(Balancer& balancer, const std::vector<std::string>& instances);
    void program(const Balancer& balancer);
    void schedule_checks(Balancer& balancer, Duration delay, sim::Urgency urgency);
    bool passes(const Balancer& balancer, const Target& target, const BalancerPort& port);
    bool check_target(const Balancer& balancer, Target& target);
    net::NetNamespace* router();
    void record(std::string_view fact, std::vector<std::string> arguments);

    sim::Simulation& simulation_;
    net::Network& network_;
    CloudOptions options_;
    State state_;
};

}  // namespace kubewalk::cloud
