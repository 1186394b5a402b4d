#include "core/kubelet/environment.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/expansion.h"

namespace kubewalk::kubelet {
namespace {

std::string env_name(std::string_view name) {
    std::string out;
    for (const char c : name)
        out += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

bool has_cluster_ip(const api::Value& service) {
    const auto ip = service["spec"]["clusterIP"].as_string();
    return !ip.empty() && ip != "None";
}

std::string host_port(std::string_view ip, std::int64_t port) {
    return ip.find(':') == std::string_view::npos ? cat(ip, ":", port) : cat("[", ip, "]:", port);
}

Error config_error(std::string message) { return Error{"CreateContainerConfigError", std::move(message), {}, 0, 0}; }

// metadata.labels['key'] -> the key; "" when the path is not of that form.
std::string_view subscript(std::string_view path, std::string_view field) {
    if (path.substr(0, field.size()) != field)
        return {};
    path.remove_prefix(field.size());
    if (path.size() < 5 || path.substr(0, 2) != "['" || path.substr(path.size() - 2) != "']")
        return {};
    return path.substr(2, path.size() - 4);
}

// All keys of a ConfigMap or Secret as variables. Secrets hold base64 in the API; ours arrive decoded
// by the ObjectSource (stringData form under "data").
void add_all(EnvMap& variables, const api::Value& object, std::string_view prefix) {
    for (const auto& member : object["data"].members())
        variables[cat(prefix, member.key)] = member.value.str();
}

Result<EnvMap> from_sources(const api::Value& pod, const api::Value& container, ObjectSource& objects) {
    EnvMap variables;
    const auto namespace_name = api::namespace_of(pod);
    for (const auto& source : container["envFrom"].items()) {
        const bool is_config_map = source["configMapRef"].is_object();
        const auto& ref = is_config_map ? source["configMapRef"] : source["secretRef"];
        const auto name = ref["name"].as_string();
        auto object = is_config_map ? objects.config_map(namespace_name, name) : objects.secret(namespace_name, name);
        if (object.ok())
            add_all(variables, object.value(), source["prefix"].as_string());
        else if (object.error().reason != "NotFound" || !ref["optional"].as_bool())
            return config_error(object.error().message);
    }
    return variables;
}

// The value of one key, or nothing when it is optional and missing.
Result<std::pair<bool, std::string>> key_value(const api::Value& pod, const api::Value& ref, bool is_config_map,
                                               ObjectSource& objects) {
    const auto namespace_name = api::namespace_of(pod);
    const auto name = ref["name"].as_string();
    const auto key = ref["key"].as_string();
    const bool optional = ref["optional"].as_bool();
    auto object = is_config_map ? objects.config_map(namespace_name, name) : objects.secret(namespace_name, name);
    if (!object.ok()) {
        if (object.error().reason == "NotFound" && optional)
            return std::pair(false, std::string());
        return config_error(object.error().message);
    }
    const auto& value = object.value()["data"][key];
    if (!value.is_null())
        return std::pair(true, value.str());
    if (optional)
        return std::pair(false, std::string());
    return config_error(cat("couldn't find key ", key, " in ", is_config_map ? "ConfigMap " : "Secret ", namespace_name, "/",
                            name));
}

const api::Value& container_named(const api::Value& pod, std::string_view name) {
    for (const char* list : {"containers", "initContainers"}) {
        for (const auto& candidate : pod["spec"][list].items()) {
            if (candidate["name"].as_string() == name)
                return candidate;
        }
    }
    return api::null_value();
}

// The value of a valueFrom, or nothing when it is optional and missing.
Result<std::pair<bool, std::string>> value_from(const api::Value& pod, const api::Value& container, const api::Value& from,
                                                const EnvironmentInput& input) {
    if (from["fieldRef"].is_object()) {
        KUBEWALK_TRY(text, field_value(pod, from["fieldRef"]["fieldPath"].as_string(), input));
        return std::pair(true, std::move(text));
    }
    if (from["resourceFieldRef"].is_object()) {
        const auto& selector = from["resourceFieldRef"];
        const auto named = selector["containerName"].as_string();
        const auto& target = named.empty() ? container : container_named(pod, named);
        if (target.is_null())
            return config_error(cat("container ", named, " not found"));
        KUBEWALK_TRY(text, resource_value(target, selector, input.node_allocatable));
        return std::pair(true, std::move(text));
    }
    if (from["configMapKeyRef"].is_object())
        return key_value(pod, from["configMapKeyRef"], true, input.objects);
    if (from["secretKeyRef"].is_object())
        return key_value(pod, from["secretKeyRef"], false, input.objects);
    return std::pair(true, std::string());
}

}  // namespace

std::vector<EnvVar> service_environment(const std::vector<api::Value>& services) {
    std::vector<EnvVar> out;
    for (const auto& service : services) {
        if (!has_cluster_ip(service))
            continue;
        const auto& spec = service["spec"];
        const auto ip = spec["clusterIP"].as_string();
        const std::string name = env_name(api::name_of(service));
        out.emplace_back(cat(name, "_SERVICE_HOST"), ip);
        out.emplace_back(cat(name, "_SERVICE_PORT"), cat(spec["ports"][0]["port"].as_int()));
        for (const auto& port : spec["ports"].items()) {
            if (!port["name"].as_string().empty())
                out.emplace_back(cat(name, "_SERVICE_PORT_", env_name(port["name"].as_string())), cat(port["port"].as_int()));
        }
        bool first = true;
        for (const auto& port : spec["ports"].items()) {
            const std::int64_t number = port["port"].as_int();
            const std::string protocol = port["protocol"].str("TCP");
            const std::string url = cat(to_lower(protocol), "://", host_port(ip, number));
            const std::string prefix = cat(name, "_PORT_", number, "_", protocol);
            if (first)
                out.emplace_back(cat(name, "_PORT"), url);
            first = false;
            out.emplace_back(prefix, url);
            out.emplace_back(cat(prefix, "_PROTO"), to_lower(protocol));
            out.emplace_back(cat(prefix, "_PORT"), cat(number));
            out.emplace_back(cat(prefix, "_ADDR"), ip);
        }
    }
    return out;
}

std::vector<api::Value> linked_services(const std::vector<api::Value>& services, std::string_view namespace_name,
                                        bool enable_service_links) {
    std::map<std::string, api::Value> linked;  // by name
    for (const auto& service : services) {
        if (!has_cluster_ip(service))
            continue;
        const std::string name(api::name_of(service));
        if (api::namespace_of(service) == "default" && name == "kubernetes") {
            linked.emplace(name, service);  // gives way to a Service of that name in the Pod's own namespace
        } else if (api::namespace_of(service) == namespace_name && enable_service_links) {
            linked[name] = service;
        }
    }
    std::vector<api::Value> out;
    for (auto& [name, service] : linked)
        out.push_back(service);
    return out;
}

std::vector<std::string> sort_pod_ips(const std::vector<std::string>& ips, const std::vector<std::string>& host_ips) {
    const auto is_v6 = [](const std::string& ip) { return ip.find(':') != std::string::npos; };
    const bool primary_v6 = !host_ips.empty() && is_v6(host_ips[0]);
    std::vector<std::string> out;
    for (const bool want_v6 : {primary_v6, !primary_v6}) {
        const auto found = std::find_if(ips.begin(), ips.end(), [&](const auto& ip) { return is_v6(ip) == want_v6; });
        if (found != ips.end())
            out.push_back(*found);
    }
    return out;
}

Result<std::string> field_value(const api::Value& pod, std::string_view path, const EnvironmentInput& input) {
    if (path == "metadata.name")
        return std::string(api::name_of(pod));
    if (path == "metadata.namespace")
        return std::string(api::namespace_of(pod));
    if (path == "metadata.uid")
        return std::string(api::uid_of(pod));
    if (path == "spec.nodeName")
        return pod["spec"]["nodeName"].str();
    if (path == "spec.serviceAccountName")
        return pod["spec"]["serviceAccountName"].str();
    if (path == "status.hostIP")
        return input.host_ips.empty() ? std::string() : input.host_ips[0];
    if (path == "status.hostIPs")
        return join(input.host_ips, ",");
    const auto pod_ips = sort_pod_ips(input.pod_ips, input.host_ips);
    if (path == "status.podIP")
        return pod_ips.empty() ? std::string() : pod_ips[0];
    if (path == "status.podIPs")
        return join(pod_ips, ",");
    for (const char* field : {"labels", "annotations"}) {
        if (const auto key = subscript(path, cat("metadata.", field)); !key.empty())
            return pod["metadata"][field][key].str();
        if (path == cat("metadata.", field)) {
            std::string out;
            for (const auto& member : pod["metadata"][field].members())
                append(out, out.empty() ? "" : "\n", member.key, "=", quoted(member.value.as_string()));
            return out;
        }
    }
    return config_error(cat("unsupported fieldPath: ", path));
}

Result<std::string> resource_value(const api::Value& container, const api::Value& selector,
                                   const api::Value& node_allocatable) {
    const auto name = selector["resource"].as_string();
    const auto dot = name.find('.');
    const auto list = name.substr(0, dot);
    const auto resource = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    if ((list != "limits" && list != "requests") || resource.empty())
        return config_error(cat("unsupported container resource : ", name));
    const api::Value* amount = &container["resources"][list][resource];
    if (amount->is_null() && list == "limits")
        amount = &node_allocatable[resource];  // an unlimited container may use all the node gives
    const auto quantity = api::Quantity::from(*amount);
    auto divisor = api::Quantity::from(selector["divisor"]);
    if (divisor.is_zero())
        divisor = api::Quantity::of(1);
    const auto divided = [](std::int64_t value, std::int64_t by) { return by == 0 ? value : (value + by - 1) / by; };
    if (resource == "cpu")
        return cat(divided(quantity.milli_value(), divisor.milli_value()));
    return cat(divided(quantity.value(), divisor.value()));
}

Result<EnvMap> container_environment(const api::Value& pod, const api::Value& container, const EnvironmentInput& input) {
    const bool is_static = pod["metadata"]["annotations"]["kubernetes.io/config.source"].as_string("api") != "api";
    if (!is_static && !input.services_synced)
        return config_error("services have not yet been read at least once, cannot construct envvars");

    KUBEWALK_TRY(result, from_sources(pod, container, input.objects));
    const auto links = linked_services(input.services, api::namespace_of(pod),
                                       pod["spec"]["enableServiceLinks"].as_bool(true));
    EnvMap services;
    for (auto& [name, value] : service_environment(links))
        services.emplace(std::move(name), std::move(value));

    // $(VAR) sees what came before it, and the Services.
    EnvMap known = services;
    for (const auto& [name, value] : result)
        known[name] = value;
    for (const auto& variable : container["env"].items()) {
        const std::string name = variable["name"].str();
        std::string value = expand(variable["value"].as_string(), known);
        if (variable["valueFrom"].is_object()) {
            KUBEWALK_TRY(from, value_from(pod, container, variable["valueFrom"], input));
            if (!from.first)
                continue;
            value = std::move(from.second);
        }
        known[name] = value;
        result[name] = std::move(value);
    }
    for (const auto& [name, value] : services)
        result.emplace(name, value);
    return result;
}

}  // namespace kubewalk::kubelet
