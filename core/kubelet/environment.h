#pragma once
// The environment of a container: its env and envFrom, then the Services.
// Upstream: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), pkg/kubelet/envvars/envvars.go.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::kubelet {

using EnvVar = std::pair<std::string, std::string>;
using EnvMap = std::map<std::string, std::string>;

// Where ConfigMaps and Secrets come from. Errors: reason "NotFound" with the kubelet's wording.
class ObjectSource {
public:
    virtual ~ObjectSource() = default;
    virtual Result<api::Value> config_map(std::string_view namespace_name, std::string_view name) = 0;
    virtual Result<api::Value> secret(std::string_view namespace_name, std::string_view name) = 0;
};

// What the node knows besides the Pod object.
struct EnvironmentInput {
    const std::vector<api::Value>& services;  // all of the cluster
    bool services_synced = true;
    std::vector<std::string> pod_ips;   // as the runtime reports them
    std::vector<std::string> host_ips;
    const api::Value& node_allocatable;  // for limits that are not set
    ObjectSource& objects;
};

// envvars.FromServices: {NAME}_SERVICE_HOST, _SERVICE_PORT and the Docker-link variables, in order.
std::vector<EnvVar> service_environment(const std::vector<api::Value>& services);

// Services whose variables a Pod of this namespace gets: those of its own namespace unless
// enableServiceLinks is false, and always default/kubernetes.
std::vector<api::Value> linked_services(const std::vector<api::Value>& services, std::string_view namespace_name,
                                        bool enable_service_links);

// The whole environment of a container. Error: the message of a CreateContainerConfigError.
Result<EnvMap> container_environment(const api::Value& pod, const api::Value& container, const EnvironmentInput& input);

// One IP per family, the node's own family first (sortPodIPs).
std::vector<std::string> sort_pod_ips(const std::vector<std::string>& ips, const std::vector<std::string>& host_ips);

// A downward API field: "metadata.name", "metadata.labels['app']", "status.podIP", ...
Result<std::string> field_value(const api::Value& pod, std::string_view path, const EnvironmentInput& input);
// A resourceFieldRef; `container` is the one it names (or its own).
Result<std::string> resource_value(const api::Value& container, const api::Value& selector,
                                   const api::Value& node_allocatable);

}  // namespace kubewalk::kubelet
