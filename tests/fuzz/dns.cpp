// DNS: names there and back, messages that fit, resolv.conf and hosts files, and a resolver that ends whatever it is answered.
// The first line is a name, the rest a file.

#include "core/kubelet/dns_config.h"
#include "core/net/dns_message.h"
#include "core/net/resolver.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

void try_name(std::string_view name) {
    const auto absolute = net::absolute_name(name);
    expect(net::absolute_name(absolute) == absolute, "an absolute name stays");
    expect(net::in_dns_zone(absolute, absolute) && net::same_dns_name(absolute, absolute), "a name lies in itself");
    expect(net::in_dns_zone(absolute, "."), "the root holds everything");
    if (const auto reverse = net::reverse_name(name)) {
        const auto address = net::address_of_reverse_name(*reverse);
        expect(net::Ip::parse(address).has_value() && net::Ip::parse(address) == net::Ip::parse(name), "a reverse name and back", [&] { return cat(*reverse, " ", address); });
    }
    (void)net::address_of_reverse_name(absolute);
    auto message = net::dns_reply(net::dns_query(1, name, net::DnsType::A));
    for (int i = 0; i < 40; ++i)
        message.answer.push_back({absolute, net::DnsType::CNAME, 5, cat(i, ".", absolute)});
    const auto whole = net::wire_size(message);
    net::fit_to_size(message, 512);
    expect(whole <= 512 || message.truncated || net::wire_size(message) <= 512, "a message is cut or says so");
    expect(net::wire_size(message) <= 512 || message.answer.empty(), "a message fits");
}

void try_resolver(std::string_view name, std::string_view file, net::Libc libc) {
    const auto conf = net::ResolvConf::parse(file, libc);
    expect(!conf.nameservers.empty() && conf.nameservers.size() <= 3, "one to three nameservers");
    expect(conf.ndots >= 0 && conf.ndots <= 15 && conf.attempts >= 0 && conf.timeout_s >= 0, "options within bounds", [&] { return cat(conf.ndots, " ", conf.attempts, " ", conf.timeout_s); });
    int asked = 0;
    const net::AskServer ask = [&](net::SocketAddress, const net::DnsMessage& query, Duration give_up, net::Protocol) {
        expect(++asked < 5000, "a lookup asks without end");
        net::Network::DnsExchange exchange{net::Outcome::timeout, net::dns_reply(query, net::DnsCode::servfail), give_up};
        if (asked % 3 == 0) {
            exchange.outcome = net::Outcome::delivered;
            exchange.answer = net::dns_reply(query, asked % 2 == 0 ? net::DnsCode::nxdomain : net::DnsCode::noerror);
            exchange.answer.answer.push_back({query.question.name, net::DnsType::CNAME, 5, query.question.name});
        }
        return exchange;
    };
    const auto found = net::resolve(ask, {std::string(file), std::string(file)}, libc, name);
    expect(found.addresses.empty() != found.error.empty(), "addresses or an error", [&] { return found.error; });
}

int run(const std::uint8_t* bytes, std::size_t size) {
    auto file = text_of(bytes, size);
    const auto name = take_until(file, '\n');
    try_name(name);
    for (const auto libc : {net::Libc::glibc, net::Libc::musl, net::Libc::go})
        try_resolver(name, file, libc);
    for (const auto& entry : net::parse_hosts(file))
        expect(!entry.names.empty(), "a line of hosts names something");
    (void)kubelet::DnsConfig::parse(file);
    return 0;
}

}  // namespace

Door dns() {
    Door door{run, {"web\nnameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n",
                    "web.default.svc.cluster.local.\nnameserver ::1\nnameserver 1.1.1.1\noptions timeout:1 attempts:3 rotate edns0 trust-ad use-vc\n",
                    "10.96.0.10\n127.0.0.1 localhost\n::1 localhost ip6-localhost\n# c\n192.168.0.1\tweb web.local\n", "localhost\ndomain example.com\nsortlist 1.2.3.4\n",
                    "1.0.0.127.in-addr.arpa.\n", "fd00::1\n", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.\n"},
              {"nameserver ", "search ", "domain ", "options ", "ndots:", "timeout:", "attempts:", "rotate", "single-request", "no-aaaa", "inet6", "127.0.0.1", "fe80::1%eth0", ".in-addr.arpa.", ".ip6.arpa.", ".", "..", "\\.", "\\000", "*"}};
    door.longest = 2000;
    door.runs = 400;
    return door;
}

}  // namespace kubewalk::fuzz
