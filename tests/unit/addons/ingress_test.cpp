// The ingress controller on a small network: it proxies, and what its Pods get to see. Which path takes a request is
// judged by the vectors (ingress/); here: annotations, TLS, affinity, canary, failures, status.
// Facts: kubernetes/ingress-nginx docs/user-guide/nginx-configuration/annotations.md, docs/examples/rewrite,
// docs/user-guide/tls.md, rootfs/etc/nginx/template/nginx.tmpl.

#include <doctest/doctest.h>

#include "core/addons/ingress/controller.h"
#include "core/api/json.h"
#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::net;
using addons::IngressNginx;
using api::Value;

namespace {

// tls.crt of a Secret: CN and SAN shop.example.com, self-signed (see tests/unit/net/x509_test.cpp).
constexpr std::string_view shop_certificate =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI3RENDQVpLZ0F3SUJBZ0lVZGZMME9FL1ZlV1RwWkRpdVBIWTZhTkFkaXZzd0NnWUlLb1"
    "pJemowRUF3SXcKTHpFWk1CY0dBMVVFQXd3UWMyaHZjQzVsZUdGdGNHeGxMbU52YlRFU01CQUdBMVVFQ2d3SlUyOWpheUJUYUc5dwpNQjRYRFRJ"
    "Mk1URXlOREEwTWpBek1Gb1hEVE0yTVRFeU1UQTBNakF6TUZvd0x6RVpNQmNHQTFVRUF3d1FjMmh2CmNDNWxlR0Z0Y0d4bExtTnZiVEVTTUJBR0"
    "ExVUVDZ3dKVTI5amF5QlRhRzl3TUZrd0V3WUhLb1pJemowQ0FRWUkKS29aSXpqMERBUWNEUWdBRWpWbngrakhycktNbFVIaHFZM1dnd3lQeFpl"
    "bUxna1RrY2h4L2I0MWE5QWlMU0JVUApzSExvWHo4NjIyOTFQeUZIcVFCVHd6MWJIL2IyREJyN0hFbXY0cU9CaXpDQmlEQWRCZ05WSFE0RUZnUV"
    "VTOHg3CmNQQ0VZd3NnRUxFNXc5UUFXR2NVbkpjd0h3WURWUjBqQkJnd0ZvQVVTOHg3Y1BDRVl3c2dFTEU1dzlRQVdHY1UKbkpjd0R3WURWUjBU"
    "QVFIL0JBVXdBd0VCL3pBMUJnTlZIUkVFTGpBc2doQnphRzl3TG1WNFlXMXdiR1V1WTI5dApnaElxTG5Ob2IzQXVaWGhoYlhCc1pTNWpiMjJIQk"
    "1Db2Vnd3dDZ1lJS29aSXpqMEVBd0lEU0FBd1JRSWdOYkx6CkVpRFYrdVhyMUxQdGI1SUhkVlpjbGpDS0w0aWVYcklTWmFPSEZ3RUNJUURHVlhF"
    "cndVQzRiU2d3amlYQ0pveFIKd1dSR25qanBycjY3Ym1qZ2x4UGtLdz09Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";

// An API server that holds what a test puts there; lists only, watches stay silent.
class Objects final : public client::Transport {
public:
    std::map<std::string, std::vector<Value>> lists;  // by the last piece of the path
    std::vector<client::Request> writes;

