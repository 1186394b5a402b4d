#pragma once
// Inside of the reconciler: endpoints from Pods, slices from Services.
// Upstream: staging/src/k8s.io/endpointslice/utils.go.

#include <vector>

#include "core/controllers/endpointslice/reconciler.h"

namespace kubewalk::controllers::endpointslice {

std::vector<std::string> address_types(const Value& service);
Value endpoint_of(const Value& pod, const Value& node, const Value& service, std::string_view address_type);
Value ports_of(const Value& service, const Value& pod);
// The same for lists of ports that differ in order only.
std::string port_map_key(const Value& ports);
Value new_slice(const Value& service, const Value& ports, std::string_view address_type);
// The labels a slice should have, and whether those taken from the Service differ from what it has.
struct Labels {
    Value labels;
    bool changed = false;
};
Labels labels_of(const Value& slice, const Value& service);
bool owned_by(const Value& slice, const Value& service);
// Identity of an endpoint: its addresses, target, node and the like, not its conditions.
std::string endpoint_key(const Value& endpoint);
bool same_endpoint(const Value& a, const Value& b);
// Hints as spec.trafficDistribution asks for (trafficdist/trafficdist.go). True when something changed.
bool set_hints(Value& slice, const Value& service);
void set_trigger_time(Value& slice, const std::string& trigger_time);

}  // namespace kubewalk::controllers::endpointslice
