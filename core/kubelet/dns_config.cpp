#include "core/kubelet/dns_config.h"

#include <algorithm>
#include <map>

#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

// pkg/apis/core/validation: what every resolver copes with.
constexpr std::size_t max_nameservers = 3;
constexpr std::size_t max_search_paths = 32;
constexpr std::size_t max_search_list_chars = 2048;
constexpr std::size_t max_search_name = 253;  // glibc 2.28 aborts on longer ones

enum class DnsType : unsigned char { cluster, host, none };

DnsType type_of(const api::Value& spec) {
    const auto policy = spec["dnsPolicy"].as_string("ClusterFirst");
    if (policy == "None")
        return DnsType::none;
    if (policy == "Default" || (policy == "ClusterFirst" && spec["hostNetwork"].as_bool()))
        return DnsType::host;
    return DnsType::cluster;  // ClusterFirstWithHostNet too, and what is no policy of those
}

void append_all(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

std::vector<std::string> texts(const api::Value& array) {
    std::vector<std::string> out;
    for (const auto& item : array.items())
        out.push_back(item.str());
    return out;
}

// A domain is the same with and without its last dot; "." alone stays.
std::vector<std::string> without_last_dots(std::vector<std::string> names) {
    for (auto& name : names)
        if (name.size() > 1 && name.back() == '.')
            name.pop_back();
    return names;
}

}  // namespace

std::string DnsConfig::resolv_conf() const {
    std::string out;
    if (!searches.empty())
        append(out, "search ", join(searches, " "), "\n");
    for (const auto& server : servers)
        append(out, "nameserver ", server, "\n");
    if (!options.empty())
        append(out, "options ", join(options, " "), "\n");
    return out;
}

// Not as a C library reads the file: only lines that begin with # are comments, of search and options the last line counts.
DnsConfig DnsConfig::parse(std::string_view text) {
    DnsConfig config;
    for (const auto line : split(text, '\n')) {
        const auto words = fields(line);
        if (words.empty() || words[0].starts_with('#'))
            continue;
        std::vector<std::string> rest(words.begin() + 1, words.end());
        if (words[0] == "nameserver" && !rest.empty())
            config.servers.push_back(rest[0]);
        else if (words[0] == "search")
            config.searches = without_last_dots(std::move(rest));
        else if (words[0] == "options")
            config.options = std::move(rest);
    }
    return config;
}

std::vector<std::string> omit_duplicates(const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const auto& name : names) {
        if (std::find(out.begin(), out.end(), name) == out.end())
            out.push_back(name);
    }
    return out;
}

std::vector<std::string> fit_search_limits(std::vector<std::string> searches, std::string* warning) {
    bool exceeded = false;
    if (searches.size() > max_search_paths) {
        searches.resize(max_search_paths);
        exceeded = true;
    }
    const auto long_names = std::remove_if(searches.begin(), searches.end(),
                                           [](const std::string& name) { return name.size() > max_search_name; });
    if (long_names != searches.end()) {
        searches.erase(long_names, searches.end());
        exceeded = true;
    }
    while (join(searches, " ").size() > max_search_list_chars) {
        searches.pop_back();
        exceeded = true;
    }
    if (exceeded && warning)
        *warning = cat("Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ",
                       join(searches, " "));
    return searches;
}

std::vector<std::string> fit_nameserver_limits(std::vector<std::string> servers, std::string* warning) {
    if (servers.size() <= max_nameservers)
        return servers;
    servers.resize(max_nameservers);
    if (warning)
        *warning = cat("Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ",
                       join(servers, " "));
    return servers;
}

std::vector<std::string> merge_dns_options(const std::vector<std::string>& existing, const api::Value& added) {
    std::map<std::string, std::string> merged;  // name -> value
    for (const auto& option : existing) {
        const auto colon = option.find(':');
        merged[option.substr(0, colon)] = colon == std::string::npos ? "" : option.substr(colon + 1);
    }
    for (const auto& option : added.items())
        merged[option["name"].str()] = option["value"].str();
    std::vector<std::string> out;
    for (const auto& [name, value] : merged)
        out.push_back(value.empty() ? name : cat(name, ":", value));
    return out;
}

DnsConfig append_dns_config(DnsConfig existing, const api::Value& added) {
    append_all(existing.servers, texts(added["nameservers"]));
    append_all(existing.searches, texts(added["searches"]));
    existing.servers = omit_duplicates(existing.servers);
    existing.searches = omit_duplicates(existing.searches);
    existing.options = merge_dns_options(existing.options, added["options"]);
    return existing;
}

DnsConfig DnsConfigurer::pod_dns(const api::Value& pod, std::vector<std::string>* warnings) const {
    const auto& spec = pod["spec"];
    DnsType type = type_of(spec);
    if (type == DnsType::cluster && cluster_dns.empty()) {
        type = DnsType::host;
        if (warnings)
            warnings->push_back(
                "kubelet does not have ClusterDNS IP configured and cannot create Pod using \"ClusterFirst\" policy. "
                "Falling back to \"Default\" policy.");
    }

    DnsConfig config = resolver_config.empty() ? DnsConfig{} : host;
    switch (type) {
    case DnsType::none:
        config = {};
        break;
    case DnsType::cluster: {
        std::vector<std::string> searches = std::move(config.searches);
        if (!cluster_domain.empty()) {
            std::vector<std::string> own = {cat(api::namespace_of(pod), ".svc.", cluster_domain), cat("svc.", cluster_domain), cluster_domain};
            append_all(own, searches);
            searches = omit_duplicates(own);
        }
        config = {cluster_dns, std::move(searches), {"ndots:5"}};
        break;
    }
    case DnsType::host:
        if (resolver_config.empty()) {
            // Overrides the runtime's own default, which would be the node's file.
            for (const auto& ip : node_ips)
                config.servers.push_back(ip.find(':') == std::string::npos ? "127.0.0.1" : "::1");
            if (config.servers.empty())
                config.servers.push_back("127.0.0.1");
            config.searches = {"."};
        }
        break;
    }

    if (spec["dnsConfig"].is_object())
        config = append_dns_config(std::move(config), spec["dnsConfig"]);
    std::string warning;
    config.servers = fit_nameserver_limits(std::move(config.servers), &warning);
    if (warnings && !warning.empty())
        warnings->push_back(warning);
    warning.clear();
    config.searches = fit_search_limits(std::move(config.searches), &warning);
    if (warnings && !warning.empty())
        warnings->push_back(warning);
    return config;
}

}  // namespace kubewalk::kubelet