    client::Response send(const client::Request& request) override {
        client::Response response;
        response.code = 200;
        if (request.method != client::Method::get) {
            writes.push_back(request);
            response.body = request.body;
            return response;
        }
        const auto pieces = split(request.path, '/');
        if (const auto found = lists.find(std::string(pieces.back())); found != lists.end()) {
            Value items = Value::array();
            for (const auto& item : found->second)
                items.push_back(item);
            response.body = Value::object({{"items", items}, {"metadata", Value::object({{"resourceVersion", "1"}})}});
            return response;
        }
        for (const auto& [name, items] : lists)
            for (const auto& item : items)
                if (pieces[pieces.size() - 2] == name && api::name_of(item) == pieces.back()) {
                    response.body = item;
                    return response;
                }
        response.body = Value::object({{"items", Value::array()}, {"metadata", Value::object({{"resourceVersion", "1"}})}});
        return response;
    }
    Result<client::WatchId> watch(const client::Request&, sim::ComponentId, std::uint32_t) override { return ++watches_; }
    WatchBatch read(client::WatchId) override { return {}; }
    void unwatch(client::WatchId) override {}

private:
    client::WatchId watches_ = 0;
};

Value json(std::string_view text) {
    const auto parsed = api::parse_json(text);
    REQUIRE(parsed.ok());
    return parsed.value();
}

// A Pod that says who it is and what it was asked.
class Pod final : public sim::Component, public Server {
public:
    explicit Pod(std::string name) : name_(std::move(name)) {}
    std::string_view name() const override { return name_; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Pod>(*this); }
    HttpResponse serve_http(const HttpRequest& request, const Peer& peer) override {
        last = request;
        from = peer.client.ip;
        HttpResponse response;
        response.headers["server"] = "test";
        response.body = cat(name_, " ", request.path);
        return response;
    }
    HttpRequest last;
    Ip from;

private:
    std::string name_;
};

class Holder final : public sim::Component, public Server {
public:
    explicit Holder(IngressNginx controller) : controller_(std::move(controller)) {}
    std::string_view name() const override { return "ingress"; }
    void start() override { controller_.start_as(id()); }
    void on_event(const sim::Event& event) override { controller_.on_event(event); }
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Holder>(*this); }
    HttpResponse serve_http(const HttpRequest& request, const Peer& peer) override { return controller_.serve_http(request, peer); }
    std::optional<Certificate> tls_certificate(std::string_view name, const Peer& peer) override { return controller_.tls_certificate(name, peer); }
    IngressNginx& controller() { return controller_; }

private:
    IngressNginx controller_;
};

struct World {
    sim::Simulation simulation{1};
    Network network{simulation};
    Objects objects;
    NamespaceId client = 0, proxy = 0;
    std::map<std::string, Pod*> pods;
    Holder* holder = nullptr;

    World() {
        simulation.register_service(network);
        client = network.add_machine("client", Ip::v4(192, 168, 122, 1), 24, std::nullopt);
        proxy = network.add_machine("proxy", Ip::v4(192, 168, 122, 12), 24, std::nullopt);
        objects.lists["ingressclasses"].push_back(json(R"({"metadata":{"name":"nginx"},"spec":{"controller":"k8s.io/ingress-nginx"}})"));
        objects.lists["ingressclasses"].push_back(json(R"({"metadata":{"name":"other"},"spec":{"controller":"example.com/other"}})"));
        objects.lists["configmaps"];
        objects.lists["secrets"];
        objects.lists["nodes"].push_back(json(R"({"metadata":{"name":"node-1"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.122.12"}]}})"));
        objects.lists["pods"].push_back(json(R"({"metadata":{"name":"controller","namespace":"ingress-nginx","labels":{"app":"ingress"}},
            "spec":{"nodeName":"node-1"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})"));
    }

    // A Service with Pods at 192.168.122.FIRST and following.
    void service(const std::string& name, std::uint8_t first, int count) {
        objects.lists["services"].push_back(json(cat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":{"type":"ClusterIP",
            "clusterIP":"10.96.0.9","ports":[{"port":80,"targetPort":8080,"protocol":"TCP"}]}})")));
        Value endpoints = Value::array();
        for (int i = 0; i < count; ++i) {
            const auto ip = Ip::v4(192, 168, 122, static_cast<std::uint8_t>(first + i));
            const auto pod_name = cat(name, "-", i);
            const auto at = network.add_machine(pod_name, ip, 24, std::nullopt);
            const auto id = simulation.add(std::make_unique<Pod>(pod_name));
            pods[pod_name] = static_cast<Pod*>(simulation.find(id));
            CHECK(network.listen(at, {Protocol::tcp, {}, 8080, id, "web"}).ok());
            endpoints.push_back(Value::object({{"addresses", Value::array({ip.text()})}, {"conditions", Value::object({{"ready", true}})}}));
        }
        Value slice = json(cat(R"({"metadata":{"name":")", name, R"(-1","namespace":"default","labels":{"kubernetes.io/service-name":")", name,
                               R"("}},"addressType":"IPv4","ports":[{"name":"","port":8080,"protocol":"TCP"}]})"));
        slice.set("endpoints", endpoints);
        objects.lists["endpointslices"].push_back(std::move(slice));
    }

    // An Ingress with one rule.
    Value& ingress(const std::string& name, std::string_view host, std::string_view path, std::string_view type, std::string_view service_name,
                   std::string_view annotations = "{}") {
        auto& list = objects.lists["ingresses"];
        list.push_back(json(cat(R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":")", name, R"(","namespace":"default","uid":")", name,
                                R"(","generation":1,"annotations":)", annotations, R"(},"spec":{"ingressClassName":"nginx","rules":[{"host":")", host,
                                R"(","http":{"paths":[{"path":")", path, R"(","pathType":")", type, R"(","backend":{"service":{"name":")", service_name,
                                R"(","port":{"number":80}}}}]}}]},"status":{"loadBalancer":{}}})")));
        return list.back();
    }

    void start(std::string settings = "{}") {
        objects.lists["configmaps"].push_back(json(cat(R"({"metadata":{"name":"ingress-nginx-controller","namespace":"ingress-nginx"},"data":)", settings, "}")));
        addons::IngressNginxOptions options;
        options.config_map = "ingress-nginx/ingress-nginx-controller";
        options.pod_namespace = "ingress-nginx";
        options.pod_name = "controller";
        options.user = "system:serviceaccount:ingress-nginx:ingress-nginx";
        IngressNginx controller(client::Environment{simulation, objects}, network, proxy, std::move(options));
        const auto id = simulation.add(std::make_unique<Holder>(std::move(controller)));
        holder = static_cast<Holder*>(simulation.find(id));
        simulation.run_for(seconds(2));
    }

    struct Got {
        HttpResponse response;
        std::string location() const { return header("location"); }
        std::string header(const std::string& name) const {
            const auto found = response.headers.find(name);
            return found == response.headers.end() ? std::string() : found->second;
        }
    };
    Got get(std::string host, std::string path, std::map<std::string, std::string> headers = {}, std::uint16_t port = 80,
            std::optional<std::string> tls = std::nullopt) {
        const auto dialled = network.connect(client, {Ip::v4(192, 168, 122, 12), port});
        REQUIRE(dialled.outcome == Outcome::delivered);
        HttpRequest request;
        request.host = std::move(host);
        request.path = std::move(path);
        request.headers = std::move(headers);
        request.tls = std::move(tls);
        auto response = network.http(dialled.id, request);
        network.disconnect(dialled.id);
        REQUIRE(response.ok());
        return {response.take()};
    }
};

}  // namespace

