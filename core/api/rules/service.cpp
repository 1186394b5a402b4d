// Service. Upstream: pkg/apis/core/v1/defaults.go (SetDefaults_Service), pkg/apis/core/validation/validation.go
// (ValidateService, ValidateServiceUpdate), pkg/registry/core/service/strategy.go.

#include <set>

#include "core/api/int_or_string.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/service_addresses.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Sv = std::string_view;

constexpr std::int64_t kubelet_port = 10250;

bool has_type(const Value& spec, std::initializer_list<Sv> types) {
    for (const auto type : types)
        if (spec["type"].as_string() == type)
            return true;
    return false;
}

// service.ExternallyAccessible
bool takes_outside_traffic(const Value& spec) {
    return has_type(spec, {"NodePort", "LoadBalancer"}) || (has_type(spec, {"ClusterIP"}) && !spec["externalIPs"].empty());
}

// -- defaults -----------------------------------------------------------------------------------------

void default_service(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "sessionAffinity", "None");
    if (spec["sessionAffinity"].as_string() == "None")
        spec.erase("sessionAffinityConfig");
    if (spec["sessionAffinity"].as_string() == "ClientIP" && spec.path("sessionAffinityConfig", "clientIP", "timeoutSeconds").is_null())
        spec.edit_path("sessionAffinityConfig", "clientIP").set("timeoutSeconds", 10800);
    default_to(spec, "type", "ClusterIP");
    for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
        Value& port = spec.edit("ports").edit_at(i);
        if (port["protocol"].as_string().empty())
            port.set("protocol", "TCP");
        if (port["targetPort"].is_null() || port["targetPort"] == Value(0) || port["targetPort"] == Value(""))
            port.set("targetPort", port["port"]);
    }
    if (takes_outside_traffic(spec) && spec["externalTrafficPolicy"].as_string().empty())
        spec.set("externalTrafficPolicy", "Cluster");
    if (has_type(spec, {"NodePort", "LoadBalancer", "ClusterIP"}))
        default_to(spec, "internalTrafficPolicy", "Cluster");
    if (has_type(spec, {"LoadBalancer"})) {
        default_to(spec, "allocateLoadBalancerNodePorts", true);
        // ipMode of what the cloud wrote: VIP unless said otherwise.
        for (std::size_t i = 0; i < object.path("status", "loadBalancer", "ingress").size(); ++i) {
            Value& ingress = object.edit_path("status", "loadBalancer", "ingress").edit_at(i);
            if (!ingress["ip"].as_string().empty())
                default_to(ingress, "ipMode", "VIP");
        }
    }
}

void prepare_service(Value& object) { object.set("status", Value::object({{"loadBalancer", Value::object()}})); }

// Fields that mean nothing for the new type go with the old one (dropTypeDependentFields).
void prepare_service_update(Value& object, const Value& old) {
    keep_status(object, old);
    Value& spec = object.edit("spec");
    if (!has_type(spec, {"LoadBalancer"})) {
        object.set("status", Value::object({{"loadBalancer", Value::object()}}));
        if (old["spec"]["allocateLoadBalancerNodePorts"] == spec["allocateLoadBalancerNodePorts"])
            spec.erase("allocateLoadBalancerNodePorts");
        if (old["spec"]["loadBalancerClass"] == spec["loadBalancerClass"])
            spec.erase("loadBalancerClass");
    }
    if (has_type(spec, {"ExternalName"}) && !has_type(old["spec"], {"ExternalName"})) {
        if (old["spec"]["clusterIP"] == spec["clusterIP"] && old["spec"]["clusterIPs"] == spec["clusterIPs"]) {
            spec.erase("clusterIP");
            spec.erase("clusterIPs");
        }
        for (const Sv field : {"ipFamilies", "ipFamilyPolicy"})
            if (old["spec"][field] == spec[field])
                spec.erase(field);
    }
    if (!takes_outside_traffic(spec) && old["spec"]["externalTrafficPolicy"] == spec["externalTrafficPolicy"])
        spec.erase("externalTrafficPolicy");
    // Node ports that nobody changed go with the type that needed them.
    const bool needed = has_type(old["spec"], {"NodePort", "LoadBalancer"});
    if (needed && !has_type(spec, {"NodePort", "LoadBalancer"}))
        for (std::size_t i = 0; i < spec["ports"].size(); ++i)
            if (spec["ports"][i]["nodePort"] == old["spec"]["ports"][i]["nodePort"])
                spec.edit("ports").edit_at(i).erase("nodePort");
}

