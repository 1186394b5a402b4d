// file: zones from zone files that are mounted. Upstream: coredns plugin/file/{setup,file,lookup,zone}.go.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/addons/coredns/zone_text.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

struct Zone {
    std::string origin;
    std::map<std::string, std::vector<DnsRecord>> names;

    // "www" exists when something stands at or below it.
    bool exists(const std::string& name) const {
        if (names.count(name) > 0)
            return true;
        return std::any_of(names.begin(), names.end(), [&](const auto& n) { return net::in_dns_zone(n.first, name); });
    }
    std::vector<DnsRecord> find(const std::string& name, DnsType type) const {
        std::vector<DnsRecord> found;
        if (const auto at = names.find(name); at != names.end())
            for (const auto& record : at->second)
                if (record.type == type || type == DnsType::ANY)
                    found.push_back(record);
        return found;
    }
};

class File final : public Handler {
public:
    File(std::vector<Zone> zones, Fallthrough fall) : zones_(std::move(zones)), fall_(std::move(fall)) {
        for (const auto& zone : zones_)
            origins_.push_back(zone.origin);
    }
    std::string_view name() const override { return "file"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        const auto origin = matching_zone(origins_, qname);
        if (origin.empty())
            return next(query, message, chain, position, name());
        const auto& zone =
            *std::find_if(zones_.begin(), zones_.end(), [&](const auto& z) { return z.origin == origin; });
        auto reply = net::dns_reply(message);
        reply.authoritative = true;
        if (!look_up_in(query, zone, qname, message.question, reply)) {
            if (fall_.through(qname))
                return next(query, message, chain, position, name());
            reply.code = DnsCode::nxdomain;
        }
        if (reply.answer.empty() && reply.authority.empty())
            reply.authority = zone.find(zone.origin, DnsType::SOA);
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    // False: no such name.
    static bool look_up_in(Query& query, const Zone& zone, std::string qname, const net::DnsQuestion& question,
                           DnsMessage& reply) {
        constexpr int longest_chain = 8;
        std::string owner = question.name;
        for (int i = 0; i < longest_chain; ++i) {
            // A delegation above the name.
            for (std::string above = qname; above != zone.origin; above = above.substr(above.find('.') + 1)) {
                auto servers = zone.find(above, DnsType::NS);
                if (servers.empty() || (above == qname && question.type == DnsType::DS))
                    continue;
                reply.authoritative = false;
                reply.authority = servers;
                for (const auto& server : servers)
                    for (auto type : {DnsType::A, DnsType::AAAA})
                        for (auto& glue : zone.find(to_lower(server.data), type))
                            reply.additional.push_back(glue);
                return true;
            }
            auto at = qname;
            if (!zone.exists(qname)) {  // a wildcard at the closest name that exists
                auto above = qname;
                do
                    above = above.substr(above.find('.') + 1);
                while (above != zone.origin && !zone.exists(above));
                at = cat("*.", above);
                if (zone.names.count(at) == 0)
                    return i > 0;
            }
            auto found = zone.find(at, question.type);
            const auto alias = zone.find(at, DnsType::CNAME);
            const bool follow = found.empty() && !alias.empty() && question.type != DnsType::CNAME;
            for (auto record : follow ? alias : found) {
                record.name = owner;
                reply.answer.push_back(std::move(record));
            }
            if (!follow) {
                if (!found.empty() && question.type != DnsType::NS)
                    reply.authority = zone.find(zone.origin, DnsType::NS);
                return true;
            }
            owner = alias.front().data;
            qname = to_lower(owner);
            if (!net::in_dns_zone(qname, zone.origin)) {
                if (auto outside = look_up(query, qname, question.type))
                    reply.answer.insert(reply.answer.end(), outside->answer.begin(), outside->answer.end());
                return true;
            }
        }
        return true;
    }

    std::vector<Zone> zones_;
    std::vector<std::string> origins_;
    Fallthrough fall_;
};

}  // namespace

Result<void> setup_file(const Setup& setup, PluginSetup& into) {
    std::vector<Zone> zones;
    Fallthrough fall;
    for (const auto& directive : setup.directives) {
        if (directive.args.empty())
            return setup.argument_error(directive);
        const auto& path = directive.args[0];
        const auto text = setup.files.find(path);
        if (text == setup.files.end())
            return plain_error(cat("open ", path, ": no such file or directory"));
        for (const auto& origin : setup.origins({directive.args.begin() + 1, directive.args.end()})) {
            KUBEWALK_TRY(records, parse_zone(text->second, origin));
            Zone zone{origin, {}};
            for (auto& record : records)
                zone.names[to_lower(record.name)].push_back(std::move(record));
            if (zone.find(origin, DnsType::SOA).empty())
                return plain_error(cat("file ", quoted(path), " has no SOA record for origin ", origin));
            zones.push_back(std::move(zone));
        }
        for (const auto& property : directive.block) {
            if (property.name == "fallthrough")
                fall.set(property.args);
            else if (property.name != "reload" && property.name != "upstream")
                return setup.unknown(property);
        }
    }
    into.chain.push_back(std::make_shared<File>(std::move(zones), std::move(fall)));
    return {};
}

}  // namespace kubewalk::addons::coredns
