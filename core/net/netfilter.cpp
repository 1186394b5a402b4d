// Tables, chains and the evaluation of rules. Behaviour: iptables(8), iptables-extensions(8) and
// net/ipv4/netfilter/ip_tables.c (ipt_do_table).

#include "core/net/netfilter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace kubewalk::net {

namespace {

constexpr std::string_view builtin_names[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"};

// Which built-in chains each table has.
constexpr ChainId table_hooks[table_count][5] = {
    {chain_prerouting, chain_input, chain_forward, chain_output, chain_postrouting},  // mangle
    {chain_prerouting, chain_output, builtin_chain_count, builtin_chain_count, builtin_chain_count},  // raw
    {chain_input, chain_forward, chain_output, builtin_chain_count, builtin_chain_count},             // filter
    {chain_prerouting, chain_input, chain_output, chain_postrouting, builtin_chain_count},            // nat
};

// Below this a chain is faster read in order.
constexpr std::size_t index_threshold = 12;
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
    case Match::Kind::statistic:
        at.looked_at.moving = true;
        found = at.dice.happens(check.value);
        break;
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
        if (use_index == UseIndex::no || !chain.index || packet.kind == PacketKind::icmp_error)
            return;
        indexed_ = true;
        const ChainIndex& index = *chain.index;
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

std::string_view table_name(TableId table) {
    constexpr std::string_view names[] = {"mangle", "raw", "filter", "nat"};
    return names[static_cast<std::size_t>(table)];
}

ChainNames::ChainNames() {
    for (std::string_view name : builtin_names)
        id(name);
}

ChainId ChainNames::id(std::string_view name) {
    if (auto it = ids_.find(name); it != ids_.end())
        return it->second;
    const ChainId fresh = static_cast<ChainId>(names_.size());
    names_.emplace_back(name);
    ids_.emplace(names_.back(), fresh);
    return fresh;
}

bool ChainNames::find(std::string_view name, ChainId& found) const {
    auto it = ids_.find(name);
    if (it == ids_.end())
        return false;
    found = it->second;
    return true;
}

std::shared_ptr<const Chain> ChainNames::twin(Family family, TableId table, const Chain& chain) const {
    const auto& latest = latest_[static_cast<std::size_t>(family)][static_cast<std::size_t>(table)];
    auto known = chain.id < latest.size() ? latest[chain.id].lock() : nullptr;
    return known && known->drop_policy == chain.drop_policy && known->rules == chain.rules ? known : nullptr;
}

void ChainNames::offer(Family family, TableId table, const std::shared_ptr<const Chain>& chain) {
    auto& latest = latest_[static_cast<std::size_t>(family)][static_cast<std::size_t>(table)];
    if (chain->id >= latest.size())
        latest.resize(chain->id + 1);
    latest[chain->id] = chain;
}

// -- rules ------------------------------------------------------------------------------------------

Match& Rule::add(Match::Kind kind, Negate negate) {
    constexpr std::size_t usual = 4;  // what a rule is built with; the copy that is kept has no room to spare
    if (matches.empty())
        matches.reserve(usual);
    Match& match = matches.emplace_back();
    match.kind = kind;
    match.negate = negate == Negate::yes;
    return match;
}

Rule& Rule::to(TargetKind kind) {
    target.kind = kind;
    return *this;
}

Rule& Rule::comment(std::string_view text) {
    add(Match::Kind::comment).text = text;
    return *this;
}

Rule& Rule::source(const Prefix& prefix, Negate negate) {
    add(Match::Kind::source, negate).prefix = prefix;
    return *this;
}

Rule& Rule::destination(const Prefix& prefix, Negate negate) {
    add(Match::Kind::destination, negate).prefix = prefix;
    return *this;
}

Rule& Rule::in_full() {
    matches.back().written_in_full = true;
    return *this;
}

Rule& Rule::protocol(Protocol protocol) {
    Match& match = add(Match::Kind::protocol);
    match.protocol = protocol;
    match.module = true;
    return *this;
}

Rule& Rule::in_interface(std::string_view name, Negate negate) {
    add(Match::Kind::in_interface, negate).text = name;
    return *this;
}

Rule& Rule::out_interface(std::string_view name, Negate negate) {
    add(Match::Kind::out_interface, negate).text = name;
    return *this;
}

Rule& Rule::destination_port(std::uint16_t low, std::uint16_t high) {
    Match& match = add(Match::Kind::destination_port);
    match.low = low;
    match.high = high == 0 ? low : high;
    return *this;
}

Rule& Rule::mark(std::uint32_t value, std::uint32_t mask, Negate negate) {
    Match& match = add(Match::Kind::mark, negate);
    match.value = value;
    match.mask = mask;
    return *this;
}

Rule& Rule::state(std::uint32_t bits, Negate negate) {
    add(Match::Kind::ctstate, negate).value = bits;
    return *this;
}

Rule& Rule::probability(double probability) {
    // Written with ten digits, kept by the kernel as lround(0x80000000 * number): iptables-save shows
    // the difference (0.3333333333 becomes 0.33333333349).
    char written[32];
    std::snprintf(written, sizeof written, "%0.10f", probability);
    Match& match = add(Match::Kind::statistic);
    match.text = written;
    match.value = static_cast<std::uint32_t>(std::floor(std::strtod(written, nullptr) * 2147483648.0 + 0.5));
    return *this;
}

Rule& Rule::recent_set(std::string_view name) {
    add(Match::Kind::recent_set).text = name;
    return *this;
}

Rule& Rule::recent_check(std::string_view name, std::uint32_t seconds) {
    Match& match = add(Match::Kind::recent_check);
    match.text = name;
    match.value = seconds;
    return *this;
}

Rule& Rule::destination_local(Negate negate) {
    add(Match::Kind::destination_local, negate);
    return *this;
}

Rule& Rule::match_set(std::string_view name, std::string_view directions, Negate negate) {
    Match& match = add(Match::Kind::set, negate);
    match.text = name;
    match.directions = IpSetDirections::parse(directions);
    return *this;
}

Rule& Rule::source_local(Negate negate) {
    add(Match::Kind::source_local, negate);
    return *this;
}

Rule& Rule::nfacct(std::string_view name) {
    add(Match::Kind::nfacct).text = name;
    return *this;
}

Rule& Rule::protocol_only(Protocol protocol) {
    add(Match::Kind::protocol).protocol = protocol;
    return *this;
}

Rule& Rule::source_port(std::uint16_t port) {
    Match& match = add(Match::Kind::source_port);
    match.low = match.high = port;
    return *this;
}

Rule& Rule::destination_ports(std::uint16_t low, std::uint16_t high) {
    Match& match = add(Match::Kind::destination_ports);
    match.low = low;
    match.high = high;
    return *this;
}

Rule& Rule::icmp_type(std::uint8_t type, std::string_view name) {
    Match& match = add(Match::Kind::icmp_type);
    match.value = type;
    match.text = name;
    return *this;
}

Rule& Rule::physdev_bridged() {
    add(Match::Kind::physdev_bridged);
    return *this;
}

Rule& Rule::physdev_in(Negate negate) {
    add(Match::Kind::physdev_in, negate);
    return *this;
}

Rule& Rule::ipvs(const SocketAddress& virtual_service, Protocol protocol) {
    Match& match = add(Match::Kind::ipvs);
    match.prefix = {virtual_service.ip, virtual_service.ip.family == Family::ipv4 ? 32 : 128};
    match.low = virtual_service.port;
    match.protocol = protocol;
    return *this;
}

Rule& Rule::limit(std::uint32_t per_minute, std::uint16_t burst) {
    Match& match = add(Match::Kind::limit);
    match.value = per_minute;
    match.low = burst;
    return *this;
}

Rule& Rule::clear_mark(std::uint32_t mark) {
    target.mark_and = ~mark;
    target.mark_xor = 0;
    return to(TargetKind::mark);
}

Rule& Rule::nflog(std::uint16_t group) {
    target.group = group;
    return to(TargetKind::nflog);
}

Rule& Rule::reject(IcmpCode with) {
    target.reject_with = with;
    return to(TargetKind::reject);
}

Rule& Rule::jump(ChainId chain) {
    target.chain = chain;
    return to(TargetKind::jump);
}

Rule& Rule::or_mark(std::uint32_t mark) {
    target.mark_and = ~mark;
    target.mark_xor = mark;
    return to(TargetKind::mark);
}

Rule& Rule::xor_mark(std::uint32_t mark) {
    target.mark_and = 0xffffffff;
    target.mark_xor = mark;
    return to(TargetKind::mark);
}

Rule& Rule::dnat(const SocketAddress& address) {
    target.to = address;
    return to(TargetKind::dnat);
}

Rule& Rule::snat(const SocketAddress& address) {
    target.to = address;
    return to(TargetKind::snat);
}

Rule& Rule::masquerade(Ports ports) {
    target.random_fully = ports == Ports::random_fully;
    return to(TargetKind::masquerade);
}

const std::string& Rule::comment_text() const {
    static const std::string none;
    for (const Match& match : matches)
        if (match.kind == Match::Kind::comment)
            return match.text;
    return none;
}

void Chain::compile() {
    index.reset();
    if (rules.size() < index_threshold)
        return;
    auto compiled = std::make_shared<ChainIndex>();
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
            compiled->by_address[address_key(address->prefix.ip, protocol->protocol, port->low)].push_back(i);
        else if (protocol && port)
            compiled->by_port[port_key(protocol->protocol, port->low)].push_back(i);
        else if (address)
            compiled->by_destination[address_key(address->prefix.ip, any_protocol, 0)].push_back(i);
        else if (source)
            compiled->by_source[address_key(source->prefix.ip, any_protocol, 0)].push_back(i);
        else
            compiled->others.push_back(i);
    }
    index = std::move(compiled);
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
    return (random_->next() >> 33) < probability_of_2_31;
}

std::size_t Dice::pick(std::size_t count) {
    if (random_)
        return static_cast<std::size_t>(next() % count);
    std::size_t chosen = 0;
    while (chosen + 1 < count && !happens(0))
        ++chosen;
    return chosen;
}

// -- rule sets ----------------------------------------------------------------------------------------

const Chain* Ruleset::chain(TableId id, std::string_view name) const {
    ChainId found = 0;
    return names_->find(name, found) ? chain(id, found) : nullptr;
}

std::vector<const Chain*> Ruleset::chains(TableId id) const {
    std::vector<const Chain*> out;
    for (const auto& entry : table(id))
        if (entry)
            out.push_back(entry.get());
    std::sort(out.begin(), out.end(), [this](const Chain* a, const Chain* b) {
        const bool a_builtin = a->id < builtin_chain_count, b_builtin = b->id < builtin_chain_count;
        if (a_builtin || b_builtin)
            return a_builtin && b_builtin ? a->id < b->id : a_builtin;
        return names_->name(a->id) < names_->name(b->id);
    });
    return out;
}

bool Ruleset::empty() const {
    return empty(TableId::mangle) && empty(TableId::raw) && empty(TableId::filter) && empty(TableId::nat);
}

void Ruleset::create_builtin(TableId id) {
    if (!table(id).empty())
        return;
    for (ChainId hook : table_hooks[static_cast<std::size_t>(id)]) {
        if (hook == builtin_chain_count)
            break;
        auto fresh = std::make_shared<Chain>();
        fresh->id = hook;
        put(id, std::move(fresh));
    }
}

void Ruleset::put(TableId id, std::shared_ptr<const Chain> entry) {
    Table& t = table(id);
    const ChainId at = entry->id;
    if (at >= t.size())
        t.resize(at + 1);
    t[at] = std::move(entry);
}

bool Ruleset::ensure_chain(TableId id, std::string_view name) {
    create_builtin(id);
    const ChainId at = names_->id(name);
    if (chain(id, at))
        return true;
    auto fresh = std::make_shared<Chain>();
    fresh->id = at;
    put(id, std::move(fresh));
    return false;
}

bool Ruleset::ensure_rule(Position position, TableId id, std::string_view name, const Rule& rule) {
    ensure_chain(id, name);
    const Chain& before = *chain(id, name);
    if (std::find(before.rules.begin(), before.rules.end(), rule) != before.rules.end())
        return true;
    auto after = std::make_shared<Chain>(before);
    after->rules.insert(position == Position::prepend ? after->rules.begin() : after->rules.end(), rule);
    after->compile();
    put(id, std::move(after));
    return false;
}

bool Ruleset::delete_rule(TableId id, std::string_view name, const Rule& rule) {
    const Chain* before = chain(id, name);
    if (!before)
        return false;
    auto after = std::make_shared<Chain>(*before);
    const auto found = std::find(after->rules.begin(), after->rules.end(), rule);
    if (found == after->rules.end())
        return false;
    after->rules.erase(found);
    after->compile();
    put(id, std::move(after));
    return true;
}

void Ruleset::replace_chain(TableId id, ChainId name, std::vector<Rule> rules) {
    create_builtin(id);
    auto fresh = std::make_shared<Chain>();
    fresh->id = name;
    if (const Chain* before = chain(id, name))
        fresh->drop_policy = before->drop_policy;
    fresh->rules = std::move(rules);
    if (auto twin = names_->twin(family_, id, *fresh))
        return put(id, std::move(twin));
    fresh->compile();
    names_->offer(family_, id, fresh);
    put(id, std::move(fresh));
}

std::shared_ptr<const Chain> Ruleset::chain_ref(TableId id, ChainId name) const {
    const Table& t = table(id);
    return name < t.size() ? t[name] : nullptr;
}

void Ruleset::share_chain(TableId id, const std::shared_ptr<const Chain>& entry) {
    create_builtin(id);
    put(id, entry);
}

void Ruleset::delete_chain(TableId id, ChainId name) {
    if (name >= builtin_chain_count && name < table(id).size())
        table(id)[name].reset();
}

void Ruleset::set_policy(TableId id, ChainId builtin, TargetKind policy) {
    create_builtin(id);
    const Chain* before = chain(id, builtin);
    if (!before || builtin >= builtin_chain_count)
        return;
    auto after = std::make_shared<Chain>(*before);
    after->drop_policy = policy == TargetKind::drop;
    put(id, std::move(after));
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
        if (chain.index)
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
