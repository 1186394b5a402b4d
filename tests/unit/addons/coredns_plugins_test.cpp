// The plugins of a chain on their own. Facts: coredns v1.14.2 plugin/*/README.md and *_test.go, RFC 6147 for
// dns64; the SHA-512 of kubeadm's Corefile is the one that clusters print
// ("plugin/reload: Running configuration SHA512 = 591cf328...", kubernetes.io/docs and many bug reports).

#include <doctest/doctest.h>

#include <functional>

#include "core/addons/coredns/chain.h"
#include "core/addons/coredns/regex.h"
#include "core/addons/coredns/zone_text.h"
#include "core/base/sha512.h"
#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::net;
using namespace kubewalk::addons::coredns;

namespace {

const std::map<std::string, std::string> no_files;

// One Corefile with an index, and upstreams that a function plays.
struct Bench {
    using Upstreams = std::function<Network::DnsExchange(SocketAddress, const DnsMessage&, Protocol)>;

    std::shared_ptr<const Servers> servers;
    Index index;
    ChainState state;
    Time now;
    Peer peer{{Ip::v4(10, 244, 1, 9), 40000}, {Ip::v4(10, 244, 0, 2), 53}, false, Protocol::udp};
    Upstreams upstream;

    explicit Bench(std::string_view corefile, const std::map<std::string, std::string>& files = no_files) {
        auto loaded = Servers::load(corefile, "/etc/coredns/Corefile", files);
        if (!loaded)
            FAIL(loaded.error().message);
        servers = loaded.take();
    }

    Query query() {
        return {*servers, index, true, [] { return std::vector<Ip>{Ip::v4(10, 244, 0, 2)}; }, peer, now, state,
                [this](SocketAddress to, const DnsMessage& question, Duration, Protocol protocol) {
                    return upstream ? upstream(to, question, protocol) : Network::DnsExchange{};
                }};
    }
    DnsMessage ask(const DnsMessage& question) {
        auto q = query();
        return servers->serve(q, question);
    }
    DnsMessage ask(std::string_view name, DnsType type = DnsType::A) { return ask(dns_query(1, name, type)); }
    // Everything that plugins have put off.
    void run_timers() {
        auto timers = std::move(state.timers);
        state.timers.clear();
        for (const auto& timer : timers) {
            auto q = query();
            servers->on_timer(timer, q);
        }
    }
};

Network::DnsExchange one_address(const DnsMessage& question, std::string_view address, std::uint32_t ttl = 300) {
    Network::DnsExchange exchange{Outcome::delivered, dns_reply(question), milliseconds(1)};
    if (question.question.type == DnsType::A)
        exchange.answer.answer.push_back({question.question.name, DnsType::A, ttl, std::string(address)});
    return exchange;
}

std::string text_of(const DnsMessage& message) {
    std::string text(dns_code_name(message.code));
    for (const auto& record : message.answer)
        append(text, " ", record.name, " ", dns_type_name(record.type), " ", record.data);
    return text;
}

std::string error_of(std::string_view corefile) {
    auto loaded = Servers::load(corefile, "Corefile", no_files);
    return loaded ? std::string() : loaded.error().message;
}

std::string first_match(std::string_view pattern, std::string_view text) {
    auto regex = Regex::compile(pattern);
    if (!regex)
        return regex.error().message;
    const auto groups = regex.value().find(text);
    return groups ? join(*groups, "|") : "no match";
}

}  // namespace

TEST_CASE("regular expressions as RE2 reads them") {
    CHECK(first_match("^(.*)\\.svc$", "a.b.svc") == "a.b.svc|a.b");
    CHECK(first_match("(a|ab)(c|bcd)", "abcd") == "abcd|a|bcd");  // leftmost-first
    CHECK(first_match("a+?b*", "aabb") == "a");
    CHECK(first_match("(?:x)?([0-9]{1,3})-(?P<b>\\d+)", "ip-10-244") == "10-244|10|244");
    CHECK(first_match("[^.]+", "web.shop") == "web");
    CHECK(first_match("(?i)WEB", "web") == "web");
    CHECK(first_match("(a*)*$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab") == "|");
    CHECK(first_match("x{2}", "axxxb") == "xx");
    CHECK(first_match("a(b", "ab") == "error parsing regexp: missing closing ): `a(b`");
    CHECK(first_match("*a", "a") == "error parsing regexp: missing argument to repetition operator: `*`");
}

