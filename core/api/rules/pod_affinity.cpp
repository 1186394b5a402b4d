// Affinity, tolerations and topology spread. Upstream: pkg/apis/core/validation/validation.go.

#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/object_meta.h"
#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

constexpr std::string_view required_terms = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view preferred_terms = "preferredDuringSchedulingIgnoredDuringExecution";

enum class LabelValues : std::uint8_t { any, valid };

void validate_label_name(const Value& name, const Path& path, FieldErrors& errors) {
    errors.invalid_each(path, Value(name.as_string()), is_qualified_name(name.as_string()));
}

void validate_node_requirement(const Value& requirement, LabelValues label_values, const Path& path,
                               FieldErrors& errors) {
    const std::string_view op = requirement["operator"].as_string();
    const Value& values = requirement["values"];
    const Path values_path = path.child("values");
    if (op == "In" || op == "NotIn") {
        if (values.empty()) errors.required(values_path, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
        if (!values.empty()) {
            errors.forbidden(values_path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
    } else if (op == "Gt" || op == "Lt") {
        if (values.size() != 1) {
            errors.required(values_path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
    } else {
        errors.invalid(path.child("operator"), Value(op), "not a valid selector operator");
    }
    validate_label_name(requirement["key"], path.child("key"), errors);
    if (label_values == LabelValues::any) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
        errors.invalid_each(values_path.index(i), values[i], is_valid_label_value(values[i].as_string()));
    }
}

void validate_node_field(const Value& requirement, const Path& path, FieldErrors& errors) {
    const std::string_view op = requirement["operator"].as_string();
    const Value& values = requirement["values"];
    const Path values_path = path.child("values");
    if (op != "In" && op != "NotIn") {
        errors.invalid(path.child("operator"), Value(op), "not a valid selector operator");
    } else if (values.size() != 1) {
        errors.required(values_path,
                        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    }
    if (requirement["key"].as_string() != "metadata.name") {
        errors.invalid(path.child("key"), Value(requirement["key"].as_string()), "not a valid field selector key");
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        errors.invalid_each(values_path.index(i), values[i], is_dns1123_subdomain(values[i].as_string()));
    }
}

void validate_node_term(const Value& term, LabelValues label_values, const Path& path, FieldErrors& errors) {
    const Path expressions = path.child("matchExpressions");
    for (std::size_t i = 0; i < term["matchExpressions"].size(); ++i) {
        validate_node_requirement(term["matchExpressions"][i], label_values, expressions.index(i), errors);
    }
    const Path fields = path.child("matchFields");
    for (std::size_t i = 0; i < term["matchFields"].size(); ++i) {
        validate_node_field(term["matchFields"][i], fields.index(i), errors);
    }
}

void validate_weight(const Value& term, const Path& path, FieldErrors& errors) {
    const std::int64_t weight = term["weight"].as_int();
    if (weight <= 0 || weight > 100) errors.invalid(path.child("weight"), Value(weight), "must be in the range 1-100");
}

}  // namespace

void validate_node_selector(const Value& selector, const Path& path, FieldErrors& errors) {
    const Path terms_path = path.child("nodeSelectorTerms");
    const Value& terms = selector["nodeSelectorTerms"];
    if (terms.empty()) errors.required(terms_path, "must have at least one node selector term");
    for (std::size_t i = 0; i < terms.size(); ++i) {
        validate_node_term(terms[i], LabelValues::valid, terms_path.index(i), errors);
    }
}

namespace {

void validate_node_affinity(const Value& affinity, const Path& path, FieldErrors& errors) {
    const Value& required = affinity[required_terms];
    if (!required.is_null()) validate_node_selector(required, path.child(required_terms), errors);
    const Value& preferred = affinity[preferred_terms];
    const Path preferred_path = path.child(preferred_terms);
    for (std::size_t i = 0; i < preferred.size(); ++i) {
        const Path at = preferred_path.index(i);
        validate_weight(preferred[i], at, errors);
        validate_node_term(preferred[i]["preference"], LabelValues::any, at.child("preference"), errors);
    }
}

void validate_label_keys(const Value& term, std::string_view field, const Path& path, FieldErrors& errors) {
    const Value& keys = term[field];
    const Path at = path.child(field);
    if (keys.empty()) return;
    if (term["labelSelector"].is_null()) {
        return errors.forbidden(at, "must not be specified when labelSelector is not set");
    }
    for (std::size_t i = 0; i < keys.size(); ++i) validate_label_name(keys[i], at.index(i), errors);
}

// matchLabelKeys have become expressions of the selector by now (see pod.cpp): a key found twice was given twice.
void validate_key_conflicts(const Value& keys, const Value& selector, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> selected;
    for (const Value::Member& label : selector["matchLabels"].members()) selected.insert(label.key);
    for (const Value& expression : selector["matchExpressions"].items()) {
        const std::string_view key = expression["key"].as_string();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (keys[i].as_string() == key && selected.count(key) != 0) {
                errors.invalid(path.index(i), keys[i], "exists in both matchLabelKeys and labelSelector");
            }
        }
        selected.insert(key);
    }
}

void validate_match_keys(const Value& term, const Path& path, FieldErrors& errors) {
    validate_label_keys(term, "matchLabelKeys", path, errors);
    validate_label_keys(term, "mismatchLabelKeys", path, errors);
    const Value& keys = term["matchLabelKeys"];
    const Path keys_path = path.child("matchLabelKeys");
    validate_key_conflicts(keys, term["labelSelector"], path, errors);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (const Value& other : term["mismatchLabelKeys"].items()) {
            if (keys[i] == other) {
                errors.invalid(keys_path.index(i), keys[i], "exists in both matchLabelKeys and mismatchLabelKeys");
                break;
            }
        }
    }
}

void validate_pod_term(const Value& term, const Path& path, FieldErrors& errors) {
    validate_label_selector(term["labelSelector"], path.child("labelSelector"), errors);
    validate_label_selector(term["namespaceSelector"], path.child("namespaceSelector"), errors);
    for (const Value& name : term["namespaces"].items()) {
        errors.invalid_each(path.child("namespace"), name, is_dns1123_label(name.as_string()));
    }
    validate_match_keys(term, path, errors);
    if (term["topologyKey"].as_string().empty()) errors.required(path.child("topologyKey"), "can not be empty");
    validate_label_name(term["topologyKey"], path.child("topologyKey"), errors);
}

void validate_pod_affinity(const Value& affinity, const Path& path, FieldErrors& errors) {
    const Value& required = affinity[required_terms];
    const Path required_path = path.child(required_terms);
    for (std::size_t i = 0; i < required.size(); ++i) validate_pod_term(required[i], required_path.index(i), errors);
    const Value& preferred = affinity[preferred_terms];
    const Path preferred_path = path.child(preferred_terms);
    for (std::size_t i = 0; i < preferred.size(); ++i) {
        const Path at = preferred_path.index(i);
        validate_weight(preferred[i], at, errors);
        validate_pod_term(preferred[i]["podAffinityTerm"], at.child("podAffinityTerm"), errors);
    }
}

std::string joined(const Messages& messages) {
    std::string text;
    for (const std::string& message : messages) text.append(text.empty() ? "" : ";").append(message);
    return text;
}

void validate_toleration(const Value& toleration, const Path& path, FieldErrors& errors) {
    const Value& key = toleration["key"];
    const std::string_view op = toleration["operator"].as_string();
    const std::string_view effect = toleration["effect"].as_string();
    const Value value(toleration["value"].as_string());
    if (!key.as_string().empty()) {
        validate_label_name(key, path.child("key"), errors);
    } else if (op != "Exists") {
        errors.invalid(path.child("operator"), Value(op),
                       "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    }
    if (!toleration["tolerationSeconds"].is_null() && effect != "NoExecute") {
        errors.invalid(path.child("effect"), Value(effect),
                       "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (op.empty() || op == "Equal") {
        const Messages wrong = is_valid_label_value(value.as_string());
        if (!wrong.empty()) errors.invalid(path.child("operator"), value, joined(wrong));
    } else if (op == "Exists") {
        if (!value.as_string().empty()) {
            errors.invalid(path.child("operator"), value, "value must be empty when `operator` is 'Exists'");
        }
    } else {
        errors.not_supported(path.child("operator"), Value(op), {"Equal", "Exists"});
    }
    if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
        errors.not_supported(path.child("effect"), Value(effect), {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    }
}

void validate_spread_keys(const Value& constraint, const Path& path, FieldErrors& errors) {
    const Value& keys = constraint["matchLabelKeys"];
    if (keys.empty()) return;
    const Value& selector = constraint["labelSelector"];
    if (selector.is_null()) errors.forbidden(path, "must not be specified when labelSelector is not set");
    for (std::size_t i = 0; i < keys.size(); ++i) validate_label_name(keys[i], path.index(i), errors);
    validate_key_conflicts(keys, selector, path, errors);
}

void validate_constraint(const Value& constraints, std::size_t position, const Path& path, FieldErrors& errors) {
    const Value& constraint = constraints[position];
    const std::int64_t skew = constraint["maxSkew"].as_int();
    if (skew <= 0) errors.invalid(path.child("maxSkew"), Value(skew), "must be greater than zero");
    const std::string_view key = constraint["topologyKey"].as_string();
    if (key.empty()) errors.required(path.child("topologyKey"), "can not be empty");
    const std::string_view action = constraint["whenUnsatisfiable"].as_string();
    if (action != "DoNotSchedule" && action != "ScheduleAnyway") {
        errors.not_supported(path.child("whenUnsatisfiable"), Value(action), {"DoNotSchedule", "ScheduleAnyway"});
    }
    for (std::size_t i = position + 1; i < constraints.size(); ++i) {
        if (constraints[i]["topologyKey"].as_string() != key) continue;
        if (constraints[i]["whenUnsatisfiable"].as_string() != action) continue;
        errors.duplicate(path.child("{topologyKey, whenUnsatisfiable}"),
                         Value("{" + std::string(key) + ", " + std::string(action) + "}"));
        break;
    }
    const Value& min_domains = constraint["minDomains"];
    if (!min_domains.is_null()) {
        const Path at = path.child("minDomains");
        if (min_domains.as_int() <= 0) errors.invalid(at, min_domains, "must be greater than zero");
        if (action != "DoNotSchedule") {
            errors.invalid(at, min_domains, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " +
                                                std::string(action));
        }
    }
    for (const std::string_view field : {"nodeAffinityPolicy", "nodeTaintsPolicy"}) {
        const Value& policy = constraint[field];
        if (!policy.is_null() && policy.as_string() != "Honor" && policy.as_string() != "Ignore") {
            errors.not_supported(path.child(field), policy, {"Honor", "Ignore"});
        }
    }
    validate_spread_keys(constraint, path.child("matchLabelKeys"), errors);
    validate_label_selector(constraint["labelSelector"], path.child("labelSelector"), errors);
}

}  // namespace

void validate_affinity(const Value& affinity, const Path& path, FieldErrors& errors) {
    validate_node_affinity(affinity["nodeAffinity"], path.child("nodeAffinity"), errors);
    validate_pod_affinity(affinity["podAffinity"], path.child("podAffinity"), errors);
    validate_pod_affinity(affinity["podAntiAffinity"], path.child("podAntiAffinity"), errors);
}

void validate_tolerations(const Value& tolerations, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < tolerations.size(); ++i) validate_toleration(tolerations[i], path.index(i), errors);
}

void validate_topology_spread(const Value& constraints, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < constraints.size(); ++i) validate_constraint(constraints, i, path.index(i), errors);
}

}  // namespace kubewalk::api
