// etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes of their static Pods.

#include "core/api/json.h"
#include "core/api/wire_json.h"
#include "core/apiserver/availability_controller.h"
#include "core/apiserver/custom/definition_controller.h"
#include "core/apiserver/flow_control.h"
#include "core/apiserver/status.h"
#include "core/base/text.h"
#include "core/client/client.h"
#include "core/client/leader_election.h"
#include "core/client/query.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"
#include "core/controllers/controllers.h"
#include "core/scheduler/scheduler.h"

namespace kubewalk::cluster {

namespace {

using api::Value;

// "--flag=value" of the command line, or the fallback.
std::string flag(const kubelet::ProgramContext& context, std::string_view name, std::string_view fallback = {}) {
    const std::string prefix = cat("--", name, "=");
    for (const auto& argument : context.argv)
        if (argument.starts_with(prefix))
            return argument.substr(prefix.size());
    return std::string(fallback);
}

void listen(const kubelet::ProgramContext& context, sim::ComponentId owner, std::uint16_t port, std::string_view process,
            std::string_view address = "0.0.0.0") {
    net::Listener listener;
    listener.ip = net::Ip::parse(address).value_or(net::Ip{});
    listener.port = port;
    listener.owner = owner;
    listener.process = process;
    // A port in use ends a real process; on a node of ours nothing else takes these.
    (void)context.network.listen(context.netns, std::move(listener));
}

net::HttpResponse text_response(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers["content-type"] = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

// A process with a health endpoint, which is all that is asked of it over the network.
template <typename Derived>
class ControlPlaneProgram : public HostProgram {
public:
    ControlPlaneProgram(Cluster& cluster, const kubelet::ProgramContext& context, std::string component)
        : HostProgram(context, std::move(component)), cluster_(&cluster), context_(context) {}
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Derived>(static_cast<const Derived&>(*this)); }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer&) override {
        const auto path = request.path.substr(0, request.path.find('?'));
        if (path == "/healthz" || path == "/livez" || path == "/readyz" || path == "/health")
            return text_response(200, "ok");
        return text_response(404, "404 page not found\n");
    }
    // All of them speak TLS but for etcd's metrics, with certificates of the cluster's own authority.
    std::optional<net::Certificate> tls_certificate(std::string_view, const net::Peer& peer) override {
        if (peer.local.port == 2381)
            return std::nullopt;
        const auto& layout = cluster_->layout();
        return net::Certificate{component(), peer.local.port == 2379 || peer.local.port == 2380 ? "etcd-ca" : "kubernetes",
                                {layout.control_plane, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                                 cat("kubernetes.default.svc.", layout.cluster_domain), "localhost", layout.node_ip(0).text(), "127.0.0.1",
                                 layout.service_networks().front().ip.plus(1).text()}};
    }

protected:
    Cluster& cluster() const { return *cluster_; }
    const kubelet::ProgramContext& context() const { return context_; }

private:
    Cluster* cluster_;
    kubelet::ProgramContext context_;
};

class Etcd final : public ControlPlaneProgram<Etcd> {
public:
    using ControlPlaneProgram::ControlPlaneProgram;
    void start() override {
        listen(context(), id(), 2379, "etcd");
        listen(context(), id(), 2380, "etcd");
        listen(context(), id(), 2381, "etcd", "127.0.0.1");
        cluster().api().set_storage_answers(true);
    }
    void stop() override {
        cluster().api().set_storage_answers(false);
        HostProgram::stop();
    }
};

class ApiServerProgram final : public ControlPlaneProgram<ApiServerProgram> {
public:
    using ControlPlaneProgram::ControlPlaneProgram;
    // Its first need is its store; it binds its port when it has it.
    void start() override { connect(); }
    void on_event(const sim::Event& event) override {
        if (event.code == dial_etcd)
            connect();
    }
    void stop() override {
        if (serves_)
            cluster().api().set_available(false);
        serves_ = false;
        HostProgram::stop();
    }
    bool serves() const override { return serves_; }
    // Over the network there are no client certificates, only tokens; without one the cluster role
    // system:public-info-viewer is what a request may see.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override {
        if (!peer.tls)
            return text_response(400, "Client sent an HTTP request to an HTTPS server.\n");
        const auto question = request.path.find('?');
        client::Request call;
        call.path = request.path.substr(0, question);
        if (question != std::string::npos)
            client::read_query(std::string_view(request.path).substr(question + 1), call);
        for (const auto method : {client::Method::post, client::Method::put, client::Method::patch, client::Method::del})
            if (client::method_name(method) == request.method)
                call.method = method;
        call.agent = "anonymous";
        // Without a token the server takes it for system:anonymous.
        for (const std::string_view name : {"Authorization", "Accept", "Content-Type"})
            if (const auto given = request.headers.find(to_lower(name)); given != request.headers.end())
                call.headers[std::string(name)] = given->second;
        if (!request.body.empty())
            call.body = api::parse_json(request.body).value_or(api::Value(request.body));
        if (serving_ >= most_within) {
            auto late = text_response(504, api::to_wire_json(apiserver::status::read_timeout().status(), 2));
            late.headers["content-type"] = "application/json";
            return late;
        }
        ++serving_;
        auto answer = cluster().api().send(call);
        --serving_;
        const bool text = answer.body.is_string();
        auto response = text_response(answer.code, text ? answer.body.str() : api::to_wire_json(answer.body, 2));
        for (auto& [name, value] : answer.headers)
            response.headers[name] = std::move(value);
        if (!text)
            response.headers["content-type"] = "application/json";
        return response;
    }

private:
    enum Code : std::uint32_t { dial_etcd = 1 };
    // An API server may be led to ask itself (its proxy, an APIService): one request inside the other until the outermost
    // times out. Here no time passes meanwhile, so the innermost does.
    static constexpr int most_within = 8;
    // Upstream: k8s.io/apiserver/pkg/storage/storagebackend/factory/etcd3.go (dialTimeout), tried again as gRPC does.
    static constexpr Duration patience = seconds(20);
    static constexpr Duration try_again = seconds(1);

