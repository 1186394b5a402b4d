// Partial syncs give what full ones give, whatever happened; and every verdict follows from the rules
// as iptables-save prints them.

#include <doctest/doctest.h>

#include "core/addons/kube_proxy/iptables.h"
#include "core/addons/kube_proxy/nftables.h"
#include "core/api/json.h"
#include "core/base/random.h"
#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::addons;

namespace {

net::NetNamespace bare_node() {
    net::NetNamespace host(1, "node-1", std::make_shared<net::ChainNames>());
    net::Interface eth0;
    eth0.name = "eth0";
    host.add_interface(eth0);
    host.add_address("eth0", {net::Ip::v4(192, 168, 122, 12), 24});
    return host;
}

ProxierConfig settings() {
    ProxierConfig config;
    config.node_name = "node-1";
    config.node_ip = net::Ip::v4(192, 168, 122, 12);
    config.local_cidr = net::Prefix::parse("10.244.0.0/16");
    config.service_cidrs = {*net::Prefix::parse("10.96.0.0/12")};
    return config;
}

std::string service_name(std::uint64_t i) { return cat("svc-", i); }

api::Value random_service(Random& random, std::uint64_t i) {
    const bool local = random.below(3) == 0, balancer = random.below(4) == 0, node_port = balancer || random.below(2) == 0;
    std::string spec = cat("{\"type\":\"", balancer ? "LoadBalancer" : node_port ? "NodePort" : "ClusterIP", "\",\"clusterIP\":\"10.96.0.", i + 10, "\"");
    if (local && node_port)
        spec += ",\"externalTrafficPolicy\":\"Local\"";
    if (random.below(4) == 0)
        spec += ",\"internalTrafficPolicy\":\"Local\"";
    if (random.below(3) == 0)
        spec += ",\"sessionAffinity\":\"ClientIP\",\"sessionAffinityConfig\":{\"clientIP\":{\"timeoutSeconds\":60}}";
    if (balancer && random.below(2))
        spec += ",\"loadBalancerSourceRanges\":[\"203.0.113.0/25\"]";
    if (random.below(5) == 0)
        spec += cat(",\"externalIPs\":[\"198.51.100.", i, "\"]");
    append(spec, ",\"ports\":[{\"name\":\"http\",\"protocol\":\"", random.below(4) ? "TCP" : "SCTP", "\",\"port\":80",
           node_port ? cat(",\"nodePort\":", 30000 + i) : std::string(), "}]}");
    const std::string status = balancer ? cat("{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.114.", i, "\",\"ipMode\":\"VIP\"}]}}") : "{}";
    return api::parse_json(cat("{\"kind\":\"Service\",\"metadata\":{\"name\":\"", service_name(i), "\",\"namespace\":\"d\"},\"spec\":", spec,
                               ",\"status\":", status, "}"))
        .value();
}

api::Value random_slice(Random& random, std::uint64_t i) {
    std::string endpoints;
    const std::uint64_t count = random.below(5);
    for (std::uint64_t e = 0; e < count; ++e)
        append(endpoints, e ? "," : "", "{\"addresses\":[\"10.244.", 1 + random.below(2), '.', 2 + e + 10 * (i % 20), "\"],\"nodeName\":\"node-",
               1 + random.below(2), "\",\"conditions\":{\"ready\":", random.below(5) ? "true" : "false", ",\"serving\":true,\"terminating\":",
               random.below(5) ? "false" : "true", "}}");
    return api::parse_json(cat("{\"kind\":\"EndpointSlice\",\"addressType\":\"IPv4\",\"metadata\":{\"name\":\"", service_name(i),
                               "-1\",\"namespace\":\"d\",\"labels\":{\"kubernetes.io/service-name\":\"", service_name(i),
                               "\"}},\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080},{\"name\":\"http\",\"protocol\":\"SCTP\",\"port\":8080}],\"endpoints\":[",
                               endpoints, "]}"))
        .value();
}

std::string printed(const net::NetNamespace& host) {
    return cat(net::save_text(host.rules(), Time{}), host.nft() ? net::nft_list_text(*host.nft(), Time{}) : "");
}

// -- iptables-save's text read back and judged line by line --------------------------------------------

using Words = std::vector<std::string>;

// A line's words; what stands in quotes is one.
Words words_of(std::string_view line) {
    Words out;
    std::string word;
    bool quote = false, any = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && quote && i + 1 < line.size()) {
            word += line[++i];
        } else if (line[i] == '"') {
            quote = !quote;
            any = true;
        } else if (line[i] == ' ' && !quote) {
            if (any || !word.empty())
                out.push_back(word);
            word.clear();
            any = false;
        } else {
            word += line[i];
        }
    }
    if (any || !word.empty())
        out.push_back(word);
    return out;
}

