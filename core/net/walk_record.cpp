// What the walk leaves behind for people: one hop per step, with the rule that decided and why.

#include "core/base/text.h"
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

std::string_view hook_name(ChainId id) {
    constexpr std::string_view names[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};
    return names[id];
}

sim::Fact why_drop(const Rule* rule, const std::string& text) {
    if (!rule)
        return {"net.why.policy.drop", {}};
    const std::string& comment = rule->comment_text();
    if (comment.find("has no local endpoints") != std::string::npos)
        return {"net.why.service.no_local_endpoints", {service_of(comment)}};
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
    hop.place = machine_ && machine_->role == MachineRole::edge ? Place::edge : place;
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
    record(Place::route, "", before, verdict, std::move(why)).rule = route.text();
}

void Walker::record_hook(ChainId id, const Packet& before, const std::vector<RuleHit>& hits, const Verdict& verdict,
                         const NatChange& change) {
    const bool changed = !(before.tuple == packet_.tuple) || before.mark != packet_.mark;
    if (inner_ && !changed && verdict.kind == TargetKind::accept)
        return;  // the tunnel's own packet, untouched
    const Ruleset& rules = ns_->rules();
    const ChainNames& names = rules.names();
    sim::Fact why{"net.why.accept", {}};
    std::string_view word = "accept";
    const Rule* rule = verdict.rule;
    ChainId chain = verdict.chain;
    if (verdict.kind == TargetKind::drop || verdict.kind == TargetKind::reject) {
        word = verdict.kind == TargetKind::drop ? "drop" : "reject";
        why = why_drop(rule, rule ? save_text(*rule, chain, names) : "");
    } else if (change.kind == TargetKind::dnat) {
        rule = change.rule;
        chain = change.chain;
        word = "DNAT";
        why = why_dnat(rules, hits, {packet_.tuple.destination, packet_.tuple.destination_port});
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
    } else if (hits.empty()) {
        why.id = "net.why.no_rule";
    }
    Hop& hop = record(Place::netfilter, hook_name(id), before, word, std::move(why));
    for (const RuleHit& hit : hits)
        if (hop.chain.empty() || hop.chain.back() != names.name(hit.chain))
            hop.chain.push_back(names.name(hit.chain));
    if (rule)
        hop.rule = save_text(*rule, chain, names);
    if (const RuleHit* mark = marked(hits, names); mark && change.kind == TargetKind::dnat)
        hop.why.args.push_back(save_text(*mark->rule, mark->chain, names));
}

}  // namespace kubewalk::net
