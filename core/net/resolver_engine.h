#pragma once
// What the three resolvers have in common: sending, and keeping the record of what was sent.
// Internal to core/net/resolver_*.cpp.

#include <optional>
#include <vector>

#include "core/net/resolver.h"

namespace kubewalk::net {

struct ResolverEngine {
    const AskServer& ask;
    const ResolvConf& conf;
    WantFamilies families;
    Resolution& result;
    std::uint16_t next_id = 1;

    std::vector<DnsType> types() const {
        if (families == WantFamilies::ipv4_only || conf.no_aaaa)
            return {DnsType::A};
        if (families == WantFamilies::ipv6_only)
            return {DnsType::AAAA};
        return {DnsType::A, DnsType::AAAA};
    }

    SocketAddress server(std::size_t index) const { return {conf.nameservers[index], 53}; }

    // What the library adds to each query: EDNS, the AD bit.
    std::optional<DnsEdns> edns{};
    bool authentic_data = false;

    // Sends one query and records it. A query that nobody answers lasts `timeout`; the caller adds up
    // result.elapsed, because queries run side by side.
    ResolverQuery send(std::size_t server_index, std::string_view name, DnsType type, Duration timeout,
                       Protocol protocol = Protocol::udp);

    // Adds the addresses of an answer; true when there was one.
    bool take_addresses(const DnsMessage& answer);
};

bool answered(const ResolverQuery& query);      // a DNS message came back
bool refused(const ResolverQuery& query);       // an ICMP error came back, at once
std::size_t count_dots(std::string_view name);
bool absolute(std::string_view name);           // ends with a dot

// Each fills engine.result (addresses or error) from DNS alone.
void resolve_glibc(ResolverEngine& engine, std::string_view name);
void resolve_musl(ResolverEngine& engine, std::string_view name);
void resolve_go(ResolverEngine& engine, std::string_view name);

}  // namespace kubewalk::net
