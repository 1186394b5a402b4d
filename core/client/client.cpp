#include "core/client/client.h"

#include "core/base/text.h"

namespace kubewalk::client {

namespace {

using api::Value;

Result<Value> answer(Response response) {
    if (!response.ok())
        return to_error(response);
    return std::move(response.body);
}

void add_selectors(Request& request, const ListOptions& options) {
    if (!options.label_selector.empty())
        request.query["labelSelector"] = options.label_selector;
    if (!options.field_selector.empty())
        request.query["fieldSelector"] = options.field_selector;
}

std::string_view content_type(PatchType type) {
    static constexpr std::string_view types[] = {"application/json-patch+json", "application/merge-patch+json",
                                                 "application/strategic-merge-patch+json"};
    return types[static_cast<int>(type)];
}

std::string path_of(const api::Kind& kind, const Value& object) {
    return api::object_path(kind, api::namespace_of(object), api::name_of(object));
}

}  // namespace

Request Client::request(Method method, std::string path) const {
    Request request;
    request.method = method;
    request.path = std::move(path);
    request.user = user_;
    request.agent = agent_;
    request.process = process_;
    request.heartbeat = heartbeat_;
    request.typed = typed_;
    request.without_managed_fields = true;
    return request;
}

Client Client::heartbeats() const {
    Client copy = *this;
    copy.heartbeat_ = true;
    return copy;
}

Client Client::typed() const {
    Client copy = *this;
    copy.typed_ = true;
    return copy;
}

Result<Value> Client::get(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const {
    return answer(transport_->send(request(Method::get, api::object_path(kind, namespace_name, name))));
}

Result<Value> Client::list(const api::Kind& kind, std::string_view namespace_name, const ListOptions& options) const {
    auto wanted = request(Method::get, api::collection_path(kind, namespace_name));
    add_selectors(wanted, options);
    return answer(transport_->send(wanted));
}

Result<Value> Client::create(const api::Kind& kind, const Value& object) const {
    auto wanted = request(Method::post, api::collection_path(kind, api::namespace_of(object)));
    wanted.body = object;
    return answer(transport_->send(wanted));
}

Result<Value> Client::update(const api::Kind& kind, const Value& object) const {
    auto wanted = request(Method::put, path_of(kind, object));
    wanted.body = object;
    return answer(transport_->send(wanted));
}

Result<Value> Client::update_status(const api::Kind& kind, const Value& object) const {
    auto wanted = request(Method::put, path_of(kind, object) + "/status");
    wanted.body = object;
    return answer(transport_->send(wanted));
}

Result<Value> Client::patch(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                            PatchType type, const Value& patch, std::string_view subresource) const {
    auto path = api::object_path(kind, namespace_name, name);
    if (!subresource.empty())
        append(path, "/", subresource);
    auto wanted = request(Method::patch, std::move(path));
    wanted.headers["Content-Type"] = content_type(type);
    wanted.body = patch;
    return answer(transport_->send(wanted));
}

Result<Value> Client::remove(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                             const DeleteOptions& options) const {
    auto wanted = request(Method::del, api::object_path(kind, namespace_name, name));
    wanted.body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}});
    if (options.grace_period_seconds >= 0)
        wanted.body.set("gracePeriodSeconds", options.grace_period_seconds);
    if (!options.propagation_policy.empty())
        wanted.body.set("propagationPolicy", options.propagation_policy);
    if (!options.uid.empty())
        wanted.body.set("preconditions", Value::object({{"uid", options.uid}}));
    return answer(transport_->send(wanted));
}

Result<Value> Client::post(const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                           std::string_view subresource, const Value& body) const {
    auto wanted = request(Method::post, cat(api::object_path(kind, namespace_name, name), "/", subresource));
    wanted.body = body;
    return answer(transport_->send(wanted));
}

Result<WatchId> Client::watch(const api::Kind& kind, std::string_view namespace_name, const ListOptions& options,
                              std::string_view resource_version, sim::ComponentId target,
                              std::uint32_t event_code) const {
    auto wanted = request(Method::get, api::collection_path(kind, namespace_name));
    add_selectors(wanted, options);
    wanted.query["watch"] = "true";
    wanted.query["resourceVersion"] = resource_version;
    return transport_->watch(wanted, target, event_code);
}

}  // namespace kubewalk::client
