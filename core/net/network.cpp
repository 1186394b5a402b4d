// Machines, namespaces, sockets, checkpoints. What happens on a connection is in network_use.cpp.

#include "core/net/network.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/net/network_state.h"

namespace kubewalk::net {

Network::Network(sim::Simulation& simulation) : simulation_(simulation), state_(std::make_unique<State>()), classes_(std::make_unique<FlowClasses>()) {
    state_->machine_of_namespace.push_back(State::no_machine);  // id 0 is nobody's
}

Network::~Network() = default;

NamespaceId Network::new_namespace_id(std::uint32_t machine) {
    state_->machine_of_namespace.push_back(machine);
    return static_cast<NamespaceId>(state_->machine_of_namespace.size() - 1);
}

// -- machines -------------------------------------------------------------------------------------------

NamespaceId Network::add_machine(std::string name, Ip ip, int prefix_length, std::optional<Ip> gateway) {
    ++state_->wiring;
    const std::uint32_t index = static_cast<std::uint32_t>(state_->machines.size());
    const NamespaceId root = new_namespace_id(index);
    auto stack = std::make_shared<NodeStack>(name, root, state_->chain_names);
    NetNamespace& host = stack->root();
    Interface eth0;
    eth0.name = "eth0";
    eth0.mac = mac_for(cat(name, "/eth0"));
    host.add_interface(std::move(eth0));
    host.add_address("eth0", {ip, prefix_length});
    if (gateway) {
        Route route;
        route.destination = {ip.family == Family::ipv4 ? Ip{} : Ip{Family::ipv6, {}}, 0};
        route.via = gateway;
        route.device = "eth0";
        host.set_route(std::move(route));
    }
    state_->machines.push_back(std::move(stack));
    state_->machine_by_name[std::move(name)] = index;
    state_->wires[ip] = {index, "eth0"};
    return root;
}

void Network::add_second_address(std::string_view machine, const Prefix& address, std::optional<Ip> gateway) {
    NodeStack* found = stack(machine);
    if (!found)
        return;
    ++state_->wiring;
    NetNamespace& host = found->root();
    if (address.ip.family == Family::ipv6)
        host.enable_ipv6();
    host.add_address("eth0", address);
    if (gateway) {
        Route route;
        route.destination = {Ip{address.ip.family, {}}, 0};
        route.via = gateway;
        route.device = "eth0";
        host.set_route(std::move(route));
    }
    state_->wires[address.ip] = {state_->machine_index(host.id), "eth0"};
}

NamespaceId Network::add_edge(const EdgeConfig& config) {
    const NamespaceId root = add_machine(config.name, config.inside.ip, config.inside.length, std::nullopt);
    NodeStack* edge = stack(config.name);
    edge->role = MachineRole::edge;
    NetNamespace& host = edge->root();
    Interface eth1;
    eth1.name = "eth1";
    eth1.mac = mac_for(cat(config.name, "/eth1"));
    host.add_interface(std::move(eth1));
    host.add_address("eth1", config.outside);
    host.add_address("eth1", {config.public_ip, 32});
    host.set_sysctl("net.ipv4.ip_forward", "1");
    const std::uint32_t index = state_->machine_index(root);
    state_->wires[config.outside.ip] = {index, "eth1"};
    state_->wires[config.public_ip] = {index, "eth1"};
    host.edit_rules().ensure_rule(Ruleset::Position::append, TableId::nat, "POSTROUTING",
                                  Rule()
                                      .source({config.inside.network(), config.inside.length})
                                      .out_interface("eth1")
                                      .snat({config.public_ip, 0}));
    set_edge_target(config.name, config.target);
    return root;
}

void Network::set_edge_target(std::string_view edge, std::optional<Ip> target) {
    NodeStack* router = stack(edge);
    if (!router)
        return;
    NetNamespace& host = router->root();
    const Interface* outside = host.find_interface("eth1");
    std::vector<Rule> rules;
    if (target && outside && !outside->addresses.empty())
        rules.push_back(Rule().destination({outside->addresses.back().ip, 32}).in_interface("eth1").dnat({*target, 0}));
    host.edit_rules().replace_chain(TableId::nat, chain_prerouting, std::move(rules));
}

NamespaceId Network::add_internet_machine(std::string name, Ip ip, int prefix_length, Ip gateway) {
    const NamespaceId root = add_machine(std::move(name), ip, prefix_length, gateway);
    state_->internet.insert(state_->machine_index(root));
    NetNamespace& host = *state_->edit(root);
    // RFC 1918: nobody on the internet has a route there.
    for (const Prefix& range : {Prefix{Ip::v4(10, 0, 0, 0), 8}, Prefix{Ip::v4(172, 16, 0, 0), 12}, Prefix{Ip::v4(192, 168, 0, 0), 16}}) {
        Route route;
        route.destination = range;
        route.kind = Route::Kind::unreachable;
        host.set_route(std::move(route));
    }
    return root;
}

void Network::prepare_node(std::string_view machine) {
    if (NodeStack* node = stack(machine)) {
        node->root().set_sysctl("net.ipv4.ip_forward", "1");
        node->root().set_sysctl("net.bridge.bridge-nf-call-iptables", "1");
        if (node->root().ipv6()) {
            node->root().set_sysctl("net.ipv6.conf.all.forwarding", "1");
            node->root().set_sysctl("net.bridge.bridge-nf-call-ip6tables", "1");
        }
    }
}

void Network::remove_machine(std::string_view name) {
    const auto it = state_->machine_by_name.find(name);
    if (it == state_->machine_by_name.end())
        return;
    const std::uint32_t index = it->second;
    ++state_->wiring;
    for (NamespaceId id : state_->machines[index]->namespaces())
        state_->machine_of_namespace[id] = State::no_machine;
    std::erase(state_->balancers, index);
    std::erase_if(state_->wires, [index](const auto& entry) { return entry.second.machine == index; });
    state_->machines[index].reset();
    state_->machine_by_name.erase(it);
}

void Network::set_machine_up(std::string_view name, bool up) {
    if (NodeStack* machine = stack(name))
        machine->up = up;
    ++state_->wiring;
}

void Network::reboot(std::string_view machine) {
    const auto it = state_->machine_by_name.find(machine);
    if (it == state_->machine_by_name.end())
        return;
    NodeStack* stack = state_->edit_machine(it->second);
    ++state_->wiring;
    for (NamespaceId id : stack->namespaces()) {
        std::erase_if(state_->dials, [id](const auto& entry) { return entry.second->client == id || entry.second->server == id; });
        if (id != stack->root_id())
            state_->machine_of_namespace[id] = State::no_machine;
    }
    stack->reboot();
}

NamespaceId Network::machine(std::string_view name) const {
    const NodeStack* found = stack(name);
    return found ? found->root_id() : 0;
}

std::vector<std::string> Network::machines() const {
    std::vector<std::string> out;
    for (const auto& machine : state_->machines)
        if (machine)
            out.push_back(machine->name());
    return out;
}

// -- namespaces -------------------------------------------------------------------------------------------

NamespaceId Network::add_namespace(std::string_view machine, std::string name) {
    const auto it = state_->machine_by_name.find(machine);
    if (it == state_->machine_by_name.end())
        return 0;
    const NamespaceId id = new_namespace_id(it->second);
    state_->edit_machine(it->second)->add_namespace(id, std::move(name));
    return id;
}

void Network::remove_namespace(NamespaceId id) {
    const std::uint32_t index = state_->machine_index(id);
    NodeStack* machine = state_->edit_machine(index);
    if (!machine || machine->root_id() == id)
        return;
    ++state_->wiring;
    machine->remove_namespace(id);
    state_->machine_of_namespace[id] = State::no_machine;
    std::erase_if(state_->dials, [id](const auto& entry) { return entry.second->client == id || entry.second->server == id; });
}

NodeStack* Network::stack(std::string_view machine) {
    const auto it = state_->machine_by_name.find(machine);
    return it == state_->machine_by_name.end() ? nullptr : state_->edit_machine(it->second);
}

const NodeStack* Network::stack(std::string_view machine) const {
    const auto it = state_->machine_by_name.find(machine);
    return it == state_->machine_by_name.end() ? nullptr : state_->machine(it->second);
}

std::string Network::namespace_name(NamespaceId id) const {
    const NetNamespace* found = state_->find(id);
    return found ? found->name : "";
}

std::string Network::machine_of(NamespaceId id) const {
    const NodeStack* found = state_->machine(state_->machine_index(id));
    return found ? found->name() : "";
}

const NetNamespace* Network::view(NamespaceId id) const { return state_->find(id); }

std::vector<Ip> Network::addresses(NamespaceId id) const {
    std::vector<Ip> out;
    if (const NetNamespace* found = state_->find(id))
        for (const Interface& interface_ : found->interfaces)
            for (const Prefix& address : interface_.addresses)
                if (!address.ip.loopback())
                    out.push_back(address.ip);
    return out;
}

std::string Network::endpoint_name(NamespaceId id) const {
    const NodeStack* machine = state_->machine(state_->machine_index(id));
    if (!machine)
        return "";
    if (machine->root_id() != id)
        return cat("pod/", namespace_name(id));
    // Machines that are no nodes go by their bare name.
    if (machine->role != MachineRole::host || machine->name() == "laptop" || state_->internet.contains(state_->machine_index(id)))
        return machine->name();
    return cat("node/", machine->name());
}

// -- sockets ------------------------------------------------------------------------------------------------

Result<void> Network::listen(NamespaceId where, Listener listener) {
    NetNamespace* found = state_->edit(where);
    if (!found)
        return Error{"NotFound", "no such network namespace", {}};
    for (const Listener& other : found->listeners) {
        const bool overlaps = other.ip == listener.ip || other.ip.unspecified() || listener.ip.unspecified();
        if (other.protocol == listener.protocol && other.port == listener.port && overlaps)
            return Error{"AddressInUse", cat("listen ", protocol_name(listener.protocol), ' ',
                                             SocketAddress{listener.ip, listener.port}.text(), ": bind: address already in use"),
                         {}};
    }
    found->listeners.push_back(std::move(listener));
    return {};
}

void Network::close(NamespaceId where, Protocol protocol, std::uint16_t port, sim::ComponentId owner) {
    if (NetNamespace* found = state_->edit(where))
        std::erase_if(found->listeners, [&](const Listener& listener) {
            return listener.protocol == protocol && listener.port == port && listener.owner == owner;
        });
}

void Network::close_all(sim::ComponentId owner) {
    for (std::uint32_t i = 0; i < state_->machines.size(); ++i) {
        const NodeStack* machine = state_->machine(i);
        if (!machine)
            continue;
        for (NamespaceId id : machine->namespaces()) {
            const auto& open = state_->find(id)->listeners;
            if (std::any_of(open.begin(), open.end(), [owner](const Listener& l) { return l.owner == owner; }))
                std::erase_if(state_->edit(id)->listeners, [owner](const Listener& l) { return l.owner == owner; });
        }
    }
}

std::vector<Listener> Network::listeners(NamespaceId where) const {
    const NetNamespace* found = state_->find(where);
    return found ? found->listeners : std::vector<Listener>{};
}

const Listener* listener_in(const NetNamespace& where, Protocol protocol, const SocketAddress& local) {
    const Listener* any = nullptr;
    for (const Listener& candidate : where.listeners) {
        if (candidate.protocol != protocol || candidate.port != local.port)
            continue;
        if (candidate.ip == local.ip)
            return &candidate;
        if (candidate.ip.unspecified())
            any = &candidate;
    }
    return any;
}

Server* Network::server(sim::ComponentId owner) {
    sim::Component* component = simulation_.find(owner);
    if (!component || simulation_.paused(owner))
        return nullptr;
    return static_cast<Server*>(component->facet());
}

std::uint16_t Network::take_port(NamespaceId from, Protocol protocol) {
    constexpr std::uint32_t low = 32768, span = 60999 - 32768 + 1;
    NetNamespace* found = state_->edit(from);
    if (!found)
        return 0;
    const std::uint32_t start = static_cast<std::uint32_t>(simulation_.random().below(span));
    for (std::uint32_t i = 0; i < span; ++i) {
        const auto port = static_cast<std::uint16_t>(low + (start + i) % span);
        if (!found->ports_in_use.contains({protocol, port}) && !listener_in(*found, protocol, {Ip{}, port})) {
            found->ports_in_use.insert({protocol, port});
            return port;
        }
    }
    return 0;
}

void Network::release_port(NamespaceId from, Protocol protocol, std::uint16_t port) {
    if (NetNamespace* found = state_->edit(from))
        found->ports_in_use.erase({protocol, port});
}

// -- checkpoints ----------------------------------------------------------------------------------------------

std::shared_ptr<const void> Network::save() const {
    classes_->shared();
    return std::make_shared<const State>(*state_);
}

void Network::load(const std::shared_ptr<const void>& state) {
    *state_ = *static_cast<const State*>(state.get());
    classes_->clear();  // what has changed since is counted by numbers that will be used again
}

}  // namespace kubewalk::net
