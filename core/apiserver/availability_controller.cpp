#include "core/apiserver/availability_controller.h"

#include "core/apiserver/aggregation.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

// Some trouble is seen by trying alone: a network that no longer leads there.
constexpr Duration recheck = seconds(30);

std::string_view service_of(const Value& slice) { return slice["metadata"]["labels"]["kubernetes.io/service-name"].as_string(); }

bool refers_to(const Value& api_service, std::string_view namespace_name, std::string_view name) {
    const Value& reference = api_service["spec"]["service"];
    return reference["name"].as_string() == name && reference["namespace"].as_string() == namespace_name;
}

}  // namespace

AvailabilityController::AvailabilityController(client::Environment environment, Dialer& dialer)
    : ControllerOf(environment, std::string(hook), "system:apiserver"), dialer_(&dialer) {
    watch(api::kind::api_services);
    // Seldom does anybody serve a group of the API.
    watch_on_demand(api::kind::services);
    watch_on_demand(api::kind::endpoint_slices);
}

void AvailabilityController::changed(std::size_t index, const client::Change& change) {
    if (index == api_services) {
        if (change.object["spec"]["service"].is_null())
            return;
        need(services);
        need(endpoint_slices);
        enqueue(api::key_of(change.object));
        return;
    }
    const auto name = index == services ? api::name_of(change.object) : service_of(change.object);
    for (const auto& [key, api_service] : cache(api_services))
        if (refers_to(api_service, api::namespace_of(change.object), name))
            enqueue(key);
}

bool AvailabilityController::has_ready_endpoint(const Value& service, std::string_view port_name, bool& any) const {
    for (const auto& [key, slice] : cache(endpoint_slices)) {
        if (service_of(slice) != api::name_of(service) || api::namespace_of(slice) != api::namespace_of(service))
            continue;
        any = true;
        bool ready = false, has_port = false;
        for (const auto& endpoint : slice["endpoints"].items())
            ready = ready || endpoint["conditions"]["ready"].as_bool(true);
        for (const auto& port : slice["ports"].items())
            has_port = has_port || (port["name"].as_string() == port_name && !port["port"].is_null());
        if (ready && has_port)
            return true;
    }
    return false;
}

AvailabilityController::Verdict AvailabilityController::check(const Value& api_service) const {
    const Value& reference = api_service["spec"]["service"];
    const auto name = reference["name"].as_string(), space = reference["namespace"].as_string();
    const auto port = reference["port"].as_int();
    const Value service = informer(services).get(cat(space, "/", name));
    const auto where = cat("service/", name, " in ", quoted(space));
    if (service.is_null())
        return {false, "ServiceNotFound", cat(where, " is not present")};
    if (service["spec"]["type"].as_string() == "ClusterIP") {
        const Value* found = nullptr;
        for (const auto& one : service["spec"]["ports"].items())
            if (!found && one["port"].as_int() == port)
                found = &one;
        if (!found)
            return {false, "ServicePortError", cat(where, " is not listening on port ", port)};
        const auto port_name = (*found)["name"].as_string();
        bool any = false;
        const bool ready = has_ready_endpoint(service, port_name, any);
        if (!any)
            return {false, "EndpointsNotFound", cat("cannot find endpointslices for ", where)};
        if (!ready)
            return {false, "MissingEndpoints", cat("endpointslices for ", where, " have no addresses with port name ", quoted(port_name))};
    }
    const auto failed = [](std::string message) { return Verdict{false, "FailedDiscoveryCheck", std::move(message)}; };
    const auto address = service_address(service, name, port);
    if (!address.ok())
        return failed(address.error().message);
    ProxyRequest request;
    request.scheme = "https";
    request.address = request.host = address.value();
    request.method = "GET";
    request.path = cat("/apis/", api_service["spec"]["group"].as_string(), "/", api_service["spec"]["version"].as_string());
    request.headers = {{"x-remote-user", "system:kube-aggregator"}, {"x-remote-group", "system:masters"}};
    const auto url = cat("https://", address.value(), request.path);
    const auto answer = dialer_->http(request);
    if (!answer.ok())
        return failed(cat("failing or missing response from ", url, ": Get ", quoted(url), ": ", answer.error().message));
    if (const int status = answer.value().status; status < 200 || status >= 300)
        return failed(cat("failing or missing response from ", url, ": bad status from ", url, ": ", status));
    return {true, "Passed", "all checks passed"};
}

client::Outcome AvailabilityController::reconcile(const std::string& key) {
    const Value api_service = informer(api_services).get(key);
    if (api_service["spec"]["service"].is_null())
        return client::Outcome::done();
    const Verdict verdict = check(api_service);
    const std::string_view status = verdict.available ? "True" : "False";
    Value condition = Value::object({{"type", "Available"}, {"status", status}, {"reason", verdict.reason}, {"message", verdict.message}});
    const Value* known = nullptr;
    for (const auto& one : api_service["status"]["conditions"].items())
        if (one["type"].as_string() == "Available")
            known = &one;
    const bool turned = !known || (*known)["status"].as_string() != status;
    condition.set("lastTransitionTime", turned ? Value(to_rfc3339(now())) : (*known)["lastTransitionTime"]);
    if (!known || *known != condition) {
        Value updated = api_service;
        updated.edit("status").set("conditions", Value::array({condition}));
        if (const auto written = client().update_status(api::kind::api_services, updated); !written.ok())
            return client::Outcome::failed(written.error());
    }
    if (verdict.reason == "FailedDiscoveryCheck") {
        // kube-proxy's rules may be on their way. That nobody answers is no progress, so the cluster counts as settled.
        auto again = client::Outcome::failed(verdict.message);
        again.unreachable = true;
        return again;
    }
    return client::Outcome::look_again(recheck);
}

}  // namespace kubewalk::apiserver
