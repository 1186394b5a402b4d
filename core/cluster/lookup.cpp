#include "core/cluster/lookup.h"

#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cluster {

namespace {

std::optional<net::DnsType> parse_type(std::string_view text) {
    static constexpr net::DnsType types[] = {net::DnsType::A,   net::DnsType::AAAA, net::DnsType::CNAME,
                                             net::DnsType::MX,  net::DnsType::NS,   net::DnsType::PTR,
                                             net::DnsType::SOA, net::DnsType::SRV,  net::DnsType::TXT, net::DnsType::ANY};
    const std::string wanted = to_lower(text);
    for (const auto type : types)
        if (to_lower(net::dns_type_name(type)) == wanted)
            return type;
    return std::nullopt;
}

}  // namespace

Result<Lookup> look_up(Cluster& cluster, std::string_view from, std::string_view name, std::string_view type,
                       net::UseSearch search) {
    const auto wanted = parse_type(type.empty() ? "A" : type);
    if (!wanted)
        return Error{"InvalidType", cat("unknown record type ", quoted(type)), {}, 0, 0};
    KUBEWALK_TRY(process, cluster.process_at(from));
    cluster.simulation().record(sim::EntryKind::traffic, from, {}, {"traffic.lookup", {std::string(from), std::string(name)}});
    Lookup lookup;
    lookup.from = from;
    lookup.name = name;
    lookup.type = *wanted;
    const net::ResolverFiles files{process.files["/etc/resolv.conf"], process.files["/etc/hosts"]};
    lookup.queries = net::dig(cluster.network(), process.netns, files, name, *wanted, search);
    return lookup;
}

namespace {

api::Value records_json(const std::vector<net::DnsRecord>& records) {
    api::Value out = api::Value::array();
    for (const auto& record : records)
        out.push_back(api::Value::object({{"name", record.name},
                                          {"type", net::dns_type_name(record.type)},
                                          {"ttl", static_cast<std::int64_t>(record.ttl)},
                                          {"data", record.data}}));
    return out;
}

}  // namespace

api::Value lookup_json(const Lookup& lookup) {
    api::Value queries = api::Value::array();
    for (const auto& query : lookup.queries) {
        const bool answered = query.outcome == net::Outcome::delivered;
        queries.push_back(api::Value::object({{"name", query.name},
                                              {"type", net::dns_type_name(query.type)},
                                              {"server", query.server.text()},
                                              {"outcome", net::outcome_name(query.outcome)},
                                              {"rcode", answered ? api::Value(net::dns_code_name(query.answer.code)) : api::Value()},
                                              {"answer", records_json(query.answer.answer)},
                                              {"authority", records_json(query.answer.authority)},
                                              {"elapsedMs", static_cast<double>(query.elapsed.ns) / 1e6}}));
    }
    return api::Value::object({{"from", lookup.from}, {"name", lookup.name}, {"type", net::dns_type_name(lookup.type)}, {"queries", queries}});
}

std::string lookup_text(const Lookup& lookup) {
    std::string out;
    int number = 0;
    for (const auto& query : lookup.queries) {
        append(out, ++number, "  ", net::dns_type_name(query.type), "  ", query.name, "  @", query.server.text(), "  ");
        if (query.outcome != net::Outcome::delivered) {
            append(out, net::outcome_name(query.outcome), "\n");
            continue;
        }
        append(out, net::dns_code_name(query.answer.code), "\n");
        for (const auto& record : query.answer.answer)
            append(out, "   ", record.name, "\t", record.ttl, "\tIN\t", net::dns_type_name(record.type), "\t", record.data, "\n");
    }
    return out;
}

}  // namespace kubewalk::cluster
