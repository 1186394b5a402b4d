// Which paths lead to another server, what of a request travels there, and who may ask.
// k8s.io/apiserver/pkg/endpoints/request/requestinfo.go; k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go.

#include <functional>

#include <doctest/doctest.h>

#include "core/apiserver/aggregation.h"
#include "core/apiserver/proxy_path.h"
#include "world.h"

namespace kubewalk::apiserver {

namespace {

client::Request asked(std::string path, client::Method method = client::Method::get) {
    client::Request request;
    request.path = std::move(path);
    request.method = method;
    return request;
}

// A server behind a Service: remembers what came, and says what it is told to say.
class Elsewhere final : public Dialer {
public:
    Result<ExecResult> exec(const ContainerAddress&, const std::vector<std::string>&, const std::string&) override { return Error{"NotFound", {}, {}, 0, 0}; }
    Result<std::string> logs(const ContainerAddress&, const LogOptions&) override { return Error{"NotFound", {}, {}, 0, 0}; }
    Result<ProxyResponse> http(const ProxyRequest& request) override {
        last = request;
        if (meanwhile)
            meanwhile();
        return answer;
    }
    Result<ProxyResponse> forward(const ContainerAddress&, std::uint16_t, const ProxyRequest&) override { return Error{"NotFound", {}, {}, 0, 0}; }

    ProxyRequest last;
    std::function<void()> meanwhile;
    Result<ProxyResponse> answer = ProxyResponse{200, {{"content-type", "application/json"}}, R"({"kind":"SockList","items":[]})", {}};
};

struct Aggregating : World {
    explicit Aggregating(Options options = {}) : World(std::move(options)) {
        server.set_dialer(&elsewhere);
        server.set_available(true);
        (void)admin.create(api::kind::services, service("socks", R"({"ports":[{"port":443}]})"));
        (void)admin.create(api::kind::api_services, json(R"({"metadata":{"name":"v1.shop.example.com"},"spec":{"group":"shop.example.com","version":"v1",
            "groupPriorityMinimum":1000,"versionPriority":15,"insecureSkipTLSVerify":true,"service":{"name":"socks","namespace":"default"}}})"));
    }
    void say_available(std::string_view status) {
        (void)send(client::Method::patch, "/apis/apiregistration.k8s.io/v1/apiservices/v1.shop.example.com/status",
                   json(cat(R"({"status":{"conditions":[{"type":"Available","status":")", status, R"("}]}})")));
    }
    Elsewhere elsewhere;
};

}  // namespace

TEST_CASE("a path of another server's group is taken apart as a resource's") {
    const auto request = asked("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/web");
    const auto route = aggregated_route(request);
    REQUIRE(route);
    CHECK(route->group == "metrics.k8s.io");
    CHECK(route->version == "v1beta1");
    CHECK(route->namespace_name == "default");
    CHECK(route->resource == "pods");
    CHECK(route->name == "web");
    CHECK(route->verb == "get");
    const auto all = asked("/apis/shop.example.com/v1/socks", client::Method::del);
    CHECK(aggregated_route(all)->verb == "deletecollection");
    const auto status = asked("/apis/shop.example.com/v1/socks/blue/status", client::Method::patch);
    CHECK(aggregated_route(status)->subresource == "status");
    CHECK(aggregated_route(status)->verb == "patch");
    const auto group = asked("/apis/shop.example.com/v1");
    CHECK(aggregated_route(group)->resource.empty());

    for (const char* own : {"/apis/apps/v1/deployments", "/apis/apps/v1beta1/deployments", "/api/v1/pods", "/apis/shop.example.com", "/version",
                            "/apis/apiregistration.k8s.io/v1/apiservices"})
        CHECK_FALSE(aggregated_route(asked(own)));
}

TEST_CASE("path and query arrive at the other end as they were meant") {
    auto request = asked("/apis/a.b/v1/x y/\xe8\xa2\x9c");
    request.query = {{"labelSelector", "app in (a,b),tier=1&2"}, {"watch", ""}};
    const auto there = received("PATCH", cat(escaped_path(request.path), escaped_query(request)));
    CHECK(there.method == client::Method::patch);
    CHECK(there.path == request.path);
    CHECK(there.query == request.query);
    CHECK(received("GET", "/50%/%zz?a=%4").path == "/50%/%zz");
}

TEST_CASE("a request is handed on, under its user's name, to the server that the APIService names") {
    Aggregating world;
    const std::string socks = "/apis/shop.example.com/v1/namespaces/default/socks";
    auto early = world.send(client::Method::get, socks);
    CHECK(early.code == 503);
    CHECK(early.body.as_string() == "service unavailable\n");

    world.say_available("True");
    auto list = world.send(client::Method::get, socks, {}, {{"labelSelector", "size=m"}});
    CHECK(list.code == 200);
    CHECK(list.body["kind"].as_string() == "SockList");
    const auto& last = world.elsewhere.last;
    CHECK(last.scheme == "https");
    CHECK(last.address.ends_with(":443"));
    CHECK(last.path == cat(socks, "?labelSelector=size%3Dm"));
    CHECK(last.headers.at("x-remote-user") == "kubernetes-admin");
    CHECK_FALSE(last.headers.contains("authorization"));

    // What the server says goes back as it is; that it says nothing is its own sentence.
    world.elsewhere.answer = ProxyResponse{404, {{"content-type", "text/plain"}}, "404 page not found\n", {}};
    CHECK(world.send(client::Method::get, socks).body.as_string() == "404 page not found\n");
    world.elsewhere.answer = Error{"ServiceUnavailable", "dial tcp 10.96.0.9:443: connect: connection refused", {}, 0, 0};
    CHECK(world.send(client::Method::get, socks).body.as_string() ==
          "error trying to reach service: dial tcp 10.96.0.9:443: connect: connection refused\n");
    CHECK(world.send(client::Method::get, "/apis/shop.example.com/v2/socks").code == 404);
}

// The other server may ask this one before it answers, as often as it likes.
TEST_CASE("requests within a request leave its record where it is") {
    Aggregating world;
    world.say_available("True");
    constexpr int many = 300;
    world.elsewhere.meanwhile = [&] {
        for (int i = 0; i < many; ++i)
            (void)world.send(client::Method::get, "/version");
    };
    const std::string socks = "/apis/shop.example.com/v1/socks";
    CHECK(world.send(client::Method::get, socks).code == 200);
    const auto& record = world.server.requests().recent(many);
    CHECK(record.path == socks);
    CHECK(record.code == 200);
}

TEST_CASE("groups are listed by their priority, those of other servers too") {
    Aggregating world;
    const auto list = world.send(client::Method::get, "/apis").body;
    const auto& groups = list["groups"];
    REQUIRE(groups.size() > 3);
    CHECK(groups[std::size_t{0}]["name"].as_string() == "apiregistration.k8s.io");
    CHECK(groups[1]["name"].as_string() == "apps");
    CHECK(groups[groups.size() - 1]["name"].as_string() == "shop.example.com");
    CHECK(world.send(client::Method::get, "/apis/shop.example.com").body["preferredVersion"]["version"].as_string() == "v1");
}

TEST_CASE("another server's resources are authorised as resources") {
    Aggregating world(with_rbac());
    client::Request request = asked("/apis/shop.example.com/v1/socks");
    request.user = "jane";
    const auto refused = world.server.send(request);
    CHECK(refused.code == 403);
    CHECK(refused.body["message"].as_string() ==
          "socks.shop.example.com is forbidden: User \"jane\" cannot list resource \"socks\" in API group \"shop.example.com\" at the cluster scope");
}

}  // namespace kubewalk::apiserver
