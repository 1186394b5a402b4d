// Upstream: getaddrinfo(3), nsswitch "files dns"; BIND 9 bin/dig/dighost.c for dig's search list.

#include "core/net/resolver.h"

#include <algorithm>

#include "core/base/random.h"
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
    return families == WantFamilies::both || ip.family == Family::ipv4;
}

bool take_from_hosts(Resolution& result, std::string_view hosts, std::string_view name, WantFamilies families) {
    if (absolute(name))
        name.remove_suffix(1);
    for (const auto& entry : parse_hosts(hosts)) {
        const bool named = std::any_of(entry.names.begin(), entry.names.end(),
                                       [name](const auto& n) { return same_dns_name(n, name); });
        if (!named || !wanted(entry.ip, families))
            continue;
        if (result.addresses.empty())
            result.canonical_name = entry.names.front();
        if (std::find(result.addresses.begin(), result.addresses.end(), entry.ip) == result.addresses.end())
            result.addresses.push_back(entry.ip);
    }
    result.from_hosts = !result.addresses.empty();
    return result.from_hosts;
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

AskServer packets(Network& network, NamespaceId from) {
    return [&network, from](SocketAddress server, const DnsMessage& query, Duration give_up) {
        return network.dns(from, server, query, give_up);
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

ResolverQuery ResolverEngine::send(std::size_t server_index, std::string_view name, DnsType type, Duration timeout) {
    ResolverQuery query;
    query.name = std::string(name);
    query.type = type;
    query.server = server(server_index);
    // Ids need only differ from query to query; taken from the name, they are the same in every replay.
    const auto id = static_cast<std::uint16_t>(fnv1a(name) + next_id++);
    auto exchange = ask(query.server, dns_query(id, name, type), timeout);
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
    if (take_from_hosts(result, files.hosts, name, families))
        return result;
    const auto conf = ResolvConf::parse(files.resolv_conf, libc);
    ResolverEngine engine{ask, conf, families, result};
    library(libc).resolve(engine, name);
    return result;
}

Resolution resolve(Network& network, NamespaceId from, const ResolverFiles& files, Libc libc, std::string_view name,
                   WantFamilies families) {
    return resolve(packets(network, from), files, libc, name, families);
}

std::vector<ResolverQuery> dig(const AskServer& ask, const ResolvConf& conf, std::string_view name, DnsType type,
                               UseSearch search) {
    Resolution record;
    ResolverEngine engine{ask, conf, WantFamilies::both, record};
    // dig +tries=3: server after server, three rounds, until one answers.
    constexpr int tries = 3;
    for (const auto& candidate : dig_names(conf, name, search)) {
        bool done = false;
        bool name_exists = true;
        for (int attempt = 0; attempt < tries && !done; ++attempt) {
            for (std::size_t server = 0; server < conf.nameservers.size() && !done; ++server) {
                auto query = engine.send(server, candidate, type, seconds(conf.timeout_s));
                done = answered(query);
                name_exists = !done || query.answer.code != DnsCode::nxdomain;
            }
        }
        if (name_exists)
            break;
    }
    return std::move(record.queries);
}

std::vector<ResolverQuery> dig(Network& network, NamespaceId from, const ResolverFiles& files, std::string_view name,
                               DnsType type, UseSearch search) {
    return dig(packets(network, from), ResolvConf::parse(files.resolv_conf, Libc::glibc), name, type, search);
}

}  // namespace kubewalk::net
