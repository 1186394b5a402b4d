#include "core/addons/flannel.h"

#include "core/addons/flannel_cni.h"
#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

constexpr std::string_view prefix = "flannel.alpha.coreos.com/";
constexpr std::uint16_t health_port = 8081;
constexpr int vxlan_overhead = 50;
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

std::string_view annotation(const api::Value& node, std::string_view name) {
    return node.path("metadata", "annotations", cat(prefix, name)).as_string();
}

// What a lease is read from.
bool same_lease(const api::Value& a, const api::Value& b) {
    return a["metadata"]["annotations"] == b["metadata"]["annotations"] && a["spec"]["podCIDR"] == b["spec"]["podCIDR"];
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

// The other node's lease; nothing while it has not published one for this backend.
struct Lease {
    net::Prefix subnet;
    net::Ip public_ip;
    net::Mac mac;  // of its tunnel end
};
std::optional<Lease> lease_of(const api::Value& node, FlannelBackend backend) {
    const auto subnet = net::Prefix::parse(node.path("spec", "podCIDR").as_string());
    const auto ip = net::Ip::parse(annotation(node, "public-ip"));
    if (annotation(node, "kube-subnet-manager") != "true" || annotation(node, "backend-type") != backend_name(backend) || !subnet || !ip)
        return std::nullopt;
    if (backend == FlannelBackend::host_gw)
        return Lease{*subnet, *ip, {}};
    const auto data = api::parse_json(annotation(node, "backend-data"));
    const auto mac = data.ok() ? parse_mac(data.value()["VtepMAC"].as_string()) : std::nullopt;
    if (!mac)
        return std::nullopt;
    return Lease{*subnet, *ip, *mac};
}

}  // namespace

Result<void> read_net_conf(std::string_view text, FlannelConfig& config) {
    const auto failed = [](std::string_view why) { return Error{"FlannelError", cat("Failed to read net-conf: ", why), {}}; };
    const auto parsed = api::parse_json(text);
    if (!parsed.ok())
        return failed(parsed.error().message);
    const api::Value& conf = parsed.value();
    const auto network = net::Prefix::parse(conf["Network"].as_string());
    if (!network)
        return failed(cat("invalid CIDR address: ", conf["Network"].as_string()));
    config.network = {network->network(), network->length};
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

std::string Flannel::device() const { return cat("flannel.", config_.vni); }

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
            remove_peer(change.object);
        } else if (ready_) {
            if (!change.before.is_null() && !same_lease(change.before, change.object) && lease_of(change.before, config_.backend) &&
                !lease_of(change.object, config_.backend))
                remove_peer(change.before);
            add_peer(change.object);
        }
    }
}

// Without a podCIDR the real one exits ("node "x" pod cidr not assigned") and is started again until
// there is one; here it waits for its Node to change.
void Flannel::acquire_lease(const api::Value& node) {
    const auto subnet = net::Prefix::parse(node.path("spec", "podCIDR").as_string());
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!subnet || !stack)
        return;
    const auto stored = api::parse_json(annotation(node, "backend-data"));
    const net::Mac mac = stored.ok() ? parse_mac(stored.value()["VtepMAC"].as_string()).value_or(net::mac_for(name_)) : net::mac_for(name_);

    api::Value patch;
    api::Value& annotations = patch.edit_path("metadata", "annotations");
    const bool vxlan = config_.backend == FlannelBackend::vxlan;
    annotations.set(cat(prefix, "backend-data"),
                    vxlan ? cat("{\"VNI\":", config_.vni, ",\"VtepMAC\":\"", mac.text(), "\"}") : std::string("null"));
    annotations.set(cat(prefix, "backend-type"), backend_name(config_.backend));
    annotations.set(cat(prefix, "kube-subnet-manager"), "true");
    annotations.set(cat(prefix, "public-ip"), config_.public_ip.text());
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

    net::NetNamespace& host = stack->root();
    int mtu = 1500;
    if (const net::Interface* outside = host.find_interface("eth0"))
        mtu = outside->mtu;
    const int overhead = vxlan ? vxlan_overhead : 0;
    if (vxlan && !host.find_interface(device()))
        set_up_tunnel(host, *subnet, mac, mtu - overhead);
    write_rules(host.edit_rules(), *subnet);
    net::Ip gateway = subnet->network();
    gateway = net::Ip::from_v4_number(gateway.v4_number() + 1);
    stack->files[std::string(flannel_env_path)] =
        cat("FLANNEL_NETWORK=", config_.network.text(), "\nFLANNEL_SUBNET=", gateway.text(), '/', subnet->length, "\nFLANNEL_MTU=",
            mtu - overhead, "\nFLANNEL_IPMASQ=true\n");
    ready_ = true;
    environment_.simulation.record(sim::EntryKind::network, name_, {"nodes", "", config_.node_name},
                                   {"flannel.lease", {config_.node_name, subnet->text(), vxlan ? device() : std::string("host-gw")}});
    for (const auto& [key, other] : nodes_.cache())
        if (key != config_.node_name)
            add_peer(other);
}

void Flannel::set_up_tunnel(net::NetNamespace& host, const net::Prefix& subnet, const net::Mac& mac, int mtu) const {
    net::Interface tunnel;
    tunnel.name = device();
    tunnel.kind = net::InterfaceKind::vxlan;
    tunnel.mac = mac;
    tunnel.mtu = mtu;
    tunnel.vni = config_.vni;
    tunnel.vxlan_port = config_.port;
    tunnel.vxlan_local = config_.public_ip;
    host.add_interface(std::move(tunnel));
    host.add_address(device(), {subnet.network(), 32});
}

void Flannel::add_peer(const api::Value& node) {
    const auto lease = lease_of(node, config_.backend);
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
    net::Interface* tunnel = host.find_interface(device());
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
    route.device = device();
    route.onlink = true;
    if (known)
        for (const net::Route& existing : host.routes)
            if (existing == route)
                return false;
    if (!known)
        tunnel->fdb.push_back({mac, public_ip});
    host.set_neighbour({subnet.ip, mac, device()});
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

void Flannel::remove_peer(const api::Value& node) {
    const auto lease = lease_of(node, config_.backend);
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!lease || !stack)
        return;
    net::NetNamespace& host = stack->root();
    const net::Ip base = lease->subnet.network();
    host.delete_route({base, lease->subnet.length});
    std::erase_if(host.neighbours, [&](const net::Neighbour& n) { return n.ip == base && n.device == device(); });
    if (net::Interface* tunnel = host.find_interface(device()))
        std::erase_if(tunnel->fdb, [&](const net::FdbEntry& entry) { return entry.mac == lease->mac; });
}

void Flannel::write_rules(net::Ruleset& rules, const net::Prefix& subnet) const {
    using net::Negate;
    using net::Rule;
    const net::Prefix& cluster = config_.network;
    const net::Prefix pods{subnet.network(), subnet.length};
    constexpr std::string_view masq = "flanneld masq", forward = "flanneld forward";
    const auto random = Rule::Ports::random_fully;
    const Rule nat[] = {
        Rule().mark(kube_proxy_mark, kube_proxy_mark).comment(masq).return_(),
        Rule().source(pods).destination(cluster).comment(masq).return_(),
        Rule().source(cluster).destination(pods).comment(masq).return_(),
        Rule().source(cluster, Negate::yes).destination(pods).comment(masq).return_(),
        Rule().source(cluster).destination({net::Ip::v4(224, 0, 0, 0), 4}, Negate::yes).comment(masq).masquerade(random),
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
