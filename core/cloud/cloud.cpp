#include "core/cloud/cloud.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk::cloud {

namespace {

constexpr std::uint32_t check_due = 1;

// Receives the events; all it knows is in the cloud.
class HealthChecker final : public sim::Component {
public:
    explicit HealthChecker(Cloud& cloud) : cloud_(&cloud) {}
    std::string_view name() const override { return "cloud"; }
    void on_event(const sim::Event& event) override { cloud_->check(event.number); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<HealthChecker>(*this); }

private:
    Cloud* cloud_;
};

Error refused(std::string reason, std::string message) { return Error{std::move(reason), std::move(message), {}, 0, 0}; }

}  // namespace

Cloud::Cloud(sim::Simulation& simulation, net::Network& network, CloudOptions options)
    : simulation_(simulation), network_(network), options_(std::move(options)) {}

void Cloud::start() { state_.checker = simulation_.add(std::make_unique<HealthChecker>(*this)); }

void Cloud::record(std::string_view fact, std::vector<std::string> arguments) {
    simulation_.record(sim::EntryKind::network, "cloud", {}, {fact, arguments});
}

// -- instances ------------------------------------------------------------------------------------------

void Cloud::add_instance(std::string machine, net::Ip ip, int zone, std::string type) {
    Instance instance;
    instance.id = cat("i-", Random(simulation_.seed()).stream(cat("instance/", machine)).uuid().substr(24));
    instance.name = std::move(machine);
    instance.type = std::move(type);
    instance.region = options_.region;
    instance.zone = cat(options_.region, options_.zones[static_cast<std::size_t>(zone) % options_.zones.size()]);
    instance.ip = ip;
    state_.instances[instance.id] = std::move(instance);
}

void Cloud::remove_instance(std::string_view id) {
    const auto found = state_.instances.find(id);
    if (found == state_.instances.end())
        return;
    record("cloud.instance.removed", {found->second.name});
    network_.set_machine_up(found->second.name, false);
    state_.instances.erase(found);
}

const Instance* Cloud::instance(std::string_view id) const {
    const auto found = state_.instances.find(id);
    return found == state_.instances.end() ? nullptr : &found->second;
}

const Instance* Cloud::instance_named(std::string_view name) const {
    for (const auto& [id, instance] : state_.instances)
        if (instance.name == name)
            return &instance;
    return nullptr;
}

bool Cloud::running(const Instance& instance) const {
    const net::NodeStack* machine = static_cast<const net::Network&>(network_).stack(instance.name);
    return machine && machine->up;
}

std::vector<Instance> Cloud::instances() const {
    std::vector<Instance> out;
    for (const auto& [id, instance] : state_.instances)
        out.push_back(instance);
    std::sort(out.begin(), out.end(), [](const Instance& a, const Instance& b) { return a.ip < b.ip; });
    return out;
}

// -- load balancers ---------------------------------------------------------------------------------------

const Balancer* Cloud::balancer(std::string_view name) const {
    const auto found = state_.balancers.find(name);
    return found == state_.balancers.end() ? nullptr : &found->second;
}

std::vector<Balancer> Cloud::balancers() const {
    std::vector<Balancer> out;
    for (const auto& [name, balancer] : state_.balancers)
        out.push_back(balancer);
    std::sort(out.begin(), out.end(), [](const Balancer& a, const Balancer& b) { return a.number < b.number; });
    return out;
}

std::optional<net::Ip> Cloud::free_public(const std::optional<net::Ip>& wanted) const {
    const std::uint32_t first = options_.first_public.v4_number();
    for (int i = 0; i < options_.public_addresses; ++i) {
        const net::Ip candidate = net::Ip::from_v4_number(first + static_cast<std::uint32_t>(i));
        const bool taken = std::any_of(state_.balancers.begin(), state_.balancers.end(),
                                       [&](const auto& entry) { return entry.second.public_ip == candidate; });
        if (!taken && (!wanted || *wanted == candidate))
            return candidate;
    }
    return std::nullopt;
}

// Beside the router, downwards: the nodes come from the other end.
std::optional<net::Ip> Cloud::free_inside() const {
    const net::Prefix network{options_.inside.network(), options_.inside.length};
    for (std::uint32_t number = options_.inside.ip.v4_number() - 1;; --number) {
        const net::Ip candidate = net::Ip::from_v4_number(number);
        if (!network.contains(candidate) || candidate == network.ip)
            return std::nullopt;
        const bool balancer = std::any_of(state_.balancers.begin(), state_.balancers.end(),
                                          [&](const auto& entry) { return entry.second.inside_ip == candidate; });
        const bool instance = std::any_of(state_.instances.begin(), state_.instances.end(),
                                          [&](const auto& entry) { return entry.second.ip == candidate; });
        if (!balancer && !instance)
            return candidate;
    }
}

