#pragma once
// The expressions of a ValidatingAdmissionPolicy: what they may speak of, and what is wrong with them.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/cel/{compile.go,composition.go}, pkg/apis/admissionregistration/validation/validation.go.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/cel/program.h"
#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

// Compiles the expressions of one policy in their order: variables see those before them.
class PolicyCompiler {
public:
    enum class Authorizer : unsigned char { no, yes };
    // `spec`: of the policy.
    explicit PolicyCompiler(const Value& spec);

    // Error: what upstream says, "compilation failed: ..." or "must evaluate to bool".
    Result<cel::Program> compile(std::string_view expression, const std::vector<cel::Type::Kind>& wanted, Authorizer authorizer) const;
    // Declares `variables.NAME`; one that does not compile can be anything.
    Result<cel::Program> add_variable(std::string_view name, std::string_view expression);

private:
    bool has_params_;
    std::map<std::string, cel::TypeRef, std::less<>> variables_;
};

// The types of `request` and `namespaceObject`.
const cel::TypeRef& admission_request_type();
const cel::TypeRef& namespace_object_type();

}  // namespace kubewalk::api
