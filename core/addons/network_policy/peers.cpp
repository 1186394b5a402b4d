#include "core/addons/network_policy/peers.h"

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

using api::Value;
using Pods = std::vector<const Value*>;

// isNetPolActionable: a Pod that has ended, or lives in the node's network, has no chain of its own.
bool actionable(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase != "Succeeded" && phase != "Failed" && pod_ip(pod) && !pod["spec"]["hostNetwork"].as_bool();
}

net::Protocol protocol_of(const Value& value) {
    const auto text = value.as_string();
    return text == "UDP" ? net::Protocol::udp : text == "SCTP" ? net::Protocol::sctp : net::Protocol::tcp;
}

std::vector<net::Ip> addresses(const Pods& pods, net::Family family) {
    std::vector<net::Ip> ips;
    for (const Value* pod : pods)
        if (const auto ip = pod_ip(*pod, family))
            ips.push_back(*ip);
    return ips;
}

// Which numbers the Pods' containers give that name.
void resolve_named_port(const Pods& pods, std::string_view name, net::Protocol protocol, net::Family family, std::vector<NamedPort>& out) {
    const std::size_t first = out.size();
    for (const Value* pod : pods)
        for (const Value& container : (*pod)["spec"]["containers"].items())
            for (const Value& port : container["ports"].items()) {
                if (port["name"].as_string() != name || protocol_of(port["protocol"]) != protocol)
                    continue;
                const auto ip = pod_ip(*pod, family);
                if (!ip)
                    continue;
                const auto number = static_cast<std::uint16_t>(port["containerPort"].as_int());
                std::size_t at = first;
                while (at < out.size() && out[at].port.low != number)
                    ++at;
                if (at == out.size())
                    out.push_back({{protocol, number, number}, {}});
                out[at].ips.push_back(*ip);
            }
}

// A hash:net holds no /0: kube-router writes its two halves.
void add_block(std::string_view cidr, net::Family family, net::IpSet::Effect effect, std::vector<PolicyBlock>& out) {
    const auto prefix = net::Prefix::parse(cidr);
    if (!prefix || prefix->ip.family != family)
        return;
    if (prefix->length > 0) {
        out.push_back({{prefix->network(), prefix->length}, effect});
        return;
    }
    net::Ip half{family, {}};
    out.push_back({{half, 1}, effect});
    half.bytes[0] = 0x80;
    out.push_back({{half, 1}, effect});
}

void resolve_ports(const Value& ports, const Pods& named_port_pods, net::Family family, PolicyRule& rule) {
    for (const Value& port : ports.items()) {
        const auto protocol = protocol_of(port["protocol"]);
        const Value& number = port["port"];
        if (number.is_string()) {
            resolve_named_port(named_port_pods, number.as_string(), protocol, family, rule.named_ports);
            continue;
        }
        PolicyPort resolved;
        resolved.protocol = protocol;
        if (!number.is_null()) {
            resolved.low = resolved.high = static_cast<std::uint16_t>(number.as_int());
            if (const auto end = port["endPort"].as_int(); end >= resolved.low)
                resolved.high = static_cast<std::uint16_t>(end);
        }
        rule.ports.push_back(resolved);
    }
}

std::string_view namespace_of_key(std::string_view key) { return key.substr(0, key.find('/')); }

}  // namespace

std::optional<net::Ip> pod_ip(const Value& pod, net::Family family) {
    if (const auto first = net::Ip::parse(pod["status"]["podIP"].as_string()); first && first->family == family)
        return first;
    for (const Value& entry : pod["status"]["podIPs"].items())
        if (const auto ip = net::Ip::parse(entry["ip"].as_string()); ip && ip->family == family)
            return ip;
    return std::nullopt;
}

// -- the objects ---------------------------------------------------------------------------------------------

bool PolicyObjects::set_pod(const Value& pod) {
    const std::string key = api::key_of(pod);
    const Value* before = pods_.find(key);
    if (!actionable(pod))
        return before && delete_pod(key);
    const bool same = before && (*before)["status"]["podIP"] == pod["status"]["podIP"] &&
                      (*before)["status"]["hostIP"] == pod["status"]["hostIP"] &&
                      (*before)["metadata"]["labels"] == pod["metadata"]["labels"];
    pods_.set(key, pod);
    return !same;
}

bool PolicyObjects::delete_pod(std::string_view key) { return pods_.erase(key); }

