#include "core/addons/network_policy/policy_rules.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "core/api/kinds.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

using net::ChainId;
using net::IpSetEntry;
using net::IpSetType;
using net::Negate;
using net::Prefix;
using net::Protocol;
using net::Rule;
using net::Ruleset;
using net::TableId;

constexpr std::string_view input = "KUBE-ROUTER-INPUT", forward = "KUBE-ROUTER-FORWARD", output = "KUBE-ROUTER-OUTPUT";
constexpr std::string_view default_chain = "KUBE-NWPLCY-DEFAULT", common_chain = "KUBE-NWPLCY-COMMON";
constexpr std::string_view pod_prefix = "KUBE-POD-FW-", policy_prefix = "KUBE-NWPLCY-";
constexpr std::string_view source_set = "KUBE-SRC-", destination_set = "KUBE-DST-";
constexpr std::uint32_t allowed = 0x10000, passed = 0x20000;

std::string hash16(std::string_view text) {
    const auto digest = sha256(text);
    return base32({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 16);
}

std::string_view family_name(net::Family family) { return family == net::Family::ipv4 ? "IPv4" : "IPv6"; }

// Sets of IPv6 addresses have names of their own.
std::string set_prefix(net::Family family, std::string_view prefix) { return cat(family == net::Family::ipv4 ? "" : "inet6:", prefix); }

Prefix host(const net::Ip& ip) { return {ip, ip.family == net::Family::ipv4 ? 32 : 128}; }

// Rules that kube-router recognises again carry a hash of their own words in their comment.
std::string signed_comment(std::string_view chain, std::string_view comment, std::string_view words) {
    return cat(comment, " - ", hash16(cat(chain, words)));
}

void ensure_first(Ruleset& rules, std::string_view chain, const Rule& rule) {
    rules.ensure_chain(TableId::filter, chain);
    const auto& present = rules.chain(TableId::filter, chain)->rules;
    if (!present.empty() && present.front() == rule)
        return;
    rules.delete_rule(TableId::filter, chain, rule);
    rules.ensure_rule(Ruleset::Position::prepend, TableId::filter, chain, rule);
}

// What policies let pass is accepted after everybody else's rules, so that kube-proxy's rejections for Services without
// endpoints come first (cloudnativelabs/kube-router#1453; k3s-io/k3s#7218).
void ensure_last(Ruleset& rules, std::string_view chain, const Rule& rule) {
    const net::Chain* present = rules.chain(TableId::filter, chain);
    if (present && !present->rules.empty() && present->rules.back() == rule)
        return;
    rules.delete_rule(TableId::filter, chain, rule);
    rules.ensure_rule(Ruleset::Position::append, TableId::filter, chain, rule);
}

// Without solicitations and advertisements nobody would find a Pod of IPv6 (ARP passes by iptables).
std::vector<Rule> common_rules(net::Family family) {
    struct Icmp {
        std::uint8_t v4, v6;
        std::string_view name, comment;
        bool only_ipv6 = false;
    };
    constexpr Icmp types[] = {
        {8, 128, "echo-request", "allow icmp echo requests"},
        {3, 1, "destination-unreachable", "allow icmp destination unreachable messages"},
        {11, 3, "time-exceeded", "allow icmp time exceeded messages"},
        {0, 135, "neighbor-solicitation", "allow icmp neighbor solicitation messages", true},
        {0, 136, "neighbor-advertisement", "allow icmp neighbor advertisement messages", true},
        {0, 129, "echo-reply", "allow icmp echo reply messages", true},
    };
    std::vector<Rule> rules = {
        // The quotation marks are part of upstream's comments.
        Rule().comment("\"rule to drop invalid state for pod\"").state(net::ctstate::invalid).drop(),
        Rule().comment("\"rule for stateful firewall for pod\"").state(net::ctstate::related | net::ctstate::established).accept(),
    };
    const bool ipv6 = family == net::Family::ipv6;
    for (const Icmp& type : types)
        if (ipv6 || !type.only_ipv6)
            rules.push_back(
                Rule().comment(type.comment).protocol_only(Protocol::icmp).icmp_type(ipv6 ? type.v6 : type.v4, type.name).accept());
    return rules;
}

// What every KUBE-ROUTER-INPUT begins with: Services are judged after kube-proxy has found their Pod.
std::vector<Rule> service_rules(const PolicyConfig& config, net::Family family) {
    std::vector<Rule> rules;
    const Prefix vip_range = family == net::Family::ipv6 && config.service_range_ipv6 ? *config.service_range_ipv6 : config.service_range;
    const std::string range = Prefix{vip_range.network(), vip_range.length}.text();
    constexpr std::string_view vips = "allow traffic to primary/secondary cluster IP range";
    rules.push_back(Rule()
                        .comment(signed_comment(input, vips, cat("-m", "comment", "--comment", vips, "-d", range, "-j", "RETURN")))
                        .destination(vip_range)
                        .return_());
    const std::string ports = cat(config.node_ports_low, ':', config.node_ports_high);
    const std::pair<Protocol, std::string_view> protocols[] = {
        {Protocol::tcp, "allow LOCAL TCP traffic to node ports"},
        {Protocol::udp, "allow LOCAL UDP traffic to node ports"},
        {Protocol::sctp, "allow LOCAL SCTP traffic to node ports"},
    };
    for (const auto& [protocol, comment] : protocols) {
        const std::string words = cat("-p", protocol_name(protocol), "-m", "comment", "--comment", comment, "-m", "addrtype",
                                      "--dst-type", "LOCAL", "-m", "multiport", "--dports", ports, "-j", "RETURN");
        rules.push_back(Rule()
                            .protocol_only(protocol)
                            .comment(signed_comment(input, comment, words))
                            .destination_local()
                            .destination_ports(config.node_ports_low, config.node_ports_high)
                            .return_());
    }
    return rules;
}

// Writes one node's chains; only what differs reaches the tables.
class Writer {
public:
    Writer(net::NetNamespace& host, const PolicyObjects& objects, const PolicyConfig& config, net::Family family, Written* written)
        : host_(host), objects_(objects), config_(config), family_(family), written_(written ? &written->of(family) : nullptr) {}

    void run(const TouchedPods& touched) {
        policies_ = objects_.policies(family_);
        if (written_ && touched && as_written()) {
            rewrite(*touched);
            return;
        }
        for (const Policy& policy : policies_)
            write_policy(policy);
        WrittenRules now;
        for (const auto& [key, pod] : objects_.pods()) {
            const auto ip = address_here(pod);
            if (!ip)
                continue;
            const bool kept = written_ && policies_.empty();
            const WrittenPod* before = kept ? written_->pods.find(key) : nullptr;
            const WrittenPod written = before && stands(*before, *ip) ? keep_pod(*before) : write_chain(pod, *ip);
            intercept(*ip, words_for(pod), written.chain->id);
            if (kept)
                now.pods.set(key, written);
        }
        put_top_level();
        remove_stale();
        if (!written_)
            return;
        *written_ = std::move(now);
        if (policies_.empty())
            remember_top_level();
    }

private:
    const Ruleset& rules() const { return host_.rules(family_); }
    ChainId id(std::string_view name) const { return rules().names().id(name); }

    void put(std::string_view name, std::vector<Rule> list) {
        active_chains_.insert(std::string(name));
        const net::Chain* present = rules().chain(TableId::filter, name);
        if (!present || present->rules != list)
            host_.edit_rules(family_).replace_chain(TableId::filter, id(name), std::move(list));
    }

    std::string ip_set(std::string_view prefix, std::string_view words, const std::vector<net::Ip>& ips) {
        std::vector<PolicyBlock> members;
        for (const net::Ip& ip : ips)
            members.push_back({host(ip), net::IpSet::Effect::match});
        return fill(cat(set_prefix(family_, prefix), hash16(words)), IpSetType::hash_ip, members);
    }

    std::string fill(std::string name, IpSetType type, const std::vector<PolicyBlock>& members) {
        active_sets_.insert(name);
        net::IpSet wanted(type, family_);
        for (const PolicyBlock& member : members)
            wanted.add(type == IpSetType::hash_ip ? IpSetEntry::ip(member.prefix.ip) : IpSetEntry::net(member.prefix), member.effect);
        net::IpSet& present = host_.ipsets.ensure(name, type, family_);
        if (present.members() != wanted.members())
            present = std::move(wanted);
        return name;
    }

    // -- policies --------------------------------------------------------------------------------------
    struct Direction {
        bool ingress;
        std::string_view word;           // as the names of sets are hashed
        std::string_view peer_prefix;    // of the set of peers
        std::string_view own_prefix;     // of the set of selected Pods
    };
    static constexpr Direction inward{true, "ingressrule", source_set, destination_set};
    static constexpr Direction outward{false, "egressrule", destination_set, source_set};

    // Two rules each: mark what fits, and leave the chain when marked.
    static void allow(std::vector<Rule>& chain, std::string_view comment, std::string_view source, std::string_view destination,
                      const PolicyPort& port) {
        Rule rule;
        rule.comment(comment);
        if (!source.empty())
            rule.match_set(source, "src");
        if (!destination.empty())
            rule.match_set(destination, "dst");
        if (port.protocol)
            rule.protocol_only(*port.protocol);
        if (port.low != 0)
            rule.destination_port(port.low, port.high);
        Rule leave = rule;
        chain.push_back(rule.or_mark(allowed));
        chain.push_back(leave.mark(allowed, allowed).return_());
    }

    void write_rule(std::vector<Rule>& chain, const Policy& policy, const PolicyRule& rule, std::size_t index,
                    const Direction& direction, const std::string& own) {
        const std::string key = cat(policy.namespace_name, policy.name, direction.word, index);
        const std::string suffix = cat(policy.name, " namespace ", policy.namespace_name);
        enum class Peers : std::uint8_t { pods, all, blocks };
        const auto emit = [&](Peers kind, std::string_view comment, const std::string& peers) {
            const std::string text = cat(comment, suffix);
            const auto one = [&](const std::string& selected, const std::string& others, const PolicyPort& port) {
                if (direction.ingress)
                    allow(chain, text, others, selected, port);
                else
                    allow(chain, text, selected, others, port);
            };
            if (rule.all_ports)
                one(own, peers, {});
            for (const PolicyPort& port : rule.ports)
                one(own, peers, port);
            for (std::size_t i = 0; i < rule.named_ports.size(); ++i) {
                const NamedPort& named = rule.named_ports[i];
                const std::string receivers = ip_set(destination_set, cat(key, i, family_name(family_), "namedport"), named.ips);
                if (direction.ingress)
                    one(receivers, peers, named.port);
                else if (kind != Peers::blocks)  // what lies behind an address has no names for its ports
                    one(own, kind == Peers::all ? std::string() : receivers, named.port);
            }
        };
        if (!rule.pods.empty())
            emit(Peers::pods, "rule to ACCEPT traffic from source pods to dest pods selected by policy name ",
                 ip_set(direction.peer_prefix, cat(key, family_name(family_), "pod"), rule.pods));
        if (rule.all_peers)
            emit(Peers::all,
                 direction.ingress ? "rule to ACCEPT traffic from all sources to dest pods selected by policy name: "
                                   : "rule to ACCEPT traffic from source pods to all destinations selected by policy name: ",
                 {});
        for (std::size_t i = 0; i < rule.blocks.size(); ++i) {
            const std::string which = i == 0 ? std::string() : cat(i);
            const std::string peers =
                fill(cat(set_prefix(family_, direction.peer_prefix), hash16(cat(key, family_name(family_), "ipblock", which))), IpSetType::hash_net, rule.blocks[i]);
            emit(Peers::blocks,
                 direction.ingress ? "rule to ACCEPT traffic from specified ipBlocks to dest pods selected by policy name: "
                                   : "rule to ACCEPT traffic from source pods to specified ipBlocks selected by policy name: ",
                 peers);
        }
    }

    void write_direction(const Policy& policy, const std::vector<PolicyRule>& rules, const Direction& direction,
                         std::string_view chain_name) {
        const std::string own =
            ip_set(direction.own_prefix, cat(policy.namespace_name, policy.name, family_name(family_)), policy.selected);
        std::vector<Rule> chain;
        for (std::size_t i = 0; i < rules.size(); ++i)
            write_rule(chain, policy, rules[i], i, direction, own);
        put(chain_name, std::move(chain));
    }

    // One chain a policy upstream; a policy for both directions gets two here. In one chain the ingress rules
    // of a policy that selects both ends would answer for the sender's egress (simplifications.json:
    // "kube-router-directions").
    void write_policy(const Policy& policy) {
        if (policy.ingress)
            write_direction(policy, policy.ingress_rules, inward, policy_chain(policy.namespace_name, policy.name, {}, family_));
        if (policy.egress)
            write_direction(policy, policy.egress_rules, outward, egress_chain(policy));
    }

    std::string egress_chain(const Policy& policy) const {
        return policy_chain(policy.namespace_name, policy.name, policy.ingress ? "egress" : "", family_);
    }

    // -- Pods ----------------------------------------------------------------------------------------------
    static std::string words_for(const api::Value& pod) {
        return cat("POD name:", api::name_of(pod), " namespace: ", api::namespace_of(pod));
    }

    bool stands(const std::shared_ptr<const net::Chain>& chain) const {
        return chain && rules().chain(TableId::filter, chain->id) == chain.get();
    }
    bool stands(const WrittenPod& written, const net::Ip& ip) const { return written.ip == ip && stands(written.chain); }

    // The Pod's address, if it runs on this node.
    std::optional<net::Ip> address_here(const api::Value& pod) const {
        const auto ip = pod_ip(pod, family_);
        return ip && pod["status"]["hostIP"].as_string() == here_ ? ip : std::nullopt;
    }

    WrittenPod keep_pod(const WrittenPod& written) {
        active_chains_.insert(written.chain_name);
        return written;
    }

    WrittenPod write_chain(const api::Value& pod, const net::Ip& ip) {
        const std::string name(api::name_of(pod)), space(api::namespace_of(pod));
        const std::string chain = pod_firewall_chain(space, name);
        const std::string who = words_for(pod);
        std::vector<Rule> rules;
        rules.push_back(Rule().comment("common bi-directional traffic policy rules").jump(id(common_chain)));
        rules.push_back(Rule()
                            .comment("rule to permit the traffic traffic to pods when source is the pod's local node")
                            .source_local()
                            .destination(host(ip))
                            .accept());
        bool ingress = false, egress = false;
        std::vector<Rule> pod_jumps;
        for (const Policy& policy : policies_) {
            if (policy.namespace_name != space || std::find(policy.selected.begin(), policy.selected.end(), ip) == policy.selected.end())
                continue;
            const std::string comment = cat("run through nw policy ", policy.name);
            if (policy.ingress)
                pod_jumps.push_back(Rule().destination(host(ip)).comment(comment).jump(id(policy_chain(space, policy.name, {}, family_))));
            if (policy.egress)
                pod_jumps.push_back(Rule().source(host(ip)).comment(comment).jump(id(egress_chain(policy))));
            ingress |= policy.ingress;
            egress |= policy.egress;
        }
        if (!egress)
            rules.push_back(Rule().source(host(ip)).comment("run through default egress network policy chain").jump(id(default_chain)));
        if (!ingress)
            rules.push_back(
                Rule().destination(host(ip)).comment("run through default ingress network policy chain").jump(id(default_chain)));
        rules.insert(rules.end(), pod_jumps.rbegin(), pod_jumps.rend());  // each was inserted at the top
        rules.push_back(Rule()
                            .comment(cat("rule to log dropped traffic ", who))
                            .mark(allowed, allowed, Negate::yes)
                            .limit(10, 10)
                            .nflog(100));
        rules.push_back(Rule()
                            .comment(cat("rule to REJECT traffic destined for ", who))
                            .mark(allowed, allowed, Negate::yes)
                            .reject());
        rules.push_back(Rule().clear_mark(allowed));
        rules.push_back(Rule().comment("set mark to ACCEPT traffic that comply to network policies").or_mark(passed));
        put(chain, std::move(rules));
        return {ip, chain, this->rules().chain_ref(TableId::filter, id(chain))};
    }

    // The rules of KUBE-ROUTER-{INPUT,FORWARD,OUTPUT} that lead a Pod's packets to its chain.
    struct Interceptions {
        Rule input;
        Rule forward[4];
        Rule output[2];
    };
    Interceptions interceptions(const net::Ip& ip, const std::string& who, ChainId chain) const {
        const std::string& name = rules().names().name(chain);
        const Prefix pod = host(ip);
        Rule toward, out;
        toward.comment(cat("rule to jump traffic destined to ", who, " to chain ", name)).destination(pod).jump(chain);
        out.comment(cat("rule to jump traffic from ", who, " to chain ", name)).source(pod).jump(chain);
        return {out, {toward, bridged(toward), out, bridged(out)}, {toward, out}};
    }
    void intercept(const net::Ip& ip, const std::string& who, ChainId chain) {
        Interceptions made = interceptions(ip, who, chain);
        input_.push_back(std::move(made.input));
        std::move(std::begin(made.forward), std::end(made.forward), std::back_inserter(forward_));
        std::move(std::begin(made.output), std::end(made.output), std::back_inserter(output_));
    }

    // The same for what goes from one port of a bridge to another.
    static Rule bridged(const Rule& rule) {
        Rule result;
        result.physdev_bridged();
        result.matches.append(rule.matches);
        result.target = rule.target;
        return result;
    }

    void put_top_level() {
        std::vector<Rule> first = service_rules(config_, family_);
        first.insert(first.end(), input_.begin(), input_.end());
        put(input, std::move(first));
        put(forward, std::move(forward_));
        put(output, std::move(output_));
        lead_there();
    }

    void lead_there() {
        // At the end, as k3s has it, which runs kube-router beside kube-proxy: in the policies' own chains this rule
        // would let packets past kube-proxy's REJECT for Services without endpoints (cloudnativelabs/kube-router
        // issue 1453).
        for (std::string_view builtin : {"INPUT", "FORWARD", "OUTPUT"})
            ensure_last(host_.edit_rules(family_), builtin,
                        Rule()
                            .comment("KUBE-ROUTER rule to explicitly ACCEPT traffic that comply to network policies")
                            .mark(passed, passed)
                            .accept());
    }

    // -- what the last sync wrote ------------------------------------------------------------------------------
    void remember_top_level() {
        const auto standing = [this](std::string_view name) { return rules().chain_ref(TableId::filter, id(name)); };
        written_->input = standing(input);
        written_->forward = standing(forward);
        written_->output = standing(output);
    }

    bool as_written() const {
        if (!policies_.empty())
            return false;
        for (const auto* chain : {&written_->input, &written_->forward, &written_->output})
            if (!stands(*chain))
                return false;
        for (const auto& [key, pod] : written_->pods)
            if (!stands(pod.chain))
                return false;
        return true;
    }

    void rewrite(const std::vector<std::string>& touched) {
        input_ = written_->input->rules;
        forward_ = written_->forward->rules;
        output_ = written_->output->rules;
        own_rules_ = static_cast<std::ptrdiff_t>(input_.size() - written_->pods.size());
        bool changed = false;
        for (const std::string& key : touched) {
            const api::Value* pod = objects_.pods().find(key);
            const auto ip = pod ? address_here(*pod) : std::nullopt;
            const WrittenPod* before = written_->pods.find(key);
            if (before && ip && before->ip == *ip)
                continue;
            changed |= before || ip;
            if (before)
                forget(key, *before, ip ? Stale::rules : Stale::rules_and_chain);
            if (ip)
                add(key, *pod, *ip);
        }
        if (changed) {
            put(input, std::move(input_));
            put(forward, std::move(forward_));
            put(output, std::move(output_));
            remember_top_level();
        }
        lead_there();
    }

    // How many Pods have their rules before this one's.
    std::ptrdiff_t rank(const std::string& key) const {
        std::ptrdiff_t before = 0;
        for (auto it = written_->pods.begin(); it != written_->pods.end() && it->first < key; ++it)
            ++before;
        return before;
    }

    enum class Stale : std::uint8_t { rules, rules_and_chain };
    void forget(const std::string& key, const WrittenPod& pod, Stale stale) {
        const auto cut = [](std::vector<Rule>& list, std::ptrdiff_t at, std::ptrdiff_t count) { list.erase(list.begin() + at, list.begin() + at + count); };
        const std::ptrdiff_t at = rank(key);
        cut(input_, own_rules_ + at, 1);
        cut(forward_, at * 4, 4);
        cut(output_, at * 2, 2);
        if (stale == Stale::rules_and_chain)
            host_.edit_rules(family_).delete_chain(TableId::filter, pod.chain->id);
        written_->pods.erase(key);
    }
    void add(const std::string& key, const api::Value& pod, const net::Ip& ip) {
        const std::ptrdiff_t at = rank(key);
        const WrittenPod written = write_chain(pod, ip);
        Interceptions made = interceptions(ip, words_for(pod), written.chain->id);
        written_->pods.set(key, written);
        input_.insert(input_.begin() + own_rules_ + at, std::move(made.input));
        forward_.insert(forward_.begin() + at * 4, std::begin(made.forward), std::end(made.forward));
        output_.insert(output_.begin() + at * 2, std::begin(made.output), std::end(made.output));
    }
    void remove_stale() {
        std::vector<ChainId> chains;
        const auto& names = rules().names();
        rules().each_chain(TableId::filter, [&](const net::Chain& chain) {
            const std::string& name = names.name(chain.id);
            const bool ours = name.starts_with(pod_prefix) || name.starts_with(policy_prefix);
            if (ours && name != default_chain && name != common_chain && !active_chains_.contains(name))
                chains.push_back(chain.id);
        });
        for (ChainId chain : chains)
            host_.edit_rules(family_).delete_chain(TableId::filter, chain);
        std::vector<std::string> sets;
        for (const auto& [name, set] : host_.ipsets.all())
            if ((name.starts_with(set_prefix(family_, source_set)) || name.starts_with(set_prefix(family_, destination_set))) &&
                !active_sets_.contains(name))
                sets.push_back(name);
        for (const std::string& name : sets)
            host_.ipsets.destroy(name);
    }

    net::NetNamespace& host_;
    const PolicyObjects& objects_;
    const PolicyConfig& config_;
    net::Family family_;
    WrittenRules* written_;
    std::string here_ = config_.node_ip.text();
    std::vector<Policy> policies_;
    std::vector<Rule> input_, forward_, output_;
    std::ptrdiff_t own_rules_ = 0;  // of KUBE-ROUTER-INPUT, which are not about Pods: they come first
    std::set<std::string, std::less<>> active_chains_, active_sets_;
};

}  // namespace

