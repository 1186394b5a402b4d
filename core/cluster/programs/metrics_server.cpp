// metrics-server: asks every kubelet each 15 s what its containers use, and answers for metrics.k8s.io.
// Upstream: github.com/kubernetes-sigs/metrics-server (pkg/server/server.go, pkg/storage, pkg/api).

#include "core/cluster/metrics_api.h"

#include <algorithm>

#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"

namespace kubewalk::cluster {

using api::Value;

namespace {

constexpr Duration resolution = seconds(15);  // --metric-resolution
constexpr Duration first_scrape = seconds(1);

struct Sample {
    Time at;
    Time started;
    kubelet::Usage usage;
};
// The last two of one container or node.
struct Series {
    Sample before, last;
    int count = 0;

    void add(Sample sample) {
        // A container that was started anew counts from zero.
        if (count > 0 && sample.started != last.started)
            count = 0;
        before = count > 0 ? last : sample;
        last = sample;
        count = std::min(count + 1, 2);
    }
    bool ready() const { return count == 2 && last.at > before.at; }
};

class MetricsServer final : public HostProgram {
public:
    MetricsServer(Cluster& cluster, const kubelet::ProgramContext& context)
        : HostProgram(context, "metrics-server"), cluster_(&cluster), context_(context) {}
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<MetricsServer>(*this); }

    void start() override {
        net::Listener listener;
        listener.port = 10250;
        listener.owner = id();
        listener.process = "metrics-server";
        (void)context_.network.listen(context_.netns, std::move(listener));
        simulation().schedule(id(), first_scrape, scrape_due, sim::Urgency::background);
    }
    void on_event(const sim::Event&) override {
        scrape();
        simulation().schedule(id(), resolution, scrape_due, sim::Urgency::background);
    }
    // --cert-dir without certificates: it signs one itself.
    std::optional<net::Certificate> tls_certificate(std::string_view, const net::Peer&) override {
        const std::string name = cat("localhost-ca@", epoch_unix_seconds);
        return net::Certificate{name, name, {"localhost", "127.0.0.1"}};
    }
    // Ready once there is something to tell.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer&) override {
        net::HttpResponse response;
        const bool known = request.path == "/livez" || request.path == "/readyz" || request.path == "/healthz";
        response.status = !known ? 404 : request.path == "/readyz" && !ready() ? 500 : 200;
        response.body = known ? "ok" : "404 page not found\n";
        return response;
    }

    bool ready() const {
        return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& one) { return one.second.ready(); });
    }
    Value node(const std::string& name) const;
    Value pod(const Value& pod) const;

private:
    enum Code : std::uint32_t { scrape_due = 1 };
    void scrape();

    Cluster* cluster_;
    kubelet::ProgramContext context_;
    std::map<std::string, Series> nodes_;
    std::map<std::string, std::map<std::string, Series>> pods_;  // "namespace/name" -> container
};

void MetricsServer::scrape() {
    std::map<std::string, std::map<std::string, Series>> pods;
    for (const auto& name : cluster_->nodes()) {
        const auto* agent = cluster_->kubelet(name);
        if (!agent || simulation().paused(agent->id()))
            continue;
        nodes_[name].add({simulation().now(), Time{}, agent->node_usage()});
        for (const auto& one : agent->usage()) {
            const std::string key = cat(one.namespace_name, "/", one.pod);
            Series series = pods_[key][one.container];
            series.add({simulation().now(), one.started, one.usage});
            pods[key][one.container] = series;
        }
    }
    pods_ = std::move(pods);
}

// Nanocores over the window and bytes at its end, as metrics-server writes them.
Value usage_of(const Series& series) {
    const auto window = (series.last.at - series.before.at).ns;
    const auto used = (series.last.usage.cpu - series.before.usage.cpu).ns;
    const auto nanocores = static_cast<std::int64_t>(static_cast<double>(used) / static_cast<double>(window) * 1e9);
    return Value::object({{"cpu", nanocores == 0 ? std::string("0") : cat(nanocores, "n")},
                          {"memory", cat(series.last.usage.memory / 1024, "Ki")}});
}

Value metrics_object(std::string_view kind, const Value& metadata, const Series& series) {
    return Value::object({{"kind", kind},
                          {"apiVersion", "metrics.k8s.io/v1beta1"},
                          {"metadata", metadata},
                          {"timestamp", to_rfc3339(series.last.at)},
                          {"window", go_duration(series.last.at - series.before.at)}});
}

