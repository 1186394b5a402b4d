#pragma once
// The container runtime of one node as the kubelet speaks to it: the CRI calls, each recorded in the
// cause log. Holds sandboxes, containers and the node's images. A value: it lives inside the Kubelet.
// Upstream: k8s.io/cri-api/pkg/apis/services.go; containerd internal/cri/server.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/base/random.h"
#include "core/kubelet/cni.h"
#include "core/kubelet/disks.h"
#include "core/kubelet/image_catalogue.h"
#include "core/kubelet/program.h"
#include "core/shell/shell.h"

namespace kubewalk::kubelet {

// Services with fixed addresses.
struct RuntimeServices {
    sim::Simulation& simulation;
    net::Network& network;
    client::Transport& transport;
    const ImageCatalogue& images;
    const ProgramRegistry& programs;  // makes the programs that are code; null for all others
    Cni& cni;
    Disks& disks;
    // containerd's enable_unprivileged_icmp: any group of a Pod may open ICMP sockets.
    bool unprivileged_icmp = true;
};

enum class HostNetwork : std::uint8_t { no, yes };

// What a sandbox's network is to be.
struct SandboxConfig {
    HostNetwork host_network = HostNetwork::no;
    std::vector<PortMapping> ports{};                 // hostPort
    std::map<std::string, std::string> sysctls{};     // securityContext.sysctls
};

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
    std::vector<PortMapping> ports;
    Time created;
    bool ready = true;
};

constexpr std::string_view ping_group_range = "net.ipv4.ping_group_range";


enum class ContainerState : std::uint8_t { created, running, exited };

struct ContainerConfig {
    std::string name;
    int attempt = 0;
    std::string image;  // as the Pod names it
    std::vector<std::string> command;  // spec.command, expanded; replaces the entry point
    std::vector<std::string> args;
    std::map<std::string, std::string> environment;
    Files files;  // what the kubelet adds to the image's: hosts, resolv.conf, single files of volumes
    std::vector<Mount> mounts;
    std::string hostname;
    std::int64_t uid = -1;   // runAsUser; -1: the image's
    bool net_raw = true;     // capability NET_RAW
    std::vector<std::int64_t> ports;  // containerPort, for programs nobody described
    std::int64_t memory_limit = 0;    // bytes; 0: none
    int oom_score_adj = 0;
    bool stdin_open = false;
    std::string message_path = "/dev/termination-log";
    shell::Confinement asked;                              // what the securityContexts say
    std::shared_ptr<const shell::Confinement> confined{};  // the container's, once it is made
};

struct Container {
    std::string id;
    std::string sandbox;
    ContainerConfig config;  // its files have moved to file_system, its environment to environment
    std::shared_ptr<const std::map<std::string, std::string>> environment;
    FileSystem file_system;
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
    Time last_used;  // when a container of it was last seen
};

// One call of the kubelet's to the runtime, as a lesson shows it.
struct CriCall {
    Time at;
    std::string call;  // "RunPodSandbox"
    std::string pod;   // "namespace/name"
    std::string detail;  // its arguments, separated by blanks
    int times = 1;     // equal calls in a row (probes that execute a command)
};

class ContainerRuntime {
public:
    // `component` is the kubelet's name in the cause log.
    ContainerRuntime(RuntimeServices services, std::string node, std::string component, Random random);

    // -- RuntimeService ---------------------------------------------------------------------------
    bool network_ready() const;  // Status: NetworkReady
    // Error: the message of FailedCreatePodSandBox without its prefix.
    Result<std::string> run_pod_sandbox(const PodIdentity& pod, const SandboxConfig& config);
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
    void container_exited(std::string_view id, int code, std::string_view reason, Time at);
    void remove_container(std::string_view id);
    // While it runs; bytes, 0: none.
    void update_container_resources(std::string_view id, std::int64_t memory_limit);
    // A call that changes nothing here but is one (ExecSync): kept in recent_calls() alone.
    void note(std::string_view call, const Container& container, std::string_view detail);

    // -- ImageService -----------------------------------------------------------------------------
    const LocalImage* image_status(std::string_view reference) const;
    // Asks the registry, and how long fetching takes; the image is there after commit_image().
    struct Pull {
        RemoteImage remote;
        Duration takes;
    };
    Result<Pull> pull_image(std::string_view reference, const PodIdentity& pod);
    void commit_image(const Pull& pull);
    void remove_image(const std::string& reference);
    // Bytes on the node's disk: what a registry transfers, unpacked.
    std::int64_t images_bytes() const;

    const Sandbox* sandbox(std::string_view id) const { return sandboxes_.find(id); }
    const Container* container(std::string_view id) const { return containers_.find(id); }
    const Container* container_of(sim::ComponentId program) const;
    const OrderedMap<std::string, Sandbox>& sandboxes() const { return sandboxes_; }
    const OrderedMap<std::string, Container>& containers() const { return containers_; }
    const OrderedMap<std::string, LocalImage>& images() const { return images_; }
    const std::vector<Program::LogLine>& log_of(const Container& container) const;
    // The last calls of this node, oldest first.
    const std::deque<CriCall>& recent_calls() const { return calls_; }
    const PodIdentity& pod_of(const Container& container) const;
    const RuntimeServices& services() const { return services_; }

private:
    void record(std::string_view call, const PodIdentity& pod, std::vector<std::string> args);
    void keep_call(std::string_view call, const PodIdentity& pod, std::string detail);
    std::string new_id();

    RuntimeServices services_;
    std::string node_;
    std::string component_;
    Random random_;
    OrderedMap<std::string, Sandbox> sandboxes_;
    OrderedMap<std::string, Container> containers_;
    OrderedMap<sim::ComponentId, std::string> by_program_;
    OrderedMap<std::string, LocalImage> images_;  // by normalised reference
    std::deque<CriCall> calls_;
};

}  // namespace kubewalk::kubelet
