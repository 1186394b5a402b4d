#include "core/addons/coredns/coredns.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons {

using namespace coredns;

namespace {

enum Code : std::uint32_t { watch_ready = 101, waiting_for_api, loop_probe, loop_over, reload_due, timer_due };

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
                 std::string resolv_conf, std::string hosts, std::string name)
    : environment_(environment), network_(&network), netns_(netns), name_(std::move(name)),
      corefile_(std::move(corefile)),
      files_{{"/etc/resolv.conf", std::move(resolv_conf)}, {"/etc/hosts", std::move(hosts)}} {
    state_.random = environment.simulation.random().stream(name_);
}

void CoreDns::mount(Files files, std::string corefile_path, std::string host_name, std::function<Files()> read) {
    files_ = std::move(files);
    corefile_path_ = std::move(corefile_path);
    host_name_ = std::move(host_name);
    read_ = std::move(read);
    if (const auto found = files_.find(corefile_path_); found != files_.end())
        corefile_ = found->second;
    else
        state_.fatal = cat("loading Caddyfile via flag: open ", corefile_path_, ": no such file or directory");
}

void CoreDns::write(std::string line) { log_.push_back({simulation().now(), std::move(line)}); }

void CoreDns::take_log() {
    constexpr std::size_t most_lines = 5000;
    for (auto& line : state_.log)
        write(std::move(line));
    state_.log.clear();
    if (log_.size() > most_lines)
        log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(log_.size() - most_lines));
}

void CoreDns::listen(net::Protocol protocol, net::SocketAddress at) {
    auto listening = network_->listen(netns_, {protocol, at.ip, at.port, owner_, process_});
    if (listening)
        return;
    const auto host = at.ip.unspecified() ? "" : at.ip.text();
    state_.fatal = cat("listen ", net::protocol_name(protocol), " ", host, ":", at.port,
                       ": bind: address already in use");
    write(state_.fatal);
}

void CoreDns::open_http() {
    const auto& settings = servers_->settings();
    for (const auto& address : {settings.ready, settings.health, settings.metrics})
        if (address)
            listen(net::Protocol::tcp, *address);
}

void CoreDns::start_as(sim::ComponentId owner) {
    owner_ = owner;
    started_ = simulation().now();
    if (!fatal().empty()) {
        write(fatal());
        return;
    }
    auto loaded = Servers::load(corefile_, corefile_path_, files_);
    if (!loaded) {
        state_.fatal = loaded.error().message;
        write(state_.fatal);
        return;
    }
    servers_ = loaded.take();
    open_http();
    open_watches();
    if (synced()) {
        open_dns();
        announce();
    } else {
        simulation().schedule(owner_, milliseconds(500), waiting_for_api);
    }
}

void CoreDns::announce() {
    announced_ = true;
    write(cat("CoreDNS-", coredns_version));
    write(cat("linux/amd64, ", coredns_go_version, ", ", coredns_revision));
}

void CoreDns::open_watches() {
    const auto* config = servers_->kubernetes();
    if (!config)
        return;
    const client::Client client(environment_.transport, name_, user_);
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
    for (const auto& socket : servers_->sockets()) {
        listen(net::Protocol::udp, socket);
        listen(net::Protocol::tcp, socket);
    }
    if (!announced_)  // a restart within the process says nothing of it
        for (const auto& server : servers_->servers())
            for (const auto& zone : server.zones) {
                if (server.bind.empty())
                    write(cat(zone, ":", server.port));
                for (const auto& ip : server.bind)
                    write(cat(zone, ":", server.port, " on ", ip.text()));
            }
    start_reloading();
    if (servers_->settings().loop)
        simulation().schedule(owner_, {}, loop_probe);
}

// The reload plugin looks at the Corefile again and again.
void CoreDns::start_reloading() {
    const auto& settings = servers_->settings();
    sha512_ = corefile_sha512(corefile_, corefile_path_, files_);
    if (!settings.reload)
        return;
    write(cat("[INFO] plugin/reload: Running configuration SHA512 = ", sha512_));
    look_again();
}

