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
    Value updated = role;
    updated.set("rules", rules);
    const auto written = client().update(api::kind::cluster_roles, updated);
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done()
                                                                : client::Outcome::failed(written.error());
}

}  // namespace kubewalk::controllers
