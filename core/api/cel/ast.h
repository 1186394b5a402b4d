#pragma once
// The syntax of an expression in the Common Expression Language. Macros (has, all, map, ...) keep their names here and are known
// to checker and evaluator, instead of being rewritten to one general loop.
// Upstream: github.com/google/cel-spec/doc/langdef.md, github.com/google/cel-go/parser.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/cel/val.h"
#include "core/base/result.h"

namespace kubewalk::api::cel {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
    enum class Kind : std::uint8_t {
        literal,   // value
        ident,     // name
        select,    // args[0].name; `optional`: .?
        call,      // name(args...); `member`: args[0] is what it is called on. Operators: "_+_", "_?_:_", ...
        list,      // args; optional_args says which are [?x]
        map,       // keys and values by turns
        macro,     // name; args[0] is the range or operand, variables are bound in the rest
    };
    Kind kind = Kind::literal;
    bool member = false;
    bool optional = false;
    bool rooted = false;         // a name with a leading dot
    std::uint16_t depth = 1;     // of the tree below
    std::uint32_t offset = 0;    // where it is, in letters
    std::string name;
    Val value;
    std::vector<ExprPtr> args;
    std::vector<std::string> variables;  // of a macro
    std::vector<bool> optional_args;
};

// "a.b.c" of nothing but names, for variables and functions that have dots in their names; empty for everything else.
std::string dotted(const Expr& expr);

// What is wrong, and where.
struct Issue {
    std::uint32_t offset = 0;
    std::string message;
};

// Null with at least one issue.
ExprPtr parse(std::string_view source, std::vector<Issue>& issues);

// As upstream prints them: "ERROR: <input>:1:5: undefined field 'x'\n | self.x\n | ....^".
std::string issues_text(std::string_view source, std::vector<Issue> issues);

}  // namespace kubewalk::api::cel
