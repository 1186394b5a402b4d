#pragma once
// The roles and bindings that an API server with RBAC makes when it starts, and the system's priority classes.
// Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy,namespace_policy}.go,
// pkg/registry/{rbac,scheduling}/rest (post-start hooks).

#include <span>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/value.h"

namespace kubewalk::apiserver {

struct BootstrapObject {
    const api::Kind* kind;
    api::Value object;  // with apiVersion, kind and metadata (name, namespace, labels, annotations)
};

// All of them, in the order in which they are made.
std::vector<BootstrapObject> bootstrap_objects();
// The rules of system:node, which the Node authorizer grants as well.
const api::Value& node_rules();

// -- the tables, bootstrap_policy_tables.cpp ---------------------------------------------------
// Rules, one a line: "verbs; groups; resources; names", each a list with commas; the group "core" stands for "".
// A group "url": the third part are paths.
struct BootstrapRole {
    std::string_view name;            // "system:controller:x": also bound to the service account x of kube-system
    std::string_view namespace_name;  // empty: a ClusterRole
    std::string_view rules;
    std::string_view label = {};      // "aggregate-to-view": gets that label
    std::string_view aggregates = {}; // and collects the roles with that label
};
struct BootstrapBinding {
    std::string_view name;
    std::string_view namespace_name;  // empty: a ClusterRoleBinding
    std::string_view role;
    std::string_view subjects;  // "Group:x,User:y,ServiceAccount:ns/z"
};
std::span<const BootstrapRole> bootstrap_roles();
std::span<const BootstrapBinding> bootstrap_bindings();

}  // namespace kubewalk::apiserver
