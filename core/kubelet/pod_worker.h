#pragma once
// What the kubelet keeps about one Pod. Upstream: pkg/kubelet/pod_workers.go, pkg/kubelet/prober/worker.go,
// k8s.io/client-go/util/flowcontrol/backoff.go.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/api/value.h"
#include "core/kubelet/runtime.h"
#include "core/kubelet/volumes.h"
#include "core/sim/simulation.h"

namespace kubewalk::kubelet {

// One entry of flowcontrol.Backoff: 10 s, doubling.
struct BackOff {
    Duration delay{};
    Time updated;

    // Is `event` (a failure) so recent that the next try has to wait?
    bool holds(Time event, Time now, Duration maximum) const {
        return delay.ns != 0 && event - updated <= maximum * 2 && now - event < delay;
    }
    void next(Time event, Time now, Duration maximum) {
        const bool expired = delay.ns == 0 || event - updated > maximum * 2;
        delay = expired ? seconds(10) : Duration{std::min(delay.ns * 2, maximum.ns)};
        updated = now;
    }
};
constexpr Duration max_back_off = seconds(300);

enum class ProbeKind : std::uint8_t { startup, readiness, liveness };
constexpr int probe_kinds = 3;

struct ProbeState {
    sim::EventId event = 0;  // the next probe
    int run = 0;             // equal results in a row
    bool last = false;
    bool decided = false;    // a threshold was reached at least once
};

// One container of the spec, over all its instances.
struct ContainerWorker {
    std::string name;
    std::string id;        // the present instance in the runtime; "" before the first
    std::string last_id;   // the instance before
    int restarts = 0;
    std::string waiting_reason;  // "" where the default (ContainerCreating, PodInitializing) holds
    std::string waiting_message;
    BackOff restart_back_off;
    Time crash_reported;   // finish time of the instance whose back-off event was written
    BackOff pull_back_off;
    Time pull_failed;
    std::string pull_error;  // reason of the last failed pull, with its message
    std::string pull_error_message;
    bool pulling = false;
    bool pulled = false;     // the image is there for the start that is under way
    bool starting = false;   // a start is under way: no back-off holds it
    bool started = false;
    bool ready = false;
    bool stopping = false;   // its end has begun
    bool in_post_start = false;  // the hook runs: the API does not show the container as running yet
    sim::EventId kill_event = 0;
    Time kill_at;
    std::array<ProbeState, probe_kinds> probes;
};

enum class Stage : std::uint8_t { syncing, terminating, terminated };
enum class Origin : std::uint8_t { api, file };  // file: a static Pod

// The node itself ends a Pod: eviction, a deadline, a refusal. The phase becomes Failed.
struct Ending {
    std::string reason;
    std::string message;
    bool disruption = false;  // told by the condition DisruptionTarget
    std::optional<Duration> grace;  // instead of the Pod's own
};

// What the Pod asks of the node, for admission: thousandths of a CPU, bytes, ports of the node.
struct PodClaim {
    std::int64_t milli_cpu = 0;
    std::int64_t memory = 0;
    std::int64_t ephemeral_storage = 0;
    std::vector<std::string> host_ports;  // "TCP:8080"
};

struct PodWorker {
    api::Value pod;
    PodIdentity identity;
    Origin origin = Origin::api;
    Stage stage = Stage::syncing;
    std::string sandbox;
    std::vector<ContainerWorker> init_containers;
    std::vector<ContainerWorker> containers;
    std::vector<ContainerWorker> ephemeral_containers;
    std::map<std::string, VolumeSource> volumes;
    bool volumes_ready = false;
    bool limits_volumes = false;   // has an emptyDir with a sizeLimit
    bool follows_objects = false;  // has volumes that change with ConfigMaps, Secrets, or its own metadata
    Duration volume_back_off{};
    Time volumes_asked;
    PodClaim claim;
    bool admitted = false;
    api::Value granted;          // the spec with the resources that its containers have; null before they run
    std::string resize_refused;  // "Deferred" or "Infeasible": why they do not have what the spec asks; "" when they do
    std::string resize_message;
    std::optional<Ending> ending;
    Time end_began;
    Time busy_until;            // the runtime works on a call
    sim::EventId sync_event = 0;
    Time sync_at;
    api::Value start_time;      // text; null before
    api::Value status;          // as last written to the API
    std::string mirror_uid;     // of a static Pod's mirror in the API
    bool gone = false;          // the API no longer has the object
};

}  // namespace kubewalk::kubelet
