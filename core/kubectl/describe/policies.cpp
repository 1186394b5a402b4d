// NetworkPolicy, PodDisruptionBudget, PriorityClass. Upstream: k8s.io/kubectl/pkg/describe/describe.go
// (describeNetworkPolicy, describePodDisruptionBudgetV1, describePriorityClass).

#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

constexpr std::string_view indent = "    ";

// How ingress and egress rules differ in words.
struct Way {
    std::string_view rules;   // "ingress"
    std::string_view peers;   // "from"
    std::string_view title;   // "From"
    std::string_view open;    // where no peer is named
};
constexpr Way ways[] = {{"ingress", "from", "From", "traffic not restricted by source"},
                        {"egress", "to", "To", "traffic not restricted by destination"}};

void ports(Writer& w, const Value& list) {
    if (list.empty())
        return w.line(0, indent, "To Port: <any> (traffic allowed to all ports)");
    for (const auto& port : list.items()) {
        const auto protocol = port["protocol"].as_string("TCP");
        const auto number = port["port"].is_null() ? std::string("<nil>") : api::int_or_string_text(port["port"]);
        if (port["endPort"].is_null())
            w.line(0, indent, "To Port: ", number, "/", protocol);
        else
            w.line(0, indent, "To Port Range: ", number, "-", port["endPort"].as_int(), "/", protocol);
    }
}

void peer(Writer& w, const Value& peer) {
    const auto& pods = peer["podSelector"];
    const auto& namespaces = peer["namespaceSelector"];
    if (!namespaces.is_null())
        w.line(1, indent, "NamespaceSelector: ", api::format_label_selector(namespaces));
    if (!pods.is_null())
        w.line(1, indent, "PodSelector: ", api::format_label_selector(pods));
    if (!pods.is_null() || !namespaces.is_null() || peer["ipBlock"].is_null())
        return;
    w.line(1, indent, "IPBlock:");
    w.line(2, indent, "CIDR: ", peer["ipBlock"]["cidr"].as_string());
    w.line(2, indent, "Except: ", joined(peer["ipBlock"]["except"], ", "));
}

void rules(Writer& w, const Value& list, const Way& way) {
    if (list.empty())
        return w.line(0, indent, "<none> (Selected pods are isolated for ", way.rules, " connectivity)");
    for (std::size_t i = 0; i < list.size(); ++i) {
        ports(w, list[i]["ports"]);
        if (list[i][way.peers].empty())
            w.line(0, indent, way.title, ": <any> (", way.open, ")");
        for (const auto& entry : list[i][way.peers].items()) {
            w.line(0, indent, way.title, ":");
            peer(w, entry);
        }
        if (i + 1 < list.size())
            w.line(0, indent, "----------");
    }
}

bool affects(const Value& types, std::string_view rules) {
    for (const auto& type : types.items())
        if (to_lower(type.as_string()) == rules)
            return true;
    return false;
}

// metav1.Time printed by %s: "2017-06-04 21:45:56 +0000 UTC".
std::string go_time(const Value& timestamp) {
    const auto text = timestamp.as_string();
    return text.size() < 20 ? std::string(text) : cat(text.substr(0, 10), " ", text.substr(11, 8), " +0000 UTC");
}

}  // namespace

void network_policy(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "Created on:\t", go_time(object["metadata"]["creationTimestamp"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Spec:");
    w.write(1, "PodSelector: ");
    const auto& selector = spec["podSelector"];
    const bool all = selector["matchLabels"].empty() && selector["matchExpressions"].empty();
    w.line(2, all ? std::string("<none> (Allowing the specific traffic to all pods in this namespace)") : api::format_label_selector(selector));
    for (const auto& way : ways) {
        if (!affects(spec["policyTypes"], way.rules)) {
            w.line(1, "Not affecting ", way.rules, " traffic");
            continue;
        }
        w.line(1, "Allowing ", way.rules, " traffic:");
        rules(w, spec[way.rules], way);
    }
    w.line(1, "Policy Types: ", or_none(joined(spec["policyTypes"], ", ")));
}

void disruption_budget(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    const auto& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    if (!spec["minAvailable"].is_null())
        w.line(0, "Min available:\t", api::int_or_string_text(spec["minAvailable"]));
    else if (!spec["maxUnavailable"].is_null())
        w.line(0, "Max unavailable:\t", api::int_or_string_text(spec["maxUnavailable"]));
    w.line(0, "Selector:\t", spec["selector"].is_null() ? std::string("<unset>") : api::format_label_selector(spec["selector"]));
    w.line(0, "Status:");
    const auto& status = object["status"];
    w.line(2, "Allowed disruptions:\t", status["disruptionsAllowed"].as_int());
    w.line(2, "Current:\t", status["currentHealthy"].as_int());
    w.line(2, "Desired:\t", status["desiredHealthy"].as_int());
    w.line(2, "Total:\t", status["expectedPods"].as_int());
    events(w, subject);
}

void priority_class(const Subject& subject, Writer& w) {
    const auto& object = subject.object;
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Value:\t", object["value"].as_int());
    w.line(0, "GlobalDefault:\t", object["globalDefault"].as_bool());
    w.line(0, "PreemptionPolicy:\t", object["preemptionPolicy"].as_string());
    w.line(0, "Description:\t", object["description"].as_string());
    w.line(0, "Annotations:\t", format_labels(object["metadata"]["annotations"]));
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
