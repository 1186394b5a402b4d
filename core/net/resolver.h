#pragma once
// Name resolution as a program's C library does it: /etc/hosts, then the search list of
// /etc/resolv.conf, each query a packet (Network::dns). glibc and musl differ; so does each image.

#include <string>
#include <string_view>
#include <vector>

#include "core/net/network.h"

namespace kubewalk::net {

enum class Libc : std::uint8_t { glibc, musl, go };  // go: Go's pure resolver

struct ResolvConf {
    std::vector<Ip> nameservers;
    std::vector<std::string> search;
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

// dig with +search: the search list applied to one type; without: the name as it is.
enum class UseSearch : std::uint8_t { no, yes };
std::vector<ResolverQuery> dig(Network& network, NamespaceId from, const ResolverFiles& files, std::string_view name,
                               DnsType type, UseSearch search);

}  // namespace kubewalk::net
