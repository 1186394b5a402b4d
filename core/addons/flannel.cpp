#include "core/addons/flannel.h"

#include "core/addons/flannel_cni.h"
#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

constexpr std::string_view annotation_prefix = "flannel.alpha.coreos.com/";
constexpr std::uint16_t health_port = 8081;
constexpr int vxlan_overhead = 50;
constexpr int vxlan6_overhead = 70;  // the kernel's cap (VXLAN6_HEADROOM); flanneld itself takes 50 off for Pods
constexpr std::uint32_t kube_proxy_mark = 0x4000;

constexpr std::string_view conflist = R"({
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": {
        "hairpinMode": true,
        "isDefaultGateway": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    }
  ]
}
)";

// Annotations that each family has for itself.
std::string_view backend_data(net::Family family) { return family == net::Family::ipv4 ? "backend-data" : "backend-v6-data"; }
std::string_view public_ip_of(net::Family family) { return family == net::Family::ipv4 ? "public-ip" : "public-ipv6"; }

std::string_view annotation(const api::Value& node, std::string_view name) {
    return node.path("metadata", "annotations", cat(annotation_prefix, name)).as_string();
}

// What a lease is read from.
bool same_lease(const api::Value& a, const api::Value& b) {
    return a["metadata"]["annotations"] == b["metadata"]["annotations"] && a["spec"]["podCIDRs"] == b["spec"]["podCIDRs"];
}

std::optional<net::Mac> parse_mac(std::string_view text) {
    const auto pieces = split(text, ':');
    if (pieces.size() != 6)
        return std::nullopt;
    net::Mac mac;
    for (std::size_t i = 0; i < 6; ++i) {
        unsigned number = 0;
        if (pieces[i].size() != 2)
            return std::nullopt;
        for (char c : pieces[i]) {
            const std::size_t digit = std::string_view("0123456789abcdef").find(c);
            if (digit == std::string_view::npos)
                return std::nullopt;
            number = number * 16 + static_cast<unsigned>(digit);
        }
        mac.bytes[i] = static_cast<std::uint8_t>(number);
    }
    return mac;
}

std::string_view backend_name(FlannelBackend backend) { return backend == FlannelBackend::vxlan ? "vxlan" : "host-gw"; }

// The node's share of the Pods' network.
std::optional<net::Prefix> pod_cidr(const api::Value& node, net::Family family) {
    for (const api::Value& cidr : node.path("spec", "podCIDRs").items())
        if (const auto share = net::Prefix::parse(cidr.as_string()); share && share->ip.family == family)
            return share;
    const auto only = net::Prefix::parse(node.path("spec", "podCIDR").as_string());
    return only && only->ip.family == family ? only : std::nullopt;
}

// The other node's lease; nothing while it has not published one for this backend.
struct Lease {
    net::Prefix subnet;
    net::Ip public_ip;
    net::Mac mac;  // of its tunnel end
};
std::optional<Lease> lease_of(const api::Value& node, FlannelBackend backend, net::Family family) {
    const auto subnet = pod_cidr(node, family);
    const auto ip = net::Ip::parse(annotation(node, public_ip_of(family)));
    if (annotation(node, "kube-subnet-manager") != "true" || annotation(node, "backend-type") != backend_name(backend) || !subnet || !ip)
        return std::nullopt;
    if (backend == FlannelBackend::host_gw)
        return Lease{*subnet, *ip, {}};
    const auto data = api::parse_json(annotation(node, backend_data(family)));
    const auto mac = data.ok() ? parse_mac(data.value()["VtepMAC"].as_string()) : std::nullopt;
    if (!mac)
        return std::nullopt;
    return Lease{*subnet, *ip, *mac};
}

}  // namespace