void prepare_status(Value& object, const Value& old) { keep_all_but_status(object, old); }

// -- validation ----------------------------------------------------------------------------------------

void validate_port(const Value& port, const Path& path, bool needs_name, bool headless, std::set<std::string>& names, FieldErrors& errors) {
    const auto name = port["name"].as_string();
    if (needs_name && name.empty()) {
        errors.required(path.child("name"));
    } else if (!name.empty()) {
        errors.invalid_each(path.child("name"), name, is_dns1123_label(name));
        if (!names.insert(std::string(name)).second)
            errors.duplicate(path.child("name"), name);
    }
    errors.invalid_each(path.child("port"), port["port"].is_null() ? Value(0) : port["port"], is_valid_port_num(port["port"].as_int()));
    const auto protocol = port["protocol"].as_string();
    if (protocol.empty())
        errors.required(path.child("protocol"));
    else if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
        errors.not_supported(path.child("protocol"), port["protocol"], {"SCTP", "TCP", "UDP"});
    const Value& target = port["targetPort"];
    if (target.is_string())
        errors.invalid_each(path.child("targetPort"), target, is_valid_port_name(target.as_string()));
    else
        errors.invalid_each(path.child("targetPort"), target.is_null() ? Value(0) : target, is_valid_port_num(target.as_int()));
    if (port["appProtocol"].is_string())
        errors.invalid_each(path.child("appProtocol"), port["appProtocol"], is_qualified_name(port["appProtocol"].as_string()));
    (void)headless;  // a headless Service's targetPort may differ from its port since 1.20
}

void validate_ports(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& ports = spec["ports"];
    const Path at = path.child("ports");
    const bool headless = spec["clusterIP"].as_string() == "None";
    if (ports.empty() && !headless && !has_type(spec, {"ExternalName"}))
        return errors.required(at);
    std::set<std::string> names;
    std::set<std::string> seen;
    std::set<std::string> node_ports;
    for (std::size_t i = 0; i < ports.size(); ++i)
        validate_port(ports[i], at.index(i), ports.size() > 1, headless, names, errors);
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Value& port = ports[i];
        const auto node_port = port["nodePort"].as_int();
        if (node_port != 0 && !node_ports.insert(cat(port["protocol"].as_string(), "/", node_port)).second)
            errors.duplicate(at.index(i).child("nodePort"), port["nodePort"]);
        if (!seen.insert(cat(port["protocol"].as_string(), "/", port["port"].as_int())).second)
            errors.duplicate(at.index(i), Value::object({{"protocol", port["protocol"]}, {"port", port["port"]}}));
        if (node_port != 0 && has_type(spec, {"ClusterIP"}))
            errors.forbidden(at.index(i).child("nodePort"), "may not be used when `type` is 'ClusterIP'");
    }
}

void validate_type(const Value& spec, const Path& path, FieldErrors& errors) {
    if (spec["type"].as_string().empty())
        return errors.required(path.child("type"));
    if (spec["type"].as_string() == "ExternalName") {
        constexpr Sv no_address = "may not be set for ExternalName services";
        if (!spec["clusterIP"].as_string().empty() || !spec["clusterIPs"].empty())
            errors.forbidden(path.child("clusterIPs"), no_address);
        if (!spec["ipFamilies"].empty())
            errors.forbidden(path.child("ipFamilies"), no_address);
        if (!spec["ipFamilyPolicy"].is_null())
            errors.forbidden(path.child("ipFamilyPolicy"), no_address);
        const auto name = spec["externalName"].as_string();
        const Value shown = spec["externalName"].str();
        if (name.empty())
            errors.required(path.child("externalName"));
        else
            errors.invalid_each(path.child("externalName"), shown, is_dns1123_subdomain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name));
        return;
    }
    if (!has_type(spec, {"ClusterIP", "NodePort", "LoadBalancer"}))
        return errors.not_supported(path.child("type"), spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    const Path addresses = path.child("clusterIPs"), ports = path.child("ports");
    if (has_type(spec, {"NodePort", "LoadBalancer"}) && spec["clusterIP"].as_string() == "None")
        errors.invalid(addresses.index(0), "None", cat("may not be set to 'None' for ", spec["type"].as_string(), " services"));
    // Clouds that close this port for the kubelet's sake close it for the Service as well.
    for (std::size_t i = 0; has_type(spec, {"LoadBalancer"}) && i < spec["ports"].size(); ++i)
        if (spec["ports"][i]["port"].as_int() == kubelet_port)
            errors.invalid(ports.index(i), Value(kubelet_port), cat("may not expose port ", kubelet_port, " externally since it is used by kubelet"));
}

