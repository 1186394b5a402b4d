// ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding. Upstream: pkg/apis/admissionregistration/{v1/defaults.go,
// validation/validation.go}, pkg/registry/admissionregistration/validatingadmissionpolicy*/strategy.go.

#include <algorithm>
#include <set>

#include "core/api/admission_policy.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using CelKind = cel::Type::Kind;
using Authorizer = PolicyCompiler::Authorizer;

// -- defaults ----------------------------------------------------------------------------------------

void default_match_resources(Value& match) {
    default_to(match, "matchPolicy", "Equivalent");
    default_to(match, "namespaceSelector", Value::object());
    default_to(match, "objectSelector", Value::object());
    for (const std::string_view list : {"resourceRules", "excludeResourceRules"})
        for (std::size_t i = 0; i < match[list].size(); ++i)
            if (match[list][i]["scope"].is_null())
                match.edit(list).edit_at(i).set("scope", "*");
}

void default_policy(Value& object) {
    if (!object["spec"].is_object())
        return;
    Value& spec = object.edit("spec");
    default_to(spec, "failurePolicy", "Fail");
    if (spec["matchConstraints"].is_object())
        default_match_resources(spec.edit("matchConstraints"));
}

void default_binding(Value& object) {
    if (object["spec"]["matchResources"].is_object())
        default_match_resources(object.edit_path("spec", "matchResources"));
}

void prepare_policy(Value& object) {
    start_generation(object);
    drop_status(object);
}
void prepare_policy_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, object["spec"] != old["spec"]);
}
void prepare_binding_update(Value& object, const Value& old) { set_generation(object, old, object["spec"] != old["spec"]); }

// -- validation --------------------------------------------------------------------------------------

void check_one_of(const Value& value, const Path& path, std::initializer_list<std::string_view> allowed, FieldErrors& errors) {
    if (value.as_string().empty())
        errors.required(path);
    else if (std::find(allowed.begin(), allowed.end(), value.as_string()) == allowed.end())
        errors.not_supported(path, value, allowed);
}

bool has_line_breaks_in(std::string_view text) { return text.find_first_of("\n\r") != std::string_view::npos; }

void validate_wildcards(const Value& list, const Path& path, FieldErrors& errors) {
    if (list.empty())
        errors.required(path);
    for (std::size_t i = 0; i < list.size(); ++i)
        if (list[i].as_string() == "*" && list.size() > 1)
            return errors.invalid(path, list, "if '*' is present, must not specify other values");
}

