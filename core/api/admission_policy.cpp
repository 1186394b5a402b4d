#include "core/api/admission_policy.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using PolicyType = cel::Type::Kind;
using Fields = std::map<std::string, cel::TypeRef, std::less<>>;

cel::TypeRef made_request_type() {
    const auto text = cel::simple(PolicyType::string);
    const auto kind = cel::object_named("kubernetes.GroupVersionKind", {{"group", text}, {"version", text}, {"kind", text}});
    const auto resource = cel::object_named("kubernetes.GroupVersionResource", {{"group", text}, {"version", text}, {"resource", text}});
    const auto user = cel::object_named("kubernetes.UserInfo", {{"username", text}, {"uid", text}, {"groups", cel::list_of(text)},
                                                                {"extra", cel::map_of(text, cel::list_of(text))}});
    return cel::object_named("kubernetes.AdmissionRequest",
                             {{"kind", kind}, {"resource", resource}, {"subResource", text}, {"requestKind", kind}, {"requestResource", resource},
                              {"requestSubResource", text}, {"name", text}, {"namespace", text}, {"__namespace__", text}, {"operation", text}, {"userInfo", user},
                              {"dryRun", cel::simple(PolicyType::boolean)}, {"options", cel::simple(PolicyType::dyn)}});
}

cel::TypeRef made_namespace_type() {
    const auto text = cel::simple(PolicyType::string), number = cel::simple(PolicyType::integer), time = cel::simple(PolicyType::timestamp);
    const auto texts = cel::list_of(text), map = cel::map_of(text, text);
    const auto metadata = cel::object_named("kubernetes.NamespaceMetadata",
                                            {{"name", text}, {"generateName", text}, {"namespace", text}, {"__namespace__", text}, {"labels", map}, {"annotations", map},
                                             {"uid", text}, {"UID", text}, {"creationTimestamp", time}, {"deletionGracePeriodSeconds", number}, {"deletionTimestamp", time},
                                             {"generation", number}, {"resourceVersion", text}, {"finalizers", texts}});
    const auto condition = cel::object_named("kubernetes.NamespaceCondition", {{"status", text}, {"type", text}, {"lastTransitionTime", time}, {"message", text}, {"reason", text}});
    return cel::object_named("kubernetes.Namespace", {{"metadata", metadata},
                                                      {"spec", cel::object_named("kubernetes.NamespaceSpec", {{"finalizers", texts}})},
                                                      {"status", cel::object_named("kubernetes.NamespaceStatus", {{"conditions", cel::list_of(condition)}, {"phase", text}})}});
}

std::string_view kind_text(PolicyType kind) { return kind == PolicyType::boolean ? "bool" : kind == PolicyType::string ? "string" : kind == PolicyType::null ? "null_type" : "dyn"; }

}  // namespace

const cel::TypeRef& admission_request_type() {
    static const cel::TypeRef type = made_request_type();
    return type;
}

const cel::TypeRef& namespace_object_type() {
    static const cel::TypeRef type = made_namespace_type();
    return type;
}

PolicyCompiler::PolicyCompiler(const Value& spec) : has_params_(spec["paramKind"].is_object()) {}

Result<cel::Program> PolicyCompiler::compile(std::string_view expression, const std::vector<PolicyType>& wanted, Authorizer authorizer) const {
    std::vector<cel::Variable> declared{{"object", cel::simple(PolicyType::dyn)},
                                        {"oldObject", cel::simple(PolicyType::dyn)},
                                        {"request", admission_request_type()},
                                        {"namespaceObject", namespace_object_type()},
                                        {"variables", cel::object_named("kubernetes.variables", variables_)}};
    if (has_params_)
        declared.push_back({"params", cel::simple(PolicyType::dyn)});
    if (authorizer == Authorizer::yes) {
        declared.push_back({"authorizer", cel::opaque_named("kubernetes.authorization.Authorizer")});
        declared.push_back({"authorizer.requestResource", cel::opaque_named("kubernetes.authorization.ResourceCheck")});
    }
    auto program = cel::Program::compile(expression, declared);
    if (!program.ok())
        return Error{"Invalid", cat("compilation failed: ", program.error().message), {}, 0, 0};
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), program.value().type().kind) != wanted.end())
        return program;
    if (wanted.size() == 1)
        return Error{"Invalid", cat("must evaluate to ", kind_text(wanted[0])), {}, 0, 0};
    std::vector<std::string> names;
    for (const auto kind : wanted)
        names.emplace_back(kind_text(kind));
    return Error{"Invalid", cat("must evaluate to one of: [", join(names, " "), "]"), {}, 0, 0};
}

Result<cel::Program> PolicyCompiler::add_variable(std::string_view name, std::string_view expression) {
    auto program = compile(expression, {}, Authorizer::yes);
    variables_[std::string(name)] = program.ok() ? program.value().type_ref() : cel::simple(PolicyType::dyn);
    return program;
}

}  // namespace kubewalk::api
