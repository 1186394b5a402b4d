#pragma once
// An expression of the Common Expression Language, checked against the types of its variables and ready to run. Running one is
// bounded by a budget: steps, and more for what goes through long texts and lists.
// Upstream: github.com/google/cel-go/{checker,interpreter}, k8s.io/apiserver/pkg/{cel/environment/base.go,apis/cel/config.go}.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/cel/ast.h"
#include "core/api/cel/functions.h"
#include "core/base/result.h"

namespace kubewalk::api::cel {

// Of one run, and of all runs for one object or request.
constexpr std::int64_t cost_limit_of_a_call = 1'000'000;
constexpr std::int64_t cost_limit_of_a_request = 10'000'000;
constexpr std::int64_t cost_limit_of_match_conditions = cost_limit_of_a_request / 4;

struct Variable {
    std::string name;
    TypeRef type;
};

// What an expression sees while it runs.
class Host {
public:
    struct Question {
        std::string user;  // a service account's name; "": who sent the request
        std::string verb, group, resource, subresource, namespace_name, name;
        std::string path;  // of what is no resource
    };
    struct Decision {
        bool allowed = false;
        std::string reason;
    };

    virtual ~Host() = default;
    // False: nothing is bound to the name.
    virtual bool variable(std::string_view name, Val& value) = 0;
    // `variables.NAME`, worked out when it is first asked for; what that costs is added to `cost`.
    virtual Result<Val> composed(std::string_view name, std::int64_t& cost);
    virtual Decision authorize(const Question& question);
};

class Program {
public:
    // Error: what upstream says after "compilation failed: ".
    static Result<Program> compile(std::string_view source, std::span<const Variable> variables);

    const std::string& source() const { return source_; }
    const Type& type() const { return *type_; }
    const TypeRef& type_ref() const { return type_; }
    bool uses(std::string_view variable) const;
    // What it costs is taken from the budget, which is below zero when there was not enough.
    Result<Val> run(Host& host, std::int64_t& budget) const;

private:
    std::string source_;
    std::shared_ptr<const Expr> expr_;
    TypeRef type_;
};

inline bool is_out_of_budget(const Error& error) { return error.message.starts_with("operation cancelled: actual cost limit exceeded"); }

// The type of an expression; further issues where it has none.
TypeRef check(const Expr& expr, std::span<const Variable> variables, std::vector<Issue>& issues);
Result<Val> evaluate(const Expr& expr, Host& host, std::int64_t& cost, std::int64_t most);

}  // namespace kubewalk::api::cel
