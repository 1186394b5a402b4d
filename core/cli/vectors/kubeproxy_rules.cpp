// kubeproxy/iptables-rules.json: the text for iptables-restore, sorted as upstream's tests sort it.

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/cli/vectors/kubeproxy_fixture.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

namespace {

// Chains: KUBE-NODEPORTS, KUBE-SERVICES, KUBE-EXTERNAL-SERVICES first, then by name.
std::pair<int, std::string> chain_order(const std::string& name) {
    constexpr std::string_view first[] = {"KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES"};
    for (int i = 0; i < 3; ++i)
        if (first[i] == name)
            return {i, {}};
    return {3, name};
}

std::string sorted_text(const addons::RestoreInput& input, const net::ChainNames& names) {
    std::string out;
    for (const addons::RestoreTable* table : {&input.filter, &input.nat}) {
        std::map<std::pair<int, std::string>, std::string> chains, rules;
        std::vector<std::string> deleted;
        for (net::ChainId chain : table->chains) {
            const std::string& name = names.name(chain);
            chains[chain_order(name)] = cat(':', name, " - [0:0]\n");
        }
        for (const auto& [chain, rule] : table->rules)
            append(rules[chain_order(names.name(chain))], net::restore_text(rule, chain, names), '\n');
        for (net::ChainId chain : table->deleted)
            deleted.push_back(names.name(chain));
        std::sort(deleted.begin(), deleted.end());
        append(out, '*', net::table_name(table->table), '\n');
        for (const auto& [order, text] : chains)
            out += text;
        for (const auto& [order, text] : rules)
            out += text;
        for (const std::string& name : deleted)
            append(out, "-X ", name, '\n');
        out += "COMMIT\n";
    }
    return out;
}

// A partial sync needs what the vectors do not record: which Services changed, and which chains were
// there before. Both are inputs; they are read off the expectation (chains it declares).
void prepare_partial(KubeProxyFixture& fixture, const api::Value& test, const std::string& expected) {
    net::Ruleset& rules = fixture.host.edit_rules(fixture.proxier.config().family);
    fixture.proxier.synchronize(addons::SyncKind::full, fixture.host, Time{});
    for (std::string_view line : split(expected, '\n'))
        if (line.substr(0, 3) == "-X ")
            rules.ensure_chain(net::TableId::nat, line.substr(3));
    for (const api::Value& service : test["services"].items())
        for (const auto& [name, port] : addons::service_ports(service, fixture.proxier.config().family))
            for (std::string_view prefix : {"KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-"})
                if (expected.find(cat(':', addons::service_chain_name(prefix, name))) != std::string::npos)
                    fixture.proxier.touch(name.service);
}

}  // namespace

void run_kubeproxy_rules(const api::Value& root, Report& report) {
    for (const api::Value& test : root["cases"].items()) {
        const std::string expected = cat(trim(test["expectedIptablesRestore"].as_string()), '\n');
        KubeProxyFixture fixture(test, expected.find("--random-fully") != std::string::npos);
        const bool partial = test["partialSync"].as_bool();
        if (partial)
            prepare_partial(fixture, test, expected);
        const addons::RestoreInput input =
            fixture.proxier.build(partial ? addons::SyncKind::partial : addons::SyncKind::full, fixture.host);
        report.check(test["id"].as_string(), expected, sorted_text(input, fixture.host.rules().names()));
    }
}

}  // namespace kubewalk::cli
