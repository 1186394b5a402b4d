#pragma once
// What the Architecture and Cluster views draw: facts, never how. Built anew when the session moved.

#include <optional>
#include <string>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::view {

// completed: it ran to its end, and well; nothing of it runs any more.
enum class Health : unsigned char { healthy, pending, failed, stopped, terminating, completed };

struct PodChip {
    std::string namespace_name;
    std::string name;
    std::string app;     // short name to show: the workload that made it ("carts"), a label of its own, or the Pod's name
    std::string node;    // empty while unscheduled
    std::string ip;      // where it can be reached; empty before it has one and after it ended
    std::string phase;   // kubectl's STATUS column: "Running", "ContainerCreating", "CrashLoopBackOff", ...
    int ready = 0;       // containers ready
    int containers = 0;
    int restarts = 0;
    Health health = Health::pending;
    std::string owner;   // "ReplicaSet/carts-666b98fdc4", "Node/node-1" for static Pods
    bool boxed = false;  // its program has a ComponentBox of its own and is drawn as that
};

// A running component; id is stable: "kubectl", "etcd", "kube-apiserver", "kube-scheduler",
// "kube-controller-manager", "cloud-controller-manager", "kubelet/NODE", "runtime/NODE",
// "kube-proxy/NODE", "flannel/NODE", "kube-router/NODE", "cloud"; add-ons that are Pods of their own:
// "coredns/POD", "ingress-nginx/POD", "metrics-server", "local-path-provisioner/NODE", "node-local-dns/NODE".
struct ComponentBox {
    std::string id;
    std::string title;   // as upstream names it
    std::string node;    // where it runs; empty for clients
    std::string detail;  // a few words of live state: "revision 418", "deployment: sock-shop/carts"
    Health health = Health::healthy;
    std::string pod{};   // of an add-on that is drawn as its Pod: "namespace/name"
};

struct NodeBox {
    std::string name;
    std::string ip;
    std::string pod_cidr;
    std::string role;  // "control-plane" or ""
    Health health = Health::pending;
    bool schedulable = true;
    bool powered = true;
    bool link_cut = false;
    std::string link_fault{};  // "cut", "+200 ms", "30 %" where its cable is broken or bad
    std::vector<PodChip> pods;  // static Pods and kube-system ones included, in name order
};

struct ServiceBox {
    std::string namespace_name;
    std::string name;
    std::string type;
    std::string cluster_ip;
    std::string external;  // external address or "<pending>", "<none>"
    std::string ports;     // kubectl's PORT(S)
    std::vector<std::string> pods;     // "namespace/name" of Pods behind it that are ready
    std::vector<std::string> waiting;  // selected but not ready
    std::size_t elsewhere = 0;         // ready, but no Pods: the API server behind "kubernetes"
    bool answered() const { return !pods.empty() || elsewhere > 0; }
};

struct WorkloadBox {
    std::string namespace_name;
    std::string kind;  // "Deployment", "DaemonSet", "ReplicaSet", "Job", "CronJob"
    std::string name;
    std::string owner; // "Deployment/carts" or empty
    int desired = 0;   // replicas; a Job's completions
    int ready = 0;     // of them ready; a Job's that succeeded
    Health health = Health::healthy;  // a Job that is done: completed; what is suspended: stopped
    int active = 0;          // a CronJob's Jobs that run
    std::string schedule{};  // a CronJob's
    std::optional<Time> last_schedule{};
};

// One thing that travelled along an edge, newest last: from and to are ComponentBox ids.
struct Activity {
    sim::CauseId cause = 0;
    Time at;
    sim::EntryKind kind = sim::EntryKind::api_call;
    std::string from;
    std::string to;
    std::string label;   // "PATCH deployments/carts", "watch pods", "sync sock-shop/carts"
    sim::ObjectRef object;
};

struct Architecture {
    Time now;
    std::vector<ComponentBox> components;
    std::vector<NodeBox> nodes;
    std::vector<PodChip> unscheduled;
    std::vector<PodChip> orphaned;  // bound to a Node that is gone, until the Pod garbage collector has seen it
    std::vector<ServiceBox> services;
    std::vector<WorkloadBox> workloads;
    std::vector<std::string> namespaces;
    std::vector<Activity> recent;  // the last 3 s of virtual time, heartbeats left out, at most 64
};

Architecture architecture(const cluster::Session& session);

// An object's chain of causes, from the learner's action down to the entry that touched it last.
std::vector<sim::Entry> cause_chain(const cluster::Session& session, sim::CauseId leaf);
// Entries about an object, oldest first.
std::vector<sim::CauseId> entries_of(const cluster::Session& session, const sim::ObjectRef& object);

}  // namespace kubewalk::view