void validate_rule_with_operations(const Value& rule, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> names;
    const Path resource_names = path.child("resourceNames");
    for (std::size_t i = 0; i < rule["resourceNames"].size(); ++i) {
        const Value& name = rule["resourceNames"][i];
        errors.invalid_each(resource_names.index(i), name, is_path_segment_name(name.as_string()));
        if (!names.insert(name.as_string()).second)
            errors.duplicate(resource_names.index(i), name);
    }
    const Path operations = path.child("operations");
    if (rule["operations"].empty())
        errors.required(operations);
    for (std::size_t i = 0; i < rule["operations"].size(); ++i) {
        const auto operation = rule["operations"][i].as_string();
        if (operation == "*" && rule["operations"].size() > 1)
            errors.invalid(operations, rule["operations"], "if '*' is present, must not specify other operations");
        if (operation != "*" && operation != "CONNECT" && operation != "CREATE" && operation != "DELETE" && operation != "UPDATE")
            errors.not_supported(operations.index(i), rule["operations"][i], {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"});
    }
    for (const std::string_view field : {"apiGroups", "apiVersions", "resources"})
        validate_wildcards(rule[field], path.child(field), errors);
    if (const Value& scope = rule["scope"]; !scope.is_null())
        check_one_of(scope, path.child("scope"), {"*", "Cluster", "Namespaced"}, errors);
}

void validate_match_resources(const Value& match, const Path& path, FieldErrors& errors) {
    check_one_of(match["matchPolicy"], path.child("matchPolicy"), {"Equivalent", "Exact"}, errors);
    validate_label_selector(match["namespaceSelector"], path.child("namespaceSelector"), errors);
    validate_label_selector(match["objectSelector"], path.child("objectSelector"), errors);
    for (const std::string_view field : {"resourceRules", "excludeResourceRules"}) {
        const Path list = path.child(field);
        for (std::size_t i = 0; i < match[field].size(); ++i)
            validate_rule_with_operations(match[field][i], list.index(i), errors);
    }
}

void validate_param_kind(const Value& kind, const Path& path, FieldErrors& errors) {
    const auto version = kind["apiVersion"].as_string(), name = kind["kind"].as_string();
    if (version.empty())
        errors.required(path.child("apiVersion"));
    else if (std::count(version.begin(), version.end(), '/') > 1)
        errors.invalid(path.child("apiVersion"), version, cat("unexpected GroupVersion string: ", version));
    if (name.empty())
        errors.required(path.child("kind"));
    else if (const auto wrong = is_dns1035_label(to_lower(name)); !wrong.empty())
        errors.invalid(path.child("kind"), name, cat("may have mixed case, but should otherwise match: ", join(wrong, ",")));
}

bool is_identifier(std::string_view name) {
    // What cannot be written otherwise is escaped, and so no name as it stands.
    return !name.empty() && cel::escaped_name(name) == name;
}

class PolicyChecker {
public:
    PolicyChecker(const Value& object, FieldErrors& errors) : object_(object), spec_(object["spec"]), errors_(errors), compiler_(spec_), plain_(spec_) {}

    void check() {
        const Path spec("spec");
        check_one_of(spec_["failurePolicy"], spec.child("failurePolicy"), {"Fail", "Ignore"}, errors_);
        if (spec_["paramKind"].is_object())
            validate_param_kind(spec_["paramKind"], spec.child("paramKind"), errors_);
        const Path match = spec.child("matchConstraints");
        if (!spec_["matchConstraints"].is_object()) {
            errors_.required(match);
        } else {
            validate_match_resources(spec_["matchConstraints"], match, errors_);
            if (spec_["matchConstraints"]["resourceRules"].empty())
                errors_.required(match.child("resourceRules"));
        }
        conditions(spec.child("matchConditions"));
        const Path variables = spec.child("variables"), validations = spec.child("validations"), annotations = spec.child("auditAnnotations");
        for (std::size_t i = 0; i < spec_["variables"].size(); ++i)
            variable(spec_["variables"][i], variables.index(i));
        if (spec_["validations"].empty() && spec_["auditAnnotations"].empty()) {
            errors_.required(validations, "validations or auditAnnotations must contain at least one item");
            errors_.required(annotations, "validations or auditAnnotations must contain at least one item");
        }
        for (std::size_t i = 0; i < spec_["validations"].size(); ++i)
            validation(spec_["validations"][i], validations.index(i));
        for (std::size_t i = 0; i < spec_["auditAnnotations"].size(); ++i)
            annotation(spec_["auditAnnotations"][i], annotations.index(i));
    }

private:
    void compile(const PolicyCompiler& compiler, const Value& expression, const Path& path, const std::vector<CelKind>& wanted, Authorizer authorizer) {
        if (const auto program = compiler.compile(expression.as_string(), wanted, authorizer); !program.ok())
            errors_.invalid(path, expression, program.error().message);
    }

    void conditions(const Path& path) {
        constexpr int most = 64;
        const Value& all = spec_["matchConditions"];
        if (all.size() > most)
            errors_.too_many(path, static_cast<int>(all.size()), most);
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Path at = path.index(i);
            if (trim(all[i]["expression"].as_string()).empty())
                errors_.required(at.child("expression"));
            else  // variables are not for conditions
                compile(plain_, all[i]["expression"], at.child("expression"), {CelKind::boolean}, Authorizer::yes);
            if (const auto name = all[i]["name"].as_string(); name.empty())
                errors_.required(at.child("name"));
            else if (errors_.invalid_each(at.child("name"), all[i]["name"], is_qualified_name(name)); !names.insert(name).second)
                errors_.duplicate(at.child("name"), all[i]["name"]);
        }
    }

    void variable(const Value& variable, const Path& path) {
        const auto name = variable["name"].as_string();
        if (trim(name).empty())
            errors_.required(path.child("name"), "name is not specified");
        else if (!is_identifier(name))
            errors_.invalid(path.child("name"), name, "name is not a valid CEL identifier");
        if (trim(variable["expression"].as_string()).empty())
            errors_.required(path.child("expression"), "expression is not specified");
        else if (const auto program = compiler_.add_variable(name, variable["expression"].as_string()); !program.ok())
            errors_.invalid(path.child("expression"), variable["expression"], program.error().message);
    }

    void validation(const Value& validation, const Path& path) {
        if (trim(validation["expression"].as_string()).empty())
            errors_.required(path.child("expression"), "expression is not specified");
        else
            compile(compiler_, validation["expression"], path.child("expression"), {CelKind::boolean}, Authorizer::yes);
        const Value& made = validation["messageExpression"];
        if (!made.as_string().empty() && trim(made.as_string()).empty())
            errors_.invalid(path.child("messageExpression"), made, "must be non-empty if specified");
        else if (!made.as_string().empty())
            compile(compiler_, made, path.child("messageExpression"), {CelKind::string}, Authorizer::no);
        const Value& message = validation["message"];
        if (!message.as_string().empty() && trim(message.as_string()).empty())
            errors_.invalid(path.child("message"), message, "message must be non-empty if specified");
        else if (has_line_breaks_in(trim(message.as_string())))
            errors_.invalid(path.child("message"), message, "message must not contain line breaks");
        if (const Value& reason = validation["reason"]; !reason.is_null())
            check_one_of(reason, path.child("reason"), {"Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"}, errors_);
    }

    void annotation(const Value& annotation, const Path& path) {
        errors_.invalid_each(path.child("key"), cat(name_of(object_), "/", annotation["key"].as_string()),
                             is_qualified_name(cat(name_of(object_), "/", annotation["key"].as_string())));
        if (trim(annotation["valueExpression"].as_string()).empty())
            errors_.required(path.child("valueExpression"), "valueExpression is not specified");
        else
            compile(compiler_, annotation["valueExpression"], path.child("valueExpression"), {CelKind::string, CelKind::null}, Authorizer::yes);
    }

    const Value& object_;
    const Value& spec_;
    FieldErrors& errors_;
    PolicyCompiler compiler_;
    PolicyCompiler plain_;
};

void validate_policy(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    PolicyChecker(object, errors).check();
}
void validate_policy_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    PolicyChecker(object, errors).check();
}