TEST_CASE("a request is two connections; the Pod sees the proxy, and the client in headers") {
    World world;
    world.service("web", 20, 1);
    world.ingress("web", "shop.example.com", "/", "Prefix", "web");
    world.start();
    Network::Recording recording(world.network);
    const auto got = world.get("shop.example.com", "/cart?x=1", {{"x-forwarded-for", "1.2.3.4"}});
    CHECK(got.response.status == 200);
    CHECK(got.response.body == "web-0 /cart?x=1");
    CHECK(got.header("server").empty());
    const auto& pod = *world.pods["web-0"];
    CHECK(pod.from == Ip::v4(192, 168, 122, 12));
    CHECK(pod.last.host == "shop.example.com");
    CHECK(pod.last.headers.at("x-forwarded-for") == "192.168.122.1");  // a client's own claim is not believed
    CHECK(pod.last.headers.at("x-original-forwarded-for") == "1.2.3.4");
    CHECK(pod.last.headers.at("x-real-ip") == "192.168.122.1");
    CHECK(pod.last.headers.at("x-forwarded-host") == "shop.example.com");
    CHECK(pod.last.headers.at("x-forwarded-port") == "80");
    CHECK(pod.last.headers.at("x-forwarded-proto") == "http");
    CHECK(pod.last.headers.at("x-request-id").size() == 32);
    const auto& connections = recording.trace().connections;
    REQUIRE(connections.size() == 2);
    CHECK(connections[0].server.text() == "192.168.122.12:80");
    CHECK(connections[0].depth == 0);
    CHECK(connections[1].server.text() == "192.168.122.20:8080");  // the Pod itself, not the Service
    CHECK(connections[1].depth == 1);
}

