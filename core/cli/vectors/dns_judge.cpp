#include "core/cli/vectors/dns_judge.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::cli {

using namespace addons::coredns;

Index dns_index(const api::Value& fixture) {
    Index index;
    for (const auto& object : fixture["namespaces"].items())
        index.set_namespace(object);
    for (const auto& object : fixture["services"].items())
        index.set_service(object);
    for (const auto& object : fixture["endpointSlices"].items())
        index.set_endpoint_slice(object);
    for (const auto& object : fixture["pods"].items())
        index.set_pod(object);
    return index;
}

Result<net::DnsMessage> DnsFixtureServer::ask(std::string_view corefile, std::string_view name,
                                              net::DnsType type) const {
    // One-line blocks of the vectors' notes, as the Corefile would write them.
    auto plugins = replace_all(replace_all(corefile, "{ ", "{\n"), " }", "\n}");
    if (upstream)
        plugins += "\nforward . 192.0.2.1";
    KUBEWALK_TRY(servers, Servers::load(cat(".:53 {\n", plugins, "\n}\n"), "Corefile", {}));
    ChainState state;
    Query query{*servers, index, synced, [] { return std::vector<net::Ip>{net::Ip::v4(127, 0, 0, 1)}; }, {}, {}, state,
                [this](net::SocketAddress, const net::DnsMessage& question, Duration, net::Protocol) {
                    return net::Network::DnsExchange{net::Outcome::delivered, upstream(question), milliseconds(1)};
                }};
    return servers->serve(query, net::dns_query(1, name, type));
}

// The tables write record data as a zone file may: names without their last dot, texts without quotes.
static std::string canonical_data(net::DnsType type, std::string_view data) {
    using net::DnsType;
    if (type == DnsType::TXT)
        return data.starts_with('"') ? std::string(data) : cat('"', data, '"');
    const bool ends_in_name = type == DnsType::CNAME || type == DnsType::PTR || type == DnsType::NS || type == DnsType::SRV ||
                              type == DnsType::MX;
    return ends_in_name && !data.ends_with('.') ? cat(data, '.') : std::string(data);
}

std::vector<net::DnsRecord> dns_records_of(const api::Value& list) {
    std::vector<net::DnsRecord> records;
    for (const auto& item : list.items()) {
        const auto type = net::parse_dns_type(item["type"].as_string()).value_or(net::DnsType::ANY);
        records.push_back({net::absolute_name(item["name"].as_string()), type, static_cast<std::uint32_t>(item["ttl"].as_int()),
                           canonical_data(type, item["rdata"].as_string())});
    }
    return records;
}

std::string dns_section_text(const std::vector<net::DnsRecord>& records, CompareTtl ttl) {
    std::vector<std::string> lines;
    for (const auto& record : records) {
        const bool soa = record.type == net::DnsType::SOA;
        const auto data = soa ? record.data.substr(0, record.data.find(' ')) : record.data;
        lines.push_back(cat(record.name, " ", ttl == CompareTtl::yes && !soa ? cat(record.ttl, " ") : std::string(),
                            net::dns_type_name(record.type), " ", data));
    }
    std::sort(lines.begin(), lines.end());
    return join(lines, "; ");
}

void take_any_ttl(std::vector<net::DnsRecord>& expected, const std::vector<net::DnsRecord>& found) {
    constexpr std::uint32_t any = 303;
    for (auto& record : expected)
        for (const auto& other : found)
            if (record.ttl == any && other.name == record.name && other.type == record.type)
                record.ttl = other.ttl;
}

}  // namespace kubewalk::cli