TEST_CASE("SHA-512 (FIPS 180-4) and the name of kubeadm's configuration") {
    CHECK(sha512_hex("abc") ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
          "454d4423643ce80e2a9ac94fa54ca49f");
    constexpr std::string_view corefile =
        ".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    kubernetes cluster.local "
        "in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    "
        "}\n    prometheus :9153\n    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    cache "
        "30\n    loop\n    reload\n    loadbalance\n}\n";
    CHECK(corefile_sha512(corefile, "/etc/coredns/Corefile", no_files) ==
          "591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5f046dd37f1cf888b953814040d180f52594972691cd6"
          "ff41be96639138a43908");
}

TEST_CASE("import: snippets and files") {
    const std::map<std::string, std::string> files = {{"/etc/coredns/custom/a.server", "a.test {\n whoami\n}\n"},
                                                      {"/etc/coredns/custom/b.txt", "nonsense"}};
    auto loaded = Servers::load("(common) {\n errors\n}\n. {\n import common\n whoami\n}\nimport custom/*.server\n",
                                "/etc/coredns/Corefile", files);
    REQUIRE(loaded);
    REQUIRE(loaded.value()->servers().size() == 2);
    CHECK(loaded.value()->servers()[0].chain.size() == 2);
    CHECK(loaded.value()->servers()[1].zones == std::vector<std::string>{"a.test."});
    CHECK(error_of(". {\n import nowhere\n}\n") == "Corefile:2 - Error during parsing: File to import not found: nowhere");
}

TEST_CASE("rewrite: the question on its way in, the names on the way out") {
    Bench bench(
        ".:53 {\n rewrite name suffix .shop.test .shop.svc.cluster.local answer auto\n"
        " rewrite name exact old.test new.test\n rewrite stop {\n  name regex (.*)\\.us\\.test {1}.eu.test\n"
        "  answer name (.*)\\.eu\\.test {1}.us.test\n }\n rewrite type ANY A\n forward . 192.0.2.1\n}\n");
    std::vector<std::string> asked;
    bench.upstream = [&](SocketAddress, const DnsMessage& question, Protocol) {
        asked.push_back(question.question.name);
        return one_address(question, "192.0.2.80");
    };
    CHECK(text_of(bench.ask("carts.shop.test")) == "NOERROR carts.shop.test. A 192.0.2.80");
    CHECK(text_of(bench.ask("old.test")) == "NOERROR old.test. A 192.0.2.80");
    CHECK(text_of(bench.ask("db.us.test")) == "NOERROR db.us.test. A 192.0.2.80");
    CHECK(text_of(bench.ask("x.test", DnsType::ANY)) == "NOERROR x.test. A 192.0.2.80");
    CHECK(asked == std::vector<std::string>{"carts.shop.svc.cluster.local.", "new.test.", "db.eu.test.", "x.test."});
    CHECK(error_of(".:53 {\n rewrite name a\n}\n") == "plugin/rewrite: too few arguments for a name rule");
    CHECK(error_of(".:53 {\n rewrite nonsense a b\n}\n") == "plugin/rewrite: invalid rule type \"nonsense\"");
}

TEST_CASE("rewrite ttl and rcode change answers") {
    Bench bench(".:53 {\n rewrite continue ttl suffix test 10-60\n rewrite rcode exact a.test NOERROR NXDOMAIN\n"
                " forward . 192.0.2.1\n}\n");
    bench.upstream = [](SocketAddress, const DnsMessage& question, Protocol) { return one_address(question, "192.0.2.80"); };
    CHECK(bench.ask("b.test").answer.at(0).ttl == 60);
    CHECK(bench.ask("a.test").code == DnsCode::nxdomain);
}

TEST_CASE("template: answers made of the question") {
    Bench bench(
        ".:53 {\n template IN A example {\n  match ^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$\n"
        "  answer \"{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ index .Match 4 }}\"\n  fallthrough\n }\n"
        " template ANY ANY invalid {\n  rcode NXDOMAIN\n  authority \"invalid. 60 IN SOA ns.invalid. hostmaster.invalid. (1 60 60 60 60)\"\n }\n"
        " whoami\n}\n");
    CHECK(text_of(bench.ask("ip-10-95-12-8.example")) == "NOERROR ip-10-95-12-8.example. A 10.95.12.8");
    CHECK(bench.ask("ip-10.example").additional.size() == 2);  // whoami
    CHECK(bench.ask("a.invalid").code == DnsCode::nxdomain);
    CHECK(error_of(".:53 {\n template IN NOTATYPE\n}\n") ==
          "plugin/template: Corefile:2 - Error during parsing: invalid RR class NOTATYPE");
}

