// metrics-server: asks every kubelet each 15 s what its containers use, and answers for metrics.k8s.io.
// Upstream: github.com/kubernetes-sigs/metrics-server (pkg/server/server.go, pkg/storage, pkg/api).

#include <algorithm>

#include "core/api/json.h"
#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/apiserver/aggregation.h"
#include "core/apiserver/proxy_path.h"
#include "core/apiserver/status.h"
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
        const client::Request asked = apiserver::received(request.method, request.path);
        if (const auto route = apiserver::aggregated_route(asked))
            return answer(request, asked, *route);
        net::HttpResponse response;
        const bool known = asked.path == "/livez" || asked.path == "/readyz" || asked.path == "/healthz";
        response.status = !known ? 404 : asked.path == "/readyz" && !ready() ? 500 : 200;
        response.body = known ? "ok" : "404 page not found\n";
        return response;
    }

private:
    enum Code : std::uint32_t { scrape_due = 1 };
    void scrape();
    bool ready() const {
        return std::any_of(nodes_.begin(), nodes_.end(), [](const auto& one) { return one.second.ready(); });
    }
    Value node(const std::string& name) const;
    Value pod(const Value& pod) const;
    net::HttpResponse answer(const net::HttpRequest& request, const client::Request& asked, const apiserver::AggregatedRoute& route) const;
    apiserver::Answer<Value> find(const apiserver::AggregatedRoute& route, const std::string& selector) const;

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

constexpr std::string_view group_version = "metrics.k8s.io/v1beta1";

apiserver::Answer<Value> not_found(std::string_view resource, std::string_view name) {
    apiserver::Failure failure;
    failure.code = 404;
    failure.reason = "NotFound";
    failure.message = cat(resource, ".metrics.k8s.io ", quoted(name), " not found");
    failure.group = "metrics.k8s.io";
    failure.kind = resource;
    failure.name = name;
    return failure;
}

Value discovery() {
    const auto resource = [](std::string_view name, bool namespaced, std::string_view kind) {
        return Value::object({{"name", name}, {"singularName", ""}, {"namespaced", namespaced}, {"kind", kind}, {"verbs", Value::array({"get", "list"})}});
    };
    return Value::object({{"kind", "APIResourceList"},
                          {"apiVersion", "v1"},
                          {"groupVersion", group_version},
                          {"resources", Value::array({resource("nodes", false, "NodeMetrics"), resource("pods", true, "PodMetrics")})}});
}

// What kubectl get shows. Upstream: sigs.k8s.io/metrics-server/pkg/api/table.go.
Value table_of(const Value& found) {
    const std::vector<Value> items = found["items"].is_array() ? std::vector<Value>(found["items"].items().begin(), found["items"].items().end()) : std::vector{found};
    const auto column = [](std::string_view name, std::string_view format, std::string_view text) {
        return Value::object({{"name", name}, {"type", "string"}, {"format", format}, {"description", text}, {"priority", 0}});
    };
    Value columns = Value::array(), rows = Value::array();
    for (const auto& item : items) {
        std::map<std::string, api::Quantity> usage;
        for (const auto& [name, amount] : item["usage"].members())
            usage[name].add(api::Quantity::from(amount));
        for (const auto& container : item["containers"].items())
            for (const auto& [name, amount] : container["usage"].members())
                usage[name].add(api::Quantity::from(amount));
        Value cells = Value::array({item["metadata"]["name"]});
        const bool first = columns.empty();
        if (first)
            columns.push_back(column("Name", "name", "Name of the resource"));
        for (const auto& [name, amount] : usage) {
            cells.push_back(amount.str());
            if (first)
                columns.push_back(column(name, "quantity", {}));
        }
        if (first)
            columns.push_back(column("Window", "duration", {}));
        cells.push_back(item["window"]);
        rows.push_back(Value::object({{"cells", std::move(cells)},
                                      {"object", Value::object({{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", item["metadata"]}})}}));
    }
    return Value::object({{"kind", "Table"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", Value::object()}, {"columnDefinitions", std::move(columns)}, {"rows", std::move(rows)}});
}

apiserver::Answer<Value> MetricsServer::find(const apiserver::AggregatedRoute& route, const std::string& selector_text) const {
    if (cat(route.group, "/", route.version) != group_version || !route.subresource.empty())
        return apiserver::status::unknown_path();
    if (route.resource.empty())
        return discovery();
    const bool of_nodes = route.resource == "nodes";
    if (!of_nodes && route.resource != "pods")
        return apiserver::status::unknown_path();
    if (route.verb != "get" && route.verb != "list")
        return apiserver::status::method_not_allowed();
    if (!route.name.empty()) {
        const Value one = of_nodes ? node(std::string(route.name)) : pod(cluster_->peek(api::kind::pods, route.namespace_name, route.name));
        if (!one.is_null())
            return one;
        return of_nodes ? not_found("nodemetrics", route.name) : not_found("podmetrics", cat(route.namespace_name, "/", route.name));
    }
    const auto selector = api::LabelSelector::parse(selector_text);
    if (!selector.ok())
        return apiserver::status::bad_request(selector.error().message);
    Value items = Value::array();
    const auto add = [&](const Value& metrics, const Value& labels) {
        if (!metrics.is_null() && selector.value().matches(labels))
            items.push_back(metrics);
    };
    if (of_nodes)
        for (const auto& name : cluster_->nodes()) {
            const Value one = node(name);
            add(one, one["metadata"]["labels"]);
        }
    else
        for (const auto& one : cluster_->peek_list(api::kind::pods, route.namespace_name))
            add(pod(one), one["metadata"]["labels"]);
    return Value::object({{"kind", of_nodes ? "NodeMetricsList" : "PodMetricsList"}, {"apiVersion", group_version}, {"metadata", Value::object()},
                          {"items", std::move(items)}});
}

// Who asks is known by what the API server says of him, and may ask what the API server has let through; anybody else is
// nobody. (A real one believes the API server's certificate; here it is believed to be the only one to send these headers.)
net::HttpResponse MetricsServer::answer(const net::HttpRequest& request, const client::Request& asked, const apiserver::AggregatedRoute& route) const {
    apiserver::Answer<Value> found = Value();
    if (!request.headers.contains("x-remote-user")) {
        apiserver::Failure failure;
        failure.code = 403;
        failure.reason = "Forbidden";
        failure.message = cat("forbidden: User \"system:anonymous\" cannot get path ", quoted(asked.path));
        found = failure;
    } else {
        const auto selector = asked.query.find("labelSelector");
        found = find(route, selector == asked.query.end() ? std::string() : selector->second);
        const auto accept = request.headers.find("accept");
        if (found.ok() && !route.resource.empty() && accept != request.headers.end() && accept->second.find("as=Table") != std::string::npos)
            found = table_of(found.value());
    }
    net::HttpResponse response;
    response.status = found.ok() ? 200 : found.failure().code;
    response.headers["content-type"] = "application/json";
    response.body = api::to_json(found.ok() ? found.value() : found.failure().status()) + "\n";
    return response;
}

}  // namespace

std::unique_ptr<kubelet::Program> create_metrics_server(Cluster& cluster, const kubelet::ProgramContext& context) {
    return std::make_unique<MetricsServer>(cluster, context);
}

}  // namespace kubewalk::cluster
