#include "core/addons/coredns/kubernetes.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsType;

namespace {

constexpr std::string_view schema_version = "1.1.0";
constexpr std::uint32_t schema_version_ttl = 28800;

class KubernetesPlugin final : public Handler {
public:
    explicit KubernetesPlugin(std::shared_ptr<const KubernetesConfig> config) : config_(std::move(config)) {}
    std::string_view name() const override { return "kubernetes"; }
    bool ready(bool synced) const override { return synced; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        AnswerMemo& memo = query.state.answers;
        const std::uint64_t state = query.index.revision() << 32 ^ query.index.serial;
        if (query.synced)
            if (const DnsMessage* known = memo.find(message.question, state, config_.get()))
                return {again(*known, message), DnsCode::noerror, {}, name()};
        bool own = true;  // nobody else was asked, not even this Pod's own addresses
        const auto lookup = [&](std::string_view asked, DnsType type) {
            own = false;
            return look_up(query, asked, type);
        };
        const auto local = [&] {
            own = false;
            return query.local_addresses ? query.local_addresses() : std::vector<net::Ip>{};
        };
        KubernetesBackend backend(*config_, query.index, local, lookup);
        auto reply = answer(*config_, backend, query.synced, message);
        if (!reply)
            return next(query, message, chain, position, name());
        if (own && query.synced)
            memo.keep(*reply);
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    // The same records for another query of the same question.
    static DnsMessage again(const DnsMessage& known, const DnsMessage& query) {
        DnsMessage reply = net::dns_reply(query, known.code);
        reply.authoritative = known.authoritative;
        reply.answer = known.answer;
        reply.authority = known.authority;
        reply.additional = known.additional;
        return reply;
    }

    std::shared_ptr<const KubernetesConfig> config_;
};

bool is_reverse(std::string_view zone) {
    return net::in_dns_zone(zone, "in-addr.arpa.") || net::in_dns_zone(zone, "ip6.arpa.");
}

using Apply = Result<void> (*)(KubernetesConfig&, const Property&, const Setup&);
struct Option {
    std::string_view name;
    Apply apply;
};

Result<void> pods_option(KubernetesConfig& config, const Property& property, const Setup& setup) {
    if (property.args.size() != 1)
        return setup.argument_error(property);
    if (property.args[0] == "disabled")
        config.pods = PodMode::disabled;
    else if (property.args[0] == "insecure")
        config.pods = PodMode::insecure;
    else if (property.args[0] == "verified")
        config.pods = PodMode::verified;
    else
        return Error{"ParseError", cat("wrong value for pods: ", property.args[0],
                                       ",  must be one of: disabled, verified, insecure"), {}, property.line, 0};
    return {};
}

Result<void> ttl_option(KubernetesConfig& config, const Property& property, const Setup& setup) {
    if (property.args.empty())
        return setup.argument_error(property);
    auto ttl = parse_int(property.args[0]);
    if (!ttl)
        return Error{"ParseError", cat("strconv.Atoi: parsing ", quoted(property.args[0]), ": invalid syntax"), {},
                     property.line, 0};
    if (*ttl < 0 || *ttl > 3600)
        return setup.error(property.line, cat("ttl must be in range [0, 3600]: ", *ttl));
    config.ttl = static_cast<std::uint32_t>(*ttl);
    return {};
}

Result<void> ignore_option(KubernetesConfig& config, const Property& property, const Setup&) {
    if (property.args.empty())
        return {};
    if (property.args[0] != "empty_service")
        return Error{
            "ParseError", cat("unable to parse ignore value: '", property.args[0], "'"), {}, property.line, 0};
    config.ignore_empty_service = true;
    return {};
}

Result<void> startup_timeout_option(KubernetesConfig& config, const Property& property, const Setup& setup) {
    if (property.args.empty())
        return setup.argument_error(property);
    auto timeout = parse_go_duration(property.args[0]);
    if (!timeout)
        return Error{"ParseError", cat("failed to parse startup_timeout: ", property.args[0]), {}, property.line, 0};
    config.startup_timeout = *timeout;
    return {};
}

// Options that take words, and options that take none.
template <auto Member>
Result<void> selector_option(KubernetesConfig& config, const Property& property, const Setup& setup) {
    if (property.args.empty())
        return setup.argument_error(property);
    config.*Member = join(property.args, " ");
    return {};
}
template <auto Member, auto Setting>
Result<void> flag_option(KubernetesConfig& config, const Property& property, const Setup& setup) {
    if (!property.args.empty())
        return setup.argument_error(property);
    config.*Member = Setting;
    return {};
}

constexpr Option options[] = {
    {"endpoint_pod_names", flag_option<&KubernetesConfig::endpoint_names, EndpointNames::pods>},
    {"noendpoints", flag_option<&KubernetesConfig::endpoints, false>},
    {"zonal", flag_option<&KubernetesConfig::zonal, true>},
    {"pods", pods_option},
    {"ttl", ttl_option},
    {"ignore", ignore_option},
    {"startup_timeout", startup_timeout_option},
    {"labels", selector_option<&KubernetesConfig::labels>},
    {"namespace_labels", selector_option<&KubernetesConfig::namespace_labels>},
    {"namespaces",
     [](KubernetesConfig& config, const Property& property, const Setup& setup) -> Result<void> {
         if (property.args.empty())
             return setup.argument_error(property);
         config.namespaces.insert(property.args.begin(), property.args.end());
         return {};
     }},
    {"fallthrough",
     [](KubernetesConfig& config, const Property& property, const Setup&) -> Result<void> {
         config.fall.set(property.args);
         return {};
     }},
    // How it reaches the API server: here it always does so in the cluster.
    {"endpoint", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
    {"tls", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
    {"kubeconfig", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
    {"apiserver_qps", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
    {"apiserver_burst", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
    {"apiserver_max_inflight", [](KubernetesConfig&, const Property&, const Setup&) -> Result<void> { return {}; }},
};

}  // namespace

std::string_view KubernetesConfig::primary_zone() const {
    for (const auto& zone : zones)
        if (!is_reverse(zone))
            return zone;
    return {};
}

Result<std::shared_ptr<const KubernetesConfig>> parse_kubernetes(const Setup& setup) {
    if (setup.directives.size() > 1)
        return Error{
            "ParseError", "this plugin can only be used once per Server Block", {}, setup.directives[1].line, 0};
    const auto& directive = setup.directives.front();
    KubernetesConfig config;
    config.zones = setup.origins(directive.args);
    if (config.primary_zone().empty())
        return Error{"ParseError", "non-reverse zone name must be used", {}, directive.line, 0};
    for (const auto& property : directive.block) {
        const auto* option = std::find_if(std::begin(options), std::end(options),
                                          [&](const auto& o) { return o.name == property.name; });
        if (option == std::end(options))
            return setup.unknown(property);
        if (auto applied = option->apply(config, property, setup); !applied)
            return applied.error();
    }
    if (!config.namespaces.empty() && !config.namespace_labels.empty())
        return setup.error(directive.line, "namespaces and namespace_labels cannot both be set");
    if (config.zonal && !config.endpoints)
        return setup.error(directive.line, "zonal requires the endpoint cache; remove noendpoints");
    return std::shared_ptr<const KubernetesConfig>(std::make_shared<KubernetesConfig>(std::move(config)));
}

Result<void> setup_kubernetes(const Setup& setup, PluginSetup& into) {
    KUBEWALK_TRY(config, parse_kubernetes(setup));
    into.kubernetes() = config;
    into.chain.push_back(std::make_shared<KubernetesPlugin>(config));
    return {};
}

std::optional<DnsMessage> answer(const KubernetesConfig& config, const KubernetesBackend& backend, bool synced,
                                 const DnsMessage& query) {
    const std::string& name = query.question.name;
    const auto matched = matching_zone(config.zones, name);
    if (matched.empty())
        return std::nullopt;
    // The zone in the letter case of the question.
    const std::string zone = name.substr(name.size() - matched.size());
    const std::string lower_name = to_lower(name);
    Records records;
    switch (query.question.type) {
    case DnsType::A:
    case DnsType::AAAA:
    case DnsType::TXT: records = address_records(backend, name, zone, query.question.type); break;
    case DnsType::CNAME: records = cname_records(backend, name, zone); break;
    case DnsType::PTR: records = ptr_records(backend, name, zone); break;
    case DnsType::SRV: records = srv_records(backend, name, zone); break;
    case DnsType::SOA:
        if (name == zone)
            records.answer.push_back(soa_record(backend, zone));
        break;
    case DnsType::NS:
        if (lower_name == zone) {
            records = ns_records(backend, name, zone);
            break;
        }
        [[fallthrough]];
    default:  // an address lookup tells NODATA from NXDOMAIN
        records.name_error = address_records(backend, name, zone, DnsType::A).name_error;
    }
    if (records.name_error && config.fall.through(lower_name))
        return std::nullopt;
    auto reply = net::dns_reply(query);
    reply.authoritative = true;
    if (records.name_error)
        reply.code = synced ? DnsCode::nxdomain : DnsCode::servfail;
    if (records.name_error || records.answer.empty()) {
        reply.authority.push_back(soa_record(backend, zone));
        return reply;
    }
    reply.answer = std::move(records.answer);
    reply.additional = std::move(records.additional);
    return reply;
}

Services KubernetesBackend::services(std::string_view name, std::string_view zone, DnsType type) const {
    const std::string lower_name = to_lower(name);
    if (type == DnsType::TXT) {
        if (to_lower(trim_zone(name, zone)) == "dns-version")
            return {{{{}, 0, schema_version_ttl, std::string(name), std::string(schema_version)}}, false};
        auto others = records(name, zone);
        if (!others.found.empty())
            return {};
        return others.name_error || !config_.zonal ? Services::no_such_name() : Services{};
    }
    if (type == DnsType::NS)
        return {name_server_addresses(zone, false, Headless::no), false};
    if (lower_name == cat("ns.dns.", zone)) {
        Services own;
        for (auto found : name_server_addresses(zone, false, Headless::no))
            if (host_type(found) == type)
                own.found.push_back(std::move(found));
        return own;
    }
    auto found = records(name, zone);
    if (type == DnsType::SRV)  // an ExternalName has no ports of its own
        std::erase_if(found.found, [](const auto& f) { return host_type(f) == DnsType::CNAME; });
    return found;
}

}  // namespace kubewalk::addons::coredns
