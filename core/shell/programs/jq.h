#pragma once
// A useful part of jq: paths, pipes, select, map, comparisons, arithmetic, construction, strings with \(...), and the
// functions listed in jq_run.cpp. What it does not know it names. Upstream: jqlang.org/manual.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::shell {

struct JqNode;
using JqNodePtr = std::shared_ptr<const JqNode>;

struct JqNode {
    enum class Kind : unsigned char { identity, field, index, slice, iterate, literal, text, array, object, pipe, comma, binary, negate, call, condition, optional, recurse, variable, bind, reduce };
    Kind kind = Kind::identity;
    std::string name;               // field, function, operator, variable
    api::Value value;                    // literal
    std::vector<JqNodePtr> children;  // as the kind needs them
    std::vector<std::pair<JqNodePtr, JqNodePtr>> members;  // object
    int height = 1;  // of the tree below
};

// The tree of a filter. Error "ParseError".
Result<JqNodePtr> parse_jq(std::string_view text);
// Runs it on one value, with $NAME as the variables say. Error "jq" with what jq says.
Result<std::vector<api::Value>> run_jq(const JqNode& filter, const api::Value& input, const std::map<std::string, api::Value>& variables);

}  // namespace kubewalk::shell