std::string pod_firewall_chain(std::string_view namespace_name, std::string_view pod) {
    return cat(pod_prefix, hash16(cat(namespace_name, pod)));
}

std::string policy_chain(std::string_view namespace_name, std::string_view policy, std::string_view direction, net::Family family) {
    return cat(policy_prefix, hash16(cat(namespace_name, policy, family_name(family), direction)));
}

void ensure_policy_base(Ruleset& rules, const PolicyConfig& config) {
    const std::pair<std::string_view, std::string_view> hooks[] = {{"INPUT", input}, {"FORWARD", forward}, {"OUTPUT", output}};
    for (const auto& [builtin, own] : hooks) {
        rules.ensure_chain(TableId::filter, own);
        constexpr std::string_view comment = "kube-router netpol";
        const std::string words = cat("-m", "comment", "--comment", comment, "-j", own);
        ensure_first(rules, builtin, Rule().comment(signed_comment(builtin, comment, words)).jump(rules.names().id(own)));
    }
    if (rules.chain(TableId::filter, input)->rules.empty())
        rules.replace_chain(TableId::filter, rules.names().id(input), service_rules(config, rules.family()));
    rules.ensure_chain(TableId::filter, default_chain);
    rules.ensure_rule(Ruleset::Position::append, TableId::filter, default_chain,
                      Rule().comment("rule to mark traffic matching a network policy").or_mark(allowed));
    rules.ensure_chain(TableId::filter, common_chain);
    for (const Rule& rule : common_rules(rules.family()))
        rules.ensure_rule(Ruleset::Position::append, TableId::filter, common_chain, rule);
}

void sync_policy_rules(net::NetNamespace& host, const PolicyObjects& objects, const PolicyConfig& config, Written* written,
                       const TouchedPods& touched) {
    ensure_policy_base(host.edit_rules(), config);
    Writer(host, objects, config, net::Family::ipv4, written).run(touched);
    if (!config.service_range_ipv6)
        return;
    ensure_policy_base(host.edit_rules(net::Family::ipv6), config);
    Writer(host, objects, config, net::Family::ipv6, written).run(touched);
}

}  // namespace kubewalk::addons
