// .../services|pods|nodes/[SCHEME:]NAME[:PORT]/proxy/PATH: the API server connects to the endpoint itself and hands
// on request and answer. Upstream: pkg/registry/core/{service/storage,pod,node} (ResourceLocation),
// k8s.io/apimachinery/pkg/util/proxy/{upgradeaware,transport}.go, pkg/util/net/port_split.go.

#include "core/api/json.h"
#include "core/apiserver/proxy_path.h"
#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

// "https:web:443" in parts (SplitSchemeNamePort).
struct Wanted {
    std::string scheme = "http";
    std::string name;
    std::string port;
    bool valid = true;
};

Wanted split_id(std::string_view id) {
    Wanted wanted;
    const auto parts = split(id, ':');
    if (parts.size() == 1) {
        wanted.name = parts[0];
    } else if (parts.size() == 2) {
        wanted.name = parts[0];
        wanted.port = parts[1];
    } else if (parts.size() == 3) {
        wanted.scheme = parts[0].empty() ? "http" : parts[0];
        wanted.name = parts[1];
        wanted.port = parts[2];
    }
    wanted.valid = !wanted.name.empty() && (wanted.scheme == "http" || wanted.scheme == "https");
    return wanted;
}

std::string host_port(std::string_view ip, std::string_view port) {
    const std::string host = ip.find(':') == std::string_view::npos ? std::string(ip) : cat("[", ip, "]");
    return port.empty() ? host : cat(host, ":", port);
}

bool has_address(const Value& pod, std::string_view ip) {
    for (const auto& entry : pod["status"]["podIPs"].items())
        if (entry["ip"].as_string() == ip)
            return true;
    return pod["status"]["podIP"].as_string() == ip;
}

// Only an address that a Pod really has is dialled (isValidAddress): hand-made endpoints are not.
bool is_valid_address(Core& core, const Value& endpoint, std::string_view namespace_name) {
    const Value& target = endpoint["targetRef"];
    if (target["kind"].as_string() != "Pod" || target["namespace"].as_string() != namespace_name)
        return false;
    const Value& pod = core.get(api::kind::pods, namespace_name, target["name"].as_string());
    return !pod.is_null() && has_address(pod, endpoint["addresses"][0].as_string());
}

Answer<std::string> service_location(Core& core, Call& call, Wanted wanted) {
    const auto& namespace_name = call.route.namespace_name;
    const Value& service = core.get(api::kind::services, namespace_name, wanted.name);
    if (service.is_null())
        return status::not_found(api::kind::services, wanted.name);
    // A number means the Service's own port, which stands for the name that the endpoints have for it.
    if (const auto number = parse_int(wanted.port)) {
        bool found = false;
        for (const auto& port : service["spec"]["ports"].items())
            if (!found && port["port"].as_int() == *number) {
                wanted.port = port["name"].str();
                found = true;
            }
        if (!found)
            return status::service_unavailable(cat("no service port ", *number, " found for service ", quoted(wanted.name)));
    }
    std::vector<std::string> addresses;
    const auto prefix = store_prefix(api::kind::endpoint_slices, namespace_name);
    for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it) {
        const Value& slice = it->second.value;
        if (slice["metadata"]["labels"]["kubernetes.io/service-name"].as_string() != wanted.name)
            continue;
        for (const auto& port : slice["ports"].items()) {
            if (port["name"].as_string() != wanted.port)
                continue;
            for (const auto& endpoint : slice["endpoints"].items())
                if (endpoint["conditions"]["ready"].as_bool(true) && is_valid_address(core, endpoint, namespace_name))
                    addresses.push_back(host_port(endpoint["addresses"][0].as_string(), cat(port["port"].as_int())));
        }
    }
    if (addresses.empty())
        return status::service_unavailable(cat("no endpoints available for service ", quoted(call.route.name)));
    return addresses[static_cast<std::size_t>(core.state.random.below(addresses.size()))];
}

Answer<std::string> pod_location(Core& core, Call& call, Wanted wanted) {
    const Value& pod = core.get(api::kind::pods, call.route.namespace_name, wanted.name);
    if (pod.is_null())
        return status::not_found(api::kind::pods, wanted.name);
    for (const auto& container : pod["spec"]["containers"].items())
        if (wanted.port.empty() && !container["ports"].empty())
            wanted.port = cat(container["ports"][0]["containerPort"].as_int());
    const auto ip = pod["status"]["podIP"].as_string();
    if (ip.empty() || ip.starts_with("127."))
        return status::bad_request("address not allowed");
    return host_port(ip, wanted.port);
}

