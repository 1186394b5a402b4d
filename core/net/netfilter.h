#pragma once
// netfilter's tables as data. A rule is one structure with two printers: the text kube-proxy feeds
// to iptables-restore, and what iptables-save prints. A packet is judged by evaluating exactly these
// rules; the index of a long chain is compiled from its rules and from nothing else.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/base/worked_out.h"
#include "core/net/ipset.h"
#include "core/net/packet.h"

namespace kubewalk::net {

enum class TableId : std::uint8_t { mangle, raw, filter, nat };  // in the order iptables-nft-save prints
constexpr std::size_t table_count = 4;
std::string_view table_name(TableId table);

// A chain's name as a number, the same on every machine of a network. The built-in chains come first.
using ChainId = std::uint32_t;
constexpr ChainId chain_prerouting = 0, chain_input = 1, chain_forward = 2, chain_output = 3, chain_postrouting = 4;
constexpr ChainId builtin_chain_count = 5;

struct Chain;

// Append-only; shared by all rule sets of one network.
class ChainNames {
public:
    ChainNames();
    ChainId id(std::string_view name);
    // builtin_chain_count is never a miss: look for `found`.
    bool find(std::string_view name, ChainId& found) const;
    const std::string& name(ChainId id) const { return names_[id]; }
    std::size_t size() const { return names_.size(); }
    // Many machines have the same rules: the chain that one of them holds already, when it is equal.
    std::shared_ptr<const Chain> twin(Family family, TableId table, const Chain& chain) const;
    void offer(Family family, TableId table, const std::shared_ptr<const Chain>& chain);

private:
    std::vector<std::weak_ptr<const Chain>> latest_[2][table_count];  // by ChainId; saves memory and nothing else
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::vector<std::string> names_;
    std::unordered_map<std::string, ChainId, Hash, std::equal_to<>> ids_;  // never iterated
};

// conntrack's view of a packet, as --ctstate names it.
namespace ctstate {
constexpr std::uint32_t invalid = 1, fresh = 2, related = 4, established = 8, untracked = 16, snat = 32, dnat = 64;
std::string text(std::uint32_t bits);  // "RELATED,ESTABLISHED,DNAT"
}  // namespace ctstate

struct Match {
    enum class Kind : std::uint8_t {
        source,         // -s
        destination,    // -d
        protocol,       // -p; `module`: written with "-m tcp"
        in_interface,   // -i, a final '+' is a wildcard
        out_interface,  // -o
        source_port,
        destination_port,  // --dport low[:high]
        mark,              // -m mark --mark value/mask
        ctstate,           // -m conntrack --ctstate value
        statistic,         // -m statistic --mode random --probability: text as written, value/2^31
        recent_set,        // -m recent --name text --set
        recent_check,      // -m recent --name text --rcheck --seconds value --reap
        destination_local, // -m addrtype --dst-type LOCAL
        source_local,      // -m addrtype --src-type LOCAL
        nfacct,            // -m nfacct --nfacct-name text: counts, always matches
        comment,           // -m comment --comment text
        set,               // -m set --match-set text directions
        physdev_in,        // -m physdev --physdev-is-in
        ipvs,              // -m ipvs --vaddr prefix --vproto protocol --vport low
        destination_ports, // -m multiport --dports low:high
        icmp_type,         // -m icmp --icmp-type value; text: its name as written
        physdev_bridged,   // -m physdev --physdev-is-bridged
        limit,             // -m limit --limit value/min --limit-burst low; only ever before NFLOG, so never judged
    };
    Kind kind = Kind::comment;
    bool negate = false;
    bool module = false;
    bool written_in_full = false;  // a host prefix with its length ("::1/128")
    Protocol protocol = Protocol::tcp;
    std::uint16_t low = 0, high = 0;
    std::uint32_t value = 0, mask = 0;
    Prefix prefix;
    IpSetDirections directions;
    std::string text;
    friend bool operator==(const Match&, const Match&) = default;
};

enum class TargetKind : std::uint8_t { none, accept, drop, return_, reject, jump, go_to, mark, dnat, snat, masquerade, nflog, notrack };

struct Target {
    TargetKind kind = TargetKind::none;
    ChainId chain = 0;                      // jump, go_to
    std::uint32_t mark_and = 0xffffffff;    // mark = (mark & mark_and) ^ mark_xor
    std::uint32_t mark_xor = 0;
    SocketAddress to;                       // dnat, snat; port 0: kept
    bool random_fully = false;
    IcmpCode reject_with = IcmpCode::port_unreachable;
    std::uint16_t group = 0;                // nflog
    friend bool operator==(const Target&, const Target&) = default;
};

enum class Negate : bool { no, yes };

// In the order written. Copies of a rule share them until one is changed: tables are copied whenever a rule comes or goes.
class Matches {
public:
    auto begin() const { return list().begin(); }
    auto end() const { return list().end(); }
    std::size_t size() const { return list().size(); }
    const Match& operator[](std::size_t at) const { return list()[at]; }
    Match& add() { return own().emplace_back(); }
    Match& last() { return own().back(); }
    void append(const Matches& others) { own().insert(own().end(), others.begin(), others.end()); }
    friend bool operator==(const Matches& a, const Matches& b) { return a.list_ == b.list_ || a.list() == b.list(); }

private:
    const std::vector<Match>& list() const {
        static const std::vector<Match> none;
        return list_ ? *list_ : none;
    }
    std::vector<Match>& own() {
        if (!list_)
            list_ = std::make_shared<std::vector<Match>>();
        else if (list_.use_count() > 1)
            list_ = std::make_shared<std::vector<Match>>(*list_);
        return *list_;
    }

