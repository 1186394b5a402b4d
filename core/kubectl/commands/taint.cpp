// Upstream: k8s.io/kubectl/pkg/cmd/taint (taint.go, utils.go).

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Taint {
    std::string key;
    std::string value;
    std::string effect;  // "" on removal: any
    bool removed = false;
};

Answer<Taint> parse_taint(std::string_view spec) {
    Taint taint;
    std::string_view rest = spec;
    if (rest.ends_with('-')) {
        taint.removed = true;
        rest.remove_suffix(1);
    }
    const auto colon = rest.find(':');
    if (colon != std::string_view::npos) {
        taint.effect = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
    }
    const auto equals = rest.find('=');
    taint.key = rest.substr(0, equals);
    if (equals != std::string_view::npos)
        taint.value = rest.substr(equals + 1);
    if (!taint.removed && taint.effect.empty())
        return Refusal::plain(cat("invalid taint spec: ", spec));
    if (!taint.effect.empty() && taint.effect != "NoSchedule" && taint.effect != "PreferNoSchedule" && taint.effect != "NoExecute")
        return Refusal::plain(cat("invalid taint effect: ", taint.effect, ", unsupported taint effect"));
    return taint;
}

bool is_meant(const Value& taint, const Taint& wanted) {
    return taint["key"].as_string() == wanted.key && (wanted.effect.empty() || taint["effect"].as_string() == wanted.effect);
}

// One that is there already by key and effect is refused unless it may be overwritten. What is added comes first.
Answer<Outcome> change_taints(const Run& run, const Info& info, const std::vector<std::string>& specs) {
    const Value before = info.object["spec"]["taints"];
    const bool overwrite = run.flags.is("overwrite");
    std::vector<Taint> added, removed;
    for (const auto& spec : specs) {
        auto parsed = parse_taint(spec);
        if (!parsed.ok())
            return parsed.refusal();
        (parsed.value().removed ? removed : added).push_back(parsed.value());
    }
    std::vector<std::string> there;
    Value taints = Value::array();
    for (const auto& wanted : added) {
        for (const auto& taint : before.items())
            if (is_meant(taint, wanted))
                there.push_back(wanted.key);
        Value taint = Value::object({{"key", wanted.key}, {"effect", wanted.effect}});
        if (!wanted.value.empty())
            taint.set("value", wanted.value);
        taints.push_back(std::move(taint));
    }
    if (!there.empty() && !overwrite)
        return Refusal::plain(cat("node ", info.name, " already has ", join(there, ","), " taint(s) with same effect(s) and --overwrite is false"));
    for (const auto& taint : before.items())
        if (std::none_of(added.begin(), added.end(), [&](const Taint& wanted) { return is_meant(taint, wanted); }))
            taints.push_back(taint);
    const bool grew = taints.size() != before.size();
    bool shrank = false;
    std::vector<std::string> missing;
    for (const auto& wanted : removed) {
        shrank = false;
        for (std::size_t i = taints.size(); i-- > 0;)
            if (is_meant(taints[i], wanted)) {
                shrank = true;
                taints.erase_at(i);
            }
        if (!shrank)
            missing.push_back(cat("taint ", quoted(cat(wanted.key, wanted.effect.empty() ? "" : ":", wanted.effect)), " not found"));
    }
    if (!missing.empty())
        return Refusal::plain(missing.size() == 1 ? missing[0] : cat("[", join(missing, ", "), "]"));
    Outcome outcome{info.object, (grew && shrank) || overwrite ? "modified" : grew ? "tainted" : "untainted"};
    if (taints.empty())
        outcome.object.edit("spec").erase("taints");
    else
        outcome.object.edit("spec").set("taints", std::move(taints));
    return outcome;
}

bool is_taint(std::string_view word) {
    return word.find('=') != std::string_view::npos || word.find(':') != std::string_view::npos || word.ends_with('-');
}

}  // namespace

void taint_flags(FlagSet& set) {
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-taint");
    add_label_flag(set);
    set.boolean("all", "All nodes")
        .boolean("overwrite", "A taint of the same key and effect may change");
}

void taint(Run& run) {
    std::vector<std::string> resources, specs;
    for (const auto& arg : run.args()) {
        const bool spec = is_taint(arg);
        if (!spec && !specs.empty())
            return run.fail(cat("all resources must be specified before taint changes: ", arg));
        (spec ? specs : resources).push_back(arg);
    }
    if (resources.empty())
        return run.fail("one or more resources must be specified as <resource> <name>");
    if (specs.empty())
        return run.fail("at least one taint update is required");
    const auto* kind = api::find_by_any_name(resources[0]);
    if (!kind || kind->kind != "Node")
        return run.fail(cat("invalid resource type ", resources[0], ", only node types are supported"));
    if (resources.size() < 2 && !run.flags.is("all") && !run.flags.has("selector"))
        return run.fail("at least one resource name must be specified since 'all' parameter is not set");
    modify_each(run, resources, [&](const Info& info) { return change_taints(run, info, specs); });
}

}  // namespace kubewalk::kubectl::command
