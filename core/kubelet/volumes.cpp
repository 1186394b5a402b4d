#include "core/kubelet/volumes.h"

#include "core/api/account_token.h"
#include "core/api/kinds.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

// items: [{key, path}], or every key under its own name.
Result<Files> select_items(const api::Value& data, const api::Value& items, bool optional, std::string_view what) {
    Files files;
    if (items.empty()) {
        for (const auto& member : data.members())
            files[member.key] = member.value.str();
        return files;
    }
    for (const auto& item : items.items()) {
        const auto& value = data[item["key"].as_string()];
        if (value.is_null() && !optional)
            return mount_error(cat(what == "configmap" ? "configmap references non-existent config key: "
                                                       : "references non-existent secret key: ",
                                   item["key"].as_string()));
        if (!value.is_null())
            files[item["path"].str()] = value.str();
    }
    return files;
}

Result<Files> object_files(const api::Value& pod, const api::Value& source, std::string_view name, bool is_config_map,
                           const VolumeInput& input) {
    const auto namespace_name = api::namespace_of(pod);
    auto& objects = input.environment.objects;
    auto object = is_config_map ? objects.config_map(namespace_name, name) : objects.secret(namespace_name, name);
    const bool optional = source["optional"].as_bool();
    if (!object.ok()) {
        if (object.error().reason == "NotFound" && optional)
            return Files{};
        return mount_error(object.error().message);
    }
    return select_items(object.value()["data"], source["items"], optional, is_config_map ? "configmap" : "secret");
}

Result<Files> downward_files(const api::Value& pod, const api::Value& source, const VolumeInput& input) {
    Files files;
    for (const auto& item : source["items"].items()) {
        if (item["fieldRef"].is_object()) {
            KUBEWALK_TRY(text, field_value(pod, item["fieldRef"]["fieldPath"].as_string(), input.environment));
            files[item["path"].str()] = std::move(text);
            continue;
        }
        const auto& selector = item["resourceFieldRef"];
        for (const auto& container : pod["spec"]["containers"].items()) {
            if (container["name"].as_string() != selector["containerName"].as_string())
                continue;
            KUBEWALK_TRY(text, resource_value(container, selector, input.environment.node_allocatable));
            files[item["path"].str()] = std::move(text);
        }
    }
    return files;
}

// The claims that the API server would put into it; it is made here (simplification "token-signature").
std::string service_account_token(const api::Value& pod, const api::Value& source, Time now) {
    const std::int64_t issued = epoch_unix_seconds + now.ns / 1'000'000'000;
    const auto account = pod["spec"]["serviceAccountName"].as_string("default");
    const auto namespace_name = api::namespace_of(pod);
    const auto audience = source["audience"].as_string("https://kubernetes.default.svc.cluster.local");
    const auto claims = api::Value::object(
        {{"aud", api::Value::array({audience})},
         {"exp", issued + source["expirationSeconds"].as_int(3600)},
         {"iat", issued},
         {"iss", "https://kubernetes.default.svc.cluster.local"},
         {"kubernetes.io", api::Value::object({{"namespace", namespace_name},
                                               {"pod", api::Value::object({{"name", api::name_of(pod)},
                                                                           {"uid", api::uid_of(pod)}})},
                                               {"serviceaccount", api::Value::object({{"name", account}})}})},
         {"nbf", issued},
         {"sub", cat("system:serviceaccount:", namespace_name, ":", account)}});
    return api::account_token(claims);
}

Result<Files> projected_files(const api::Value& pod, const api::Value& volume, const VolumeInput& input) {
    Files files;
    for (const auto& source : volume["sources"].items()) {
        Result<Files> part = Files{};
        if (source["configMap"].is_object())
            part = object_files(pod, source["configMap"], source["configMap"]["name"].as_string(), true, input);
        else if (source["secret"].is_object())
            part = object_files(pod, source["secret"], source["secret"]["name"].as_string(), false, input);
        else if (source["downwardAPI"].is_object())
            part = downward_files(pod, source["downwardAPI"], input);
        else if (source["serviceAccountToken"].is_object())
            part = Files{{source["serviceAccountToken"]["path"].str(),
                          service_account_token(pod, source["serviceAccountToken"], input.now)}};
        if (!part.ok())
            return part.error();
        for (auto& [path, content] : part.value())
            files[path] = std::move(content);
    }
    return files;
}

}  // namespace

Error mount_error(std::string message) { return Error{"FailedMount", std::move(message), {}, 0, 0}; }

bool is_content_volume(const api::Value& volume) {
    for (const char* kind : {"configMap", "secret", "projected", "downwardAPI"}) {
        if (volume[kind].is_object())
            return true;
    }
    return false;
}

Result<Files> content_files(const api::Value& pod, const api::Value& volume, const VolumeInput& input) {
    if (volume["configMap"].is_object())
        return object_files(pod, volume["configMap"], volume["configMap"]["name"].as_string(), true, input);
    if (volume["secret"].is_object())
        return object_files(pod, volume["secret"], volume["secret"]["secretName"].as_string(), false, input);
    if (volume["projected"].is_object())
        return projected_files(pod, volume["projected"], input);
    return downward_files(pod, volume["downwardAPI"], input);
}

PodHostname pod_hostname(const api::Value& pod, std::string_view cluster_domain) {
    const auto& spec = pod["spec"];
    PodHostname out;
    out.name = spec["hostname"].str(api::name_of(pod));
    if (out.name.empty())
        out.name = api::name_of(pod);
    out.name.resize(std::min<std::size_t>(out.name.size(), 63));
    while (!out.name.empty() && (out.name.back() == '-' || out.name.back() == '.'))
        out.name.pop_back();
    if (const auto subdomain = spec["subdomain"].as_string(); !subdomain.empty())
        out.domain = cat(subdomain, ".", api::namespace_of(pod), ".svc.", cluster_domain);
    return out;
}

std::string hosts_file(const api::Value& pod, const std::vector<std::string>& pod_ips, std::string_view cluster_domain,
                       std::string_view node_hosts) {
    const auto& spec = pod["spec"];
    std::string out;
    if (spec["hostNetwork"].as_bool()) {
        append(out, "# Kubernetes-managed hosts file (host network).\n", node_hosts);
    } else {
        out = "# Kubernetes-managed hosts file.\n"
              "127.0.0.1\tlocalhost\n"
              "::1\tlocalhost ip6-localhost ip6-loopback\n"
              "fe00::0\tip6-localnet\n"
              "fe00::0\tip6-mcastprefix\n"
              "fe00::1\tip6-allnodes\n"
              "fe00::2\tip6-allrouters\n";
        const auto host = pod_hostname(pod, cluster_domain);
        for (const auto& ip : pod_ips) {
            if (host.domain.empty())
                append(out, ip, "\t", host.name, "\n");
            else
                append(out, ip, "\t", host.name, ".", host.domain, "\t", host.name, "\n");
        }
    }
    if (!spec["hostAliases"].empty())
        out += "\n# Entries added by HostAliases.\n";
    for (const auto& alias : spec["hostAliases"].items()) {
        out += alias["ip"].str();
        for (const auto& name : alias["hostnames"].items())
            append(out, "\t", name.as_string());
        out += "\n";
    }
    return out;
}

}  // namespace kubewalk::kubelet
