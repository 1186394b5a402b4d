// How a packet is judged: the index of long chains, what a rule asks, the traversal of a table. Behaviour:
// iptables-extensions(8) and net/ipv4/netfilter/ip_tables.c (ipt_do_table).

#include "core/net/netfilter.h"

namespace kubewalk::net {

namespace {

constexpr int max_jumps = 32;
constexpr Protocol any_protocol = Protocol::icmp;  // in keys of rules that look at an address alone

std::uint64_t address_key(const Ip& ip, Protocol protocol, std::uint16_t port) {
    std::uint64_t key = plain_number(ip.bytes.data()) * 0x9e3779b97f4a7c15ull ^ plain_number(ip.bytes.data() + 8) * 0xc2b2ae3d27d4eb4full;
    key ^= (static_cast<std::uint64_t>(protocol) << 16 | port) * 0x165667b19e3779f9ull;
    return key ^ key >> 29;
}

std::uint32_t port_key(Protocol protocol, std::uint16_t port) {
    return static_cast<std::uint32_t>(protocol) << 16 | port;
}

bool interface_matches(std::string_view pattern, std::string_view name) {
    if (!pattern.empty() && pattern.back() == '+')
        return name.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1);
    return pattern == name;
}

std::uint32_t icmp_type_of(const Packet& packet) {
    struct Numbers {
        std::uint32_t echo_request, echo_reply, unreachable, time_exceeded, too_big;
    };
    constexpr Numbers v4{8, 0, 3, 11, 3}, v6{128, 129, 1, 3, 2};
    const Numbers& numbers = packet.tuple.source.family == Family::ipv4 ? v4 : v6;
    switch (packet.kind) {
    case PacketKind::echo_request: return numbers.echo_request;
    case PacketKind::echo_reply: return numbers.echo_reply;
    default:
        return packet.icmp == IcmpCode::ttl_exceeded          ? numbers.time_exceeded
               : packet.icmp == IcmpCode::fragmentation_needed ? numbers.too_big
                                                               : numbers.unreachable;
    }
}

bool recent_check(const RecentLists& lists, const Match& match, const Ip& source, Time now) {
    const auto* list = lists.find(match.text);
    const Time* seen = list ? list->find(source) : nullptr;
    return seen && now - *seen <= seconds(match.value);
}

bool address_matches(const ChainChecks::Check& check, const Ip& ip) {
    return check.masked ? ip.family == Family::ipv4 && (ip.v4_number() & check.mask) == check.value : check.match->prefix.contains(ip);
}

// What is looked at most stands first.
bool matches(const ChainChecks::Check& check, Evaluation& at) {
    const Packet& packet = at.packet;
    const Match& match = *check.match;
    bool found = false;
    switch (check.kind) {
    case Match::Kind::ctstate: found = (at.state & check.value) != 0; break;
    case Match::Kind::mark: found = (packet.mark & check.mask) == check.value; break;
    case Match::Kind::source: found = address_matches(check, packet.source()); break;
    case Match::Kind::destination: found = address_matches(check, packet.destination()); break;
    case Match::Kind::protocol: found = packet.protocol() == check.protocol; break;
    case Match::Kind::statistic: found = at.dice.happens(check.value); break;
    case Match::Kind::in_interface: found = interface_matches(match.text, at.in_interface); break;
    case Match::Kind::out_interface: found = interface_matches(match.text, at.out_interface); break;
    case Match::Kind::source_port:
        at.looked_at.source_port = true;
        found = packet.tuple.source_port >= match.low && packet.tuple.source_port <= match.high;
        break;
    case Match::Kind::destination_port:
    case Match::Kind::destination_ports:
        at.looked_at.destination_port = true;
        found = packet.tuple.destination_port >= match.low && packet.tuple.destination_port <= match.high;
        break;
    case Match::Kind::recent_set:
        at.looked_at.moving = true;
        at.recent[match.text].set(packet.source(), at.now);
        found = true;
        break;
    case Match::Kind::recent_check:
        at.looked_at.moving = true;
        found = recent_check(at.recent, match, packet.source(), at.now);
        break;
    case Match::Kind::destination_local: found = at.local.is_local(packet.destination()); break;
    case Match::Kind::source_local: found = at.local.is_local(packet.source()); break;
    case Match::Kind::icmp_type: found = packet.protocol() == Protocol::icmp && icmp_type_of(packet) == match.value; break;
    case Match::Kind::physdev_bridged: found = at.bridged; break;
    case Match::Kind::set: {
        at.looked_at.moving = true;
        const IpSet* set = at.local.ip_set(match.text);
        found = set && set->matches(packet, match.directions);
        break;
    }
    case Match::Kind::physdev_in: found = at.from_bridge; break;
    case Match::Kind::ipvs:
        at.looked_at.moving = true;
        found = at.virtual_service && at.virtual_service->ip == match.prefix.ip && at.virtual_service->port == match.low &&
                packet.protocol() == match.protocol;
        break;
    case Match::Kind::limit:
    case Match::Kind::nfacct:
    case Match::Kind::comment: return true;
    }
    return found != check.negate;
}

bool matches(const ChainChecks::Asked& asked, Evaluation& at) {
    for (const ChainChecks::Check& check : asked)
        if (!matches(check, at))
            return false;
    return true;
}

// Walks positions of a chain in order; with an index, only those that could match.
class Positions {
public:
    Positions(const Chain& chain, const Packet& packet, UseIndex use_index) : size_(static_cast<std::uint32_t>(chain.rules.size())) {
        if (use_index == UseIndex::no || !chain.indexed() || packet.kind == PacketKind::icmp_error)
            return;
        indexed_ = true;
        const ChainIndex& index = chain.index();
        const Tuple& tuple = packet.tuple;
        look(0, index.by_address, [&] { return address_key(tuple.destination, tuple.protocol, tuple.destination_port); });
        look(1, index.by_port, [&] { return port_key(tuple.protocol, tuple.destination_port); });
        look(2, index.by_destination, [&] { return address_key(tuple.destination, any_protocol, 0); });
        look(3, index.by_source, [&] { return address_key(tuple.source, any_protocol, 0); });
        if (!index.others.empty())
            lists_[4] = &index.others;
    }

