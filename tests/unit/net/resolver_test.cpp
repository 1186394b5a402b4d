// The facts are those of resolv.conf(5), glibc's res_query.c, musl's lookup_name.c and Go's
// dnsclient_unix.go; the time-outs were measured on Debian 12 (glibc 2.36).

#include <doctest/doctest.h>

#include <map>

#include "core/net/resolver.h"

using namespace kubewalk;
using namespace kubewalk::net;

namespace {

constexpr std::string_view pod_resolv_conf =
    "nameserver 10.96.0.10\n"
    "search sock-shop.svc.cluster.local svc.cluster.local cluster.local\n"
    "options ndots:5\n";

// Who answers, and what: NXDOMAIN for names nobody listed.
struct Zone {
    std::map<std::string, std::string> addresses;
    Outcome outcome = Outcome::delivered;

    AskServer ask() const {
        return [this](SocketAddress, const DnsMessage& query, Duration, Protocol) {
            Network::DnsExchange exchange{outcome, dns_reply(query, DnsCode::nxdomain), milliseconds(1)};
            exchange.answer.authoritative = true;
            if (auto found = addresses.find(query.question.name); found != addresses.end()) {
                exchange.answer.code = DnsCode::noerror;
                if (query.question.type == DnsType::A)
                    exchange.answer.answer.push_back({query.question.name, DnsType::A, 30, found->second});
            }
            return exchange;
        };
    }
};

std::vector<std::string> names_of(const std::vector<ResolverQuery>& queries) {
    std::vector<std::string> names;
    for (const auto& query : queries)
        if (names.empty() || names.back() != query.name)
            names.push_back(query.name);
    return names;
}

}  // namespace

TEST_CASE("resolv.conf: the last search line counts, three nameservers at most, ndots up to 15") {
    const auto conf = ResolvConf::parse(
        "nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n"
        "search a.test\n; comment\nsearch b.test c.test\noptions ndots:20 timeout:1 attempts:9\n",
        Libc::glibc);
    CHECK(conf.nameservers.size() == 3);
    CHECK(conf.search == std::vector<std::string>{"b.test", "c.test"});
    CHECK(conf.ndots == 15);
    CHECK(conf.timeout_s == 1);
    CHECK(conf.attempts == 5);
    CHECK(ResolvConf::parse("", Libc::musl).nameservers == std::vector<Ip>{Ip::v4(127, 0, 0, 1)});
}

TEST_CASE("a short name walks the search list, a name with a final dot does not") {
    Zone zone{{{"catalogue.sock-shop.svc.cluster.local.", "10.96.1.1"}}};
    for (auto libc : {Libc::glibc, Libc::musl, Libc::go}) {
        const auto found = resolve(zone.ask(), {std::string(pod_resolv_conf), ""}, libc, "catalogue");
        REQUIRE(found.addresses.size() == 1);
        CHECK(found.addresses[0].text() == "10.96.1.1");
        CHECK(found.queries.size() == 2);  // A and AAAA
        const auto absolute = resolve(zone.ask(), {std::string(pod_resolv_conf), ""}, libc, "catalogue.");
        CHECK(names_of(absolute.queries) == std::vector<std::string>{"catalogue."});
        CHECK(absolute.error == "EAI_NONAME");
    }
}

TEST_CASE("ndots:5 sends an outside name through the whole search list first") {
    Zone zone{{{"www.example.com.", "93.184.216.34"}}};
    const auto found = resolve(zone.ask(), {std::string(pod_resolv_conf), ""}, Libc::glibc, "www.example.com");
    CHECK(names_of(found.queries) == std::vector<std::string>{"www.example.com.sock-shop.svc.cluster.local.",
                                                              "www.example.com.svc.cluster.local.",
                                                              "www.example.com.cluster.local.", "www.example.com."});
}

TEST_CASE("a name that /etc/hosts has for IPv6 only, asked for IPv4") {
    // Measured on Debian 12: glibc 2.36 (files-hosts.c takes ::1 for 127.0.0.1), musl 1.2.3, Go 1.19.
    const Zone zone;
    const ResolverFiles files{std::string(pod_resolv_conf), "::1 six-local\nfd00::6 six\n"};
    const auto ask = [&](Libc libc, std::string_view name) { return resolve(zone.ask(), files, libc, name, WantFamilies::ipv4_only); };
    CHECK(ask(Libc::glibc, "six-local").addresses == std::vector<Ip>{Ip::v4(127, 0, 0, 1)});
    CHECK(ask(Libc::glibc, "six").queries.size() == 4);
    for (const auto libc : {Libc::musl, Libc::go}) {
        CHECK(ask(libc, "six-local").queries.empty());
        CHECK(ask(libc, "six-local").error == "EAI_NONAME");
    }
}

