#include "core/apiserver/computed.h"

#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

struct Part {
    std::string_view name;
    int port = 0;  // of its health endpoint on the control plane's loopback; 0: etcd, asked over its own protocol
};
constexpr Part parts[] = {{"controller-manager", 10257}, {"scheduler", 10259}, {"etcd-0", 0}};

Value healthy(std::string_view status, std::string_view message, std::string_view error) {
    Value condition = Value::object({{"type", "Healthy"}, {"status", status}});
    if (!message.empty())
        condition.set("message", message);
    if (!error.empty())
        condition.set("error", error);
    return condition;
}

// Server.DoServerCheck: an HTTP probe whose failure is the message, etcd's is the error.
Value condition_of(const Core& core, const Part& part) {
    if (part.port == 0)
        return core.state.storage_answers ? healthy("True", "ok", {}) : healthy("False", {}, "context deadline exceeded");
    ProxyRequest request;
    request.scheme = "https";
    request.address = cat("127.0.0.1:", part.port);
    request.method = "GET";
    request.path = "/healthz";
    request.host = request.address;
    const auto answered = core.dialer ? core.dialer->http(request) : Result<ProxyResponse>(Error{"Internal", "no connection to nodes", {}, 0, 0});
    if (!answered.ok())
        return healthy("False", cat("Get ", quoted(cat("https://", request.address, request.path)), ": ", answered.error().message), {});
    const auto& got = answered.value();
    return got.status == 200 ? healthy("True", got.body, {}) : healthy("False", cat("HTTP probe failed with statuscode: ", got.status), {});
}

Value status_of(const Core& core, const Part& part) {
    return Value::object({{"apiVersion", "v1"},
                          {"kind", "ComponentStatus"},
                          {"metadata", Value::object({{"name", part.name}})},
                          {"conditions", Value::array({condition_of(core, part)})}});
}

Answer<Value> component_statuses(Core& core, Registry&, Call& call) {
    const auto& kind = *call.route.kind;
    if (call.route.verb == Verb::get) {
        for (const auto& part : parts)
            if (part.name == call.route.name)
                return status_of(core, part);
        return status::not_found(kind, call.route.name);
    }
    auto filter = Filter::parse(kind, {}, call.request.query);
    if (!filter.ok())
        return filter.failure();
    Value items = Value::array();
    for (const auto& part : parts)
        if (Value one = status_of(core, part); filter.value().matches(one))
            items.push_back(std::move(one));
    return Value::object({{"apiVersion", "v1"}, {"kind", "ComponentStatusList"}, {"metadata", Value::object()}, {"items", std::move(items)}});
}

// POST of a Binding names its Pod in metadata.
Answer<Value> bindings(Core& core, Registry& registry, Call& call) {
    if (call.route.namespace_name.empty())
        return status::method_not_allowed();
    const auto given = api::namespace_of(call.request.body);
    if (!given.empty() && given != call.route.namespace_name)
        return status::bad_request("the namespace of the provided object does not match the namespace sent on the request");
    call.route.kind = &api::kind::pods;
    call.route.served = &api::kind::pods;
    call.route.name = api::name_of(call.request.body);
    call.route.subresource = "binding";
    return subresource::binding(core, registry, call);
}

constexpr Computed table[] = {
    {"", "componentstatuses", "get,list", component_statuses},
    {"", "bindings", "create", bindings},
};

}  // namespace

const Computed* find_computed(const api::Kind& kind) {
    for (const auto& entry : table)
        if (entry.resource == kind.resource && entry.group == kind.group)
            return &entry;
    return nullptr;
}

}  // namespace kubewalk::apiserver
