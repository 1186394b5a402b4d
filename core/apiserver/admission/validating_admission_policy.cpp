// ValidatingAdmissionPolicies that are bound judge what is about to be written. They take effect with the write that makes them;
// upstream's informers need a moment.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/{validating,generic,matching}, plugin/cel/{activation.go,condition.go},
// plugin/webhook/{matchconditions/matcher.go,predicates}.

#include <algorithm>
#include <map>

#include "core/api/admission_policy.h"
#include "core/api/custom_kinds.h"
#include "core/api/labels.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::validating_admission_policy {

using api::Value;
using api::cel::Program;
using api::cel::Val;
using Compiler = api::PolicyCompiler;

namespace {

constexpr std::string_view policies = "/registry/validatingadmissionpolicies/", bindings = "/registry/validatingadmissionpolicybindings/";
constexpr std::size_t longest_message = 5 * 1024;

// -- which requests ----------------------------------------------------------------------------------

bool lists(const Value& words, std::string_view word) {
    return std::any_of(words.items().begin(), words.items().end(), [&](const Value& one) { return one.as_string() == "*" || one.as_string() == word; });
}

std::string_view operation_text(Operation operation) { return operation == Operation::create ? "CREATE" : operation == Operation::update ? "UPDATE" : "DELETE"; }

bool is_namespace(const Admission& admission) { return admission.kind.kind == "Namespace" && admission.kind.group.empty(); }

bool rule_matches(const Value& rule, const Admission& admission) {
    const auto& kind = admission.kind;
    const bool inside = kind.namespaced() && !admission.namespace_name.empty();
    if (const auto scope = rule["scope"].as_string("*"); (scope == "Namespaced" && !inside) || (scope == "Cluster" && inside))
        return false;
    if (!lists(rule["operations"], operation_text(admission.operation)) || !lists(rule["apiGroups"], kind.group) || !lists(rule["apiVersions"], kind.version))
        return false;
    const bool resource = std::any_of(rule["resources"].items().begin(), rule["resources"].items().end(), [&](const Value& one) {
        const auto text = one.as_string();
        const auto slash = text.find('/');
        const auto sub = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
        return (text.substr(0, slash) == "*" || text.substr(0, slash) == kind.resource) && (sub == "*" || sub == admission.subresource);
    });
    const Value& names = rule["resourceNames"];
    return resource && (names.empty() || lists(names, admission.name));
}

// Whether matchConstraints or matchResources mean the request.
class Matcher {
public:
    Matcher(const Admission& admission, const Value& object) : admission_(admission), object_(object) {}

    bool matches(const Value& match) const {
        return namespace_fits(match["namespaceSelector"]) && object_fits(match["objectSelector"]) && !any(match["excludeResourceRules"]) &&
               (match["resourceRules"].empty() || any(match["resourceRules"]));
    }

private:
    bool any(const Value& rules) const {
        return std::any_of(rules.items().begin(), rules.items().end(), [&](const Value& rule) { return rule_matches(rule, admission_); });
    }

    bool namespace_fits(const Value& selector) const {
        if (admission_.namespace_name.empty() && !is_namespace(admission_))
            return true;
        const auto wanted = api::LabelSelector::from_object(selector);
        if (selector.empty() || !wanted.ok())
            return selector.empty();
        if (is_namespace(admission_))
            return wanted.value().matches((object_.is_null() ? admission_.old : object_)["metadata"]["labels"]);
        return wanted.value().matches(admission_.core.get(api::kind::namespaces, {}, admission_.namespace_name)["metadata"]["labels"]);
    }

    bool object_fits(const Value& selector) const {
        const auto wanted = api::LabelSelector::from_object(selector);
        if (selector.empty() || !wanted.ok())
            return selector.empty();
        return (!object_.is_null() && wanted.value().matches(object_["metadata"]["labels"])) ||
               (!admission_.old.is_null() && wanted.value().matches(admission_.old["metadata"]["labels"]));
    }

