// Upstream: getaddrinfo(3), nsswitch "files dns"; BIND 9 bin/dig/dighost.c for dig's search list.

#include "core/net/resolver.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/net/resolver_engine.h"

namespace kubewalk::net {

namespace {

struct Library {
    Libc libc;
    void (*resolve)(ResolverEngine& engine, std::string_view name);
    std::string_view no_name;
    std::string_view again;
    std::string_view no_data;
    std::string_view fail;
};
constexpr Library libraries[] = {
    {Libc::glibc, resolve_glibc, "Name or service not known", "Temporary failure in name resolution",
     "No address associated with hostname", "Non-recoverable failure in name resolution"},
    {Libc::musl, resolve_musl, "Name does not resolve", "Try again", "Name has no usable address",
     "Non-recoverable error"},
    {Libc::go, resolve_go, "no such host", "server misbehaving", "no such host", "server misbehaving"},
};

const Library& library(Libc libc) { return libraries[static_cast<std::size_t>(libc)]; }

bool wanted(const Ip& ip, WantFamilies families) {
    return families == WantFamilies::both || (ip.family == Family::ipv4) == (families == WantFamilies::ipv4_only);
}

// Whether the file settles the question: the DNS is not asked then.
bool take_from_hosts(Resolution& result, Libc libc, std::string_view hosts, std::string_view name, WantFamilies families) {
    if (absolute(name))
        name.remove_suffix(1);
    bool other_family = false;
    for (const auto& entry : parse_hosts(hosts)) {
        const bool named = std::any_of(entry.names.begin(), entry.names.end(),
                                       [name](const auto& n) { return same_dns_name(n, name); });
        if (!named)
            continue;
        Ip ip = entry.ip;
        if (!wanted(ip, families)) {
            other_family = true;
            if (libc != Libc::glibc || families != WantFamilies::ipv4_only || !ip.loopback())
                continue;
            ip = Ip::v4(127, 0, 0, 1);  // glibc takes ::1 for it
        }
        if (result.addresses.empty())
            result.canonical_name = entry.names.front();
        if (std::find(result.addresses.begin(), result.addresses.end(), ip) == result.addresses.end())
            result.addresses.push_back(ip);
    }
    result.from_hosts = !result.addresses.empty();
    if (result.from_hosts || !other_family || libc == Libc::glibc)
        return result.from_hosts;
    result.error = "EAI_NONAME";  // musl and Go end where the file has the name, whatever its family
    return true;
}

// The names dig asks for in order; it goes on to the next while the answer is NXDOMAIN.
std::vector<std::string> dig_names(const ResolvConf& conf, std::string_view name, UseSearch search) {
    if (search == UseSearch::no || absolute(name) || count_dots(name) >= static_cast<std::size_t>(conf.ndots))
        return {absolute_name(name)};
    std::vector<std::string> names;
    for (const auto& domain : conf.search)
        names.push_back(domain == "." ? absolute_name(name) : absolute_name(std::string(name) + "." + domain));
    names.push_back(absolute_name(name));
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

AskServer packets(Network& network, NamespaceId from, const ResolverFiles& files) {
    return [&network, from, conf = std::make_shared<const std::string>(files.resolv_conf)](
               SocketAddress server, const DnsMessage& query, Duration give_up, Protocol protocol) {
        return network.dns(from, server, query, give_up, protocol, conf);
    };
}

}  // namespace

bool answered(const ResolverQuery& query) { return query.outcome == Outcome::delivered; }
bool refused(const ResolverQuery& query) {
    return query.outcome == Outcome::refused || query.outcome == Outcome::unreachable;
}
std::size_t count_dots(std::string_view name) {
    return static_cast<std::size_t>(std::count(name.begin(), name.end(), '.'));
}
bool absolute(std::string_view name) { return !name.empty() && name.back() == '.'; }

ResolverQuery ResolverEngine::send(std::size_t server_index, std::string_view name, DnsType type, Duration timeout,
                                   Protocol protocol) {
    ResolverQuery query;
    query.name = std::string(name);
    query.type = type;
    query.server = server(server_index);
    // Ids need only differ from query to query; taken from the name, they are the same in every replay.
    const auto id = static_cast<std::uint16_t>(fnv1a(name) + next_id++);
    auto message = dns_query(id, name, type);
    message.edns = edns;
    message.authentic_data = authentic_data;
    query.protocol = protocol;
    auto exchange = ask(query.server, message, timeout, protocol);
    query.outcome = exchange.outcome;
    query.answer = std::move(exchange.answer);
    query.elapsed = answered(query) || refused(query) ? std::min(exchange.elapsed, timeout) : timeout;
    result.queries.push_back(query);
    return query;
}

bool ResolverEngine::take_addresses(const DnsMessage& answer) {
    bool any = false;
    for (const auto& record : answer.answer) {
        if (record.type != DnsType::A && record.type != DnsType::AAAA)
            continue;
        auto ip = Ip::parse(record.data);
        if (!ip || !wanted(*ip, families))
            continue;
        if (result.addresses.empty() && result.canonical_name.empty())
            result.canonical_name = record.name.substr(0, record.name.size() - (absolute(record.name) ? 1 : 0));
        result.addresses.push_back(*ip);
        any = true;
    }
    return any;
}

std::string_view resolver_error_text(Libc libc, std::string_view error) {
    const auto& texts = library(libc);
    if (error == "EAI_NONAME")
        return texts.no_name;
    if (error == "EAI_AGAIN")
        return texts.again;
    if (error == "EAI_NODATA")
        return texts.no_data;
    return texts.fail;
}

Resolution resolve(const AskServer& ask, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families) {
    constexpr std::size_t longest_name = 255;
    Resolution result;
    if (auto ip = Ip::parse(name)) {
        if (wanted(*ip, families))
            result.addresses.push_back(*ip);
        else
            result.error = "EAI_ADDRFAMILY";
        result.canonical_name = std::string(name);
        return result;
    }
    if (name.empty() || name.size() > longest_name) {
        result.error = "EAI_NONAME";
        return result;
    }
    if (take_from_hosts(result, libc, files.hosts, name, families))
        return result;
    const auto conf = ResolvConf::parse(files.resolv_conf, libc);
    ResolverEngine engine{ask, conf, families, result};
    library(libc).resolve(engine, name);
    return result;
}

Resolution resolve(Network& network, NamespaceId from, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families) {
    auto result = resolve(packets(network, from, files), files, libc, name, families);
    sort_addresses(result.addresses, network.addresses(from), libc);
    return result;
}

void sort_addresses(std::vector<Ip>& addresses, const std::vector<Ip>& sources, Libc libc) {
    const auto is_link_local = [](const Ip& ip) {
        return ip.family == Family::ipv6 && ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
    };
    const auto reachable = [&](const Ip& ip) {
        return std::any_of(sources.begin(), sources.end(),
                           [&](const Ip& s) { return s.family == ip.family && !is_link_local(s); });
    };
    // RFC 6724 ranks unique local addresses (fc00::/7) below IPv4; glibc still has RFC 3484's table.
    const auto precedence = [libc](const Ip& ip) {
        const bool unique_local = (ip.bytes[0] & 0xfe) == 0xfc;
        if (ip.family == Family::ipv4)
            return libc == Libc::glibc ? 10 : 35;
        return unique_local && libc != Libc::glibc ? 3 : 40;
    };
    sort_stably(addresses, [&](const Ip& a, const Ip& b) {
        const bool a_reachable = reachable(a);
        const bool b_reachable = reachable(b);
        return a_reachable != b_reachable ? a_reachable : precedence(a) > precedence(b);
    });
}

std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               const DigOptions& options) {
    const auto patience = options.timeout.value_or(seconds(conf.timeout_s));
    std::vector<ResolverQuery> record;
    std::uint16_t next_id = 1;
    const auto send = [&](std::size_t server, const std::string& candidate, Protocol protocol) {
        ResolverQuery query;
        query.name = candidate;
        query.type = type;
        query.server = {conf.nameservers[server], 53};
        query.protocol = protocol;
        auto message = dns_query(static_cast<std::uint16_t>(fnv1a(candidate) + next_id++), candidate, type);
        message.question.dns_class = options.dns_class;
        message.recursion_desired = options.recurse;
        message.edns = options.edns;
        auto exchange = ask(query.server, message, patience, protocol);
        query.outcome = exchange.outcome;
        query.answer = std::move(exchange.answer);
        query.elapsed = answered(query) || refused(query) ? std::min(exchange.elapsed, patience) : patience;
        record.push_back(query);
        return query;
    };
    // Server after server, round after round, until one answers.
    for (const auto& candidate : dig_names(conf, name, options.search)) {
        bool done = false;
        bool name_exists = true;
        for (int attempt = 0; attempt < options.tries && !done; ++attempt) {
            for (std::size_t server = 0; server < conf.nameservers.size() && !done; ++server) {
                auto query = send(server, candidate, options.protocol);
                if (answered(query) && query.answer.truncated && query.protocol == Protocol::udp &&
                    !options.ignore_truncation)
                    query = send(server, candidate, Protocol::tcp);
                done = answered(query);
                name_exists = !done || query.answer.code != DnsCode::nxdomain;
            }
        }
        if (name_exists)
            break;
    }
    return record;
}

std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               UseSearch search) {
    DigOptions options;
    options.search = search;
    return dig(ask, conf, name, type, options);
}

std::vector<ResolverQuery> dig(Network& network, NamespaceId from, const ResolverFiles& files, std::string_view name,
                               DnsType type, UseSearch search) {
    return dig(packets(network, from, files), ResolvConf::parse(files.resolv_conf, Libc::glibc), name, type, search);
}

}  // namespace kubewalk::net
