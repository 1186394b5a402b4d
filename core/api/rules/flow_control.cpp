// FlowSchema and PriorityLevelConfiguration. Upstream: pkg/apis/flowcontrol/{v1/defaults.go,validation/validation.go},
// pkg/registry/flowcontrol/*/strategy.go.

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::int64_t default_precedence = 1000, highest_precedence = 10000;
constexpr std::int64_t default_shares = 30, default_queues = 64, default_hand_size = 8, default_queue_length = 50;
constexpr std::int64_t most_queues = 10'000'000;

void prepare_flow_control(Value& object) {
    start_generation(object);
    drop_status(object);
}

void prepare_flow_control_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, object["spec"] != old["spec"]);
}

void validate_flow_control_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path status("status");
    const Path path = status.child("conditions");
    const Value& conditions = object["status"]["conditions"];
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (conditions[i]["type"].as_string().empty())
            errors.required(path.index(i).child("type"));
        for (std::size_t j = 0; j < i; ++j)
            if (conditions[j]["type"] == conditions[i]["type"])
                errors.duplicate(path.index(i).child("type"), conditions[i]["type"]);
    }
}

// -- FlowSchema ------------------------------------------------------------------------------------

void default_flow_schema(Value& object) {
    if (object["spec"].is_object() && object["spec"]["matchingPrecedence"].as_int() == 0)
        object.edit("spec").set("matchingPrecedence", default_precedence);
}

// A list that is not empty and says "*" alone, or never.
bool only_star(const Value& list) {
    for (const auto& one : list.items())
        if (one.as_string() == "*")
            return list.size() == 1;
    return true;
}

void validate_rule_list(const Value& list, std::string_view what, const Path& path, FieldErrors& errors) {
    if (list.empty())
        errors.required(path, cat(what, " must contain at least one value"));
    else if (!only_star(list))
        errors.invalid(path, list, "if '*' is present, must not specify other " + std::string(what));
}

void validate_flow_subject(const Value& subject, const Path& path, FieldErrors& errors) {
    struct Form {
        std::string_view kind, member;
    };
    constexpr Form forms[] = {{"User", "user"}, {"Group", "group"}, {"ServiceAccount", "serviceAccount"}};
    const auto kind = subject["kind"].as_string();
    bool known = false;
    for (const auto& form : forms) {
        const Path at = path.child(form.member);
        const Value& member = subject[form.member];
        if (form.kind != kind) {
            if (!member.is_null())
                errors.forbidden(at, cat(form.member, " is forbidden when subject kind is not '", form.kind, "'"));
            continue;
        }
        known = true;
        if (member.is_null())
            errors.required(at, cat(form.member, " is required when subject kind is '", form.kind, "'"));
        else if (member["name"].as_string().empty())
            errors.required(at.child("name"));
        else if (kind == "ServiceAccount" && member["namespace"].as_string().empty())
            errors.required(at.child("namespace"), "must specify namespace for service account");
    }
    if (!known)
        errors.not_supported(path.child("kind"), subject["kind"], {"Group", "ServiceAccount", "User"});
}

void validate_flow_resource_rule(const Value& rule, const Path& path, FieldErrors& errors) {
    validate_rule_list(rule["verbs"], "verbs", path.child("verbs"), errors);
    validate_rule_list(rule["apiGroups"], "resource apiGroups", path.child("apiGroups"), errors);
    validate_rule_list(rule["resources"], "resources", path.child("resources"), errors);
    if (rule["namespaces"].empty() && !rule["clusterScope"].as_bool())
        errors.required(path.child("namespaces"), "resource rules that are not cluster scoped must supply at least one namespace");
    else if (!only_star(rule["namespaces"]))
        errors.invalid(path.child("namespaces"), rule["namespaces"], "if '*' is present, must not specify other namespaces");
}

void validate_flow_rule(const Value& rule, const Path& path, FieldErrors& errors) {
    if (rule["subjects"].empty())
        errors.required(path.child("subjects"), "subjects must contain at least one value");
    for (std::size_t i = 0; i < rule["subjects"].size(); ++i)
        validate_flow_subject(rule["subjects"][i], path.child("subjects").index(i), errors);
    if (rule["resourceRules"].empty() && rule["nonResourceRules"].empty())
        errors.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
    for (std::size_t i = 0; i < rule["resourceRules"].size(); ++i)
        validate_flow_resource_rule(rule["resourceRules"][i], path.child("resourceRules").index(i), errors);
    const Path list = path.child("nonResourceRules");
    for (std::size_t i = 0; i < rule["nonResourceRules"].size(); ++i) {
        const Path at = list.index(i);
        validate_rule_list(rule["nonResourceRules"][i]["verbs"], "verbs", at.child("verbs"), errors);
        validate_rule_list(rule["nonResourceRules"][i]["nonResourceURLs"], "nonResourceURLs", at.child("nonResourceURLs"), errors);
    }
}

void validate_flow_schema(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const Path root("spec");
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    const Value& precedence = spec["matchingPrecedence"];
    if (precedence.as_int() <= 0)
        errors.invalid(root.child("matchingPrecedence"), precedence, "must be a positive value");
    if (precedence.as_int() > highest_precedence)
        errors.invalid(root.child("matchingPrecedence"), precedence, cat("must not be greater than ", highest_precedence));
    if (precedence.as_int() == 1 && name_of(object) != "exempt")
        errors.invalid(root.child("matchingPrecedence"), precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
    if (const Value& method = spec["distinguisherMethod"]; !method.is_null())
        if (const auto type = method["type"].as_string(); type != "ByNamespace" && type != "ByUser")
            errors.not_supported(root.child("distinguisherMethod").child("type"), method["type"], {"ByNamespace", "ByUser"});
    const Path reference = root.child("priorityLevelConfiguration");
    const Path level = reference.child("name");
    if (const Value& name = spec["priorityLevelConfiguration"]["name"]; name.as_string().empty())
        errors.required(level, "must reference a priority level");
    else
        errors.invalid_each(level, name, is_dns1123_subdomain(name.as_string()));
    for (std::size_t i = 0; i < spec["rules"].size(); ++i)
        validate_flow_rule(spec["rules"][i], root.child("rules").index(i), errors);
}

void validate_flow_schema_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_flow_schema(object, errors);
}

