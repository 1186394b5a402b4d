// NetworkPolicy. Upstream: pkg/apis/networking/v1/defaults.go, pkg/apis/networking/validation/validation.go
// (ValidateNetworkPolicy), pkg/registry/networking/networkpolicy/strategy.go.

#include "core/api/rules/rules_shared.h"

namespace kubewalk::api {

namespace {

void default_ports(Value& rules) {
    for (std::size_t i = 0; i < rules.size(); ++i)
        for (std::size_t j = 0; j < rules[i]["ports"].size(); ++j)
            if (rules[i]["ports"][j]["protocol"].as_string().empty())
                rules.edit_at(i).edit("ports").edit_at(j).set("protocol", "TCP");
}

void default_policy(Value& object) {
    Value& spec = object.edit("spec");
    for (const std::string_view direction : {"ingress", "egress"})
        if (!spec[direction].empty())
            default_ports(spec.edit(direction));
    if (!spec["policyTypes"].empty())
        return;
    Value types = Value::array({"Ingress"});
    if (!spec["egress"].empty())
        types.push_back("Egress");
    spec.set("policyTypes", std::move(types));
}

void prepare_policy_update(Value& object, const Value& old) { set_generation(object, old, !(object["spec"] == old["spec"])); }

void validate_port(const Value& port, const Path& path, FieldErrors& errors) {
    const auto protocol = port["protocol"].as_string();
    if (!port["protocol"].is_null() && protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
        errors.not_supported(path.child("protocol"), port["protocol"], {"TCP", "UDP", "SCTP"});
    const Value& number = port["port"];
    const Value& last = port["endPort"];
    if (number.is_null()) {
        if (!last.is_null())
            errors.invalid(path.child("endPort"), last, "may not be specified when `port` is not specified");
    } else if (number.is_string()) {
        if (!last.is_null())
            errors.invalid(path.child("endPort"), last, "may not be specified when `port` is non-numeric");
        errors.invalid_each(path.child("port"), number, is_valid_port_name(number.as_string()));
    } else {
        errors.invalid_each(path.child("port"), number, is_valid_port_num(number.as_int()));
        if (last.is_null())
            return;
        if (last.as_int() < number.as_int())
            errors.invalid(path.child("endPort"), last, "must be greater than or equal to `port`");
        errors.invalid_each(path.child("endPort"), last, is_valid_port_num(last.as_int()));
    }
}

bool has_bits(const IpBytes& ip, const Cidr& network) {
    if (ip.size != network.ip.size)
        return false;
    for (int bit = 0; bit < network.prefix; ++bit) {
        const int shift = 7 - bit % 8;
        if ((ip.bytes[bit / 8] >> shift & 1) != (network.ip.bytes[bit / 8] >> shift & 1))
            return false;
    }
    return true;
}

void validate_block(const Value& block, const Path& path, FieldErrors& errors) {
    const auto text = block["cidr"].as_string();
    if (text.empty())
        return errors.required(path.child("cidr"));
    errors.invalid_each(path.child("cidr"), block["cidr"], is_valid_cidr(text));
    const auto cidr = parse_cidr(text);
    if (!cidr)
        return;
    const Path list = path.child("except");
    for (std::size_t i = 0; i < block["except"].size(); ++i) {
        const Value& entry = block["except"][i];
        errors.invalid_each(list.index(i), entry, is_valid_cidr(entry.as_string()));
        const auto except = parse_cidr(entry.as_string());
        if (except && (!has_bits(except->ip, *cidr) || cidr->prefix >= except->prefix))
            errors.invalid(list.index(i), entry, "must be a strict subset of `cidr`");
    }
}

void validate_peer(const Value& peer, const Path& path, FieldErrors& errors) {
    int peers = 0;
    for (const std::string_view selector : {"podSelector", "namespaceSelector"}) {
        if (peer[selector].is_null())
            continue;
        ++peers;
        validate_label_selector(peer[selector], path.child(selector), errors);
    }
    if (!peer["ipBlock"].is_null()) {
        ++peers;
        validate_block(peer["ipBlock"], path.child("ipBlock"), errors);
    }
    if (peers == 0)
        errors.required(path, "must specify a peer");
    else if (peers > 1 && !peer["ipBlock"].is_null())
        errors.forbidden(path, "may not specify both ipBlock and another peer");
}

void validate_rules(const Value& rules, std::string_view peers, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Path rule = path.index(i);
        const Path ports = rule.child("ports"), ends = rule.child(peers);
        for (std::size_t j = 0; j < rules[i]["ports"].size(); ++j)
            validate_port(rules[i]["ports"][j], ports.index(j), errors);
        for (std::size_t j = 0; j < rules[i][peers].size(); ++j)
            validate_peer(rules[i][peers][j], ends.index(j), errors);
    }
}

void validate_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    validate_label_selector(spec["podSelector"], path.child("podSelector"), errors);
    validate_rules(spec["ingress"], "from", path.child("ingress"), errors);
    validate_rules(spec["egress"], "to", path.child("egress"), errors);
    const Value& types = spec["policyTypes"];
    const Path list = path.child("policyTypes");
    if (types.size() > 2)
        return errors.invalid(list, types, "may not specify more than two policyTypes");
    for (std::size_t i = 0; i < types.size(); ++i)
        if (const auto type = types[i].as_string(); type != "Ingress" && type != "Egress")
            errors.not_supported(list.index(i), types[i], {"Ingress", "Egress"});
}

void validate_policy(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    validate_spec(object["spec"], errors);
}

void validate_policy_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_spec(object["spec"], errors);
}

}  // namespace

const Rules network_policy_rules = {"networking.k8s.io", "NetworkPolicy", default_policy, start_generation, prepare_policy_update, nullptr,
                                    validate_policy, validate_policy_update, nullptr, no_warnings};

}  // namespace kubewalk::api
