#pragma once
// The node's agent: registers its Node, keeps its Lease, runs the Pods that are bound to it.
// Upstream: pkg/kubelet/kubelet.go, kuberuntime/, kubelet_node_status.go, nodestatus/setters.go.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/kubelet/dns_config.h"
#include "core/kubelet/pod_worker.h"
#include "core/kubelet/runtime.h"
#include "core/shell/shell.h"

namespace kubewalk::kubelet {

struct KubeletOptions {
    std::string node;
    net::Ip ip;
    DnsConfigurer dns;  // clusterDNS, clusterDomain and the node's own resolv.conf
    std::map<std::string, std::string> labels;  // beyond the kubelet's own
    std::vector<api::Value> taints;             // at registration
    std::vector<api::Value> static_pods;        // manifests of /etc/kubernetes/manifests
    Files node_files;                           // the node's disk: /etc/hosts, /etc/kubernetes/…
    std::string version = "v1.36.1";
    std::string runtime_version = "containerd://2.2.1";
    std::string cpu = "2";
    std::string memory = "4007Mi";
    std::string ephemeral_storage = "19963592Ki";
    int max_pods = 110;
    bool external_cloud = false;
};

// What kubectl logs asks for.
struct LogOptions {
    bool previous = false;
    bool timestamps = false;
    std::optional<std::int64_t> tail_lines;
    std::optional<Time> since;
};

class Kubelet final : public sim::Component, public net::Server {
public:
    Kubelet(RuntimeServices services, KubeletOptions options);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Kubelet>(*this); }
    // Ports 10250 (without credentials: 401) and 10248 (/healthz).
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

    // -- what the API server's proxy asks for (exec, logs) ----------------------------------------
    // Runs argv in the container ("": the Pod's default one). Error reason "NotFound" or
    // "InternalError" with the runtime's own words.
    Result<shell::Completed> exec(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                  const std::vector<std::string>& argv, std::string_view input = {});
    // The same for whoever needs the process context itself (an interactive shell, trace FROM pod/…).
    Result<shell::ProcessContext> process(std::string_view namespace_name, std::string_view pod, std::string_view container);
    Result<std::string> logs(std::string_view namespace_name, std::string_view pod, std::string_view container,
                             const LogOptions& options) const;

    // -- for views and tests ----------------------------------------------------------------------
    const KubeletOptions& options() const { return options_; }
    const ContainerRuntime& runtime() const { return runtime_; }
    const OrderedMap<std::string, PodWorker>& workers() const { return workers_; }  // by uid

private:
    enum Code : std::uint32_t {
        pods_changed = 1,
        services_changed,
        node_changed,
        register_due,
        lease_due,
        status_due,
        runtime_due,
        sync_due,
        process_ended,
        pull_done,
        probe_due,
        kill_due,
    };
    enum class Step : std::uint8_t { done, wait };

    // -- kubelet.cpp: the loop, Pods come and go
    void pods_changed_by(const std::vector<client::Change>& changes);
    void add_pod(const api::Value& pod, Origin origin);
    void update_pod(const std::string& uid, const api::Value& pod);
    void remove_pod(const std::string& uid);
    void queue_sync(const std::string& uid, Duration delay, sim::Urgency urgency = sim::Urgency::work);
    void fact(std::string_view id, const PodIdentity& pod, std::vector<std::string> args);
    void pod_event(const PodWorker& worker, client::EventType type, std::string_view reason, std::string_view message,
                   std::string_view container = {});
    bool is_init(const PodWorker& worker, std::string_view container) const;

    // -- static_pods.cpp
    void start_static_pods();
    void sync_mirror(PodWorker& worker);

    // -- pod_sync.cpp: one Pod towards its spec, one step at a time
    void sync_pod(const std::string& uid);
    Step ensure_volumes(PodWorker& worker);
    Step ensure_sandbox(PodWorker& worker);
    Step run_init_containers(PodWorker& worker);
    Step run_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Step restart_or_wait(PodWorker& worker, ContainerWorker& container, const api::Value& spec, const Container& dead);
    void finish_if_terminal(PodWorker& worker);

