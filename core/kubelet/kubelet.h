#pragma once
// The node's agent: registers its Node, keeps its Lease, runs the Pods that are bound to it.
// Upstream: pkg/kubelet/kubelet.go, kuberuntime/, kubelet_node_status.go, nodestatus/setters.go.

#include <cstdint>
#include <deque>
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
    DnsConfigurer dns;  // clusterDNS, clusterDomain, the node's own resolv.conf; --node-ip, with both addresses of a dual-stack node
    std::map<std::string, std::string> labels;  // beyond the kubelet's own
    std::vector<api::Value> taints;             // at registration
    std::vector<api::Value> static_pods;        // manifests of /etc/kubernetes/manifests
    Files node_files;                           // what stands on the node's disk at first: /etc/hosts, …
    std::string version = "v1.36.1";
    std::string runtime_version = "containerd://2.2.1";
    std::string cpu = "2";
    std::string memory = "4007Mi";
    std::string ephemeral_storage = "19963592Ki";
    int max_pods = 110;
    std::int64_t system_memory = std::int64_t{350} << 20;   // what the node uses beside Pods, bytes
    std::int64_t system_disk = std::int64_t{2560} << 20;    // likewise on its disk
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
    std::optional<net::Certificate> tls_certificate(std::string_view server_name, const net::Peer& peer) override;

    // -- what the API server's proxy asks for (exec, logs) ----------------------------------------
    // Runs argv in the container ("": the Pod's default one). Error reason "NotFound" or
    // "InternalError" with the runtime's own words.
    Result<shell::Completed> exec(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                  const std::vector<std::string>& argv, std::string_view input = {}, bool tty = false);
    // The same for whoever needs the process context itself (an interactive shell, trace FROM pod/…).
    Result<shell::ProcessContext> process(std::string_view namespace_name, std::string_view pod, std::string_view container);
    Result<std::string> logs(std::string_view namespace_name, std::string_view pod, std::string_view container,
                             const LogOptions& options) const;

    // containerd, which has no component of its own: stopped, started, and whether it runs.
    void set_runtime_running(bool running);
    bool runtime_running() const { return runtime_running_; }

    // The machine has its power back (its component stood still meanwhile).
    void reboot();

    // -- for views and tests ----------------------------------------------------------------------
    const KubeletOptions& options() const { return options_; }
    const ContainerRuntime& runtime() const { return runtime_; }
    const OrderedMap<std::string, PodWorker>& workers() const { return workers_; }  // by uid
    // What running containers use, for the metrics API: cumulative processor time, present memory.
    struct ContainerUsage {
        std::string namespace_name;
        std::string pod;
        std::string container;
        Time started;
        Usage usage;
    };
    std::vector<ContainerUsage> usage() const;
    // The node as a whole: its Pods and what runs beside them.
    Usage node_usage() const;
    // The last CRI calls about one Pod, oldest first.
    std::vector<CriCall> recent_calls(std::string_view namespace_name, std::string_view pod) const;
    // Something has changed in /etc/kubernetes/manifests.
    void manifests_changed();

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
        term_due,       // a preStop hook is over: SIGTERM
        post_start_due, // a postStart hook is over
        volumes_due,    // files of volumes follow their objects
        pressure_due,   // the eviction manager looks
        image_gc_due,
        runtime_retry_due,  // a Pod whose call to the runtime failed
    };
    enum class Step : std::uint8_t { done, wait };

    // -- kubelet.cpp: the loop, Pods come and go
    void listen();
    void pods_changed_by(const std::vector<client::Change>& changes);
    void add_pod(const api::Value& pod, Origin origin);
    void update_pod(const std::string& uid, const api::Value& pod);
    void remove_pod(const std::string& uid);
    void queue_sync(const std::string& uid, Duration delay, sim::Urgency urgency = sim::Urgency::work);
    void fact(std::string_view id, const PodIdentity& pod, std::vector<std::string> args);
    void pod_event(const PodWorker& worker, client::EventType type, std::string_view reason, std::string_view message,
                   std::string_view container = {});
    // "initContainers", "containers" or "ephemeralContainers".
    std::string_view list_of(const PodWorker& worker, std::string_view container) const;

    // -- static_pods.cpp
    void start_static_pod(api::Value pod);
    void sync_mirror(PodWorker& worker);

    // -- node_admission.cpp
    bool admit_pod(PodWorker& worker);
    PodClaim claimed() const;  // by the Pods that were admitted

    // -- pressure.cpp: eviction and the images that nobody uses
    struct Available {
        std::int64_t memory = 0;  // bytes
        std::int64_t disk = 0;
    };
    Available available() const;
    void look_for_pressure(Duration delay);
    void on_pressure_due();
    Available kill_for_memory();
    void evict_for(std::string_view resource, std::string_view threshold, std::int64_t available);
    void evict(PodWorker& worker, std::string message);
    bool evict_over_own_limits();
    std::int64_t pod_memory(const PodWorker& worker) const;
    void collect_images();

    // -- ephemeral.cpp
    void run_ephemeral_containers(PodWorker& worker);

    // -- pod_sync.cpp: one Pod towards its spec, one step at a time
    void sync_pod(const std::string& uid);
    void check_deadline(PodWorker& worker);
    Step ensure_sandbox(PodWorker& worker);
    Step run_init_containers(PodWorker& worker);
    Step run_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Step restart_or_wait(PodWorker& worker, ContainerWorker& container, const api::Value& spec, const Container& dead);
    void finish_if_terminal(PodWorker& worker);

    // -- pod_volumes.cpp
    Step ensure_volumes(PodWorker& worker);
    Result<std::map<std::string, VolumeSource>> set_up_volumes(const PodWorker& worker);
    Result<VolumeSource> claimed_volume(const PodWorker& worker, const api::Value& volume);
    void refresh_volumes(PodWorker& worker);
    void on_volumes_due();
    void tear_down_volumes(PodWorker& worker);

    // -- lifecycle_hooks.cpp
    struct HookResult {
        bool ok = true;
        std::string message;
        Duration took{};
    };
    HookResult run_hook(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec,
                        const api::Value& handler);
    bool begin_post_start(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    void on_post_start_due(const sim::Event& event);

    // -- pod_termination.cpp
    void end_pod(PodWorker& worker, Ending ending);
    void terminate_pod(PodWorker& worker);
    void stop_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec, std::string_view why,
                        Duration grace);
    void send_term(PodWorker& worker, ContainerWorker& container, Duration grace);
    void kill_after(PodWorker& worker, ContainerWorker& container, Duration delay, int code);
    void on_term_due(const sim::Event& event);
    void process_has_ended(const Container& container, int code, std::string_view reason, Time at);
    void on_kill_due(const sim::Event& event);
    void complete_termination(PodWorker& worker);
    void delete_pod_object(PodWorker& worker);

    // -- containers.cpp: image, configuration, create, start
    Step start_container(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Step ensure_image(PodWorker& worker, ContainerWorker& container, const api::Value& spec);
    Result<ContainerConfig> container_config(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec);
    void container_waits(PodWorker& worker, ContainerWorker& container, std::string_view reason, std::string_view message,
                         Duration retry);
    void warn_of_pull_secrets(const PodWorker& worker);
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
    ProbeResult probe_grpc(std::string_view pod_ip, const api::Value& action, Duration timeout);
    // An httpGet of a probe or a hook. Not ok: `error` as Go's client words it.
    struct HttpAnswer {
        bool ok = false;
        int status = 0;
        std::string error;
        Duration took{};
    };
    HttpAnswer http_get(std::string_view pod_ip, const api::Value& spec, const api::Value& action, Duration timeout,
                        std::string_view agent);
    void apply_probe_result(PodWorker& worker, ContainerWorker& container, const api::Value& spec, ProbeKind kind);

    // -- pod_status.cpp
    api::Value make_status(const PodWorker& worker) const;
    api::Value container_status(const PodWorker& worker, const ContainerWorker& container, const api::Value& spec,
                                bool init) const;
    void update_status(PodWorker& worker);

    // -- node_status.cpp
    void register_node();
    // resize.cpp
    void resize_pod(PodWorker& worker);
    // What the container has, or will have when it starts; `spec` is what the Pod asks for.
    api::Value granted_spec(const PodWorker& worker, std::string_view container, const api::Value& spec) const;
    void describe_csi(std::string node_uid);
    api::Value initial_node() const;
    api::Value node_status() const;
    void update_node_status(bool at_any_rate);
    void renew_lease();
    void check_runtime();
    void node_event(client::EventType type, std::string_view reason, std::string_view message);

    // -- runtime_down.cpp
    static std::string_view runtime_unreachable();
    std::vector<std::string> runtime_errors() const;
    bool held_back(const sim::Event& event);
    void try_without_runtime(const std::string& uid);
    void catch_up();

    // -- process_context.cpp
    const Container* find_container(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                    bool previous, Error& error) const;
    std::optional<Error> refuses_exec(const Container& container) const;
    std::vector<shell::RunningProcess> processes_around(const Container& container) const;
    shell::ProcessContext context_of(const Container& container) const;
    bool may_ping(const Container& container, const Sandbox* sandbox) const;

    PodWorker* worker(std::string_view uid);
    ContainerWorker* container_worker(PodWorker& worker, std::string_view name) const;
    const api::Value& container_spec(const PodWorker& worker, std::string_view name) const;
    // Runs a program in the container; what it writes stays.
    shell::Completed run_in(const Container& container, const std::vector<std::string>& argv, std::string_view input = {}, bool tty = false);
    std::vector<std::string> pod_ips(const PodWorker& worker) const;
    std::vector<std::string> host_ips() const;  // the node's own, the primary one first
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
    std::vector<api::Value> waiting_static_;          // a new manifest whose old Pod still ends
    std::deque<PullRequest> pulls_;                  // the first one is under way (serializeImagePulls)
    Time pull_started_;
    std::optional<ContainerRuntime::Pull> pull_;
    std::string pull_error_;  // why the pull under way fails; empty: for the registry's reason, if at all
    // The runtime
    bool runtime_running_ = true;
    Time runtime_seen_;              // when it last answered
    Time runtime_lost_;              // since when it does not, as far as the kubelet knows; 0: it does
    std::vector<sim::Event> held_;   // what waits for it
    // Node
    bool registered_ = false;
    int boots_ = 0;  // how often the machine has started again
    Time renewed_at_;  // when the Lease was renewed last
    Duration register_back_off_ = milliseconds(100);
    bool ready_ = false;
    api::Value reported_status_;
    Time reported_at_;
    api::Value ready_since_;
    api::Value lease_;
    // Pressure
    Time memory_pressed_;  // when a threshold was last met; 0: never
    Time disk_pressed_;
    bool memory_pressure_ = false;  // as the conditions say
    bool disk_pressure_ = false;
    sim::EventId pressure_event_ = 0;
    Time pressure_at_;
    bool volumes_planned_ = false;
    bool image_gc_planned_ = false;
};

}  // namespace kubewalk::kubelet
