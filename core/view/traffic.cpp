#include "core/view/traffic.h"

#include <algorithm>
#include <map>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/view/pod_status.h"

namespace kubewalk::view {

namespace {

using Kind = TrafficElement::Kind;

// The element a hop happens at. Interfaces of Pods belong to the Pod's box.
struct Spot {
    std::string id;
    std::string title;
    std::string subtitle;
    Kind kind = Kind::interface_;
};

Spot spot_of(const net::Hop& hop, const net::Connection& connection) {
    const auto place = hop.place;
    // A Pod's own routes are the Pod's: "sock-shop/orders-…/route".
    constexpr std::string_view own_route = "/route";
    if (place == net::Place::route && hop.at.ends_with(own_route)) {
        const std::string pod = cat("pod/", std::string_view(hop.at).substr(0, hop.at.size() - own_route.size()));
        const std::string address = pod == connection.client_name ? connection.client.ip.text()
                                    : pod == connection.endpoint_name ? connection.endpoint.text() : std::string();
        return {pod, pod.substr(pod.rfind('/') + 1), address, Kind::pod};
    }
    if (place == net::Place::netfilter || place == net::Place::route)
        return {cat(hop.node, "/netfilter"), "netfilter", "", Kind::netfilter};
    if (place == net::Place::tunnel || hop.at.starts_with("flannel"))
        return {cat(hop.node, "/flannel.1"), "flannel.1", "VXLAN", Kind::tunnel};
    if (place == net::Place::client || place == net::Place::socket) {
        const bool at_client = place == net::Place::client;  // where it begins and, in the answer, where it ends
        const std::string& name = at_client ? connection.client_name : connection.endpoint_name;
        const std::string address = at_client ? connection.client.ip.text() : connection.endpoint.text();
        const auto slash = name.rfind('/');
        return {name.starts_with("pod/") ? name : cat(hop.node, "/process"),
                slash == std::string::npos ? name : name.substr(slash + 1), address,
                name.starts_with("pod/") ? Kind::pod : Kind::program};
    }
    if (hop.at == "cni0")
        return {cat(hop.node, "/cni0"), "cni0", "bridge", Kind::bridge};
    if (place == net::Place::wire || place == net::Place::edge)
        return {cat(hop.node, "/", hop.at), hop.at, "", Kind::interface_};
    return {cat(hop.node, "/", hop.at), hop.at, "", Kind::interface_};
}

class SceneBuilder {
public:
    SceneBuilder(const cluster::Session& session, TrafficScene& scene) : session_(session), scene_(scene) {}

    void add_machines(const net::Connection& connection) {
        for (const auto* hops : {&connection.request, &connection.reply})
            for (const auto& hop : *hops)
                machine(hop.node);
        // A node that was dialled and never reached stands there too: where the packet would have gone.
        if (connection.outcome != net::Outcome::delivered)
            for (const auto& node : session_.cluster().peek_list(api::kind::nodes, ""))
                for (const auto& address : node["status"]["addresses"].items())
                    if (address["address"].as_string() == connection.server.ip.text())
                        machine(std::string(api::name_of(node)));
        sort_stably(scene_.machines, [](const TrafficMachine& a, const TrafficMachine& b) {
            // What is no node stands in the order in which the packet passes it: client, router, load balancer.
            return a.pod_cidr.empty() != b.pod_cidr.empty() ? a.pod_cidr.empty() : !a.pod_cidr.empty() && a.name < b.name;
        });
    }

    void add_steps(const net::Connection& connection, int index, Direction direction) {
        const auto& hops = direction == Direction::request ? connection.request : connection.reply;
        for (std::size_t i = 0; i < hops.size(); ++i) {
            const auto& hop = hops[i];
            const Spot spot = spot_of(hop, connection);
            TrafficElement& element = this->element(hop.node, spot);
            element.involved = true;
            for (const auto& chain : hop.chain)
                if (direction == Direction::request && element.lines.size() < 8 &&
                    std::find(element.lines.begin(), element.lines.end(), chain) == element.lines.end())
                    element.lines.push_back(chain);
            scene_.steps.push_back({index, static_cast<int>(i), direction, hop.node, spot.id, hop});
        }
    }

