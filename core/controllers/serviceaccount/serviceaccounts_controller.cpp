#include "core/controllers/serviceaccount/serviceaccounts_controller.h"

#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {
enum Watched : std::size_t { namespaces, service_accounts };
}

ServiceAccountsController::ServiceAccountsController(client::Environment environment)
    : ControllerOf(environment, "serviceaccount-controller",
                   "system:serviceaccount:kube-system:service-account-controller") {
    watch(api::kind::namespaces);
    watch(api::kind::service_accounts);
}

void ServiceAccountsController::changed(std::size_t index, const client::Change& change) {
    if (index == namespaces && change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
    else if (index == service_accounts && change.type == client::WatchType::deleted)
        enqueue(std::string(api::namespace_of(change.object)));
}

client::Outcome ServiceAccountsController::reconcile(const std::string& key) {
    const auto& space = informer(namespaces).get(key);
    if (space.is_null() || space["status"]["phase"].as_string("Active") != "Active" ||
        !informer(service_accounts).get(cat(key, "/default")).is_null())
        return client::Outcome::done();
    const Value account = Value::object({{"apiVersion", "v1"},
                                         {"kind", "ServiceAccount"},
                                         {"metadata", Value::object({{"name", "default"}, {"namespace", key}})}});
    auto created = client().create(api::kind::service_accounts, account);
    if (created.ok() || created.error().reason == "AlreadyExists" ||
        created.error().message.find("because it is being terminated") != std::string::npos)
        return client::Outcome::done();
    return client::Outcome::failed(created.error());
}

}  // namespace kubewalk::controllers
