// The ingress controller as process 1 of its Pod. Its work is core/addons/ingress'.

#include "core/addons/ingress/controller.h"
#include "core/base/text.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"

namespace kubewalk::cluster {

namespace {

class IngressProgram final : public HostProgram {
public:
    IngressProgram(const kubelet::ProgramContext& context, addons::IngressNginx controller)
        : HostProgram(context, cat("ingress-nginx/", context.pod_name)), controller_(std::move(controller)) {}

    void start() override {
        controller_.start_as(id());
        end_if_failed();
    }
    void on_event(const sim::Event& event) override {
        controller_.on_event(event);
        end_if_failed();
    }
    std::optional<Obeys> terminate() override {
        controller_.shut_down();
        return Obeys{seconds(10), 0};  // --shutdown-grace-period is 0; --post-shutdown-grace-period 10 s
    }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override {
        return controller_.serve_http(request, peer);
    }
    std::optional<net::Certificate> tls_certificate(std::string_view server_name, const net::Peer& peer) override {
        return controller_.tls_certificate(server_name, peer);
    }
    const std::vector<LogLine>& log() const override {
        lines_.clear();
        for (const auto& line : controller_.log())
            lines_.push_back({line.at, line.text});
        return lines_;
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<IngressProgram>(*this); }

private:
    void end_if_failed() {
        if (!controller_.fatal().empty())
            finish(simulation(), 255);
    }

    addons::IngressNginx controller_;
    mutable std::vector<LogLine> lines_;  // log() hands out a reference
};

// "--flag=value" of the command line, or the fallback.
std::string flag(const kubelet::ProgramContext& context, std::string_view name, std::string_view fallback = {}) {
    const std::string prefix = cat("--", name, "=");
    for (const auto& argument : context.argv)
        if (argument.starts_with(prefix))
            return argument.substr(prefix.size());
    return std::string(fallback);
}

std::string file_of(const kubelet::ProgramContext& context, const std::string& path) {
    const auto found = context.files.find(path);
    return found == context.files.end() ? std::string() : found->second;
}

}  // namespace

std::unique_ptr<kubelet::Program> create_ingress_nginx(Cluster&, const kubelet::ProgramContext& context) {
    addons::IngressNginxOptions options;
    options.classes.controller = flag(context, "controller-class", options.classes.controller);
    options.classes.annotation = flag(context, "ingress-class", options.classes.annotation);
    options.classes.without_class = flag(context, "watch-ingress-without-class") == "true";
    options.config_map = flag(context, "configmap");
    options.publish_service = flag(context, "publish-service");
    options.pod_namespace = context.pod_namespace;
    options.pod_name = context.pod_name;
    options.user = cat("system:serviceaccount:", context.pod_namespace, ":ingress-nginx");
    options.files = {file_of(context, "/etc/resolv.conf"), file_of(context, "/etc/hosts")};
    addons::IngressNginx controller(client::Environment{context.simulation, context.transport}, context.network, context.netns,
                                    std::move(options));
    return std::make_unique<IngressProgram>(context, std::move(controller));
}

}  // namespace kubewalk::cluster
