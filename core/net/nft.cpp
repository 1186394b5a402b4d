#include "core/net/nft.h"

#include <algorithm>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::net {

const NftChain* NftTable::chain(std::string_view chain_name) const {
    const auto* found = chains_.find(chain_name);
    return found ? found->get() : nullptr;
}

void NftTable::put_chain(NftChain chain) {
    const std::string chain_name = chain.name;
    const bool known = std::find(bases_.begin(), bases_.end(), chain_name) != bases_.end();
    if (chain.base && !known)
        bases_.push_back(chain_name);
    else if (!chain.base && known)
        std::erase(bases_, chain_name);
    chains_.set(chain_name, std::make_shared<const NftChain>(std::move(chain)));
}

bool NftTable::delete_chain(const std::string& chain_name) {
    std::erase(bases_, chain_name);
    return chains_.erase(chain_name);
}

std::vector<const NftChain*> NftTable::bases(ChainId hook, NftChainType type) const {
    std::vector<const NftChain*> out;
    for (const std::string& base : bases_)
        if (const NftChain* found = chain(base); found && found->base->hook == hook && found->base->type == type)
            out.push_back(found);
    sort_stably(out,
                     [](const NftChain* a, const NftChain* b) { return a->base->priority < b->base->priority; });
    return out;
}

const NftTable* NftTables::find(Family family, std::string_view name) const {
    const auto found = tables_.find({family, std::string(name)});
    return found == tables_.end() ? nullptr : &found->second;
}

NftTable& NftTables::ensure(Family family, std::string_view name) {
    NftTable& table = tables_[{family, std::string(name)}];
    table.family = family;
    table.name = name;
    return table;
}

bool NftTables::erase(Family family, std::string_view name) { return tables_.erase({family, std::string(name)}) > 0; }

namespace {

constexpr int max_jumps = 16;  // NFT_JUMP_STACK_SIZE

bool in_set(const NftTable& table, const std::string& name, const Ip& ip, Time now) {
    const auto set = table.sets.find(name);
    if (set == table.sets.end())
        return false;
    const Time* until = set->second.elements.find(ip);
    return until && (!set->second.timeout || *until >= now);
}

bool address_matches(const NftTable& table, const NftMatch& match, const Ip& ip, Time now) {
    if (!match.set.empty())
        return in_set(table, match.set, ip, now);
    return std::any_of(match.prefixes.begin(), match.prefixes.end(), [&](const Prefix& prefix) { return prefix.contains(ip); });
}

bool matches(const NftTable& table, const NftMatch& match, const Evaluation& at) {
    const Packet& packet = at.packet;
    bool found = false;
    switch (match.kind) {
    case NftMatch::Kind::source: found = address_matches(table, match, packet.source(), at.now); break;
    case NftMatch::Kind::destination: found = address_matches(table, match, packet.destination(), at.now); break;
    case NftMatch::Kind::destination_port:
        found = packet.protocol() == match.protocol && packet.tuple.destination_port == match.port;
        break;
    case NftMatch::Kind::protocol: found = packet.protocol() == match.protocol; break;
    case NftMatch::Kind::state_new: found = (at.state & ctstate::fresh) != 0; break;
    case NftMatch::Kind::source_local: found = at.local.is_local(packet.source()); break;
    case NftMatch::Kind::destination_local: found = at.local.is_local(packet.destination()); break;
    case NftMatch::Kind::mark_clear: found = (packet.mark & match.value) == 0; break;
    }
    return found != match.negate;
}

class NftTraversal {
public:
    NftTraversal(NftTable& table, Evaluation& at, std::vector<NftHit>* hits) : table_(table), at_(at), hits_(hits) {}

    NftVerdict run(const NftChain& base) {
        (void)run_chain(base);
        return verdict_;
    }

private:
    // True when the packet's fate in this base chain is decided.
    bool run_chain(const NftChain& chain) {
        if (++depth_ > max_jumps)
            return --depth_, false;
        bool decided = false;
        for (const NftRule& rule : chain.rules) {
            const auto& all = rule.matches;
            if (!std::all_of(all.begin(), all.end(), [&](const NftMatch& m) { return matches(table_, m, at_); }))
                continue;
            const Next next = act(chain, rule);
            if (next == Next::rule)
                continue;
            decided = next == Next::decided;
            break;
        }
        --depth_;
        return decided;
    }

