#pragma once
// The parts of a PodSpec's rules, shared by the pod_*.cpp files only.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// What only a Pod gets, and its spec's defaults.
void default_pod(Value& pod);
// "Always" for the tag "latest" (also when it goes without saying), else "IfNotPresent".
std::string_view default_pull_policy(std::string_view image);

// What a spec's parts must know of the whole.
struct PodScope {
    const Value& spec;
    std::string_view pod_name;  // empty for a template
    bool is_pod = false;        // a Pod itself, not a template

    bool host_users() const { return spec["hostUsers"].as_bool(true); }
};

// Returns the volumes without fault by name: only those can be mounted.
Value validate_volumes(const PodScope& scope, const Path& path, FieldErrors& errors);
// Whose source it is: some drivers ask more of a PersistentVolume, and some count the name's letters.
struct SourceOwner {
    enum class Kind : std::uint8_t { pod, persistent_volume };
    Kind kind = Kind::pod;
    std::string_view name;  // the volume's
};
// One source of a volume: "hostPath", "nfs", ...
void validate_source(std::string_view kind, const Value& source, const SourceOwner& owner, const Path& path,
                     FieldErrors& errors);
// One that is made of files: secret, configMap, downwardAPI, projected (pod_files.cpp).
void validate_files_source(std::string_view kind, const Value& source, const Path& path, FieldErrors& errors);
// A source that is a storage driver's: what it must say (volume_drivers.cpp).
void validate_driver(std::string_view kind, const Value& source, const SourceOwner& owner, const Path& path,
                     FieldErrors& errors);
// The sources that Pods and PersistentVolumes share: hostPath and the drivers of old.
void default_shared_volumes(Value& owner);
void validate_field_ref(const Value& field, bool in_volume, const Path& path, FieldErrors& errors);
void validate_resource_field_ref(const Value& field, bool in_volume, const Path& path, FieldErrors& errors);
// "must be a relative path", "must not contain '..'".
void validate_descending_path(std::string_view target, const Path& path, FieldErrors& errors);
void validate_no_backsteps(std::string_view target, const Path& path, FieldErrors& errors);

// containers, initContainers and ephemeralContainers; `path` is the spec's.
void validate_containers(const PodScope& scope, const Value& volumes, const Path& path, FieldErrors& errors);
void validate_mounts(const Value& container, const Value& volumes, const Path& path, FieldErrors& errors);
void validate_resources(const Value& resources, const Value& spec, const Path& path, FieldErrors& errors);
// Names of resources: of containers, and of quotas and limits in general.
void validate_container_resource_name(std::string_view name, const Path& path, FieldErrors& errors);
void validate_resource_name(std::string_view name, const Path& path, FieldErrors& errors);
bool is_standard_resource_name(std::string_view name);
// False for what cannot be promised twice: huge pages, devices.
bool may_overcommit_resource(std::string_view name);
void validate_resource_amount(std::string_view name, const Value& amount, const Path& path, FieldErrors& errors);
void validate_env(const Value& container, const Path& path, FieldErrors& errors);
void validate_probes(const Value& container, const Value& spec, const Path& path, FieldErrors& errors);

void validate_security_context(const Value& context, const PodScope& scope, const Path& path, FieldErrors& errors);
// securityContext and what host namespaces ask for; `path` is the spec's.
void validate_pod_security(const PodScope& scope, const Path& path, FieldErrors& errors);

// Windows' own part of a security context, and containers that are the node's processes; `path` is the spec's.
void validate_windows_options(const Value& options, const Path& path, FieldErrors& errors);
void validate_host_process(const Value& spec, const Path& path, FieldErrors& errors);

// spec.os; `path` is the spec's.
void validate_os(const Value& spec, const Path& path, FieldErrors& errors);

void validate_node_selector(const Value& selector, const Path& path, FieldErrors& errors);
void validate_affinity(const Value& affinity, const Path& path, FieldErrors& errors);
void validate_tolerations(const Value& tolerations, const Path& path, FieldErrors& errors);
void validate_topology_spread(const Value& constraints, const Path& path, FieldErrors& errors);

// What the Pod's containers together ask for: the init containers one after the other, sidecars beside them.
Value pod_container_requests(const Value& spec);

// Annotations with a meaning to Pods; `path` is theirs.
void validate_pod_annotations(const Value& annotations, const Value& spec, const Path& path, FieldErrors& errors);

// On create the old seccomp and AppArmor annotations must agree with the fields; `path` is the spec's.
void validate_profiles_match(const Value& annotations, const Value& spec, const Path& path, FieldErrors& errors);

void validate_pod_spec(const PodScope& scope, const Path& path, FieldErrors& errors);

// Of a resize: nothing but cpu and memory differ, nothing is taken away, the QoS class stays.
void validate_resized_spec(const Value& pod, const Value& old, FieldErrors& errors);

}  // namespace kubewalk::api