    const Admission& admission_;
    const Value& object_;
};

// -- what an expression sees -------------------------------------------------------------------------

Value request_of(const Admission& admission) {
    const auto& kind = admission.kind;
    const Value about_kind = Value::object({{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}});
    const Value resource = Value::object({{"group", kind.group}, {"version", kind.version}, {"resource", kind.resource}});
    Value groups = Value::array();
    for (const auto& group : admission.call.user.groups)
        groups.push_back(group);
    const auto operation = admission.operation == Operation::create ? "CreateOptions" : admission.operation == Operation::update ? "UpdateOptions" : "DeleteOptions";
    Value request = Value::object({{"kind", about_kind},
                                   {"resource", resource},
                                   {"requestKind", about_kind},
                                   {"requestResource", resource},
                                   {"name", is_namespace(admission) && admission.name.empty() ? std::string_view() : admission.name},
                                   {"namespace", is_namespace(admission) ? admission.name : admission.namespace_name},
                                   {"operation", operation_text(admission.operation)},
                                   {"userInfo", Value::object({{"username", admission.call.user.name}, {"groups", groups}})},
                                   {"dryRun", admission.call.dry_run},
                                   {"options", Value::object({{"kind", operation}, {"apiVersion", "meta.k8s.io/v1"}})}});
    if (!admission.subresource.empty()) {
        request.set("subResource", admission.subresource);
        request.set("requestSubResource", admission.subresource);
    }
    return request;
}

struct NamedProgram {
    std::string name;
    Result<Program> program;
};

class Scene final : public api::cel::Host {
public:
    Scene(const Admission& admission, const Value& object, const Value& params, bool has_params, const std::vector<NamedProgram>& variables)
        : admission_(admission), object_(object), params_(params), has_params_(has_params), variables_(variables), request_(request_of(admission)) {}

    bool variable(std::string_view name, Val& value) override {
        if (name == "object" || name == "oldObject")
            value = Val::of(name == "object" ? object_ : admission_.old);
        else if (name == "request")
            value = Val::of(request_, api::admission_request_type());
        else if (name == "params" && has_params_)
            value = Val::of(params_);
        else if (name == "namespaceObject")
            value = Val::of(namespace_object(), api::namespace_object_type());
        else if (name == "authorizer")
            value = Val::opaque({"kubernetes.authorization.Authorizer", "", {}, std::vector<std::string>(7)});
        else if (name == "authorizer.requestResource")
            value = Val::opaque({"kubernetes.authorization.ResourceCheck", "", {},
                                 {"", std::string(admission_.kind.group), std::string(admission_.kind.resource), std::string(admission_.subresource),
                                  std::string(admission_.namespace_name), std::string(admission_.name), ""}});
        else
            return false;
        return true;
    }

    Result<Val> composed(std::string_view name, std::int64_t& cost) override {
        if (const auto known = composed_.find(name); known != composed_.end())
            return known->second;
        for (const auto& variable : variables_) {
            if (variable.name != name)
                continue;
            if (!variable.program.ok())
                return api::cel::cel_error(cat("composited variable ", quoted(name), " fails to compile: ", variable.program.error().message));
            std::int64_t budget = api::cel::cost_limit_of_a_call;
            auto value = variable.program.value().run(*this, budget);
            cost += api::cel::cost_limit_of_a_call - budget;
            if (!value.ok())
                value = api::cel::cel_error(cat("composited variable ", quoted(name), " fails to evaluate: ", value.error().message));
            composed_.emplace(std::string(name), value);
            return value;
        }
        return Host::composed(name, cost);
    }

    Decision authorize(const Question& question) override {
        if (admission_.core.options.authorization == AuthorizationMode::always_allow)
            return {true, {}};
        const auto user = question.user.empty() ? admission_.call.user : user_info(question.user);
        const auto decision = admission_.core.authorizer.authorize({user, question.verb, question.group, question.resource, question.subresource,
                                                                    question.namespace_name, question.name, question.path});
        return {decision.allowed, decision.reason ? *decision.reason : std::string()};
    }

private:
    Value namespace_object() const {
        if (admission_.namespace_name.empty() || is_namespace(admission_))
            return {};
        Value space = admission_.core.get(api::kind::namespaces, {}, admission_.namespace_name);
        space.erase("apiVersion");
        space.erase("kind");
        return space;
    }