Result<void> read_net_conf(std::string_view text, const std::optional<net::Ip>& public_ipv6, FlannelConfig& config) {
    const auto failed = [](std::string_view why) { return Error{"FlannelError", cat("Failed to read net-conf: ", why), {}}; };
    const auto parsed = api::parse_json(text);
    if (!parsed.ok())
        return failed(parsed.error().message);
    const api::Value& conf = parsed.value();
    const auto network = net::Prefix::parse(conf["Network"].as_string());
    if (!network)
        return failed(cat("invalid CIDR address: ", conf["Network"].as_string()));
    config.ipv4.network = {network->network(), network->length};
    config.ipv6.reset();
    if (conf["EnableIPv6"].as_bool()) {
        const auto network6 = net::Prefix::parse(conf["IPv6Network"].as_string());
        if (!network6 || network6->ip.family != net::Family::ipv6)
            return failed("please define a correct IPv6Network parameter in the flannel config");
        if (!public_ipv6)
            return failed("failed to find IPv6 address for interface eth0");
        config.ipv6 = FlannelSide{{network6->network(), network6->length}, *public_ipv6};
    }
    const api::Value& backend = conf["Backend"];
    const auto type = backend["Type"].as_string();
    if (type == "host-gw")
        config.backend = FlannelBackend::host_gw;
    else if (type != "vxlan" && !type.empty())
        return failed(cat("unknown backend type: ", type));
    config.vni = static_cast<std::uint32_t>(backend["VNI"].as_int(config.vni));
    config.port = static_cast<std::uint16_t>(backend["Port"].as_int(config.port));
    return {};
}

Flannel::Flannel(client::Environment environment, net::Network& network, FlannelConfig config)
    : environment_(environment),
      network_(&network),
      config_(std::move(config)),
      name_(cat("flannel/", config_.node_name)),
      client_(environment.transport, name_, config_.user),
      nodes_(client_, api::kind::nodes) {}

std::string Flannel::device(net::Family family) const { return cat(family == net::Family::ipv4 ? "flannel." : "flannel-v6.", config_.vni); }

std::vector<net::Family> Flannel::families() const {
    return config_.ipv6 ? std::vector{net::Family::ipv4, net::Family::ipv6} : std::vector{net::Family::ipv4};
}

void Flannel::start() {
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!stack)
        return;
    stack->files[std::string(cni_config_path)] = std::string(conflist);  // the install-cni init container's work
    (void)network_->listen(stack->root_id(), {net::Protocol::tcp, {}, health_port, id(), "flanneld"});
    take(nodes_.start(environment_.simulation, id(), nodes_ready));
}

void Flannel::on_event(const sim::Event& event) {
    if (event.code == nodes_ready && nodes_.handles(event))
        take(nodes_.on_event(environment_.simulation, event));
}

void Flannel::take(const std::vector<client::Change>& changes) {
    for (const client::Change& change : changes) {
        const bool own = api::name_of(change.object) == config_.node_name;
        if (own) {
            if (change.type != client::WatchType::deleted && !ready_)
                acquire_lease(change.object);
        } else if (change.type == client::WatchType::deleted) {
            for (const net::Family family : families())
                remove_peer(change.object, family);
        } else if (ready_) {
            const bool same = change.before.is_null() || same_lease(change.before, change.object);
            for (const net::Family family : families()) {
                if (!same && lease_of(change.before, config_.backend, family) && !lease_of(change.object, config_.backend, family))
                    remove_peer(change.before, family);
                add_peer(change.object, family);
            }
        }
    }
}

// Without a podCIDR the real one exits ("node "x" pod cidr not assigned") and is started again until
// there is one; here it waits for its Node to change.
void Flannel::acquire_lease(const api::Value& node) {
    const auto subnet = pod_cidr(node, net::Family::ipv4);
    const auto subnet6 = config_.ipv6 ? pod_cidr(node, net::Family::ipv6) : std::nullopt;
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!subnet || !stack || (config_.ipv6 && !subnet6))
        return;
    const auto tunnel_mac = [&](net::Family family) {
        const auto stored = api::parse_json(annotation(node, backend_data(family)));
        const net::Mac own = net::mac_for(family == net::Family::ipv4 ? name_ : cat(name_, "/v6"));
        return stored.ok() ? parse_mac(stored.value()["VtepMAC"].as_string()).value_or(own) : own;
    };
    const bool vxlan = config_.backend == FlannelBackend::vxlan;
    api::Value patch;
    api::Value& annotations = patch.edit_path("metadata", "annotations");
    for (const net::Family family : families())
        annotations.set(cat(annotation_prefix, backend_data(family)),
                        vxlan ? cat("{\"VNI\":", config_.vni, ",\"VtepMAC\":\"", tunnel_mac(family).text(), "\"}") : std::string("null"));
    annotations.set(cat(annotation_prefix, "backend-type"), backend_name(config_.backend));
    annotations.set(cat(annotation_prefix, "kube-subnet-manager"), "true");
    annotations.set(cat(annotation_prefix, public_ip_of(net::Family::ipv4)), config_.ipv4.public_ip.text());
    if (config_.ipv6)
        annotations.set(cat(annotation_prefix, public_ip_of(net::Family::ipv6)), config_.ipv6->public_ip.text());
    const std::string now = to_rfc3339(environment_.simulation.now());
    patch.edit_path("status", "conditions")
        .push_back(api::Value::object({{"type", "NetworkUnavailable"},
                                       {"status", "False"},
                                       {"reason", "FlannelIsUp"},
                                       {"message", "Flannel is running on this node"},
                                       {"lastTransitionTime", now},
                                       {"lastHeartbeatTime", now}}));
    if (!client_.patch(api::kind::nodes, {}, config_.node_name, client::PatchType::strategic, patch, "status").ok())
        return;  // tried again at the Node's next change

    int mtu = 1500;
    if (const net::Interface* outside = stack->root().find_interface("eth0"))
        mtu = outside->mtu;
    set_up_side(*stack, config_.ipv4, *subnet, tunnel_mac(net::Family::ipv4), mtu);
    if (subnet6)
        set_up_side(*stack, *config_.ipv6, *subnet6, tunnel_mac(net::Family::ipv6), mtu);
    write_subnet_env(*stack, *subnet, subnet6, vxlan ? mtu - vxlan_overhead : mtu);
    ready_ = true;
    for (const auto& side : {subnet, subnet6})
        if (side)
            environment_.simulation.record(
                sim::EntryKind::network, name_, {"nodes", "", config_.node_name},
                {"flannel.lease", {config_.node_name, side->text(), vxlan ? device(side->ip.family) : std::string("host-gw")}});
    for (const auto& [key, other] : nodes_.cache())
        if (key != config_.node_name)
            for (const net::Family family : families())
                add_peer(other, family);
}

