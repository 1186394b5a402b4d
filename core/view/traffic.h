#pragma once
// One request as the Traffic view walks through it: every hop of every connection in order.

#include <string>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::view {

enum class Direction : unsigned char { request, reply };

// One numbered step. `machine` and `element` say where on the canvas it happens.
struct TrafficStep {
    int connection = 0;  // index into the trace
    int hop = 0;
    Direction direction = Direction::request;
    std::string machine;  // "laptop", "node-1", ...
    std::string element;  // id of a TrafficElement
    net::Hop data;
};

// The packet's way ends with this hop: dropped, rejected, refused, no way on.
bool ends_here(const net::Hop& hop);

// What is drawn inside a machine: interfaces, netfilter, Pods that take part (and their neighbours).
struct TrafficElement {
    enum class Kind : unsigned char { client, interface_, netfilter, bridge, tunnel, pod, program } kind = Kind::interface_;
    std::string id;       // unique: "node-1/netfilter", "node-1/cni0", "node-1/flannel.1", "pod/sock-shop/front-end-…"
    std::string machine;
    std::string title;    // "netfilter", "cni0", "front-end"
    std::string subtitle; // "bridge", "VXLAN", "10.244.2.7:8079"
    std::vector<std::string> lines;  // for netfilter: the chains passed and the verdict
    bool involved = false;
    std::string service{};  // that leads to a Pod, on the stage; empty when it has the Pod's own name
};

struct TrafficMachine {
    std::string name;
    std::string ip;
    std::string pod_cidr;  // empty unless a node
    std::vector<TrafficElement> elements;
};

struct TrafficScene {
    std::vector<TrafficMachine> machines;  // client first, then nodes in name order
    std::vector<TrafficStep> steps;        // of the chosen connection, request then reply
    std::vector<std::string> connections;  // one line each: "laptop → 192.168.122.12:30001  GET /  200 OK"
    net::Outcome outcome = net::Outcome::delivered;
    std::string response;  // how the server answered: "200 OK", "NXDOMAIN"; "" where nothing came
};

// `connection` picks one of the trace's connections. The session gives nodes and Pods.
TrafficScene traffic_scene(const cluster::Session& session, const net::Trace& trace, int connection);

// Every machine with the Pods that have an address of their own, to choose a source or a target from; no steps.
// Large clusters: the first 12 nodes.
TrafficScene traffic_stage(const cluster::Session& session);

// What kubelets ask of containers again and again. exec probes send nothing and are left out.
struct Probe {
    std::string pod;   // "namespace/name"
    std::string node;
    std::string kind;  // "readiness", "liveness", "startup"
    std::string url;   // "http://10.244.1.14:80/health"; for tcpSocket without a path
    std::string period;  // "3s"
};
std::vector<Probe> probes(const cluster::Session& session, std::size_t most = 60);

}  // namespace kubewalk::view
