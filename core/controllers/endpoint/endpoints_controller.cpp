#include "core/controllers/endpoint/endpoints_controller.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/api/json.h"
#include "core/api/names.h"
#include "core/base/text.h"
#include "core/controllers/endpointslice/reconciler.h"

namespace kubewalk::controllers {

namespace endpoint {

namespace {

struct Address {
    Value value;
    bool ready = false;
};
// Keyed so that iteration gives upstream's order: by IP as text, then by the Pod's uid.
using Addresses = std::map<std::pair<std::string, std::string>, Address>;

std::optional<Value> address_of(const Value& service, const Value& pod) {
    const bool wants_v6 = service["spec"]["ipFamilies"][0].as_string("IPv4") == "IPv6";
    std::string ip;
    for (const auto& entry : pod["status"]["podIPs"].items())
        if (ip.empty() && api::is_ipv6(entry["ip"].as_string()) == wants_v6)
            ip = entry["ip"].str();
    if (ip.empty() && pod["status"]["podIPs"].empty())
        ip = pod["status"]["podIP"].str();
    if (ip.empty())
        return std::nullopt;
    Value address = Value::object(
        {{"ip", ip},
         {"targetRef", Value::object({{"kind", "Pod"},
                                      {"namespace", api::namespace_of(pod)},
                                      {"name", api::name_of(pod)},
                                      {"uid", api::uid_of(pod)}})}});
    if (const auto& node = pod["spec"]["nodeName"]; node.is_string())
        address.set("nodeName", node);
    if (endpointslice::should_set_hostname(pod, service))
        address.set("hostname", pod["spec"]["hostname"]);
    return address;
}

Value port_of(const Value& service_port, int number) {
    Value port = Value::object({{"port", number}, {"protocol", service_port["protocol"].as_string("TCP")}});
    if (const auto& name = service_port["name"]; !name.as_string().empty())
        port.set("name", name);
    if (const auto& protocol = service_port["appProtocol"]; !protocol.is_null())
        port.set("appProtocol", protocol);
    return port;
}

Value addresses_value(const Addresses& addresses, bool ready) {
    Value list = Value::array();
    for (const auto& [key, address] : addresses)
        if (address.ready == ready)
            list.push_back(address.value);
    return list;
}

std::string signature(const Addresses& addresses) {
    std::string text;
    for (const auto& [key, address] : addresses)
        append(text, key.first, "|", key.second, "|", address.ready, "\n");
    return text;
}

}  // namespace

Value subsets_of(const Value& service, const Objects& pods) {
    const bool publish_not_ready = service["spec"]["publishNotReadyAddresses"].as_bool();
    std::map<std::string, Addresses> by_port;  // a port as JSON; "" for a headless Service without ports
    for (const auto& pod : pods) {
        if (!endpointslice::should_pod_be_in_endpoints(pod, publish_not_ready))
            continue;
        const auto address = address_of(service, pod);
        if (!address)
            continue;
        const Address entry{*address, publish_not_ready || is_pod_ready(pod)};
        const std::pair<std::string, std::string> key{(*address)["ip"].str(), std::string(api::uid_of(pod))};
        if (service["spec"]["ports"].empty()) {
            if (service["spec"]["clusterIP"].as_string() == "None")
                by_port[""][key] = entry;
            continue;
        }
        for (const auto& port : service["spec"]["ports"].items())
            if (const auto number = endpointslice::find_port(pod, port))
                by_port[api::to_json(port_of(port, *number))][key] = entry;
    }
    // Ports with the same addresses share a subset (RepackSubsets).
    std::map<std::string, std::vector<std::string>> groups;
    for (const auto& [port, addresses] : by_port)
        groups[signature(addresses)].push_back(port);
    Value subsets = Value::array();
    for (const auto& [text, ports] : groups) {
        Value subset = Value::object();
        const Addresses& addresses = by_port[ports.front()];
        if (Value ready = addresses_value(addresses, true); !ready.empty())
            subset.set("addresses", ready);
        if (Value waiting = addresses_value(addresses, false); !waiting.empty())
            subset.set("notReadyAddresses", waiting);
        for (const auto& port : ports)
            if (!port.empty())
                subset.edit("ports").push_back(api::parse_json(port).value_or(Value()));
        subsets.push_back(subset);
    }
    return subsets;
}

}  // namespace endpoint

namespace {
enum Watched : std::size_t { services, pods, endpoints };
constexpr std::string_view managed_by_label = "endpoints.kubernetes.io/managed-by";
}  // namespace

EndpointsController::EndpointsController(client::Environment environment)
    : ControllerOf(environment, "endpoint-controller", "system:serviceaccount:kube-system:endpoint-controller") {
    watch(api::kind::services);
    watch(api::kind::pods);
    watch(api::kind::endpoints);
}

void EndpointsController::changed(std::size_t index, const client::Change& change) {
    const Value& object = change.object;
    if (index == services) {
        enqueue(api::key_of(object));
        return;
    }
    if (index == endpoints) {
        if (change.type == client::WatchType::deleted)
            enqueue(api::key_of(object));
        return;
    }
    const Value& before = change.before;
    const bool relabelled = before["metadata"]["labels"] != object["metadata"]["labels"];
    const bool same =
        change.type == client::WatchType::modified && !relabelled && is_pod_ready(before) == is_pod_ready(object) &&
        api::is_deleting(before) == api::is_deleting(object) && is_pod_terminal(before) == is_pod_terminal(object) &&
        before["status"]["podIPs"] == object["status"]["podIPs"] &&
        before["spec"]["nodeName"] == object["spec"]["nodeName"];
    if (same)
        return;
    for (const auto& service : informer(services).in_namespace(api::namespace_of(object))) {
        if (service["spec"]["selector"].empty())
            continue;
        const auto selector = api::LabelSelector::from_map(service["spec"]["selector"]);
        if (selector.matches(object["metadata"]["labels"]) ||
            (!before.is_null() && selector.matches(before["metadata"]["labels"])))
            enqueue(api::key_of(service));
    }
}

client::Outcome EndpointsController::reconcile(const std::string& key) {
    const Value service = informer(services).get(key);
    if (service.is_null()) {
        trigger_times_.forget(key);
        const auto [namespace_name, name] = api::split_key(key);
        auto removed = client().remove(api::kind::endpoints, namespace_name, name);
        return removed.ok() || removed.error().reason == "NotFound" ? client::Outcome::done()
                                                                    : client::Outcome::failed(removed.error());
    }
    if (service["spec"]["type"].as_string() == "ExternalName" || service["spec"]["selector"].empty())
        return client::Outcome::done();
    const auto selector = api::LabelSelector::from_map(service["spec"]["selector"]);
    Objects selected;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(service)))
        if (selector.matches(pod["metadata"]["labels"]))
            selected.push_back(pod);
    const std::string trigger_time = trigger_times_.trigger_time(key, service, selected);
    return write(key, service, endpoint::subsets_of(service, selected), trigger_time);
}

