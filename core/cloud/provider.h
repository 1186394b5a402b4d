#pragma once
// The provider's half of a cloud-controller-manager: what a Service and its Nodes mean to this cloud.
// Upstream's counterpart is k8s.io/cloud-provider (cloud.go: InstancesV2, LoadBalancer).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/cloud/cloud.h"

namespace kubewalk::cloud {

constexpr std::string_view provider_name = "kubewalk";

// Chooses how a Service's packets are passed on: "NodePort" (default), "Direct", "Proxy". A Service
// without node ports (allocateLoadBalancerNodePorts: false) can only be reached directly.
constexpr std::string_view forwarding_annotation = "loadbalancer.kubewalk.dev/forwarding";

// "kubewalk:///lab-1a/i-0c8f…"
std::string provider_id(const Instance& instance);
// The Node's instance: by spec.providerID, else by its name. Null when the cloud has none.
const Instance* instance_of(const Cloud& cloud, const api::Value& node);

// cloudprovider.DefaultLoadBalancerName: "a" and the uid without dashes, 32 characters.
std::string balancer_name(const api::Value& service);
// Error reason "InvalidParameter".
Result<BalancerRequest> balancer_request(const api::Value& service);
// status.loadBalancer.ingress
api::Value balancer_ingress(const Balancer& balancer);
// The instances of Nodes, those that the cloud knows.
std::vector<std::string> instance_ids(const Cloud& cloud, const std::vector<api::Value>& nodes);

}  // namespace kubewalk::cloud
