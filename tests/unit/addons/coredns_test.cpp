// CoreDNS as a process on a small network. What the kubernetes plugin answers is judged by the vectors
// (coredns/, dns-spec/); here: the Corefile, the chain, sockets, readiness, cache, forward and loop.

#include <doctest/doctest.h>

#include "core/addons/coredns/coredns.h"
#include "core/net/resolver.h"

using namespace kubewalk;
using namespace kubewalk::net;
using addons::CoreDns;
using addons::coredns::Servers;

namespace {

constexpr std::string_view kubeadm_corefile = R"(.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
)";

const std::map<std::string, std::string> no_files;

std::string load_error(std::string_view corefile) {
    auto loaded = Servers::load(corefile, "/etc/coredns/Corefile", no_files);
    return loaded ? std::string() : loaded.error().message;
}

// An API server with one namespace and one Service; it can be made to stay silent.
class OneService final : public client::Transport {
public:
    bool up = true;
    client::Response send(const client::Request& request) override {
        if (!up)
            return refused();
        auto items = api::Value::array();
        if (request.path == "/api/v1/namespaces")
            items.push_back(api::Value::object({{"metadata", api::Value::object({{"name", "shop"}})}}));
        if (request.path == "/api/v1/services")
            items.push_back(api::Value::object(
                {{"metadata", api::Value::object({{"name", "carts"}, {"namespace", "shop"}})},
                 {"spec",
                  api::Value::object({{"clusterIP", "10.96.1.1"},
                                      {"clusterIPs", api::Value::array({"10.96.1.1"})},
                                      {"ports", api::Value::array({api::Value::object({{"port", 80}})})}})}}));
        client::Response response;
        response.code = 200;
        response.body = api::Value::object({{"items", items}, {"metadata", api::Value::object({{"resourceVersion", "1"}})}});
        return response;
    }
    Result<client::WatchId> watch(const client::Request&, sim::ComponentId, std::uint32_t) override {
        return ++watches_;
    }
    WatchBatch read(client::WatchId) override { return {}; }
    void unwatch(client::WatchId) override {}

private:
    static client::Response refused() {
        client::Response response;
        response.failure = "connection refused";
        return response;
    }
    client::WatchId watches_ = 0;
};

// A server on the internet that knows one name and counts its questions.
class Upstream final : public sim::Component, public Server {
public:
    int asked = 0;
    std::string_view name() const override { return "upstream"; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Upstream>(*this); }
    HttpResponse serve_http(const HttpRequest&, const Peer&) override { return {}; }
    std::optional<DnsMessage> serve_dns(const DnsMessage& query, const Peer&) override {
        ++asked;
        auto reply = dns_reply(query);
        if (query.question.type == DnsType::A)
            reply.answer.push_back({query.question.name, DnsType::A, 300, "93.184.216.34"});
        return reply;
    }
};

struct World {
    sim::Simulation simulation{1};
    Network network{simulation};
    OneService transport;
    NamespaceId dns_host;
    NamespaceId client;
    NamespaceId outside;
    Upstream* upstream = nullptr;
    CoreDns* coredns = nullptr;

    explicit World(std::string_view corefile, std::string resolv_conf = "nameserver 192.168.122.9\n",
                   bool api_up = true) {
        simulation.register_service(network);
        transport.up = api_up;
        dns_host = network.add_machine("dns", Ip::v4(192, 168, 122, 11), 24, std::nullopt);
        client = network.add_machine("client", Ip::v4(192, 168, 122, 12), 24, std::nullopt);
        outside = network.add_machine("outside", Ip::v4(192, 168, 122, 9), 24, std::nullopt);
        const auto upstream_id = simulation.add(std::make_unique<Upstream>());
        upstream = static_cast<Upstream*>(simulation.find(upstream_id));
        CHECK(network.listen(outside, {Protocol::udp, {}, 53, upstream_id, "named"}).ok());
        const auto id =
            simulation.add(std::make_unique<CoreDns>(client::Environment{simulation, transport}, network, dns_host,
                                                     std::string(corefile), std::move(resolv_conf)));
        coredns = static_cast<CoreDns*>(simulation.find(id));
    }

    DnsMessage ask(std::string_view name, DnsType type = DnsType::A) {
        auto exchange = network.dns(client, {Ip::v4(192, 168, 122, 11), 53}, dns_query(7, name, type));
        CHECK(exchange.outcome == Outcome::delivered);
        return exchange.answer;
    }
    std::optional<HttpResponse> get(std::uint16_t port, std::string path) {
        auto dialled = network.connect(client, {Ip::v4(192, 168, 122, 11), port});
        if (dialled.outcome != Outcome::delivered)
            return std::nullopt;
        HttpRequest request;
        request.path = std::move(path);
        auto response = network.http(dialled.id, request);
        network.disconnect(dialled.id);
        return response ? std::optional(response.value()) : std::nullopt;
    }
};

}  // namespace

TEST_CASE("Corefile: errors as CoreDNS prints them") {
    CHECK(load_error(".:53 {\n    nosuch\n}\n") ==
          "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'nosuch'");
    CHECK(load_error(".:53 {\n    kubernetes cluster.local {\n       podz insecure\n    }\n}\n") ==
          "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'podz'");
    CHECK(
        load_error(".:53 {\n    forward .\n}\n") ==
        "plugin/forward: /etc/coredns/Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'");
    CHECK(load_error(".:53 {\n    errors\n") ==
          "/etc/coredns/Corefile:2 - Syntax error: Unexpected token 'errors', expecting '}'");
    CHECK(load_error(".:53 {\n errors\n}\n.:53 {\n errors\n}\n") ==
          "cannot serve dns://.:53 - it is already defined");
}