TEST_CASE("nobody's host is the controller's own 404; no endpoint is 503; a Pod that is gone is 502") {
    World world;
    world.service("empty", 20, 0);
    world.service("web", 30, 2);
    world.ingress("empty", "empty.example.com", "/", "Prefix", "empty");
    world.ingress("web", "web.example.com", "/app", "Prefix", "web");
    world.ingress("missing", "missing.example.com", "/", "Prefix", "missing");
    world.start();
    const auto nobody = world.get("192.168.122.12", "/");
    CHECK(nobody.response.status == 404);
    CHECK(nobody.response.body.size() == 146);  // nginx's page without its version
    CHECK(world.get("web.example.com", "/other").response.status == 404);
    CHECK(world.get("empty.example.com", "/").response.status == 503);
    CHECK(world.get("missing.example.com", "/").response.status == 503);
    // One of two Pods does not answer any more: the next is asked.
    world.network.set_machine_up("web-0", false);
    for (int i = 0; i < 4; ++i)
        CHECK(world.get("web.example.com", "/app").response.body == "web-1 /app");
    world.network.close_all(world.pods["web-1"]->id());
    CHECK(world.get("web.example.com", "/app").response.status >= 502);
}

TEST_CASE("rewrite-target with capture groups (docs/examples/rewrite)") {
    World world;
    world.service("web", 20, 1);
    world.ingress("rewrite", "rewrite.bar.com", "/something(/|$)(.*)", "ImplementationSpecific", "web",
                  R"({"nginx.ingress.kubernetes.io/use-regex":"true","nginx.ingress.kubernetes.io/rewrite-target":"/$2"})");
    world.ingress("root", "approot.bar.com", "/", "Prefix", "web", R"({"nginx.ingress.kubernetes.io/app-root":"/app1"})");
    world.start();
    CHECK(world.get("rewrite.bar.com", "/something").response.body == "web-0 /");
    CHECK(world.get("rewrite.bar.com", "/something/").response.body == "web-0 /");
    CHECK(world.get("rewrite.bar.com", "/something/new?a=b").response.body == "web-0 /new?a=b");
    CHECK(world.get("rewrite.bar.com", "/SOMETHING/new").response.body == "web-0 /new");
    CHECK(world.get("rewrite.bar.com", "/else").response.status == 404);
    const auto root = world.get("approot.bar.com", "/");
    CHECK(root.response.status == 302);
    CHECK(root.location() == "http://approot.bar.com/app1");
}

TEST_CASE("a prefix that ends with a slash: nginx sends the client there") {
    World world;
    world.service("web", 20, 1);
    world.ingress("slash", "slash.example.com", "/docs/", "Prefix", "web");
    world.start();
    CHECK(world.get("slash.example.com", "/docs/x").response.body == "web-0 /docs/x");
    const auto moved = world.get("slash.example.com", "/docs");
    CHECK(moved.response.status == 301);
    CHECK(moved.location() == "http://slash.example.com/docs/");
}

TEST_CASE("TLS: the Secret's certificate by server name, the fake one for all others, 308 from HTTP") {
    World world;
    world.service("web", 20, 1);
    Value& shop = world.ingress("shop", "shop.example.com", "/", "Prefix", "web");
    shop.edit("spec").set("tls", json(R"([{"hosts":["shop.example.com"],"secretName":"shop-tls"}])"));
    Value& fake = world.ingress("fake", "fake.example.com", "/", "Prefix", "web");
    fake.edit("spec").set("tls", json(R"([{"hosts":["fake.example.com"],"secretName":"nowhere"}])"));
    Value& open = world.ingress("open", "open.example.com", "/", "Prefix", "web", R"({"nginx.ingress.kubernetes.io/ssl-redirect":"false"})");
    open.edit("spec").set("tls", json(R"([{"hosts":["open.example.com"]}])"));
    Value secret = json(R"({"metadata":{"name":"shop-tls","namespace":"default"},"type":"kubernetes.io/tls"})");
    secret.set("data", Value::object({{"tls.crt", shop_certificate}}));
    world.objects.lists["secrets"].push_back(secret);
    world.start();

    const auto redirected = world.get("shop.example.com:30080", "/cart/");
    CHECK(redirected.response.status == 308);
    CHECK(redirected.location() == "https://shop.example.com/cart");  // neither the port nor the last slash
    const auto secured = world.get("shop.example.com", "/cart", {}, 443, "shop.example.com");
    CHECK(secured.response.status == 200);
    REQUIRE(secured.response.certificate);
    CHECK(secured.response.certificate->subject == "shop.example.com");
    CHECK(secured.header("strict-transport-security") == "max-age=31536000; includeSubDomains");
    CHECK(world.pods["web-0"]->last.headers.at("x-forwarded-proto") == "https");
    CHECK(world.pods["web-0"]->last.headers.at("x-forwarded-port") == "443");
    CHECK_FALSE(world.pods["web-0"]->last.tls);  // it ends at the proxy

    constexpr std::string_view fake_name = "Kubernetes Ingress Controller Fake Certificate";
    CHECK(world.get("fake.example.com", "/", {}, 443, "fake.example.com").response.certificate->subject == fake_name);
    CHECK(world.get("nobody.example.com", "/", {}, 443, "nobody.example.com").response.certificate->subject == fake_name);
    CHECK(world.get("192.168.122.12", "/", {}, 443, "").response.certificate->subject == fake_name);
    CHECK(world.get("open.example.com", "/").response.status == 200);
    const auto plain = world.get("shop.example.com", "/", {}, 443);
    CHECK(plain.response.status == 400);
    CHECK(plain.response.body.find("The plain HTTP request was sent to HTTPS port") != std::string::npos);
}

