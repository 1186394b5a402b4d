#include "core/addons/ingress/controller.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using api::Value;
using namespace ingress;

namespace {

// --sync-rate-limit=0.3: changes that come together make one configuration; nginx's workers look for new
// endpoints once a second (balancer.lua, BACKENDS_SYNC_INTERVAL).
constexpr Duration sync_interval = milliseconds(3333);
constexpr Duration workers_look = seconds(1);

constexpr std::uint16_t http_port = 80, https_port = 443, health_port = 10254;

// "I0101 00:03:12.402000       7 controller.go:191] ": klog's header.
std::string klog_header(char level, Time now, std::string_view place) {
    const auto stamp = to_rfc3339_micro(now);  // 2026-01-01T00:03:12.402000Z
    return cat(level, stamp.substr(5, 2), stamp.substr(8, 2), " ", stamp.substr(11, 15), "       7 ", place, "] ");
}

}  // namespace

IngressNginx::IngressNginx(client::Environment environment, net::Network& network, net::NamespaceId netns, IngressNginxOptions options)
    : environment_(environment),
      network_(&network),
      netns_(netns),
      options_(std::move(options)),
      client_(environment.transport, cat("nginx-ingress-controller/", options_.pod_name), options_.user),
      recorder_(client_, "nginx-ingress-controller"),
      configuration_(std::make_shared<const Configuration>()),
      balancer_(environment.simulation.random().stream(cat("nginx-ingress-controller/", options_.pod_name, "/balancer"))),
      random_(environment.simulation.random().stream(cat("nginx-ingress-controller/", options_.pod_name))) {}

void IngressNginx::write(std::string text) {
    constexpr std::size_t most_lines = 400;  // checkpoints copy the log
    if (log_.size() >= most_lines)
        log_.erase(log_.begin(), log_.begin() + most_lines / 2);
    log_.push_back({now(), std::move(text)});
}

void IngressNginx::klog(char level, std::string_view place, std::string_view text) {
    write(cat(klog_header(level, now(), place), text));
}

void IngressNginx::start_as(sim::ComponentId owner) {
    owner_ = owner;
    const std::string rule(79, '-');
    write(rule);
    write("NGINX Ingress controller");
    write("  Release:       v1.15.1");
    write("  Repository:    https://github.com/kubernetes/ingress-nginx");
    write("  nginx version: nginx/1.27.1");
    write("");
    write(rule);
    write("");
    const api::Kind* const kinds[source_count] = {&api::kind::ingresses, &api::kind::ingress_classes, &api::kind::services,
                                                  &api::kind::endpoint_slices, &api::kind::secrets, &api::kind::config_maps};
    for (std::size_t i = 0; i < source_count; ++i) {
        // Only the ConfigMap of the controller's own settings matters to it.
        const auto name = api::split_key(options_.config_map);
        const bool one = i == config_maps;
        const client::ListOptions wanted{{}, one ? cat("metadata.name=", name.name) : std::string()};
        informers_.emplace_back(client_, *kinds[i], one ? std::string(name.namespace_name) : std::string(), wanted);
    }
    for (std::size_t i = 0; i < source_count; ++i)
        handle(static_cast<Source>(i), informers_[i].start(simulation(), owner_, watch_ready));
    if (const auto pod = client_.get(api::kind::pods, options_.pod_namespace, options_.pod_name); pod.ok())
        own_pod_ = pod.value();
    next_status_ = now() + seconds(60);
    sync_soon();
    status_soon();
}

void IngressNginx::on_event(const sim::Event& event) {
    if (!fatal_.empty())
        return;
    switch (event.code) {
    case watch_ready:
        for (std::size_t i = 0; i < informers_.size(); ++i)
            if (informers_[i].handles(event))
                handle(static_cast<Source>(i), informers_[i].on_event(simulation(), event));
        break;
    case sync_due:
        sync_pending_ = false;
        sync();
        break;
    case status_due:
        next_status_ = now() + seconds(60);
        update_status();
        status_soon();
        break;
    default: break;
    }
}

