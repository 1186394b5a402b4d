#pragma once
// The functions and operators that expressions may call. Each is a line in the table of its library; from its signatures the
// checker knows what it takes and gives, and the evaluator which of several one is meant.
// Upstream: github.com/google/cel-go/common/stdlib, .../ext, k8s.io/apiserver/pkg/cel/library.

#include <span>
#include <string_view>
#include <vector>

#include "core/api/cel/val.h"
#include "core/base/result.h"

namespace kubewalk::api::cel {

class Host;

// What a call costs and may ask while it runs.
struct Calling {
    std::int64_t& cost;
    Host* host = nullptr;
};
using Function = Result<Val> (*)(Calling& calling, std::span<const Val> args);

struct FunctionLine {
    std::string_view name;
    // "string.(string) -> bool", "(int, int) -> int", several separated by "|"; A and B stand for any type.
    std::string_view signatures;
    Function call;
};

struct Overload {
    bool member = false;
    std::vector<TypeRef> parameters;
    TypeRef result;
    Function call = nullptr;
};
// Null: no such function.
const std::vector<Overload>* overloads_of(std::string_view name);

std::span<const FunctionLine> operator_functions();
std::span<const FunctionLine> conversion_functions();
std::span<const FunctionLine> time_functions();
std::span<const FunctionLine> string_functions();
std::span<const FunctionLine> list_functions();
std::span<const FunctionLine> network_functions();
std::span<const FunctionLine> quantity_functions();
std::span<const FunctionLine> authorizer_functions();

// Whether a value can be what the type says.
bool fits(const Type& type, const Val& value);

inline Error cel_error(std::string message) { return {"CelError", std::move(message), {}, 0, 0}; }
inline Error no_such_overload() { return cel_error("no such overload"); }

}  // namespace kubewalk::api::cel