bool PolicyObjects::set_namespace(const Value& object) {
    const std::string name(api::name_of(object));
    const Value* before = namespaces_.find(name);
    const Value& labels = object["metadata"]["labels"];
    if (before && *before == labels)
        return false;
    namespaces_.set(name, labels);
    return true;
}

bool PolicyObjects::delete_namespace(std::string_view name) { return namespaces_.erase(name); }

void PolicyObjects::set_policy(const Value& policy) { policies_.set(api::key_of(policy), policy); }
void PolicyObjects::delete_policy(std::string_view key) { policies_.erase(key); }

// -- selection ------------------------------------------------------------------------------------------------

Pods PolicyObjects::select(std::string_view namespace_name, const Value& selector) const {
    Pods found;
    const auto labels = api::LabelSelector::from_object(selector.is_null() ? Value::object() : selector);
    if (!labels.ok())
        return found;
    for (auto pod = pods_.lower_bound(cat(namespace_name, "/")); pod != pods_.end() && namespace_of_key(pod->first) == namespace_name;
         ++pod)
        if (labels.value().matches(pod->second["metadata"]["labels"]))
            found.push_back(&pod->second);
    return found;
}

Pods PolicyObjects::peer_pods(std::string_view namespace_name, const Value& peer) const {
    if (peer["namespaceSelector"].is_null())
        return peer["podSelector"].is_null() ? Pods{} : select(namespace_name, peer["podSelector"]);
    Pods found;
    const auto spaces = api::LabelSelector::from_object(peer["namespaceSelector"]);
    if (!spaces.ok())
        return found;
    for (const auto& [name, labels] : namespaces_) {
        if (!spaces.value().matches(labels))
            continue;
        const Pods pods = select(name, peer["podSelector"]);
        found.insert(found.end(), pods.begin(), pods.end());
    }
    return found;
}

PolicyRule PolicyObjects::rule(std::string_view namespace_name, const Value& spec, const Value& peers,
                               const Pods& named_port_pods, net::Family family) const {
    PolicyRule out;
    out.all_peers = peers.size() == 0;
    out.all_ports = spec["ports"].size() == 0;
    std::vector<PolicyBlock> plain;
    for (const Value& peer : peers.items()) {
        for (const net::Ip& ip : addresses(peer_pods(namespace_name, peer), family))
            out.pods.push_back(ip);
        const Value& block = peer["ipBlock"];
        const bool whole = block["except"].size() == 0;
        std::vector<PolicyBlock> own;
        add_block(block["cidr"].as_string(), family, net::IpSet::Effect::match, whole ? plain : own);
        for (const Value& except : block["except"].items())
            add_block(except.as_string(), family, net::IpSet::Effect::nomatch, own);
        if (!own.empty())
            out.blocks.push_back(std::move(own));
    }
    if (!plain.empty())
        out.blocks.insert(out.blocks.begin(), std::move(plain));
    resolve_ports(spec["ports"], named_port_pods, family, out);
    return out;
}

std::vector<Policy> PolicyObjects::policies(net::Family family) const {
    std::vector<Policy> out;
    for (const auto& [key, object] : policies_) {
        const Value& spec = object["spec"];
        Policy policy;
        policy.namespace_name = api::namespace_of(object);
        policy.name = api::name_of(object);
        for (const Value& type : spec["policyTypes"].items()) {
            policy.ingress |= type.as_string() == "Ingress";
            policy.egress |= type.as_string() == "Egress";
        }
        const Pods selected = select(policy.namespace_name, spec["podSelector"]);
        policy.selected = addresses(selected, family);
        if (policy.ingress)
            for (const Value& item : spec["ingress"].items())
                policy.ingress_rules.push_back(rule(policy.namespace_name, item, item["from"], selected, family));
        if (policy.egress)
            for (const Value& item : spec["egress"].items()) {
                // A named port is the receiver's name for it.
                Pods receivers;
                for (const Value& peer : item["to"].items()) {
                    const Pods pods = peer_pods(policy.namespace_name, peer);
                    receivers.insert(receivers.end(), pods.begin(), pods.end());
                }
                if (item["to"].size() == 0)
                    receivers = select(policy.namespace_name, api::Value::object());
                policy.egress_rules.push_back(rule(policy.namespace_name, item, item["to"], receivers, family));
            }
        out.push_back(std::move(policy));
    }
    return out;
}

}  // namespace kubewalk::addons
