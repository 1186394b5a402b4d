#pragma once
// The ingress controller as ingress-nginx is one: it watches Ingresses, Services, EndpointSlices and Secrets, keeps
// nginx's configuration up to date, answers at ports 80 and 443 by dialling the Pods itself (no Service address in
// between), and writes where it can be reached into the Ingresses' status. Who runs it in a container hands on
// start_as(), on_event() and the Server's calls.
// Upstream: kubernetes/ingress-nginx v1.15.1, the last release (the project ended in March 2026): cmd/nginx,
// internal/ingress/controller, internal/ingress/status.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/addons/ingress/balancer.h"
#include "core/addons/ingress/configuration.h"
#include "core/client/controller.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/net/network.h"
#include "core/net/resolver.h"

namespace kubewalk::addons {

struct IngressNginxOptions {
    ingress::ClassOptions classes;
    std::string config_map;       // --configmap: "namespace/name"
    std::string publish_service;  // --publish-service; empty: the nodes' addresses go into the status
    std::string pod_namespace;
    std::string pod_name;
    std::string user;  // of the Pod's service account
    net::ResolverFiles files;  // for Services of type ExternalName
};

class IngressNginx final : public net::Server {
public:
    IngressNginx(client::Environment environment, net::Network& network, net::NamespaceId netns, IngressNginxOptions options);

    // Starts with sockets and events that belong to `owner`.
    void start_as(sim::ComponentId owner);
    void on_event(const sim::Event& event);
    // SIGTERM: the last one running takes its address out of the Ingresses' status.
    void shut_down();

    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    std::optional<net::Certificate> tls_certificate(std::string_view server_name, const net::Peer& peer) override;

    const ingress::Configuration& configuration() const { return *configuration_; }
    // Null once the process could not bind its ports: why it ended.
    const std::string& fatal() const { return fatal_; }

    struct LogLine {
        Time at;
        std::string text;
    };
    const std::vector<LogLine>& log() const { return log_; }

private:
    enum Code : std::uint32_t { watch_ready = 201, sync_due, status_due };
    enum Source : std::size_t { ingresses, classes, services, slices, secrets, config_maps, source_count };
    // One request on its way through nginx (serve.cpp).
    struct Exchange;

    // controller.cpp
    void handle(Source source, const std::vector<client::Change>& changes);
    void sync_soon();
    void sync();
    void open_sockets();
    void listen(std::uint16_t port, std::string_view process);
    ingress::Sources sources() const;
    bool ours(const api::Value& ingress, std::string* why = nullptr) const;
    void write(std::string text);
    void klog(char level, std::string_view place, std::string_view text);

    // status.cpp
    void status_soon();
    void update_status();
    api::Value running_addresses() const;
    std::vector<api::Value> own_pods() const;
    void write_status(const api::Value& addresses);
    bool status_differs() const;

    // serve.cpp
    net::HttpResponse answer(Exchange& exchange);
    bool to_https(const Exchange& exchange) const;
    net::HttpResponse proxy(Exchange& exchange, const ingress::Upstream& upstream);
    std::string rewritten(const ingress::Location& location, std::string_view uri) const;
    net::HttpRequest upstream_request(const Exchange& exchange) const;
    std::optional<net::SocketAddress> address_of(const ingress::Endpoint& endpoint, Duration& took);
    void log_access(const Exchange& exchange, const net::HttpResponse& response);

    sim::Simulation& simulation() const { return environment_.simulation; }
    Time now() const { return environment_.simulation.now(); }

    client::Environment environment_;
    net::Network* network_;
    net::NamespaceId netns_;
    IngressNginxOptions options_;
    client::Client client_;
    client::EventRecorder recorder_;
    std::vector<client::Informer> informers_;
    std::shared_ptr<const ingress::Configuration> configuration_;
    ingress::Balancer balancer_;
    Random random_;
    sim::ComponentId owner_ = 0;
    api::Value own_pod_;
    std::string signature_;  // of what needs a reload when it changes
    std::vector<std::string> warnings_;
    bool sync_pending_ = false;
    Time last_sync_{-(std::int64_t{1} << 40)};
    Time next_status_;
    sim::EventId status_event_ = 0;
    api::Value addresses_;  // as written last
    bool open_ = false;
    int in_flight_ = 0;
    std::string fatal_;
    std::vector<LogLine> log_;
};

}  // namespace kubewalk::addons