TEST_CASE("/etc/hosts comes first and sends nothing") {
    const auto found =
        resolve(Zone{}.ask(), {std::string(pod_resolv_conf), "10.244.0.12\thostaliases-pod foo.local # c\n"},
                Libc::musl, "FOO.local");
    CHECK(found.from_hosts);
    CHECK(found.queries.empty());
    CHECK(found.addresses == std::vector<Ip>{Ip::v4(10, 244, 0, 12)});
}

TEST_CASE("silence: glibc waits 5 s twice for the first search name and twice for the name itself, musl 5 s") {
    Zone silent{{}, Outcome::timeout};
    const auto glibc = resolve(silent.ask(), {std::string(pod_resolv_conf), ""}, Libc::glibc, "catalogue");
    CHECK(glibc.error == "EAI_AGAIN");
    CHECK(glibc.elapsed == seconds(20));
    CHECK(names_of(glibc.queries) ==
          std::vector<std::string>{"catalogue.sock-shop.svc.cluster.local.", "catalogue."});
    const auto musl = resolve(silent.ask(), {std::string(pod_resolv_conf), ""}, Libc::musl, "catalogue");
    CHECK(musl.error == "EAI_AGAIN");
    CHECK(musl.elapsed == seconds(5));
}

TEST_CASE("a refused packet ends glibc's search at once") {
    Zone closed{{}, Outcome::refused};
    const auto found = resolve(closed.ask(), {std::string(pod_resolv_conf), ""}, Libc::glibc, "catalogue");
    CHECK(found.error == "EAI_AGAIN");
    CHECK(found.queries.size() == 4);
    CHECK(found.elapsed < seconds(1));
    CHECK(resolver_error_text(Libc::glibc, found.error) == "Temporary failure in name resolution");
}

TEST_CASE("musl asks all nameservers at once, glibc one after the other") {
    Zone zone{{{"x.", "10.0.0.1"}}};
    const ResolverFiles files{"nameserver 1.1.1.1\nnameserver 2.2.2.2\n", ""};
    CHECK(resolve(zone.ask(), files, Libc::musl, "x", WantFamilies::ipv4_only).queries.size() == 2);
    CHECK(resolve(zone.ask(), files, Libc::glibc, "x", WantFamilies::ipv4_only).queries.size() == 1);
}

TEST_CASE("dig: without +search the name as it is; with it the list, on to the next while NXDOMAIN") {
    Zone zone{{{"catalogue.svc.cluster.local.", "10.96.1.1"}}};
    const auto conf = ResolvConf::parse(pod_resolv_conf, Libc::glibc);
    CHECK(names_of(dig(zone.ask(), conf, "catalogue", DnsType::A, UseSearch::no)) ==
          std::vector<std::string>{"catalogue."});
    CHECK(names_of(dig(zone.ask(), conf, "catalogue", DnsType::A, UseSearch::yes)) ==
          std::vector<std::string>{"catalogue.sock-shop.svc.cluster.local.", "catalogue.svc.cluster.local."});
}

TEST_CASE("reverse names, both ways") {
    CHECK(*reverse_name("10.96.0.10") == "10.0.96.10.in-addr.arpa.");
    CHECK(address_of_reverse_name("10.0.96.10.in-addr.arpa.") == "10.96.0.10");
    CHECK(address_of_reverse_name(*reverse_name("fd00:10:96::5")) == "fd00:10:96::5");
    CHECK(address_of_reverse_name("svc.cluster.local.").empty());
    CHECK(address_of_reverse_name("96.10.in-addr.arpa.").empty());
}

TEST_CASE("wire size: CoreDNS compresses only what would not fit; its log says 106 here") {
    // dig's MSG SIZE for one A record of the name asked: 12 + name + 4, and 16 for the answer.
    auto query = dns_query(1, "kubernetes.default.svc.cluster.local", DnsType::A);
    auto reply = dns_reply(query);
    CHECK(wire_size(query) == 54);
    reply.answer.push_back({query.question.name, DnsType::A, 30, "10.96.0.1"});
    CHECK(wire_size(reply) == 106);
    reply.compressed = true;
    CHECK(wire_size(reply) == 70);
}