// -- PriorityLevelConfiguration --------------------------------------------------------------------

void default_priority_level(Value& object) {
    if (object["spec"]["exempt"].is_object()) {
        Value& exempt = object.edit_path("spec", "exempt");
        default_to(exempt, "nominalConcurrencyShares", 0);
        default_to(exempt, "lendablePercent", 0);
    }
    if (!object["spec"]["limited"].is_object())
        return;
    Value& limited = object.edit_path("spec", "limited");
    default_to(limited, "nominalConcurrencyShares", default_shares);
    default_to(limited, "lendablePercent", 0);
    if (!limited["limitResponse"]["queuing"].is_object())
        return;
    Value& queuing = limited.edit_path("limitResponse", "queuing");
    const auto fill = [&queuing](std::string_view field, std::int64_t number) {
        if (queuing[field].as_int() == 0)
            queuing.set(field, number);
    };
    fill("queues", default_queues);
    fill("handSize", default_hand_size);
    fill("queueLengthLimit", default_queue_length);
}

void validate_shares(const Value& of, const Path& path, FieldErrors& errors) {
    if (of["nominalConcurrencyShares"].as_int() < 0)
        errors.invalid(path.child("nominalConcurrencyShares"), of["nominalConcurrencyShares"], "must be a non-negative integer");
    if (const auto percent = of["lendablePercent"].as_int(); percent < 0 || percent > 100)
        errors.invalid(path.child("lendablePercent"), of["lendablePercent"], "must be between 0 and 100, inclusive");
}

void validate_queuing(const Value& queuing, const Path& path, FieldErrors& errors) {
    const auto queues = queuing["queues"].as_int(), hand = queuing["handSize"].as_int();
    if (queuing["queueLengthLimit"].as_int() <= 0)
        errors.invalid(path.child("queueLengthLimit"), queuing["queueLengthLimit"], "must be positive");
    if (queues <= 0)
        errors.invalid(path.child("queues"), queuing["queues"], "must be positive");
    else if (queues > most_queues)
        errors.invalid(path.child("queues"), queuing["queues"], cat("must not be greater than ", most_queues));
    if (hand <= 0)
        errors.invalid(path.child("handSize"), queuing["handSize"], "must be positive");
    else if (hand > queues)
        errors.invalid(path.child("handSize"), queuing["handSize"], cat("should not be greater than queues (", queues, ")"));
}

void validate_limited(const Value& limited, const Path& path, FieldErrors& errors) {
    validate_shares(limited, path, errors);
    if (const Value& percent = limited["borrowingLimitPercent"]; !percent.is_null() && percent.as_int() < 0)
        errors.invalid(path.child("borrowingLimitPercent"), percent, "if specified, must be a non-negative integer");
    const Path response = path.child("limitResponse");
    const Value& queuing = limited["limitResponse"]["queuing"];
    const auto type = limited["limitResponse"]["type"].as_string();
    if (type == "Reject") {
        if (!queuing.is_null())
            errors.forbidden(response.child("queuing"), "must be nil if limited.limitResponse.type is not Limited");
    } else if (type == "Queue") {
        if (queuing.is_null())
            errors.required(response.child("queuing"), "must not be empty if limited.limitResponse.type is Limited");
        else
            validate_queuing(queuing, response.child("queuing"), errors);
    } else {
        errors.not_supported(response.child("type"), limited["limitResponse"]["type"], {"Queue", "Reject"});
    }
}

void validate_priority_level(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const Path root("spec");
    const auto name = name_of(object), type = spec["type"].as_string();
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    if ((name == "exempt") != (type == "Exempt") && (type == "Exempt" || type == "Limited"))
        errors.invalid(root.child("type"), type, "type must be 'Exempt' if and only if name is 'exempt'");
    if (type == "Exempt") {
        if (!spec["limited"].is_null())
            errors.forbidden(root.child("limited"), "must be nil if the type is not Limited");
        if (spec["exempt"].is_null())
            errors.required(root.child("exempt"), "must not be empty when type is Exempt");
        else
            validate_shares(spec["exempt"], root.child("exempt"), errors);
    } else if (type == "Limited") {
        if (!spec["exempt"].is_null())
            errors.forbidden(root.child("exempt"), "must be nil if the type is Limited");
        if (spec["limited"].is_null())
            errors.required(root.child("limited"), "must not be empty when type is Limited");
        else
            validate_limited(spec["limited"], root.child("limited"), errors);
    } else {
        errors.not_supported(root.child("type"), spec["type"], {"Exempt", "Limited"});
    }
}

void validate_priority_level_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_priority_level(object, errors);
}

}  // namespace

const Rules flow_schema_rules = {"flowcontrol.apiserver.k8s.io", "FlowSchema", default_flow_schema, prepare_flow_control, prepare_flow_control_update, keep_all_but_status,
                                 validate_flow_schema, validate_flow_schema_update, validate_flow_control_status, no_warnings};
const Rules priority_level_configuration_rules = {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", default_priority_level, prepare_flow_control,
                                                  prepare_flow_control_update, keep_all_but_status, validate_priority_level, validate_priority_level_update,
                                                  validate_flow_control_status, no_warnings};

}  // namespace kubewalk::api
