#include "core/addons/coredns/coredns.h"

#include "core/base/text.h"

namespace kubewalk::addons {

using namespace coredns;

namespace {

enum Code : std::uint32_t { watch_ready = 101, waiting_for_api, loop_probe, loop_over, reload_due };

constexpr std::string_view user = "system:serviceaccount:kube-system:coredns";
constexpr std::string_view corefile_path = "/etc/coredns/Corefile";
constexpr std::string_view pod_selector = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

net::HttpResponse text_response(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers["content-type"] = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

}  // namespace

CoreDns::CoreDns(client::Environment environment, net::Network& network, net::NamespaceId netns, std::string corefile,
                 std::string resolv_conf, std::string hosts, std::string name, std::string version)
    : environment_(environment), network_(&network), netns_(netns), name_(std::move(name)),
      version_(std::move(version)), corefile_(std::move(corefile)),
      files_{{"/etc/resolv.conf", std::move(resolv_conf)}, {"/etc/hosts", std::move(hosts)}} {
    state_.random = environment.simulation.random().stream(name_);
}

void CoreDns::write(std::string line) { log_.push_back({simulation().now(), std::move(line)}); }

void CoreDns::take_log() {
    for (auto& line : state_.log)
        write(std::move(line));
    state_.log.clear();
}

void CoreDns::listen(net::Protocol protocol, std::uint16_t port) {
    auto listening = network_->listen(netns_, {protocol, {}, port, owner_, "coredns"});
    if (listening)
        return;
    state_.fatal = cat("listen ", net::protocol_name(protocol), " :", port, ": bind: address already in use");
    write(state_.fatal);
}

void CoreDns::start_as(sim::ComponentId owner) {
    owner_ = owner;
    started_ = simulation().now();
    auto loaded = Servers::load(corefile_, std::string(corefile_path), files_);
    if (!loaded) {
        state_.fatal = loaded.error().message;
        write(state_.fatal);
        return;
    }
    servers_ = loaded.take();
    const auto& settings = servers_->settings();
    if (settings.ready_port)
        listen(net::Protocol::tcp, *settings.ready_port);
    if (settings.health_port)
        listen(net::Protocol::tcp, *settings.health_port);
    open_watches();
    if (synced())
        open_dns();
    else
        simulation().schedule(owner_, milliseconds(500), waiting_for_api);
}

void CoreDns::open_watches() {
    const auto* config = servers_->kubernetes();
    if (!config)
        return;
    const client::Client client(environment_.transport, name_, std::string(user));
    const client::ListOptions objects{config->labels, {}};
    sources_.clear();
    index_ = Index{};
    sources_.push_back({client::Informer(client, api::kind::namespaces, {}, {config->namespace_labels, {}}),
                        &Index::set_namespace, &Index::remove_namespace});
    sources_.push_back({client::Informer(client, api::kind::services, {}, objects), &Index::set_service,
                        &Index::remove_service});
    if (config->endpoints)
        sources_.push_back({client::Informer(client, api::kind::endpoint_slices, {}, objects),
                            &Index::set_endpoint_slice, &Index::remove_endpoint_slice});
    if (config->pods == PodMode::verified)
        sources_.push_back(
            {client::Informer(client, api::kind::pods, {}, {config->labels, std::string(pod_selector)}),
             &Index::set_pod, &Index::remove_pod});
    for (auto& source : sources_)
        apply(source, source.informer.start(simulation(), owner_, watch_ready));
}

void CoreDns::apply(Source& source, const std::vector<client::Change>& changes) {
    for (const auto& change : changes) {
        if (change.heartbeat)
            continue;
        if (change.type == client::WatchType::deleted)
            (index_.*source.remove)(api::key_of(change.object));
        else
            (index_.*source.set)(change.object);
        index_.serial = static_cast<std::uint32_t>(epoch_unix_seconds + simulation().now().ns / 1'000'000'000);
    }
}

bool CoreDns::synced() const {
    for (const auto& source : sources_)
        if (!source.informer.synced())
            return false;
    return true;
}

void CoreDns::open_dns() {
    dns_open_ = true;
    for (auto port : servers_->ports()) {
        listen(net::Protocol::udp, port);
        listen(net::Protocol::tcp, port);
    }
    for (const auto& server : servers_->servers())
        for (const auto& zone : server.zones)
            write(cat(zone, ":", server.port));
    write(cat("CoreDNS-", version_));
    if (servers_->settings().loop)
        simulation().schedule(owner_, {}, loop_probe);
}

void CoreDns::on_event(const sim::Event& event) {
    if (!fatal().empty())
        return;
    switch (event.code) {
    case watch_ready:
        for (auto& source : sources_)
            if (source.informer.handles(event))
                apply(source, source.informer.on_event(simulation(), event));
        if (!dns_open_ && synced())
            open_dns();
        break;
    case waiting_for_api:
        if (dns_open_)
            break;
        if (simulation().now() - started_ >= servers_->kubernetes()->startup_timeout) {
            write("[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API");
            open_dns();
            break;
        }
        write("[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server");
        simulation().schedule(owner_, milliseconds(500), waiting_for_api);
        break;
    case loop_probe: probe_loop(); break;
    case loop_over: state_.loop_name.clear(); break;
    case reload_due: reload(); break;
    default: break;
    }
}

// Asks itself a question that only a loop brings back.
void CoreDns::probe_loop() {
    constexpr std::uint64_t bound = 1ull << 62u;
    const auto& server = servers_->servers().front();
    const std::string zone = server.zones.empty() || server.zones.front() == "." ? "" : server.zones.front();
    state_.loop_name = cat(state_.random.below(bound), ".", state_.random.below(bound), ".", zone);
    state_.loops_seen = 0;
    network_->dns(netns_, {net::Ip::v4(127, 0, 0, 1), server.port},
                  net::dns_query(1, state_.loop_name, net::DnsType::HINFO));
    if (!fatal().empty()) {
        write(fatal());
        network_->close_all(owner_);
        return;
    }
    simulation().schedule(owner_, seconds(2), loop_over, sim::Urgency::background);
}

void CoreDns::set_corefile(std::string corefile) {
    if (corefile == (pending_corefile_.empty() ? corefile_ : pending_corefile_))
        return;
    pending_corefile_ = std::move(corefile);
    if (servers_ && servers_->settings().reload)
        simulation().schedule(owner_, servers_->settings().reload_interval, reload_due);
}

void CoreDns::reload() {
    if (pending_corefile_.empty() || pending_corefile_ == corefile_)
        return;
    corefile_ = std::move(pending_corefile_);
    pending_corefile_.clear();
    write("[INFO] Reloading");
    auto loaded = Servers::load(corefile_, std::string(corefile_path), files_);
    if (!loaded) {
        write(cat("[ERROR] Restart failed: ", loaded.error().message));
        write(cat("[ERROR] plugin/reload: Corefile changed but reload failed: ", loaded.error().message));
        return;
    }
    for (auto& source : sources_)
        source.informer.stop();
    network_->close_all(owner_);
    servers_ = loaded.take();
    state_.cache.clear();
    const auto& settings = servers_->settings();
    if (settings.ready_port)
        listen(net::Protocol::tcp, *settings.ready_port);
    if (settings.health_port)
        listen(net::Protocol::tcp, *settings.health_port);
    open_watches();
    open_dns();
    write("[INFO] Reloading complete");
}

bool CoreDns::ready() const {
    return servers_ && fatal().empty() && servers_->not_ready(synced() || was_ready_).empty();
}

net::HttpResponse CoreDns::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    const auto path = request.path.substr(0, request.path.find('?'));
    const auto& settings = servers_->settings();
    if (peer.local.port == settings.health_port && path == "/health")
        return text_response(200, "OK");
    if (peer.local.port == settings.ready_port && path == "/ready") {
        // A plugin that was ready once is not asked again.
        const auto waiting = servers_->not_ready(synced() || was_ready_);
        was_ready_ |= waiting.empty();
        if (waiting.empty())
            return text_response(200, "OK");
        write(cat("[INFO] plugin/ready: Plugins not ready: ", quoted(waiting)));
        return text_response(503, waiting);
    }
    return text_response(404, "404 page not found\n");
}

std::optional<net::DnsMessage> CoreDns::serve(const net::DnsMessage& message, const net::Peer& peer) {
    constexpr int deepest = 16;  // forwarding to itself without the loop plugin: the real one runs out of time
    if (!servers_ || !fatal().empty() || serving_ >= deepest)
        return std::nullopt;
    ++serving_;
    const auto servers = servers_;
    Query query{*servers,
                index_,
                synced(),
                network_->addresses(netns_),
                peer,
                simulation().now(),
                state_,
                [this](net::SocketAddress server, const net::DnsMessage& question) {
                    constexpr Duration read_timeout = seconds(2);  // of the forward plugin
                    return network_->dns(netns_, server, question, read_timeout);
                }};
    auto reply = servers->serve(query, message);
    reply.took = query.elapsed;
    take_log();
    --serving_;
    return reply;
}

}  // namespace kubewalk::addons
