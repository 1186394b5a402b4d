#include "core/apiserver/service_families.h"

#include <algorithm>

#include "core/api/field_error.h"
#include "core/api/kinds.h"
#include "core/api/rules/service_addresses.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view single_stack = "SingleStack";
constexpr std::string_view prefer_dual_stack = "PreferDualStack";
constexpr std::string_view require_dual_stack = "RequireDualStack";

bool is_external_name(const Value& service) { return service["spec"]["type"].as_string() == "ExternalName"; }

bool has_cluster_ip(const Value& service) { return !service.is_null() && !is_external_name(service); }

bool has_node_ports(const Value& service) {
    const auto type = service["spec"]["type"].as_string();
    return type == "NodePort" || type == "LoadBalancer";
}

bool has_health_check_port(const Value& service) {
    return service["spec"]["type"].as_string() == "LoadBalancer" &&
           service["spec"]["externalTrafficPolicy"].as_string() == "Local";
}

std::string_view other(std::string_view family) { return family == "IPv4" ? "IPv6" : "IPv4"; }

bool reduced(const Value& after, const Value& before) {
    if (after.empty() || after.size() >= before.size())
        return false;
    return after[0] == before[0];
}

}  // namespace

Failure::Cause invalid_value(const Value& bad, std::string_view field, std::string_view detail) {
    api::FieldErrors errors;
    errors.invalid(api::Path(field), bad, detail);
    const auto& error = *errors.begin();
    return {std::string(error.reason()), error.body, error.field};
}

std::string_view family_of(std::string_view ip_or_cidr) {
    return ip_or_cidr.find(':') == std::string_view::npos ? "IPv4" : "IPv6";
}

std::string_view cidr_of_family(const ServiceRanges& ranges, std::string_view family) {
    for (const auto& cidr : ranges.cidrs)
        if (family_of(cidr) == family)
            return cidr;
    return {};
}

void keep_allocated_values(Value& service, const Value& old) {
    if (old.is_null())
        return;
    auto& spec = service.edit("spec");
    const auto& before = old["spec"];
    if (has_cluster_ip(old) && has_cluster_ip(service)) {
        if (spec["clusterIP"].as_string().empty())
            spec.set("clusterIP", before["clusterIP"]);
        if (spec["clusterIPs"].empty() && spec["clusterIP"] == before["clusterIP"])
            spec.set("clusterIPs", before["clusterIPs"]);
    }
    if (has_node_ports(old) && has_node_ports(service)) {
        auto holds = [](const Value& ports, std::int64_t number) {
            return std::any_of(ports.items().begin(), ports.items().end(),
                               [&](const Value& port) { return port["nodePort"].as_int() == number; });
        };
        for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
            if (spec["ports"][i]["nodePort"].as_int() != 0)
                continue;
            for (const auto& port : before["ports"].items()) {
                const auto number = port["nodePort"].as_int();
                if (number == 0 || port["name"].as_string() != spec["ports"][i]["name"].as_string() ||
                    holds(spec["ports"], number))
                    continue;
                spec.edit("ports").edit_at(i).set("nodePort", number);
                break;
            }
        }
    }
    if (has_health_check_port(old) && has_health_check_port(service) && spec["healthCheckNodePort"].as_int() == 0 &&
        before["healthCheckNodePort"].as_int() != 0)
        spec.set("healthCheckNodePort", before["healthCheckNodePort"]);
}

void normalize_cluster_ips(Value& service, const Value& old) {
    auto& spec = service.edit("spec");
    const Value address = spec["clusterIP"];
    if (old.is_null()) {
        if (!address.as_string().empty() && spec["clusterIPs"].empty())
            spec.set("clusterIPs", Value::array({address}));
        return;
    }
    const auto& before = old["spec"];
    const bool same_list = spec["clusterIPs"] == before["clusterIPs"];
    if (address.as_string().empty()) {
        if (!before["clusterIP"].as_string().empty() && same_list)
            spec.erase("clusterIPs");
    } else if (before["clusterIP"] != address && same_list) {
        spec.set("clusterIPs", Value::array({address}));
    } else if (spec["clusterIPs"].empty()) {
        spec.set("clusterIPs", Value::array({address}));
    }
}