// "lb-front-end", and a number when several Services have that name.
std::string Cloud::machine_name(std::string_view service) const {
    const std::string base = cat("lb-", service.substr(service.find('/') + 1));
    std::string name = base;
    for (int i = 2; network_.machine(name) != 0; ++i)
        name = cat(base, "-", i);
    return name;
}

net::NetNamespace* Cloud::router() {
    net::NodeStack* edge = network_.stack(options_.edge);
    return edge ? &edge->root() : nullptr;
}

Result<Balancer> Cloud::build(const BalancerRequest& request) {
    const auto public_ip = free_public(request.address);
    if (!public_ip && request.address)
        return refused("AddressUnavailable", cat("requested address ", request.address->text(), " is not a free address of the pool"));
    const auto inside_ip = free_inside();
    if (!public_ip || !inside_ip)
        return refused("QuotaExceeded", "no public address is left in the pool");
    Balancer balancer;
    balancer.number = state_.next_balancer++;
    balancer.machine = machine_name(request.service);
    balancer.public_ip = *public_ip;
    balancer.inside_ip = *inside_ip;
    balancer.ready_at = simulation_.now() + options_.building_time;
    network_.add_balancer(balancer.machine, *inside_ip, options_.inside.length, options_.inside.ip);
    if (net::NetNamespace* edge = router()) {
        net::Route route;
        route.destination = {*public_ip, 32};
        route.via = *inside_ip;
        route.device = "eth0";
        route.protocol = "static";
        edge->set_route(std::move(route));
    }
    record("cloud.balancer.created", {balancer.machine, request.service, public_ip->text()});
    return balancer;
}

void Cloud::set_targets(Balancer& balancer, const std::vector<std::string>& instances) {
    std::vector<Target> targets;
    for (const auto& id : instances) {
        const Instance* found = instance(id);
        if (!found)
            continue;
        Target target{id, found->name, found->ip, {}};
        for (const Target& known : balancer.targets)
            if (known.instance == id)
                target.ports = known.ports;
        target.ports.resize(balancer.request.ports.size());
        targets.push_back(std::move(target));
    }
    balancer.targets = std::move(targets);
}

Result<Balancer> Cloud::ensure_balancer(const BalancerRequest& request, const std::vector<std::string>& instances) {
    if (request.forwarding != net::Forwarding::direct)
        for (const BalancerPort& port : request.ports)
            if (port.node_port == 0)
                return refused("InvalidParameter", cat("port ", port.port, " has no node port to forward to"));
    const auto found = state_.balancers.find(request.name);
    const bool another_address = found != state_.balancers.end() && request.address && *request.address != found->second.public_ip;
    if (another_address) {
        if (!free_public(request.address))
            return refused("AddressUnavailable", cat("requested address ", request.address->text(), " is not a free address of the pool"));
        delete_balancer(request.name);
    }
    Balancer balancer;
    const Balancer* known = this->balancer(request.name);
    if (known) {
        balancer = *known;
    } else {
        auto built = build(request);
        if (!built.ok())
            return built;
        balancer = built.take();
    }
    // Checks of something else say nothing about this.
    if (!(balancer.request.check == request.check) || balancer.request.ports != request.ports)
        balancer.targets.clear();
    balancer.request = request;
    set_targets(balancer, instances);
    state_.balancers[request.name] = balancer;
    program(balancer);
    // The next round comes early, so that nobody waits for new targets.
    schedule_checks(state_.balancers[request.name], known ? options_.early_check : options_.first_check, sim::Urgency::work);
    return balancer;
}

void Cloud::delete_balancer(std::string_view name) {
    const auto found = state_.balancers.find(name);
    if (found == state_.balancers.end())
        return;
    const Balancer balancer = found->second;
    simulation_.cancel(balancer.next_check);
    state_.balancers.erase(found);
    if (net::NetNamespace* edge = router())
        edge->delete_route({balancer.public_ip, 32});
    network_.remove_machine(balancer.machine);
    record("cloud.balancer.deleted", {balancer.machine, balancer.request.service});
}

