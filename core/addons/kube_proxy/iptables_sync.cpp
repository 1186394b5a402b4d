// How the rules get onto the node. Upstream hands iptables-restore every Service's entry in the shared
// chains at each sync; here a partial sync edits the shared chains where they change. The result is
// the same (tests/unit/addons), the work is that of the Services that changed.

#include <algorithm>
#include <set>

#include "core/addons/kube_proxy/iptables.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using net::ChainId;
using net::Rule;
using net::TableId;

namespace {

struct SharedChain {
    TableId table;
    std::string_view name;
};
// In the order of IptablesProxier::Shared.
constexpr SharedChain shared_chains[] = {
    {TableId::nat, "KUBE-SERVICES"},           {TableId::nat, "KUBE-NODEPORTS"},    {TableId::filter, "KUBE-SERVICES"},
    {TableId::filter, "KUBE-EXTERNAL-SERVICES"}, {TableId::filter, "KUBE-NODEPORTS"}, {TableId::filter, "KUBE-PROXY-FIREWALL"},
};

// Rules by chain, in order.
std::map<ChainId, std::vector<Rule>> by_chain(RestoreTable& table) {
    std::map<ChainId, std::vector<Rule>> out;
    for (ChainId chain : table.chains)
        out[chain];
    for (auto& [chain, rule] : table.rules)
        out[chain].push_back(std::move(rule));
    return out;
}

std::size_t put(net::Ruleset& rules, TableId table, ChainId chain, std::vector<Rule> list) {
    const std::size_t count = list.size();
    const net::Chain* before = rules.chain(table, chain);
    if (!before || before->rules != list)
        rules.replace_chain(table, chain, std::move(list));
    return count;
}

}  // namespace

std::size_t restore(RestoreInput input, net::Ruleset& rules) {
    std::size_t total = 0;
    for (RestoreTable* table : {&input.filter, &input.nat}) {
        for (auto& [chain, list] : by_chain(*table))
            total += put(rules, table->table, chain, std::move(list));
        for (ChainId chain : table->deleted)
            rules.delete_chain(table->table, chain);
    }
    return total;
}

SyncReport IptablesProxier::apply(SyncKind kind, net::NetNamespace& host, Time) {
    constexpr std::size_t many = 200;  // changed Services: writing everything is cheaper
    if (kind == SyncKind::full || changed_.size() > many || !shared_chains_as_written(host.rules(config_.family)))
        return apply_full(host, kind);
    set_cluster_size();
    std::set<ServicePortName> names;
    for (const std::string& service : changed_) {
        const ServicePortName first{service, "", net::Protocol::tcp};
        for (auto it = services_.lower_bound(first); it != services_.end() && it->first.service == service; ++it)
            names.insert(it->first);
        for (auto it = written_.lower_bound(first); it != written_.end() && it->first.service == service; ++it)
            names.insert(it->first);
    }
    SyncReport report;
    net::Ruleset& rules = host.edit_rules(config_.family);
    SharedLists edited;
    for (const ServicePortName& name : names)
        report.rules += apply_service(name, rules, edited);
    for (std::size_t i = 0; i < shared_count; ++i)
        if (edited[i])
            rules.replace_chain(shared_chains[i].table, shared_[i]->id, std::move(*edited[i]));
    remember_shared_chains(rules);
    return report;
}

SyncReport IptablesProxier::apply_full(net::NetNamespace& host, SyncKind kind) {
    net::Ruleset& rules = host.edit_rules(config_.family);
    if (kind == SyncKind::full)
        ensure_jumps(rules);
    written_.clear();
    SyncReport report{restore(write_all(SyncKind::full, host, &written_), rules)};
    remember_shared_chains(rules);
    return report;
}

// Somebody who edited them (or a flush) has put other chains in their place.
bool IptablesProxier::shared_chains_as_written(const net::Ruleset& rules) const {
    for (std::size_t i = 0; i < shared_count; ++i)
        if (!shared_[i] || rules.chain(shared_chains[i].table, shared_[i]->id) != shared_[i].get())
            return false;
    return true;
}

void IptablesProxier::remember_shared_chains(const net::Ruleset& rules) {
    for (std::size_t i = 0; i < shared_count; ++i)
        shared_[i] = rules.chain_ref(shared_chains[i].table, rules.names().id(shared_chains[i].name));
}

IptablesProxier::Written IptablesProxier::count(const RestoreInput& input, std::size_t nat, std::size_t filter, std::size_t chains,
                                                const net::ChainNames& names) const {
    Written out;
    for (std::size_t i = 0; i < shared_count; ++i) {
        ChainId id = 0;
        if (!names.find(shared_chains[i].name, id))
            continue;
        const RestoreTable& table = shared_chains[i].table == TableId::nat ? input.nat : input.filter;
        const std::size_t from = shared_chains[i].table == TableId::nat ? nat : filter;
        for (std::size_t at = from; at < table.rules.size(); ++at)
            out.counts[i] = static_cast<std::uint16_t>(out.counts[i] + (table.rules[at].first == id));
    }
    out.chains.assign(input.nat.chains.begin() + static_cast<std::ptrdiff_t>(chains), input.nat.chains.end());
    return out;
}

std::size_t IptablesProxier::apply_service(const ServicePortName& name, net::Ruleset& rules, SharedLists& edited) {
    net::ChainNames& names = rules.names();
    RestoreInput out;
    ActiveChains active(0);
    if (const auto port = services_.find(name); port != services_.end())
        write_service(name, port->second, true, out, active, names);
    Written now = count(out, 0, 0, 0, names);
    std::array<std::size_t, shared_count> offset{};
    auto before = written_.begin();
    for (; before != written_.end() && before->first < name; ++before)
        for (std::size_t i = 0; i < shared_count; ++i)
            offset[i] += before->second.counts[i];
    const bool known = before != written_.end() && before->first == name;
    const Written old = known ? before->second : Written{};
    std::size_t total = 0;
    std::map<ChainId, std::vector<Rule>> lists[2] = {by_chain(out.nat), by_chain(out.filter)};
    for (std::size_t i = 0; i < shared_count; ++i) {
        const ChainId id = shared_[i]->id;
        auto& own = lists[shared_chains[i].table == TableId::nat ? 0 : 1];
        std::vector<Rule> list = std::move(own[id]);
        own.erase(id);
        total += list.size();
        const std::vector<Rule>& there = edited[i] ? *edited[i] : shared_[i]->rules;
        const auto from = there.begin() + static_cast<std::ptrdiff_t>(offset[i]);
        if (std::equal(from, from + old.counts[i], list.begin(), list.end()))
            continue;
        if (!edited[i])
            edited[i] = there;
        auto& target = *edited[i];
        const auto at = target.erase(target.begin() + static_cast<std::ptrdiff_t>(offset[i]),
                                     target.begin() + static_cast<std::ptrdiff_t>(offset[i] + old.counts[i]));
        target.insert(at, std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
    }
    for (auto& [chain, list] : lists[0])
        total += put(rules, TableId::nat, chain, std::move(list));
    for (ChainId chain : old.chains)
        if (!active.contains(chain))
            rules.delete_chain(TableId::nat, chain);
    if (services_.contains(name))
        written_[name] = std::move(now);
    else
        written_.erase(name);
    return total;
}

}  // namespace kubewalk::addons
