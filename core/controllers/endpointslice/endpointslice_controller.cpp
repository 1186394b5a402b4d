#include "core/controllers/endpointslice/endpointslice_controller.h"

#include "core/base/text.h"

namespace kubewalk::controllers {

using namespace endpointslice;

namespace {
enum Watched : std::size_t { services, pods, slices, nodes };

// The label a slice was made for, as the key of its Service; "" when another controller manages it.
std::string service_key_of(const Value& slice) {
    const auto& labels = slice["metadata"]["labels"];
    if (labels[managed_by_label].as_string() != controller_name || labels[service_name_label].as_string().empty())
        return {};
    return cat(api::namespace_of(slice), "/", labels[service_name_label].as_string());
}

// What of a Pod an endpoint shows (podEndpointsChanged).
bool endpoint_changed(const Value& before, const Value& after) {
    if (before.is_null() || api::is_deleting(before) != api::is_deleting(after) ||
        is_pod_ready(before) != is_pod_ready(after) || is_pod_terminal(before) != is_pod_terminal(after))
        return true;
    return before["status"]["podIPs"] != after["status"]["podIPs"] ||
           before["status"]["podIP"] != after["status"]["podIP"] ||
           before["spec"]["nodeName"] != after["spec"]["nodeName"];
}
}  // namespace

EndpointSliceController::EndpointSliceController(client::Environment environment)
    : ControllerOf(environment, "endpoint-slice-controller",
                   "system:serviceaccount:kube-system:endpointslice-controller") {
    watch(api::kind::services);
    watch(api::kind::pods);
    watch(api::kind::endpoint_slices);
    watch(api::kind::nodes);
}

void EndpointSliceController::changed(std::size_t index, const client::Change& change) {
    const Value& object = change.object;
    if (index == services) {
        enqueue(api::key_of(object));
    } else if (index == pods) {
        const bool relabelled = change.before["metadata"]["labels"] != object["metadata"]["labels"];
        if (change.type == client::WatchType::modified && !relabelled && !endpoint_changed(change.before, object))
            return;
        for (const auto& service : informer(services).in_namespace(api::namespace_of(object))) {
            const auto& map = service["spec"]["selector"];
            if (map.empty())
                continue;
            const auto selector = api::LabelSelector::from_map(map);
            if (selector.matches(object["metadata"]["labels"]) ||
                (relabelled && !change.before.is_null() && selector.matches(change.before["metadata"]["labels"])))
                enqueue(api::key_of(service));
        }
    } else if (index == slices) {
        const std::string key = service_key_of(object);
        if (key.empty())
            return;
        if (auto found = expected_.find(key); found != expected_.end()) {
            const auto name = api::name_of(object);
            auto slice = found->second.find(std::string(name));
            if (slice != found->second.end() && (change.type == client::WatchType::deleted ||
                                                 (!slice->second.empty() &&
                                                  parse_int(api::resource_version_of(object)).value_or(0) >=
                                                      parse_int(slice->second).value_or(0))))
                found->second.erase(slice);
            if (found->second.empty())
                expected_.erase(found);
        }
        enqueue(key);
    } else if (index == nodes) {
        constexpr std::string_view zone = "topology.kubernetes.io/zone";
        const Value& before = change.before;
        if (change.type != client::WatchType::modified || before["metadata"]["labels"][zone] != object["metadata"]["labels"][zone] ||
            condition_of(before, "Ready")["status"] != condition_of(object, "Ready")["status"])
            check_topology();
        // Pods whose Node was unknown were left out.
        if (change.type == client::WatchType::added)
            for (const auto& [key, service] : cache(services))
                enqueue(key);
    }
}

void EndpointSliceController::check_topology() {
    Objects all;
    for (const auto& [key, node] : cache(nodes))
        all.push_back(node);
    topology_.set_nodes(all);
    for (const auto& key : topology_.overloaded())
        enqueue(key);
}

bool EndpointSliceController::is_stale(const std::string& service_key) const { return expected_.contains(service_key); }

client::Outcome EndpointSliceController::reconcile(const std::string& key) {
    const Value service = informer(services).get(key);
    if (service.is_null()) {
        trigger_times_.forget(key);
        expected_.erase(key);
        topology_.forget(key);
        return client::Outcome::done();  // the garbage collector removes the slices
    }
    if (service["spec"]["type"].as_string() == "ExternalName" || service["spec"]["selector"].empty())
        return client::Outcome::done();
    if (is_stale(key))
        return client::Outcome::done();  // the watch event that ends this brings the key back

    Input input;
    input.service = service;
    const auto selector = api::LabelSelector::from_map(service["spec"]["selector"]);
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(service)))
        if (selector.matches(pod["metadata"]["labels"]))
            input.pods.push_back(pod);
    for (const auto& slice : informer(slices).in_namespace(api::namespace_of(service)))
        if (service_key_of(slice) == key && !api::is_deleting(slice))
            input.slices.push_back(slice);
    input.node = [this](std::string_view name) { return informer(nodes).get(name); };
    input.trigger_time = trigger_times_.trigger_time(key, service, input.pods);
    input.topology = &topology_;

    const Changes changes = endpointslice::reconcile(input);
    if (auto sent = send(key, changes); !sent.ok()) {
        if (sent.error().message.find("because it is being terminated") != std::string::npos)
            return client::Outcome::done();
        recorder().record(simulation(), service, client::EventType::warning, "FailedToUpdateEndpointSlices",
                          cat("Error updating Endpoint Slices for Service ", key, ": ", sent.error().message));
        return client::Outcome::failed(sent.error());
    }
    for (const auto& event : changes.events)
        recorder().record(simulation(), service, event.type, event.reason, event.message);
    return changes.errors.empty() ? client::Outcome::done() : client::Outcome::failed(aggregate(changes.errors));
}

void EndpointSliceController::expect(const std::string& service_key, const Value& slice) {
    expected_[service_key][std::string(api::name_of(slice))] = std::string(api::resource_version_of(slice));
}

Result<void> EndpointSliceController::send(const std::string& service_key, const Changes& changes) {
    const auto named = [&](std::string_view verb, const Value& slice, const Error& error) {
        Error told = error;
        told.message = cat("failed to ", verb, " ", api::name_of(slice), " EndpointSlice for Service ", service_key,
                           ": ", error.message);
        return told;
    };
    for (const auto& slice : changes.create) {
        auto created = client().create(api::kind::endpoint_slices, slice);
        if (!created.ok()) {
            Error told = created.error();
            told.message =
                cat("failed to create EndpointSlice for Service ", service_key, ": ", created.error().message);
            return told;
        }
        expect(service_key, created.value());
    }
    for (const auto& slice : changes.update) {
        auto updated = client().update(api::kind::endpoint_slices, slice);
        if (!updated.ok())
            return named("update", slice, updated.error());
        if (api::resource_version_of(updated.value()) != api::resource_version_of(slice))
            expect(service_key, updated.value());
    }
    for (const auto& slice : changes.remove) {
        auto removed = client().remove(api::kind::endpoint_slices, api::namespace_of(slice), api::name_of(slice));
        if (!removed.ok() && removed.error().reason != "NotFound")
            return named("delete", slice, removed.error());
        if (removed.ok())
            expected_[service_key][std::string(api::name_of(slice))] = "";
    }
    return {};
}

}  // namespace kubewalk::controllers