TEST_CASE("a CIDR is its reverse zones") {
    using addons::coredns::normalised_zones;
    CHECK(normalised_zones("10.0.0.0/24") == std::vector<std::string>{"0.0.10.in-addr.arpa."});
    CHECK(normalised_zones("10.96.0.0/12").size() == 16);
    CHECK(normalised_zones("10.96.0.0/12").front() == "96.10.in-addr.arpa.");
    CHECK(normalised_zones("Cluster.Local") == std::vector<std::string>{"cluster.local."});
}

TEST_CASE("kubeadm's Corefile: cluster names from the index, others from the upstream, once per 30 s") {
    World world(kubeadm_corefile);
    world.simulation.run_for(seconds(3));
    const auto inside = world.ask("carts.shop.svc.cluster.local");
    REQUIRE(inside.answer.size() == 1);
    CHECK(inside.answer[0].data == "10.96.1.1");
    CHECK(inside.answer[0].ttl == 30);
    CHECK(inside.authoritative);
    CHECK(inside.id == 7);
    CHECK(world.ask("nosuch.shop.svc.cluster.local").code == DnsCode::nxdomain);
    CHECK(world.ask("10-244-1-4.shop.pod.cluster.local").answer.size() == 1);

    const int before = world.upstream->asked;
    CHECK(world.ask("www.example.com").answer.at(0).ttl == 30);  // capped by `cache 30`
    world.simulation.run_for(seconds(10));
    CHECK(world.ask("www.example.com").answer.at(0).ttl == 20);
    CHECK(world.upstream->asked == before + 1);
    world.simulation.run_for(seconds(30));
    world.ask("www.example.com");
    CHECK(world.upstream->asked == before + 2);
}

TEST_CASE("/health and /ready; DNS answers SERVFAIL while the API server is silent") {
    World world(kubeadm_corefile, "nameserver 192.168.122.9\n", false);
    CHECK(world.get(8080, "/health")->body == "OK");
    CHECK(world.get(8181, "/ready")->status == 503);
    CHECK(world.get(8181, "/ready")->body == "kubernetes");
    world.simulation.run_for(seconds(6));  // startup_timeout is 5 s
    CHECK(world.ask("carts.shop.svc.cluster.local").code == DnsCode::servfail);
    world.transport.up = true;
    world.simulation.run_for(minutes(1));
    CHECK(world.get(8181, "/ready")->status == 200);
    CHECK(world.ask("carts.shop.svc.cluster.local").answer.size() == 1);
}

TEST_CASE("an upstream that refuses: SERVFAIL and a line from the errors plugin") {
    World world(".:53 {\n errors\n forward . 192.168.122.12\n}\n");
    CHECK(world.ask("www.example.com").code == DnsCode::servfail);
    REQUIRE(!world.coredns->log().empty());
    const auto line = world.coredns->log().back().text;
    CHECK(line.find("[ERROR] plugin/errors: 2 www.example.com. A: read udp 192.168.122.11:") == 0);
    CHECK(line.find("->192.168.122.12:53: read: connection refused") != std::string::npos);
}

TEST_CASE("loop: a resolv.conf that leads back to CoreDNS ends the process") {
    World world(".:53 {\n loop\n forward . /etc/resolv.conf\n}\n", "nameserver 127.0.0.1\n");
    world.simulation.run_for(seconds(1));
    CHECK(world.coredns->fatal().find("[FATAL] plugin/loop: Loop (127.0.0.1:") == 0);
    CHECK(world.coredns->fatal().find("detected for zone \".\"") != std::string::npos);
    CHECK(world.network.dns(world.client, {Ip::v4(192, 168, 122, 11), 53}, dns_query(1, "x", DnsType::A)).outcome !=
          Outcome::delivered);
}

TEST_CASE("hosts with fallthrough; log prints CoreDNS's line") {
    World world(
        ".:53 {\n log\n hosts {\n  10.0.0.5 db.example.com\n  fallthrough\n }\n forward . /etc/resolv.conf\n}\n");
    CHECK(world.ask("db.example.com").answer.at(0).data == "10.0.0.5");
    CHECK(world.coredns->log().back().text.find(
              "- 7 \"A IN db.example.com. udp 32 false 512\" NOERROR qr,aa,rd 62 0.") != std::string::npos);
    CHECK(world.ask("other.example.com").answer.at(0).data == "93.184.216.34");
    CHECK(world.ask("5.0.0.10.in-addr.arpa", DnsType::PTR).answer.at(0).data == "db.example.com.");
}

TEST_CASE("reload: a changed Corefile is read again, a broken one leaves the old in place") {
    World world(".:53 {\n reload\n hosts {\n  10.0.0.5 a.test\n }\n}\n");
    world.coredns->set_corefile(".:53 {\n nonsense\n}\n");
    world.simulation.run_for(seconds(50));
    CHECK(world.ask("a.test").answer.size() == 1);
    world.coredns->set_corefile(".:53 {\n reload\n hosts {\n  10.0.0.6 a.test\n }\n}\n");
    world.simulation.run_for(seconds(50));
    CHECK(world.ask("a.test").answer.at(0).data == "10.0.0.6");
}

TEST_CASE("a clone answers by itself: cache entries of one do not reach the other") {
    World world(kubeadm_corefile);
    world.simulation.run_for(seconds(3));
    const auto checkpoint = world.simulation.checkpoint();
    world.ask("www.example.com");
    world.simulation.restore(*checkpoint);
    world.upstream = static_cast<Upstream*>(world.simulation.find("upstream"));
    const int before = world.upstream->asked;
    world.ask("www.example.com");
    CHECK(world.upstream->asked == before + 1);
}
