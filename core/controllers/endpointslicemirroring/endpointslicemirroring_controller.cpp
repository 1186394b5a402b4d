#include "core/controllers/endpointslicemirroring/endpointslicemirroring_controller.h"

#include <algorithm>

#include "core/api/names.h"
#include "core/base/text.h"
#include "core/controllers/endpointslice/utils.h"

namespace kubewalk::controllers {

using endpointslice::managed_by_label;
using endpointslice::port_map_key;
using endpointslice::service_name_label;

namespace {
enum Watched : std::size_t { endpoints_list, services, slices };
constexpr std::size_t most_per_subset = 1000;
constexpr std::string_view skip_label = "endpointslice.kubernetes.io/skip-mirror";
constexpr std::string_view leader_annotation = "control-plane.alpha.kubernetes.io/leader";
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

Value mirrored_endpoint(const Value& address, bool ready) {
    Value endpoint = Value::object(
        {{"addresses", Value::array({address["ip"]})}, {"conditions", Value::object({{"ready", ready}})}});
    for (const auto field : {"hostname", "nodeName", "targetRef"})
        if (!address[field].is_null())
            endpoint.set(field, address[field]);
    return endpoint;
}

Value mirrored_ports(const Value& ports) {
    Value list = Value::array();
    for (const auto& port : ports.items()) {
        Value one = Value::object({{"name", port["name"].str()}, {"port", port["port"]}});
        one.set("protocol", port["protocol"].str("TCP"));
        if (!port["appProtocol"].is_null())
            one.set("appProtocol", port["appProtocol"]);
        list.push_back(one);
    }
    return list;
}

Value empty_slice(const Value& endpoints, const Value& ports, std::string_view family) {
    Value labels = endpoints["metadata"]["labels"];
    labels.erase("endpoints.kubernetes.io/managed-by");
    labels.set(service_name_label, api::name_of(endpoints));
    labels.set(managed_by_label, endpointslicemirroring::controller_name);
    Value metadata = Value::object({{"generateName", cat(api::name_of(endpoints), "-")},
                                    {"namespace", endpoints["metadata"]["namespace"]},
                                    {"labels", labels},
                                    {"ownerReferences", Value::array({api::controller_ref(endpoints)})}});
    Value annotations = Value::object();
    for (const auto& one : endpoints["metadata"]["annotations"].members())
        if (one.key != last_applied)
            annotations.set(one.key, one.value);
    if (!annotations.empty())
        metadata.set("annotations", annotations);
    return Value::object({{"apiVersion", "discovery.k8s.io/v1"},
                          {"kind", "EndpointSlice"},
                          {"metadata", metadata},
                          {"addressType", family},
                          {"ports", ports},
                          {"endpoints", Value::array()}});
}
}  // namespace

namespace endpointslicemirroring {

bool should_mirror(const Value& endpoints) {
    return !endpoints.is_null() && endpoints["metadata"]["labels"][skip_label].as_string() != "true" &&
           !endpoints["metadata"]["annotations"].contains(leader_annotation);
}

Objects desired_slices(const Value& endpoints) {
    Objects result;
    for (const auto& subset : endpoints["subsets"].items()) {
        const Value ports = mirrored_ports(subset["ports"]);
        std::size_t taken = 0;
        for (const auto list : {"addresses", "notReadyAddresses"})
            for (const auto& address : subset[list].items()) {
                if (taken++ >= most_per_subset)
                    break;
                const std::string family = api::is_ipv6(address["ip"].as_string()) ? "IPv6" : "IPv4";
                auto found = std::find_if(result.begin(), result.end(), [&](const Value& one) {
                    return one["addressType"].as_string() == family && port_map_key(one["ports"]) == port_map_key(ports);
                });
                if (found == result.end()) {
                    result.push_back(empty_slice(endpoints, ports, family));
                    found = result.end() - 1;
                }
                found->edit("endpoints").push_back(mirrored_endpoint(address, list == std::string_view("addresses")));
            }
    }
    return result;
}

}  // namespace endpointslicemirroring

EndpointSliceMirroringController::EndpointSliceMirroringController(client::Environment environment)
    : ControllerOf(environment, "endpointslice-mirroring-controller",
                   "system:serviceaccount:kube-system:endpointslicemirroring-controller") {
    watch(api::kind::endpoints);
    watch(api::kind::services);
    watch(api::kind::endpoint_slices, {}, {cat(managed_by_label, "=", endpointslicemirroring::controller_name), {}});
}

void EndpointSliceMirroringController::changed(std::size_t index, const client::Change& change) {
    if (index == slices) {
        const auto& labels = change.object["metadata"]["labels"];
        if (labels[managed_by_label].as_string() == endpointslicemirroring::controller_name)
            enqueue(cat(api::namespace_of(change.object), "/", labels[service_name_label].as_string()));
        return;
    }
    if (index == endpoints_list && !endpointslicemirroring::should_mirror(change.object) &&
        !endpointslicemirroring::should_mirror(change.before))
        return;
    // A Service with a selector has slices of its own; whether it has one can change.
    const auto& service = index == services ? change.object : informer(services).get(api::key_of(change.object));
    if (change.type == client::WatchType::modified && !service["spec"]["selector"].is_null() &&
        change.before["spec"]["selector"] == change.object["spec"]["selector"])
        return;
    enqueue(api::key_of(change.object));
}

client::Outcome EndpointSliceMirroringController::reconcile(const std::string& key) {
    const Value endpoints = informer(endpoints_list).get(key);
    const Value service = informer(services).get(key);
    const auto [namespace_name, name] = api::split_key(key);
    Objects existing;
    for (const auto& slice : informer(slices).in_namespace(namespace_name)) {
        const auto& labels = slice["metadata"]["labels"];
        if (labels[service_name_label].as_string() == name &&
            labels[managed_by_label].as_string() == endpointslicemirroring::controller_name && !api::is_deleting(slice))
            existing.push_back(slice);
    }
    const bool mirrored = endpointslicemirroring::should_mirror(endpoints) && !service.is_null() &&
                          service["spec"]["selector"].empty();
    const auto done = bring_in_line(existing, mirrored ? endpointslicemirroring::desired_slices(endpoints) : Objects{});
    return done.ok() ? client::Outcome::done() : client::Outcome::failed(done.error());
}

Result<void> EndpointSliceMirroringController::bring_in_line(const Objects& existing, const Objects& desired) {
    std::set<std::string> kept;
    for (const auto& wanted : desired) {
        const auto found = std::find_if(existing.begin(), existing.end(), [&](const Value& one) {
            return !kept.contains(std::string(api::name_of(one))) && one["addressType"] == wanted["addressType"] &&
                   port_map_key(one["ports"]) == port_map_key(wanted["ports"]);
        });
        if (found == existing.end()) {
            if (const auto created = client().create(api::kind::endpoint_slices, wanted); !created.ok())
                return created.error();
            continue;
        }
        kept.insert(std::string(api::name_of(*found)));
        Value updated = *found;
        updated.set("endpoints", wanted["endpoints"]);
        updated.edit("metadata").set("labels", wanted["metadata"]["labels"]);
        if (updated == *found)
            continue;
        if (const auto written = client().update(api::kind::endpoint_slices, updated); !written.ok())
            return written.error();
    }
    for (const auto& one : existing) {
        if (kept.contains(std::string(api::name_of(one))))
            continue;
        const auto removed = client().remove(api::kind::endpoint_slices, api::namespace_of(one), api::name_of(one));
        if (!removed.ok() && removed.error().reason != "NotFound")
            return removed.error();
    }
    return {};
}

}  // namespace kubewalk::controllers
