#pragma once
// Name resolution as a program's C library does it: /etc/hosts, then the search list of
// /etc/resolv.conf, each query a packet (Network::dns). glibc and musl differ; so does each image.

#include <functional>
#include <optional>
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
    bool use_vc = false;                 // TCP from the start
    bool edns0 = false;
    bool trust_ad = false;               // asks for, and believes, the AD bit
    bool single_request = false;         // AAAA only after A was answered
    bool single_request_reopen = false;  // ... and from another socket
    bool no_tld_query = false;           // a name without dots is never asked for as it is
    bool no_aaaa = false;                // glibc 2.36

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
    Protocol protocol = Protocol::udp;
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
enum class WantFamilies : std::uint8_t { ipv4_only, ipv6_only, both };
Resolution resolve(Network& network, NamespaceId from, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families = WantFamilies::both);

// One question put to one server, who waits `give_up` for it, and what came of it: a packet
// (Network::dns), or a table in a test.
using AskServer = std::function<Network::DnsExchange(SocketAddress server, const DnsMessage& query,
                                                     Duration give_up, Protocol protocol)>;
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

// The order in which getaddrinfo returns addresses (RFC 6724; glibc's table is the older RFC 3484's):
// families that `sources` can reach first, then by precedence, else as they came.
void sort_addresses(std::vector<Ip>& addresses, const std::vector<Ip>& sources, Libc libc);

// dig: one type, the name as it is or with +search through the search list.
enum class UseSearch : std::uint8_t { no, yes };
struct DigOptions {
    UseSearch search = UseSearch::no;
    DnsClass dns_class = DnsClass::IN;
    int tries = 3;
    std::optional<Duration> timeout;  // else resolv.conf's
    Protocol protocol = Protocol::udp;
    bool ignore_truncation = false;   // else TCP follows
    bool recurse = true;
    std::optional<DnsEdns> edns;
};
std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               const DigOptions& options);
std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               UseSearch search);
std::vector<ResolverQuery> dig(Network& network, NamespaceId from, const ResolverFiles& files, std::string_view name,
                               DnsType type, UseSearch search);

}  // namespace kubewalk::net
