// CoreDNS and NodeLocal DNSCache as processes of their Pods: one server with different plugins (core/addons/coredns); the
// latter also looks after its node's network (core/addons/node_cache.h).

#include "core/addons/coredns/coredns.h"
#include "core/addons/node_cache.h"
#include "core/base/text.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"

namespace kubewalk::cluster {

namespace {

using Files = addons::CoreDns::Files;

class DnsProgram : public HostProgram {
public:
    DnsProgram(const kubelet::ProgramContext& context, std::string component, addons::CoreDns server)
        : HostProgram(context, std::move(component)), server_(std::move(server)) {}

    void start() override {
        server_.start_as(id());
        end_if_fatal();
    }
    void on_event(const sim::Event& event) override {
        server_.on_event(event);
        end_if_fatal();
    }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override {
        return server_.serve_http(request, peer);
    }
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& query, const net::Peer& peer) override {
        return server_.serve_dns(query, peer);
    }
    std::optional<Obeys> terminate() override { return Obeys{server_.shut_down(), 0}; }
    // What it printed before the server began, and then the server's.
    const std::vector<LogLine>& log() const override {
        lines_ = log_;
        for (const auto& line : server_.log())
            lines_.push_back({line.at, line.text});
        return lines_;
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<DnsProgram>(*this); }

protected:
    bool running() const { return server_.fatal().empty(); }

private:
    void end_if_fatal() {
        if (!running() && !exit_state().exited)
            finish(simulation(), 1);
    }

    addons::CoreDns server_;
    mutable std::vector<LogLine> lines_;  // log() hands out a reference
};

class NodeCacheProgram final : public DnsProgram {
public:
    NodeCacheProgram(const kubelet::ProgramContext& context, addons::NodeCacheConfig config, addons::CoreDns server)
        : DnsProgram(context, component_of(context), std::move(server)), network_(&context.network), netns_(context.netns), node_(context.node), config_(std::move(config)) {}

    static std::string component_of(const kubelet::ProgramContext& context) { return cat("node-local-dns/", context.node); }

    // The interface comes before the server, which listens at its addresses; the rules when the server runs, so that one
    // that cannot start does not swallow the node's queries.
    void start() override {
        set_up(addons::WithRules::no);
        DnsProgram::start();
        if (!running())
            return;
        listen_for_metrics();
        set_up(addons::WithRules::yes);
        simulation().schedule(id(), config_.interval, look_again, sim::Urgency::background);
    }
    void on_event(const sim::Event& event) override {
        if (event.code != look_again) {
            DnsProgram::on_event(event);
            return listen_for_metrics();  // the server closes everything when it reads another Corefile
        }
        set_up(addons::WithRules::yes);
        simulation().schedule(id(), config_.interval, look_again, sim::Urgency::background);
    }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override {
        if (peer.local.port != own_metrics_port)
            return DnsProgram::serve_http(request, peer);
        net::HttpResponse response;
        response.headers["content-type"] = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
        if (request.path != "/metrics") {
            response.status = 404;
            response.body = "404 page not found\n";
            return response;
        }
        response.body = "# HELP coredns_nodecache_setup_errors_total The number of errors during periodic network setup for node-cache\n"
                        "# TYPE coredns_nodecache_setup_errors_total counter\n";
        // By label, as a registry sorts them. Nothing that is set up here can fail.
        for (const std::string_view what : {"configmap", "interface_add", "interface_check", "iptables", "iptables_lock"})
            append(response.body, "coredns_nodecache_setup_errors_total{errortype=\"", what, "\"} 0\n");
        return response;
    }
    // Only a process that is asked to end tidies up; one that is killed leaves interface and rules behind.
    std::optional<Obeys> terminate() override {
        ending_ = true;
        return DnsProgram::terminate();
    }
    void stop() override {
        net::NodeStack* stack = network_->stack(node_);
        if (ending_ && !config_.skip_teardown && stack)
            addons::tear_down_node_cache(config_, stack->root());
        DnsProgram::stop();
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<NodeCacheProgram>(*this); }

    static constexpr std::uint16_t own_metrics_port = 9353;

private:
    static constexpr std::uint32_t look_again = 201;  // CoreDns' own codes are below

    void listen_for_metrics() {
        if (running())  // refused while it is open already
            (void)network_->listen(netns_, {net::Protocol::tcp, {}, own_metrics_port, id(), "node-cache"});
    }
    void set_up(addons::WithRules rules) {
        if (net::NodeStack* stack = network_->stack(node_))
            for (auto& line : addons::set_up_node_cache(config_, stack->root(), rules))
                print(simulation().now(), std::move(line));
    }

    net::Network* network_;
    net::NamespaceId netns_;
    std::string node_;
    addons::NodeCacheConfig config_;
    bool ending_ = false;
};

// A process that ends at once with that line.
class FailedProgram final : public HostProgram {
public:
    FailedProgram(const kubelet::ProgramContext& context, std::string component, std::string last_words)
        : HostProgram(context, std::move(component)) {
        print(context.simulation.now(), std::move(last_words));
    }
    void start() override { finish(simulation(), 1); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<FailedProgram>(*this); }
};

std::string corefile_path(const kubelet::ProgramContext& context) {
    for (std::size_t i = 1; i + 1 < context.argv.size(); ++i)
        if (context.argv[i] == "-conf")
            return context.argv[i + 1];
    return {};
}

addons::CoreDns server_in(const kubelet::ProgramContext& context, std::string name) {
    return {client::Environment{context.simulation, context.transport}, context.network, context.netns, {}, {}, {}, std::move(name)};
}

}  // namespace

std::unique_ptr<kubelet::Program> create_core_dns(Cluster&, const kubelet::ProgramContext& context) {
    const std::string name = cat("coredns/", context.pod_name);
    auto server = server_in(context, name);
    std::function<Files()> read;
    if (context.disks)
        read = [disks = context.disks, file_system = context.file_system] { return disks->view(file_system); };
    server.mount(context.files, corefile_path(context), context.pod_name, std::move(read));
    return std::make_unique<DnsProgram>(context, name, std::move(server));
}

std::unique_ptr<kubelet::Program> create_node_cache(Cluster&, const kubelet::ProgramContext& context) {
    auto config = addons::NodeCacheConfig::parse(context.argv);
    if (!config.ok())
        return std::make_unique<FailedProgram>(context, NodeCacheProgram::component_of(context), cat("[FATAL] ", config.error().message));
    // Its Corefile lies in its own file system, made anew from the template whenever somebody looks.
    const auto make = [config = config.value(), environment = context.environment](Files files) {
        files[config.corefile] = addons::node_cache_corefile(config, files, environment);
        return files;
    };
    std::function<Files()> read;
    if (context.disks)
        read = [make, disks = context.disks, file_system = context.file_system] {
            const Files before = disks->view(file_system);
            Files after = make(before);
            if (after != before)
                disks->absorb(file_system, before, after);
            return after;
        };
    auto server = server_in(context, NodeCacheProgram::component_of(context));
    server.run_as("system:serviceaccount:kube-system:node-local-dns", "node-cache");
    Files files = make(context.files);
    if (context.disks)
        context.disks->absorb(context.file_system, context.files, files);
    server.mount(std::move(files), config.value().corefile, context.pod_name, std::move(read));
    return std::make_unique<NodeCacheProgram>(context, config.take(), std::move(server));
}

}  // namespace kubewalk::cluster
