// Types of expressions. Upstream: github.com/google/cel-go/checker/{checker.go,types.go,errors.go}, cel/validator.go.

#include <algorithm>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/program.h"
#include "core/base/regex.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace checking {
namespace {

using Kind = Type::Kind;
using Mapping = std::map<std::string, TypeRef, std::less<>>;

bool is_dyn(const Type& type) { return type.kind == Kind::dyn || type.kind == Kind::error; }
bool may_be_null(const Type& type) { return type.kind == Kind::object || type.kind == Kind::opaque || type.kind == Kind::timestamp || type.kind == Kind::duration || type.kind == Kind::optional; }

// Whether a value of type `given` may stand where `wanted` is; parameters of signatures are settled on the way.
bool assignable(const Type& wanted, const TypeRef& given, Mapping& mapping) {
    if (wanted.kind == Kind::parameter) {
        const auto known = mapping.find(wanted.name);
        if (known == mapping.end()) {
            mapping[wanted.name] = given;
            return true;
        }
        if (is_dyn(*given)) {
            known->second = given;
            return true;
        }
        if (is_dyn(*known->second))
            return true;
        const auto settled = known->second;
        Mapping none;
        if (assignable(*settled, given, none))
            return true;
        // What was null, or a list of anything, becomes what it stands beside.
        if (assignable(*given, settled, none)) {
            mapping[wanted.name] = given;
            return true;
        }
        return false;
    }
    if (is_dyn(wanted) || is_dyn(*given))
        return true;
    if (given->kind == Kind::null)
        return wanted.kind == Kind::null || may_be_null(wanted);
    if (wanted.kind != given->kind)
        return false;
    if (wanted.kind == Kind::opaque || wanted.kind == Kind::object)
        return wanted.name == given->name;
    for (std::size_t i = 0; i < wanted.parameters.size() && i < given->parameters.size(); ++i)
        if (!assignable(*wanted.parameters[i], given->parameters[i], mapping))
            return false;
    return true;
}

TypeRef substituted(const TypeRef& type, const Mapping& mapping) {
    if (type->kind == Kind::parameter) {
        const auto known = mapping.find(type->name);
        return known == mapping.end() ? simple(Kind::dyn) : known->second;
    }
    if (type->parameters.empty())
        return type;
    auto made = std::make_shared<Type>(*type);
    for (auto& parameter : made->parameters)
        parameter = substituted(parameter, mapping);
    return made;
}

class Checker {
public:
    Checker(std::span<const Variable> variables, std::vector<Issue>& issues) : variables_(variables), issues_(issues) {}

    TypeRef check(const Expr& expr) {
        switch (expr.kind) {
            case Expr::Kind::literal: return literal(expr.value);
            case Expr::Kind::ident: return ident(expr);
            case Expr::Kind::select: return select(expr);
            case Expr::Kind::call: return call(expr);
            case Expr::Kind::list: return list(expr);
            case Expr::Kind::map: return map(expr);
            case Expr::Kind::macro: return macro(expr);
        }
        return simple(Kind::error);
    }

private:
    TypeRef fail(const Expr& where, std::string message) {
        issues_.push_back({where.offset, std::move(message)});
        return simple(Kind::error);
    }

    static TypeRef literal(const Val& value) {
        switch (value.kind()) {
            case Val::Kind::boolean: return simple(Kind::boolean);
            case Val::Kind::integer: return simple(Kind::integer);
            case Val::Kind::uinteger: return simple(Kind::uinteger);
            case Val::Kind::number: return simple(Kind::number);
            case Val::Kind::string: return simple(Kind::string);
            case Val::Kind::bytes: return simple(Kind::bytes);
            default: return simple(Kind::null);
        }
    }

    const TypeRef* find(std::string_view name) const {
        for (auto it = scopes_.rbegin(); it != scopes_.rend(); ++it)
            if (it->name == name)
                return &it->type;
        for (const auto& variable : variables_)
            if (variable.name == name)
                return &variable.type;
        return nullptr;
    }

