// kubeproxy/ipvs-state.json: virtual servers, ipsets and rules after one sync in ipvs mode. What the
// recording's doubles leave out is left out here too: sets have one name for both families, the
// masquerade mark is not set, iptables is old.

#include <algorithm>
#include <set>

#include "core/addons/kube_proxy/ipvs.h"
#include "core/base/text.h"
#include "core/cli/vectors/kubeproxy_fixture.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

std::string upper(net::Protocol protocol) {
    return protocol == net::Protocol::udp ? "UDP" : protocol == net::Protocol::sctp ? "SCTP" : "TCP";
}

std::string server_text(const std::string& head, std::vector<std::string> real) {
    std::sort(real.begin(), real.end());
    return cat(head, " -> ", join(real, ", "), '\n');
}

std::string services_expected(const api::Value& test) {
    std::set<std::string> lines;
    for (const api::Value& server : test["virtualServers"].items()) {
        std::vector<std::string> real;
        for (const api::Value& item : server["realServers"].items())
            real.push_back(cat(item["address"].as_string(), ' ', item["port"].as_int(), " w", item["weight"].as_int()));
        lines.insert(server_text(cat(server["protocol"].as_string(), ' ', server["address"].as_string(), ' ', server["port"].as_int(), ' ',
                                     server["scheduler"].as_string(), server["persistent"].as_bool() ? cat(" persistent ", server["timeout"].as_int()) : ""),
                                 std::move(real)));
    }
    return join({lines.begin(), lines.end()}, "");
}

std::string services_found(const net::Ipvs* ipvs) {
    std::set<std::string> lines;
    if (ipvs)
        for (const auto& [key, service] : ipvs->services()) {
            std::vector<std::string> real;
            for (const net::RealServer& server : service.servers)
                real.push_back(cat(server.address.ip.text(), ' ', server.address.port, " w", server.weight));
            lines.insert(server_text(cat(upper(key.protocol), ' ', key.address.ip.text(), ' ', key.address.port, ' ', service.scheduler,
                                         service.persistence ? cat(" persistent ", *service.persistence) : ""),
                                     std::move(real)));
        }
    return join({lines.begin(), lines.end()}, "");
}

std::string sets_expected(const api::Value& test) {
    std::string out;
    for (const auto& member : test["ipsets"].members()) {
        std::vector<std::string> entries;
        for (const api::Value& entry : member.value.items()) {
            // "tcp:3001" is how the recording writes a member of a bitmap:port.
            const std::string_view text = entry.as_string();
            const bool bitmap = text.find(',') == std::string_view::npos && (text.starts_with("tcp:") || text.starts_with("udp:"));
            entries.emplace_back(bitmap ? text.substr(4) : text);
        }
        std::sort(entries.begin(), entries.end());
        append(out, member.key, ": ", join(entries, " "), '\n');
    }
    return out;
}

std::string sets_found(const net::IpSets& sets) {
    std::map<std::string, std::string> lines;
    for (const auto& [name, set] : sets.all()) {
        if (set.size() == 0)
            continue;
        std::vector<std::string> entries = set.members();
        std::sort(entries.begin(), entries.end());
        lines[replace_all(name, "KUBE-6-", "KUBE-")] = join(entries, " ");
    }
    std::string out;
    for (const auto& [name, entries] : lines)
        append(out, name, ": ", entries, '\n');
    return out;
}

// The rules of kube-proxy's own chains by table, each chain's in order.
std::string rules_expected(const api::Value& test) {
    std::map<std::string, std::string> chains;
    std::string table;
    for (std::string_view line : split(test["iptablesSave"].as_string(), '\n')) {
        if (line.starts_with('*'))
            table = line.substr(1);
        if (!line.starts_with("-A KUBE-"))
            continue;
        append(chains[cat(table, ' ', fields(line)[1])], line, '\n');
    }
    std::string out;
    for (const auto& [chain, lines] : chains)
        append(out, "*", chain, '\n', lines);
    return out;
}

std::string rules_found(const addons::RestoreInput& input, const net::ChainNames& names) {
    std::map<std::string, std::string> chains;
    for (const addons::RestoreTable* table : {&input.filter, &input.nat})
        for (const auto& [chain, rule] : table->rules) {
            std::string line = replace_all(net::restore_text(rule, chain, names), "0x4000/0x4000", "/");
            line = replace_all(replace_all(line, "-mark 0x4000", "-mark"), "KUBE-6-", "KUBE-");
            append(chains[cat(net::table_name(table->table), ' ', names.name(chain))], line, '\n');
        }
    std::string out;
    for (const auto& [chain, lines] : chains)
        append(out, "*", chain, '\n', lines);
    return out;
}

// The node's own addresses: what the recording lists, and where it expects node ports, less the Services'.
std::set<net::Ip> node_addresses(const api::Value& test) {
    std::set<net::Ip> out;
    const auto each = [](const api::Value& list, const auto& visit) {
        for (const api::Value& item : list.items())
            if (const auto ip = net::Ip::parse(item.as_string()))
                visit(*ip);
    };
    each(test.path("proxier", "nodeLocalAddresses"), [&](const net::Ip& ip) { out.insert(ip); });
    for (const api::Value& server : test["virtualServers"].items())
        if (const auto ip = net::Ip::parse(server["address"].as_string()))
            out.insert(*ip);
    for (const api::Value& service : test["services"].items()) {
        const auto take = [&](const net::Ip& ip) { out.erase(ip); };
        if (const auto ip = net::Ip::parse(service.path("spec", "clusterIP").as_string()))
            take(*ip);
        each(service.path("spec", "externalIPs"), take);
        for (const api::Value& ingress : service.path("status", "loadBalancer", "ingress").items())
            if (const auto ip = net::Ip::parse(ingress["ip"].as_string()))
                take(*ip);
    }
    return out;
}

}  // namespace

void run_kubeproxy_ipvs(const api::Value& root, Report& report) {
    for (const api::Value& test : root["cases"].items()) {
        net::NetNamespace host(1, test.path("proxier", "hostname").str(), std::make_shared<net::ChainNames>());
        net::Interface eth0;
        eth0.name = "eth0";
        host.add_interface(eth0);
        for (const net::Ip& ip : node_addresses(test))
            host.add_address("eth0", addons::host_prefix(ip));
        addons::ProxierConfig config = kube_proxy_config(test["proxier"], false);
        config.scheduler = test.path("proxier", "scheduler").str();
        addons::IpvsProxier proxier(std::move(config));
        for (const api::Value& service : test["services"].items())
            proxier.set_service(service);
        for (const api::Value& slice : test["endpointSlices"].items())
            proxier.set_slice(slice);
        proxier.synchronize(addons::SyncKind::full, host, Time{});
        report.check(test["id"].as_string(), cat(services_expected(test), sets_expected(test), rules_expected(test)),
                     cat(services_found(host.ipvs()), sets_found(host.ipsets), rules_found(proxier.build_rules(host), host.rules().names())));
    }
}

}  // namespace kubewalk::cli