TEST_CASE("autopath @kubernetes: one question instead of the walk through the search list") {
    Bench bench(".:53 {\n autopath @kubernetes\n kubernetes cluster.local {\n  pods verified\n }\n forward . 192.0.2.1\n}\n",
                {{"/etc/resolv.conf", "nameserver 192.0.2.1\nsearch lab.internal\n"}});
    bench.index.set_namespace(api::Value::object({{"metadata", api::Value::object({{"name", "shop"}})}}));
    bench.index.set_pod(api::Value::object({{"metadata", api::Value::object({{"name", "p"}, {"namespace", "shop"}})},
                                            {"status", api::Value::object({{"podIP", "10.244.1.9"}})}}));
    std::vector<std::string> asked;
    bench.upstream = [&](SocketAddress, const DnsMessage& question, Protocol) {
        asked.push_back(question.question.name);
        auto exchange = one_address(question, "93.184.216.34");
        if (question.question.name != "www.example.com.") {
            exchange.answer.code = DnsCode::nxdomain;
            exchange.answer.answer.clear();
        }
        return exchange;
    };
    CHECK(text_of(bench.ask("www.example.com.shop.svc.cluster.local")) ==
          "NOERROR www.example.com.shop.svc.cluster.local. CNAME www.example.com. www.example.com. A 93.184.216.34");
    CHECK(asked == std::vector<std::string>{"www.example.com.lab.internal.", "www.example.com."});
}

TEST_CASE("forward: policies, health checks, TCP when told to, failover") {
    Bench bench(".:53 {\n errors\n forward . 192.0.2.1 192.0.2.2 {\n  policy sequential\n  max_fails 1\n }\n}\n");
    std::map<std::string, int> asked;
    bool first_is_up = false;
    bench.upstream = [&](SocketAddress to, const DnsMessage& question, Protocol) -> Network::DnsExchange {
        ++asked[to.text()];
        if (to.text() == "192.0.2.1:53" && !first_is_up)
            return {Outcome::timeout, {}, seconds(2)};
        return one_address(question, to.ip.text());
    };
    CHECK(bench.ask("a.test").answer.at(0).data == "192.0.2.2");
    CHECK(asked["192.0.2.1:53"] == 1);
    bench.run_timers();  // the first check fails, and the second
    bench.run_timers();
    CHECK(bench.ask("a.test").answer.at(0).data == "192.0.2.2");
    CHECK(asked["192.0.2.1:53"] == 3);  // two checks; the query did not try it
    first_is_up = true;
    bench.run_timers();
    CHECK(bench.state.timers.empty());
    CHECK(bench.ask("a.test").answer.at(0).data == "192.0.2.1");

    Bench tcp(".:53 {\n forward . 192.0.2.1 {\n  force_tcp\n }\n}\n");
    std::vector<Protocol> used;
    tcp.upstream = [&](SocketAddress, const DnsMessage& question, Protocol protocol) {
        used.push_back(protocol);
        return one_address(question, "192.0.2.80");
    };
    CHECK(tcp.ask("a.test").answer.size() == 1);
    CHECK(used == std::vector<Protocol>{Protocol::tcp});
}

TEST_CASE("forward: a silent upstream costs three reads of two seconds and ends in SERVFAIL") {
    Bench bench(".:53 {\n errors\n forward . 192.0.2.1\n}\n");
    bench.upstream = [](SocketAddress, const DnsMessage&, Protocol) {
        return Network::DnsExchange{Outcome::timeout, {}, seconds(2)};
    };
    auto q = bench.query();
    CHECK(bench.servers->serve(q, dns_query(1, "a.test", DnsType::A)).code == DnsCode::servfail);
    CHECK(q.elapsed == seconds(6));
    REQUIRE(bench.state.log.size() == 1);
    CHECK(bench.state.log[0].find("i/o timeout") != std::string::npos);
}

TEST_CASE("errors: consolidated lines") {
    Bench bench(".:53 {\n errors {\n  consolidate 5m \".* i/o timeout$\" warning\n }\n forward . 192.0.2.1\n}\n");
    bench.upstream = [](SocketAddress, const DnsMessage&, Protocol) {
        return Network::DnsExchange{Outcome::timeout, {}, seconds(2)};
    };
    bench.ask("a.test");
    bench.ask("b.test");
    CHECK(bench.state.log.empty());
    bench.run_timers();
    REQUIRE(bench.state.log.size() == 1);
    CHECK(bench.state.log[0] == "[WARNING] plugin/errors: 2 errors like '.* i/o timeout$' occurred in last 5m0s");
}

