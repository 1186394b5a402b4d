#include "core/addons/kube_proxy/kube_proxy.h"

#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

constexpr std::string_view canary = "KUBE-PROXY-CANARY";
constexpr std::uint16_t health_port = 10256, metrics_port = 10249;
constexpr Duration full_sync_period = hours(1);
constexpr Duration programming_time = milliseconds(30);  // one iptables-restore
// Services that other proxies handle, and headless copies, are none of its business.
constexpr std::string_view selector = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name";

client::ListOptions labels(std::string_view text) { return {std::string(text), {}}; }

}  // namespace

KubeProxy::KubeProxy(client::Environment environment, net::Network& network, KubeProxyConfig config)
    : environment_(environment),
      network_(&network),
      config_(std::move(config)),
      name_(cat("kube-proxy/", config_.proxier.node_name)),
      services_({environment.transport, name_, config_.user}, api::kind::services, {}, labels(selector)),
      slices_({environment.transport, name_, config_.user}, api::kind::endpoint_slices, {}, labels(selector)),
      node_({environment.transport, name_, config_.user}, api::kind::nodes, {},
            {{}, cat("metadata.name=", config_.proxier.node_name)}),
      recorder_({environment.transport, name_, config_.user}, "kube-proxy", config_.proxier.node_name),
      health_(config_.proxier.node_name) {
    proxiers_.push_back(make_proxier(config_.mode, config_.proxier));
    if (config_.second)
        proxiers_.push_back(make_proxier(config_.mode, *config_.second));
}

KubeProxy::KubeProxy(const KubeProxy& other)
    : sim::Component(other),
      net::Server(other),
      environment_(other.environment_),
      network_(other.network_),
      config_(other.config_),
      name_(other.name_),
      services_(other.services_),
      slices_(other.slices_),
      node_(other.node_),
      recorder_(other.recorder_),
      health_(other.health_),
      full_sync_needed_(other.full_sync_needed_),
      sync_pending_(other.sync_pending_),
      again_pending_(other.again_pending_),
      synced_once_(other.synced_once_),
      last_sync_(other.last_sync_),
      last_full_sync_(other.last_full_sync_) {
    for (const auto& proxier : other.proxiers_)
        proxiers_.push_back(proxier->clone());
}

// True when one of them said so; all are told.
template <typename Take>
bool KubeProxy::each_proxier(Take take) {
    bool any = false;
    for (const auto& proxier : proxiers_)
        any = take(*proxier) || any;
    return any;
}

