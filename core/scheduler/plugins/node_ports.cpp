// hostPorts that are taken. Upstream: plugins/nodeports/node_ports.go, HostPortInfo in framework/types.go.
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {

struct HostPort {
    std::string_view ip;
    std::string_view protocol;
    std::int64_t port = 0;
};

void read_ports(const Value& containers, bool sidecars_only, std::vector<HostPort>& ports) {
    for (const auto& container : containers.items()) {
        if (sidecars_only && container["restartPolicy"].as_string() != "Always")
            continue;
        for (const auto& port : container["ports"].items())
            if (const auto number = port["hostPort"].as_int(); number > 0) {
                const auto ip = port["hostIP"].as_string();
                ports.push_back({ip.empty() ? "0.0.0.0" : ip, port["protocol"].as_string("TCP"), number});
            }
    }
}

std::vector<HostPort> host_ports(const Value& pod) {
    std::vector<HostPort> ports;
    read_ports(pod["spec"]["containers"], false, ports);
    read_ports(pod["spec"]["initContainers"], true, ports);
    return ports;
}

bool conflict(const HostPort& a, const HostPort& b) {
    return a.port == b.port && a.protocol == b.protocol && (a.ip == b.ip || a.ip == "0.0.0.0" || b.ip == "0.0.0.0");
}

class NodePorts final : public Plugin {
    Status pre_filter(const PodInfo& pod, const Snapshot&) override {
        return host_ports(pod.pod).empty() ? Status::skip() : Status::success();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        const auto wanted = host_ports(pod.pod);
        if (wanted.empty())
            return Status::success();
        for (const auto& other : node.pods)
            for (const auto& used : host_ports(other->pod))
                for (const auto& port : wanted)
                    if (conflict(port, used))
                        return Status::unschedulable("node(s) didn't have free ports for the requested pod ports");
        return Status::success();
    }
};

}  // namespace

std::unique_ptr<Plugin> node_ports(const PluginArgs&) { return std::make_unique<NodePorts>(); }

}  // namespace kubewalk::scheduler