    std::shared_ptr<std::vector<Match>> list_;
};

struct Rule {
    Matches matches;
    Target target;

    // Written like the command line: Rule().comment("...").tcp(...).destination(...).jump(...).
    Rule& comment(std::string_view text);
    Rule& in_full();  // the last prefix is written with its length
    Rule& source(const Prefix& prefix, Negate negate = Negate::no);
    Rule& destination(const Prefix& prefix, Negate negate = Negate::no);
    Rule& protocol(Protocol protocol);  // "-m tcp -p tcp", as kube-proxy writes it
    Rule& in_interface(std::string_view name, Negate negate = Negate::no);
    Rule& out_interface(std::string_view name, Negate negate = Negate::no);
    Rule& destination_port(std::uint16_t low, std::uint16_t high = 0);
    Rule& mark(std::uint32_t value, std::uint32_t mask, Negate negate = Negate::no);
    Rule& state(std::uint32_t bits, Negate negate = Negate::no);
    Rule& probability(double probability);
    Rule& recent_set(std::string_view name);
    Rule& recent_check(std::string_view name, std::uint32_t seconds);
    Rule& destination_local(Negate negate = Negate::no);
    Rule& source_local(Negate negate = Negate::no);
    Rule& nfacct(std::string_view name);
    Rule& match_set(std::string_view name, std::string_view directions, Negate negate = Negate::no);  // "dst,dst"
    Rule& protocol_only(Protocol protocol);  // "-p tcp", without its module
    Rule& source_port(std::uint16_t port);
    Rule& destination_ports(std::uint16_t low, std::uint16_t high);
    Rule& icmp_type(std::uint8_t type, std::string_view name);
    Rule& physdev_bridged();
    Rule& physdev_in(Negate negate = Negate::no);
    Rule& ipvs(const SocketAddress& virtual_service, Protocol protocol);
    Rule& limit(std::uint32_t per_minute, std::uint16_t burst);

    Rule& accept() { return to(TargetKind::accept); }
    Rule& drop() { return to(TargetKind::drop); }
    Rule& return_() { return to(TargetKind::return_); }
    Rule& reject(IcmpCode with = IcmpCode::port_unreachable);
    Rule& jump(ChainId chain);
    Rule& or_mark(std::uint32_t mark);
    Rule& xor_mark(std::uint32_t mark);
    Rule& clear_mark(std::uint32_t mark);  // --set-mark 0/mark
    Rule& nflog(std::uint16_t group);
    Rule& no_track() { return to(TargetKind::notrack); }  // raw table: conntrack leaves the packet alone
    Rule& dnat(const SocketAddress& to);
    Rule& snat(const SocketAddress& to);
    enum class Ports : std::uint8_t { kept, random_fully };
    Rule& masquerade(Ports ports = Ports::kept);