    const Admission& admission_;
    const Value& object_;
    const Value& params_;
    bool has_params_;
    const std::vector<NamedProgram>& variables_;
    Value request_;
    std::map<std::string, Result<Val>, std::less<>> composed_;
};

// -- parameters --------------------------------------------------------------------------------------

Error misconfigured(std::string message) { return {"Misconfigured", std::move(message), {}, 0, 0}; }

const api::Kind* param_kind(const Core& core, const Value& reference) {
    const auto version = reference["apiVersion"].as_string(), name = reference["kind"].as_string();
    if (const auto* own = api::find_kind(version, name))
        return own;
    for (const auto& custom : core.customs.all())
        if (custom.kind().kind == name && custom.kind().api_version() == version)
            return &custom.kind();
    return nullptr;
}

// One null where a binding or its policy knows no parameters.
Result<std::vector<Value>> params_of(const Admission& admission, const Value& policy, const Value& binding) {
    const Value& wanted = policy["spec"]["paramKind"];
    const Value& reference = binding["spec"]["paramRef"];
    if (wanted.is_null() || reference.is_null())
        return std::vector<Value>{Value()};
    const auto* kind = param_kind(admission.core, wanted);
    std::string_view space;
    if (kind->namespaced()) {
        space = reference["namespace"].as_string(admission.namespace_name);
        if (space.empty())
            return misconfigured("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    } else if (!reference["namespace"].as_string().empty()) {
        return misconfigured("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    }
    std::vector<Value> found;
    if (const auto name = reference["name"].as_string(); !name.empty()) {
        if (const Value& object = admission.core.get(*kind, space, name); !object.is_null())
            found.push_back(object);
    } else if (const auto selector = api::LabelSelector::from_object(reference["selector"]); selector.ok()) {
        const auto prefix = store_prefix(*kind, space);
        for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it)
            if (selector.value().is_everything() || selector.value().matches(it->second.value["metadata"]["labels"]))
                found.push_back(it->second.value);
    }
    if (found.empty() && reference["parameterNotFoundAction"].as_string() == "Deny")
        return misconfigured("no params found for policy binding with `Deny` parameterNotFoundAction");
    return found;
}

// -- judging -----------------------------------------------------------------------------------------

struct Verdict {
    std::string message;
    std::string reason;
};

// One policy with one of its parameters.
class Judgement {
public:
    Judgement(const Admission& admission, const Value& object, const Value& policy, const Value& params)
        : spec_(policy["spec"]), compiler_(spec_), plain_(spec_), fails_(spec_["failurePolicy"].as_string("Fail") == "Fail"),
          scene_(admission, object, params, !spec_["paramKind"].is_null(), variables_) {
        for (const auto& variable : spec_["variables"].items())
            variables_.push_back({variable["name"].str(), compiler_.add_variable(variable["name"].as_string(), variable["expression"].as_string())});
    }

    std::vector<Verdict> verdicts() {
        std::vector<Verdict> found;
        if (!conditions_hold(found))
            return found;
        for (const auto& validation : spec_["validations"].items())
            validate(validation, found);
        return found;
    }

private:
    using Kinds = std::vector<api::cel::Type::Kind>;

    // What an error makes of the request.
    void failed(std::string message, std::vector<Verdict>& found) const {
        if (fails_)
            found.push_back({std::move(message), {}});
    }

    Result<Val> run(const Compiler& compiler, const Value& expression, const Kinds& wanted, Compiler::Authorizer authorizer, std::int64_t& budget) {
        const auto program = compiler.compile(expression.as_string(), wanted, authorizer);
        if (!program.ok())
            return api::cel::cel_error(cat("compilation error: ", program.error().message));
        auto value = program.value().run(scene_, budget);
        if (budget < 0)
            return api::cel::cel_error("validation failed due to running out of cost budget, no further validation rules will be run");
        if (!value.ok())
            return api::cel::cel_error(cat("expression '", expression.as_string(), "' resulted in error: ", value.error().message));
        return value;
    }

    bool conditions_hold(std::vector<Verdict>& found) {
        std::int64_t budget = api::cel::cost_limit_of_match_conditions;
        std::vector<std::string> errors;
        for (const auto& condition : spec_["matchConditions"].items()) {
            const auto value = run(plain_, condition["expression"], {api::cel::Type::Kind::boolean}, Compiler::Authorizer::yes, budget);
            if (!value.ok())
                errors.push_back(value.error().message);
            else if (!value.value().is_true())
                return false;
        }
        if (errors.empty())
            return true;
        failed(errors.size() == 1 ? errors[0] : cat("[", join(errors, ", "), "]"), found);
        return false;
    }

    void validate(const Value& validation, std::vector<Verdict>& found) {
        const auto value = run(compiler_, validation["expression"], {api::cel::Type::Kind::boolean}, Compiler::Authorizer::yes, budget_);
        if (!value.ok())
            return failed(value.error().message, found);
        if (!value.value().is_true())
            found.push_back({message_of(validation), validation["reason"].str()});
    }

    std::string message_of(const Value& validation) {
        if (!validation["messageExpression"].as_string().empty()) {
            const auto made = run(compiler_, validation["messageExpression"], {api::cel::Type::Kind::string}, Compiler::Authorizer::no, budget_);
            if (made.ok() && made.value().is(Val::Kind::string)) {
                const auto text = trim(made.value().text());
                if (!text.empty() && text.size() <= longest_message && text.find('\n') == std::string_view::npos)
                    return std::string(text);
            }
        }
        const auto message = trim(validation["message"].as_string());
        return message.empty() ? cat("failed expression: ", trim(validation["expression"].as_string())) : std::string(message);
    }

    const Value& spec_;
    Compiler compiler_;
    Compiler plain_;  // matchConditions know no variables
    bool fails_;
    std::vector<NamedProgram> variables_;
    Scene scene_;
    std::int64_t budget_ = api::cel::cost_limit_of_a_request;
};

int code_of(std::string_view reason) { return reason == "Forbidden" ? 403 : reason == "Unauthorized" ? 401 : reason == "RequestEntityTooLarge" ? 413 : 422; }

// All policies; the first refusal is what the client is told.
class Review {
public:
    Review(const Admission& admission, const Value& object) : admission_(admission), object_(object), matcher_(admission, object) {}

    void judge(const Value& policy) {
        const auto name = api::name_of(policy);
        std::vector<Value> bound;
        for (auto it = admission_.core.store.first(bindings); admission_.core.store.within(it, bindings); ++it)
            if (it->second.value["spec"]["policyName"].as_string() == name)
                bound.push_back(it->second.value);
        if (bound.empty() || !matcher_.matches(policy["spec"]["matchConstraints"]))
            return;
        if (const Value& wanted = policy["spec"]["paramKind"]; !wanted.is_null() && !param_kind(admission_.core, wanted)) {
            const auto version = wanted["apiVersion"].as_string();
            return misconfigured_policy(policy, {}, cat("failed to configure policy: failed to find resource referenced by paramKind: '",
                                                        version.find('/') == std::string_view::npos ? "/" : "", version, ", Kind=", wanted["kind"].as_string(), "'"));
        }
        for (const auto& binding : bound)
            if (matcher_.matches(binding["spec"]["matchResources"]))
                judge(policy, binding);
    }

    Answer<Done> answer() const {
        if (refusals_.empty())
            return Done{};
        const auto& [message, reason] = refusals_.front();
        auto failure = status::forbidden(admission_.kind, admission_.name.empty() ? std::string_view("Unknown") : admission_.name, message);
        failure.reason = reason.empty() ? "Invalid" : reason;
        failure.code = code_of(failure.reason);
        failure.causes.push_back({{}, message, {}});
        return failure;
    }

private:
    void misconfigured_policy(const Value& policy, std::string_view binding, std::string message) {
        if (policy["spec"]["failurePolicy"].as_string("Fail") == "Fail")
            deny(policy, binding, {std::move(message), {}});
    }

    void deny(const Value& policy, std::string_view binding, const Verdict& verdict) {
        const auto with = binding.empty() ? std::string() : cat(" with binding '", binding, "'");
        refusals_.push_back({cat("ValidatingAdmissionPolicy '", api::name_of(policy), "'", with, " denied request: ", verdict.message), verdict.reason});
    }

    void judge(const Value& policy, const Value& binding) {
        const auto name = api::name_of(binding);
        const auto params = params_of(admission_, policy, binding);
        if (!params.ok())
            return misconfigured_policy(policy, name, cat("failed to configure binding: ", params.error().message));
        for (const auto& one : params.value())
            for (const auto& verdict : Judgement(admission_, object_, policy, one).verdicts())
                for (const auto& action : binding["spec"]["validationActions"].items()) {
                    if (action.as_string() == "Deny")
                        deny(policy, name, verdict);
                    else if (action.as_string() == "Warn")
                        admission_.call.warnings.push_back(cat("Validation failed for ValidatingAdmissionPolicy '", api::name_of(policy), "' with binding '", name, "': ", verdict.message));
                }
    }

    const Admission& admission_;
    const Value& object_;
    Matcher matcher_;
    std::vector<Verdict> refusals_;
};

}  // namespace

bool handles(const Admission& admission) {
    const auto& store = admission.core.store;
    // Nobody can lock the door behind which the key lies (IsExemptAdmissionConfigurationResource).
    return store.within(store.first(policies), policies) && admission.kind.group != "admissionregistration.k8s.io";
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    Review review(admission, object);
    std::vector<Value> all;
    for (auto it = admission.core.store.first(policies); admission.core.store.within(it, policies); ++it)
        all.push_back(it->second.value);
    for (const auto& policy : all)
        review.judge(policy);
    return review.answer();
}

}  // namespace kubewalk::apiserver::validating_admission_policy
