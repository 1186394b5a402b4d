#include "core/cluster/upstream_dns.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::cluster {

namespace {

std::optional<net::DnsType> type_of(std::string_view name) {
    for (const auto type : {net::DnsType::A, net::DnsType::AAAA, net::DnsType::CNAME, net::DnsType::MX, net::DnsType::TXT})
        if (net::dns_type_name(type) == name)
            return type;
    return std::nullopt;
}

}  // namespace

Result<UpstreamDns::Zone> UpstreamDns::parse_zone(std::string_view json) {
    KUBEWALK_TRY(root, api::parse_json(json));
    Zone zone;
    for (const auto& item : root["records"].items()) {
        const auto type = type_of(item["type"].as_string());
        if (!type || !item["name"].as_string().ends_with('.'))
            return Error{"Invalid", cat("internet.json: bad record ", item["name"].as_string()), {}, 0, 0};
        net::DnsRecord record;
        record.name = item["name"].str();
        record.type = *type;
        record.ttl = static_cast<std::uint32_t>(item["ttl"].as_int(300));
        record.data = item["data"].str();
        zone[to_lower(record.name)].push_back(std::move(record));
    }
    return zone;
}

UpstreamDns::UpstreamDns(net::Network& network, net::NamespaceId netns, Zone zone)
    : network_(&network), netns_(netns), zone_(std::make_shared<const Zone>(std::move(zone))) {}

void UpstreamDns::start() {
    for (const auto protocol : {net::Protocol::udp, net::Protocol::tcp}) {
        net::Listener listener;
        listener.protocol = protocol;
        listener.port = 53;
        listener.owner = id();
        listener.process = "dnsmasq";
        (void)network_->listen(netns_, std::move(listener));  // the machine is new: the port is free
    }
}

net::HttpResponse UpstreamDns::serve_http(const net::HttpRequest&, const net::Peer&) {
    net::HttpResponse response;
    response.status = 400;
    return response;
}

std::optional<net::DnsMessage> UpstreamDns::serve_dns(const net::DnsMessage& query, const net::Peer&) {
    net::DnsMessage answer;
    answer.id = query.id;
    answer.response = true;
    answer.recursion_desired = query.recursion_desired;
    answer.recursion_available = true;
    answer.question = query.question;
    std::string name = to_lower(query.question.name);
    for (int links = 0; links < 8; ++links) {  // a CNAME chain ends somewhere
        const auto found = zone_->find(name);
        if (found == zone_->end()) {
            if (links == 0)
                answer.code = net::DnsCode::nxdomain;
            break;
        }
        std::string next;
        for (const auto& record : found->second) {
            if (record.type == query.question.type || record.type == net::DnsType::CNAME || query.question.type == net::DnsType::ANY)
                answer.answer.push_back(record);
            if (record.type == net::DnsType::CNAME && query.question.type != net::DnsType::CNAME)
                next = to_lower(record.data);
        }
        if (next.empty())
            break;
        name = next;
    }
    return answer;
}

}  // namespace kubewalk::cluster