// What happens before the first sync: leftovers of the other modes, sysctls, a word about ipvs.
void KubeProxy::prepare_node(net::NetNamespace& host) {
    for (const auto& proxier : proxiers_)
        clean_up_other_modes(config_.mode, host, proxier->config().family);
    host.conntrack.settings = config_.conntrack;
    const bool ipv4 = config_.proxier.family == net::Family::ipv4;
    if (config_.mode == ProxyMode::iptables && config_.proxier.localhost_node_ports && ipv4)
        host.set_sysctl("net.ipv4.conf.all.route_localnet", "1");
    if (config_.mode != ProxyMode::ipvs)
        return;
    constexpr std::string_view sysctls[] = {"net.ipv4.vs.conntrack", "net.ipv4.vs.expire_nodest_conn",
                                            "net.ipv4.vs.expire_quiescent_template", "net.ipv4.ip_forward"};
    for (std::string_view key : sysctls)
        host.set_sysctl(key, "1");
    const std::string& node = config_.proxier.node_name;
    const api::Value reference = api::Value::object(
        {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", api::Value::object({{"name", node}, {"uid", node}})}});
    recorder_.record(environment_.simulation, reference, client::EventType::warning, "IPVSDeprecation", ipvs_deprecation);
}

void KubeProxy::start() {
    net::NodeStack* stack = network_->stack(config_.proxier.node_name);
    if (!stack)
        return;
    net::NetNamespace& host = stack->root();
    prepare_node(host);
    const net::NamespaceId root = stack->root_id();
    // An address in use is logged and tried again upstream; the rules come first.
    (void)network_->listen(root, {net::Protocol::tcp, {}, health_port, id(), "kube-proxy"});
    (void)network_->listen(root, {net::Protocol::tcp, net::Ip::v4(127, 0, 0, 1), metrics_port, id(), "kube-proxy"});
    ensure_canary();
    take_node(node_.start(environment_.simulation, id(), node_ready));
    take_services(services_.start(environment_.simulation, id(), services_ready));
    take_slices(slices_.start(environment_.simulation, id(), slices_ready));
    environment_.simulation.schedule(id(), config_.sync_period, monitor_due, sim::Urgency::background);
}

void KubeProxy::on_event(const sim::Event& event) {
    sim::Simulation& simulation = environment_.simulation;
    switch (event.code) {
    case services_ready:
        if (services_.handles(event))
            take_services(services_.on_event(simulation, event));
        break;
    case slices_ready:
        if (slices_.handles(event))
            take_slices(slices_.on_event(simulation, event));
        break;
    case node_ready:
        if (node_.handles(event))
            take_node(node_.on_event(simulation, event));
        break;
    case sync_due:
        sync_pending_ = false;
        sync();
        break;
    case monitor_due: monitor(); break;
    case again_due:
        again_pending_ = false;
        request_sync();
        break;
    }
}

void KubeProxy::take_services(const std::vector<client::Change>& changes) {
    health_.take_services(changes);
    bool changed = false;
    for (const client::Change& change : changes)
        changed |= each_proxier([&](Proxier& proxier) {
            return change.type == client::WatchType::deleted ? proxier.delete_service(api::key_of(change.object)) : proxier.set_service(change.object);
        });
    if (changed || !synced_once_)
        request_sync();
}

void KubeProxy::take_slices(const std::vector<client::Change>& changes) {
    health_.take_slices(changes);
    bool changed = false;
    for (const client::Change& change : changes)
        changed |= each_proxier([&](Proxier& proxier) {
            return change.type == client::WatchType::deleted ? proxier.delete_slice(change.object) : proxier.set_slice(change.object);
        });
    if (changed || !synced_once_)
        request_sync();
}

void KubeProxy::take_node(const std::vector<client::Change>& changes) {
    for (const client::Change& change : changes)
        if (each_proxier([&](Proxier& proxier) {
                return proxier.set_node_labels(change.type == client::WatchType::deleted ? api::null_value()
                                                                                         : change.object.path("metadata", "labels"));
            })) {
            full_sync_needed_ = true;
            request_sync();
        }
}

// At once when the last sync is long enough ago, else as soon as it is.
void KubeProxy::request_sync() {
    if (sync_pending_ || !services_.synced() || !slices_.synced())
        return;
    const Time now = environment_.simulation.now();
    const Time earliest = synced_once_ ? last_sync_ + config_.min_sync_period : now;
    sync_pending_ = true;
    environment_.simulation.schedule(id(), (earliest > now ? earliest - now : Duration{}) + programming_time, sync_due);
}

void KubeProxy::sync() {
    net::NodeStack* stack = network_->stack(config_.proxier.node_name);
    if (!stack || !stack->up)
        return;
    const Time now = environment_.simulation.now();
    const bool full = full_sync_needed_ || now - last_full_sync_ > full_sync_period;
    std::size_t rules = 0, ports = 0, endpoints = 0;
    std::optional<Duration> after;
    for (const auto& proxier : proxiers_) {
        rules += proxier->synchronize(full ? SyncKind::full : SyncKind::partial, stack->root(), now).rules;
        ports += proxier->service_port_count();
        endpoints += proxier->endpoint_count();
        if (const auto wanted = proxier->again_after(); wanted && (!after || *wanted < *after))
            after = wanted;
    }
    // A port that is taken is tried again at the next sync.
    for (const auto& failed : health_.sync(*network_, stack->root_id(), id()))
        recorder_.record(environment_.simulation, service_reference(failed.service), client::EventType::warning,
                         "FailedToStartServiceHealthcheck", failed.message);
    full_sync_needed_ = false;
    synced_once_ = true;
    last_sync_ = now;
    if (full)
        last_full_sync_ = now;
    environment_.simulation.record(
        sim::EntryKind::network, name_, {"nodes", "", config_.proxier.node_name},
        {full ? "kubeproxy.sync.full" : "kubeproxy.sync.partial",
         {config_.proxier.node_name, cat(ports), cat(endpoints), cat(rules)}});
    if (after && !again_pending_) {
        again_pending_ = true;
        environment_.simulation.schedule(id(), *after, again_due, sim::Urgency::background);
    }
}

// iptables.Monitor: a canary chain in each table tells whether somebody flushed them.
bool KubeProxy::ensure_canary() {
    net::NodeStack* stack = network_->stack(config_.proxier.node_name);
    if (!stack || config_.mode != ProxyMode::iptables)
        return true;
    bool there = true;
    for (const auto& proxier : proxiers_) {
        const net::Family family = proxier->config().family;
        for (net::TableId table : {net::TableId::mangle, net::TableId::nat, net::TableId::filter})
            if (!static_cast<const net::NodeStack*>(stack)->root().rules(family).chain(table, canary)) {
                stack->root().edit_rules(family).ensure_chain(table, canary);
                there = false;
            }
    }
    return there;
}

void KubeProxy::monitor() {
    if (!ensure_canary()) {
        full_sync_needed_ = true;
        request_sync();
    }
    environment_.simulation.schedule(id(), config_.sync_period, monitor_due, sim::Urgency::background);
}

net::HttpResponse KubeProxy::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    const Time now = environment_.simulation.now();
    net::HttpResponse response;
    response.took = milliseconds(1);
    if (auto checked = health_.serve(peer.local.port, synced_once_))
        return std::move(*checked);
    if (peer.local.port == health_port && (request.path == "/healthz" || request.path == "/livez")) {
        response.status = synced_once_ ? 200 : 503;
        response.headers["content-type"] = "application/json";
        response.body = cat("{\"lastUpdated\": \"", to_rfc3339(last_sync_), "\",\"currentTime\": \"", to_rfc3339(now),
                            "\", \"nodeEligible\": true}");
    } else if (peer.local.port == metrics_port && request.path == "/proxyMode") {
        response.body = proxy_mode_name(config_.mode);
    } else if (peer.local.port == metrics_port && request.path == "/healthz") {
        response.body = "ok";
    } else {
        response.status = 404;
        response.body = "404 page not found\n";
    }
    return response;
}

}  // namespace kubewalk::addons