// The rules that pass packets on to what is fit at the moment.
void Cloud::program(const Balancer& balancer) {
    net::NodeStack* machine = network_.stack(balancer.machine);
    if (!machine)
        return;
    net::BalancerSetup setup;
    setup.service = balancer.request.service;
    setup.public_ip = balancer.public_ip;
    setup.forwarding = balancer.request.forwarding;
    setup.sources = balancer.request.sources;
    setup.affinity_seconds = balancer.request.affinity_seconds;
    for (std::size_t i = 0; i < balancer.request.ports.size(); ++i) {
        const BalancerPort& port = balancer.request.ports[i];
        net::BalancerFrontend frontend{port.protocol, port.port, {}};
        for (const Target& target : balancer.targets)
            if (target.ports[i].fit)
                frontend.backends.push_back({target.ip, port.node_port});
        setup.frontends.push_back(std::move(frontend));
    }
    net::program_balancer(machine->root(), setup);
}

// -- health checks ------------------------------------------------------------------------------------------

// A real connection from the balancer's machine to the node.
bool Cloud::passes(const Balancer& balancer, const Target& target, const BalancerPort& port) {
    const HealthCheck& check = balancer.request.check;
    const bool http = check.kind == HealthCheck::Kind::http;
    const net::NamespaceId from = network_.machine(balancer.machine);
    const net::SocketAddress to{target.ip, http ? check.port : port.node_port};
    const auto dialled = network_.connect(from, to, "health check", options_.check_timeout);
    if (dialled.outcome != net::Outcome::delivered)
        return false;
    bool fit = true;
    if (http) {
        net::HttpRequest request;
        request.path = check.path;
        request.host = to.text();
        const auto response = network_.http(dialled.id, request);
        fit = response.ok() && response.value().status == 200;
    }
    network_.disconnect(dialled.id);
    return fit;
}

// True when some port's fitness changed.
bool Cloud::check_target(const Balancer& balancer, Target& target) {
    bool changed = false;
    std::optional<bool> shared;  // one HTTP answer is for all ports
    for (std::size_t i = 0; i < target.ports.size(); ++i) {
        const bool result = shared ? *shared : passes(balancer, target, balancer.request.ports[i]);
        if (balancer.request.check.kind == HealthCheck::Kind::http)
            shared = result;
        TargetHealth& health = target.ports[i];
        health.run = health.known && health.last == result ? health.run + 1 : 1;
        health.last = result;
        const bool decides = !health.known || health.run >= options_.check_threshold;
        const bool news = decides && (!health.known || health.fit != result);
        health.known = true;
        if (!news)
            continue;
        health.fit = result;
        changed = true;
        record(result ? "cloud.target.fit" : "cloud.target.unfit",
               {balancer.machine, target.name, cat(balancer.request.ports[i].port)});
    }
    return changed;
}

void Cloud::schedule_checks(Balancer& balancer, Duration delay, sim::Urgency urgency) {
    simulation_.cancel(balancer.next_check);
    balancer.next_check = simulation_.schedule(state_.checker, delay, check_due, urgency, balancer.number);
}

void Cloud::check(std::uint64_t number) {
    for (auto& [name, balancer] : state_.balancers) {
        if (balancer.number != number)
            continue;
        bool changed = false;
        for (Target& target : balancer.targets)
            changed |= check_target(balancer, target);
        if (changed)
            program(balancer);
        schedule_checks(balancer, options_.check_interval, sim::Urgency::background);
        return;
    }
}

// -- routes -------------------------------------------------------------------------------------------------

std::vector<Route> Cloud::routes() const {
    std::vector<Route> out;
    for (const auto& [name, route] : state_.routes)
        out.push_back(route);
    std::sort(out.begin(), out.end(), [](const Route& a, const Route& b) { return a.destination < b.destination; });
    return out;
}

Result<void> Cloud::create_route(const Route& route) {
    net::NetNamespace* edge = router();
    if (!edge || !instance_named(route.node))
        return refused("InvalidParameter", cat("instance ", quoted(route.node), " not found"));
    net::Route entry;
    entry.destination = route.destination;
    entry.via = route.gateway;
    entry.device = "eth0";
    entry.protocol = "static";
    edge->set_route(std::move(entry));
    state_.routes[route.name] = route;
    record("cloud.route.created", {route.destination.text(), route.node});
    return {};
}

void Cloud::delete_route(std::string_view name) {
    const auto found = state_.routes.find(name);
    if (found == state_.routes.end())
        return;
    if (net::NetNamespace* edge = router())
        edge->delete_route(found->second.destination);
    record("cloud.route.deleted", {found->second.destination.text(), found->second.node});
    state_.routes.erase(found);
}

}  // namespace kubewalk::cloud