    // Pods near the path, so that the learner sees what was not chosen.
    void add_neighbours(std::size_t most) {
        for (const auto& pod : session_.cluster().peek_list(api::kind::pods, "")) {
            const PodChip chip = pod_chip(pod);
            for (auto& machine : scene_.machines) {
                if (machine.name != chip.node || chip.namespace_name == "kube-system" || chip.namespace_name == "kube-flannel")
                    continue;
                const std::string id = cat("pod/", chip.namespace_name, "/", chip.name);
                const bool there = std::any_of(machine.elements.begin(), machine.elements.end(),
                                               [&](const TrafficElement& element) { return element.id == id; });
                const auto pods = std::count_if(machine.elements.begin(), machine.elements.end(),
                                                [](const TrafficElement& element) { return element.kind == Kind::pod; });
                if (!there && static_cast<std::size_t>(pods) < most)
                    machine.elements.push_back({Kind::pod, id, machine.name, chip.app, chip.ip, {}, false});
            }
        }
    }

private:
    TrafficMachine& machine(const std::string& name) {
        for (auto& known : scene_.machines)
            if (known.name == name)
                return known;
        TrafficMachine added;
        added.name = name;
        const auto& cluster = session_.cluster();
        const auto node = cluster.peek(api::kind::nodes, "", name);
        added.pod_cidr = node["spec"]["podCIDR"].str();
        if (const auto id = cluster.network().machine(name))
            if (const auto addresses = cluster.network().addresses(id); !addresses.empty())
                added.ip = addresses.front().text();
        scene_.machines.push_back(std::move(added));
        return scene_.machines.back();
    }

    TrafficElement& element(const std::string& node, const Spot& spot) {
        auto& elements = machine(node).elements;
        for (auto& known : elements)
            if (known.id == spot.id)
                return known;
        elements.push_back({spot.kind, spot.id, node, spot.title, spot.subtitle, {}, false});
        name_short(elements.back());
        return elements.back();
    }

    // A Pod is called what its neighbours are called, and its end of the cable after it. One that is gone keeps its whole name.
    void name_short(TrafficElement& element) const {
        constexpr std::string_view pod_prefix = "pod/", cable_end = "/eth0";
        if (element.kind == Kind::pod && element.id.starts_with(pod_prefix)) {
            if (const std::string app = app_of(std::string_view(element.id).substr(pod_prefix.size())); !app.empty())
                element.title = app;
        } else if (element.kind == Kind::interface_ && element.title.ends_with(cable_end) && element.title.find('/') < element.title.size() - cable_end.size()) {
            const std::string pod = element.title.substr(0, element.title.size() - cable_end.size());
            const std::string app = app_of(pod);
            element.title = cable_end.substr(1);
            element.subtitle = app.empty() ? pod.substr(pod.find('/') + 1) : app;
        }
    }
    // `key`: namespace/name.
    std::string app_of(std::string_view key) const {
        const auto slash = key.find('/');
        if (slash == std::string_view::npos)
            return {};
        const auto pod = session_.cluster().peek(api::kind::pods, std::string(key.substr(0, slash)), std::string(key.substr(slash + 1)));
        return pod.is_object() ? pod_chip(pod).app : std::string();
    }

    const cluster::Session& session_;
    TrafficScene& scene_;
};

}  // namespace

bool ends_here(const net::Hop& hop) {
    constexpr std::string_view ends[] = {"drop", "DROP", "reject", "REJECT", "refuse", "unreachable"};
    return std::find(std::begin(ends), std::end(ends), hop.verdict) != std::end(ends);
}

TrafficScene traffic_scene(const cluster::Session& session, const net::Trace& trace, int chosen) {
    TrafficScene scene;
    for (const auto& connection : trace.connections)
        scene.connections.push_back(cat(connection.client_name, " → ", connection.server.text(), "  ", connection.request_line, "  ",
                                        connection.response_line.empty() ? std::string(net::outcome_name(connection.outcome))
                                                                         : connection.response_line));
    if (trace.connections.empty())
        return scene;
    const auto index = std::clamp(chosen, 0, static_cast<int>(trace.connections.size()) - 1);
    const auto& connection = trace.connections[static_cast<std::size_t>(index)];
    scene.outcome = connection.outcome;
    scene.response = connection.response_line;
    SceneBuilder builder(session, scene);
    builder.add_machines(connection);
    builder.add_steps(connection, index, Direction::request);
    builder.add_steps(connection, index, Direction::reply);
    builder.add_neighbours(4);
    return scene;
}

}  // namespace kubewalk::view
