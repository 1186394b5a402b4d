#pragma once
// The table of kinds: names, paths, scope. A new kind is one line in kinds.cpp (and its rules in
// core/api/rules/). Upstream: each group's register.go and the API discovery documents.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::api {

enum class Scope : unsigned char { cluster, namespaced };
enum class StatusSubresource : unsigned char { no, yes };

struct Kind {
    std::string_view group;     // "" for core
    std::string_view version;   // "v1"
    std::string_view kind;      // "Deployment"
    std::string_view resource;  // "deployments": the plural in paths
    std::string_view singular;  // "deployment"
    std::string_view short_names;  // "deploy", several separated by commas
    Scope scope = Scope::namespaced;
    StatusSubresource status = StatusSubresource::no;
    std::string_view schema;      // "V1Deployment" in the generated schema
    std::string_view categories;  // "all" where kubectl get all lists it
    std::string_view list_kind = {};   // of a custom kind that names its own; else Kind + "List"
    std::string_view selectable = {};  // of a custom kind: its selectableFields, without the dot, separated by commas

    bool namespaced() const { return scope == Scope::namespaced; }
    std::string api_version() const;     // "apps/v1", "v1"
    std::string list() const;            // the kind of its lists: "DeploymentList"
    std::string group_resource() const;  // "deployments.apps", "pods": as error messages name it
};

std::span<const Kind> kinds();
// Null when unknown.
const Kind* find_kind(std::string_view api_version, std::string_view kind);
const Kind* find_resource(std::string_view group, std::string_view version, std::string_view resource);
// What kubectl accepts: plural, singular, short name or kind in any case, each also with ".group".
const Kind* find_by_any_name(std::string_view name);

// "/apis/apps/v1/namespaces/sock-shop/deployments"; an empty namespace means all of them.
std::string collection_path(const Kind& kind, std::string_view namespace_name);
std::string object_path(const Kind& kind, std::string_view namespace_name, std::string_view name);

// Shorthands for the kinds the components use; each is a reference into the table.
namespace kind {
extern const Kind& namespaces;
extern const Kind& nodes;
extern const Kind& pods;
extern const Kind& services;
extern const Kind& endpoints;
extern const Kind& endpoint_slices;
extern const Kind& deployments;
extern const Kind& replica_sets;
extern const Kind& daemon_sets;
extern const Kind& config_maps;
extern const Kind& secrets;
extern const Kind& service_accounts;
extern const Kind& events;
extern const Kind& leases;
extern const Kind& limit_ranges;
extern const Kind& persistent_volume_claims;
extern const Kind& persistent_volumes;
extern const Kind& replication_controllers;
extern const Kind& resource_quotas;
extern const Kind& controller_revisions;
extern const Kind& stateful_sets;
extern const Kind& horizontal_pod_autoscalers;
extern const Kind& cron_jobs;
extern const Kind& jobs;
extern const Kind& ingress_classes;
extern const Kind& ingresses;
extern const Kind& network_policies;
extern const Kind& pod_disruption_budgets;
extern const Kind& cluster_role_bindings;
extern const Kind& cluster_roles;
extern const Kind& role_bindings;
extern const Kind& roles;
extern const Kind& priority_classes;
extern const Kind& storage_classes;
extern const Kind& api_services;
extern const Kind& volume_attachments;
extern const Kind& certificate_signing_requests;
extern const Kind& flow_schemas;
extern const Kind& priority_level_configurations;
}  // namespace kind

// metadata, read from any object.
std::string_view name_of(const Value& object);
std::string_view namespace_of(const Value& object);
std::string_view uid_of(const Value& object);
std::string_view resource_version_of(const Value& object);
bool is_deleting(const Value& object);       // metadata.deletionTimestamp is set
std::string key_of(const Value& object);     // "namespace/name", or "name"
// Splits "namespace/name" or "name".
struct NamespacedName {
    std::string_view namespace_name;
    std::string_view name;
};
NamespacedName split_key(std::string_view key);
// The ownerReference with controller: true, or null.
const Value& controller_of(const Value& object);
// An ownerReference with controller and blockOwnerDeletion set (metav1.NewControllerRef).
Value controller_ref(const Value& owner);

}  // namespace kubewalk::api
