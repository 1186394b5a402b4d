#pragma once
// An API server over an empty store, with the namespaces and accounts that kubeadm's controllers make.

#include <kubewalk/embedded.h>

#include "core/api/json.h"
#include "core/apiserver/server.h"
#include "core/base/text.h"
#include "core/client/client.h"

namespace kubewalk::apiserver {

inline const api::Schema& test_schema() {
    static const api::Schema schema = api::Schema::parse(embedded::find("schema/kubernetes.json")).take();
    return schema;
}

// Remembers what its watches brought.
class Listener final : public sim::Component {
public:
    Listener(client::Transport& transport) : transport_(&transport) {}
    std::string_view name() const override { return "listener"; }
    void on_event(const sim::Event& event) override {
        auto batch = transport_->read(event.number);
        for (auto& one : batch.events)
            events.push_back(std::move(one));
        closed = closed || batch.closed;
        urgencies.push_back(event.urgency);
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Listener>(*this); }

    std::vector<client::WatchEvent> events;
    std::vector<sim::Urgency> urgencies;
    bool closed = false;

private:
    client::Transport* transport_;
};

inline Options with_rbac() {
    Options options;
    options.authorization = AuthorizationMode::node_rbac;
    return options;
}

struct World {
    explicit World(Options options = {})
        : simulation(1), server(simulation, store, test_schema(), std::move(options)), admin(server, "kubectl", "kubernetes-admin") {
        simulation.register_service(store);
        simulation.register_service(server);
        (void)admin.create(api::kind::namespaces, json(R"({"metadata":{"name":"default"}})"));
        (void)admin.create(api::kind::service_accounts, json(R"({"metadata":{"name":"default","namespace":"default"}})"));
    }

    static api::Value json(std::string_view text) { return api::parse_json(text).take(); }
    static api::Value pod(std::string_view name, std::string_view more = "") {
        return json(cat(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")", name,
                        R"(","namespace":"default","labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"busybox"}])",
                        more, "}}"));
    }
    static api::Value service(std::string_view name, std::string_view spec) {
        return json(cat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":)", spec, "}"));
    }

    client::Response send(client::Method method, std::string path, api::Value body = {},
                          std::map<std::string, std::string> query = {}) {
        client::Request request;
        request.method = method;
        request.path = std::move(path);
        request.body = std::move(body);
        request.query = std::move(query);
        request.user = "kubernetes-admin";
        request.agent = "kubectl";
        if (method == client::Method::patch)
            request.headers["Content-Type"] = "application/strategic-merge-patch+json";
        return server.send(request);
    }
    void bind(std::string_view pod_name, std::string_view node) {
        (void)admin.post(api::kind::pods, "default", pod_name, "binding",
                         json(cat(R"({"target":{"kind":"Node","name":")", node, R"("}})")));
    }
    Listener& listen(const api::Kind& kind, const client::ListOptions& options = {}) {
        listener = simulation.add(std::make_unique<Listener>(server));
        (void)admin.watch(kind, kind.namespaced() ? "default" : "", options, cat(store.revision()), listener, 1);
        return *static_cast<Listener*>(simulation.find(listener));
    }

    sim::Simulation simulation;
    store::Store store;
    ApiServer server;
    client::Client admin;
    sim::ComponentId listener = 0;
};

}  // namespace kubewalk::apiserver
