#include "core/apiserver/authorization.h"

#include <algorithm>

#include "core/apiserver/bootstrap_policy.h"
#include "core/apiserver/route.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::size_t remembered_limit = 20'000;

bool has(const Value& list, std::string_view text) {
    for (const auto& entry : list.items())
        if (entry.as_string() == text)
            return true;
    return false;
}

// "pods/log" is also covered by "*/log" (ResourceMatches).
bool resource_matches(const Value& resources, const Attributes& attributes) {
    const auto& [resource, sub] = std::pair(attributes.resource, attributes.subresource);
    for (const auto& entry : resources.items()) {
        const auto text = entry.as_string();
        if (text == "*")
            return true;
        const auto slash = text.find('/');
        if (slash == std::string_view::npos ? sub.empty() && text == resource
                                            : text.substr(slash + 1) == sub && (text.substr(0, slash) == resource || text.substr(0, slash) == "*"))
            return true;
    }
    return false;
}

bool path_matches(const Value& urls, std::string_view path) {
    for (const auto& entry : urls.items()) {
        const auto url = entry.as_string();
        if (url == "*" || url == path || (url.ends_with('*') && path.starts_with(url.substr(0, url.size() - 1))))
            return true;
    }
    return false;
}

// The subject by which a binding applies to the user, or null.
const Value& subject_for(const Value& binding, const UserInfo& user, std::string_view binding_namespace) {
    const auto account = service_account_of(user.name);
    for (const auto& subject : binding["subjects"].items()) {
        const auto kind = subject["kind"].as_string(), name = subject["name"].as_string();
        if (kind == "User" && name == user.name)
            return subject;
        if (kind == "Group" && user.in_group(name))
            return subject;
        if (kind == "ServiceAccount" && !account.name.empty() && name == account.name &&
            subject["namespace"].as_string(binding_namespace) == account.namespace_name)
            return subject;
    }
    return api::null_value();
}

std::string describe(const Value& subject, std::string_view binding_namespace) {
    const auto name = subject["name"].as_string();
    if (subject["kind"].as_string() == "ServiceAccount")
        return cat("ServiceAccount ", quoted(cat(name, "/", subject["namespace"].as_string(binding_namespace))));
    return cat(subject["kind"].as_string(), " ", quoted(name));
}

}  // namespace

bool rule_allows(const Value& rule, const Attributes& attributes, Names names) {
    const Value& verbs = rule["verbs"];
    if (!has(verbs, "*") && !has(verbs, attributes.verb))
        return false;
    if (attributes.resource.empty())
        return path_matches(rule["nonResourceURLs"], attributes.path);
    const Value& groups = rule["apiGroups"];
    if (!has(groups, "*") && !has(groups, attributes.group))
        return false;
    if (!resource_matches(rule["resources"], attributes))
        return false;
    return names == Names::ignored || rule["resourceNames"].empty() || has(rule["resourceNames"], attributes.name);
}

std::string refusal_of(const Attributes& attributes) {
    const auto who = cat("User ", quoted(attributes.user.name), " cannot ", attributes.verb, " ");
    if (attributes.resource.empty())
        return cat(who, "path ", quoted(attributes.path));
    std::string resource(attributes.resource);
    if (!attributes.subresource.empty())
        append(resource, "/", attributes.subresource);
    const auto what = cat(who, "resource ", quoted(resource), " in API group ", quoted(attributes.group));
    return attributes.namespace_name.empty() ? cat(what, " at the cluster scope")
                                             : cat(what, " in the namespace ", quoted(attributes.namespace_name));
}

void Authorizer::forget() {
    grants_.clear();
    decisions_.clear();
    seen_by_node_.clear();
}