    // False at the end.
    bool next(std::uint32_t& position) {
        if (!indexed_) {
            position = at_++;
            return position < size_;
        }
        int best = -1;
        for (int i = 0; i < list_count; ++i)
            if (lists_[i] && offsets_[i] < lists_[i]->size() && (best < 0 || (*lists_[i])[offsets_[i]] < (*lists_[best])[offsets_[best]]))
                best = i;
        if (best < 0)
            return false;
        position = (*lists_[best])[offsets_[best]++];
        return true;
    }

private:
    template <typename Map, typename Key>
    void look(int list, const Map& map, Key key) {
        if (map.empty())
            return;
        if (const auto it = map.find(key()); it != map.end())
            lists_[list] = &it->second;
    }

    std::uint32_t size_;
    std::uint32_t at_ = 0;
    bool indexed_ = false;
    static constexpr int list_count = 5;
    const std::vector<std::uint32_t>* lists_[list_count] = {};
    std::size_t offsets_[list_count] = {};
};

}  // namespace

ChainIndex::ChainIndex(const std::vector<Rule>& rules) {
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        const Match* address = nullptr;
        const Match* source = nullptr;
        const Match* protocol = nullptr;
        const Match* port = nullptr;
        for (const Match& match : rules[i].matches) {
            if (match.negate)
                continue;
            const int host = match.prefix.ip.family == Family::ipv4 ? 32 : 128;
            if (match.kind == Match::Kind::destination && match.prefix.length == host)
                address = &match;
            else if (match.kind == Match::Kind::source && match.prefix.length == host)
                source = &match;
            else if (match.kind == Match::Kind::protocol && match.protocol != Protocol::icmp)
                protocol = &match;
            else if (match.kind == Match::Kind::destination_port && match.low == match.high)
                port = &match;
        }
        if (address && protocol && port)
            by_address[address_key(address->prefix.ip, protocol->protocol, port->low)].push_back(i);
        else if (protocol && port)
            by_port[port_key(protocol->protocol, port->low)].push_back(i);
        else if (address)
            by_destination[address_key(address->prefix.ip, any_protocol, 0)].push_back(i);
        else if (source)
            by_source[address_key(source->prefix.ip, any_protocol, 0)].push_back(i);
        else
            others.push_back(i);
    }
}

