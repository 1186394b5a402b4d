#include "core/apiserver/bootstrap_policy.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view group = "rbac.authorization.k8s.io";
constexpr std::string_view controller_prefix = "system:controller:";

Value list_of(std::string_view text, bool groups = false) {
    std::vector<std::string_view> words;
    for (const auto word : split(text, ','))
        words.push_back(groups && word == "core" ? std::string_view() : word);
    std::sort(words.begin(), words.end());
    Value list = Value::array();
    for (const auto word : words)
        list.push_back(word);
    return list;
}

Value rules_of(std::string_view text) {
    Value rules = Value::array();
    for (const auto line : split(text, '\n')) {
        std::vector<std::string_view> parts;
        for (const auto part : split(line, ';'))
            parts.push_back(trim(part));
        if (parts.size() < 3)
            continue;
        Value rule = Value::object({{"verbs", list_of(parts[0])}});
        if (parts[1] == "url") {
            rule.set("nonResourceURLs", list_of(parts[2]));
        } else {
            rule.set("apiGroups", list_of(parts[1], true));
            rule.set("resources", list_of(parts[2]));
        }
        if (parts.size() > 3)
            rule.set("resourceNames", list_of(parts[3]));
        rules.push_back(std::move(rule));
    }
    return rules;
}

Value metadata_of(std::string_view name, std::string_view namespace_name) {
    Value metadata = Value::object({{"name", name},
                                    {"labels", Value::object({{"kubernetes.io/bootstrapping", "rbac-defaults"}})},
                                    {"annotations", Value::object({{"rbac.authorization.kubernetes.io/autoupdate", "true"}})}});
    if (!namespace_name.empty())
        metadata.set("namespace", namespace_name);
    return metadata;
}

Value object_of(const api::Kind& kind, Value metadata) {
    return Value::object({{"apiVersion", kind.api_version()}, {"kind", kind.kind}, {"metadata", std::move(metadata)}});
}

BootstrapObject role_of(const BootstrapRole& role) {
    const auto& kind = role.namespace_name.empty() ? api::kind::cluster_roles : api::kind::roles;
    Value metadata = metadata_of(role.name, role.namespace_name);
    if (!role.label.empty())
        metadata.edit("labels").set(cat(group, "/", role.label), "true");
    Value object = object_of(kind, std::move(metadata));
    object.set("rules", role.aggregates.empty() ? rules_of(role.rules) : Value());
    if (!role.aggregates.empty())
        object.set("aggregationRule",
                   Value::object({{"clusterRoleSelectors",
                                   Value::array({Value::object({{"matchLabels", Value::object({{cat(group, "/", role.aggregates), "true"}})}})})}}));
    return {&kind, std::move(object)};
}

Value subject_of(std::string_view text) {
    const auto colon = text.find(':');
    const auto kind = text.substr(0, colon), name = text.substr(colon + 1);
    if (kind != "ServiceAccount")
        return Value::object({{"apiGroup", group}, {"kind", kind}, {"name", name}});
    const auto [space, account] = api::split_key(name);
    return Value::object({{"kind", kind}, {"name", account}, {"namespace", space}});
}

BootstrapObject binding_of(const BootstrapBinding& binding) {
    const bool of_cluster = binding.namespace_name.empty();
    const auto& kind = of_cluster ? api::kind::cluster_role_bindings : api::kind::role_bindings;
    Value object = object_of(kind, metadata_of(binding.name, binding.namespace_name));
    object.set("roleRef", Value::object({{"apiGroup", group}, {"kind", of_cluster ? "ClusterRole" : "Role"}, {"name", binding.role}}));
    for (const auto subject : split(binding.subjects, ','))
        if (!subject.empty())
            object.edit("subjects").push_back(subject_of(subject));
    return {&kind, std::move(object)};
}

// Upstream: pkg/apis/scheduling/v1/helpers.go (systemPriorityClasses).
BootstrapObject priority_class(std::string_view name, std::int64_t value, std::string_view description) {
    const auto& kind = api::kind::priority_classes;
    Value object = object_of(kind, Value::object({{"name", name}, {"generation", 1}}));
    object.set("value", value);
    object.set("description", description);
    object.set("preemptionPolicy", "PreemptLowerPriority");
    return {&kind, std::move(object)};
}

}  // namespace

std::vector<BootstrapObject> bootstrap_objects() {
    std::vector<BootstrapObject> objects;
    for (const auto& role : bootstrap_roles())
        objects.push_back(role_of(role));
    for (const auto& binding : bootstrap_bindings())
        objects.push_back(binding_of(binding));
    for (const auto& role : bootstrap_roles()) {
        if (!role.namespace_name.empty() || !role.name.starts_with(controller_prefix))
            continue;
        const auto subject = cat("ServiceAccount:kube-system/", role.name.substr(controller_prefix.size()));
        objects.push_back(binding_of({role.name, {}, role.name, subject}));
    }
    objects.push_back(priority_class("system-node-critical", 2'000'001'000,
                                     "Used for system critical pods that must not be moved from their current node."));
    objects.push_back(priority_class("system-cluster-critical", 2'000'000'000,
                                     "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."));
    return objects;
}

const Value& node_rules() {
    static const Value rules = [] {
        for (const auto& role : bootstrap_roles())
            if (role.name == "system:node")
                return rules_of(role.rules);
        return Value();
    }();
    return rules;
}

}  // namespace kubewalk::apiserver