    void connect() {
        const Time now = simulation().now();
        if (cluster().api().storage_answers()) {
            listen(context(), id(), 6443, "kube-apiserver");
            serves_ = true;
            cluster().api().set_available(true);
            create_system_namespaces();
            publish_itself();
            add_child(std::make_unique<apiserver::AvailabilityController>(client::Environment{simulation(), cluster().api(), {}, "kube-apiserver"}, cluster().dialer()));
            add_child(std::make_unique<apiserver::DefinitionController>(client::Environment{simulation(), cluster().api(), {}, "kube-apiserver"}));
            add_child(std::make_unique<apiserver::FlowControl>(client::Environment{simulation(), cluster().api(), {}, "kube-apiserver"}));
            return;
        }
        if (!dialled_)
            dialled_ = now;
        print(now, cat("W", klog_time(now), "       1 logging.go:55] [core] [Channel #1 SubChannel #2]grpc: addrConn.createTransport failed to connect to "
                       "{Addr: \"127.0.0.1:2379\", ServerName: \"127.0.0.1:2379\", }. Err: connection error: desc = \"transport: authentication "
                       "handshake failed: context deadline exceeded\""));
        if (now - *dialled_ >= patience) {
            print(now, cat("F", klog_time(now), "       1 instance.go:232] Error creating leases: error creating storage factory: context deadline exceeded"));
            finish(simulation(), 255);
            return;
        }
        simulation().schedule(id(), try_again, dial_etcd);
    }
    // "0102 03:04:05.678901"
    static std::string klog_time(Time time) {
        const auto text = to_rfc3339_micro(time);
        return cat(text.substr(5, 2), text.substr(8, 2), " ", text.substr(11, 15));
    }

    // What every API server sees to when it starts.
    // Upstream: pkg/controlplane/controller/systemnamespaces, .../kubernetesservice.
    client::Client own_client() const { return {cluster().api(), "kube-apiserver", "system:apiserver"}; }

