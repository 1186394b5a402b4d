#pragma once
// A program in a container: the simulation's stand-in for what an image's entry point does.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/transport.h"
#include "core/kubelet/disks.h"
#include "core/net/network.h"
#include "core/net/server.h"
#include "core/sim/simulation.h"

namespace kubewalk::kubelet {

// What a starting process is given. References are to services with fixed addresses.
struct ProgramContext {
    sim::Simulation& simulation;
    net::Network& network;
    client::Transport& transport;  // the way to the API server for programs that have credentials
    std::string node;
    net::NamespaceId netns = 0;  // the Pod's, or the node's with hostNetwork
    std::string pod_namespace;
    std::string pod_name;
    std::string pod_uid;
    std::string container;
    std::string image;
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> files;  // as it starts: mounts, resolv.conf, hosts
    FileSystem file_system{};                  // where they are stored, for what changes later
    std::shared_ptr<const std::map<std::string, std::string>> shared_environment;  // the same, to be kept
    Disks* disks = nullptr;
    std::int64_t memory_limit = 0;  // bytes; 0: none
};

// What a process uses of its node, as cgroups count it.
struct Usage {
    Duration cpu{};           // processor time since the start
    std::int64_t memory = 0;  // bytes of its working set
};

// A running program is a component (it has events, it is cloned for checkpoints) and a server (its
// sockets answer). It lists its listeners itself, in start().
class Program : public sim::Component, public net::Server {
public:
    sim::Facet* facet() override { return this; }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

    // Lines written to stdout and stderr since the start, with their times.
    struct LogLine {
        Time at;
        std::string text;
    };
    virtual const std::vector<LogLine>& log() const;

    // SIGTERM. Says how long the process needs to end by itself and the code it then ends with;
    // nothing when it ignores the signal (PID 1 without a handler) and waits for SIGKILL.
    struct Obeys {
        Duration after;
        int code = 0;
    };
    virtual std::optional<Obeys> terminate() { return Obeys{}; }

    // The process ends (SIGTERM obeyed, or killed). The runtime calls it right before it removes the
    // component; destructors must do nothing, because checkpoints destroy copies too.
    virtual void stop() {}

    // Set when the process has ended by itself.
    struct Exit {
        bool exited = false;
        int code = 0;
        std::string reason;  // "Completed", "Error", "OOMKilled"
    };
    virtual Exit exit_state() const { return exit_; }

    // The cgroup's new limit, in bytes; 0: none.
    virtual void set_memory_limit(std::int64_t) {}

    // Since it started at `started`.
    virtual Usage usage(Time started, Time now) const;

    // Who waits for the process (the kubelet's runtime): `event_code` with number = this component
    // reaches it when the process has ended by itself.
    void supervise(sim::ComponentId supervisor, std::uint32_t event_code) {
        supervisor_ = supervisor;
        exit_event_ = event_code;
    }

protected:
    // Writes a line to stdout. Old lines go when there are too many, as log rotation does.
    void print(Time now, std::string text);
    // Ends the process by itself. Reason by the code: "Completed" or "Error".
    void finish(sim::Simulation& simulation, int code, std::string reason = {});

    std::vector<LogLine> log_;

private:
    Exit exit_;
    sim::ComponentId supervisor_ = 0;
    std::uint32_t exit_event_ = 0;
};

// Makes the program for an image and its argv. Entries come from core/cluster's registry (kube-proxy,
// coredns, flanneld, kube-apiserver, ...) and from assets/images/*.json (programs described as data).
class ProgramRegistry {
public:
    virtual ~ProgramRegistry() = default;
    virtual std::unique_ptr<Program> create(const ProgramContext& context) const = 0;
};

}  // namespace kubewalk::kubelet
