// Upstream: pkg/printers/internalversion/printers.go (printValidatingAdmissionPolicy, printValidatingAdmissionPolicyBinding).

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

namespace admission_policies {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"Validations", "integer", ""}, {"ParamKind", "string", ""}, {"Age", "string", ""}};
}

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    const api::Value& kind = object["spec"]["paramKind"];
    return {api::name_of(object), static_cast<std::int64_t>(object["spec"]["validations"].size()),
            kind.is_null() ? std::string("<unset>") : cat(kind["apiVersion"].as_string(), "/", kind["kind"].as_string()), age(object, now)};
}

}  // namespace admission_policies

namespace admission_policy_bindings {

namespace {
constexpr Column table[] = {{"Name", "string", "name"}, {"PolicyName", "string", ""}, {"ParamRef", "string", ""}, {"Age", "string", ""}};

std::string reference_text(const api::Value& reference) {
    if (reference.is_null())
        return "<unset>";
    const auto space = reference["namespace"].as_string(), name = reference["name"].as_string("*");
    return space.empty() ? std::string(name) : cat(space, "/", name);
}
}

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    return {api::name_of(object), object["spec"]["policyName"].as_string(), reference_text(object["spec"]["paramRef"]), age(object, now)};
}

}  // namespace admission_policy_bindings

}  // namespace kubewalk::apiserver::tables