    void create_system_namespaces() const {
        for (const std::string_view name : {"kube-system", "kube-public", "kube-node-lease", "default"})
            create(api::kind::namespaces, Value::object({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", Value::object({{"name", name}})}}));
    }

    void publish_itself() const {
        const auto& layout = cluster().layout();
        const Value metadata = Value::object({{"name", "kubernetes"}, {"namespace", "default"}});
        Value service = Value::object({{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", metadata}});
        service.edit_path("metadata", "labels") = Value::object({{"component", "apiserver"}, {"provider", "kubernetes"}});
        // The first address of the range is its own.
        const std::string address = layout.service_networks().front().ip.plus(1).text();
        service.set("spec", Value::object({{"type", "ClusterIP"}, {"clusterIP", address}, {"clusterIPs", Value::array({address})},
                                           {"ipFamilies", Value::array({"IPv4"})}, {"ipFamilyPolicy", "SingleStack"},
                                           {"ports", Value::array({Value::object({{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}})})}}));
        create(api::kind::services, service);

        const std::string own = layout.node_ip(0).text();
        Value endpoints = Value::object({{"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", metadata}});
        endpoints.edit_path("metadata", "labels").set("endpointslice.kubernetes.io/skip-mirror", "true");
        endpoints.set("subsets", Value::array({Value::object({{"addresses", Value::array({Value::object({{"ip", own}})})},
                                                              {"ports", Value::array({Value::object({{"name", "https"}, {"port", 6443}, {"protocol", "TCP"}})})}})}));
        create(api::kind::endpoints, endpoints);

        Value slice = Value::object({{"apiVersion", "discovery.k8s.io/v1"}, {"kind", "EndpointSlice"}, {"metadata", metadata}, {"addressType", "IPv4"}});
        slice.edit_path("metadata", "labels").set("kubernetes.io/service-name", "kubernetes");
        slice.set("endpoints", Value::array({Value::object({{"addresses", Value::array({own})}, {"conditions", Value::object({{"ready", true}})}})}));
        slice.set("ports", Value::array({Value::object({{"name", "https"}, {"port", 6443}, {"protocol", "TCP"}})}));
        create(api::kind::endpoint_slices, slice);
    }

    std::optional<Time> dialled_;
    bool serves_ = false;
    int serving_ = 0;  // requests under way, one inside the other

    // After a restart they are there already.
    void create(const api::Kind& kind, const Value& object) const { (void)own_client().create(kind, object); }
};

// A program whose work is done only while it holds its Lease. Upstream: cmd/*/app (leaderElectAndRun).
// When it loses the Lease a real process exits and is started again; here it lays its work down and knocks again
// (simplifications.json: "leader-election-exit").
template <typename Derived>
class LeaderElected : public ControlPlaneProgram<Derived> {
public:
    LeaderElected(Cluster& cluster, const kubelet::ProgramContext& context, const std::string& component, std::string user,
                  std::string teller)
        : ControlPlaneProgram<Derived>(cluster, context, component),
          elector_({context.transport, component, std::move(user)}, component,
                   cat(context.node, "_", context.simulation.random().stream(cat(component, "/", context.pod_uid, "/", context.simulation.steps())).uuid()),
                   std::move(teller)) {}
    void on_event(const sim::Event& event) override {
        if (event.code == try_lease)
            act(elector_.step(this->simulation()));
    }

protected:
    void elect() {
        if (flag(this->context(), "leader-elect", "true") == "false")
            start_work();
        else
            act(elector_.start(this->simulation(), this->id(), try_lease));
    }
    virtual void start_work() = 0;

private:
    enum Code : std::uint32_t { try_lease = 1 };
    void act(client::LeaderElector::Verdict verdict) {
        if (verdict == client::LeaderElector::Verdict::became_leader)
            start_work();
        else if (verdict == client::LeaderElector::Verdict::lost)
            HostProgram::stop();
    }

    client::LeaderElector elector_;
};

class ControllerManager final : public LeaderElected<ControllerManager> {
public:
    ControllerManager(Cluster& cluster, const kubelet::ProgramContext& context, const std::string& component)
        : LeaderElected(cluster, context, component, "system:kube-controller-manager", "kube-controller-manager") {}
    void start() override {
        listen(context(), id(), 10257, "kube-controller", "127.0.0.1");
        elect();
    }

private:
    void start_work() override {
        controllers::ControllerOptions options;
        options.cluster_cidr = flag(context(), "cluster-cidr", options.cluster_cidr);
        options.service_cluster_ip_range = flag(context(), "service-cluster-ip-range", options.service_cluster_ip_range);
        options.root_ca = cluster().root_certificate();
        for (const auto& entry : controllers::controllers())
            add_child(entry.create({context().simulation, context().transport, "system:kube-controller-manager", "kube-controller-manager"}, options));
    }
};

class Scheduler final : public LeaderElected<Scheduler> {
public:
    Scheduler(Cluster& cluster, const kubelet::ProgramContext& context, const std::string& component)
        : LeaderElected(cluster, context, component, "system:kube-scheduler", "default-scheduler") {}
    void start() override {
        listen(context(), id(), 10259, "kube-scheduler", "127.0.0.1");
        elect();
    }

private:
    void start_work() override {
        add_child(std::make_unique<scheduler::Scheduler>(client::Environment{context().simulation, context().transport}));
    }
};

}  // namespace

std::unique_ptr<kubelet::Program> create_etcd(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<Etcd>(cluster, context, "etcd");
}

std::unique_ptr<kubelet::Program> create_api_server(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<ApiServerProgram>(cluster, context, "kube-apiserver");
}

std::unique_ptr<kubelet::Program> create_controller_manager(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<ControllerManager>(cluster, context, "kube-controller-manager");
}

std::unique_ptr<kubelet::Program> create_scheduler(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<Scheduler>(cluster, context, "kube-scheduler");
}

}  // namespace kubewalk::cluster
