#pragma once
// nftables' own tables, as far as kube-proxy's nftables mode uses the language: base chains at hooks
// with priorities, regular chains, sets, verdict maps. (iptables' tables, which nf_tables carries too,
// are netfilter.h's.) A rule is one structure with two printers: `nft list ruleset` and the commands
// that make it. Behaviour: nft(8), net/netfilter/nf_tables_core.c.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/net/netfilter.h"

namespace kubewalk::net {

struct NftMatch {
    enum class Kind : std::uint8_t {
        source,             // ip saddr [!=] { prefixes } or @set
        destination,        // ip daddr likewise
        destination_port,   // tcp dport N
        protocol,           // meta l4proto tcp
        state_new,          // ct state new
        source_local,       // fib saddr type local
        destination_local,  // fib daddr type local
        mark_clear,         // mark and VALUE == 0
    };
    Kind kind = Kind::state_new;
    bool negate = false;
    Protocol protocol = Protocol::tcp;
    std::uint16_t port = 0;
    std::uint32_t value = 0;
    std::vector<Prefix> prefixes;
    bool anonymous_set = false;  // written with braces
    std::string set;
    friend bool operator==(const NftMatch&, const NftMatch&) = default;
};

struct NftAction {
    enum class Kind : std::uint8_t {
        none,
        accept,
        drop,
        reject,
        return_,
        jump,          // chain
        go_to,         // chain
        mark_or,       // value
        mark_xor,      // value
        update_set,    // update @name { ip saddr }
        service_vmap,  // ip daddr . meta l4proto . th dport vmap @name
        port_vmap,     // meta l4proto . th dport vmap @name
        random_vmap,   // numgen random mod N vmap { 0 : goto chains[0], ... }
        dnat,          // dnat to
        masquerade,    // masquerade fully-random
    };
    Kind kind = Kind::none;
    std::string name;  // of a chain, set or map
    std::uint32_t value = 0;
    std::vector<std::string> chains;
    SocketAddress to;
    friend bool operator==(const NftAction&, const NftAction&) = default;
};

struct NftRule {
    std::vector<NftMatch> matches;
    NftAction action;
    std::string comment;
    friend bool operator==(const NftRule&, const NftRule&) = default;
};

enum class NftChainType : std::uint8_t { filter, nat };

struct NftBase {
    NftChainType type = NftChainType::filter;
    ChainId hook = chain_prerouting;  // of the five built-in ones
    int priority = 0;
    friend bool operator==(const NftBase&, const NftBase&) = default;
};

struct NftChain {
    std::string name;
    std::optional<NftBase> base;  // none: a regular chain
    std::string comment;
    std::vector<NftRule> rules;
    friend bool operator==(const NftChain&, const NftChain&) = default;
};

struct NftSet {
    std::string comment;
    std::optional<std::uint32_t> timeout;  // seconds; then elements come with packets ("flags dynamic,timeout")
    OrderedMap<Ip, Time> elements;         // until when, where there is a timeout
};

// "ADDRESS . tcp . 80", or without the address.
struct NftKey {
    Ip ip;
    Protocol protocol = Protocol::tcp;
    std::uint16_t port = 0;
    friend auto operator<=>(const NftKey&, const NftKey&) = default;
};

struct NftElement {
    NftAction::Kind verdict = NftAction::Kind::go_to;  // drop or go_to
    std::string chain;
    std::string comment;
    friend bool operator==(const NftElement&, const NftElement&) = default;
};

struct NftMap {
    enum class Keys : std::uint8_t { services, ports };
    Keys keys = Keys::services;
    std::string comment;
    OrderedMap<NftKey, NftElement> elements;
};

class NftTable {
public:
    Family family = Family::ipv4;
    std::string name;
    std::string comment;
    std::map<std::string, NftSet, std::less<>> sets;
    std::map<std::string, NftMap, std::less<>> maps;

    const NftChain* chain(std::string_view chain_name) const;
    const OrderedMap<std::string, std::shared_ptr<const NftChain>>& chains() const { return chains_; }
    // Adds or replaces.
    void put_chain(NftChain chain);
    bool delete_chain(const std::string& chain_name);
    // Base chains of a hook, by priority.
    std::vector<const NftChain*> bases(ChainId hook, NftChainType type) const;

private:
    OrderedMap<std::string, std::shared_ptr<const NftChain>> chains_;
    std::vector<std::string> bases_;
};

// A rule that was reached and matched, for the recorder.
struct NftHit {
    std::string chain;
    const NftRule* rule = nullptr;
};

struct NftVerdict {
    TargetKind kind = TargetKind::accept;  // accept, drop, reject, dnat, masquerade
    SocketAddress to;                      // dnat
    std::string rule;                      // the rule that decided, as `nft list ruleset` prints it
    std::string comment;                   // of that rule, or of the map's element that led to it
};

class NftTables {
public:
    bool empty() const { return tables_.empty(); }
    const NftTable* find(Family family, std::string_view name) const;
    NftTable& ensure(Family family, std::string_view name);
    bool erase(Family family, std::string_view name);
    const std::map<std::pair<Family, std::string>, NftTable>& all() const { return tables_; }

    // The base chains of a hook whose priority is in [lowest, highest]; the first verdict that is not
    // "accept" counts. Packets change sets, hence not const.
    NftVerdict evaluate(NftChainType type, ChainId hook, int lowest, int highest, Evaluation& at,
                        std::vector<NftHit>* hits = nullptr);

private:
    std::map<std::pair<Family, std::string>, NftTable> tables_;
};

// -- printers (nft_text.cpp) ----------------------------------------------------------------------------
std::string nft_rule_text(const NftRule& rule, Family family);      // as `nft list ruleset` prints it
std::string nft_rule_command(const NftRule& rule, Family family);   // as a command is written
std::string nft_list_text(const NftTables& tables, Time now);       // `nft list ruleset`
// What would make this table: "add table ...", "add set ...", ..., one line each, sorted by object.
std::string nft_commands(const NftTable& table);

}  // namespace kubewalk::net
