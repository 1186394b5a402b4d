// Upstream: github.com/google/cel-go/interpreter/{interpretable.go,attributes.go,runtimecost.go}.

#include <algorithm>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/program.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace evaluating {
namespace {

using Kind = Val::Kind;

constexpr std::size_t longest_made = 100'000;

class Evaluator {
public:
    Evaluator(Host& host, std::int64_t& cost, std::int64_t most) : host_(host), cost_(cost), most_(most) {}

    Result<Val> run(const Expr& expr) {
        if (++cost_ > most_)
            return exceeded();
        switch (expr.kind) {
            case Expr::Kind::literal: --cost_; return expr.value;
            case Expr::Kind::ident: return ident(expr);
            case Expr::Kind::select: return select(expr);
            case Expr::Kind::call: return call(expr);
            case Expr::Kind::list: return list(expr);
            case Expr::Kind::map: return map(expr);
            case Expr::Kind::macro: return macro(expr);
        }
        return no_such_overload();
    }

private:
    static Error exceeded() { return cel_error("operation cancelled: actual cost limit exceeded"); }

    bool find(std::string_view name, Val& value) {
        for (auto it = bound_.rbegin(); it != bound_.rend(); ++it)
            if (it->first == name) {
                value = it->second;
                return true;
            }
        return host_.variable(name, value);
    }

