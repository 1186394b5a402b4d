// Tables, chains and how rules are written. Behaviour: iptables(8), iptables-extensions(8).

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
    Match& match = matches.add();
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
    matches.last().written_in_full = true;
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

}  // namespace kubewalk::net
