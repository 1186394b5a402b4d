#pragma once
// From a Service, its Pods and the EndpointSlices that exist to the slices that should exist.
// Upstream: staging/src/k8s.io/endpointslice/{reconciler.go,utils.go}, util/controller_utils.go.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/controllers/controller_utils.h"
#include "core/controllers/endpointslice/topology_cache.h"

namespace kubewalk::controllers::endpointslice {

inline constexpr std::string_view controller_name = "endpointslice-controller.k8s.io";
inline constexpr std::string_view service_name_label = "kubernetes.io/service-name";
inline constexpr std::string_view managed_by_label = "endpointslice.kubernetes.io/managed-by";
inline constexpr std::string_view headless_label = "service.kubernetes.io/headless";
inline constexpr std::string_view trigger_time_annotation = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr int default_max_endpoints = 100;

struct Input {
    Value service;
    Objects pods;  // those the Service selects
    Objects slices;
    std::function<Value(std::string_view node)> node;  // null Value when unknown
    int max_endpoints = default_max_endpoints;
    std::string trigger_time;  // RFC 3339; "" removes the annotation
    TopologyCache* topology = nullptr;  // null: topology-mode is not heeded
};

// In the order they are to be sent. Created slices have generateName only.
struct Changes {
    Objects create;
    Objects update;
    Objects remove;
    std::vector<std::string> errors;  // Pods on unknown Nodes were left out: try again
    std::vector<Told> events;         // about the Service
};

Changes reconcile(const Input& input);
// As utilerrors.NewAggregate prints them: "a", "[a, b]".
std::string aggregate(const std::vector<std::string>& errors);

// -- parts that other controllers need as well ------------------------------------------------
bool should_pod_be_in_endpoints(const Value& pod, bool include_terminating);
// The hostname belongs to the endpoint when the Pod's subdomain is the Service's name.
bool should_set_hostname(const Value& pod, const Value& service);
// The container port a Service port leads to on this Pod.
std::optional<int> find_port(const Value& pod, const Value& service_port);

}  // namespace kubewalk::controllers::endpointslice
