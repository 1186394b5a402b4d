#include "core/kubelet/admission.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/api/scheduling.h"
#include "core/base/text.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

constexpr std::int64_t system_critical_priority = 2'000'000'000;

PodClaim container_claim(const api::Value& container) {
    const auto& requests = container["resources"]["requests"];
    return {api::Quantity::from(requests["cpu"]).milli_value(), api::Quantity::from(requests["memory"]).value(),
            api::Quantity::from(requests["ephemeral-storage"]).value(), {}};
}

void raise(PodClaim& most, const PodClaim& other) {
    most.milli_cpu = std::max(most.milli_cpu, other.milli_cpu);
    most.memory = std::max(most.memory, other.memory);
    most.ephemeral_storage = std::max(most.ephemeral_storage, other.ephemeral_storage);
}

std::optional<Refusal> out_of(std::string_view resource, std::int64_t requested, std::int64_t used, std::int64_t capacity) {
    if (requested <= capacity - used || (requested == 0 && resource != "pods"))
        return std::nullopt;
    return Refusal{cat("OutOf", resource), cat("Node didn't have enough resource: ", resource, ", requested: ", requested,
                                               ", used: ", used, ", capacity: ", capacity)};
}

std::optional<Refusal> under_pressure(const AdmissionInput& input) {
    if ((!input.memory_pressure && !input.disk_pressure) || is_critical(input.pod))
        return std::nullopt;
    if (!input.disk_pressure) {
        if (qos_class(input.pod["spec"]) != "BestEffort")
            return std::nullopt;
        const auto taint = api::Value::object({{"key", "node.kubernetes.io/memory-pressure"}, {"effect", "NoSchedule"}});
        if (api::any_tolerates(input.pod["spec"]["tolerations"], taint))
            return std::nullopt;
    }
    const std::string_view conditions = !input.disk_pressure     ? "[MemoryPressure]"
                                        : !input.memory_pressure ? "[DiskPressure]"
                                                                 : "[DiskPressure MemoryPressure]";
    return Refusal{"Evicted", cat("The node had condition: ", conditions, ". ")};
}

// "TCP:80", or "TCP:80@10.0.0.1" where the Pod wants it at one address of the node.
std::string host_port(const api::Value& port) {
    const auto at = port["hostIP"].as_string();
    const auto text = cat(port["protocol"].as_string("TCP"), ":", port["hostPort"].as_int());
    return at.empty() || at == "0.0.0.0" || at == "::" ? text : cat(text, "@", at);
}

// pkg/scheduler/framework/types.go HostPortInfo: the same port meets at another address only when one of them wants all.
bool ports_meet(std::string_view one, std::string_view other) {
    const auto mark = one.find('@');
    const auto other_mark = other.find('@');
    if (mark == std::string_view::npos || other_mark == std::string_view::npos)
        return one.substr(0, mark) == other.substr(0, other_mark);
    return one == other;
}

// pkg/kubelet/sysctl/{safe_sysctls,allowlist}.go, without --allowed-unsafe-sysctls.
std::optional<Refusal> forbidden_sysctl(const api::Value& spec) {
    static constexpr std::string_view safe[] = {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem"};
    for (const auto& sysctl : spec["securityContext"]["sysctls"].items()) {
        const auto name = replace_all(sysctl["name"].as_string(), "/", ".");
        std::string_view why;
        if (std::find(std::begin(safe), std::end(safe), name) == std::end(safe))
            why = "not allowlisted";
        else if (name.starts_with("net.") && spec["hostNetwork"].as_bool())
            why = "not allowed with host net enabled";
        else if (!name.starts_with("net.") && spec["hostIPC"].as_bool())
            why = "not allowed with host ipc enabled";
        if (!why.empty())
            return Refusal{"SysctlForbidden", cat("forbidden sysctl: ", quoted(name), " ", why)};
    }
    return std::nullopt;
}

}  // namespace

void add_claim(PodClaim& sum, const PodClaim& part) {
    sum.milli_cpu += part.milli_cpu;
    sum.memory += part.memory;
    sum.ephemeral_storage += part.ephemeral_storage;
    sum.host_ports.insert(sum.host_ports.end(), part.host_ports.begin(), part.host_ports.end());
}

PodClaim pod_claim(const api::Value& spec) {
    PodClaim total;
    for (const auto& container : spec["containers"].items())
        add_claim(total, container_claim(container));
    // Init containers run one after another, beside the sidecars that started before them.
    PodClaim sidecars;
    PodClaim most;
    for (const auto& container : spec["initContainers"].items()) {
        PodClaim wanted = container_claim(container);
        if (is_sidecar(container)) {
            add_claim(total, wanted);
            add_claim(sidecars, wanted);
            wanted = sidecars;
        } else {
            add_claim(wanted, sidecars);
        }
        raise(most, wanted);
    }
    raise(total, most);
    const auto overhead = api::Value::object({{"resources", api::Value::object({{"requests", spec["overhead"]}})}});
    add_claim(total, container_claim(overhead));
    for (const auto& container : spec["containers"].items()) {
        for (const auto& port : container["ports"].items()) {
            if (port["hostPort"].as_int() > 0)
                total.host_ports.push_back(host_port(port));
        }
    }
    return total;
}

bool is_critical(const api::Value& pod) {
    const auto& annotations = pod["metadata"]["annotations"];
    const auto source = annotations["kubernetes.io/config.source"].as_string("api");
    return source != "api" || !annotations["kubernetes.io/config.mirror"].is_null() ||
           pod["spec"]["priority"].as_int() >= system_critical_priority;
}

std::optional<Refusal> refuse(const AdmissionInput& input) {
    if (auto refusal = under_pressure(input))
        return refusal;
    if (auto refusal = forbidden_sysctl(input.pod["spec"]))
        return refusal;
    const auto os = input.pod["spec"]["os"]["name"].as_string("linux");
    if (os != "linux")
        return Refusal{"PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"};
    const auto& room = input.allocatable;
    if (auto refusal = out_of("pods", 1, input.other_pods, api::Quantity::from(room["pods"]).value()))
        return refusal;
    if (auto refusal = out_of("cpu", input.claim.milli_cpu, input.others.milli_cpu, api::Quantity::from(room["cpu"]).milli_value()))
        return refusal;
    if (auto refusal = out_of("memory", input.claim.memory, input.others.memory, api::Quantity::from(room["memory"]).value()))
        return refusal;
    if (auto refusal = out_of("ephemeral-storage", input.claim.ephemeral_storage, input.others.ephemeral_storage,
                              api::Quantity::from(room["ephemeral-storage"]).value()))
        return refusal;
    if (!input.node.is_null() && !api::matches_required_node_affinity(input.pod["spec"], input.node))
        return Refusal{"NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"};
    for (const auto& port : input.claim.host_ports) {
        const auto& taken = input.others.host_ports;
        if (std::any_of(taken.begin(), taken.end(), [&](const std::string& other) { return ports_meet(port, other); }))
            return Refusal{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"};
    }
    return std::nullopt;
}

}  // namespace kubewalk::kubelet