TEST_CASE("options of resolv.conf, each library its own (resolv.conf(5); musl knows three)") {
    constexpr std::string_view text = "options rotate use-vc edns0 trust-ad single-request no-tld-query\n";
    const auto glibc = ResolvConf::parse(text, Libc::glibc);
    CHECK(glibc.rotate);
    CHECK(glibc.use_vc);
    CHECK(glibc.edns0);
    CHECK(glibc.trust_ad);
    CHECK(glibc.single_request);
    CHECK(glibc.no_tld_query);
    const auto musl = ResolvConf::parse(text, Libc::musl);
    CHECK(!musl.rotate);
    CHECK(!musl.use_vc);
    CHECK(ResolvConf::parse("domain a.test b.test\n", Libc::musl).search.size() == 2);
    CHECK(ResolvConf::parse("domain a.test b.test\n", Libc::glibc).search.size() == 1);
}

TEST_CASE("glibc: rotate starts each query at the next server, use-vc goes over TCP, no-tld-query leaves bare names out") {
    Zone zone;
    const ResolverFiles rotate{"nameserver 1.1.1.1\nnameserver 2.2.2.2\nsearch a.test b.test\noptions rotate\n", ""};
    const auto turned = resolve(zone.ask(), rotate, Libc::glibc, "x", WantFamilies::ipv4_only);
    REQUIRE(turned.queries.size() == 3);
    CHECK(turned.queries[0].server.text() == "1.1.1.1:53");
    CHECK(turned.queries[1].server.text() == "2.2.2.2:53");
    CHECK(turned.queries[2].server.text() == "1.1.1.1:53");
    const ResolverFiles stream{"nameserver 1.1.1.1\nsearch a.test\noptions use-vc no-tld-query\n", ""};
    const auto streamed = resolve(zone.ask(), stream, Libc::glibc, "x", WantFamilies::ipv4_only);
    CHECK(names_of(streamed.queries) == std::vector<std::string>{"x.a.test."});
    CHECK(streamed.queries[0].protocol == Protocol::tcp);
}

TEST_CASE("glibc: one of two answers is lost: 5 s, then one question at a time (res_send.c, send_dg)") {
    int lost = 0;
    const AskServer ask = [&lost](SocketAddress, const DnsMessage& query, Duration, Protocol) -> Network::DnsExchange {
        if (query.question.type == DnsType::AAAA && lost++ == 0)
            return {Outcome::timeout, {}, {}};
        Network::DnsExchange exchange{Outcome::delivered, dns_reply(query), milliseconds(1)};
        if (query.question.type == DnsType::A)
            exchange.answer.answer.push_back({query.question.name, DnsType::A, 30, "10.96.1.1"});
        return exchange;
    };
    const auto found = resolve(ask, {"nameserver 1.1.1.1\n", ""}, Libc::glibc, "x.test");
    CHECK(found.addresses.size() == 1);
    CHECK(found.queries.size() == 4);
    CHECK(found.elapsed == seconds(5) + milliseconds(2));
}

TEST_CASE("a truncated answer is asked for again over TCP by all three libraries") {
    const AskServer ask = [](SocketAddress, const DnsMessage& query, Duration, Protocol protocol) {
        Network::DnsExchange exchange{Outcome::delivered, dns_reply(query), milliseconds(1)};
        exchange.answer.truncated = protocol == Protocol::udp;
        if (protocol == Protocol::tcp)
            exchange.answer.answer.push_back({query.question.name, DnsType::A, 30, "10.96.1.1"});
        return exchange;
    };
    for (auto libc : {Libc::glibc, Libc::musl, Libc::go}) {
        const auto found = resolve(ask, {"nameserver 1.1.1.1\n", ""}, libc, "x.test", WantFamilies::ipv4_only);
        CHECK(found.addresses.size() == 1);
        REQUIRE(found.queries.size() == 2);
        CHECK(found.queries[1].protocol == Protocol::tcp);
    }
}

TEST_CASE("addresses are sorted: what the host can reach first; glibc ranks unique local IPv6 above IPv4, musl below") {
    const auto v6 = *Ip::parse("fd00:10:96::a");
    const auto v4 = Ip::v4(10, 96, 0, 10);
    std::vector<Ip> addresses = {v6, v4};
    sort_addresses(addresses, {v4}, Libc::glibc);
    CHECK(addresses.front() == v4);
    const std::vector<Ip> both = {Ip::v4(10, 244, 1, 2), *Ip::parse("fd00:10:244::2")};
    sort_addresses(addresses, both, Libc::glibc);
    CHECK(addresses.front() == v6);
    sort_addresses(addresses, both, Libc::musl);
    CHECK(addresses.front() == v4);
}
