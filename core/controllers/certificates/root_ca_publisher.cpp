#include "core/controllers/certificates/root_ca_publisher.h"

#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {
enum Watched : std::size_t { namespaces, config_maps };
constexpr std::string_view map_name = "kube-root-ca.crt";
constexpr std::string_view description_annotation = "kubernetes.io/description";
constexpr std::string_view description =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters.";
}  // namespace

RootCAPublisher::RootCAPublisher(client::Environment environment, const ControllerOptions& options)
    : ControllerOf(environment, "root-ca-cert-publisher", "system:serviceaccount:kube-system:root-ca-cert-publisher"),
      root_ca_(options.root_ca) {
    watch(api::kind::namespaces);
    watch(api::kind::config_maps);
}

void RootCAPublisher::changed(std::size_t index, const client::Change& change) {
    if (index == namespaces && change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
    else if (index == config_maps && api::name_of(change.object) == map_name && change.type != client::WatchType::added)
        enqueue(std::string(api::namespace_of(change.object)));
}

client::Outcome RootCAPublisher::reconcile(const std::string& key) {
    const auto& space = informer(namespaces).get(key);
    if (space.is_null() || space["status"]["phase"].as_string("Active") != "Active")
        return client::Outcome::done();
    const Value data = Value::object({{"ca.crt", root_ca_}});
    const Value& found = informer(config_maps).get(cat(key, "/", map_name));
    if (found.is_null()) {
        const Value map = Value::object(
            {{"apiVersion", "v1"},
             {"kind", "ConfigMap"},
             {"metadata", Value::object({{"name", map_name},
                                         {"namespace", key},
                                         {"annotations", Value::object({{description_annotation, description}})}})},
             {"data", data}});
        auto created = client().create(api::kind::config_maps, map);
        if (created.ok() || created.error().reason == "AlreadyExists" ||
            created.error().message.find("because it is being terminated") != std::string::npos)
            return client::Outcome::done();
        return client::Outcome::failed(created.error());
    }
    if (found["data"] == data && found["metadata"]["annotations"][description_annotation].as_string() == description)
        return client::Outcome::done();
    Value fixed = found;
    fixed.set("data", data);
    fixed.edit_path("metadata", "annotations").set(description_annotation, description);
    auto updated = client().update(api::kind::config_maps, fixed);
    return updated.ok() ? client::Outcome::done() : client::Outcome::failed(updated.error());
}

}  // namespace kubewalk::controllers