    enum class Next : std::uint8_t { rule, leave, decided };

    Next act(const NftChain& chain, const NftRule& rule) {
        const NftAction& action = rule.action;
        using Kind = NftAction::Kind;
        switch (action.kind) {
        case Kind::service_vmap: return look_up(chain, rule, {at_.packet.destination(), at_.packet.protocol(), at_.packet.tuple.destination_port});
        case Kind::port_vmap: return look_up(chain, rule, {Ip{}, at_.packet.protocol(), at_.packet.tuple.destination_port});
        default: break;
        }
        note(chain, rule);
        switch (action.kind) {
        case Kind::mark_or: at_.packet.mark |= action.value; return Next::rule;
        case Kind::mark_xor: at_.packet.mark ^= action.value; return Next::rule;
        case Kind::update_set:
            if (const auto set = table_.sets.find(action.name); set != table_.sets.end())
                set->second.elements.set(at_.packet.source(), at_.now + seconds(set->second.timeout.value_or(0)));
            return Next::rule;
        case Kind::random_vmap:
            if (action.chains.empty())
                return Next::rule;
            return follow(action.chains[at_.dice.pick(action.chains.size())], Kind::go_to, rule);
        case Kind::jump:
        case Kind::go_to: return follow(action.name, action.kind, rule);
        case Kind::return_: return Next::leave;
        case Kind::accept: return decide(TargetKind::accept, rule);
        case Kind::drop: return decide(TargetKind::drop, rule);
        case Kind::reject: return decide(TargetKind::reject, rule);
        case Kind::dnat: verdict_.to = action.to; return decide(TargetKind::dnat, rule);
        case Kind::masquerade: return decide(TargetKind::masquerade, rule);
        default: return Next::rule;
        }
    }

    Next look_up(const NftChain& chain, const NftRule& rule, const NftKey& key) {
        if (key.protocol == Protocol::icmp)
            return Next::rule;  // has no ports
        const auto map = table_.maps.find(rule.action.name);
        const NftElement* element = map == table_.maps.end() ? nullptr : map->second.elements.find(key);
        if (!element)
            return Next::rule;
        note(chain, rule);
        if (!element->comment.empty())
            element_comment_ = element->comment;
        if (element->verdict == NftAction::Kind::drop)
            return decide(TargetKind::drop, rule);
        return follow(element->chain, element->verdict, rule);
    }

    Next follow(const std::string& name, NftAction::Kind how, const NftRule&) {
        const NftChain* next = table_.chain(name);
        if (next && run_chain(*next))
            return Next::decided;
        return how == NftAction::Kind::go_to ? Next::leave : Next::rule;
    }

    Next decide(TargetKind kind, const NftRule& rule) {
        verdict_.kind = kind;
        if (hits_) {
            verdict_.rule = nft_rule_text(rule, table_.family);
            verdict_.comment = rule.comment.empty() ? element_comment_ : rule.comment;
        }
        return Next::decided;
    }

    void note(const NftChain& chain, const NftRule& rule) {
        if (hits_)
            hits_->push_back({chain.name, &rule});
    }

    NftTable& table_;
    Evaluation& at_;
    std::vector<NftHit>* hits_;
    NftVerdict verdict_;
    std::string element_comment_;
    int depth_ = 0;
};

}  // namespace

NftVerdict NftTables::evaluate(NftChainType type, ChainId hook, int lowest, int highest, Evaluation& at, std::vector<NftHit>* hits) {
    NftVerdict out;
    for (auto& [key, table] : tables_) {
        if (table.family != at.packet.destination().family)
            continue;
        for (const NftChain* base : table.bases(hook, type)) {
            if (base->base->priority < lowest || base->base->priority > highest)
                continue;
            out = NftTraversal(table, at, hits).run(*base);
            if (out.kind != TargetKind::accept)
                return out;
        }
    }
    return out;
}

}  // namespace kubewalk::net