void validate_param_ref(const Value& reference, const Path& path, FieldErrors& errors) {
    const Value& name = reference["name"];
    const bool named = !name.as_string().empty(), selects = reference["selector"].is_object();
    if (named)
        errors.invalid_each(path.child("name"), name, is_path_segment_name(name.as_string()));
    if (named && selects)
        errors.forbidden(path.child("name"), "name and selector are mutually exclusive");
    if (selects)
        validate_label_selector(reference["selector"], path.child("selector"), errors);
    if (named && selects)
        errors.forbidden(path.child("selector"), "name and selector are mutually exclusive");
    if (!named && !selects)
        errors.required(path, "one of name or selector must be specified");
    check_one_of(reference["parameterNotFoundAction"], path.child("parameterNotFoundAction"), {"Deny", "Allow"}, errors);
}

void validate_actions(const Value& actions, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < actions.size(); ++i) {
        check_one_of(actions[i], path.index(i), {"Audit", "Deny", "Warn"}, errors);
        if (!seen.insert(actions[i].as_string()).second)
            errors.duplicate(path.index(i), actions[i]);
    }
    if (seen.contains("Deny") && seen.contains("Warn"))
        errors.invalid(path, actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
    if (seen.empty())
        errors.required(path, "at least one validation action is required");
}

void validate_binding(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    const Path spec("spec");
    const Value& policy = object["spec"]["policyName"];
    if (policy.as_string().empty())
        errors.required(spec.child("policyName"));
    else
        errors.invalid_each(spec.child("policyName"), policy, is_dns1123_subdomain(policy.as_string()));
    if (object["spec"]["paramRef"].is_object())
        validate_param_ref(object["spec"]["paramRef"], spec.child("paramRef"), errors);
    if (object["spec"]["matchResources"].is_object())
        validate_match_resources(object["spec"]["matchResources"], spec.child("matchResouces"), errors);  // upstream's spelling
    validate_actions(object["spec"]["validationActions"], spec.child("validationActions"), errors);
}
void validate_binding_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_binding(object, errors);
}

}  // namespace

const Rules validating_admission_policy_rules = {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy", default_policy, prepare_policy, prepare_policy_update,
                                                 keep_all_but_status, validate_policy, validate_policy_update, validate_status_nothing, no_warnings};
const Rules validating_admission_policy_binding_rules = {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", default_binding, start_generation,
                                                         prepare_binding_update, nullptr, validate_binding, validate_binding_update, nullptr, no_warnings};

}  // namespace kubewalk::api