Value MetricsServer::node(const std::string& name) const {
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || !found->second.ready())
        return {};
    const Value object = cluster_->peek(api::kind::nodes, {}, name);
    Value metadata = Value::object({{"name", name}, {"creationTimestamp", to_rfc3339(simulation().now())}});
    metadata.set("labels", object["metadata"]["labels"]);
    Value metrics = metrics_object("NodeMetrics", metadata, found->second);
    metrics.set("usage", usage_of(found->second));
    return metrics;
}

Value MetricsServer::pod(const Value& pod) const {
    const auto found = pods_.find(api::key_of(pod));
    if (found == pods_.end())
        return {};
    Value containers = Value::array();
    const Series* newest = nullptr;
    for (const auto& [name, series] : found->second) {
        if (!series.ready())
            return {};
        newest = &series;
        containers.push_back(Value::object({{"name", name}, {"usage", usage_of(series)}}));
    }
    if (!newest)
        return {};
    Value metadata = Value::object({{"name", pod["metadata"]["name"]},
                                    {"namespace", pod["metadata"]["namespace"]},
                                    {"creationTimestamp", to_rfc3339(simulation().now())}});
    if (const auto& labels = pod["metadata"]["labels"]; !labels.empty())
        metadata.set("labels", labels);
    Value metrics = metrics_object("PodMetrics", metadata, *newest);
    metrics.set("containers", containers);
    return metrics;
}

}  // namespace

std::unique_ptr<kubelet::Program> create_metrics_server(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<MetricsServer>(cluster, context);
}

// The Service must exist, and one of its Pods must run and be ready.
Result<Value> MetricsApi::serve(const apiserver::AggregatedRoute& route, const client::Request& request) {
    if (cluster_.peek(api::kind::services, "kube-system", "metrics-server").is_null())
        return Error{"NotFound", {}, {}, 0, 0};
    const MetricsServer* server = nullptr;
    for (const auto id : cluster_.simulation().components()) {
        const auto* program = host_program(cluster_.simulation().look(id));
        if (program && program->component() == "metrics-server" && !cluster_.simulation().paused(id))
            server = static_cast<const MetricsServer*>(program);
    }
    if (!server || !server->ready())
        return Error{"ServiceUnavailable", {}, {}, 0, 0};
    const auto list_of = [](std::string_view kind, Value items) {
        return Value::object({{"kind", kind}, {"apiVersion", "metrics.k8s.io/v1beta1"}, {"metadata", Value::object()}, {"items", std::move(items)}});
    };
    const auto wanted = request.query.find("labelSelector");
    const auto selector = api::LabelSelector::parse(wanted == request.query.end() ? std::string_view() : std::string_view(wanted->second));
    const auto selected = [&](const Value& object) { return selector.ok() && selector.value().matches(object["metadata"]["labels"]); };
    const auto missing = [&] {
        const auto key = route.namespace_name.empty() ? std::string(route.name) : cat(route.namespace_name, "/", route.name);
        return Error{"NotFound", cat(route.resource == "pods" ? "podmetrics" : "nodemetrics", ".metrics.k8s.io ", quoted(key), " not found"), {}, 0, 0};
    };
    if (route.resource == "nodes") {
        if (!route.name.empty()) {
            const Value one = server->node(std::string(route.name));
            return one.is_null() ? Result<Value>(missing()) : Result<Value>(one);
        }
        Value items = Value::array();
        for (const auto& name : cluster_.nodes())
            if (const Value one = server->node(name); !one.is_null() && selected(one))
                items.push_back(one);
        return list_of("NodeMetricsList", std::move(items));
    }
    if (route.resource == "pods") {
        if (!route.name.empty()) {
            const Value one = server->pod(cluster_.peek(api::kind::pods, route.namespace_name, route.name));
            return one.is_null() ? Result<Value>(missing()) : Result<Value>(one);
        }
        Value items = Value::array();
        for (const auto& pod : cluster_.peek_list(api::kind::pods, route.namespace_name))
            if (selected(pod))
                if (const Value one = server->pod(pod); !one.is_null())
                    items.push_back(one);
        return list_of("PodMetricsList", std::move(items));
    }
    if (!route.resource.empty())
        return Error{"NotFound", {}, {}, 0, 0};
    const auto resource = [](std::string_view name, bool namespaced, std::string_view kind) {
        return Value::object({{"name", name}, {"singularName", ""}, {"namespaced", namespaced}, {"kind", kind}, {"verbs", Value::array({"get", "list"})}});
    };
    return Value::object({{"kind", "APIResourceList"},
                          {"apiVersion", "v1"},
                          {"groupVersion", "metrics.k8s.io/v1beta1"},
                          {"resources", Value::array({resource("nodes", false, "NodeMetrics"), resource("pods", true, "PodMetrics")})}});
}

}  // namespace kubewalk::cluster
