#include "core/cluster/cloud_command.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cluster {

namespace {

using Row = std::vector<std::string>;

shell::Completed failed(int exit, std::string message) { return {exit, {}, message + "\n", {}}; }

// Columns as wide as their longest cell, three blanks apart, as kubectl's.
std::string table(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths;
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths.resize(std::max(widths.size(), i + 1));
            widths[i] = std::max(widths[i], row[i].size());
        }
    std::string out;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size())
                out.append(widths[i] + 3 - row[i].size(), ' ');
        }
        out += '\n';
    }
    return out;
}

shell::Completed instances(const cloud::Cloud& cloud) {
    std::vector<Row> rows{{"NAME", "ID", "TYPE", "ZONE", "ADDRESS", "STATE"}};
    for (const auto& one : cloud.instances())
        rows.push_back({one.name, one.id, one.type, one.zone, one.ip.text(), cloud.running(one) ? "running" : "stopped"});
    return {0, table(rows), {}, {}};
}

std::string_view word_of(net::Forwarding forwarding) {
    switch (forwarding) {
    case net::Forwarding::node_port: return "NodePort";
    case net::Forwarding::direct: return "Direct";
    case net::Forwarding::proxy: return "Proxy";
    }
    return "";
}

std::string check_of(const cloud::HealthCheck& check) {
    return check.kind == cloud::HealthCheck::Kind::http ? cat("http :", check.port, check.path) : "tcp node port";
}

// One line for each port: the nodes behind it, those that fail their checks in brackets.
shell::Completed balancers(const cloud::Cloud& cloud, Time now) {
    std::vector<Row> rows{{"NAME", "SERVICE", "ADDRESS", "STATE", "FORWARDING", "CHECK", "PORT", "NODES"}};
    for (const auto& one : cloud.balancers())
        for (std::size_t i = 0; i < one.request.ports.size(); ++i) {
            std::vector<std::string> nodes;
            for (const auto& target : one.targets)
                nodes.push_back(target.ports[i].fit ? target.name : cat("(", target.name, ")"));
            rows.push_back({one.machine, one.request.service, one.public_ip.text(), one.ready_at > now ? "building" : "active",
                            std::string(word_of(one.request.forwarding)), check_of(one.request.check),
                            cat(net::protocol_name(one.request.ports[i].protocol), "/", one.request.ports[i].port), join(nodes, ",")});
        }
    return {0, table(rows), {}, {}};
}

shell::Completed routes(const cloud::Cloud& cloud) {
    std::vector<Row> rows{{"DESTINATION", "INSTANCE", "ADDRESS"}};
    for (const auto& one : cloud.routes())
        rows.push_back({one.destination.text(), one.node, one.gateway.text()});
    return {0, table(rows), {}, {}};
}

// Gives a machine back: it loses its power at once, and its Node when the cluster notices.
shell::Completed release(Cluster& cluster, const std::string& machine) {
    const auto* instance = cluster.cloud()->instance_named(machine);
    if (!instance)
        return failed(1, cat("cloud: there is no instance ", quoted(machine)));
    const std::string id = instance->id;
    cluster.set_node_power(machine, Power::off);
    cluster.cloud()->remove_instance(id);
    return {0, cat("released ", id, "\n"), {}, {}};
}

}  // namespace

shell::Completed run_cloud(Cluster& cluster, const std::vector<std::string>& argv) {
    const std::string what = argv.size() > 1 ? argv[1] : "";
    const bool release_one = what == "release" && argv.size() == 3;
    if (!release_one && (argv.size() != 2 || (what != "instances" && what != "balancers" && what != "routes")))
        return failed(2, "usage: cloud instances | cloud balancers | cloud routes | cloud release MACHINE");
    if (!cluster.cloud())
        return failed(1, "cloud: these machines are not rented from a cloud (start with --cloud)");
    if (release_one)
        return release(cluster, argv[2]);
    return what == "instances" ? instances(*cluster.cloud())
           : what == "routes"  ? routes(*cluster.cloud())
                               : balancers(*cluster.cloud(), cluster.simulation().now());
}

}  // namespace kubewalk::cluster
