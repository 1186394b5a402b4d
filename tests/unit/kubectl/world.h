#pragma once
// kubectl before a real API server with an empty store: no controllers, no kubelets.

#include <kubewalk/embedded.h>

#include <map>

#include "core/api/json.h"
#include "core/apiserver/server.h"
#include "core/base/text.h"
#include "core/client/client.h"
#include "core/kubectl/kubectl.h"

namespace kubewalk::kubectl {

class FakeDialer final : public apiserver::Dialer {
public:
    Result<apiserver::ExecResult> exec(const apiserver::ContainerAddress& address, const std::vector<std::string>& argv,
                                       const std::string& stdin_text) override {
        asked = address;
        if (argv[0] == "false")
            return apiserver::ExecResult{1, "", "", milliseconds(2)};
        return apiserver::ExecResult{0, join(argv, "|") + "\n" + stdin_text, "", milliseconds(3)};
    }
    Result<std::string> logs(const apiserver::ContainerAddress& address, const apiserver::LogOptions& options) override {
        asked = address;
        if (!options.tail_lines)
            return log;
        std::string_view rest = log;
        std::string last;
        for (const auto line : split(rest, '\n'))
            if (!line.empty())
                last = cat(line, "\n");
        return last;
    }

    Result<apiserver::ProxyResponse> http(const apiserver::ProxyRequest& request) override {
        if (request.address == refused)
            return Error{"ServiceUnavailable", cat("dial tcp ", request.address, ": connect: connection refused"), {}, 0, 0};
        return apiserver::ProxyResponse{200, {{"content-type", "text/html"}}, cat(request.method, " ", request.address, request.path, " <a href=\"/x\">\n"), {}};
    }
    Result<apiserver::ProxyResponse> forward(const apiserver::ContainerAddress& address, std::uint16_t port,
                                             const apiserver::ProxyRequest& request) override {
        asked = address;
        if (port == 81)
            return Error{"Forwarding", "error forwarding port 81 to pod x", {}, 0, 0};
        return apiserver::ProxyResponse{200, {}, cat("port ", port, request.path, "\n"), {}};
    }

    apiserver::ContainerAddress asked;
    std::string refused;
    std::string log = "one\ntwo\n";
};

inline const api::Schema& test_schema() {
    static const api::Schema schema = api::Schema::parse(embedded::find("schema/kubernetes.json")).take();
    return schema;
}

struct World {
    World() : simulation(1), server(simulation, store, test_schema(), {}) {
        simulation.register_service(store);
        simulation.register_service(server);
        server.set_dialer(&dialer);
        client::Client admin(server, "test", "kubernetes-admin");
        for (const char* name : {"default", "kube-system"}) {
            (void)admin.create(api::kind::namespaces, api::parse_json(cat(R"({"metadata":{"name":")", name, "\"}}")).take());
            (void)admin.create(api::kind::service_accounts,
                               api::parse_json(cat(R"({"metadata":{"name":"default","namespace":")", name, "\"}}")).take());
        }
    }

    Environment environment() {
        Environment result{.transport = server, .schema = test_schema(), .now = simulation.now()};
        result.interactive = true;
        result.read_file = [this](std::string_view path) -> Result<std::string> {
            const auto found = files.find(path);
            if (found == files.end())
                return Error{"NotFound", {}, {}, 0, 0};
            return found->second;
        };
        return result;
    }
    // Words are split at blanks; %20 stands for one inside a word.
    Started start(std::string_view line, std::string_view input = {}) {
        std::vector<std::string> argv;
        for (const auto word : fields(line))
            argv.push_back(replace_all(word, "%20", " "));
        return kubectl::start(environment(), argv, input);
    }
    Output run(std::string_view line, std::string_view input = {}) { return start(line, input).output; }
    void apply(std::string_view manifest) {
        for (const auto& applied : apply_documents(environment(), manifest))
            if (!applied.error.empty())
                last_error = applied.error;
    }
    // Puts a Pod where kubelet and scheduler would: on a node, running and ready.
    void make_running(std::string_view pod) {
        client::Client admin(server, "test", "kubernetes-admin");
        (void)admin.post(api::kind::pods, "default", pod, "binding",
                         api::parse_json(R"({"target":{"kind":"Node","name":"node-1"}})").take());
        auto object = admin.get(api::kind::pods, "default", pod).take();
        object.set("status", api::parse_json(R"({"phase":"Running","podIP":"10.244.1.4","podIPs":[{"ip":"10.244.1.4"}],"hostIP":"192.168.122.12",
            "conditions":[{"type":"Ready","status":"True"}],
            "containerStatuses":[{"name":"c","ready":true,"restartCount":0,"image":"busybox","imageID":"","state":{"running":{"startedAt":"2026-01-01T00:00:05Z"}}}]})").take());
        (void)admin.update_status(api::kind::pods, object);
    }

    sim::Simulation simulation;
    store::Store store;
    apiserver::ApiServer server;
    FakeDialer dialer;
    std::map<std::string, std::string, std::less<>> files;
    std::string last_error;
};

constexpr std::string_view pod_manifest =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  containers:\n  - name: c\n    image: busybox\n";
constexpr std::string_view deployment_manifest =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: carts\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: carts\n"
    "  template:\n    metadata:\n      labels:\n        app: carts\n    spec:\n      containers:\n      - name: carts\n        image: carts:1\n";

}  // namespace kubewalk::kubectl
