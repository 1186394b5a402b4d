// cloud-controller-manager as a process of its DaemonSet's Pod. Its work is core/cloud's.
// Upstream: k8s.io/cloud-provider/app/controllermanager.go, options.

#include "core/base/text.h"
#include "core/cloud/controllers.h"
#include "core/cloud/provider.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"

namespace kubewalk::cluster {

namespace {

constexpr std::uint16_t secure_port = 10258;

// "--flag=value" of the command line (the last one counts; a bare "--flag" is true), or the fallback.
std::string flag(const kubelet::ProgramContext& context, std::string_view name, std::string_view fallback = {}) {
    const std::string bare = cat("--", name), prefix = bare + "=";
    std::string value(fallback);
    for (const auto& argument : context.argv) {
        if (argument.starts_with(prefix))
            value = argument.substr(prefix.size());
        else if (argument == bare)
            value = "true";
    }
    return value;
}

bool is_on(const kubelet::ProgramContext& context, std::string_view name, bool fallback) {
    return flag(context, name, fallback ? "true" : "false") == "true";
}

Duration period(const kubelet::ProgramContext& context, std::string_view name, Duration fallback) {
    return parse_go_duration(flag(context, name)).value_or(fallback);
}

// --controllers=*,-service-lb-controller: the first word that fits decides.
bool is_enabled(std::string_view list, std::string_view name) {
    bool star = false;
    for (const auto word : split(list, ',')) {
        if (word == name)
            return true;
        if (word.starts_with('-') && word.substr(1) == name)
            return false;
        star = star || word == "*";
    }
    return star;
}

class CloudControllerManager final : public HostProgram {
public:
    CloudControllerManager(Cluster& cluster, const kubelet::ProgramContext& context)
        : HostProgram(context, "cloud-controller-manager"), cluster_(&cluster), context_(context) {}
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<CloudControllerManager>(*this); }

    void start() override {
        const std::string provider = flag(context_, "cloud-provider");
        cloud::Cloud* cloud = cluster_->cloud();
        if (!cloud || provider != cloud::provider_name) {
            print(simulation().now(), cat("Cloud provider could not be initialized: unknown cloud provider ", quoted(provider)));
            finish(simulation(), 1);
            return;
        }
        // A port in use ends a real process; on a node of ours nothing else takes this one.
        (void)context_.network.listen(context_.netns, {net::Protocol::tcp, {}, secure_port, id(), "cloud-controller"});
        cloud::ControllerOptions options;
        options.cluster_cidr = flag(context_, "cluster-cidr", options.cluster_cidr);
        options.configure_cloud_routes = is_on(context_, "configure-cloud-routes", options.configure_cloud_routes);
        options.node_monitor_period = period(context_, "node-monitor-period", options.node_monitor_period);
        options.node_status_update_frequency = period(context_, "node-status-update-frequency", options.node_status_update_frequency);
        options.route_reconciliation_period = period(context_, "route-reconciliation-period", options.route_reconciliation_period);
        const std::string wanted = flag(context_, "controllers", "*");
        for (const auto& entry : cloud::controllers())
            if (is_enabled(wanted, entry.name))
                if (auto controller = entry.create({context_.simulation, context_.transport, {}, "cloud-controller-manager"}, *cloud, options))
                    add_child(std::move(controller));
    }

    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer&) override {
        net::HttpResponse response;
        const auto path = request.path.substr(0, request.path.find('?'));
        const bool known = path == "/healthz" || path == "/livez" || path == "/readyz";
        response.status = known ? 200 : 404;
        response.headers["content-type"] = "text/plain; charset=utf-8";
        response.body = known ? "ok" : "404 page not found\n";
        return response;
    }

    // Self-signed: no --tls-cert-file is given.
    std::optional<net::Certificate> tls_certificate(std::string_view, const net::Peer&) override {
        return net::Certificate{"localhost", "localhost-ca", {"localhost"}};
    }

private:
    Cluster* cluster_;
    kubelet::ProgramContext context_;
};

}  // namespace

std::unique_ptr<kubelet::Program> create_cloud_controller_manager(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<CloudControllerManager>(cluster, context);
}

}  // namespace kubewalk::cluster
