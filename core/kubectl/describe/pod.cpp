#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

// Of status.qosClass; a Pod that has none yet would get it at creation.
std::string qos_class(const Value& pod) { return pod["status"]["qosClass"].str("BestEffort"); }

void status_lines(Writer& w, const Value& pod, Time now) {
    const auto& status = pod["status"];
    const auto phase = status["phase"].as_string();
    if (api::is_deleting(pod) && phase != "Failed" && phase != "Succeeded") {
        w.line(0, "Status:\tTerminating (lasts ", since(pod["metadata"]["deletionTimestamp"], now), ")");
        w.line(0, "Termination Grace Period:\t", pod["metadata"]["deletionGracePeriodSeconds"].as_int(), "s");
    } else {
        w.line(0, "Status:\t", phase);
    }
    if (const auto reason = status["reason"].as_string(); !reason.empty())
        w.line(0, "Reason:\t", reason);
    if (const auto message = status["message"].as_string(); !message.empty())
        w.line(0, "Message:\t", message);
    if (const auto& profile = pod["spec"]["securityContext"]["seccompProfile"]; !profile.is_null()) {
        w.line(0, "SeccompProfile:\t", profile["type"].as_string());
        if (profile["type"].as_string() == "Localhost")
            w.line(0, "LocalhostProfile:\t", profile["localhostProfile"].as_string());
    }
}

void addresses(Writer& w, const Value& status) {
    w.line(0, "IP:\t", status["podIP"].as_string());
    if (status["podIPs"].empty())
        return w.line(0, "IPs:\t<none>");
    w.line(0, "IPs:");
    for (const auto& entry : status["podIPs"].items())
        w.line(1, "IP:\t", entry["ip"].as_string());
}

std::string condition_status(const Value& pod, std::string_view type) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition["status"].str();
    return "<none>";
}

void readiness_gates(Writer& w, const Value& pod) {
    const auto& gates = pod["spec"]["readinessGates"];
    if (gates.empty())
        return;
    w.line(0, "Readiness Gates:\n  Type\tStatus");
    for (const auto& gate : gates.items()) {
        const auto type = gate["conditionType"].as_string();
        w.line(1, type, " \t", condition_status(pod, type), " ");
    }
}

}  // namespace

void pod(const Subject& subject, Writer& w) {
    const Value& pod = subject.object;
    const auto& spec = pod["spec"];
    const auto& status = pod["status"];
    w.line(0, "Name:\t", api::name_of(pod));
    w.line(0, "Namespace:\t", api::namespace_of(pod));
    if (!spec["priority"].is_null())
        w.line(0, "Priority:\t", spec["priority"].as_int());
    if (const auto name = spec["priorityClassName"].as_string(); !name.empty())
        w.line(0, "Priority Class Name:\t", name);
    if (const auto name = spec["runtimeClassName"].as_string(); !name.empty())
        w.line(0, "Runtime Class Name:\t", name);
    if (const auto name = spec["serviceAccountName"].as_string(); !name.empty())
        w.line(0, "Service Account:\t", name);
    const auto node = spec["nodeName"].as_string();
    w.line(0, "Node:\t", node.empty() ? std::string("<none>") : cat(node, "/", status["hostIP"].as_string()));
    if (!status["startTime"].is_null())
        w.line(0, "Start Time:\t", rfc1123(status["startTime"]));
    labels(w, "Labels", pod["metadata"]["labels"]);
    annotations(w, "Annotations", pod["metadata"]["annotations"]);
    status_lines(w, pod, subject.now);
    addresses(w, status);
    if (const auto owner = controller(pod); !owner.empty())
        w.line(0, "Controlled By:\t", owner);
    if (const auto name = status["nominatedNodeName"].as_string(); !name.empty())
        w.line(0, "NominatedNodeName:\t", name);
    if (!spec["resources"].is_null()) {
        w.line(0, "Resources:");
        resources(w, spec["resources"], 1);
    }
    if (!spec["initContainers"].empty())
        containers(w, "Init Containers", spec["initContainers"], status["initContainerStatuses"], pod, Inside::pod);
    containers(w, "Containers", spec["containers"], status["containerStatuses"], pod, Inside::pod);
    if (!spec["ephemeralContainers"].empty())
        containers(w, "Ephemeral Containers", spec["ephemeralContainers"], status["ephemeralContainerStatuses"], pod, Inside::pod);
    readiness_gates(w, pod);
    if (!status["conditions"].empty()) {
        w.line(0, "Conditions:\n  Type\tStatus");
        for (const auto& condition : status["conditions"].items())
            w.line(1, condition["type"].as_string(), " \t", condition["status"].as_string(), " ");
    }
    volumes(w, spec["volumes"], Inside::pod);
    w.line(0, "QoS Class:\t", qos_class(pod));
    labels(w, "Node-Selectors", spec["nodeSelector"]);
    tolerations(w, "Tolerations", spec["tolerations"]);
    topology_spread(w, spec["topologySpreadConstraints"], Inside::pod);
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