class Reader {
public:
    Reader(std::string_view text, const net::NetNamespace& host) : host_(host) {
        std::string table;
        for (std::string_view line : split(text, '\n')) {
            if (line.starts_with('*'))
                table = line.substr(1);
            else if (line.starts_with("-A "))
                chains_[cat(table, ' ', fields(line)[1])].push_back(words_of(line));
        }
    }

    // "ACCEPT", "DROP", "REJECT", "DNAT 10.244.1.2:8080", "MASQUERADE"; "" when no rule decides.
    std::string judge(const std::string& table, const std::string& chain, net::Packet& packet, std::size_t pick) const {
        std::size_t chances = 0;
        return run(table, chain, packet, pick, chances);
    }

private:
    std::string run(const std::string& table, const std::string& chain, net::Packet& packet, std::size_t pick, std::size_t& chances) const {
        const auto found = chains_.find(cat(table, ' ', chain));
        if (found == chains_.end())
            return "";
        for (const Words& rule : found->second) {
            std::size_t target = 0;
            if (!matches(rule, packet, pick, chances, target))
                continue;
            if (target == 0)
                continue;
            const std::string& name = rule[target];
            if (name == "RETURN")
                return "";
            if (name == "MARK") {
                const auto parts = split(rule[target + 2], '/');
                packet.mark = (packet.mark & ~number(parts[1])) ^ number(parts[0]);
                continue;
            }
            if (name == "DNAT")
                return cat("DNAT ", rule[target + 2]);
            if (name == "ACCEPT" || name == "DROP" || name == "REJECT" || name == "MASQUERADE")
                return name;
            if (const std::string inner = run(table, name, packet, pick, chances); !inner.empty())
                return inner;
        }
        return "";
    }

    static std::uint32_t number(std::string_view hex) { return static_cast<std::uint32_t>(std::strtoul(std::string(hex).c_str(), nullptr, 16)); }

    static bool mark_is(std::uint32_t mark, std::string_view text) {
        const auto parts = split(text, '/');
        return (mark & number(parts[1])) == number(parts[0]);
    }

    bool matches(const Words& rule, const net::Packet& packet, std::size_t pick, std::size_t& chances, std::size_t& target) const {
        bool negate = false;
        for (std::size_t i = 2; i < rule.size(); ++i) {
            const std::string& word = rule[i];
            if (word == "!") {
                negate = true;
                continue;
            }
            if (word == "-j" || word == "-g") {
                target = i + 1;
                return true;
            }
            if (word == "-m" || word == "--comment" || word == "--nfacct-name" || word == "--mode") {
                ++i;
                continue;
            }
            bool met = true;
            if (word == "-s" || word == "-d")
                met = net::Prefix::parse(rule[++i])->contains(word == "-s" ? packet.tuple.source : packet.tuple.destination);
            else if (word == "-p")
                met = net::protocol_name(packet.tuple.protocol) == rule[++i];
            else if (word == "--dport")
                met = cat(packet.tuple.destination_port) == rule[++i];
            else if (word == "--mark")
                met = mark_is(packet.mark, rule[++i]);
            else if (word == "--ctstate")
                met = rule[++i].find("NEW") != std::string::npos;
            else if (word == "--dst-type")
                met = (++i, host_.is_local(packet.tuple.destination));
            else if (word == "--src-type")
                met = (++i, host_.is_local(packet.tuple.source));
            else if (word == "--probability")
                met = (++i, chances++ == pick);
            else if (word == "--rcheck")
                met = false;  // nobody was here before
            else if (word == "--set" || word == "--reap" || word == "--rsource" || word == "--mask" || word == "--name" || word == "--seconds") {
                i += word == "--mask" || word == "--name" || word == "--seconds" ? 1 : 0;
                continue;
            } else {
                FAIL("a word of iptables-save that this reader does not know: ", word);
            }
            if (met == negate)
                return false;
            negate = false;
        }
        return true;
    }

    const net::NetNamespace& host_;
    std::map<std::string, std::vector<Words>> chains_;
};