    const std::string& comment_text() const;  // of the first comment, "" when none
    friend bool operator==(const Rule&, const Rule&) = default;

private:
    Rule& to(TargetKind kind);
    Match& add(Match::Kind kind, Negate negate = Negate::no);
};

// Compiled from a long chain's rules when the first packet comes by: positions of rules by exact destination, protocol and
// port, or by an address alone.
struct ChainIndex {
    explicit ChainIndex(const std::vector<Rule>& rules);

    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_address;  // hash of (ip, protocol, dport)
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_port;     // protocol << 16 | dport
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_destination;  // hash of the address
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_source;
    std::vector<std::uint32_t> others;
};

// A chain's rules as packets ask them, compiled from the rules when the first one comes by: what always matches (comments,
// counters) is left out, and IPv4's prefixes are numbers under a mask.
class ChainChecks {
public:
    struct Check {
        const Match* match = nullptr;
        Match::Kind kind = Match::Kind::comment;
        bool negate = false;
        bool masked = false;  // source and destination: IPv4's address under `mask` is `value`
        Protocol protocol = Protocol::tcp;
        std::uint32_t value = 0, mask = 0;
    };
    struct Asked {
        const Check* begin_ = nullptr;
        const Check* end_ = nullptr;
        const Check* begin() const { return begin_; }
        const Check* end() const { return end_; }
    };
    explicit ChainChecks(const std::vector<Rule>& rules);
    Asked of(std::uint32_t position) const { return {checks_.data() + starts_[position], checks_.data() + starts_[position + 1]}; }

private:
    std::vector<Check> checks_;
    std::vector<std::uint32_t> starts_;  // by position, and the end
};

// Immutable once it stands in a table.
struct Chain {
    ChainId id = 0;
    bool drop_policy = false;  // built-in chains
    std::vector<Rule> rules;

    // Below this a chain is faster read in order.
    bool indexed() const { return rules.size() >= 12; }
    const ChainIndex& index() const { return index_.of(rules); }
    const ChainChecks& checks() const { return checks_.of(rules); }

private:
    mutable WorkedOut<ChainIndex> index_;
    mutable WorkedOut<ChainChecks> checks_;
};

// -m recent: per list, source address -> last seen.
using RecentLists = OrderedMap<std::string, OrderedMap<Ip, Time>>;

// What chance was asked, and said.
struct Draw {
    std::uint32_t probability = 0;  // of 2^31
    bool happened = false;
};

// Where --probability gets its chance from: the seed, or a script for tests that want every branch.
class Dice {
public:
    explicit Dice(Random& random) : random_(&random) {}
    // Answers from the script, then false; asked() tells how many were wanted.
    explicit Dice(std::vector<bool> script) : script_(std::move(script)) {}
    bool happens(std::uint32_t probability_of_2_31);
    std::uint64_t next() { return random_ ? random_->next() : 0; }
    // One of `count`, each as likely. A script names it in unary: false, false, true is the third.
    std::size_t pick(std::size_t count);
    std::size_t asked() const { return asked_; }

    bool scripted() const { return !random_; }
    void note_in(std::vector<Draw>& drawn) { drawn_ = &drawn; }

private:
    Random* random_ = nullptr;
    std::vector<bool> script_;
    std::vector<Draw>* drawn_ = nullptr;
    std::size_t asked_ = 0;
};

// What a rule may look at besides the packet.
class LocalAddresses {
public:
    virtual ~LocalAddresses() = default;
    virtual bool is_local(const Ip& ip) const = 0;
    // Null when there is no such ipset: rules that ask for it could not have been loaded.
    virtual const IpSet* ip_set(std::string_view) const { return nullptr; }
};

// What a judgement depended on beside addresses, protocol, interfaces, marks and conntrack's state.
struct LookedAt {
    bool source_port = false;
    bool destination_port = false;
    bool moving = false;  // sets, lists: what may be another the next time; what chance said, Dice notes
};

struct Evaluation {
    Packet& packet;  // MARK changes it
    std::uint32_t state = 0;  // NOTRACK changes it
    std::string_view in_interface;
    std::string_view out_interface;
    const LocalAddresses& local;
    RecentLists& recent;
    Dice& dice;
    Time now;
    bool bridged = false;  // goes from one port of a bridge to another
    bool from_bridge = false;  // came in by a port of a bridge
    std::optional<SocketAddress> virtual_service{};  // IPVS has the connection
    LookedAt looked_at{};
};

// Every rule that matched on the way, for the recorder.
struct RuleHit {
    ChainId chain = 0;
    std::uint32_t position = 0;
    const Rule* rule = nullptr;
};

struct Verdict {
    TargetKind kind = TargetKind::accept;  // accept, drop, reject, dnat, snat, masquerade
    const Rule* rule = nullptr;            // null: the chain's policy
    ChainId chain = 0;
};

enum class UseIndex : bool { no, yes };

// All tables of one network namespace and one family. A value; chains are shared between copies.
class Ruleset {
public:
    explicit Ruleset(std::shared_ptr<ChainNames> names, Family family = Family::ipv4) : names_(std::move(names)), family_(family) {}

