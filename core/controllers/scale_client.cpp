#include "core/controllers/scale_client.h"

#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

client::Response ask(const client::Client& client, client::Method method, std::string path, const Value& body) {
    client::Request request;
    request.method = method;
    request.path = std::move(path);
    request.body = body;
    request.user = client.user();
    request.agent = client.agent();
    return client.transport().send(request);
}

}  // namespace

const api::Kind* kind_named(const client::Client& client, std::string_view api_version, std::string_view kind) {
    if (const auto* own = api::find_kind(api_version, kind))
        return own;
    if (api_version.find('/') == std::string_view::npos)
        return nullptr;
    const auto list = ask(client, client::Method::get, cat("/apis/", api_version), {});
    if (!list.ok())
        return nullptr;
    for (const auto* one : api::custom_kinds_in(list.body))
        if (one->kind == kind)
            return one;
    return nullptr;
}

Result<Value> send_scale(const client::Client& client, client::Method method, const api::Kind& kind, std::string_view namespace_name,
                         std::string_view name, const Value& body) {
    const auto response = ask(client, method, cat(api::object_path(kind, namespace_name, name), "/scale"), body);
    return response.ok() ? Result<Value>(response.body) : Result<Value>(client::to_error(response));
}

bool has_scale(const client::Client& client, const api::Kind& kind) {
    const auto list = ask(client, client::Method::get, cat(kind.group.empty() ? "/api/" : "/apis/", kind.api_version()), {});
    for (const auto& one : list.body["resources"].items())
        if (one["name"].as_string() == cat(kind.resource, "/scale"))
            return true;
    return false;
}

}  // namespace kubewalk::controllers
