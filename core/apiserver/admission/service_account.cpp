// Every Pod runs as a ServiceAccount and gets its token mounted.
// Upstream: plugin/pkg/admission/serviceaccount/admission.go.

#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::service_account {

using api::Value;

namespace {

constexpr std::string_view mount_path = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";
constexpr std::int64_t token_seconds = 60 * 60 + 7;  // as upstream: an hour and a bit says where it came from

// The projected volume of TokenVolumeSource: token, the cluster's CA, the namespace. All Pods share it.
Value make_token_source() {
    const Value token = Value::object(
        {{"serviceAccountToken", Value::object({{"path", "token"}, {"expirationSeconds", token_seconds}})}});
    const Value ca = Value::object(
        {{"configMap",
          Value::object({{"name", "kube-root-ca.crt"},
                         {"items", Value::array({Value::object({{"key", "ca.crt"}, {"path", "ca.crt"}})})}})}});
    const Value where = Value::object(
        {{"downwardAPI",
          Value::object({{"items", Value::array({Value::object(
                                       {{"path", "namespace"},
                                        {"fieldRef", Value::object({{"apiVersion", "v1"},
                                                                    {"fieldPath", "metadata.namespace"}})}})})}})}});
    return Value::object({{"defaultMode", 420}, {"sources", Value::array({token, ca, where})}});
}

Value token_volume(const Value& name) {
    static const Value source = make_token_source();
    return Value::object({{"name", name}, {"projected", source}});
}

bool has_mount(const Value& container) {
    for (const auto& mount : container["volumeMounts"].items())
        if (mount["mountPath"].as_string() == mount_path)
            return true;
    return false;
}

// True when a container got the mount.
bool add_mounts(Value& spec, std::string_view list, const Value& mount) {
    bool added = false;
    for (std::size_t i = 0; i < spec[list].size(); ++i) {
        if (has_mount(spec[list][i]))
            continue;
        spec.edit(list).edit_at(i).edit("volumeMounts").push_back(mount);
        added = true;
    }
    return added;
}

// A namespace's first Pod may come before the controller made the account "default". The server waits for that up to ten times
// 100 to 200 ms (getServiceAccount); here requests take no time, so it asks whether somebody is there to make it: a controller
// manager whose Lease holds.
bool will_be_made(const Admission& admission, std::string_view account) {
    const auto& core = admission.core;
    if (account != "default" || core.get(api::kind::namespaces, {}, admission.namespace_name)["status"]["phase"].as_string() != "Active")
        return false;
    const auto& lease = core.get(api::kind::leases, "kube-system", "kube-controller-manager")["spec"];
    const auto renewed = parse_rfc3339(lease["renewTime"].as_string());
    return renewed && core.simulation.now() < *renewed + seconds(lease["leaseDurationSeconds"].as_int());
}

bool wants_token(const Value& account, const Value& spec) {
    if (!spec["automountServiceAccountToken"].is_null())
        return spec["automountServiceAccountToken"].as_bool();
    return account["automountServiceAccountToken"].as_bool(true);
}

}  // namespace

bool handles(const Admission& admission) {
    return admission.kind.kind == "Pod" && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission& admission, Value& object) {
    // A mirror of a static Pod must not use the API.
    if (!object["metadata"]["annotations"][mirror_annotation].is_null()) {
        if (!object["spec"]["serviceAccountName"].as_string().empty())
            return status::forbidden(admission.kind, admission.name, "a mirror pod may not reference service accounts");
        return Done{};
    }
    auto& spec = object.edit("spec");
    if (spec["serviceAccountName"].as_string().empty())
        spec.set("serviceAccountName", "default");
    const auto name = spec["serviceAccountName"].str();
    // DeprecatedServiceAccount follows by conversion.
    spec.set("serviceAccount", name);

    const auto& account = admission.core.get(api::kind::service_accounts, admission.namespace_name, name);
    if (account.is_null() && !will_be_made(admission, name))
        return status::forbidden(admission.kind, admission.name,
                                 cat("error looking up service account ", admission.namespace_name, "/", name,
                                     ": serviceaccount ", quoted(name), " not found"));
    if (spec["imagePullSecrets"].empty() && !account["imagePullSecrets"].empty())
        spec.set("imagePullSecrets", account["imagePullSecrets"]);
    if (!wants_token(account, spec))
        return Done{};
    const Value volume_name = cat("kube-api-access-", admission.core.state.random.name_suffix(5));
    static const Value path = mount_path;
    const Value mount = Value::object({{"mountPath", path}, {"name", volume_name}, {"readOnly", true}});
    const bool in_init = add_mounts(spec, "initContainers", mount);
    const bool in_main = add_mounts(spec, "containers", mount);
    if (in_init || in_main)
        spec.edit("volumes").push_back(token_volume(volume_name));
    return Done{};
}

}  // namespace kubewalk::apiserver::service_account