// kubernetes/ingress-nginx internal/ingress/controller/controller.go createServers: a host of an Ingress with a tls
// section gets the default certificate where extractTLSSecretName finds none; certificate.lua get_pem_cert_uid and
// lua_ingress.lua redirect_to_https judge by the name that was asked for; config.go NoTLSRedirectLocations.
TEST_CASE("308 follows the certificate of the name: also for a host no tls entry names, and by a wildcard's") {
    World world;
    world.service("web", 20, 1);
    Value& shop = world.ingress("shop", "shop.example.com", "/", "Prefix", "web");
    shop.edit("spec").set("tls", json(R"([{"hosts":["elsewhere.example.org"],"secretName":"nowhere"}])"));
    Value& wide = world.ingress("wide", "*.example.net", "/", "Prefix", "web");
    wide.edit("spec").set("tls", json(R"([{"hosts":["*.example.net"]}])"));
    world.ingress("plain", "plain.example.net", "/", "Prefix", "web");
    world.ingress("bare", "bare.example.com", "/", "Prefix", "web");
    Value& challenge = world.ingress("challenge", "shop.example.com", "/.well-known/acme-challenge/x", "Exact", "web");
    challenge.edit("spec").set("tls", json(R"([{"hosts":["shop.example.com"]}])"));
    world.start();
    CHECK(world.get("shop.example.com", "/").response.status == 308);
    CHECK(world.get("any.example.net", "/").response.status == 308);
    CHECK(world.get("plain.example.net", "/").response.status == 308);  // its own server has no certificate, its wildcard has
    CHECK(world.get("bare.example.com", "/").response.status == 200);
    CHECK(world.get("shop.example.com", "/.well-known/acme-challenge/x").response.status == 200);
    CHECK(world.get("elsewhere.example.org", "/").response.status == 404);  // a tls entry alone makes no server
}

TEST_CASE("whitelist-source-range lets only these in") {
    World world;
    world.service("web", 20, 1);
    world.ingress("in", "in.example.com", "/", "Prefix", "web", R"({"nginx.ingress.kubernetes.io/whitelist-source-range":"192.168.122.0/24"})");
    world.ingress("out", "out.example.com", "/", "Prefix", "web", R"({"nginx.ingress.kubernetes.io/whitelist-source-range":"10.0.0.0/8,172.16.0.1"})");
    world.start();
    CHECK(world.get("in.example.com", "/").response.status == 200);
    CHECK(world.get("out.example.com", "/").response.status == 403);
}

TEST_CASE("cookie affinity: the first answer sets the cookie, which keeps to one Pod") {
    World world;
    world.service("web", 20, 3);
    world.ingress("sticky", "sticky.example.com", "/", "Prefix", "web",
                  R"({"nginx.ingress.kubernetes.io/affinity":"cookie","nginx.ingress.kubernetes.io/session-cookie-name":"route",
                      "nginx.ingress.kubernetes.io/session-cookie-max-age":"172800"})");
    world.start();
    const auto first = world.get("sticky.example.com", "/a");
    const auto cookie = first.header("set-cookie");
    CHECK(cookie.starts_with("route="));
    CHECK(cookie.find("; Max-Age=172800; Path=/; HttpOnly") != std::string::npos);
    const auto pair = cookie.substr(0, cookie.find(';'));
    const auto pod = first.response.body.substr(0, 5);
    for (int i = 0; i < 6; ++i) {
        const auto again = world.get("sticky.example.com", "/a", {{"cookie", "a=b; " + pair}});
        CHECK(again.response.body == pod + " /a");
        CHECK(again.header("set-cookie").empty());
    }
    std::map<std::string, int> seen;  // without it everyone is dealt out anew
    for (int i = 0; i < 40; ++i)
        ++seen[world.get("sticky.example.com", "/a").response.body];
    CHECK(seen.size() == 3);
}

