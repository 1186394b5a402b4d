// ResourceQuota, PodDisruptionBudget, PriorityClass. Upstream: k8s.io/kubectl/pkg/cmd/create (create_quota.go,
// create_pdb.go, create_priorityclass.go).

#include <algorithm>

#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl {

using api::Value;

Answer<Value> resource_list(std::string_view text) {
    Value list = Value::object();
    if (text.empty())
        return list;
    for (const auto statement : split(text, ',')) {
        const auto parts = split(statement, '=');
        if (parts.size() != 2)
            return Refusal::plain(cat("Invalid argument syntax ", statement, ", expected <resource>=<value>"));
        auto quantity = api::Quantity::parse(parts[1]);
        if (!quantity.ok())
            return Refusal::plain(quantity.error().message);
        list.set(parts[0], quantity.value().str());
    }
    return list;
}

Answer<Value> parse_labels(std::string_view text) {
    Value labels = Value::object();
    for (const auto pair : split(text, ',')) {
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return Refusal::plain(cat("unexpected label spec: ", pair));
        labels.set(pair.substr(0, equals), pair.substr(equals + 1));
    }
    return labels;
}

namespace command {

namespace {

// "10", "50%"
bool is_amount(std::string_view text) {
    if (text.ends_with('%'))
        text.remove_suffix(1);
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Value amount_of(const std::string& text) {
    const auto number = parse_int(text);
    return number ? Value(*number) : Value(text);
}

// A selector as people write it, as a LabelSelector (metav1.ParseToLabelSelector).
Answer<Value> selector_object(const std::string& text) {
    auto parsed = api::LabelSelector::parse(text);
    if (!parsed.ok())
        return Refusal::plain(cat("couldn't parse the selector string ", quoted(text), ": ", parsed.error().message));
    Value selector = Value::object();
    for (const auto& requirement : parsed.value().requirements()) {
        using Operator = api::Requirement::Operator;
        if (requirement.op == Operator::equals || requirement.op == Operator::double_equals) {
            selector.edit("matchLabels").set(requirement.key, requirement.values[0]);
            continue;
        }
        Value expression = Value::object({{"key", requirement.key}});
        for (const auto& value : requirement.values)
            expression.edit("values").push_back(value);
        expression.set("operator", requirement.op == Operator::in       ? "In"
                                   : requirement.op == Operator::exists ? "Exists"
                                   : requirement.op == Operator::does_not_exist ? "DoesNotExist"
                                                                                : "NotIn");
        selector.edit("matchExpressions").push_back(std::move(expression));
    }
    return selector;
}

}  // namespace

void create_quota_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("hard", "What there may be: RESOURCE=AMOUNT,...").text("scopes", "Only for objects of these scopes, separated by commas");
}
void create_quota(Run& run) {
    if (!one_name(run))
        return;
    auto hard = resource_list(run.flags.text("hard"));
    if (!hard.ok())
        return run.fail(hard.refusal());
    Value object = object_with_name("v1", "ResourceQuota", run.args()[0]);
    object.set("spec", Value::object());
    if (!hard.value().empty())
        object.edit("spec").set("hard", hard.take());
    if (const auto scopes = run.flags.text("scopes"); !scopes.empty())
        for (const auto scope : split(scopes, ',')) {
            if (scope.empty())
                return run.fail("invalid resource quota scope \"\"");
            object.edit_path("spec", "scopes").push_back(scope);
        }
    object.set("status", Value::object());
    create_and_print(run, api::kind::resource_quotas, std::move(object), "created");
}

void create_disruption_budget_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("min-available", "How many Pods must stay: a number or a share such as 50%")
        .text("max-unavailable", "How many may be missing: a number or a share")
        .text("selector", "Labels of the Pods");
}
void create_disruption_budget(Run& run) {
    if (!one_name(run))
        return;
    const auto least = run.flags.text("min-available");
    const auto most = run.flags.text("max-unavailable");
    if (run.flags.text("selector").empty())
        return run.fail("a selector must be specified");
    if (least.empty() && most.empty())
        return run.fail("one of min-available or max-unavailable must be specified");
    if (!least.empty() && !most.empty())
        return run.fail("min-available and max-unavailable cannot be both specified");
    if (!least.empty() && !is_amount(least))
        return run.fail("invalid format specified for min-available");
    if (!most.empty() && !is_amount(most))
        return run.fail("invalid format specified for max-unavailable");
    auto selector = selector_object(run.flags.text("selector"));
    if (!selector.ok())
        return run.fail(selector.refusal());
    Value object = object_with_name("policy/v1", "PodDisruptionBudget", run.args()[0]);
    object.edit("spec").set("selector", selector.take());
    object.edit("spec").set(least.empty() ? "maxUnavailable" : "minAvailable", amount_of(least.empty() ? most : least));
    object.set("status", Value::object({{"currentHealthy", 0}, {"desiredHealthy", 0}, {"disruptionsAllowed", 0}, {"expectedPods", 0}}));
    create_and_print(run, api::kind::pod_disruption_budgets, std::move(object), "created");
}

void create_priority_class_flags(FlagSet& set) {
    add_create_flags(set);
    set.integer("value", "The priority; higher goes first", "0")
        .boolean("global-default", "For Pods that name no class")
        .text("description", "For whom it is meant")
        .text("preemption-policy", "PreemptLowerPriority, or Never to wait in the queue's front", 0, "PreemptLowerPriority");
}
void create_priority_class(Run& run) {
    if (!one_name(run))
        return;
    Value object = object_with_name("scheduling.k8s.io/v1", "PriorityClass", run.args()[0]);
    object.set("value", run.flags.integer("value"));
    if (run.flags.is("global-default"))
        object.set("globalDefault", true);
    if (const auto text = run.flags.text("description"); !text.empty())
        object.set("description", text);
    object.set("preemptionPolicy", run.flags.text("preemption-policy"));
    create_and_print(run, api::kind::priority_classes, std::move(object), "created");
}

}  // namespace command

}  // namespace kubewalk::kubectl