void validate_session_affinity(const Value& spec, const Path& path, FieldErrors& errors) {
    const auto affinity = spec["sessionAffinity"].as_string();
    if (affinity.empty())
        return errors.required(path.child("sessionAffinity"));
    if (affinity != "None" && affinity != "ClientIP")
        return errors.not_supported(path.child("sessionAffinity"), spec["sessionAffinity"], {"ClientIP", "None"});
    const Path config = path.child("sessionAffinityConfig");
    if (affinity == "None") {
        if (!spec["sessionAffinityConfig"].is_null())
            errors.forbidden(config, "must not be set when session affinity is None");
        return;
    }
    const Value& client_ip = spec.path("sessionAffinityConfig", "clientIP");
    const Value& timeout = client_ip["timeoutSeconds"];
    const Path client = config.child("clientIP");
    if (spec["sessionAffinityConfig"].is_null())
        errors.required(config, "when session affinity type is ClientIP");
    else if (client_ip.is_null())
        errors.required(client, "when session affinity type is ClientIP");
    else if (timeout.is_null())
        errors.required(client.child("timeoutSeconds"), "when session affinity type is ClientIP");
    else if (timeout.as_int() <= 0 || timeout.as_int() > 86400)
        errors.invalid(client.child("timeoutSeconds"), timeout, "must be greater than 0 and less than 86400");
}

