#pragma once
// Name resolution as a program's C library does it: /etc/hosts, then the search list of
// /etc/resolv.conf, each query a packet (Network::dns). glibc and musl differ; so does each image.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/network.h"

namespace kubewalk::net {

enum class Libc : std::uint8_t { glibc, musl, go };  // go: Go's pure resolver

// /etc/resolv.conf as that library reads it: at most three nameservers, its own upper bounds.
struct ResolvConf {
    std::vector<Ip> nameservers;      // 127.0.0.1 when the file names none
    std::vector<std::string> search;  // the last `search` or `domain` line
    int ndots = 1;
    int attempts = 2;
    int timeout_s = 5;
    bool rotate = false;
    bool use_vc = false;

    static ResolvConf parse(std::string_view text, Libc libc);
};

// One query that was sent, in the order it was sent.
struct ResolverQuery {
    std::string name;  // absolute
    DnsType type = DnsType::A;
    SocketAddress server;
    Outcome outcome = Outcome::timeout;
    DnsMessage answer;
    Duration elapsed{};
};

struct Resolution {
    std::vector<Ip> addresses;
    std::string error;  // "" or "EAI_NONAME", "EAI_AGAIN", ... as getaddrinfo names it
    std::string canonical_name;
    bool from_hosts = false;
    std::vector<ResolverQuery> queries;
    Duration elapsed{};
};

// What a process sees of the files that matter here.
struct ResolverFiles {
    std::string resolv_conf;
    std::string hosts;
};

// getaddrinfo(name, AF_UNSPEC or AF_INET) from that namespace.
enum class WantFamilies : std::uint8_t { ipv4_only, both };
Resolution resolve(Network& network, NamespaceId from, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families = WantFamilies::both);

// One question put to one server, who waits `give_up` for it, and what came of it: a packet
// (Network::dns), or a table in a test.
using AskServer =
    std::function<Network::DnsExchange(SocketAddress server, const DnsMessage& query, Duration give_up)>;
// The same algorithm over any transport.
Resolution resolve(const AskServer& ask, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families = WantFamilies::both);

// What getaddrinfo's error reads like: gai_strerror of glibc or musl, the tail of Go's DNSError.
std::string_view resolver_error_text(Libc libc, std::string_view error);

// The names of /etc/hosts for an address and the addresses for a name (letter case ignored), in file order.
struct HostsEntry {
    Ip ip;
    std::vector<std::string> names;
};
std::vector<HostsEntry> parse_hosts(std::string_view text);

// dig with +search: the search list applied to one type; without: the name as it is.
enum class UseSearch : std::uint8_t { no, yes };
std::vector<ResolverQuery> dig(Network& network, NamespaceId from, const ResolverFiles& files, std::string_view name,
                               DnsType type, UseSearch search);
std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               UseSearch search);

}  // namespace kubewalk::net
