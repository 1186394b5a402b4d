#include "core/api/scheduling.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::api {

bool tolerates(const Value& toleration, const Value& taint) {
    const auto effect = toleration["effect"].as_string();
    if (!effect.empty() && effect != taint["effect"].as_string())
        return false;
    const auto key = toleration["key"].as_string();
    if (!key.empty() && key != taint["key"].as_string())
        return false;
    const auto op = toleration["operator"].as_string();
    if (op == "Exists")
        return true;
    return (op.empty() || op == "Equal") && toleration["value"].as_string() == taint["value"].as_string();
}

bool any_tolerates(const Value& tolerations, const Value& taint) {
    const auto items = tolerations.items();
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return tolerates(one, taint); });
}

bool has_effect(const Value& taint, TaintEffects effects) {
    const auto effect = taint["effect"].as_string();
    switch (effects) {
        case TaintEffects::no_schedule_or_execute:
            return effect == "NoSchedule" || effect == "NoExecute";
        case TaintEffects::no_execute:
            return effect == "NoExecute";
        case TaintEffects::prefer_no_schedule:
            return effect == "PreferNoSchedule";
    }
    return false;
}

const Value& find_untolerated_taint(const Value& taints, const Value& tolerations, TaintEffects effects) {
    for (const auto& taint : taints.items())
        if (has_effect(taint, effects) && !any_tolerates(tolerations, taint))
            return taint;
    return null_value();
}

namespace {

bool contains(const Value& values, std::string_view text) {
    const auto items = values.items();
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return one.as_string() == text; });
}

// `found` is null where the node has no such label or field.
bool matches_requirement(const Value& requirement, const Value& found) {
    const auto op = requirement["operator"].as_string();
    const auto& values = requirement["values"];
    if (op == "In")
        return found.is_string() && contains(values, found.as_string());
    if (op == "NotIn")
        return !found.is_string() || !contains(values, found.as_string());
    if (op == "Exists")
        return found.is_string();
    if (op == "DoesNotExist")
        return !found.is_string();
    if (op == "Gt" || op == "Lt") {
        const auto have = parse_int(found.as_string());
        const auto bound = parse_int(values[0].as_string());
        if (!have || !bound || values.size() != 1)
            return false;
        return op == "Gt" ? *have > *bound : *have < *bound;
    }
    return false;
}

// Requirements that upstream cannot parse make their term match nothing.
bool valid_requirement(const Value& requirement) {
    const auto op = requirement["operator"].as_string();
    const auto count = requirement["values"].size();
    if (op == "In" || op == "NotIn")
        return count > 0;
    if (op == "Exists" || op == "DoesNotExist")
        return count == 0;
    return (op == "Gt" || op == "Lt") && count == 1 && parse_int(requirement["values"][0].as_string()).has_value();
}

}  // namespace

bool matches_node_selector_term(const Value& term, const Value& node) {
    const auto expressions = term["matchExpressions"].items();
    const auto fields = term["matchFields"].items();
    if (expressions.empty() && fields.empty())
        return false;
    const auto& labels = node["metadata"]["labels"];
    for (const auto& requirement : expressions)
        if (!valid_requirement(requirement) || !matches_requirement(requirement, labels[requirement["key"].as_string()]))
            return false;
    for (const auto& requirement : fields) {
        const bool by_name = requirement["key"].as_string() == "metadata.name";
        if (!by_name || requirement["values"].size() != 1 || !matches_requirement(requirement, node["metadata"]["name"]))
            return false;
    }
    return true;
}

bool matches_node_selector(const Value& node_selector, const Value& node) {
    const auto terms = node_selector["nodeSelectorTerms"].items();
    return std::any_of(terms.begin(), terms.end(), [&](const Value& term) { return matches_node_selector_term(term, node); });
}

bool matches_required_node_affinity(const Value& pod_spec, const Value& node) {
    const auto& labels = node["metadata"]["labels"];
    for (const auto& wanted : pod_spec["nodeSelector"].members())
        if (!labels[wanted.key].is_string() || labels[wanted.key].as_string() != wanted.value.as_string())
            return false;
    const auto& required = pod_spec.path("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
    return required.is_null() || matches_node_selector(required, node);
}

}  // namespace kubewalk::api