void validate_policies(const Value& spec, const Path& path, FieldErrors& errors) {
    const auto external = spec["externalTrafficPolicy"].as_string();
    const Path at = path.child("externalTrafficPolicy");
    if (!takes_outside_traffic(spec)) {
        if (!external.empty())
            errors.invalid(at, spec["externalTrafficPolicy"], "may only be set for externally-accessible services");
    } else if (external.empty()) {
        errors.required(at);
    } else if (external != "Cluster" && external != "Local") {
        errors.not_supported(at, spec["externalTrafficPolicy"], {"Cluster", "Local"});
    }
    const Value& health = spec["healthCheckNodePort"];
    const bool needs_health = has_type(spec, {"LoadBalancer"}) && external == "Local";
    const Path health_path = path.child("healthCheckNodePort");
    if (!needs_health) {
        if (health.as_int() != 0)
            errors.invalid(health_path, health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    } else if (health.as_int() == 0) {
        errors.required(health_path);
    } else {
        errors.invalid_each(health_path, health, is_valid_port_num(health.as_int()));
    }
    const auto internal = spec["internalTrafficPolicy"].as_string();
    if (spec["internalTrafficPolicy"].is_null()) {
        if (has_type(spec, {"NodePort", "LoadBalancer", "ClusterIP"}))
            errors.required(path.child("internalTrafficPolicy"));
    } else if (internal != "Cluster" && internal != "Local") {
        errors.not_supported(path.child("internalTrafficPolicy"), spec["internalTrafficPolicy"], {"Cluster", "Local"});
    }
    const auto distribution = spec["trafficDistribution"].as_string();
    if (!distribution.empty() && distribution != "PreferClose" && distribution != "PreferSameZone" && distribution != "PreferSameNode")
        errors.not_supported(path.child("trafficDistribution"), spec["trafficDistribution"], {"PreferClose", "PreferSameNode", "PreferSameZone"});
}

// The field, which upstream reports under this name, or else the annotation it was before.
void validate_source_ranges(const Value& object, FieldErrors& errors) {
    constexpr Sv annotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    const Value& ranges = object["spec"]["loadBalancerSourceRanges"];
    const Value& annotated = object["metadata"]["annotations"][annotation];
    if (ranges.empty() && annotated.is_null())
        return;
    const Path spec("spec"), metadata("metadata");
    const Path annotations = metadata.child("annotations");
    const Path at = ranges.empty() ? annotations.key(annotation) : spec.child("LoadBalancerSourceRanges");
    if (!has_type(object["spec"], {"LoadBalancer"}))
        errors.forbidden(at, "may only be used when `type` is 'LoadBalancer'");
    for (std::size_t i = 0; i < ranges.size(); ++i)
        errors.invalid_each(at.index(i), ranges[i], is_valid_cidr(trim(ranges[i].as_string())));
    if (!ranges.empty() || trim(annotated.as_string()).empty())
        return;
    for (const auto piece : split(trim(annotated.as_string()), ','))
        errors.invalid_each(at, trim(piece), is_valid_cidr(trim(piece)));
}

// The topology annotation's old and new names may not contradict each other.
void validate_topology_annotations(const Value& annotations, FieldErrors& errors) {
    constexpr Sv hints_key = "service.kubernetes.io/topology-aware-hints", mode_key = "service.kubernetes.io/topology-mode";
    const Value& hints = annotations[hints_key];
    const Value& mode = annotations[mode_key];
    if (hints.is_null() || mode.is_null() || hints == mode)
        return;
    const Path metadata("metadata");
    const Path at = metadata.child("annotations");
    errors.invalid(at.key(mode_key), mode, cat("must match annotations[", hints_key, "] when both are specified"));
}

void validate_load_balancer(const Value& spec, const Path& path, FieldErrors& errors) {
    if (!spec["loadBalancerClass"].is_null()) {
        if (!has_type(spec, {"LoadBalancer"}))
            errors.forbidden(path.child("loadBalancerClass"), "may only be used when `type` is 'LoadBalancer'");
        else
            errors.invalid_each(path.child("loadBalancerClass"), spec["loadBalancerClass"], is_qualified_name(spec["loadBalancerClass"].as_string()));
    }
    if (has_type(spec, {"LoadBalancer"})) {
        if (spec["allocateLoadBalancerNodePorts"].is_null())
            errors.required(path.child("allocateLoadBalancerNodePorts"));
    } else if (!spec["allocateLoadBalancerNodePorts"].is_null()) {
        errors.forbidden(path.child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'");
    }
}

void validate_external_ips(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path list = path.child("externalIPs");
    for (std::size_t i = 0; i < spec["externalIPs"].size(); ++i)
        validate_non_special_ip(spec["externalIPs"][i], list.index(i), errors);
}

void validate_service_spec(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const Path path("spec");
    validate_type(spec, path, errors);
    validate_ports(spec, path, errors);
    if (!spec["selector"].is_null())
        validate_labels(spec["selector"], path.child("selector"), errors);
    validate_session_affinity(spec, path, errors);
    validate_cluster_ips(object, errors);
    validate_external_ips(spec, path, errors);
    validate_policies(spec, path, errors);
    validate_source_ranges(object, errors);
    validate_load_balancer(spec, path, errors);
    validate_topology_annotations(object["metadata"]["annotations"], errors);
}

void validate_service(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1035_label, Path("metadata"), errors);
    validate_service_spec(object, errors);
}

bool is_headless(const Value& spec) { return spec["clusterIPs"].size() == 1 && spec["clusterIPs"][0].as_string() == "None"; }

// A second address (or family) goes only together with the policy that asked for it.
void validate_release(const Value& list, const Value& old, const Value& policy, const Path& path, Sv what, FieldErrors& errors) {
    if (old.size() > list.size() && list.size() == 1 && policy.as_string() != "SingleStack")
        errors.invalid(path.child("ipFamilyPolicy"), policy, cat("must be set to 'SingleStack' when releasing the secondary ", what));
}

// validateUpgradeDowngradeClusterIPs
void validate_kept_addresses(const Value& spec, const Value& before, const Path& path, FieldErrors& errors) {
    if (is_headless(spec) && is_headless(before))
        return;
    const Value& now = spec["clusterIPs"];
    const Value& old = before["clusterIPs"];
    const Path list = path.child("clusterIPs");
    const bool same_size = now.size() == old.size();
    for (std::size_t i = 0; i < old.size() && i < now.size() && (same_size || i == 0); ++i)
        if (!(now[i] == old[i]))
            errors.invalid(list.index(i), now, "may not change once set");
    if (now.empty() && !old.empty())
        errors.invalid(list.index(0), Value::array(), "primary clusterIP can not be unset");
    validate_release(now, old, spec["ipFamilyPolicy"], path, "clusterIP", errors);
}

// validateUpgradeDowngradeIPFamilies; upstream names the first family whichever one changed.
void validate_kept_families(const Value& spec, const Value& before, const Path& path, FieldErrors& errors) {
    if (is_headless(spec) || is_headless(before))
        return;
    const Value& now = spec["ipFamilies"];
    const Value& old = before["ipFamilies"];
    const Path list = path.child("ipFamilies");
    const Path first = list.index(0);
    const bool same_size = now.size() == old.size();
    for (std::size_t i = 0; i < old.size() && i < now.size() && (same_size || i == 0); ++i)
        if (!(now[i] == old[i]))
            errors.invalid(first, same_size ? now : spec["clusterIPs"], "may not change once set");
    if (old.size() > now.size() && spec["clusterIPs"].empty())
        errors.invalid(first, now, "primary ipFamily can not be unset");
    validate_release(now, old, spec["ipFamilyPolicy"], path, "ipFamily", errors);
}

void validate_service_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Value& spec = object["spec"];
    const Value& before = old["spec"];
    const Path path("spec");
    // Addresses and families stay unless the type gives them up or takes them on.
    if (!has_type(spec, {"ExternalName"}) && !has_type(before, {"ExternalName"})) {
        validate_kept_addresses(spec, before, path, errors);
        validate_kept_families(spec, before, path, errors);
    }
    if (has_type(spec, {"LoadBalancer"}) && has_type(before, {"LoadBalancer"}) && !(spec["loadBalancerClass"] == before["loadBalancerClass"]))
        errors.invalid(path.child("loadBalancerClass"), spec["loadBalancerClass"], "may not change once set");
    validate_service_spec(object, errors);
}