Answer<std::string> node_location(Core& core, Wanted wanted) {
    const Value& node = core.get(api::kind::nodes, {}, wanted.name);
    if (node.is_null())
        return status::not_found(api::kind::nodes, wanted.name);
    if (wanted.port.empty())
        wanted.port = cat(node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"].as_int(10250));
    for (const auto& address : node["status"]["addresses"].items())
        if (address["type"].as_string() == "InternalIP")
            return host_port(address["address"].as_string(), wanted.port);
    return status::internal(cat("no preferred addresses found; known addresses: []"));
}

Answer<std::string> location_of(Core& core, Call& call, const Wanted& wanted) {
    const std::string_view kind = call.route.kind->singular;
    if (!wanted.valid)
        return status::bad_request(cat("invalid ", kind, " request ", quoted(call.route.name)));
    return kind == "service" ? service_location(core, call, wanted)
           : kind == "pod"   ? pod_location(core, call, wanted)
                             : node_location(core, wanted);
}

// transport.go, rewriteURL: a path of the proxied server as a path of this one.
std::string rewritten_url(std::string_view url, std::string_view prepend, std::string_view endpoint) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (url.starts_with(scheme)) {
            const auto rest = url.substr(scheme.size());
            const auto slash = rest.find('/');
            if (rest.substr(0, slash) != endpoint)
                return std::string(url);
            url = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
        }
    if (!url.starts_with('/') || url.starts_with("//") || url.starts_with(prepend))
        return std::string(url);
    return cat(prepend, url);
}

// The attributes of HTML elements that hold addresses (atomsToAttrs, without the rare ones).
std::string rewritten_html(std::string_view html, std::string_view prepend, std::string_view endpoint) {
    std::string out;
    while (!html.empty()) {
        std::size_t at = std::string_view::npos;
        std::size_t length = 0;
        for (const std::string_view attribute : {" href=\"", " src=\"", " action=\"", " href='", " src='", " action='"})
            if (const auto found = html.find(attribute); found < at) {
                at = found;
                length = attribute.size();
            }
        if (at == std::string_view::npos)
            break;
        const char quote = html[at + length - 1];
        out.append(html.substr(0, at + length));
        html.remove_prefix(at + length);
        const auto end = html.find(quote);
        if (end == std::string_view::npos)
            break;
        out += rewritten_url(html.substr(0, end), prepend, endpoint);
        html.remove_prefix(end);
    }
    out.append(html);
    return out;
}

}  // namespace

Answer<Value> proxy(Core& core, Registry&, Call& call) {
    const auto wanted = split_id(call.route.name);
    auto location = location_of(core, call, wanted);
    if (!location.ok())
        return location.failure();
    // A path without its slash would make relative links lead elsewhere (issue 4958).
    if (call.route.rest.empty()) {
        call.code = 301;
        call.headers["location"] = cat(call.request.path, "/", escaped_query(call.request));
        return Value("");
    }
    if (!core.dialer)
        return status::internal("no connection to nodes");
    ProxyRequest request;
    request.scheme = call.route.kind->singular == "node" && wanted.port.empty() ? "https" : wanted.scheme;
    request.address = location.value();
    request.method = client::method_name(call.request.method);
    request.path = cat(escaped_path(call.route.rest), escaped_query(call.request));
    request.host = core.options.address;
    for (const auto& [name, value] : call.request.headers)
        request.headers[to_lower(name)] = value;
    request.headers["x-forwarded-uri"] = cat(call.request.path, escaped_query(call.request));
    request.headers.emplace("accept-encoding", "gzip");
    if (!call.request.body.is_null())
        request.body = call.request.body.is_string() ? call.request.body.str() : api::to_json(call.request.body);
    auto answer = core.dialer->http(request);
    if (!answer.ok())
        return status::service_unavailable(cat("error trying to reach service: ", answer.error().message));
    ProxyResponse& response = answer.value();
    call.code = response.status;
    const auto prepend = call.request.path.substr(0, call.request.path.size() - call.route.rest.size());
    if (const auto found = response.headers.find("location"); found != response.headers.end())
        found->second = rewritten_url(found->second, prepend, request.address);
    if (const auto type = response.headers.find("content-type"); type != response.headers.end() && type->second.starts_with("text/html"))
        response.body = rewritten_html(response.body, prepend, request.address);
    call.headers = std::move(response.headers);
    return Value(std::move(response.body));
}

}  // namespace kubewalk::apiserver::subresource
