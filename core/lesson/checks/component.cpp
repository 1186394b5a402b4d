// {"component": "kubelet/node-1", "running": false}
// {"happened": {"component", "fact", "resource", "namespace", "name", "args": ["*", ...]}, "at_least": 2}: an
// entry of the cause log; the facts' ids stand in assets/strings/facts.*.json. What was undone by going back
// in time has not happened. "after" of other checks looks for such an entry, too.

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/lesson/check.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_component(const Value& check) {
    if (check["component"].as_string().empty())
        return malformed("component: needs a name: \"kube-scheduler\", \"kubelet/node-1\"");
    if (!check["running"].is_bool())
        return malformed("component: running is missing: true or false");
    return only_keys(check, {"component", "running"}, "check");
}

bool component_holds(const Value& check, const cluster::Session& session) {
    return session.cluster().component_running(check["component"].as_string()) == check["running"].as_bool();
}

Result<void> validate_entry(const Value& check, std::string_view key) {
    if (auto keys = only_keys(check[key], {"component", "fact", "resource", "namespace", "name", "args"}, key); !keys.ok())
        return keys;
    return check[key]["fact"].as_string().empty() ? Result<void>(malformed(cat(key, ": fact is missing"))) : Result<void>();
}

Result<void> validate_happened(const Value& check) {
    if (auto entry = validate_entry(check, "happened"); !entry.ok())
        return entry;
    if (auto keys = only_keys(check, {"happened", "equals", "at_least", "at_most"}, "check"); !keys.ok())
        return keys;
    return check.size() > 1 ? validate_amount(check, "happened") : Result<void>();
}

bool entry_fits(const Value& wanted, const sim::Log& log, std::size_t index) {
    const auto object = log.object(index);
    if (!fits(wanted, "fact", log.fact_id(index)) || !fits(wanted, "component", log.component(index)) ||
        !fits(wanted, "resource", object.resource) || !fits(wanted, "namespace", object.namespace_name) || !fits(wanted, "name", object.name))
        return false;
    const auto args = wanted["args"].items();
    for (std::size_t i = 0; i < args.size(); ++i)
        if (i >= log.arg_count(index) || !matches_pattern(args[i].as_string(), log.arg(index, i)))
            return false;
    return true;
}

bool happened_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["happened"];
    const auto& log = session.log();
    std::int64_t times = 0;
    for (std::size_t i = log.first(); i < log.size(); ++i) {
        if (!entry_fits(wanted, log, i))
            continue;
        if (check.size() == 1)
            return true;
        ++times;
    }
    return check.size() > 1 && amount_holds(check, times);
}

}  // namespace

Result<void> validate_after(const Value& check) { return check.contains("after") ? validate_entry(check, "after") : Result<void>(); }

bool is_after(const Value& check, const cluster::Session& session, std::uint64_t step) {
    if (!check.contains("after"))
        return true;
    const auto& log = session.log();
    for (std::size_t i = log.first(); i < log.size() && log.step(i) <= step; ++i)
        if (entry_fits(check["after"], log, i))
            return true;
    return false;
}

const CheckKind component_check{"component", validate_component, component_holds};
const CheckKind happened_check{"happened", validate_happened, happened_holds};

}  // namespace kubewalk::lesson
