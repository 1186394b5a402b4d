#include "core/controllers/endpointslice/utils.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::controllers::endpointslice {

std::vector<std::string> address_types(const Value& service) {
    std::vector<std::string> types;
    for (const auto& family : service["spec"]["ipFamilies"].items())
        if (const auto name = family.as_string(); name == "IPv4" || name == "IPv6")
            types.emplace_back(name);
    if (!types.empty())
        return types;
    const auto ip = service["spec"]["clusterIP"].as_string();
    if (!ip.empty() && ip != "None")
        return {api::is_ipv6(ip) ? "IPv6" : "IPv4"};
    return {"IPv4", "IPv6"};
}

bool should_pod_be_in_endpoints(const Value& pod, bool include_terminating) {
    if (is_pod_terminal(pod))
        return false;
    const auto& status = pod["status"];
    if (status["podIP"].as_string().empty() && status["podIPs"].empty())
        return false;
    return include_terminating || !api::is_deleting(pod);
}

bool should_set_hostname(const Value& pod, const Value& service) {
    const auto& spec = pod["spec"];
    return !spec["hostname"].as_string().empty() && spec["subdomain"].as_string() == api::name_of(service) &&
           api::namespace_of(service) == api::namespace_of(pod);
}

static std::optional<int> named_port(const Value& containers, const Value& service_port, bool sidecars_only) {
    for (const auto& container : containers.items()) {
        if (sidecars_only && container["restartPolicy"].as_string() != "Always")
            continue;
        for (const auto& port : container["ports"].items())
            if (port["name"] == service_port["targetPort"] &&
                port["protocol"].as_string("TCP") == service_port["protocol"].as_string("TCP"))
                return static_cast<int>(port["containerPort"].as_int());
    }
    return std::nullopt;
}

std::optional<int> find_port(const Value& pod, const Value& service_port) {
    const auto& target = service_port["targetPort"];
    if (!target.is_string())
        return static_cast<int>(target.as_int());
    const auto found = named_port(pod["spec"]["containers"], service_port, false);
    return found ? found : named_port(pod["spec"]["initContainers"], service_port, true);
}

Value ports_of(const Value& service, const Value& pod) {
    Value ports = Value::array();
    for (const auto& port : service["spec"]["ports"].items()) {
        const auto number = find_port(pod, port);
        if (!number)
            continue;
        Value entry = Value::object({{"name", port["name"].str()}, {"port", *number}});
        if (const auto protocol = port["protocol"]; !protocol.is_null())
            entry.set("protocol", protocol);
        if (const auto& protocol = port["appProtocol"]; !protocol.is_null())
            entry.set("appProtocol", protocol);
        ports.push_back(entry);
    }
    return ports;
}

Value endpoint_of(const Value& pod, const Value& node, const Value& service, std::string_view address_type) {
    const bool serving = is_pod_ready(pod);
    const bool terminating = api::is_deleting(pod);
    const bool ready = service["spec"]["publishNotReadyAddresses"].as_bool() || (serving && !terminating);
    Value addresses = Value::array();
    for (const auto& entry : pod["status"]["podIPs"].items()) {
        // Canonical where it parses; what does not counts as IPv4, as upstream's IsIPv6 says of it.
        const auto ip = api::parse_ip(entry["ip"].as_string());
        if ((ip && ip->size == 16) == (address_type == "IPv6"))
            addresses.push_back(ip ? api::ip_text(*ip) : entry["ip"].str());
    }
    Value target = Value::object({{"kind", "Pod"}, {"namespace", api::namespace_of(pod)}, {"name", api::name_of(pod)}});
    if (!api::uid_of(pod).empty())
        target.set("uid", api::uid_of(pod));
    Value endpoint = Value::object(
        {{"addresses", addresses},
         {"conditions", Value::object({{"ready", ready}, {"serving", serving}, {"terminating", terminating}})},
         {"targetRef", target}});
    if (const auto& name = pod["spec"]["nodeName"]; !name.as_string().empty())
        endpoint.set("nodeName", name);
    if (const auto& zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]; !zone.as_string().empty())
        endpoint.set("zone", zone);
    if (should_set_hostname(pod, service))
        endpoint.set("hostname", pod["spec"]["hostname"]);
    return endpoint;
}

std::string port_map_key(const Value& ports) {
    std::vector<std::string> texts;
    for (const auto& port : ports.items())
        texts.push_back(api::to_json(port));
    std::sort(texts.begin(), texts.end());
    return join(texts, "\n");
}

