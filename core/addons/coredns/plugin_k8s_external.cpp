// k8s_external: Services by their outside addresses. Upstream: coredns plugin/k8s_external.

#include "core/addons/coredns/kubernetes.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

struct ExternalConfig {
    std::vector<std::string> zones;
    std::string apex = "dns";
    std::uint32_t ttl = 5;
    KubernetesBackend::Headless headless = KubernetesBackend::Headless::no;
    Fallthrough fall;
};

class External final : public Handler {
public:
    explicit External(ExternalConfig config) : config_(std::move(config)) {}
    std::string_view name() const override { return "k8s_external"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        const std::string zone(matching_zone(config_.zones, qname));
        const auto* kubernetes = query.servers.kubernetes();
        if (zone.empty() || !kubernetes)
            return next(query, message, chain, position, name());
        const KubernetesBackend backend(*kubernetes, query.index, query.local_addresses, {});
        auto reply = net::dns_reply(message);
        reply.authoritative = true;
        if (qname == zone || net::in_dns_zone(qname, cat(config_.apex, ".", zone))) {
            serve_apex(backend, qname, zone, reply);
        } else {
            auto external = backend.external(qname, zone, message.question.type, config_.headless);
            if (external.found.empty() && external.code == DnsCode::nxdomain && config_.fall.through(qname))
                return next(query, message, chain, position, name());
            reply.code = external.found.empty() ? external.code : DnsCode::noerror;
            fill(external.found, message.question.name, zone, reply);
        }
        if (reply.answer.empty())
            reply.authority = {soa(backend, zone)};
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    DnsRecord soa(const KubernetesBackend& backend, const std::string& zone) const {
        return {zone, DnsType::SOA, config_.ttl,
                cat("ns1.", config_.apex, ".", zone, " hostmaster.", config_.apex, ".", zone, " ", backend.serial(),
                    " 7200 1800 86400 ", config_.ttl)};
    }

    void fill(const std::vector<Found>& found, const std::string& qname, const std::string& zone,
              DnsMessage& reply) const {
        const auto type = reply.question.type;
        if (type == DnsType::SRV) {
            auto records = srv_for(found, qname, zone, nullptr);
            reply.answer = std::move(records.answer);
            reply.additional = std::move(records.additional);
            return;
        }
        for (const auto& one : found) {
            DnsRecord record{qname, type, config_.ttl, one.host};
            const auto what = host_type(one);
            if (type == DnsType::PTR)
                record.data = cat(one.host, ".", config_.zones.front());
            else if (what == DnsType::CNAME && (type == DnsType::A || type == DnsType::AAAA))
                record = {qname, what, config_.ttl, net::absolute_name(one.host)};
            else if (what != type)
                continue;
            bool seen = false;
            for (const auto& other : reply.answer)
                seen |= other.data == record.data;
            if (!seen)
                reply.answer.push_back(std::move(record));
        }
    }

    // The zone itself, dns.ZONE and ns1.dns.ZONE.
    void serve_apex(const KubernetesBackend& backend, const std::string& qname, const std::string& zone,
                    DnsMessage& reply) const {
        const auto type = reply.question.type;
        const auto name_server = cat("ns1.", config_.apex, ".", zone);
        const auto addresses = backend.name_server_addresses(zone, true, config_.headless);
        if (qname == zone) {
            if (type == DnsType::SOA)
                reply.answer.push_back(soa(backend, zone));
            if (type == DnsType::NS) {
                reply.answer.push_back({zone, type, config_.ttl, name_server});
                for (const auto& found : addresses)
                    reply.additional.push_back({name_server, host_type(found), config_.ttl, found.host});
            }
        } else if (qname == name_server) {
            for (const auto& found : addresses)
                if (host_type(found) == type)
                    reply.answer.push_back({reply.question.name, type, config_.ttl, found.host});
        } else if (qname != cat(config_.apex, ".", zone)) {
            reply.code = DnsCode::nxdomain;
        }
    }

    ExternalConfig config_;
};

}  // namespace

Result<void> setup_k8s_external(const Setup& setup, PluginSetup& into) {
    const auto& directive = setup.directives.front();
    ExternalConfig config;
    config.zones = setup.origins(directive.args);
    for (const auto& property : directive.block) {
        if (property.name == "ttl" || property.name == "apex") {
            if (property.args.empty())
                return setup.argument_error(property);
            if (property.name == "apex") {
                config.apex = property.args[0];
                continue;
            }
            const auto ttl = parse_int(property.args[0]).value_or(-1);
            if (ttl < 0 || ttl > 3600)
                return setup.error(property.line, cat("ttl must be in range [0, 3600]: ", ttl));
            config.ttl = static_cast<std::uint32_t>(ttl);
        } else if (property.name == "headless") {
            config.headless = KubernetesBackend::Headless::yes;
        } else if (property.name == "fallthrough") {
            config.fall.set(property.args);
        } else {
            return setup.unknown(property);
        }
    }
    into.chain.push_back(std::make_shared<External>(std::move(config)));
    return {};
}

}  // namespace kubewalk::addons::coredns
