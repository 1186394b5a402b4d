// resolver/search-ndots.json: resolv.conf x name x C library -> queries in order and outcome.

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/net/resolver.h"

namespace kubewalk::cli {

namespace {

using net::DnsCode;
using net::DnsMessage;
using net::DnsType;

// The zone of the file as a DNS server answers it.
DnsMessage answer_from_zone(const api::Value& zone, const DnsMessage& query) {
    DnsMessage reply = net::dns_reply(query, DnsCode::nxdomain);
    reply.authoritative = true;
    reply.recursion_available = true;
    for (const auto& [name, entry] : zone.members()) {
        if (!net::same_dns_name(net::absolute_name(name), query.question.name))
            continue;
        reply.code = static_cast<DnsCode>(entry["rcode"].as_int(0));
        const auto type = net::dns_type_name(query.question.type);
        for (const auto& address : entry[type].items())
            reply.answer.push_back({query.question.name, query.question.type, 30, address.str()});
    }
    return reply;
}

std::string code_text(const DnsMessage& answer) {
    std::string text(net::dns_code_name(answer.code));
    return answer.code == DnsCode::noerror && answer.answer.empty() ? text + "(empty)" : text;
}

// One name as it was asked for: "name A=NXDOMAIN AAAA=NXDOMAIN x2".
struct Asked {
    std::string name;
    std::map<std::string, std::string> codes;
    std::int64_t count = 0;
};

std::string text_of(const std::vector<Asked>& queries, std::vector<std::string> addresses, std::string_view error) {
    std::string text;
    for (const auto& asked : queries) {
        append(text, asked.name);
        for (const auto& [type, code] : asked.codes)
            append(text, " ", type, "=", code);
        append(text, " x", asked.count, "; ");
    }
    std::sort(addresses.begin(), addresses.end());  // the order is the sorting of RFC 6724, not judged
    return cat(text, "-> ", join(addresses, ","), " ", error);
}

std::string expected_text(const api::Value& one) {
    std::vector<Asked> queries;
    for (const auto& query : one["queries"].items()) {
        Asked asked{query["name"].str(), {}, query["count"].as_int()};
        for (const auto& [type, code] : query["rcode"].members())
            asked.codes[type] = code.str();
        queries.push_back(asked);
    }
    std::vector<std::string> addresses;
    for (const auto& address : one["addresses"].items())
        addresses.push_back(address.str());
    // The recording printed what each library's own interface says.
    const std::map<std::string_view, std::string_view> names = {
        {"No address associated with hostname", "EAI_NODATA"},
        {"notfound=true temporary=false no such host", "EAI_NONAME"},
    };
    auto error = one["error"].as_string();
    auto known = names.find(error);
    return text_of(queries, addresses, known == names.end() ? error : known->second);
}

std::string found_text(const net::Resolution& result) {
    std::vector<Asked> queries;
    for (const auto& query : result.queries) {
        auto name = query.name.substr(0, query.name.size() - 1);
        auto at = std::find_if(queries.begin(), queries.end(), [&](const auto& asked) { return asked.name == name; });
        if (at == queries.end())
            at = queries.insert(at, Asked{name, {}, 0});
        at->codes[std::string(net::dns_type_name(query.type))] = code_text(query.answer);
        ++at->count;
    }
    std::vector<std::string> addresses;
    for (const auto& ip : result.addresses)
        addresses.push_back(ip.text());
    return text_of(queries, addresses, result.error);
}

}  // namespace

void run_resolver(const api::Value& root, Report& report) {
    const std::map<std::string_view, net::Libc> libraries = {
        {"glibc", net::Libc::glibc}, {"musl", net::Libc::musl}, {"go", net::Libc::go}};
    const auto& zone = root["zone"];
    const net::AskServer ask = [&zone](net::SocketAddress, const DnsMessage& query, Duration, net::Protocol) {
        return net::Network::DnsExchange{net::Outcome::delivered, answer_from_zone(zone, query), milliseconds(1)};
    };
    for (const auto& one : root["cases"].items()) {
        const auto id = cat(one["config"].as_string(), "/", one["resolver"].as_string(), "/",
                            one["family"].as_string(), "/", one["name"].as_string());
        auto libc = libraries.find(one["resolver"].as_string());
        if (libc == libraries.end()) {
            report.skip(id, "unknown resolver");
            continue;
        }
        const net::ResolverFiles files{root["resolvConf"][one["config"].as_string()].str(), root["etcHosts"].str()};
        const auto families =
            one["family"].as_string() == "IPv4" ? net::WantFamilies::ipv4_only : net::WantFamilies::both;
        report.check(id, expected_text(one),
                     found_text(net::resolve(ask, files, libc->second, one["name"].as_string(), families)));
    }
}

}  // namespace kubewalk::cli