    // -- pod_termination.cpp
    void terminate_pod(PodWorker& worker);
    void stop_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec, std::string_view why,
                        Duration grace);
    Duration pre_stop(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    void process_has_ended(const Container& container, int code, std::string_view reason);
    void on_kill_due(const sim::Event& event);
    void complete_termination(PodWorker& worker);
    void delete_pod_object(PodWorker& worker);

    // -- containers.cpp: image, configuration, create, start
    Step start_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Step ensure_image(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Result<ContainerConfig> container_config(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec);
    void container_waits(PodWorker& worker, ContainerWorker& container, std::string_view reason, std::string_view message,
                         Duration retry);
    void queue_pull(PodWorker& worker, ContainerWorker& container, std::string_view image);
    void start_next_pull();
    void on_pull_done();

    // -- prober.cpp
    void start_probes(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    void stop_probes(ContainerWorker& container);
    void schedule_probe(PodWorker& worker, ContainerWorker& container, ProbeKind kind, Duration delay, sim::Urgency urgency);
    void on_probe_due(const sim::Event& event);
    struct ProbeResult {
        bool success = false;
        std::string output;
    };
    ProbeResult run_probe(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec,
                          const api::Value& probe);
    ProbeResult probe_http(std::string_view pod_ip, const api::Value& spec, const api::Value& action, Duration timeout);
    ProbeResult probe_tcp(std::string_view pod_ip, const api::Value& spec, const api::Value& action, Duration timeout);
    ProbeResult probe_exec(const ContainerWorker& container, const api::Value& action, Duration timeout);
    void apply_probe_result(PodWorker& worker, ContainerWorker& container, const api::Value& spec, ProbeKind kind);

    // -- pod_status.cpp
    api::Value make_status(const PodWorker& worker) const;
    api::Value container_status(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec,
                                bool init) const;
    void update_status(PodWorker& worker);

    // -- node_status.cpp
    void register_node();
    api::Value initial_node() const;
    api::Value node_status() const;
    void update_node_status(bool at_any_rate);
    void renew_lease();
    void check_runtime();
    void node_event(client::EventType type, std::string_view reason, std::string_view message);

    // -- process_context.cpp
    const Container* find_container(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                    bool previous, Error& error) const;
    shell::ProcessContext context_of(const Container& container) const;

    PodWorker* worker(std::string_view uid);
    ContainerWorker* container_worker(PodWorker& worker, std::string_view name) const;
    const api::Value& container_spec(const PodWorker& worker, std::string_view name) const;
    std::vector<std::string> pod_ips(const PodWorker& worker) const;
    std::vector<api::Value> services() const;
    sim::Simulation& simulation() const { return services_.simulation; }
    net::Network& network() const { return services_.network; }
    Time now() const { return services_.simulation.now(); }

    struct PullRequest {
        std::string image;
        std::string uid;
        std::string container;
        Time asked;
    };

    RuntimeServices services_;
    KubeletOptions options_;
    std::string name_;
    Random random_;
    client::Client client_;
    client::EventRecorder recorder_;
    client::Informer pods_;
    client::Informer services_informer_;
    ContainerRuntime runtime_;
    OrderedMap<std::string, PodWorker> workers_;      // by uid
    OrderedMap<std::string, std::string> by_name_;    // "namespace/name" -> uid
    std::vector<PullRequest> pulls_;                  // the first one is under way (serializeImagePulls)
    Time pull_started_;
    std::optional<ContainerRuntime::Pull> pull_;
    // Node
    bool registered_ = false;
    Duration register_back_off_ = milliseconds(100);
    bool ready_ = false;
    api::Value reported_status_;
    Time reported_at_;
    api::Value ready_since_;
    api::Value lease_;
};

}  // namespace kubewalk::kubelet
