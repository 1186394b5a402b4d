#include "core/addons/coredns/backend.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/net/address.h"

namespace kubewalk::addons::coredns {

using net::DnsRecord;
using net::DnsType;

namespace {

constexpr std::size_t max_cname_chain = 10;

bool same_cname(const DnsRecord& a, const DnsRecord& b) {
    return net::same_dns_name(a.name, b.name) && net::same_dns_name(a.data, b.data);
}

// Adds a CNAME and what it leads to. A chain that ends nowhere inside the zone adds nothing.
void follow_cname(const Backend& backend, const Found& found, std::string_view name, std::string_view zone,
                  DnsType type, const std::vector<DnsRecord>& chain, Records& records) {
    const auto target = net::absolute_name(found.host);
    if (net::in_dns_zone(target, to_lower(name)))
        return;  // x CNAME x
    DnsRecord cname{std::string(name), DnsType::CNAME, found.ttl, target};
    if (chain.size() > max_cname_chain ||
        std::any_of(chain.begin(), chain.end(), [&](const auto& r) { return same_cname(r, cname); }))
        return;
    if (net::in_dns_zone(target, zone)) {
        auto longer = chain;
        longer.push_back(cname);
        auto next = address_records(backend, target, zone, type, longer);
        if (next.name_error || next.answer.empty())
            return;
        records.answer.push_back(std::move(cname));
        records.answer.insert(records.answer.end(), next.answer.begin(), next.answer.end());
        return;
    }
    if (auto message = backend.lookup(target, type)) {
        records.answer.push_back(std::move(cname));
        records.answer.insert(records.answer.end(), message->answer.begin(), message->answer.end());
    }
}

}  // namespace

DnsType host_type(const Found& found) {
    if (auto ip = net::Ip::parse(found.host))
        return ip->family == net::Family::ipv4 ? DnsType::A : DnsType::AAAA;
    return found.text.empty() ? DnsType::CNAME : DnsType::TXT;
}

std::string trim_zone(std::string_view name, std::string_view zone) {
    if (zone == ".")
        return std::string(name.substr(0, name.size() - 1));
    if (name.size() <= zone.size())
        return {};
    return std::string(name.substr(0, name.size() - zone.size() - 1));
}

std::string_view matching_zone(const std::vector<std::string>& zones, std::string_view name) {
    std::string_view best;
    for (const auto& zone : zones)
        if (net::in_dns_zone(name, zone) && zone.size() > best.size())
            best = zone;
    return best;
}

Records address_records(const Backend& backend, std::string_view name, std::string_view zone, DnsType type,
                        const std::vector<DnsRecord>& chain) {
    auto services = backend.services(name, zone, type);
    Records records;
    records.name_error = services.name_error;
    std::set<std::string> seen;
    for (const auto& found : services.found) {
        const auto what = host_type(found);
        if (what == DnsType::CNAME) {
            follow_cname(backend, found, name, zone, type, chain, records);
        } else if (what == type) {
            const auto data = what == DnsType::TXT ? quoted(found.text) : found.host;
            if (seen.insert(data).second)
                records.answer.push_back({std::string(name), type, found.ttl, data});
        }
    }
    return records;
}

Records srv_for(const std::vector<Found>& list, std::string_view name, std::string_view zone,
                const Backend* backend) {
    Records records;
    const int count = static_cast<int>(list.size());
    const int weight = count == 0 ? 0 : std::max(1, 100 / count);
    std::set<std::string> seen;
    for (const auto& found : list) {
        if (found.port == -1)
            continue;
        const auto what = host_type(found);
        const auto target = what == DnsType::CNAME ? net::absolute_name(found.host) : found.owner;
        if (seen.insert(cat(target, "|", found.port)).second)
            records.answer.push_back(
                {std::string(name), DnsType::SRV, found.ttl, cat("0 ", weight, " ", found.port, " ", target)});
        if (what != DnsType::CNAME) {
            if (seen.insert(cat(target, "|", found.host)).second)
                records.additional.push_back({target, what, found.ttl, found.host});
        } else if (backend && !net::in_dns_zone(target, zone) && seen.insert(target).second) {
            for (auto type : {DnsType::A, DnsType::AAAA})
                if (auto message = backend->lookup(target, type))
                    for (const auto& record : message->answer)
                        if (type == DnsType::A || record.type != DnsType::CNAME)
                            records.additional.push_back(record);
        }
    }
    return records;
}

Records srv_records(const Backend& backend, std::string_view name, std::string_view zone) {
    auto services = backend.services(name, zone, DnsType::SRV);
    auto records = srv_for(services.found, name, zone, &backend);
    records.name_error = services.name_error;
    return records;
}

Records cname_records(const Backend& backend, std::string_view name, std::string_view zone) {
    auto services = backend.services(name, zone, DnsType::CNAME);
    Records records;
    records.name_error = services.name_error;
    if (!services.found.empty() && !net::Ip::parse(services.found.front().host)) {
        const auto& found = services.found.front();
        records.answer.push_back({std::string(name), DnsType::CNAME, found.ttl, net::absolute_name(found.host)});
    }
    return records;
}

Records ptr_records(const Backend& backend, std::string_view name, std::string_view zone) {
    auto services = backend.reverse(name, zone);
    Records records;
    records.name_error = services.name_error;
    std::set<std::string> seen;
    for (const auto& found : services.found)
        if (seen.insert(found.host).second)
            records.answer.push_back({std::string(name), DnsType::PTR, found.ttl, net::absolute_name(found.host)});
    return records;
}

Records ns_records(const Backend& backend, std::string_view name, std::string_view zone) {
    auto services = backend.services(cat("ns.dns.", zone), zone, DnsType::NS);
    Records records;
    records.name_error = services.name_error;
    std::set<std::string> seen;
    for (const auto& found : services.found) {
        records.additional.push_back({found.owner, host_type(found), found.ttl, found.host});
        if (seen.insert(found.owner).second)
            records.answer.push_back({std::string(name), DnsType::NS, found.ttl, found.owner});
    }
    return records;
}

DnsRecord soa_record(const Backend& backend, std::string_view zone) {
    constexpr std::uint32_t longest = 300;
    const auto below = [zone](std::string_view label) {
        return zone == "." ? cat(label, ".") : cat(label, ".", zone);
    };
    const auto ttl = backend.min_ttl();
    return {std::string(zone), DnsType::SOA, std::min(ttl, longest),
            cat(below("ns.dns"), " ", below("hostmaster"), " ", backend.serial(), " 7200 1800 86400 ", ttl)};
}

}  // namespace kubewalk::addons::coredns