    Result<Val> ident(const Expr& expr) {
        Val value;
        if (find(expr.name, value))
            return value;
        for (const std::string_view type : {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"})
            if (expr.name == type)
                return Val::type(type);
        return cel_error(cat("no such attribute(s): ", expr.name));
    }

    static Result<Val> field(const Val& operand, const std::string& name) {
        if (!operand.is(Kind::map))
            return no_such_overload();
        if (Val found; operand.find_field(name, found))
            return found;
        return cel_error(cat("no such key: ", name));
    }

    Result<Val> select(const Expr& expr) {
        const Expr& inner = *expr.args[0];
        if (inner.kind == Expr::Kind::ident) {
            Val value;
            if (!find(inner.name, value)) {
                if (inner.name == "variables")
                    return host_.composed(expr.name, cost_);
                if (find(cat(inner.name, ".", expr.name), value))
                    return value;
            } else if (value.is(Kind::opaque) && find(cat(inner.name, ".", expr.name), value)) {
                return value;
            }
        }
        KUBEWALK_TRY(operand, run(inner));
        if (operand.is(Kind::optional) || expr.optional) {
            if (operand.is(Kind::optional) && !operand.has_value())
                return Val::none();
            const auto found = field(operand.is(Kind::optional) ? operand.inner() : operand, expr.name);
            return found.ok() ? Val::some(found.value()) : Val::none();
        }
        return field(operand, expr.name);
    }

    Result<Val> has(const Expr& chosen) {
        KUBEWALK_TRY(operand, run(*chosen.args[0]));
        if (operand.is(Kind::optional) && !operand.has_value())
            return Val::boolean(false);
        const Val target = operand.is(Kind::optional) ? operand.inner() : operand;
        if (!target.is(Kind::map))
            return no_such_overload();
        Val found;
        return Val::boolean(target.find_field(chosen.name, found) && !(target.is_object() && found.is(Kind::null)));
    }

    // What one side settles, the other side's error does not change.
    // `each`: things to be judged; `judge`: what an expression says of one.
    template <typename Each, typename Judge>
    Result<Val> settled(const Each& each, bool settles, Judge judge) {
        std::optional<Error> failed;
        for (const auto& one : each) {
            Result<Val> value = judge(one);
            if (value.ok() && !value.value().is(Kind::boolean))
                value = no_such_overload();
            if (!value.ok()) {
                if (cost_ > most_)
                    return value;
                if (!failed)
                    failed = value.error();
            } else if (value.value().is_true() == settles) {
                return value;
            }
        }
        if (failed)
            return *failed;
        return Val::boolean(!settles);
    }

    Result<Val> logic(const Expr& expr, bool settles) {
        return settled(expr.args, settles, [&](const ExprPtr& arg) { return run(*arg); });
    }

    Result<Val> call(const Expr& expr) {
        if (expr.name == "_&&_")
            return logic(expr, false);
        if (expr.name == "_||_")
            return logic(expr, true);
        if (expr.name == "_?_:_") {
            KUBEWALK_TRY(condition, run(*expr.args[0]));
            if (!condition.is(Kind::boolean))
                return no_such_overload();
            return run(*expr.args[condition.is_true() ? 1 : 2]);
        }
        std::string name = expr.name;
        bool member = expr.member;
        if (member)
            if (const auto space = dotted(*expr.args[0]); !space.empty())
                if (Val value; !find(space.substr(0, space.find('.')), value) && overloads_of(cat(space, ".", name))) {
                    name = cat(space, ".", name);
                    member = false;
                }
        // What an optional does not hold is worked out only when it is wanted.
        if (member && (name == "orValue" || name == "or") && expr.args.size() == 2) {
            KUBEWALK_TRY(held, run(*expr.args[0]));
            if (!held.is(Kind::optional))
                return no_such_overload();
            if (held.has_value())
                return name == "or" ? held : held.inner();
            return run(*expr.args[1]);
        }
        std::vector<Val> args;
        for (std::size_t i = expr.member && !member ? 1 : 0; i < expr.args.size(); ++i) {
            KUBEWALK_TRY(value, run(*expr.args[i]));
            args.push_back(std::move(value));
        }
        return dispatch(name, member, args);
    }

    Result<Val> dispatch(const std::string& name, bool member, const std::vector<Val>& args) {
        const bool is_operator = name.find('_') != std::string::npos || name.starts_with("@");
        if (const auto* overloads = overloads_of(name))
            for (const auto& one : *overloads) {
                bool fitting = one.member == member && one.parameters.size() == args.size();
                for (std::size_t i = 0; i < args.size() && fitting; ++i)
                    fitting = fits(*one.parameters[i], args[i]) || (is_operator && i == 1 && name.starts_with("_[") && args[i].is_numeric());
                if (!fitting)
                    continue;
                Calling calling{cost_, &host_};
                auto result = one.call(calling, args);
                return cost_ > most_ ? Result<Val>(exceeded()) : result;
            }
        if (is_operator)
            return no_such_overload();
        std::string types;
        for (const auto& arg : args)
            append(types, types.empty() ? "" : ", ", arg.type_name());
        return cel_error(cat("no such overload: ", name, "(", types, ")"));
    }

    Result<Val> list(const Expr& expr) {
        std::vector<Val> items;
        for (std::size_t i = 0; i < expr.args.size(); ++i) {
            KUBEWALK_TRY(value, run(*expr.args[i]));
            if (!expr.optional_args[i])
                items.push_back(std::move(value));
            else if (!value.is(Kind::optional))
                return no_such_overload();
            else if (value.has_value())
                items.push_back(value.inner());
        }
        return Val::list(std::move(items));
    }

    static Error repeated(const Val& key) { return cel_error(cat("duplicate key: ", string_of(key))); }

    Result<Val> map(const Expr& expr) {
        std::vector<std::pair<Val, Val>> entries;
        for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
            KUBEWALK_TRY(key, run(*expr.args[i]));
            KUBEWALK_TRY(value, run(*expr.args[i + 1]));
            if (expr.optional_args[i / 2]) {
                if (!value.is(Kind::optional))
                    return no_such_overload();
                if (!value.has_value())
                    continue;
                const Val inner = value.inner();
                value = inner;
            }
            for (const auto& known : entries)
                if (equal(known.first, key))
                    return cel_error(cat("Failed with repeated key"));
            entries.emplace_back(std::move(key), std::move(value));
        }
        return Val::map(std::move(entries));
    }

    // -- macros --------------------------------------------------------------------------------------

    Result<Val> with(const Expr& expr, const Val& first, const Val& second, std::size_t argument) {
        bound_.emplace_back(expr.variables[0], first);
        if (expr.variables.size() > 1)
            bound_.emplace_back(expr.variables[1], second);
        auto value = run(*expr.args[argument]);
        bound_.resize(bound_.size() - expr.variables.size());
        return value;
    }

    Result<Val> macro(const Expr& expr) {
        if (expr.name == "has")
            return has(*expr.args[0]);
        KUBEWALK_TRY(range, run(*expr.args[0]));
        if (expr.name == "optMap" || expr.name == "optFlatMap") {
            if (!range.is(Kind::optional))
                return no_such_overload();
            if (!range.has_value())
                return Val::none();
            KUBEWALK_TRY(made, with(expr, range.inner(), {}, 1));
            return expr.name == "optMap" ? Val::some(made) : made;
        }
        if (!range.is(Kind::list) && !range.is(Kind::map))
            return no_such_overload();
        // One variable is an item or a key; two are place and item, or key and value.
        std::vector<std::pair<Val, Val>> steps;
        if (range.is(Kind::map)) {
            steps = range.entries();
        } else {
            const bool two = expr.variables.size() == 2;
            for (std::size_t i = 0; i < range.size(); ++i)
                steps.emplace_back(two ? Val::integer(static_cast<std::int64_t>(i)) : range.item(i), two ? range.item(i) : Val());
        }
        if (expr.name == "all" || expr.name == "exists")
            return judged(expr, steps, expr.name == "exists");
        if (expr.name == "exists_one" || expr.name == "existsOne")
            return exactly_one(expr, steps);
        if (expr.name == "sortBy")
            return sorted(expr, steps);
        return gathered(expr, range, steps);
    }

    Result<Val> judged(const Expr& expr, const std::vector<std::pair<Val, Val>>& steps, bool settles) {
        return settled(steps, settles, [&](const std::pair<Val, Val>& step) { return with(expr, step.first, step.second, 1); });
    }

    Result<bool> holds(const Expr& expr, const std::pair<Val, Val>& step) {
        KUBEWALK_TRY(value, with(expr, step.first, step.second, 1));
        if (!value.is(Kind::boolean))
            return no_such_overload();
        return value.is_true();
    }

    Result<Val> exactly_one(const Expr& expr, const std::vector<std::pair<Val, Val>>& steps) {
        int count = 0;
        for (const auto& step : steps) {
            KUBEWALK_TRY(good, holds(expr, step));
            count += good ? 1 : 0;
        }
        return Val::boolean(count == 1);
    }

    Result<Val> sorted(const Expr& expr, const std::vector<std::pair<Val, Val>>& steps) {
        std::vector<std::pair<Val, Val>> keyed;
        for (const auto& step : steps) {
            KUBEWALK_TRY(key, with(expr, step.first, step.second, 1));
            if (!keyed.empty() && compare(key, keyed.front().first) == 2)
                return cel_error("list elements must have the same type");
            keyed.emplace_back(std::move(key), step.first);
        }
        sort_stably(keyed, [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
        std::vector<Val> items;
        for (auto& one : keyed)
            items.push_back(std::move(one.second));
        return Val::list(std::move(items));
    }

    // filter, map and the transformations.
    Result<Val> gathered(const Expr& expr, const Val& range, const std::vector<std::pair<Val, Val>>& steps) {
        std::vector<Val> items;
        std::vector<std::pair<Val, Val>> entries;
        for (const auto& step : steps) {
            if (expr.name == "filter" || expr.args.size() > 2) {
                KUBEWALK_TRY(good, holds(expr, step));
                if (!good)
                    continue;
            }
            if (expr.name == "filter") {
                items.push_back(step.first);
                continue;
            }
            KUBEWALK_TRY(made, with(expr, step.first, step.second, expr.args.size() - 1));
            if (expr.name == "transformMap") {
                entries.emplace_back(step.first, std::move(made));
            } else if (expr.name == "transformMapEntry") {
                if (!made.is(Kind::map))
                    return no_such_overload();
                for (auto& entry : made.entries()) {
                    for (const auto& known : entries)
                        if (equal(known.first, entry.first))
                            return repeated(entry.first);
                    entries.push_back(std::move(entry));
                }
            } else {
                items.push_back(std::move(made));
            }
            if (items.size() + entries.size() > longest_made)
                return exceeded();
        }
        (void)range;
        return expr.name.starts_with("transformMap") ? Val::map(std::move(entries)) : Val::list(std::move(items));
    }

    Host& host_;
    std::int64_t& cost_;
    std::int64_t most_;
    std::vector<std::pair<std::string, Val>> bound_;
};

bool mentions(const Expr& expr, std::string_view name) {
    if (expr.kind == Expr::Kind::ident && expr.name == name)
        return true;
    return std::any_of(expr.args.begin(), expr.args.end(), [&](const ExprPtr& arg) { return mentions(*arg, name); });
}

}  // namespace
}  // namespace evaluating

Result<Val> evaluate(const Expr& expr, Host& host, std::int64_t& cost, std::int64_t most) { return evaluating::Evaluator(host, cost, most).run(expr); }

Result<Val> Host::composed(std::string_view name, std::int64_t&) { return cel_error(cat("no such key: ", name)); }
Host::Decision Host::authorize(const Question&) { return {}; }

Result<Program> Program::compile(std::string_view source, std::span<const Variable> variables) {
    Program made;
    made.source_ = source;
    std::vector<Issue> issues;
    if (auto expr = parse(source, issues)) {
        made.expr_ = std::move(expr);
        made.type_ = check(*made.expr_, variables, issues);
    }
    if (!issues.empty())
        return cel_error(issues_text(source, std::move(issues)));
    return made;
}

bool Program::uses(std::string_view variable) const { return evaluating::mentions(*expr_, variable); }

Result<Val> Program::run(Host& host, std::int64_t& budget) const {
    std::int64_t cost = 0;
    auto result = evaluate(*expr_, host, cost, std::min(cost_limit_of_a_call, std::max<std::int64_t>(budget, 0)));
    budget -= cost;
    return result;
}

}  // namespace kubewalk::api::cel
