// The Node authorizer: a kubelet may read what the Pods bound to its node need, and nothing else of that kind.
// Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go, graph.go.

#include "core/apiserver/authorization.h"

#include <algorithm>

#include "core/apiserver/bootstrap_policy.h"
#include "core/apiserver/route.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

Decision allow() { return {true, "Node", nullptr}; }

Decision no_opinion(std::string reason) { return {false, {}, std::make_shared<const std::string>(std::move(reason))}; }

// "metadata.name=x" of a field selector, as a list or watch of one object has it.
std::string_view selected(std::string_view selector, std::string_view field) {
    for (const auto piece : split(selector, ',')) {
        const auto equals = piece.find('=');
        if (equals != std::string_view::npos && piece.substr(0, equals) == field)
            return piece.substr(piece.find_last_of('=') + 1);
    }
    return {};
}

bool volume_needs(const Value& volume, std::string_view resource, std::string_view name) {
    if (resource == "secrets") {
        if (volume["secret"]["secretName"].as_string() == name)
            return true;
    } else if (resource == "configmaps") {
        if (volume["configMap"]["name"].as_string() == name)
            return true;
    } else {
        return volume["persistentVolumeClaim"]["claimName"].as_string() == name;
    }
    for (const auto& source : volume["projected"]["sources"].items())
        if (source[resource == "secrets" ? "secret" : "configMap"]["name"].as_string() == name)
            return true;
    return false;
}

bool container_needs(const Value& container, std::string_view resource, std::string_view name) {
    const bool secrets = resource == "secrets";
    for (const auto& variable : container["env"].items())
        if (variable["valueFrom"][secrets ? "secretKeyRef" : "configMapKeyRef"]["name"].as_string() == name)
            return true;
    for (const auto& source : container["envFrom"].items())
        if (source[secrets ? "secretRef" : "configMapRef"]["name"].as_string() == name)
            return true;
    return false;
}

}  // namespace

bool Authorizer::pod_refers_to(const Value& pod, const Attributes& attributes) const {
    const auto resource = attributes.resource, name = attributes.name;
    const Value& spec = pod["spec"];
    if (resource == "serviceaccounts")
        return spec["serviceAccountName"].as_string() == name;
    if (resource == "persistentvolumes") {
        for (const auto& volume : spec["volumes"].items()) {
            const auto claim = volume["persistentVolumeClaim"]["claimName"].as_string();
            const auto* entry = claim.empty() ? nullptr : store_.get(store_key(api::kind::persistent_volume_claims, api::namespace_of(pod), claim));
            if (entry && entry->value["spec"]["volumeName"].as_string() == name)
                return true;
        }
        return false;
    }
    for (const auto& volume : spec["volumes"].items()) {
        if (volume_needs(volume, resource, name))
            return true;
        if (resource == "persistentvolumeclaims" && !volume["ephemeral"].is_null() && cat(api::name_of(pod), "-", volume["name"].as_string()) == name)
            return true;
    }
    if (resource == "secrets")
        for (const auto& secret : spec["imagePullSecrets"].items())
            if (secret["name"].as_string() == name)
                return true;
    for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
        for (const auto& container : spec[list].items())
            if (container_needs(container, resource, name))
                return true;
    return false;
}

// Which Pod it is that needs the object is remembered, so that asking again costs one look.
bool Authorizer::node_sees(const Attributes& attributes, std::string_view node) {
    const auto key = cat(node, '\n', attributes.resource, '\n', attributes.namespace_name, '/', attributes.name);
    const auto holds = [&](const Value& pod) { return pod["spec"]["nodeName"].as_string() == node && pod_refers_to(pod, attributes); };
    if (auto found = seen_by_node_.find(key); found != seen_by_node_.end()) {
        const auto* entry = store_.get(found->second);
        if (entry && holds(entry->value))
            return true;
        seen_by_node_.erase(found);
    }
    const auto prefix = store_prefix(api::kind::pods, attributes.namespace_name);
    for (auto it = store_.first(prefix); store_.within(it, prefix); ++it) {
        if (!holds(it->second.value))
            continue;
        seen_by_node_[key] = it->first;
        return true;
    }
    return false;
}

Decision Authorizer::authorize_node(const Attributes& attributes, std::string_view node) {
    const auto resource = attributes.resource, verb = attributes.verb, sub = attributes.subresource;
    const bool core = attributes.group.empty();
    const bool objects = core && (resource == "secrets" || resource == "configmaps" || resource == "persistentvolumeclaims" ||
                                  resource == "persistentvolumes" || (resource == "serviceaccounts" && sub == "token"));
    if (objects) {
        // A list or watch of one name counts as reading that object.
        Attributes one = attributes;
        if (one.name.empty())
            one.name = selected(attributes.field_selector, "metadata.name");
        if (resource == "serviceaccounts" && verb != "create")
            return no_opinion("can only create tokens for individual service accounts");
        if ((resource == "secrets" || resource == "configmaps") && verb != "get" && verb != "list" && verb != "watch")
            return no_opinion("can only read resources of this type");
        if (resource.starts_with("persistentvolume") && sub.empty() && verb != "get")
            return no_opinion("can only get individual resources of this type");
        if (one.name.empty())
            return no_opinion("No Object name found");
        if (node_sees(one, node))
            return allow();
        return no_opinion(cat("no relationship found between node '", node, "' and this object"));
    }
    if (attributes.group == "coordination.k8s.io" && resource == "leases") {
        if (attributes.namespace_name != "kube-node-lease")
            return no_opinion("can only access leases in the \"kube-node-lease\" system namespace");
        if (verb != "create" && attributes.name != node)
            return no_opinion("can only access node lease with the same name as the requesting node");
        return allow();
    }
    if (core && resource == "nodes" && sub.empty() && (verb == "get" || verb == "list" || verb == "watch")) {
        const auto name = attributes.name.empty() ? selected(attributes.field_selector, "metadata.name") : attributes.name;
        return name == node ? allow() : no_opinion(cat("node '", node, "' cannot read '", name, "', only its own Node object"));
    }
    if (core && resource == "pods" && sub.empty()) {
        if (verb == "get") {
            const auto* entry = store_.get(store_key(api::kind::pods, attributes.namespace_name, attributes.name));
            if (!entry || entry->value["spec"]["nodeName"].as_string() == node)
                return allow();  // of one that is gone there is nothing to tell
            return no_opinion(cat("no relationship found between node '", node, "' and this object"));
        }
        if ((verb == "list" || verb == "watch") && selected(attributes.field_selector, "spec.nodeName") != node)
            return no_opinion(cat("can only list/watch pods with spec.nodeName field selector"));
    }
    // No rule of a kubelet's names an object.
    key_.clear();
    append(key_, verb, '\n', attributes.group, '\n', resource, '/', sub, '\n', attributes.path);
    auto known = node_rules_.find(key_);
    if (known == node_rules_.end()) {
        const auto rules = node_rules().items();
        const bool any = std::any_of(rules.begin(), rules.end(), [&](const Value& rule) { return rule_allows(rule, attributes, Names::ignored); });
        if (node_rules_.size() >= 1000)
            node_rules_.clear();
        known = node_rules_.emplace(key_, any).first;
    }
    return known->second ? allow() : Decision();
}

}  // namespace kubewalk::apiserver
