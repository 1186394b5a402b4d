#pragma once
// Which nodes a Pod may stand on: taints and tolerations, node selectors and node affinity. Shared by the
// scheduler, the DaemonSet controller and the kubelet's admission.
// Upstream: k8s.io/component-helpers/scheduling/corev1 (helpers.go, nodeaffinity/nodeaffinity.go).

#include <string_view>

#include "core/api/value.h"

namespace kubewalk::api {

bool tolerates(const Value& toleration, const Value& taint);
bool any_tolerates(const Value& tolerations, const Value& taint);

// Which taints a question is about.
enum class TaintEffects : unsigned char {
    no_schedule_or_execute,  // keep new Pods away
    no_execute,              // drive running Pods away
    prefer_no_schedule,
};
bool has_effect(const Value& taint, TaintEffects effects);
// The first taint with one of these effects that no toleration covers, or null.
const Value& find_untolerated_taint(const Value& taints, const Value& tolerations, TaintEffects effects);

// A NodeSelectorTerm (matchExpressions over labels, matchFields over metadata.name). An empty term matches nothing.
bool matches_node_selector_term(const Value& term, const Value& node);
// A NodeSelector: any of its terms.
bool matches_node_selector(const Value& node_selector, const Value& node);
// spec.nodeSelector and the required part of spec.affinity.nodeAffinity together.
bool matches_required_node_affinity(const Value& pod_spec, const Value& node);

}  // namespace kubewalk::api
