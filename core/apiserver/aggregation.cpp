#include "core/apiserver/aggregation.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/apiserver/proxy_path.h"
#include "core/apiserver/reviews.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

struct Priority {
    std::string_view group;
    std::string_view version;
    int of_group;
    int of_version;
};
constexpr Priority priorities[] = {
    {"", "v1", 18000, 1},
    {"apps", "v1", 17800, 15},
    {"events.k8s.io", "v1", 17750, 15},
    {"authentication.k8s.io", "v1", 17700, 15},
    {"authorization.k8s.io", "v1", 17600, 15},
    {"autoscaling", "v1", 17500, 15},
    {"autoscaling", "v2", 17500, 30},
    {"batch", "v1", 17400, 15},
    {"certificates.k8s.io", "v1", 17300, 15},
    {"networking.k8s.io", "v1", 17200, 15},
    {"policy", "v1", 17100, 15},
    {"rbac.authorization.k8s.io", "v1", 17000, 15},
    {"storage.k8s.io", "v1", 16800, 15},
    {"apiextensions.k8s.io", "v1", 16700, 15},
    {"admissionregistration.k8s.io", "v1", 16700, 15},
    {"scheduling.k8s.io", "v1", 16600, 15},
    {"coordination.k8s.io", "v1", 16500, 15},
    {"node.k8s.io", "v1", 16300, 15},
    {"discovery.k8s.io", "v1", 16200, 15},
    {"flowcontrol.apiserver.k8s.io", "v1", 16100, 21},
};
// The group of the APIServices themselves has none, and comes first.
constexpr std::string_view own_group = "apiregistration.k8s.io";
constexpr int first_of_all = 20000;

std::string_view verb_of(const client::Request& request, bool named) {
    switch (request.method) {
        case client::Method::get: break;
        case client::Method::post: return "create";
        case client::Method::put: return "update";
        case client::Method::patch: return "patch";
        case client::Method::del: return named ? "delete" : "deletecollection";
    }
    if (named)
        return "get";
    const auto watch = request.query.find("watch");
    return watch != request.query.end() && (watch->second == "true" || watch->second == "1") ? "watch" : "list";
}

bool is_available(const Value& api_service) {
    for (const auto& condition : api_service["status"]["conditions"].items())
        if (condition["type"].as_string() == "Available")
            return condition["status"].as_string() == "True";
    return false;
}

// An answer that is no object of the API: the bare text, as Go's http.Error writes it.
Answer<Value> plain(Call& call, int code, std::string_view text) {
    call.code = code;
    return Value(cat(text, "\n"));
}

}  // namespace

std::optional<AggregatedRoute> aggregated_route(const client::Request& request) {
    constexpr std::string_view root = "/apis/";
    const std::string_view path = request.path;
    if (!path.starts_with(root))
        return std::nullopt;
    std::vector<std::string_view> parts;
    for (const auto part : split(path.substr(root.size()), '/'))
        if (!part.empty())
            parts.push_back(part);
    if (parts.size() < 2 || group_priority(parts[0]) != 0)
        return std::nullopt;
    AggregatedRoute route;
    route.group = parts[0];
    route.version = parts[1];
    std::size_t at = 2;
    if (parts.size() >= 5 && parts[2] == "namespaces") {
        route.namespace_name = parts[3];
        at = 4;
    }
    if (at < parts.size())
        route.resource = parts[at];
    if (at + 1 < parts.size())
        route.name = parts[at + 1];
    if (at + 2 < parts.size())
        route.subresource = parts[at + 2];
    route.verb = verb_of(request, !route.name.empty() || route.resource.empty());
    return route;
}

int group_priority(std::string_view group) {
    if (group == own_group)
        return first_of_all;
    for (const auto& one : priorities)
        if (one.group == group)
            return one.of_group;
    return 0;
}

