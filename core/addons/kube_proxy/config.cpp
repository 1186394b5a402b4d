#include "core/addons/kube_proxy/config.h"

#include <algorithm>

#include "core/api/yaml.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

constexpr std::string_view group_version = "kubeproxy.config.k8s.io/v1alpha1", kind = "KubeProxyConfiguration";
constexpr int processors = 2;  // of a node of this world: conntrack.maxPerCore counts them

Error fails(std::string message) { return {"Invalid", std::move(message), {}}; }

// Go's duration: "1h30m", "500ms"; the unset ones are null or "0s".
std::optional<Duration> duration(std::string_view text) {
    constexpr std::pair<std::string_view, std::int64_t> units[] = {
        {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}};
    std::int64_t total = 0;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = parse_int(text.substr(0, digits));
        text.remove_prefix(digits);
        if (!number)
            return std::nullopt;
        const auto* unit = std::find_if(std::begin(units), std::end(units), [&](const auto& u) { return text.starts_with(u.first); });
        if (unit == std::end(units))
            return *number == 0 && text.empty() ? std::optional(Duration{}) : std::nullopt;
        total += *number * unit->second;
        text.remove_prefix(unit->first.size());
    }
    return Duration{total};
}

// False when the field holds something that is no duration. Absent, null and zero leave `out` alone.
bool take(const api::Value& value, Duration& out) {
    if (value.is_null())
        return true;
    const auto read = duration(value.as_string());
    if (read && read->ns > 0)
        out = *read;
    return read.has_value();
}

bool take_seconds(const api::Value& value, std::int64_t& out) {
    Duration span{};
    if (!take(value, span))
        return false;
    if (span.ns > 0)
        out = span.whole_seconds();
    return true;
}

void take_prefixes(const api::Value& list, net::Family family, std::vector<net::Prefix>& out) {
    for (const api::Value& item : list.items())
        if (const auto prefix = net::Prefix::parse(item.as_string()); prefix && prefix->ip.family == family)
            out.push_back(*prefix);
}

Result<ProxyMode> mode_of(std::string_view text) {
    if (text.empty() || text == "iptables")
        return ProxyMode::iptables;
    if (text == "ipvs")
        return ProxyMode::ipvs;
    if (text == "nftables")
        return ProxyMode::nftables;
    return fails(cat("KubeProxyConfiguration.Mode: Invalid value: ", quoted(text),
                     ": must be iptables,ipvs,nftables or blank (blank means the best available proxy [currently iptables])"));
}

bool read_conntrack(const api::Value& from, KubeProxyConfig& config) {
    net::ConntrackSettings& to = config.conntrack;
    const std::int64_t per_core = from["maxPerCore"].as_int(32768), least = from["min"].as_int(131072);
    to.max = static_cast<std::size_t>(std::max(per_core * processors, least));
    to.tcp_be_liberal = config.proxier.conntrack_tcp_be_liberal = from["tcpBeLiberal"].as_bool(false);
    return take_seconds(from["tcpEstablishedTimeout"], to.tcp_established) && take_seconds(from["udpTimeout"], to.udp) &&
           take_seconds(from["udpStreamTimeout"], to.udp_stream);
}

}  // namespace

net::ConntrackSettings KubeProxyConfig::default_conntrack() {
    net::ConntrackSettings out;
    out.tcp_established = 86400;  // conntrack.tcpEstablishedTimeout: 24h
    return out;
}

Result<void> read_kube_proxy_config(std::string_view text, KubeProxyConfig& config) {
    const Result<api::Value> parsed = api::parse_yaml(text);
    if (!parsed)
        return fails(parsed.error().message);
    const api::Value& file = parsed.value();
    if (file["kind"].as_string() != kind || file["apiVersion"].as_string() != group_version)
        return fails(cat("no kind ", quoted(file["kind"].as_string()), " is registered for version ", quoted(file["apiVersion"].as_string())));
    const Result<ProxyMode> mode = mode_of(file["mode"].as_string());
    if (!mode)
        return mode.error();
    config.mode = mode.value();
    ProxierConfig& proxier = config.proxier;
    const api::Value& of_mode = file[proxy_mode_name(config.mode)];
    // iptables and ipvs share the bit; masqueradeAll is taken from the mode's own part.
    const api::Value& masquerade = config.mode == ProxyMode::nftables ? file["nftables"] : file["iptables"];
    if (const std::int64_t bit = masquerade["masqueradeBit"].as_int(14); bit >= 0 && bit < 32)
        proxier.masquerade_mark = 1u << bit;
    proxier.masquerade_all = masquerade["masqueradeAll"].as_bool(false);
    proxier.localhost_node_ports = file.path("iptables", "localhostNodePorts").as_bool(true);
    proxier.scheduler = file.path("ipvs", "scheduler").as_string();
    take_prefixes(file.path("ipvs", "excludeCIDRs"), proxier.family, proxier.exclude_cidrs);
    if (!take(of_mode["minSyncPeriod"], config.min_sync_period) || !take(of_mode["syncPeriod"], config.sync_period) ||
        !read_conntrack(file["conntrack"], config))
        return fails("json: cannot unmarshal string into Go value of type time.Duration");

    const std::string_view local_mode = file["detectLocalMode"].as_string();
    if (local_mode.empty() || local_mode == "ClusterCIDR") {
        proxier.local_cidr.reset();
        for (std::string_view cidr : split(file["clusterCIDR"].as_string(), ','))
            if (const auto prefix = net::Prefix::parse(trim(cidr)); prefix && prefix->ip.family == proxier.family && !proxier.local_cidr)
                proxier.local_cidr = prefix;
    } else if (local_mode != "NodeCIDR") {
        return fails(cat("KubeProxyConfiguration.DetectLocalMode: Unsupported value: ", quoted(local_mode),
                         ": supported values: \"ClusterCIDR\", \"NodeCIDR\", \"BridgeInterface\", \"InterfaceNamePrefix\", \"\""));
    }
    for (const api::Value& item : file["nodePortAddresses"].items())
        proxier.node_ports_on_primary_only = proxier.node_ports_on_primary_only || item.as_string() == "primary";
    take_prefixes(file["nodePortAddresses"], proxier.family, proxier.node_port_addresses);
    if (config.mode == ProxyMode::nftables && file["nodePortAddresses"].empty())
        proxier.node_ports_on_primary_only = true;
    return {};
}

}  // namespace kubewalk::addons
