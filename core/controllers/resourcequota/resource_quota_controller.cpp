#include "core/controllers/resourcequota/resource_quota_controller.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/api/quota_usage.h"

namespace kubewalk::controllers {

namespace {

constexpr std::size_t quotas = 0;  // the other informers: everything that can be counted

// Whether the change can alter what is used.
bool matters(const client::Change& change) {
    if (change.type != client::WatchType::modified)
        return true;
    return change.before["spec"] != change.object["spec"] ||
           change.before["status"]["phase"] != change.object["status"]["phase"];
}

}  // namespace

ResourceQuotaController::ResourceQuotaController(client::Environment environment)
    : ControllerOf(environment, "resourcequota-controller", "system:serviceaccount:kube-system:resourcequota-controller") {
    watch(api::kind::resource_quotas);
    for (const auto& kind : api::kinds())
        if (kind.namespaced() && api::is_stored_form(kind) && &kind != &api::kind::events && &kind != &api::kind::resource_quotas)
            watch_on_demand(kind);
    watch_on_demand(api::kind::custom_resource_definitions);
}

void ResourceQuotaController::learn(const Value& definition) {
    const auto versions = definition["spec"]["versions"].items();
    const auto served = std::find_if(versions.begin(), versions.end(), [](const Value& one) { return one["served"].as_bool(); });
    if (served == versions.end() || !api::is_established(definition))
        return;
    const auto& kind = api::custom_kind_of(definition, *served);
    for (std::size_t index = 0; index < informer_count(); ++index)
        if (informer(index).kind().group_resource() == kind.group_resource())
            return;
    if (kind.namespaced())
        need(watch_on_demand(kind));
}

void ResourceQuotaController::changed(std::size_t index, const client::Change& change) {
    if (index == quotas) {
        for (std::size_t other = 1; other < informer_count(); ++other)
            need(other);
    }
    if (&informer(index).kind() == &api::kind::custom_resource_definitions) {
        const Value definition = change.object;  // learning makes more informers
        if (change.type != client::WatchType::deleted)
            learn(definition);
        return;
    }
    if (index != quotas && !matters(change))
        return;
    for (const auto& quota : informer(quotas).in_namespace(api::namespace_of(change.object)))
        enqueue(api::key_of(quota));
}

client::Outcome ResourceQuotaController::reconcile(const std::string& key) {
    const Value quota = informer(quotas).get(key);
    if (quota.is_null())
        return client::Outcome::done();
    api::ResourceAmounts used;
    for (const auto& hard : quota["spec"]["hard"].members())
        used[hard.key] = api::Quantity::of(0);
    for (std::size_t index = 0; index < informer_count(); ++index) {
        const auto& kind = informer(index).kind();
        for (const auto& object : informer(index).in_namespace(api::namespace_of(quota)))
            for (const auto& [name, amount] : api::limited_by(quota, kind, object, api::quota_usage(kind, object)))
                used[name].add(amount);
    }
    Value amounts = Value::object();
    for (const auto& [name, amount] : used)
        amounts.set(name, amount.str());
    const Value status = Value::object({{"hard", quota["spec"]["hard"]}, {"used", amounts}});
    if (status == quota["status"])
        return client::Outcome::done();
    Value updated = quota;
    updated.set("status", status);
    const auto written = client().update_status(api::kind::resource_quotas, updated);
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done()
                                                                : client::Outcome::failed(written.error());
}

}  // namespace kubewalk::controllers