void IngressNginx::handle(Source source, const std::vector<client::Change>& changes) {
    bool changed = false;
    for (const auto& change : changes) {
        if (change.heartbeat)
            continue;
        changed = true;
        if (source != ingresses || change.type == client::WatchType::deleted)
            continue;
        std::string why;
        if (!ours(change.object, &why)) {
            if (change.type == client::WatchType::added)
                klog('I', "store.go:440", cat("\"Ignoring ingress because of error while validating ingress class\" ingress=",
                                              quoted(api::key_of(change.object)), " error=", quoted(why)));
            continue;
        }
        if (change.type == client::WatchType::added)
            klog('I', "store.go:443", cat("\"Found valid IngressClass\" ingress=", quoted(api::key_of(change.object)), " ingressclass=",
                                          quoted(change.object["spec"]["ingressClassName"].as_string(options_.classes.annotation))));
        recorder_.record(simulation(), change.object, client::EventType::normal, "Sync", "Scheduled for sync");
    }
    if (changed)
        sync_soon();
}

bool IngressNginx::ours(const Value& ingress, std::string* why) const {
    const auto& known = informers_[classes];
    const auto mismatch = class_mismatch(ingress, options_.classes, [&known](std::string_view name) -> const Value& { return known.get(name); });
    if (why)
        *why = mismatch;
    return mismatch.empty();
}

void IngressNginx::sync_soon() {
    if (sync_pending_)
        return;
    sync_pending_ = true;
    const auto due = std::max(now() + workers_look, last_sync_ + sync_interval);
    simulation().schedule(owner_, due - now(), sync_due);
}

Sources IngressNginx::sources() const {
    Sources from;
    for (const auto& [key, object] : informers_[ingresses].cache())
        if (!api::is_deleting(object) && ours(object))
            from.ingresses.push_back(object);
    const auto* known_services = &informers_[services];
    const auto* known_secrets = &informers_[secrets];
    const auto* known_slices = &informers_[slices];
    from.service = [known_services](std::string_view key) -> const Value& { return known_services->get(key); };
    from.secret = [known_secrets](std::string_view key) -> const Value& { return known_secrets->get(key); };
    from.slices = [known_slices](std::string_view namespace_name, std::string_view service) {
        std::vector<Value> found;
        for (auto& slice : known_slices->in_namespace(namespace_name))
            if (slice["metadata"]["labels"]["kubernetes.io/service-name"].as_string() == service)
                found.push_back(std::move(slice));
        return found;
    };
    return from;
}

void IngressNginx::sync() {
    for (const auto& informer : informers_)
        if (!informer.synced())
            return;  // its first list will bring the controller back here
    last_sync_ = now();
    const auto settings = settings_from(informers_[config_maps].get(options_.config_map));
    auto from = sources();
    // Endpoints and certificates reach nginx's workers as they are; anything else needs a reload.
    std::string signature = api::to_json(informers_[config_maps].get(options_.config_map)["data"]);
    for (const auto& ingress : from.ingresses)
        append(signature, "\n", api::key_of(ingress), " ", ingress["metadata"]["generation"].as_int(), " ",
               api::to_json(ingress["metadata"]["annotations"]));
    configuration_ = std::make_shared<const Configuration>(build(settings, std::move(from)));
    if (warnings_ != configuration_->warnings)
        for (const auto& warning : configuration_->warnings)
            klog('W', "controller.go:1163", warning);
    warnings_ = configuration_->warnings;
    if (!open_ || signature != signature_) {
        klog('I', "controller.go:196", "\"Configuration changes detected, backend reload required\"");
        klog('I', "controller.go:216", "\"Backend successfully reloaded\"");
        if (!own_pod_.is_null())
            recorder_.record(simulation(), own_pod_, client::EventType::normal, "RELOAD",
                             "NGINX reload triggered due to a change in configuration");
    }
    signature_ = std::move(signature);
    if (!open_)
        open_sockets();
    status_soon();
}

void IngressNginx::open_sockets() {
    open_ = true;
    klog('I', "controller.go:228", "\"Initial sync, sleeping for 1 second\"");
    listen(http_port, "nginx");
    listen(https_port, "nginx");
    listen(health_port, "nginx-ingress-c");  // a process name has 15 characters
}

void IngressNginx::listen(std::uint16_t port, std::string_view process) {
    const auto bound = network_->listen(netns_, {net::Protocol::tcp, {}, port, owner_, std::string(process)});
    if (bound.ok() || !fatal_.empty())
        return;
    fatal_ = cat("Port ", port, " is already in use. Please check the flag --", port == https_port ? "https" : port == http_port ? "http" : "healthz", "-port");
    klog('F', "main.go:113", fatal_);
}

}  // namespace kubewalk::addons