const std::vector<Authorizer::Grant>& Authorizer::grants_of(const UserInfo& user) {
    std::string key = user.name;
    for (const auto& group : user.groups)
        append(key, '\n', group);
    if (auto found = grants_.find(key); found != grants_.end())
        return found->second;
    std::vector<Grant> grants;
    for (const auto* kind : {&api::kind::cluster_role_bindings, &api::kind::role_bindings}) {
        const auto prefix = store_prefix(*kind, {});
        for (auto it = store_.first(prefix); store_.within(it, prefix); ++it) {
            const Value& binding = it->second.value;
            const auto space = api::namespace_of(binding);
            const Value& subject = subject_for(binding, user, space);
            if (subject.is_null())
                continue;
            const Value& role = binding["roleRef"];
            const auto role_kind = role["kind"].as_string(), role_name = role["name"].as_string();
            const bool of_cluster = role_kind == "ClusterRole";
            const auto* entry = store_.get(of_cluster ? store_key(api::kind::cluster_roles, {}, role_name) : store_key(api::kind::roles, space, role_name));
            Grant grant;
            grant.namespace_name = space;
            if (entry)
                grant.rules = entry->value["rules"];
            else
                grant.error = cat(of_cluster ? "clusterrole" : "role", ".rbac.authorization.k8s.io ", quoted(role_name), " not found");
            const auto name = space.empty() ? std::string(api::name_of(binding)) : cat(api::name_of(binding), "/", space);
            grant.reason = std::make_shared<const std::string>(cat("RBAC: allowed by ", kind->kind, " ", quoted(name), " of ", role_kind, " ",
                                                                   quoted(role_name), " to ", describe(subject, space)));
            grants.push_back(std::move(grant));
        }
    }
    return grants_.emplace(std::move(key), std::move(grants)).first->second;
}

Authorizer::Remembered Authorizer::evaluate(const Attributes& attributes) {
    Remembered result;
    std::vector<std::string> errors;
    for (const auto& grant : grants_of(attributes.user)) {
        if (!grant.namespace_name.empty() && grant.namespace_name != attributes.namespace_name)
            continue;
        if (!grant.error.empty())
            errors.push_back(grant.error);
        for (const auto& rule : grant.rules.items()) {
            if (!rule_allows(rule, attributes, Names::ignored))
                continue;
            const bool named = !rule["resourceNames"].empty();
            result.by_name = result.by_name || named;
            if (!named || rule_allows(rule, attributes, Names::checked)) {
                result.decision = {true, "RBAC", grant.reason};
                return result;
            }
        }
    }
    if (!errors.empty())
        result.decision.reason = std::make_shared<const std::string>(
            errors.size() == 1 ? cat("RBAC: ", errors[0]) : cat("RBAC: [", join(errors, ", "), "]"));
    return result;
}

Decision Authorizer::authorize(const Attributes& attributes) {
    if (attributes.user.in_group("system:masters")) {
        static const auto why = std::make_shared<const std::string>("the group system:masters may do everything");
        return {true, "system:masters", why};
    }
    constexpr std::string_view node_prefix = "system:node:";
    const bool is_node = attributes.user.name.starts_with(node_prefix) && attributes.user.in_group("system:nodes");
    Decision node;
    if (is_node) {
        node = authorize_node(attributes, std::string_view(attributes.user.name).substr(node_prefix.size()));
        if (node.allowed)
            return node;
    }
    key_.clear();
    append(key_, attributes.user.name, '\n', attributes.verb, '\n', attributes.group, '\n', attributes.resource, '/', attributes.subresource, '\n',
           attributes.namespace_name, '\n', attributes.path);
    // A user may come with other groups by impersonation.
    append(key_, '\n', attributes.user.groups.size());
    for (const auto& group : attributes.user.groups)
        append(key_, ',', group);
    auto found = decisions_.find(key_);
    if (found == decisions_.end()) {
        if (decisions_.size() >= remembered_limit)
            decisions_.clear();
        found = decisions_.emplace(key_, evaluate(attributes)).first;
    } else if (found->second.by_name) {
        found->second = evaluate(attributes);
    }
    Decision decision = found->second.decision;
    if (!decision.allowed && node.reason)
        decision.reason = node.reason;
    return decision;
}

std::vector<Value> Authorizer::rules_for(const UserInfo& user, std::string_view namespace_name) {
    std::vector<Value> rules;
    if (user.in_group("system:masters")) {
        const Value all = Value::array({"*"});
        rules.push_back(Value::object({{"verbs", all}, {"apiGroups", all}, {"resources", all}}));
        rules.push_back(Value::object({{"verbs", all}, {"nonResourceURLs", all}}));
    }
    for (const auto& grant : grants_of(user))
        if (grant.namespace_name.empty() || grant.namespace_name == namespace_name)
            for (const auto& rule : grant.rules.items())
                rules.push_back(rule);
    return rules;
}

}  // namespace kubewalk::apiserver
