#include "core/cloud/provider.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::cloud {

namespace {

using api::Value;

constexpr std::uint16_t kube_proxy_health_port = 10256;

std::uint16_t port_number(const Value& value) { return static_cast<std::uint16_t>(value.as_int()); }

net::Protocol protocol_of(std::string_view text) {
    if (text == "UDP")
        return net::Protocol::udp;
    return text == "SCTP" ? net::Protocol::sctp : net::Protocol::tcp;
}

Error invalid(std::string message) { return Error{"InvalidParameter", std::move(message), {}, 0, 0}; }

Result<net::Forwarding> forwarding_of(const Value& service) {
    const auto wanted = service.path("metadata", "annotations", forwarding_annotation).as_string();
    const auto& ports = service["spec"]["ports"].items();
    const bool node_ports = std::all_of(ports.begin(), ports.end(), [](const Value& port) { return port["nodePort"].as_int() != 0; });
    if (wanted.empty())
        return node_ports ? net::Forwarding::node_port : net::Forwarding::direct;
    if (wanted == "NodePort")
        return net::Forwarding::node_port;
    if (wanted == "Direct")
        return net::Forwarding::direct;
    if (wanted == "Proxy")
        return net::Forwarding::proxy;
    return invalid(cat("annotation ", forwarding_annotation, ": ", quoted(wanted), " is none of NodePort, Direct, Proxy"));
}

// spec.loadBalancerSourceRanges, or the old annotation.
Result<std::vector<net::Prefix>> sources_of(const Value& service) {
    std::vector<std::string> texts;
    for (const Value& range : service["spec"]["loadBalancerSourceRanges"].items())
        texts.push_back(range.str());
    if (texts.empty())
        for (const auto piece : split(service.path("metadata", "annotations", "service.beta.kubernetes.io/load-balancer-source-ranges").as_string(), ','))
            if (!trim(piece).empty())
                texts.emplace_back(trim(piece));
    std::vector<net::Prefix> out;
    for (const auto& text : texts) {
        const auto prefix = net::Prefix::parse(trim(text));
        if (!prefix)
            return invalid(cat("service.Spec.LoadBalancerSourceRanges: [", join(texts, " "), "] is not valid. Expecting a list of IP ranges. For example, 10.0.0.0/24."));
        if (prefix->length == 0)
            return std::vector<net::Prefix>{};
        out.push_back(*prefix);
    }
    return out;
}

// Local: only nodes with endpoints are fit, and kube-proxy says which. Else a node is fit when its node
// ports answer; where nothing can be dialled, when its kube-proxy is well.
HealthCheck check_of(const Value& spec, const std::vector<BalancerPort>& ports) {
    HealthCheck check;
    if (const auto port = port_number(spec["healthCheckNodePort"]); port != 0) {
        check.kind = HealthCheck::Kind::http;
        check.port = port;
        return check;
    }
    const bool dialled = std::all_of(ports.begin(), ports.end(), [](const BalancerPort& port) {
        return port.protocol == net::Protocol::tcp && port.node_port != 0;
    });
    if (!dialled) {
        check.kind = HealthCheck::Kind::http;
        check.port = kube_proxy_health_port;
    }
    return check;
}

}  // namespace

std::string provider_id(const Instance& instance) { return cat(provider_name, ":///", instance.zone, "/", instance.id); }

const Instance* instance_of(const Cloud& cloud, const Value& node) {
    const auto id = node["spec"]["providerID"].as_string();
    if (!id.empty())
        return cloud.instance(id.substr(id.rfind('/') + 1));
    return cloud.instance_named(api::name_of(node));
}

std::string balancer_name(const Value& service) { return cat("a", replace_all(api::uid_of(service), "-", "")).substr(0, 32); }

Result<BalancerRequest> balancer_request(const Value& service) {
    const Value& spec = service["spec"];
    BalancerRequest request;
    request.name = balancer_name(service);
    request.service = api::key_of(service);
    const auto families = spec["ipFamilies"].items();
    if (!families.empty() && std::none_of(families.begin(), families.end(), [](const Value& one) { return one.as_string() == "IPv4"; }))
        return invalid("this cloud has no IPv6 load balancers");
    KUBEWALK_TRY(forwarding, forwarding_of(service));
    request.forwarding = forwarding;
    for (const Value& port : spec["ports"].items())
        request.ports.push_back({protocol_of(port["protocol"].as_string()), port_number(port["port"]), port_number(port["nodePort"])});
    KUBEWALK_TRY(sources, sources_of(service));
    request.sources = std::move(sources);
    if (spec["sessionAffinity"].as_string() == "ClientIP")
        request.affinity_seconds =
            static_cast<std::uint32_t>(spec.path("sessionAffinityConfig", "clientIP", "timeoutSeconds").as_int(10800));
    if (const auto wanted = spec["loadBalancerIP"].as_string(); !wanted.empty()) {
        request.address = net::Ip::parse(wanted);
        if (!request.address)
            return invalid(cat("loadBalancerIP ", quoted(wanted), " is not an IP address"));
    }
    request.check = check_of(spec, request.ports);
    return request;
}

Value balancer_ingress(const Balancer& balancer) {
    const bool proxy = balancer.request.forwarding == net::Forwarding::proxy;
    return Value::array({Value::object({{"ip", balancer.public_ip.text()}, {"ipMode", proxy ? "Proxy" : "VIP"}})});
}

std::vector<std::string> instance_ids(const Cloud& cloud, const std::vector<Value>& nodes) {
    std::vector<std::string> ids;
    for (const Value& node : nodes)
        if (const Instance* instance = instance_of(cloud, node))
            ids.push_back(instance->id);
    return ids;
}

}  // namespace kubewalk::cloud
