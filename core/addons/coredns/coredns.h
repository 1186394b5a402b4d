#pragma once
// The CoreDNS process: informers that fill the index, sockets, /health and /ready, the log. It is a
// component with sockets of its own; who runs it in a container (core/cluster's registry) adds it to
// the simulation, or embeds it and hands on start_as(), on_event() and the Server's calls.
// Upstream: github.com/coredns/coredns coremain/run.go, plugin/{health,ready,reload,kubernetes}.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/addons/coredns/kubernetes.h"
#include "core/client/controller.h"
#include "core/client/informer.h"
#include "core/net/network.h"

namespace kubewalk::addons {

namespace coredns {
// registry.k8s.io/coredns/coredns:v1.14.2 was built from the tagged commit with this Go (.go-version).
constexpr std::string_view coredns_version = "1.14.2";
constexpr std::string_view coredns_go_version = "go1.26.1";
constexpr std::string_view coredns_revision = "dd1df4f";
}  // namespace coredns

class CoreDns final : public sim::Component, public net::Server {
public:
    using Files = std::map<std::string, std::string>;

    CoreDns(client::Environment environment, net::Network& network, net::NamespaceId netns, std::string corefile,
            std::string resolv_conf, std::string hosts = {}, std::string name = "coredns");

    // What the process finds in its file system, now and, asked again, whenever it looks for a new Corefile.
    void mount(Files files, std::string corefile_path, std::string host_name, std::function<Files()> read);
    // The user its requests to the API server go by, and what its listeners are called.
    void run_as(std::string user, std::string process) {
        user_ = std::move(user);
        process_ = std::move(process);
    }

    // -- sim::Component -----------------------------------------------------------------------------
    std::string_view name() const override { return name_; }
    void start() override { start_as(id()); }
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<CoreDns>(*this); }

    // Starts with sockets and events that belong to `owner`.
    void start_as(sim::ComponentId owner);

    // -- net::Server --------------------------------------------------------------------------------
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& query, const net::Peer& peer) override {
        return serve(query, peer);
    }
    std::optional<net::DnsMessage> serve(const net::DnsMessage& query, const net::Peer& peer);

    bool synced() const;  // all informers have listed
    bool ready() const;   // what /ready says
    // The process has ended: the line it printed last, and exit code 1. Empty while it runs.
    const std::string& fatal() const { return state_.fatal; }
    // SIGTERM: says so in the log; how long it goes on (health's lameduck).
    Duration shut_down();

    struct LogLine {
        Time at;
        std::string text;
    };
    const std::vector<LogLine>& log() const { return log_; }

    // Another Corefile at its place, as if the volume had changed.
    void set_corefile(std::string corefile);

private:
    // Watches the kubernetes plugin needs, and how a change enters the index.
    struct Source {
        client::Informer informer;
        void (coredns::Index::*set)(const api::Value& object);
        void (coredns::Index::*remove)(std::string_view key);
    };

    coredns::Query query_from(const net::Peer& peer);
    void take_timers();
    void on_timer(const sim::Event& event);
    void start_reloading();
    void look_again();
    void announce();
    void look_for_corefile();
    std::string metrics() const;
    void open_watches();
    void apply(Source& source, const std::vector<client::Change>& changes);
    void open_dns();
    void open_http();
    void listen(net::Protocol protocol, net::SocketAddress at);
    void reload(std::string corefile);
    void probe_loop();
    void write(std::string line);
    void take_log();
    sim::Simulation& simulation() const { return environment_.simulation; }

    client::Environment environment_;
    net::Network* network_;
    net::NamespaceId netns_;
    std::string name_;
    std::string user_ = "system:serviceaccount:kube-system:coredns";
    std::string process_ = "coredns";
    std::string host_name_;
    std::string corefile_path_ = "/etc/coredns/Corefile";
    std::string corefile_;
    std::string sha512_;  // of the configuration last tried
    Files files_;
    std::function<Files()> read_;
    sim::ComponentId owner_ = 0;
    std::shared_ptr<const coredns::Servers> servers_;
    std::vector<Source> sources_;
    coredns::Index index_;
    coredns::ChainState state_;
    std::vector<LogLine> log_;
    Time started_;
    bool dns_open_ = false;
    bool announced_ = false;
    bool was_ready_ = false;
    int serving_ = 0;  // queries that led back here while one is being served
};

}  // namespace kubewalk::addons