void Flannel::set_up_side(net::NodeStack& stack, const FlannelSide& side, const net::Prefix& subnet, const net::Mac& mac, int mtu) const {
    net::NetNamespace& host = stack.root();
    const net::Family family = side.network.ip.family;
    const int overhead = family == net::Family::ipv4 ? vxlan_overhead : vxlan6_overhead;
    if (config_.backend == FlannelBackend::vxlan && !host.find_interface(device(family)))
        set_up_tunnel(host, side, subnet, mac, mtu - overhead);
    write_rules(host.edit_rules(family), side.network, subnet);
}

void Flannel::write_subnet_env(net::NodeStack& stack, const net::Prefix& subnet, const std::optional<net::Prefix>& subnet6, int mtu) const {
    const auto gateway = [](const net::Prefix& of) { return net::Prefix{of.network().plus(1), of.length}.text(); };
    std::string env = cat("FLANNEL_NETWORK=", config_.ipv4.network.text(), "\nFLANNEL_SUBNET=", gateway(subnet), '\n');
    if (subnet6)
        append(env, "FLANNEL_IPV6_NETWORK=", config_.ipv6->network.text(), "\nFLANNEL_IPV6_SUBNET=", gateway(*subnet6), '\n');
    append(env, "FLANNEL_MTU=", mtu, "\nFLANNEL_IPMASQ=true\n");
    stack.files[std::string(flannel_env_path)] = std::move(env);
}

void Flannel::set_up_tunnel(net::NetNamespace& host, const FlannelSide& side, const net::Prefix& subnet, const net::Mac& mac, int mtu) const {
    const net::Family family = side.network.ip.family;
    net::Interface tunnel;
    tunnel.name = device(family);
    tunnel.kind = net::InterfaceKind::vxlan;
    tunnel.mac = mac;
    tunnel.mtu = mtu;
    tunnel.vni = config_.vni;
    tunnel.vxlan_port = config_.port;
    tunnel.vxlan_local = side.public_ip;
    host.add_interface(std::move(tunnel));
    host.add_address(device(family), {subnet.network(), family == net::Family::ipv4 ? 32 : 128});
}

void Flannel::add_peer(const api::Value& node, net::Family family) {
    const auto lease = lease_of(node, config_.backend, family);
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!lease || !stack)
        return;
    const bool vxlan = config_.backend == FlannelBackend::vxlan;
    const net::Prefix subnet{lease->subnet.network(), lease->subnet.length};
    const bool changed = vxlan ? add_tunnel_way(stack->root(), subnet, lease->public_ip, lease->mac)
                               : add_direct_way(stack->root(), subnet, lease->public_ip);
    if (changed)
        environment_.simulation.record(sim::EntryKind::network, name_, {"nodes", "", std::string(api::name_of(node))},
                                       {vxlan ? "flannel.route" : "flannel.route.direct",
                                        {config_.node_name, lease->subnet.text(), lease->public_ip.text()}});
}

