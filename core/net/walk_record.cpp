// What the walk leaves behind for people: one hop per step, with the rule that decided and why.

#include <algorithm>

#include "core/base/text.h"
#include "core/net/balancer.h"
#include "core/net/walk.h"

namespace kubewalk::net {

namespace {

// The Service port a kube-proxy chain belongs to, from the comment of the rule that led there.
std::string service_of(std::string_view comment) {
    const std::size_t blank = comment.find(' ');
    return std::string(comment.substr(0, blank));
}

bool is_chain(const ChainNames& names, ChainId id, std::string_view prefix) {
    return std::string_view(names.name(id)).substr(0, prefix.size()) == prefix;
}

// Of how many endpoints a chain chooses, and which one the position is (from 1).
std::pair<int, int> choice(const Chain& chain, std::uint32_t position, const ChainNames& names) {
    int index = 0, count = 0;
    for (std::uint32_t i = 0; i < chain.rules.size(); ++i) {
        const Rule& rule = chain.rules[i];
        bool affinity = false;
        for (const Match& match : rule.matches)
            affinity = affinity || match.kind == Match::Kind::recent_check;
        if (affinity || rule.target.kind != TargetKind::jump || !is_chain(names, rule.target.chain, "KUBE-SEP-"))
            continue;
        ++count;
        if (i == position)
            index = count;
    }
    return {index, count};
}

sim::Fact why_dnat(const Ruleset& rules, const std::vector<RuleHit>& hits, const SocketAddress& to) {
    const ChainNames& names = rules.names();
    for (const RuleHit& hit : hits) {
        if (hit.rule->target.kind != TargetKind::jump || !is_chain(names, hit.rule->target.chain, "KUBE-SEP-"))
            continue;
        const Chain* chain = rules.chain(TableId::nat, hit.chain);
        const std::string service = service_of(hit.rule->comment_text());
        for (const Match& match : hit.rule->matches)
            if (match.kind == Match::Kind::recent_check)
                return {"net.why.dnat.affinity", {service, to.text(), cat(match.value)}};
        const auto [index, count] = choice(*chain, hit.position, names);
        if (count <= 1)
            return {"net.why.dnat.only", {service, to.text()}};
        return {"net.why.dnat.random", {service, to.text(), cat(index), cat(count)}};
    }
    return {"net.why.dnat", {to.text()}};
}

const RuleHit* marked(const std::vector<RuleHit>& hits, const ChainNames& names) {
    for (const RuleHit& hit : hits)
        if (hit.rule->target.kind == TargetKind::jump && is_chain(names, hit.rule->target.chain, "KUBE-MARK-MASQ"))
            return &hit;
    return nullptr;
}

const RuleHit* notrack(const std::vector<RuleHit>& hits) {
    for (const RuleHit& hit : hits)
        if (hit.rule->target.kind == TargetKind::notrack)
            return &hit;
    return nullptr;
}

const NftHit* marked(const std::vector<NftHit>& hits) {
    for (const NftHit& hit : hits)
        if (hit.rule->action.kind == NftAction::Kind::jump && hit.rule->action.name == "mark-for-masquerade")
            return &hit;
    return nullptr;
}

// "ns1/svc1:p80" out of "service-ULMVA6XW-ns1/svc1/tcp/p80".
std::string nft_service_of(std::string_view chain) {
    const std::size_t hash = chain.find('-');
    const std::size_t name = hash == std::string_view::npos ? hash : chain.find('-', hash + 1);
    if (name == std::string_view::npos)
        return std::string(chain);
    const auto parts = split(chain.substr(name + 1), '/');
    if (parts.size() < 4)
        return std::string(chain);
    return parts[3].empty() ? cat(parts[0], '/', parts[1]) : cat(parts[0], '/', parts[1], ':', parts[3]);
}

// The last choice before the endpoint's chain tells the story.
sim::Fact why_nft_dnat(const NftTables& tables, const std::vector<NftHit>& hits, const SocketAddress& to) {
    for (std::size_t i = 0; i + 1 < hits.size(); ++i) {
        const NftAction& action = hits[i].rule->action;
        const std::string service = nft_service_of(hits[i].chain);
        if (action.kind == NftAction::Kind::random_vmap) {
            const auto chosen = std::find(action.chains.begin(), action.chains.end(), hits[i + 1].chain) - action.chains.begin();
            if (action.chains.size() == 1)
                return {"net.why.dnat.only", {service, to.text()}};
            return {"net.why.dnat.random", {service, to.text(), cat(chosen + 1), cat(action.chains.size())}};
        }
        const bool affinity = std::any_of(hits[i].rule->matches.begin(), hits[i].rule->matches.end(), [](const NftMatch& m) {
            return m.kind == NftMatch::Kind::source && m.set.starts_with("affinity-");
        });
        if (affinity)
            for (const auto& [id, table] : tables.all())
                if (const auto set = table.sets.find(hits[i].rule->matches.front().set); set != table.sets.end())
                    return {"net.why.dnat.affinity", {service, to.text(), cat(set->second.timeout.value_or(0))}};
    }
    return {"net.why.dnat", {to.text()}};
}

sim::Fact why_nft_drop(const NftVerdict& verdict) {
    if (verdict.comment == "Reject traffic to invalid ports of ClusterIPs")
        return {"net.why.nft.port_unknown", {}};
    if (verdict.comment == "Drop traffic to unallocated ClusterIPs")
        return {"net.why.nft.unallocated", {}};
    if (verdict.comment.find('/') != std::string::npos)
        return {verdict.kind == TargetKind::drop ? "net.why.service.no_local_endpoints" : "net.why.service.no_endpoints", {verdict.comment}};
    return {verdict.kind == TargetKind::reject ? "net.why.rule.reject" : "net.why.rule.drop", {verdict.rule}};
}

std::string_view hook_name(ChainId id) {
    constexpr std::string_view names[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
    return names[id];
}

// A Pod's own chain said no: which end's, and to which direction, shows the rule that led there.
sim::Fact why_policy(const Verdict& verdict, const std::vector<RuleHit>& hits, std::string_view pod_and_rest) {
    std::string_view id = "net.why.netpol.ingress";
    for (const RuleHit& hit : hits)
        if (hit.rule->target.kind == TargetKind::jump && hit.rule->target.chain == verdict.chain)
            for (const Match& match : hit.rule->matches)
                if (match.kind == Match::Kind::source)
                    id = "net.why.netpol.egress";
    constexpr std::string_view between = " namespace: ";
    const std::size_t at = pod_and_rest.find(between);
    if (at == std::string_view::npos)
        return {std::string(id), {std::string(pod_and_rest)}};
    return {std::string(id), {cat(pod_and_rest.substr(at + between.size()), '/', pod_and_rest.substr(0, at))}};
}

sim::Fact why_drop(const Verdict& verdict, const std::vector<RuleHit>& hits, const std::string& text) {
    const Rule* rule = verdict.rule;
    if (!rule)
        return {"net.why.policy.drop", {}};
    const std::string& comment = rule->comment_text();
    constexpr std::string_view by_policy = "rule to REJECT traffic destined for POD name:";
    if (comment.starts_with(by_policy))
        return why_policy(verdict, hits, std::string_view(comment).substr(by_policy.size()));
    if (comment.find("has no local endpoints") != std::string::npos)
        return {"net.why.service.no_local_endpoints", {service_of(comment)}};
    constexpr std::pair<std::string_view, std::string_view> of_balancers[] = {
        {balancer_no_target, "net.why.balancer.no_target"},
        {balancer_no_port, "net.why.balancer.no_port"},
        {balancer_closed, "net.why.balancer.closed"}};
    for (const auto& [words, id] : of_balancers)
        if (comment.ends_with(words))
            return {std::string(id), {service_of(comment)}};
    if (comment.find("has no endpoints") != std::string::npos)
        return {"net.why.service.no_endpoints", {service_of(comment)}};
    return {rule->target.kind == TargetKind::reject ? "net.why.rule.reject" : "net.why.rule.drop", {text}};
}

}  // namespace

std::string Walker::place_name(std::string_view what) const {
    if (!ns_)
        return std::string(what);
    if (ns_->id == machine_->root_id())
        return what.empty() ? machine_->name() : std::string(what);
    return what.empty() ? ns_->name : cat(ns_->name, '/', what);
}

Header Walker::header(const Packet& packet) const {
    Header out;
    const bool error = packet.kind == PacketKind::icmp_error;
    out.source = {packet.source(), error ? std::uint16_t{0} : packet.tuple.source_port};
    out.destination = {packet.destination(), error ? std::uint16_t{0} : packet.tuple.destination_port};
    if (packet.tuple.protocol == Protocol::icmp)
        out.source.port = out.destination.port = 0;
    out.mark = packet.mark;
    out.ttl = packet.ttl;
    std::uint32_t state = track_.state;
    if (track_.id && ns_) {
        const ConntrackEntry& entry = ns_->conntrack.entry(track_.id);
        state |= (entry.dnat() ? ctstate::dnat : 0) | (entry.snat() ? ctstate::snat : 0);
    }
    out.conntrack = ctstate::text(state);
    return out;
}

Hop& Walker::record(Place place, std::string_view at, const Packet& before, std::string_view verdict, sim::Fact why) {
    Hop& hop = hops_->emplace_back();
    hop.node = machine_ ? machine_->name() : "";
    hop.place = machine_ && machine_->role != MachineRole::host ? Place::edge : place;
    hop.at = at.empty() ? std::string(place == Place::route ? "route" : "") : std::string(at);
    if (machine_ && ns_ && ns_->id != machine_->root_id() && hop.at.find('/') == std::string::npos)
        hop.at = cat(ns_->name, '/', hop.at);
    hop.in = header(before);
    hop.out = inner_ ? header(*inner_) : header(packet_);
    hop.verdict = verdict;
    hop.why = std::move(why);
    hop.latency = pending_latency_;
    pending_latency_ = {};
    return hop;
}

void Walker::record_route(const Route& route, const Packet& before, std::string_view verdict) {
    sim::Fact why{"net.why.route.connected", {before.destination().text(), route.device}};
    if (route.via)
        why = {route.destination.length == 0 ? "net.why.route.default" : "net.why.route.via",
               {before.destination().text(), route.via->text(), route.device}};
    if (!route.nexthops.empty())
        why = {"net.why.route.multipath", {before.destination().text(), pick_way(route).text(), cat(route.nexthops.size())}};
    record(Place::route, "", before, verdict, std::move(why)).rule = route.text();
}

void Walker::record_hook(ChainId id, const Packet& before, const std::vector<RuleHit>& hits, const Verdict& verdict,
                         const NatChange& change) {
    const bool changed = !(before.tuple == packet_.tuple) || before.mark != packet_.mark;
    if (inner_ && !changed && verdict.kind == TargetKind::accept)
        return;  // the tunnel's own packet, untouched
    const Ruleset& rules = this->rules();
    const ChainNames& names = rules.names();
    const Family family = rules.family();
    sim::Fact why{"net.why.accept", {}};
    std::string_view word = "accept";
    const Rule* rule = verdict.rule;
    ChainId chain = verdict.chain;
    if (verdict.kind == TargetKind::drop || verdict.kind == TargetKind::reject) {
        word = verdict.kind == TargetKind::drop ? "drop" : "reject";
        why = why_drop(verdict, hits, rule ? save_text(*rule, chain, names, family) : "");
        if (nft_.verdict.kind == verdict.kind)
            why = why_nft_drop(nft_.verdict);
    } else if (change.kind == TargetKind::dnat) {
        rule = change.rule;
        chain = change.chain;
        word = "DNAT";
        why = why_dnat(rules, hits, {packet_.tuple.destination, packet_.tuple.destination_port});
        if (nft_.verdict.kind == TargetKind::dnat)
            why = why_nft_dnat(*ns_->nft(), nft_.hits, nft_.verdict.to);
        if (machine_->role == MachineRole::balancer && rule)
            why = {"net.why.balancer.dnat", {service_of(rule->comment_text()), why.args.back()}};
    } else if (change.kind == TargetKind::masquerade || change.kind == TargetKind::snat) {
        rule = change.rule;
        chain = change.chain;
        word = change.kind == TargetKind::snat ? "SNAT" : "MASQUERADE";
        const bool service = before.mark != 0 || (rule && rule->comment_text() == "kubernetes service traffic requiring SNAT");
        why = {service ? "net.why.masquerade.mark" : "net.why.masquerade",
               {before.tuple.source.text(), packet_.tuple.source.text(), machine_->name()}};
    } else if (changed && !(before.tuple == packet_.tuple)) {
        word = "un-NAT";
        why = {"net.why.conntrack.reply",
               {SocketAddress{packet_.tuple.source, packet_.tuple.source_port}.text(),
                SocketAddress{packet_.tuple.destination, packet_.tuple.destination_port}.text()}};
        if (track_.direction == Direction::original)
            why.id = "net.why.conntrack.known";
    } else if (const RuleHit* hit = notrack(hits)) {
        rule = hit->rule;
        chain = hit->chain;
        word = "NOTRACK";
        why = {"net.why.notrack", {}};
    } else if (hits.empty()) {
        why.id = "net.why.no_rule";
    }
    if (change.ipvs)
        why = change.ipvs->why;
    Hop& hop = record(Place::netfilter, hook_name(id), before, word, std::move(why));
    for (const RuleHit& hit : hits)
        if (hop.chain.empty() || hop.chain.back() != names.name(hit.chain))
            hop.chain.push_back(names.name(hit.chain));
    for (const NftHit& hit : nft_.hits)
        if (hop.chain.empty() || hop.chain.back() != hit.chain)
            hop.chain.push_back(hit.chain);
    if (rule)
        hop.rule = save_text(*rule, chain, names, family);
    else
        hop.rule = change.ipvs && !change.ipvs->rule_text.empty() ? change.ipvs->rule_text : nft_.verdict.rule;
    if (const NftHit* mark = marked(nft_.hits); mark && nft_.verdict.kind == TargetKind::dnat)
        hop.why.args.push_back(nft_rule_text(*mark->rule, nft_.verdict.to.ip.family));
    if (const RuleHit* mark = marked(hits, names); mark && change.kind == TargetKind::dnat)
        hop.why.args.push_back(save_text(*mark->rule, mark->chain, names, family));
}

}  // namespace kubewalk::net