void CoreDns::look_again() {
    const auto& settings = servers_->settings();
    Duration jitter{};
    if (settings.reload_jitter > Duration{})
        jitter.ns = static_cast<std::int64_t>(state_.random.below(static_cast<std::uint64_t>(settings.reload_jitter.ns) * 2)) -
                    settings.reload_jitter.ns;
    simulation().schedule(owner_, settings.reload_interval + jitter, reload_due, sim::Urgency::background);
}

void CoreDns::on_event(const sim::Event& event) {
    if (!fatal().empty())
        return;
    switch (event.code) {
    case watch_ready:
        for (auto& source : sources_)
            if (source.informer.handles(event))
                apply(source, source.informer.on_event(simulation(), event));
        if (!dns_open_ && synced()) {
            open_dns();
            announce();
        }
        break;
    case waiting_for_api:
        if (dns_open_)
            break;
        if (simulation().now() - started_ >= servers_->kubernetes()->startup_timeout) {
            write("[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API");
            open_dns();
            announce();
            break;
        }
        write("[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server");
        simulation().schedule(owner_, milliseconds(500), waiting_for_api);
        break;
    case loop_probe: probe_loop(); break;
    case loop_over: state_.loops.clear(); break;
    case reload_due: look_for_corefile(); break;
    case timer_due: on_timer(event); break;
    default: break;
    }
}

// Asks itself a question that only a loop brings back.
void CoreDns::probe_loop() {
    constexpr std::uint64_t bound = 1ull << 62u;
    const auto servers = servers_;
    for (const auto& server : servers->servers()) {
        if (std::find(server.plugins.begin(), server.plugins.end(), "loop") == server.plugins.end())
            continue;
        const std::string zone = server.zones.empty() || server.zones.front() == "." ? "" : server.zones.front();
        const auto name = cat(state_.random.below(bound), ".", state_.random.below(bound), ".", zone);
        state_.loops[server.number] = {name, 0};
        const auto own = server.bind.empty() ? net::Ip::v4(127, 0, 0, 1) : server.bind.front();
        network_->dns(netns_, {own, server.port}, net::dns_query(1, name, net::DnsType::HINFO));
        if (!fatal().empty()) {
            write(fatal());
            network_->close_all(owner_);
            return;
        }
    }
    simulation().schedule(owner_, seconds(2), loop_over, sim::Urgency::background);
}

void CoreDns::set_corefile(std::string corefile) {
    files_[corefile_path_] = std::move(corefile);
}

void CoreDns::look_for_corefile() {
    if (read_)
        files_ = read_();
    const auto found = files_.find(corefile_path_);
    const auto sha512 =
        found == files_.end() ? std::string() : corefile_sha512(found->second, corefile_path_, files_);
    if (found == files_.end() || sha512 == sha512_) {
        look_again();
    } else if (sha512.empty()) {
        write(cat("[WARNING] plugin/reload: Corefile parse failed: ",
                  Servers::load(found->second, corefile_path_, files_).error().message));
        look_again();
    } else {
        sha512_ = sha512;  // a wrong file is tried once
        reload(found->second);
    }
}

void CoreDns::reload(std::string corefile) {
    write("[INFO] Reloading");
    auto loaded = Servers::load(corefile, corefile_path_, files_);
    if (!loaded) {
        write(cat("[ERROR] Restart failed: ", loaded.error().message));
        write(cat("[ERROR] plugin/reload: Corefile changed but reload failed: ", loaded.error().message));
        state_.metrics.add("coredns_reload_failed_total");
        look_again();
        return;
    }
    for (auto& source : sources_)
        source.informer.stop();
    network_->close_all(owner_);
    servers_ = loaded.take();
    corefile_ = std::move(corefile);
    state_.positive.clear();
    state_.negative.clear();
    state_.upstreams.clear();
    state_.consolidations.clear();
    open_http();
    open_watches();
    open_dns();
    write("[INFO] Reloading complete");
}