bool owned_by(const Value& slice, const Value& service) {
    for (const auto& owner : slice["metadata"]["ownerReferences"].items())
        if (owner["uid"].as_string() == api::uid_of(service) && owner["kind"].as_string() == "Service" &&
            owner["apiVersion"].as_string() == "v1")
            return true;
    return false;
}

static bool is_reserved(std::string_view key) {
    return key == service_name_label || key == managed_by_label || key == headless_label;
}

static Value without_reserved(const Value& labels) {
    Value kept = Value::object();
    for (const auto& label : labels.members())
        if (!is_reserved(label.key))
            kept.set(label.key, label.value);
    return kept;
}

Labels labels_of(const Value& slice, const Value& service) {
    Labels result{without_reserved(service["metadata"]["labels"]), false};
    result.changed = result.labels != without_reserved(slice["metadata"]["labels"]);
    const auto ip = service["spec"]["clusterIP"].as_string();
    if (ip.empty() || ip == "None")
        result.labels.set(headless_label, "");
    result.labels.set(service_name_label, api::name_of(service));
    result.labels.set(managed_by_label, controller_name);
    return result;
}

Value new_slice(const Value& service, const Value& ports, std::string_view address_type) {
    const std::string name(api::name_of(service));
    // The dash belongs to the name unless that makes it too long for a subdomain.
    const bool fits = name.size() + 1 <= 253;
    Value owner = service;
    owner.set("apiVersion", "v1");
    owner.set("kind", "Service");
    owner.edit("metadata").set("uid", api::uid_of(service));
    Value slice = Value::object(
        {{"apiVersion", "discovery.k8s.io/v1"},
         {"kind", "EndpointSlice"},
         {"metadata", Value::object({{"generateName", fits ? name + "-" : name},
                                     {"namespace", service["metadata"]["namespace"]},
                                     {"ownerReferences", Value::array({api::controller_ref(owner)})}})},
         {"addressType", address_type},
         {"ports", ports},
         {"endpoints", Value::array()}});
    slice.edit("metadata").set("labels", labels_of(slice, service).labels);
    return slice;
}

// HashEndpoint: conditions and hints are not part of it. Addresses are sorted.
std::string endpoint_key(const Value& endpoint) {
    std::vector<std::string> addresses;
    for (const auto& address : endpoint["addresses"].items())
        addresses.push_back(address.str());
    std::sort(addresses.begin(), addresses.end());
    const auto& target = endpoint["targetRef"];
    return cat(join(addresses, ","), "|", endpoint["hostname"].as_string(), "|", target["namespace"].as_string(), "|",
               target["name"].as_string(), "|", target["uid"].as_string());
}

bool same_endpoint(const Value& a, const Value& b) {
    for (const auto key : {"addresses", "nodeName", "zone", "conditions", "targetRef"})
        if (a[key] != b[key])
            return false;
    return true;
}

static Value hints_of(const Value& endpoint, std::string_view distribution) {
    const bool same_node = distribution == "PreferSameNode";
    const bool same_zone = distribution == "PreferClose" || distribution == "PreferSameZone";
    Value hints = Value::object();
    if ((same_node || same_zone) && endpoint["zone"].is_string())
        hints.set("forZones", Value::array({Value::object({{"name", endpoint["zone"]}})}));
    if (same_node && endpoint["nodeName"].is_string())
        hints.set("forNodes", Value::array({Value::object({{"name", endpoint["nodeName"]}})}));
    return hints;
}

bool set_hints(Value& slice, const Value& service) {
    const auto distribution = service["spec"]["trafficDistribution"].as_string();
    bool changed = false;
    for (std::size_t i = 0; i < slice["endpoints"].size(); ++i) {
        const Value wanted = hints_of(slice["endpoints"][i], distribution);
        const auto& has = slice["endpoints"][i]["hints"];
        if (wanted.empty() ? has.is_null() : has == wanted)
            continue;
        Value& endpoint = slice.edit("endpoints").edit_at(i);
        if (wanted.empty())
            endpoint.erase("hints");
        else
            endpoint.set("hints", wanted);
        changed = true;
    }
    return changed;
}

void set_trigger_time(Value& slice, const std::string& trigger_time) {
    if (!trigger_time.empty()) {
        slice.edit_path("metadata", "annotations").set(trigger_time_annotation, trigger_time);
        return;
    }
    if (!slice["metadata"]["annotations"].contains(trigger_time_annotation))
        return;
    slice.edit_path("metadata", "annotations").erase(trigger_time_annotation);
    if (slice["metadata"]["annotations"].empty())
        slice.edit("metadata").erase("annotations");
}

}  // namespace kubewalk::controllers::endpointslice