ChainChecks::ChainChecks(const std::vector<Rule>& rules) {
    starts_.reserve(rules.size() + 1);
    starts_.push_back(0);
    for (const Rule& rule : rules) {
        for (const Match& match : rule.matches) {
            if (match.kind == Match::Kind::comment || match.kind == Match::Kind::nfacct || match.kind == Match::Kind::limit)
                continue;
            Check& check = checks_.emplace_back();
            check.match = &match;
            check.kind = match.kind;
            check.negate = match.negate;
            check.protocol = match.protocol;
            check.value = match.value;
            check.mask = match.mask;
            const bool address = match.kind == Match::Kind::source || match.kind == Match::Kind::destination;
            if (address && match.prefix.ip.family == Family::ipv4) {
                check.masked = true;
                check.mask = match.prefix.length == 0 ? 0 : ~0u << (32 - match.prefix.length);
                check.value = match.prefix.ip.v4_number() & check.mask;
            }
        }
        starts_.push_back(static_cast<std::uint32_t>(checks_.size()));
    }
}

bool Dice::happens(std::uint32_t probability_of_2_31) {
    ++asked_;
    if (!random_)
        return asked_ <= script_.size() && script_[asked_ - 1];
    const bool happened = (random_->next() >> 33) < probability_of_2_31;
    if (drawn_)
        drawn_->push_back({probability_of_2_31, happened});
    return happened;
}

std::size_t Dice::pick(std::size_t count) {
    if (random_)
        return static_cast<std::size_t>(next() % count);
    std::size_t chosen = 0;
    while (chosen + 1 < count && !happens(0))
        ++chosen;
    return chosen;
}

namespace {

// One table's traversal. Jumps recurse in the kernel's bounded way.
class Traversal {
public:
    Traversal(const Ruleset& rules, TableId table, Evaluation& at, std::vector<RuleHit>* hits, UseIndex use_index)
        : rules_(rules), table_(table), at_(at), hits_(hits), use_index_(use_index) {}

    // True when a rule decided.
    bool run(const Chain& chain, Verdict& verdict) {
        if (++depth_ > max_jumps) {  // the kernel refuses such loops when rules are loaded
            --depth_;
            return false;
        }
        const bool decided = run_rules(chain, verdict);
        --depth_;
        return decided;
    }

private:
    bool run_rules(const Chain& chain, Verdict& verdict) {
        if (chain.rules.empty())
            return false;
        if (chain.indexed())
            at_.looked_at.destination_port = true;
        Positions positions(chain, at_.packet, use_index_);
        const ChainChecks& checks = chain.checks();
        for (std::uint32_t position = 0; positions.next(position);) {
            if (!matches(checks.of(position), at_))
                continue;
            const Rule& rule = chain.rules[position];
            if (hits_)
                hits_->push_back({chain.id, position, &rule});
            switch (rule.target.kind) {
            case TargetKind::none:
            case TargetKind::nflog: continue;
            case TargetKind::return_: return false;
            case TargetKind::mark:
                at_.packet.mark = (at_.packet.mark & rule.target.mark_and) ^ rule.target.mark_xor;
                continue;
            case TargetKind::notrack:  // xt_CT.c: the next rule is looked at
                at_.state = ctstate::untracked;
                continue;
            case TargetKind::jump:
            case TargetKind::go_to: {
                const Chain* next = rules_.chain(table_, rule.target.chain);
                if (next && run(*next, verdict))
                    return true;
                if (rule.target.kind == TargetKind::go_to)
                    return false;
                continue;
            }
            default:
                verdict = {rule.target.kind, &rule, chain.id};
                return true;
            }
        }
        return false;
    }

    const Ruleset& rules_;
    TableId table_;
    Evaluation& at_;
    std::vector<RuleHit>* hits_;
    UseIndex use_index_;
    int depth_ = 0;
};

}  // namespace

Verdict Ruleset::evaluate(TableId id, ChainId hook, Evaluation& evaluation, std::vector<RuleHit>* hits, UseIndex use_index) const {
    const Chain* start = chain(id, hook);
    Verdict verdict{TargetKind::accept, nullptr, hook};
    if (!start)
        return verdict;
    if (!Traversal(*this, id, evaluation, hits, use_index).run(*start, verdict))
        verdict = {start->drop_policy ? TargetKind::drop : TargetKind::accept, nullptr, hook};
    return verdict;
}

}  // namespace kubewalk::net