TEST_CASE("cache: serve_stale, denial, prefetch, disable") {
    Bench bench(".:53 {\n cache 30 {\n  serve_stale\n  prefetch 2 1m 50%\n }\n forward . 192.0.2.1\n}\n");
    int asked = 0;
    bool up = true;
    bench.upstream = [&](SocketAddress, const DnsMessage& question, Protocol) -> Network::DnsExchange {
        ++asked;
        if (!up)
            return {Outcome::timeout, {}, seconds(2)};
        return one_address(question, "192.0.2.80");
    };
    bench.ask("a.test");
    bench.now = bench.now + seconds(20);
    CHECK(bench.ask("a.test").answer.at(0).ttl == 10);
    CHECK(bench.state.timers.empty());
    bench.ask("a.test");  // asked for twice in its last half
    CHECK(bench.state.timers.size() == 1);
    bench.run_timers();
    CHECK(asked == 2);
    CHECK(bench.ask("a.test").answer.at(0).ttl == 30);
    bench.state.timers.clear();
    up = false;
    bench.now = bench.now + minutes(10);
    CHECK(bench.ask("a.test").answer.at(0).ttl == 0);  // stale
    bench.now = bench.now + hours(1);
    CHECK(bench.ask("a.test").code == DnsCode::servfail);
    CHECK(error_of(".:53 {\n cache {\n  serve_stale 1h sometimes\n }\n}\n") ==
          "plugin/cache: invalid value for serve_stale refresh mode: sometimes");
    CHECK(error_of(".:53 {\n cache {\n  prefetch 1 1m 95%\n }\n}\n") ==
          "plugin/cache: percentage should fall in range [10, 90]: 95");
}

TEST_CASE("dns64: AAAA made of A with the well-known prefix (RFC 6052)") {
    Bench bench(".:53 {\n dns64 {\n  allow_ipv4\n }\n forward . 192.0.2.1\n}\n");
    bench.upstream = [](SocketAddress, const DnsMessage& question, Protocol) { return one_address(question, "192.0.2.33"); };
    CHECK(text_of(bench.ask("a.test", DnsType::AAAA)) == "NOERROR a.test. AAAA 64:ff9b::c000:221");
}

TEST_CASE("chaos, acl, file, whoami") {
    const std::map<std::string, std::string> files = {
        {"/zones/db.corp", "$TTL 1h\n@ IN SOA ns hostmaster 1 7200 3600 1209600 3600\n  IN NS ns\nns IN A 10.0.0.2\n"
                           "www 300 IN CNAME web\nweb IN A 10.0.0.3\n*.apps IN A 10.0.0.4 ; all of them\n"}};
    Bench bench("corp.test {\n acl {\n  block type ANY net 10.244.0.0/16\n }\n file /zones/db.corp\n}\n. {\n chaos\n whoami\n}\n",
                files);
    CHECK(text_of(bench.ask("www.corp.test")) ==
          "NOERROR www.corp.test. CNAME web.corp.test. web.corp.test. A 10.0.0.3");
    CHECK(text_of(bench.ask("x.apps.corp.test")) == "NOERROR x.apps.corp.test. A 10.0.0.4");
    CHECK(bench.ask("web.corp.test", DnsType::AAAA).authority.at(0).type == DnsType::SOA);
    CHECK(bench.ask("none.corp.test").code == DnsCode::nxdomain);
    CHECK(bench.ask("web.corp.test", DnsType::ANY).code == DnsCode::refused);
    auto version = dns_query(1, "version.bind", DnsType::TXT);
    version.question.dns_class = DnsClass::CH;
    CHECK(bench.ask(version).answer.at(0).data == "\"CoreDNS-1.14.2\"");
    CHECK(bench.ask("anything").additional.at(0).data == "10.244.1.9");
}

TEST_CASE("what does not fit into 512 bytes is cut off and marked") {
    auto reply = dns_reply(dns_query(1, "many.test", DnsType::A));
    for (int i = 0; i < 60; ++i)
        reply.answer.push_back({"many.test.", DnsType::A, 5, cat("10.0.0.", i)});
    auto whole = reply;
    fit_to_size(whole, 65535);
    CHECK(whole.answer.size() == 60);
    fit_to_size(reply, 512);
    CHECK(reply.truncated);
    CHECK(reply.answer.size() == 30);  // 27 bytes, then 16 for each: (512 - 27) / 16
    CHECK(wire_size(reply) <= 512);
}