TEST_CASE("without affinity the Pods take turns") {
    World world;
    world.service("web", 20, 3);
    world.ingress("web", "web.example.com", "/", "Prefix", "web");
    world.start();
    std::map<std::string, int> seen;
    for (int i = 0; i < 9; ++i)
        ++seen[world.get("web.example.com", "/").response.body];
    CHECK(seen == std::map<std::string, int>{{"web-0 /", 3}, {"web-1 /", 3}, {"web-2 /", 3}});
}

TEST_CASE("canary: by header, by weight") {
    World world;
    world.service("old", 20, 1);
    world.service("new", 30, 1);
    world.ingress("main", "c.example.com", "/", "Prefix", "old");
    world.ingress("canary", "c.example.com", "/", "Prefix", "new",
                  R"({"nginx.ingress.kubernetes.io/canary":"true","nginx.ingress.kubernetes.io/canary-by-header":"X-Canary",
                      "nginx.ingress.kubernetes.io/canary-weight":"30"})");
    world.start();
    CHECK(world.get("c.example.com", "/", {{"x-canary", "always"}}).response.body == "new-0 /");
    CHECK(world.get("c.example.com", "/", {{"x-canary", "never"}}).response.body == "old-0 /");
    int fresh = 0;
    for (int i = 0; i < 200; ++i)
        fresh += world.get("c.example.com", "/").response.body == "new-0 /" ? 1 : 0;
    CHECK(fresh > 40);
    CHECK(fresh < 80);
}

TEST_CASE("only Ingresses of its class; a backend without rules takes what no host takes") {
    World world;
    world.service("web", 20, 1);
    world.service("rest", 30, 1);
    Value& other = world.ingress("other", "other.example.com", "/", "Prefix", "web");
    other.edit("spec").set("ingressClassName", "other");
    Value& none = world.ingress("none", "none.example.com", "/", "Prefix", "web");
    none.edit("spec").erase("ingressClassName");
    Value& legacy = world.ingress("legacy", "legacy.example.com", "/", "Prefix", "web", R"({"kubernetes.io/ingress.class":"nginx"})");
    legacy.edit("spec").erase("ingressClassName");
    Value& resource = world.ingress("resource", "resource.example.com", "/", "Prefix", "web");
    resource.edit("spec").set("rules", json(R"([{"host":"resource.example.com","http":{"paths":[{"path":"/icons","pathType":"Prefix",
        "backend":{"resource":{"apiGroup":"k8s.example.com","kind":"StorageBucket","name":"icons"}}}]}}])"));
    Value& all = world.ingress("all", "x", "/", "Prefix", "web");
    all.set("spec", json(R"({"ingressClassName":"nginx","defaultBackend":{"service":{"name":"rest","port":{"number":80}}}})"));
    world.start();
    CHECK(world.get("other.example.com", "/").response.body == "rest-0 /");
    CHECK(world.get("none.example.com", "/").response.body == "rest-0 /");
    CHECK(world.get("legacy.example.com", "/").response.body == "web-0 /");
    CHECK(world.get("resource.example.com", "/icons").response.status == 404);
    bool said = false;
    for (const auto& line : world.holder->controller().log())
        said = said || line.text.find("does not contain a service backend, using default backend") != std::string::npos;
    CHECK(said);
}

TEST_CASE("after a minute the Ingresses say where they can be reached") {
    World world;
    world.service("web", 20, 1);
    world.ingress("web", "web.example.com", "/", "Prefix", "web");
    Value& other = world.ingress("other", "other.example.com", "/", "Prefix", "web");
    other.edit("spec").set("ingressClassName", "other");
    world.start();
    world.simulation.run_for(seconds(61));
    std::vector<std::string> written;
    for (const auto& request : world.objects.writes)
        if (request.path.ends_with("/status"))
            written.push_back(cat(request.path, " ", api::to_json(request.body["status"])));
    CHECK(written == std::vector<std::string>{"/apis/networking.k8s.io/v1/namespaces/default/ingresses/web/status "
                                              R"({"loadBalancer":{"ingress":[{"ip":"192.168.122.12"}]}})"});
}