    TypeRef ident(const Expr& expr) {
        if (const auto* known = find(expr.name))
            return *known;
        for (const std::string_view type : {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"})
            if (expr.name == type)
                return simple(Kind::type);
        return fail(expr, cat("undeclared reference to '", expr.name, "' (in container '')"));
    }

    TypeRef select(const Expr& expr) {
        if (const auto name = dotted(expr); !name.empty())
            if (const auto* known = find(name))
                return *known;
        const auto operand = check(*expr.args[0]);
        const bool wrapped = operand->kind == Kind::optional;
        const auto target = wrapped ? operand->parameters[0] : operand;
        TypeRef result = simple(Kind::dyn);
        if (target->kind == Kind::map) {
            result = target->parameters[1];
        } else if (target->kind == Kind::object) {
            const auto field = target->fields.find(expr.name);
            result = field == target->fields.end() ? fail(expr, cat("undefined field '", expr.name, "'")) : field->second;
        } else if (!is_dyn(*target)) {
            issues_.push_back({expr.offset, cat("type '", type_text(*target), "' does not support field selection")});
        }
        return wrapped || expr.optional ? optional_of(result) : result;
    }

    TypeRef call(const Expr& expr) {
        if (expr.name == "_&&_" || expr.name == "_||_")
            return logic(expr);
        if (expr.name == "_?_:_")
            return choice(expr);
        // optional.of(x) is a function of that name, unless there is such a variable.
        const Expr* target = expr.member ? expr.args[0].get() : nullptr;
        std::string name = expr.name;
        bool member = expr.member;
        if (target)
            if (const auto space = dotted(*target); !space.empty() && !find(space) && overloads_of(cat(space, ".", name))) {
                name = cat(space, ".", name);
                member = false;
                target = nullptr;
            }
        std::vector<TypeRef> types;
        for (std::size_t i = expr.member && !member ? 1 : 0; i < expr.args.size(); ++i)
            types.push_back(check(*expr.args[i]));
        const auto* overloads = overloads_of(name);
        if (!overloads || std::none_of(overloads->begin(), overloads->end(), [&](const Overload& one) { return one.member == member; })) {
            if (overloads && !overloads->empty())
                return no_match(expr, name, types, member);
            return fail(expr, cat("undeclared reference to '", name, "' (in container '')"));
        }
        check_literals(expr, name);
        return resolved(expr, name, *overloads, types, member);
    }

    TypeRef resolved(const Expr& expr, const std::string& name, const std::vector<Overload>& overloads, const std::vector<TypeRef>& types, bool member) {
        TypeRef result;
        for (const auto& one : overloads) {
            if (one.member != member || one.parameters.size() != types.size())
                continue;
            Mapping mapping;
            bool fitting = true;
            for (std::size_t i = 0; i < types.size() && fitting; ++i)
                fitting = assignable(*one.parameters[i], types[i], mapping);
            if (!fitting)
                continue;
            const auto given = substituted(one.result, mapping);
            result = !result || same_type(*result, *given) ? given : simple(Kind::dyn);
        }
        return result ? result : no_match(expr, name, types, member);
    }

    TypeRef no_match(const Expr& expr, const std::string& name, const std::vector<TypeRef>& types, bool member) {
        for (const auto& type : types)
            if (type->kind == Kind::error)
                return type;  // said already
        std::string signature;
        for (std::size_t i = 0; i < types.size(); ++i)
            append(signature, i == 0 && !member ? "(" : i > (member ? 1U : 0U) ? ", " : "", type_text(*types[i]), i == 0 && member ? ".(" : "");
        return fail(expr, cat("found no matching overload for '", name, "' applied to '", signature.empty() ? "(" : signature, ")'"));
    }

    TypeRef logic(const Expr& expr) {
        std::vector<TypeRef> types;
        bool fitting = true;
        for (const auto& arg : expr.args) {
            types.push_back(check(*arg));
            fitting = fitting && (types.back()->kind == Kind::boolean || is_dyn(*types.back()));
        }
        return fitting ? simple(Kind::boolean) : no_match(expr, expr.name, types, false);
    }

    TypeRef choice(const Expr& expr) {
        std::vector<TypeRef> types;
        for (const auto& arg : expr.args)
            types.push_back(check(*arg));
        Mapping mapping;
        Type either;
        either.kind = Kind::parameter;
        either.name = "A";
        const bool fitting = (types[0]->kind == Kind::boolean || is_dyn(*types[0])) && assignable(either, types[1], mapping) && assignable(either, types[2], mapping);
        return fitting ? mapping["A"] : no_match(expr, expr.name, types, false);
    }

    // Literals that are sure to fail at run time.
    void check_literals(const Expr& expr, const std::string& name) {
        if (expr.args.empty())
            return;
        const auto& last = *expr.args.back();
        if (last.kind != Expr::Kind::literal || !last.value.is(Val::Kind::string))
            return;
        const auto text = last.value.text();
        if (name == "duration" && !duration_of(text))
            issues_.push_back({last.offset, "invalid duration argument"});
        else if (name == "timestamp" && !timestamp_of(text))
            issues_.push_back({last.offset, "invalid timestamp argument"});
        else if (name == "matches" && !Regex::compile(text).ok())
            issues_.push_back({last.offset, "invalid matches argument"});
    }

    // The type of all elements together.
    TypeRef joined(const TypeRef& before, const TypeRef& next, const Expr& where) {
        if (!before)
            return next;
        Mapping none;
        if (assignable(*before, next, none))
            return is_dyn(*next) ? next : before;
        if (assignable(*next, before, none))
            return next;
        return fail(where, cat("expected type '", type_text(*before), "' but found '", type_text(*next), "'"));
    }

    TypeRef unwrapped(const TypeRef& type, bool optional, const Expr& where) {
        if (!optional || is_dyn(*type))
            return type;
        return type->kind == Kind::optional ? type->parameters[0]
                                            : fail(where, cat("expected type 'optional_type(", type_text(*type), ")' but found '", type_text(*type), "'"));
    }

    TypeRef list(const Expr& expr) {
        TypeRef element;
        for (std::size_t i = 0; i < expr.args.size(); ++i)
            element = joined(element, unwrapped(check(*expr.args[i]), expr.optional_args[i], *expr.args[i]), *expr.args[i]);
        return list_of(element ? element : simple(Kind::dyn));
    }

    TypeRef map(const Expr& expr) {
        TypeRef key, value;
        for (std::size_t i = 0; i + 1 < expr.args.size(); i += 2) {
            key = joined(key, check(*expr.args[i]), *expr.args[i]);
            value = joined(value, unwrapped(check(*expr.args[i + 1]), expr.optional_args[i / 2], *expr.args[i + 1]), *expr.args[i + 1]);
        }
        return map_of(key ? key : simple(Kind::dyn), value ? value : simple(Kind::dyn));
    }

    // -- macros --------------------------------------------------------------------------------------

    TypeRef macro(const Expr& expr) {
        if (expr.name == "has") {
            (void)select(*expr.args[0]);
            return simple(Kind::boolean);
        }
        const auto range = check(*expr.args[0]);
        if (expr.name == "optMap" || expr.name == "optFlatMap") {
            const auto inner = range->kind == Kind::optional ? range->parameters[0] : simple(Kind::dyn);
            if (range->kind != Kind::optional && !is_dyn(*range))
                return no_match(expr, expr.name, {range}, true);
            const auto made = within(expr, {inner}, 1);
            return expr.name == "optMap" ? optional_of(made) : made;
        }
        std::vector<TypeRef> bound{simple(Kind::dyn), simple(Kind::dyn)};
        const bool two = expr.variables.size() == 2;
        if (range->kind == Kind::list)
            bound = two ? std::vector{simple(Kind::integer), range->parameters[0]} : std::vector{range->parameters[0], simple(Kind::dyn)};
        else if (range->kind == Kind::map)
            bound = {range->parameters[0], range->parameters[1]};
        else if (!is_dyn(*range))
            return fail(*expr.args[0], cat("expression of type '", type_text(*range), "' cannot be range of a comprehension (must be list, map, or dynamic)"));
        return loop(expr, range, bound);
    }

    TypeRef loop(const Expr& expr, const TypeRef& range, const std::vector<TypeRef>& bound) {
        const bool judges = expr.name == "all" || expr.name == "exists" || expr.name == "exists_one" || expr.name == "existsOne" || expr.name == "filter";
        if (judges || expr.args.size() > 2) {
            const auto judged = within(expr, bound, 1);
            if (judged->kind != Kind::boolean && !is_dyn(*judged))
                return no_match_of_loop(expr, judged);
        }
        if (expr.name == "filter")
            return range->kind == Kind::map ? list_of(bound[0]) : range->kind == Kind::list ? range : list_of(simple(Kind::dyn));
        if (judges)
            return simple(Kind::boolean);
        const auto made = within(expr, bound, expr.args.size() - 1);
        if (expr.name == "sortBy")
            return range;
        if (expr.name == "transformMap")
            return map_of(range->kind == Kind::list ? simple(Kind::integer) : bound[0], made);
        if (expr.name == "transformMapEntry")
            return made->kind == Kind::map ? made : map_of(simple(Kind::dyn), simple(Kind::dyn));
        return list_of(made);
    }

    TypeRef no_match_of_loop(const Expr& expr, const TypeRef& judged) {
        const std::string_view name = expr.name == "all" ? "_&&_" : expr.name == "exists" ? "_||_" : "_?_:_";
        return fail(expr, name == "_?_:_" ? cat("found no matching overload for '_?_:_' applied to '(", type_text(*judged), ", int, int)'")
                                          : cat("found no matching overload for '", name, "' applied to '(bool, ", type_text(*judged), ")'"));
    }

    // The type of one argument, with the macro's variables bound.
    TypeRef within(const Expr& expr, const std::vector<TypeRef>& bound, std::size_t argument) {
        for (std::size_t i = 0; i < expr.variables.size(); ++i)
            scopes_.push_back({expr.variables[i], bound[i]});
        const auto type = check(*expr.args[argument]);
        scopes_.resize(scopes_.size() - expr.variables.size());
        return type;
    }

    std::span<const Variable> variables_;
    std::vector<Issue>& issues_;
    std::vector<Variable> scopes_;
};

}  // namespace
}  // namespace checking

TypeRef check(const Expr& expr, std::span<const Variable> variables, std::vector<Issue>& issues) { return checking::Checker(variables, issues).check(expr); }

}  // namespace kubewalk::api::cel
