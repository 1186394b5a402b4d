// The Traffic view's stage before anything travels: machines, Pods, and the probes of kubelets.

#include <map>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/view/pod_status.h"
#include "core/view/traffic.h"

namespace kubewalk::view {

namespace {

using api::Value;

constexpr std::size_t most_nodes = 12;
constexpr std::size_t most_pods = 40;  // a node's, that are shown

// probe.httpGet.port or tcpSocket.port: a number or the name of one of the container's ports.
std::int64_t port_of(const Value& port, const Value& container) {
    if (port.is_number())
        return port.as_int();
    for (const auto& known : container["ports"].items())
        if (known["name"].as_string() == port.as_string())
            return known["containerPort"].as_int();
    return 0;
}

// Empty when the probe sends nothing.
std::string url_of(const Value& probe, const Value& container, std::string_view ip) {
    const auto& http = probe["httpGet"];
    const auto& tcp = probe["tcpSocket"];
    const auto& action = http.is_object() ? http : tcp;
    const auto port = port_of(action["port"], container);
    if (!action.is_object() || port == 0)
        return {};
    const auto host = action["host"].str(ip);
    if (!http.is_object())
        return cat("http://", host, ":", port, "/");
    return cat(to_lower(http["scheme"].str("HTTP")), "://", host, ":", port, http["path"].str("/"));
}

// With the first port that a container declares, as one would dial it.
std::string address_of(const Value& pod, const std::string& ip) {
    for (const auto& container : pod["spec"]["containers"].items())
        for (const auto& port : container["ports"].items())
            return net::SocketAddress{net::Ip::parse(ip).value_or(net::Ip()), static_cast<std::uint16_t>(port["containerPort"].as_int())}.text();
    return ip;
}

// The first Service, by name, that leads to each Pod ("namespace/name").
std::map<std::string, std::string, std::less<>> services_of_pods(const cluster::Cluster& cluster) {
    std::map<std::string, std::string, std::less<>> out;
    for (const auto& slice : cluster.peek_list(api::kind::endpoint_slices, ""))
        for (const auto& endpoint : slice["endpoints"].items())
            if (const auto& target = endpoint["targetRef"]; target["kind"].as_string() == "Pod")
                out.emplace(cat(target["namespace"].as_string(), "/", target["name"].as_string()),
                            slice["metadata"]["labels"]["kubernetes.io/service-name"].str());
    return out;
}

}  // namespace

TrafficScene traffic_stage(const cluster::Session& session) {
    using Kind = TrafficElement::Kind;
    TrafficScene scene;
    const auto& cluster = session.cluster();
    scene.machines.push_back({"laptop", cluster.layout().laptop_ip, {}, {{Kind::client, "laptop", "laptop", "laptop", cluster.layout().laptop_ip, {}, true}}});
    if (const auto internet = cluster.network().machine("internet"); internet != 0) {
        const auto addresses = cluster.network().addresses(internet);
        const std::string ip = addresses.empty() ? std::string() : addresses.front().text();
        scene.machines.push_back({"internet", ip, {}, {{Kind::client, "internet", "internet", "internet", ip, {}, true}}});
    }
    for (const auto& node : cluster.peek_list(api::kind::nodes, "")) {
        if (scene.machines.size() >= most_nodes + 2)
            break;
        TrafficMachine machine;
        machine.name = api::name_of(node);
        machine.pod_cidr = node["spec"]["podCIDR"].str();
        for (const auto& address : node["status"]["addresses"].items())
            if (address["type"].as_string() == "InternalIP")
                machine.ip = address["address"].str();
        scene.machines.push_back(std::move(machine));
    }
    const auto services = services_of_pods(cluster);
    for (const auto& pod : cluster.peek_list(api::kind::pods, "")) {
        const PodChip chip = pod_chip(pod);
        if (chip.ip.empty() || pod["spec"]["hostNetwork"].as_bool())
            continue;
        for (auto& machine : scene.machines)
            if (machine.name == chip.node && machine.elements.size() < most_pods) {
                machine.elements.push_back({Kind::pod, cat("pod/", chip.namespace_name, "/", chip.name), machine.name, chip.app, address_of(pod, chip.ip), {}, chip.health == Health::healthy});
                const auto service = services.find(api::key_of(pod));
                if (service != services.end() && service->second != chip.app)
                    machine.elements.back().service = service->second;
            }
    }
    return scene;
}

std::vector<Probe> probes(const cluster::Session& session, std::size_t most) {
    std::vector<Probe> out;
    for (const auto& pod : session.cluster().peek_list(api::kind::pods, "")) {
        const auto ip = pod["status"]["podIP"].as_string();
        if (ip.empty())
            continue;
        for (const auto& container : pod["spec"]["containers"].items())
            for (const std::string_view kind : {"startup", "readiness", "liveness"}) {
                const auto& probe = container[cat(kind, "Probe")];
                const auto url = url_of(probe, container, ip);
                if (!url.empty() && out.size() < most)
                    out.push_back({api::key_of(pod), pod["spec"]["nodeName"].str(), std::string(kind), url, cat(probe["periodSeconds"].as_int(10), "s")});
            }
    }
    return out;
}

}  // namespace kubewalk::view