std::string text_of(const net::Verdict& verdict) {
    switch (verdict.kind) {
    case net::TargetKind::dnat: return cat("DNAT ", verdict.rule->target.to.text());
    case net::TargetKind::masquerade: return "MASQUERADE";
    case net::TargetKind::drop: return "DROP";
    case net::TargetKind::reject: return "REJECT";
    default: return verdict.rule ? "ACCEPT" : "";
    }
}

}  // namespace

TEST_CASE("a partial sync leaves the node as a full one would") {
    for (ProxyMode mode : {ProxyMode::iptables, ProxyMode::nftables})
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            CAPTURE(proxy_mode_name(mode));
            CAPTURE(seed);
            Random random(seed);
            net::NetNamespace host = bare_node();
            auto proxier = make_proxier(mode, settings());
            proxier->synchronize(SyncKind::full, host, Time{});
            for (int step = 0; step < 60; ++step) {
                for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
                    const std::uint64_t i = random.below(12);
                    switch (random.below(6)) {
                    case 0: proxier->delete_service(cat("d/", service_name(i))); break;
                    case 1: proxier->set_service(random_service(random, i)); break;
                    case 2: proxier->delete_slice(random_slice(random, i)); break;
                    default: proxier->set_slice(random_slice(random, i));
                    }
                }
                proxier->synchronize(SyncKind::partial, host, Time{});
                net::NetNamespace other = bare_node();
                auto fresh = proxier->clone();
                fresh->synchronize(SyncKind::full, other, Time{});
                REQUIRE(printed(host) == printed(other));
            }
        }
}

TEST_CASE("every verdict follows from the rules that iptables-save prints, and the index agrees") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Random random(seed);
        net::NetNamespace host = bare_node();
        IptablesProxier proxier(settings());
        for (std::uint64_t i = 0; i < 30; ++i) {
            proxier.set_service(random_service(random, i));
            proxier.set_slice(random_slice(random, i));
        }
        proxier.synchronize(SyncKind::full, host, Time{});
        const Reader reader(net::save_text(host.rules(), Time{}), host);
        const net::Ip clients[] = {net::Ip::v4(10, 244, 1, 2), net::Ip::v4(203, 0, 113, 9), net::Ip::v4(203, 0, 113, 200), net::Ip::v4(192, 168, 122, 12)};
        for (int probe = 0; probe < 150; ++probe) {
            const std::uint64_t i = random.below(32);
            net::Packet packet;
            packet.tuple.source = clients[random.below(4)];
            packet.tuple.source_port = 40000;
            packet.tuple.protocol = random.below(3) ? net::Protocol::tcp : net::Protocol::sctp;
            packet.tuple.destination_port = 80;
            switch (random.below(4)) {
            case 0: packet.tuple.destination = net::Ip::v4(10, 96, 0, static_cast<std::uint8_t>(i + 10)); break;
            case 1: packet.tuple.destination = net::Ip::v4(203, 0, 114, static_cast<std::uint8_t>(i)); break;
            case 2: packet.tuple.destination = net::Ip::v4(198, 51, 100, static_cast<std::uint8_t>(i)); break;
            default:
                packet.tuple.destination = net::Ip::v4(192, 168, 122, 12);
                packet.tuple.destination_port = static_cast<std::uint16_t>(30000 + i);
            }
            const std::size_t pick = random.below(4);
            for (const auto& [table, name, hook] : {std::tuple{"nat", "PREROUTING", net::chain_prerouting}, std::tuple{"filter", "INPUT", net::chain_input},
                                                    std::tuple{"filter", "FORWARD", net::chain_forward}}) {
                net::Packet read = packet;
                const std::string expected = reader.judge(table, name, read, pick);
                for (net::UseIndex use : {net::UseIndex::yes, net::UseIndex::no}) {
                    net::Packet walked = packet;
                    std::vector<bool> script(pick, false);
                    script.push_back(true);
                    net::Dice dice(std::move(script));
                    host.recent.clear();
                    net::Evaluation at{walked, net::ctstate::fresh, "eth0", "", host, host.recent, dice, Time{}};
                    const net::TableId id = std::string_view(table) == "nat" ? net::TableId::nat : net::TableId::filter;
                    REQUIRE(text_of(host.rules().evaluate(id, hook, at, nullptr, use)) == expected);
                    REQUIRE(walked.mark == read.mark);
                }
            }
        }
    }
}