client::Outcome EndpointsController::write(const std::string& key, const Value& service, const Value& subsets,
                                           const std::string& trigger_time) {
    const Value& current = informer(endpoints).get(key);
    Value labels = service["metadata"]["labels"].is_null() ? Value::object() : service["metadata"]["labels"];
    const auto ip = service["spec"]["clusterIP"].as_string();
    if (ip.empty() || ip == "None")
        labels.set(endpointslice::headless_label, "");
    else
        labels.erase(endpointslice::headless_label);
    labels.set(managed_by_label, "endpoint-controller");

    const auto& current_subsets = current["subsets"];
    if (!current.is_null() && (subsets.empty() ? current_subsets.empty() : current_subsets == subsets) &&
        current["metadata"]["labels"] == labels)
        return client::Outcome::done();
    Value next = current.is_null()
                     ? Value::object({{"apiVersion", "v1"},
                                      {"kind", "Endpoints"},
                                      {"metadata", Value::object({{"name", api::name_of(service)},
                                                                  {"namespace", api::namespace_of(service)}})}})
                     : current;
    next.edit("metadata").set("labels", labels);
    if (subsets.empty())
        next.erase("subsets");
    else
        next.set("subsets", subsets);
    if (!trigger_time.empty())
        next.edit_path("metadata", "annotations").set(endpointslice::trigger_time_annotation, trigger_time);
    else if (next["metadata"]["annotations"].contains(endpointslice::trigger_time_annotation))
        next.edit_path("metadata", "annotations").erase(endpointslice::trigger_time_annotation);
    auto written =
        current.is_null() ? client().create(api::kind::endpoints, next) : client().update(api::kind::endpoints, next);
    if (written.ok() || written.error().message.find("because it is being terminated") != std::string::npos)
        return client::Outcome::done();
    if (current.is_null())
        recorder().record(simulation(), next, client::EventType::warning, "FailedToCreateEndpoint",
                          cat("Failed to create endpoint for service ", key, ": ", written.error().message));
    else
        recorder().record(simulation(), next, client::EventType::warning, "FailedToUpdateEndpoint",
                          cat("Failed to update endpoint ", key, ": ", written.error().message));
    return client::Outcome::failed(written.error());
}

}  // namespace kubewalk::controllers
