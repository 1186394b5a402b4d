// Role, ClusterRole and their bindings. Upstream: pkg/apis/rbac/v1/defaults.go, pkg/apis/rbac/validation/validation.go,
// pkg/registry/rbac/*/strategy.go.

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::string_view rbac_group = "rbac.authorization.k8s.io";

template <Scope scope>
void validate_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], scope, is_path_segment_name, Path("metadata"), errors);
}

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

// -- Role, ClusterRole -----------------------------------------------------------------------------------

void validate_rule(const Value& rule, Scope scope, const Path& path, FieldErrors& errors) {
    if (rule["verbs"].empty())
        errors.required(path.child("verbs"), "verbs must contain at least one value");
    const Value& urls = rule["nonResourceURLs"];
    if (!urls.empty()) {
        if (scope == Scope::namespaced)
            errors.invalid(path.child("nonResourceURLs"), urls, "namespaced rules cannot apply to non-resource URLs");
        if (!rule["apiGroups"].empty() || !rule["resources"].empty() || !rule["resourceNames"].empty())
            errors.invalid(path.child("nonResourceURLs"), urls, "rules cannot apply to both regular resources and non-resource URLs");
        return;
    }
    if (rule["apiGroups"].empty())
        errors.required(path.child("apiGroups"), "resource rules must supply at least one api group");
    if (rule["resources"].empty())
        errors.required(path.child("resources"), "resource rules must supply at least one resource");
}

template <Scope scope>
void validate_role(const Value& object, FieldErrors& errors) {
    validate_meta<scope>(object, errors);
    const Path rules("rules");
    for (std::size_t i = 0; i < object["rules"].size(); ++i)
        validate_rule(object["rules"][i], scope, rules.index(i), errors);
    const Value& aggregation = object["aggregationRule"];
    if (scope != Scope::cluster || aggregation.is_null())
        return;
    const Path rule("aggregationRule");
    const Path list = rule.child("clusterRoleSelectors");
    if (aggregation["clusterRoleSelectors"].empty())
        errors.required(list, "at least one clusterRoleSelector required if aggregationRule is non-nil");
    for (std::size_t i = 0; i < aggregation["clusterRoleSelectors"].size(); ++i)
        validate_label_selector(aggregation["clusterRoleSelectors"][i], list.index(i), errors);
}

template <Scope scope>
void validate_role_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_role<scope>(object, errors);
    validate_update_meta(object, old, errors);
}

// -- bindings --------------------------------------------------------------------------------------------

void default_binding(Value& object) {
    if (object["roleRef"]["apiGroup"].as_string().empty())
        object.edit("roleRef").set("apiGroup", rbac_group);
    for (std::size_t i = 0; i < object["subjects"].size(); ++i) {
        const auto kind = object["subjects"][i]["kind"].as_string();
        if (object["subjects"][i]["apiGroup"].as_string().empty() && (kind == "User" || kind == "Group"))
            object.edit("subjects").edit_at(i).set("apiGroup", rbac_group);
    }
}

void validate_subject(const Value& subject, Scope scope, const Path& path, FieldErrors& errors) {
    const auto name = subject["name"].as_string(), kind = subject["kind"].as_string();
    const auto its_group = subject["apiGroup"].as_string();
    if (name.empty())
        errors.required(path.child("name"));
    if (kind == "ServiceAccount") {
        if (!name.empty())
            errors.invalid_each(path.child("name"), subject["name"], is_dns1123_subdomain(name));
        if (!its_group.empty())
            errors.not_supported(path.child("apiGroup"), subject["apiGroup"], {""});
        if (scope == Scope::cluster && subject["namespace"].as_string().empty())
            errors.required(path.child("namespace"));
    } else if (kind == "User" || kind == "Group") {
        if (its_group != rbac_group)
            errors.not_supported(path.child("apiGroup"), Value(its_group), {rbac_group});
    } else {
        errors.not_supported(path.child("kind"), Value(kind), {"ServiceAccount", "User", "Group"});
    }
}

template <Scope scope>
void validate_binding(const Value& object, FieldErrors& errors) {
    validate_meta<scope>(object, errors);
    const Value& role = object["roleRef"];
    const Path at("roleRef");
    if (role["apiGroup"].as_string() != rbac_group)
        errors.not_supported(at.child("apiGroup"), role["apiGroup"], {rbac_group});
    const auto kind = role["kind"].as_string();
    if (scope == Scope::namespaced && kind != "Role" && kind != "ClusterRole")
        errors.not_supported(at.child("kind"), Value(kind), {"Role", "ClusterRole"});
    if (scope == Scope::cluster && kind != "ClusterRole")
        errors.not_supported(at.child("kind"), Value(kind), {"ClusterRole"});
    if (role["name"].as_string().empty())
        errors.required(at.child("name"));
    else
        errors.invalid_each(at.child("name"), role["name"], is_path_segment_name(role["name"].as_string()));
    const Path subjects("subjects");
    for (std::size_t i = 0; i < object["subjects"].size(); ++i)
        validate_subject(object["subjects"][i], scope, subjects.index(i), errors);
}

template <Scope scope>
void validate_binding_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_binding<scope>(object, errors);
    validate_update_meta(object, old, errors);
    if (!(object["roleRef"] == old["roleRef"]))
        errors.invalid(Path("roleRef"), object["roleRef"], "cannot change roleRef");
}

}  // namespace

const Rules role_rules = {rbac_group, "Role", nothing, nothing, nothing_to_prepare, nullptr, validate_role<Scope::namespaced>,
                          validate_role_update<Scope::namespaced>, nullptr, no_warnings};
const Rules cluster_role_rules = {rbac_group, "ClusterRole", nothing, nothing, nothing_to_prepare, nullptr, validate_role<Scope::cluster>,
                                  validate_role_update<Scope::cluster>, nullptr, no_warnings};
const Rules role_binding_rules = {rbac_group, "RoleBinding", default_binding, nothing, nothing_to_prepare, nullptr,
                                  validate_binding<Scope::namespaced>, validate_binding_update<Scope::namespaced>, nullptr, no_warnings};
const Rules cluster_role_binding_rules = {rbac_group, "ClusterRoleBinding", default_binding, nothing, nothing_to_prepare, nullptr,
                                          validate_binding<Scope::cluster>, validate_binding_update<Scope::cluster>, nullptr, no_warnings};

}  // namespace kubewalk::api
