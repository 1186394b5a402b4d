#pragma once
// The container runtime of one node as the kubelet speaks to it: the CRI calls, each recorded in the
// cause log. Holds sandboxes, containers and the node's images. A value: it lives inside the Kubelet.
// Upstream: k8s.io/cri-api/pkg/apis/services.go; containerd internal/cri/server.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/base/random.h"
#include "core/kubelet/cni.h"
#include "core/kubelet/image_catalogue.h"
#include "core/kubelet/program.h"

namespace kubewalk::kubelet {

// Services with fixed addresses.
struct RuntimeServices {
    sim::Simulation& simulation;
    net::Network& network;
    client::Transport& transport;
    const ImageCatalogue& images;
    const ProgramRegistry& programs;  // makes the programs that are code; null for all others
    Cni& cni;
};

enum class HostNetwork : std::uint8_t { no, yes };

// Whose sandbox: what the runtime knows of a Pod.
struct PodIdentity {
    std::string namespace_name;
    std::string name;
    std::string uid;
};

struct Sandbox {
    std::string id;
    PodIdentity pod;
    net::NamespaceId netns = 0;
    HostNetwork host_network = HostNetwork::no;
    std::vector<std::string> ips;  // empty with host network
    Time created;
    bool ready = true;
};

enum class ContainerState : std::uint8_t { created, running, exited };

struct ContainerConfig {
    std::string name;
    int attempt = 0;
    std::string image;  // as the Pod names it
    std::vector<std::string> command;  // spec.command, expanded; replaces the entry point
    std::vector<std::string> args;
    std::map<std::string, std::string> environment;
    std::map<std::string, std::string> files;
    std::string hostname;
    std::int64_t uid = -1;   // runAsUser; -1: the image's
    bool net_raw = true;     // capability NET_RAW
    std::vector<std::int64_t> ports;  // containerPort, for programs nobody described
};

struct Container {
    std::string id;
    std::string sandbox;
    ContainerConfig config;
    const Image* image = nullptr;
    std::string image_id;  // "docker.io/library/nginx@sha256:…"
    std::vector<std::string> argv;
    ContainerState state = ContainerState::created;
    Time created;
    Time started;
    Time finished;
    int exit_code = 0;
    std::string reason;
    std::string message;
    sim::ComponentId program = 0;
    std::vector<Program::LogLine> log;  // what an ended process has left
};

struct LocalImage {
    RemoteImage remote;
    Time pulled;
};

class ContainerRuntime {
public:
    // `component` is the kubelet's name in the cause log.
    ContainerRuntime(RuntimeServices services, std::string node, std::string component, Random random);

    // -- RuntimeService ---------------------------------------------------------------------------
    bool network_ready() const;  // Status: NetworkReady
    // Error: the message of FailedCreatePodSandBox without its prefix.
    Result<std::string> run_pod_sandbox(const PodIdentity& pod, HostNetwork host_network);
    void stop_pod_sandbox(std::string_view id);
    void remove_pod_sandbox(std::string_view id);
    // Error: message of a CreateContainerError.
    Result<std::string> create_container(std::string_view sandbox, ContainerConfig config);
    // Error: reason "StartError", message as runc's; the container then counts as exited with 128.
    // `supervisor` gets `exit_event` with number = Container::program when the process ends by itself.
    Result<void> start_container(std::string_view id, sim::ComponentId supervisor, std::uint32_t exit_event);
    // SIGTERM. How long the process needs, and with which code it ends; nothing: it ignores the signal.
    std::optional<Program::Obeys> signal_term(std::string_view id);
    // The process is gone: removes its program and keeps its log.
    void container_exited(std::string_view id, int code, std::string_view reason);
    void remove_container(std::string_view id);

    // -- ImageService -----------------------------------------------------------------------------
    const LocalImage* image_status(std::string_view reference) const;
    // Asks the registry, and how long fetching takes; the image is there after commit_image().
    struct Pull {
        RemoteImage remote;
        Duration takes;
    };
    Result<Pull> pull_image(std::string_view reference, const PodIdentity& pod);
    void commit_image(const Pull& pull);

    const Sandbox* sandbox(std::string_view id) const { return sandboxes_.find(id); }
    const Container* container(std::string_view id) const { return containers_.find(id); }
    const Container* container_of(sim::ComponentId program) const;
    const OrderedMap<std::string, Sandbox>& sandboxes() const { return sandboxes_; }
    const OrderedMap<std::string, Container>& containers() const { return containers_; }
    const OrderedMap<std::string, LocalImage>& images() const { return images_; }
    const std::vector<Program::LogLine>& log_of(const Container& container) const;
    // The files a process sees; writes by exec stay.
    void set_files(std::string_view container, std::map<std::string, std::string> files);
    const RuntimeServices& services() const { return services_; }

private:
    void record(std::string_view call, const PodIdentity& pod, std::vector<std::string> args);
    std::string new_id();
    const PodIdentity& pod_of(const Container& container) const;

    RuntimeServices services_;
    std::string node_;
    std::string component_;
    Random random_;
    OrderedMap<std::string, Sandbox> sandboxes_;
    OrderedMap<std::string, Container> containers_;
    OrderedMap<sim::ComponentId, std::string> by_program_;
    OrderedMap<std::string, LocalImage> images_;  // by normalised reference
};

}  // namespace kubewalk::kubelet