    Family family() const { return family_; }

    ChainNames& names() const { return *names_; }
    // Null when the table has no such chain.
    const Chain* chain(TableId id, ChainId name) const {
        const Table& t = table(id);
        return name < t.size() ? t[name].get() : nullptr;
    }
    const Chain* chain(TableId table, std::string_view name) const;
    // Chains in printing order: built-in ones by hook, then the others by name.
    std::vector<const Chain*> chains(TableId table) const;
    // In no order that means anything to people.
    template <typename Visit>
    void each_chain(TableId id, Visit visit) const {
        for (const auto& entry : table(id))
            if (entry)
                visit(*entry);
    }
    bool empty() const;
    bool empty(TableId table) const { return tables_[static_cast<std::size_t>(table)].empty(); }
    // Whether the hook's chain accepts whatever comes, without a rule.
    bool silent(TableId table, ChainId hook) const {
        const Chain* start = chain(table, hook);
        return !start || (start->rules.empty() && !start->drop_policy);
    }

    // -- what `iptables` does; they create the table's built-in chains on the way ------------------
    // True when it was there already.
    bool ensure_chain(TableId table, std::string_view name);
    enum class Position : std::uint8_t { append, prepend };
    bool ensure_rule(Position position, TableId table, std::string_view chain, const Rule& rule);
    bool delete_rule(TableId table, std::string_view chain, const Rule& rule);
    // iptables-restore --noflush: these chains get these rules, whatever they had.
    void replace_chain(TableId table, ChainId id, std::vector<Rule> rules);
    void share_chain(TableId table, const std::shared_ptr<const Chain>& chain);
    // To keep, and to see later whether somebody else has put another in its place.
    std::shared_ptr<const Chain> chain_ref(TableId table, ChainId id) const;
    void delete_chain(TableId table, ChainId id);
    void set_policy(TableId table, ChainId builtin, TargetKind policy);

    Verdict evaluate(TableId table, ChainId hook, Evaluation& evaluation, std::vector<RuleHit>* hits = nullptr,
                     UseIndex use_index = UseIndex::yes) const;

private:
    using Table = std::vector<std::shared_ptr<const Chain>>;  // by ChainId
    Table& table(TableId id) { return tables_[static_cast<std::size_t>(id)]; }
    const Table& table(TableId id) const { return tables_[static_cast<std::size_t>(id)]; }
    void put(TableId table, std::shared_ptr<const Chain> chain);
    void create_builtin(TableId table);

    std::shared_ptr<ChainNames> names_;
    Family family_;
    Table tables_[table_count];
};

// -- printers (netfilter_text.cpp) ------------------------------------------------------------------
// "-A CHAIN ..." as written for iptables-restore.
std::string restore_text(const Rule& rule, ChainId chain, const ChainNames& names);
// "-A CHAIN ..." as iptables-save prints it.
std::string save_text(const Rule& rule, ChainId chain, const ChainNames& names, Family family = Family::ipv4);
// The whole of `iptables-save` (iptables 1.8.9, nf_tables), of `ip6tables-save` for IPv6's tables; or what `-t` asks
// for. Tables that nobody has touched are left out.
std::string save_text(const Ruleset& rules, Time now, std::string_view only = {});

}  // namespace kubewalk::net