void service_warnings(const Value& object, std::vector<std::string>& out) {
    const Value& spec = object["spec"];
    const bool external_name = has_type(spec, {"ExternalName"});
    const bool headless = !external_name && spec["clusterIP"].as_string() == "None";
    if (!spec["externalIPs"].empty() && external_name)
        out.push_back("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    if (!spec["externalIPs"].empty() && headless)
        out.push_back("spec.externalIPs is ignored for headless services");
    if (!spec["externalIPs"].empty() && !external_name && !headless)
        out.push_back("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    if (external_name && spec["clusterIP"].as_string() == "None")
        out.push_back("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    if (!external_name && !spec["externalName"].as_string().empty())
        out.push_back("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    if (!spec["loadBalancerIP"].as_string().empty() && spec["clusterIP"].as_string() == "None")
        out.push_back("spec.loadBalancerIP is ignored for headless services");
    if (spec["trafficDistribution"].as_string() == "PreferClose")
        out.push_back("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
}

// ValidateLoadBalancerStatus
void validate_service_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_status_nothing(object, old, errors);
    const Path status("status");
    const Path balancer = status.child("loadBalancer");
    if (!object.path("status", "loadBalancer", "ingress").empty() && !has_type(object["spec"], {"LoadBalancer"}))
        errors.forbidden(balancer.child("ingress"), "may only be used when `spec.type` is \"LoadBalancer\"");
}

}  // namespace

const Rules service_rules = {"", "Service", default_service, prepare_service, prepare_service_update, prepare_status,
                             validate_service, validate_service_update, validate_service_status, service_warnings};

}  // namespace kubewalk::api
