// Corefiles: one that is refused says why as CoreDNS would, one that loads answers every question with a message.

#include "core/addons/coredns/chain.h"
#include "core/addons/coredns/corefile.h"
#include "core/addons/coredns/zone_text.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

using namespace addons::coredns;

const std::map<std::string, std::string>& disk() {
    static const std::map<std::string, std::string> files = {
        {"/etc/resolv.conf", "nameserver 192.168.122.254\n"}, {"/etc/hosts", "127.0.0.1 localhost\n10.0.0.7 box\n"}, {"/etc/coredns/again", "import again\n"},
        {"/etc/coredns/zone", "$ORIGIN example.com.\n@ 60 IN SOA ns. a. 1 2 3 4 5\nwww 60 IN A 10.0.0.1\n*.wild IN CNAME www\nloop IN CNAME loop\n"}};
    return files;
}

void ask_all(const Servers& servers) {
    Index index;
    ChainState state;
    int asked = 0;
    for (const auto& [name, type] : std::initializer_list<std::pair<std::string_view, net::DnsType>>{
             {"web.default.svc.cluster.local.", net::DnsType::A}, {"www.example.com.", net::DnsType::AAAA}, {"loop.example.com.", net::DnsType::A}, {"a.wild.example.com.", net::DnsType::ANY},
             {"10.0.96.10.in-addr.arpa.", net::DnsType::PTR}, {".", net::DnsType::NS}, {"box.", net::DnsType::A}, {"a..b.", net::DnsType::TXT}, {"version.bind.", net::DnsType::TXT}}) {
        net::Peer peer{{net::Ip::v4(10, 244, 1, 9), 40000}, {net::Ip::v4(10, 244, 0, 2), 53}, false, net::Protocol::udp};
        Query query{servers, index, true, [] { return std::vector<net::Ip>{net::Ip::v4(10, 244, 0, 2)}; }, peer, Time{}, state,
                    [&](net::SocketAddress, const net::DnsMessage& question, Duration, net::Protocol) {
                        expect(++asked < 5000, "a query asks upstreams without end");
                        return net::Network::DnsExchange{asked % 2 == 0 ? net::Outcome::delivered : net::Outcome::timeout, net::dns_reply(question), milliseconds(1)};
                    }};
        const auto question = net::dns_query(7, name, type);
        const auto answer = servers.serve(query, question);
        expect(query.dropped || (answer.response && answer.id == question.id), "an answer to another question");
        auto timers = std::move(state.timers);
        state.timers.clear();
        for (const auto& timer : timers)
            servers.on_timer(timer, query);
        if (!state.fatal.empty())
            break;
    }
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    (void)corefile_sha512(text, "Corefile", disk());
    const auto servers = Servers::load(text, "Corefile", disk());
    if (servers.ok())
        ask_all(*servers.value());
    else
        expect(!servers.error().message.empty(), "a Corefile is refused without a word");
    for (const auto& result : {parse_zone(text, "example.com.")})
        if (!result.ok())
            expect(!result.error().message.empty(), "a zone is refused without a word");
    return 0;
}

}  // namespace

Door corefile() {
    Door door{run, {".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    prometheus :9153\n    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    cache 30 {\n       disable success cluster.local\n    }\n    loop\n    reload\n    loadbalance\n}\n",
                    "example.com:53 {\n  file /etc/coredns/zone\n  log . {\n    class denial error\n  }\n}\n. {\n  rewrite name regex (.*)\\.a\\.b {1}.default.svc.cluster.local answer auto\n  rewrite stop {\n    name suffix .x .y\n    answer name .y .x\n  }\n  hosts /etc/hosts {\n    10.0.0.1 a b\n    ttl 60\n    fallthrough\n  }\n  template IN A example.org {\n    match ^ip-(?P<a>[0-9]+)\\.example\\.org\\.$\n    answer \"{{ .Name }} 60 IN A 10.0.0.{{ .Group.a }}\"\n    rcode NXDOMAIN\n  }\n  forward . 1.1.1.1 tls://9.9.9.9 {\n    policy round_robin\n    health_check 5s\n    except a.b\n  }\n}\n",
                    "(snip) {\n  errors\n  cache\n}\n. {\n  import snip\n  whoami\n  dns64 64:ff9b::/96\n  autopath @kubernetes\n  any\n  acl {\n    block net 10.0.0.0/8\n  }\n  chaos CoreDNS-1 a@b\n  erratic {\n    drop 3\n  }\n  bind 127.0.0.1\n  nsid x\n  minimal\n  k8s_external example.org\n  bufsize 512\n}\n",
                    "$ORIGIN example.com.\n$TTL 60\n@ IN SOA ns.a. b. ( 1 2 3\n 4 5 ) ; comment\nwww 300 A 10.0.0.1\nmx MX 10 mail\ntxt TXT \"a b\" c\nsrv SRV 0 1 53 ns\n"},
              {"{", "}", "{\n", "\n}\n", "import ", "import again", "import /etc/coredns/again", "(a) {\n", "forward . ", "kubernetes ", "cache ", "rewrite name ", "regex ", "{$HOME}", "{%X%}", "\"", "\\\n", "#", ".:53", "dns://", "tls://.:853", "10.0.0.0/8", "fallthrough", "template ANY ANY {\n", "{{", "}}", "{{ range ", "{{.Name}}", "answer auto", "5s", "-1", "ttl 0", "servfail 0", "prefetch 1 1s 1%", "errors {\n consolidate 1s \".*\"\n}\n", "view a {\n expr true\n}\n"}};
    for (const auto& text : manifests())
        if (const auto at = text.find("Corefile: |"); at != std::string::npos)
            door.seeds.push_back(text.substr(text.find('\n', at) + 1));
    door.runs = 250;
    return door;
}

}  // namespace kubewalk::fuzz