bool Flannel::add_tunnel_way(net::NetNamespace& host, const net::Prefix& subnet, const net::Ip& public_ip, const net::Mac& mac) {
    const std::string through = device(subnet.ip.family);
    net::Interface* tunnel = host.find_interface(through);
    if (!tunnel)
        return false;
    bool known = false;
    for (net::FdbEntry& entry : tunnel->fdb)
        if (entry.mac == mac) {
            known = entry.remote == public_ip;
            entry.remote = public_ip;
        }
    net::Route route;
    route.destination = subnet;
    route.via = subnet.ip;
    route.device = through;
    route.onlink = true;
    if (known)
        for (const net::Route& existing : host.routes)
            if (existing == route)
                return false;
    if (!known)
        tunnel->fdb.push_back({mac, public_ip});
    host.set_neighbour({subnet.ip, mac, through});
    host.set_route(std::move(route));
    return true;
}

bool Flannel::add_direct_way(net::NetNamespace& host, const net::Prefix& subnet, const net::Ip& public_ip) {
    const net::Route* toward = host.lookup(public_ip);
    if (!toward)
        return false;
    net::Route route;
    route.destination = subnet;
    route.via = public_ip;
    route.device = toward->device;
    for (const net::Route& existing : host.routes)
        if (existing == route)
            return false;
    host.set_route(std::move(route));
    return true;
}

void Flannel::remove_peer(const api::Value& node, net::Family family) {
    const auto lease = lease_of(node, config_.backend, family);
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!lease || !stack)
        return;
    net::NetNamespace& host = stack->root();
    const net::Ip base = lease->subnet.network();
    host.delete_route({base, lease->subnet.length});
    std::erase_if(host.neighbours, [&](const net::Neighbour& n) { return n.ip == base && n.device == device(family); });
    if (net::Interface* tunnel = host.find_interface(device(family)))
        std::erase_if(tunnel->fdb, [&](const net::FdbEntry& entry) { return entry.mac == lease->mac; });
}

void Flannel::write_rules(net::Ruleset& rules, const net::Prefix& cluster, const net::Prefix& subnet) const {
    using net::Negate;
    using net::Rule;
    const net::Prefix pods{subnet.network(), subnet.length};
    constexpr std::string_view masq = "flanneld masq", forward = "flanneld forward";
    const auto random = Rule::Ports::random_fully;
    const net::Prefix multicast =
        rules.family() == net::Family::ipv4 ? net::Prefix{net::Ip::v4(224, 0, 0, 0), 4} : *net::Prefix::parse("ff00::/8");
    const Rule nat[] = {
        Rule().mark(kube_proxy_mark, kube_proxy_mark).comment(masq).return_(),
        Rule().source(pods).destination(cluster).comment(masq).return_(),
        Rule().source(cluster).destination(pods).comment(masq).return_(),
        Rule().source(cluster, Negate::yes).destination(pods).comment(masq).return_(),
        Rule().source(cluster).destination(multicast, Negate::yes).comment(masq).masquerade(random),
        Rule().source(cluster, Negate::yes).destination(cluster).comment(masq).masquerade(random),
    };
    const Rule filter[] = {
        Rule().source(cluster).comment(forward).accept(),
        Rule().destination(cluster).comment(forward).accept(),
    };
    const auto append = net::Ruleset::Position::append;
    rules.ensure_rule(append, net::TableId::nat, "POSTROUTING", Rule().comment(masq).jump(rules.names().id("FLANNEL-POSTRTG")));
    for (const Rule& rule : nat)
        rules.ensure_rule(append, net::TableId::nat, "FLANNEL-POSTRTG", rule);
    rules.ensure_rule(append, net::TableId::filter, "FORWARD", Rule().comment(forward).jump(rules.names().id("FLANNEL-FWD")));
    for (const Rule& rule : filter)
        rules.ensure_rule(append, net::TableId::filter, "FLANNEL-FWD", rule);
}

net::HttpResponse Flannel::serve_http(const net::HttpRequest& request, const net::Peer&) {
    net::HttpResponse response;
    response.took = milliseconds(1);
    if (request.path == "/healthz") {
        response.body = "flanneld is running";
    } else if (request.path == "/readyz") {
        response.status = ready_ ? 200 : 503;
        response.body = ready_ ? "flanneld is ready" : "flanneld is not ready";
    } else {
        response.status = 404;
        response.body = "404 page not found\n";
    }
    return response;
}

}  // namespace kubewalk::addons
