#include "core/controllers/clusterroleaggregation/clusterroleaggregation_controller.h"

#include <algorithm>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

ClusterRoleAggregationController::ClusterRoleAggregationController(client::Environment environment)
    : ControllerOf(environment, "clusterrole-aggregation-controller",
                   "system:serviceaccount:kube-system:clusterrole-aggregation-controller") {
    watch(api::kind::cluster_roles);
}

// Any change may concern any role that aggregates.
void ClusterRoleAggregationController::changed(std::size_t, const client::Change&) {
    for (const auto& [name, role] : cache(0))
        if (!role["aggregationRule"].is_null())
            enqueue(name);
}

client::Outcome ClusterRoleAggregationController::reconcile(const std::string& key) {
    const Value role = informer(0).get(key);
    if (role.is_null() || role["aggregationRule"].is_null())
        return client::Outcome::done();
    Value rules = Value::array();
    for (const auto& wanted : role["aggregationRule"]["clusterRoleSelectors"].items()) {
        const auto selector = api::LabelSelector::from_object(wanted);
        if (!selector.ok())
            return client::Outcome::done();
        for (const auto& [name, other] : cache(0)) {
            if (name == key || !selector.value().matches(other["metadata"]["labels"]))
                continue;
            for (const auto& rule : other["rules"].items()) {
                const auto known = rules.items();
                if (std::find(known.begin(), known.end(), rule) == known.end())
                    rules.push_back(rule);
            }
        }
    }
    if (rules == role["rules"] || (rules.empty() && role["rules"].empty()))
        return client::Outcome::done();
    const auto applied = apply_rules(key, std::move(rules));
    if (applied.ok() || applied.code == 404)
        return client::Outcome::done();
    return client::Outcome::failed(client::to_error(applied));
}

// The one controller upstream that applies: only the rules are its.
client::Response ClusterRoleAggregationController::apply_rules(const std::string& name, Value rules) {
    client::Request request;
    request.method = client::Method::patch;
    request.path = api::object_path(api::kind::cluster_roles, {}, name);
    request.query = {{"fieldManager", "clusterrole-aggregation-controller"}, {"force", "true"}};
    request.headers["Content-Type"] = "application/apply-patch+yaml";
    request.user = client().user();
    request.agent = client().agent();
    request.without_managed_fields = true;
    request.body = Value::object({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                                  {"kind", "ClusterRole"},
                                  {"metadata", Value::object({{"name", name}})},
                                  {"rules", std::move(rules)}});
    return client().transport().send(request);
}

}  // namespace kubewalk::controllers