void register_own_groups(Core& core, Random& random) {
    for (const auto& one : priorities) {
        const Value condition = Value::object({{"type", "Available"},
                                               {"status", "True"},
                                               {"lastTransitionTime", to_rfc3339(core.simulation.now())},
                                               {"reason", "Local"},
                                               {"message", "Local APIServices are always available"}});
        Value spec = Value::object({{"groupPriorityMinimum", one.of_group}, {"version", one.version}, {"versionPriority", one.of_version}});
        if (!one.group.empty())
            spec.set("group", one.group);
        core.install(api::kind::api_services,
                     Value::object({{"apiVersion", "apiregistration.k8s.io/v1"},
                                    {"kind", "APIService"},
                                    {"metadata", Value::object({{"name", cat(one.version, ".", one.group)},
                                                                {"labels", Value::object({{"kube-aggregator.kubernetes.io/automanaged", "onstart"}})}})},
                                    {"spec", std::move(spec)},
                                    {"status", Value::object({{"conditions", Value::array({condition})}})}}),
                     random);
    }
}

Result<std::string> service_address(const Value& service, std::string_view name, std::int64_t port) {
    const Value& spec = service["spec"];
    const auto refused = [&] { return Error{"ServiceUnavailable", cat("no service port ", port, " found for service ", quoted(name)), {}, 0, 0}; };
    const auto type = spec["type"].as_string();
    if (type == "ExternalName")
        return cat(spec["externalName"].as_string(), ":", port);
    const auto ip = spec["clusterIP"].as_string();
    if (ip == "None" || ip.empty())
        return Error{"ServiceUnavailable", cat("cannot route to service with ClusterIP ", quoted(ip)), {}, 0, 0};
    for (const auto& one : spec["ports"].items())
        if (one["port"].as_int() == port)
            return ip.find(':') == std::string_view::npos ? cat(ip, ":", port) : cat("[", ip, "]:", port);
    return refused();
}

bool leads_elsewhere(const Core& core, const client::Request& request) {
    const auto route = aggregated_route(request);
    return route && !core.customs.serves(route->group, route->version);
}

Answer<Value> hand_on(Core& core, Call& call, const AggregatedRoute& route) {
    const Value& api_service = core.get(api::kind::api_services, {}, cat(route.version, ".", route.group));
    const Value& reference = api_service["spec"]["service"];
    if (reference.is_null())
        return status::unknown_path();
    constexpr std::string_view unavailable = "service unavailable";
    if (!is_available(api_service) || !core.dialer)
        return plain(call, 503, unavailable);
    const auto name = reference["name"].as_string();
    const auto address = service_address(core.get(api::kind::services, reference["namespace"].as_string(), name), name, reference["port"].as_int());
    if (!address.ok())
        return plain(call, 503, unavailable);

    ProxyRequest request;
    request.scheme = "https";
    request.address = address.value();
    request.method = client::method_name(call.request.method);
    request.path = cat(escaped_path(call.request.path), escaped_query(call.request));
    request.host = address.value();
    for (const auto& [key, value] : call.request.headers)
        if (const auto lower = to_lower(key); lower != "authorization")  // the identity goes on in headers of its own
            request.headers[lower] = value;
    request.headers["x-remote-user"] = call.user.name;
    request.headers["x-remote-group"] = join(call.user.groups, ",");
    if (!call.request.body.is_null())
        request.body = call.request.body.is_string() ? call.request.body.str() : api::to_json(call.request.body);
    auto answer = core.dialer->http(request);
    if (!answer.ok())
        return plain(call, 503, cat("error trying to reach service: ", answer.error().message));
    ProxyResponse& response = answer.value();
    call.code = response.status;
    if (const auto type = response.headers.find("content-type"); type != response.headers.end() && type->second.starts_with("application/json"))
        if (auto parsed = api::parse_json(response.body); parsed.ok())
            return parsed.take();
    call.headers = std::move(response.headers);
    return Value(std::move(response.body));
}

}  // namespace kubewalk::apiserver