Answer<Done> init_ip_families(const ServiceRanges& ranges, Value& service, const Value& old) {
    if (is_external_name(service))
        return Done{};
    auto& spec = service.edit("spec");
    const auto& before = old["spec"];
    // A PreferDualStack Service is neither up- nor downgraded unless asked.
    if (has_cluster_ip(old) && spec["ipFamilyPolicy"].as_string() == prefer_dual_stack &&
        before["ipFamilyPolicy"] == spec["ipFamilyPolicy"] && before["clusterIPs"] == spec["clusterIPs"] &&
        before["ipFamilies"] == spec["ipFamilies"])
        return Done{};

    const bool headless_without_selector = spec["clusterIP"].as_string() == "None" && spec["selector"].empty();
    if (spec["ipFamilyPolicy"].as_string().empty()) {
        if (!before["ipFamilyPolicy"].as_string().empty())
            spec.set("ipFamilyPolicy", before["ipFamilyPolicy"]);
        else
            spec.set("ipFamilyPolicy", headless_without_selector ? require_dual_stack : single_stack);
    }
    const std::string policy = spec["ipFamilyPolicy"].str();

    std::vector<Failure::Cause> causes;
    // What is wrong by itself is said before anything is made of it.
    api::FieldErrors wrong;
    api::validate_cluster_ips(service, wrong);
    for (const auto& error : wrong)
        causes.push_back({std::string(error.reason()), error.body, error.field});
    if (!causes.empty())
        return status::invalid(api::kind::services, api::name_of(service), std::move(causes));

    auto policy_error = [&](std::string_view detail) {
        causes.push_back(invalid_value(Value(policy), "spec.ipFamilyPolicy", detail));
    };
    auto refusal = [&] { return status::invalid(api::kind::services, api::name_of(service), std::move(causes)); };

    if (!old.is_null()) {
        if (policy == single_stack) {
            for (std::string_view list : {"clusterIPs", "ipFamilies"})
                if (spec[list] == before[list] && spec[list].size() > 1)
                    spec.set(list, Value::array({spec[list][0]}));
        } else {
            if (reduced(spec["clusterIPs"], before["clusterIPs"]))
                policy_error("must be 'SingleStack' to release the secondary cluster IP");
            if (reduced(spec["ipFamilies"], before["ipFamilies"]))
                policy_error("must be 'SingleStack' to release the secondary IP family");
        }
    }
    if (policy == single_stack) {
        if (spec["clusterIPs"].size() == 2)
            policy_error("must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
        if (spec["ipFamilies"].size() == 2)
            policy_error("must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
    }
    for (std::size_t i = 0; i < spec["clusterIPs"].size(); ++i) {
        const auto ip = spec["clusterIPs"][i].as_string();
        if (ip == "None")
            break;
        if (i < spec["ipFamilies"].size() || ip.empty())
            continue;
        const auto family = family_of(ip);
        if (cidr_of_family(ranges, family).empty())
            causes.push_back(invalid_value(spec["clusterIPs"], cat("spec.clusterIPs[", i, "]"),
                                           cat(family, " is not configured on this cluster")));
        else
            spec.edit("ipFamilies").push_back(family);
    }
    if (!causes.empty())
        return refusal();

    const std::string_view default_family = family_of(ranges.cidrs.front());
    if (headless_without_selector) {
        if (spec["ipFamilies"].empty())
            spec.edit("ipFamilies").push_back(default_family);
        if (spec["ipFamilies"].size() < 2 && policy != single_stack)
            spec.edit("ipFamilies").push_back(other(spec["ipFamilies"][0].as_string()));
        return Done{};
    }

    if (policy == require_dual_stack && ranges.cidrs.size() < 2)
        policy_error("this cluster is not configured for dual-stack services");
    for (std::size_t i = 0; i < spec["ipFamilies"].size(); ++i)
        if (cidr_of_family(ranges, spec["ipFamilies"][i].as_string()).empty())
            causes.push_back(
                invalid_value(spec["ipFamilies"][i], cat("spec.ipFamilies[", i, "]"), "not configured on this cluster"));
    if (!causes.empty())
        return refusal();
    if (spec["ipFamilies"].empty())
        spec.edit("ipFamilies").push_back(default_family);
    if (policy != single_stack && spec["ipFamilies"].size() == 1 && ranges.cidrs.size() == 2)
        spec.edit("ipFamilies").push_back(other(spec["ipFamilies"][0].as_string()));
    return Done{};
}

}  // namespace kubewalk::apiserver