Duration CoreDns::shut_down() {
    write("[INFO] SIGTERM: Shutting down servers then terminating");
    const auto lameduck = servers_ ? servers_->settings().lameduck : Duration{};
    if (lameduck > Duration{})
        write(cat("[INFO] plugin/health: Going into lameduck mode for ", go_duration(lameduck)));
    return lameduck;
}

void CoreDns::take_timers() {
    for (auto& timer : state_.timers)
        simulation().schedule(owner_, timer.delay, timer_due, sim::Urgency::background,
                              static_cast<std::uint64_t>(timer.kind), std::move(timer.key));
    state_.timers.clear();
}

void CoreDns::on_timer(const sim::Event& event) {
    const auto servers = servers_;
    auto query = query_from({});
    servers->on_timer({static_cast<Timer::Kind>(event.number), {}, event.text}, query);
    take_log();
    take_timers();
}

std::string CoreDns::metrics() const {
    MetricNames names;
    std::map<std::string, std::uint64_t> gauges;
    for (const auto& server : servers_->servers()) {
        names.servers.push_back(cat("dns://:", server.port));
        names.cache_zones.push_back(join(server.zones, ","));
        for (const auto& plugin : server.plugins)
            names.plugins.emplace_back(names.servers.back(), plugin);
        const auto cached = [&](const std::map<int, ChainState::Cache>& caches, std::string_view type) {
            if (const auto found = caches.find(server.number); found != caches.end())
                gauges[cat("coredns_cache_entries{server=\"", names.servers.back(), "\",type=\"", type,
                           "\",view=\"\",zones=\"", join(server.zones, ","), "\"}")] = found->second.size();
        };
        cached(state_.positive, "success");
        cached(state_.negative, "denial");
    }
    names.zones = servers_->settings().metric_zones;
    names.version = coredns_version;
    names.go_version = coredns_go_version;
    names.revision = coredns_revision;
    return metrics_text(state_.metrics, names, gauges);
}

bool CoreDns::ready() const {
    return servers_ && fatal().empty() && servers_->not_ready(synced() || was_ready_).empty();
}

net::HttpResponse CoreDns::serve_http(const net::HttpRequest& request, const net::Peer& peer) {
    const auto path = request.path.substr(0, request.path.find('?'));
    const auto& settings = servers_->settings();
    const auto at = [&](const std::optional<net::SocketAddress>& address) { return address && peer.local.port == address->port; };
    if (at(settings.health) && path == "/health")
        return text_response(200, "OK");
    if (at(settings.metrics) && path == "/metrics") {
        auto response = text_response(200, metrics());
        response.headers["content-type"] = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
        return response;
    }
    if (at(settings.ready) && path == "/ready") {
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

Query CoreDns::query_from(const net::Peer& peer) {
    return {*servers_,
            index_,
            synced(),
            [this] { return network_->addresses(netns_); },
            peer,
            simulation().now(),
            state_,
            [this](net::SocketAddress server, const net::DnsMessage& question, Duration give_up,
                   net::Protocol protocol) { return network_->dns(netns_, server, question, give_up, protocol); },
            {},
            0,
            nullptr,
            {},
            false,
            false,
            host_name_};
}

std::optional<net::DnsMessage> CoreDns::serve(const net::DnsMessage& message, const net::Peer& peer) {
    constexpr int deepest = 16;  // forwarding to itself without the loop plugin: the real one runs out of time
    constexpr std::size_t largest = 65535;
    if (!servers_ || !fatal().empty() || serving_ >= deepest)
        return std::nullopt;
    ++serving_;
    const auto servers = servers_;
    auto query = query_from(peer);
    auto reply = servers->serve(query, message);
    reply.took = query.elapsed;
    net::fit_to_size(reply, peer.protocol == net::Protocol::tcp ? largest : net::udp_size(message));
    if (!state_.log.empty())
        take_log();
    if (!state_.timers.empty())
        take_timers();
    --serving_;
    if (query.dropped)
        return std::nullopt;
    return reply;
}

}  // namespace kubewalk::addons
