#include "core/api/kinds.h"

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr Scope cluster = Scope::cluster;
constexpr Scope namespaced = Scope::namespaced;
constexpr StatusSubresource no = StatusSubresource::no;
constexpr StatusSubresource yes = StatusSubresource::yes;

constexpr Kind table[] = {
    {"", "v1", "ConfigMap", "configmaps", "configmap", "cm", namespaced, no, "V1ConfigMap", ""},
    {"", "v1", "Endpoints", "endpoints", "endpoints", "ep", namespaced, no, "V1Endpoints", ""},
    {"", "v1", "Event", "events", "event", "ev", namespaced, no, "CoreV1Event", ""},
    {"", "v1", "Namespace", "namespaces", "namespace", "ns", cluster, yes, "V1Namespace", ""},
    {"", "v1", "Node", "nodes", "node", "no", cluster, yes, "V1Node", ""},
    {"", "v1", "Pod", "pods", "pod", "po", namespaced, yes, "V1Pod", "all"},
    {"", "v1", "Secret", "secrets", "secret", "", namespaced, no, "V1Secret", ""},
    {"", "v1", "Service", "services", "service", "svc", namespaced, yes, "V1Service", "all"},
    {"", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount", "sa", namespaced, no, "V1ServiceAccount", ""},
    {"apps", "v1", "DaemonSet", "daemonsets", "daemonset", "ds", namespaced, yes, "V1DaemonSet", "all"},
    {"apps", "v1", "Deployment", "deployments", "deployment", "deploy", namespaced, yes, "V1Deployment", "all"},
    {"apps", "v1", "ReplicaSet", "replicasets", "replicaset", "rs", namespaced, yes, "V1ReplicaSet", "all"},
    {"coordination.k8s.io", "v1", "Lease", "leases", "lease", "", namespaced, no, "V1Lease", ""},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice", "", namespaced, no,
     "V1EndpointSlice", ""},
};

const Kind& by_name(std::string_view kind) {
    for (const auto& entry : table)
        if (entry.kind == kind)
            return entry;
    return table[0];
}

bool lists(std::string_view names, std::string_view name) {
    for (auto candidate : split(names, ','))
        if (!candidate.empty() && candidate == name)
            return true;
    return false;
}

}  // namespace

namespace kind {
const Kind& namespaces = by_name("Namespace");
const Kind& nodes = by_name("Node");
const Kind& pods = by_name("Pod");
const Kind& services = by_name("Service");
const Kind& endpoints = by_name("Endpoints");
const Kind& endpoint_slices = by_name("EndpointSlice");
const Kind& deployments = by_name("Deployment");
const Kind& replica_sets = by_name("ReplicaSet");
const Kind& daemon_sets = by_name("DaemonSet");
const Kind& config_maps = by_name("ConfigMap");
const Kind& secrets = by_name("Secret");
const Kind& service_accounts = by_name("ServiceAccount");
const Kind& events = by_name("Event");
const Kind& leases = by_name("Lease");
}  // namespace kind

std::string Kind::api_version() const { return group.empty() ? std::string(version) : cat(group, "/", version); }

std::string Kind::group_resource() const { return group.empty() ? std::string(resource) : cat(resource, ".", group); }

std::span<const Kind> kinds() { return table; }

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
    for (const auto& entry : table)
        if (entry.kind == kind && entry.api_version() == api_version)
            return &entry;
    return nullptr;
}

const Kind* find_resource(std::string_view group, std::string_view version, std::string_view resource) {
    for (const auto& entry : table)
        if (entry.resource == resource && entry.group == group && entry.version == version)
            return &entry;
    return nullptr;
}

const Kind* find_by_any_name(std::string_view name) {
    const std::string wanted = to_lower(name);
    const auto dot = wanted.find('.');
    const std::string_view head = std::string_view(wanted).substr(0, dot);
    const std::string_view tail = dot == std::string::npos ? std::string_view() : std::string_view(wanted).substr(dot + 1);
    for (const auto& entry : table) {
        if (head != entry.resource && head != entry.singular && head != to_lower(entry.kind) &&
            !lists(entry.short_names, head))
            continue;
        if (tail.empty() || tail == entry.group || tail == cat(entry.version, ".", entry.group))
            return &entry;
    }
    return nullptr;
}

std::string collection_path(const Kind& kind, std::string_view namespace_name) {
    std::string path = kind.group.empty() ? cat("/api/", kind.version) : cat("/apis/", kind.group, "/", kind.version);
    if (kind.namespaced() && !namespace_name.empty())
        append(path, "/namespaces/", namespace_name);
    append(path, "/", kind.resource);
    return path;
}

std::string object_path(const Kind& kind, std::string_view namespace_name, std::string_view name) {
    return cat(collection_path(kind, namespace_name), "/", name);
}

std::string_view name_of(const Value& object) { return object["metadata"]["name"].as_string(); }
std::string_view namespace_of(const Value& object) { return object["metadata"]["namespace"].as_string(); }
std::string_view uid_of(const Value& object) { return object["metadata"]["uid"].as_string(); }
std::string_view resource_version_of(const Value& object) { return object["metadata"]["resourceVersion"].as_string(); }
bool is_deleting(const Value& object) { return !object["metadata"]["deletionTimestamp"].is_null(); }

std::string key_of(const Value& object) {
    const auto namespace_name = namespace_of(object);
    return namespace_name.empty() ? std::string(name_of(object)) : cat(namespace_name, "/", name_of(object));
}

NamespacedName split_key(std::string_view key) {
    const auto slash = key.find('/');
    if (slash == std::string_view::npos)
        return {{}, key};
    return {key.substr(0, slash), key.substr(slash + 1)};
}

const Value& controller_of(const Value& object) {
    for (const auto& owner : object["metadata"]["ownerReferences"].items())
        if (owner["controller"].as_bool())
            return owner;
    return null_value();
}

Value controller_ref(const Value& owner) {
    return Value::object({{"apiVersion", owner["apiVersion"]},
                          {"kind", owner["kind"]},
                          {"name", owner["metadata"]["name"]},
                          {"uid", owner["metadata"]["uid"]},
                          {"controller", true},
                          {"blockOwnerDeletion", true}});
}

}  // namespace kubewalk::api
