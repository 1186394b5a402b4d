// What a jq filter makes of a value.

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/api/json.h"
#include "core/base/base64.h"
#include "core/base/regex.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/shell/programs/jq.h"

namespace kubewalk::shell {

namespace {

using api::Value;
using Values = std::vector<Value>;
using Node = JqNode;
using NodePtr = JqNodePtr;

std::string type_of(const Value& value) { return value.is_bool() ? "boolean" : value.is_number() ? "number" : std::string(value.type_name()); }
bool is_true(const Value& value) { return !value.is_null() && !(value.is_bool() && !value.as_bool()); }

// jq's order of types: null, false, true, numbers, strings, arrays, objects.
int rank(const Value& value) {
    return value.is_null() ? 0 : value.is_bool() ? (value.as_bool() ? 2 : 1) : value.is_number() ? 3 : value.is_string() ? 4 : value.is_array() ? 5 : 6;
}
int order(const Value& a, const Value& b) {
    if (rank(a) != rank(b))
        return rank(a) < rank(b) ? -1 : 1;
    if (a.is_number())
        return a.as_number() < b.as_number() ? -1 : a.as_number() > b.as_number();
    if (a.is_string())
        return a.as_string().compare(b.as_string());
    if (a.is_array())
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            if (const int sign = order(a[i], b[i]); sign != 0)
                return sign;
    if (a.is_array() || a == b)
        return a.size() < b.size() ? -1 : a.size() > b.size();
    return api::to_json(a) < api::to_json(b) ? -1 : 1;
}

std::string text_of(const Value& value) { return value.is_string() ? value.str() : api::to_json(value); }

// jq counts with doubles; a whole number is shown as one.
Value number(double result) {
    constexpr double whole_below = 9223372036854775808.0;
    if (!(result >= -whole_below && result < whole_below))
        return Value(result);
    const auto whole = static_cast<std::int64_t>(result);
    return static_cast<double>(whole) == result ? Value(whole) : Value(result);
}
Value negated(const Value& value) { return value.is_int() && value.as_int() != INT64_MIN ? Value(-value.as_int()) : number(-value.as_number()); }

class JqRunner {
public:
    using Answer = Result<Values>;
    std::map<std::string, Value> variables;

    // Everything that a filter makes counts, so that one that doubles what it has, again and again, ends before memory does.
    Answer run(const Node& node, const Value& input) {
        if (!spend(each_value))
            return exhausted();
        auto made = run_here(node, input);
        if (made.ok())
            for (const auto& value : made.value())
                if (!spend(each_value + value.as_string().size()))
                    return exhausted();
        return made;
    }

private:
    // In bytes, roughly.
    static constexpr std::size_t most_spent = 64u << 20;
    static constexpr std::size_t each_value = 16;
    std::size_t spent_ = 0;

    bool spend(std::size_t more) {
        spent_ = spent_ > most_spent || more > most_spent ? most_spent + 1 : spent_ + more;
        return spent_ <= most_spent;
    }
    // What a value weighs when it is printed: [.,.]|[.,.] holds one thing four times, at no cost until then.
    bool spend(const Value& value) {
        if (!spend(each_value + value.as_string().size()))
            return false;
        for (const auto& item : value.items())
            if (!spend(item))
                return false;
        for (const auto& [key, member] : value.members())
            if (!spend(key.size()) || !spend(member))
                return false;
        return true;
    }
    static Error exhausted() { return error("cannot allocate memory"); }

    Answer run_here(const Node& node, const Value& input) {
        using Kind = Node::Kind;
        switch (node.kind) {
            case Kind::identity: return Values{input};
            case Kind::literal: return Values{node.value};
            case Kind::field: return field(input, node.name);
            case Kind::index: return index(node, input);
            case Kind::slice: return slice(node, input);
            case Kind::iterate: return iterate(input);
            case Kind::recurse: return recurse(input);
            case Kind::variable: {
                const auto found = variables.find(node.name);
                if (found == variables.end())
                    return error(cat("$", node.name, " is not defined"));
                return Values{found->second};
            }
            case Kind::bind: {
                KUBEWALK_TRY(values, run(*node.children[0], input));
                return each(values, [&](const Value& value) {
                    const auto before = variables;
                    variables[node.name] = value;
                    auto done = run(*node.children[1], input);
                    variables = before;
                    return done;
                });
            }
            case Kind::pipe: {
                KUBEWALK_TRY(left, run(*node.children[0], input));
                return each(left, [&](const Value& value) { return run(*node.children[1], value); });
            }
            case Kind::comma: {
                KUBEWALK_TRY(left, run(*node.children[0], input));
                KUBEWALK_TRY(right, run(*node.children[1], input));
                left.insert(left.end(), right.begin(), right.end());
                return left;
            }
            case Kind::array: {
                KUBEWALK_TRY(values, run(*node.children[0], input));
                auto array = array_of(values);
                return spend(array) ? Answer(Values{std::move(array)}) : exhausted();
            }
            case Kind::object: return object(node, input);
            case Kind::text: {
                std::string text;
                for (const auto& part : node.children) {
                    KUBEWALK_TRY(values, run(*part, input));
                    text += values.empty() ? std::string() : text_of(values[0]);
                    if (!spend(text.size()))
                        return exhausted();
                }
                return Values{Value(text)};
            }
            case Kind::negate: {
                KUBEWALK_TRY(values, run(*node.children[0], input));
                return each(values, [](const Value& value) -> Answer { return Values{negated(value)}; });
            }
            case Kind::optional: {
                auto done = run(*node.children[0], input);
                return done.ok() ? std::move(done) : Answer(Values{});
            }
            case Kind::condition: {
                KUBEWALK_TRY(tests, run(*node.children[0], input));
                return each(tests, [&](const Value& test) { return run(*node.children[is_true(test) ? 1 : 2], input); });
            }
            case Kind::binary: return binary(node, input);
            case Kind::call: return call(node, input);
            case Kind::reduce: break;
        }
        return error("not known to this jq");
    }

    static Error error(std::string message) { return {"jq", std::move(message), {}, 0, 0}; }

    template <typename Function>
    Answer each(const Values& values, const Function& function) {
        Values all;
        for (const auto& value : values) {
            KUBEWALK_TRY(more, function(value));
            if (!spend(each_value * more.size()))
                return exhausted();
            all.insert(all.end(), more.begin(), more.end());
        }
        return all;
    }
    static Value array_of(const Values& values) {
        Value array = Value::array();
        for (const auto& value : values)
            array.push_back(value);
        return array;
    }
    static Values list_of(const Value& value) { return {value.items().begin(), value.items().end()}; }

    static Answer field(const Value& input, const std::string& name) {
        if (!input.is_object() && !input.is_null())
            return error(cat("Cannot index ", type_of(input), " with ", quoted(name)));
        return Values{Value(input[name])};
    }
    Answer index(const Node& node, const Value& input) {
        KUBEWALK_TRY(keys, run(*node.children[0], input_of_index(input)));
        return each(keys, [&](const Value& key) -> Answer {
            if (key.is_string())
                return field(input, key.str());
            if (!key.is_number() || (!input.is_array() && !input.is_null()))
                return error(cat("Cannot index ", type_of(input), " with ", type_of(key)));
            const auto at = key.as_int() < 0 ? key.as_int() + static_cast<std::int64_t>(input.size()) : key.as_int();
            return Values{at < 0 || at >= static_cast<std::int64_t>(input.size()) ? Value() : Value(input[static_cast<std::size_t>(at)])};
        });
    }
    static const Value& input_of_index(const Value& input) { return input; }
    Answer slice(const Node& node, const Value& input) {
        const auto bound = [&](const NodePtr& child, std::int64_t fallback) -> Result<std::int64_t> {
            if (!child)
                return fallback;
            KUBEWALK_TRY(values, run(*child, input));
            return values.empty() ? fallback : values[0].as_int();
        };
        const auto size = static_cast<std::int64_t>(input.is_string() ? input.as_string().size() : input.size());
        KUBEWALK_TRY(from, bound(node.children[0], 0));
        KUBEWALK_TRY(to, bound(node.children[1], size));
        from = std::clamp<std::int64_t>(from < 0 ? from + size : from, 0, size);
        to = std::clamp<std::int64_t>(to < 0 ? to + size : to, from, size);
        if (input.is_string())
            return Values{Value(input.as_string().substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)))};
        Value part = Value::array();
        for (auto i = from; i < to; ++i)
            part.push_back(input[static_cast<std::size_t>(i)]);
        return Values{part};
    }
    static Answer iterate(const Value& input) {
        if (input.is_array())
            return list_of(input);
        if (!input.is_object())
            return error(cat("Cannot iterate over ", input.is_null() ? std::string("null") : type_of(input)));
        Values values;
        for (const auto& [key, value] : input.members())
            values.push_back(value);
        return values;
    }
    Answer recurse(const Value& input) {
        Values all{input};
        if (input.is_array() || input.is_object()) {
            KUBEWALK_TRY(inside, iterate(input));
            KUBEWALK_TRY(deeper, each(inside, [this](const Value& value) { return recurse(value); }));
            all.insert(all.end(), deeper.begin(), deeper.end());
        }
        return all;
    }
    Answer object(const Node& node, const Value& input) {
        Values made{Value::object()};
        for (const auto& [key, value] : node.members) {
            KUBEWALK_TRY(keys, run(*key, input));
            KUBEWALK_TRY(values, run(*value, input));
            Values next;
            for (const auto& so_far : made)
                for (const auto& one : values) {
                    Value copy = so_far;
                    copy.set(keys.empty() ? std::string() : text_of(keys[0]), one);
                    if (!spend(copy))
                        return exhausted();
                    next.push_back(std::move(copy));
                }
            made = std::move(next);
        }
        return made;
    }
    Answer binary(const Node& node, const Value& input) {
        auto left = run(*node.children[0], input);
        const auto& sign = node.name;
        if (sign == "//") {
            Values good;
            if (left.ok())
                for (const auto& value : left.value())
                    if (is_true(value))
                        good.push_back(value);
            return good.empty() ? run(*node.children[1], input) : Answer(good);
        }
        if (!left.ok())
            return left;
        return each(left.value(), [&](const Value& a) -> Answer {
            if ((sign == "and" && !is_true(a)) || (sign == "or" && is_true(a)))
                return Values{Value(sign == "or")};
            KUBEWALK_TRY(right, run(*node.children[1], input));
            return each(right, [&](const Value& b) -> Answer { return combined(sign, a, b); });
        });
    }
    Answer combined(const std::string& sign, const Value& a, const Value& b) {
        if (!a.is_number() && (!spend(a) || !spend(b)))
            return exhausted();
        if (sign == "and" || sign == "or")
            return Values{Value(is_true(b))};
        if (sign == "==" || sign == "!=")
            return Values{Value((order(a, b) == 0) == (sign == "=="))};
        if (sign == "<" || sign == "<=" || sign == ">" || sign == ">=") {
            const int found = order(a, b);
            return Values{Value(sign == "<" ? found < 0 : sign == "<=" ? found <= 0 : sign == ">" ? found > 0 : found >= 0)};
        }
        if (a.is_number() && b.is_number()) {
            if ((sign == "/" || sign == "%") && b.as_number() == 0)
                return error(cat(text_of(a), " and ", text_of(b), " cannot be divided because the divisor is zero"));
            if (sign == "%") {
                const auto by = b.as_int();
                if (by == 0)
                    return error(cat(text_of(a), " and ", text_of(b), " cannot be divided because the divisor is zero"));
                return Values{Value(by == -1 ? std::int64_t{0} : a.as_int() % by)};
            }
            std::int64_t exact = 0;
            if (a.is_int() && b.is_int() && sign != "/" &&
                !(sign == "+"   ? __builtin_add_overflow(a.as_int(), b.as_int(), &exact)
                  : sign == "-" ? __builtin_sub_overflow(a.as_int(), b.as_int(), &exact)
                                : __builtin_mul_overflow(a.as_int(), b.as_int(), &exact)))
                return Values{Value(exact)};
            return Values{number(sign == "+" ? a.as_number() + b.as_number() : sign == "-" ? a.as_number() - b.as_number() : sign == "*" ? a.as_number() * b.as_number() : a.as_number() / b.as_number())};
        }
        if (sign == "+") {
            if (a.is_null() || b.is_null())
                return Values{a.is_null() ? b : a};
            if (a.is_string() && b.is_string())
                return Values{Value(a.str() + b.str())};
            if (a.is_array() && b.is_array()) {
                Value sum = a;
                for (const auto& one : b.items())
                    sum.push_back(one);
                return Values{sum};
            }
            if (a.is_object() && b.is_object()) {
                Value sum = a;
                for (const auto& [key, value] : b.members())
                    sum.set(key, value);
                return Values{sum};
            }
        }
        if (sign == "-" && a.is_array() && b.is_array()) {
            if (!spend(a.size() * b.size()))
                return exhausted();
            Values kept;
            for (const auto& one : a.items())
                if (std::none_of(b.items().begin(), b.items().end(), [&](const Value& other) { return order(one, other) == 0; }))
                    kept.push_back(one);
            return Values{array_of(kept)};
        }
        const std::string_view word = sign == "+" ? "added" : sign == "-" ? "subtracted" : sign == "*" ? "multiplied" : "divided";
        return error(cat(type_of(a), " (", text_of(a), ") and ", type_of(b), " (", text_of(b), ") cannot be ", word));
    }

    // The values by which a list is sorted or grouped.
    Result<std::vector<std::pair<Value, Value>>> keyed(const Node& node, const Value& input) {
        if (!input.is_array())
            return error(cat(type_of(input), " (", text_of(input), ") cannot be sorted, as it is not an array"));
        std::vector<std::pair<Value, Value>> pairs;
        for (const auto& item : input.items()) {
            if (node.children.empty()) {
                pairs.emplace_back(item, item);
                continue;
            }
            KUBEWALK_TRY(keys, run(*node.children[0], item));
            pairs.emplace_back(array_of(keys), item);
        }
        sort_stably(pairs, [](const auto& a, const auto& b) { return order(a.first, b.first) < 0; });
        return pairs;
    }

    Answer call(const Node& node, const Value& input) {
        const auto& name = node.name;
        const auto arguments = node.children.size();
        const auto is = [&](std::string_view wanted, std::size_t count) { return name == wanted && arguments == count; };
        if (is("empty", 0))
            return Values{};
        if (is("not", 0))
            return Values{Value(!is_true(input))};
        if (is("length", 0)) {
            if (input.is_string())
                return Values{Value(static_cast<std::int64_t>(input.as_string().size()))};
            if (input.is_number())
                return Values{input.as_number() < 0 ? Value(-input.as_number()) : input};
            return Values{Value(static_cast<std::int64_t>(input.size()))};
        }
        if (is("keys", 0) || is("keys_unsorted", 0)) {
            Values keys;
            for (const auto& [key, value] : input.members())
                keys.emplace_back(key);
            for (std::size_t i = 0; input.is_array() && i < input.size(); ++i)
                keys.emplace_back(static_cast<std::int64_t>(i));
            if (!input.is_array() && !input.is_object())
                return error(cat(type_of(input), " (", text_of(input), ") has no keys"));
            return Values{array_of(keys)};
        }
        if (is("values", 0))
            return input.is_null() ? Values{} : Values{input};
        if (is("type", 0))
            return Values{Value(type_of(input))};
        if (is("tostring", 0))
            return Values{Value(text_of(input))};
        if (is("tojson", 0))
            return Values{Value(api::to_json(input))};
        if (is("fromjson", 0)) {
            auto parsed = api::parse_json(input.as_string());
            return parsed.ok() ? Answer(Values{parsed.take()}) : error(cat(text_of(input), " (while parsing '", text_of(input), "')"));
        }
        if (is("tonumber", 0)) {
            if (input.is_number())
                return Values{input};
            auto parsed = api::parse_json(input.as_string());
            return parsed.ok() && parsed.value().is_number() ? Answer(Values{parsed.take()}) : error(cat("Cannot parse '", text_of(input), "' as number"));
        }
        if (is("ascii_downcase", 0))
            return Values{Value(to_lower(input.as_string()))};
        if (is("ascii_upcase", 0)) {
            std::string text = input.str();
            for (char& c : text)
                c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            return Values{Value(text)};
        }
        if (is("reverse", 0)) {
            Values values = list_of(input);
            std::reverse(values.begin(), values.end());
            return Values{array_of(values)};
        }
        if (is("first", 0) || is("last", 0)) {
            if (input.size() == 0)
                return Values{Value()};
            return Values{Value(input[name == "first" ? 0 : input.size() - 1])};
        }
        if (is("first", 1)) {
            KUBEWALK_TRY(values, run(*node.children[0], input));
            return values.empty() ? Values{} : Values{values[0]};
        }
        if (is("add", 0)) {
            Value sum;
            for (const auto& one : input.items()) {
                KUBEWALK_TRY(next, combined("+", sum, one));
                sum = next[0];
            }
            return Values{sum};
        }
        if (is("any", 0) || is("all", 0) || is("any", 1) || is("all", 1)) {
            bool any = false, all = true;
            for (const auto& one : input.items()) {
                Values judged{one};
                if (arguments == 1) {
                    KUBEWALK_TRY(values, run(*node.children[0], one));
                    judged = values;
                }
                for (const auto& value : judged) {
                    any = any || is_true(value);
                    all = all && is_true(value);
                }
            }
            return Values{Value(name == "any" ? any : all)};
        }
        if (is("select", 1)) {
            KUBEWALK_TRY(tests, run(*node.children[0], input));
            Values kept;
            for (const auto& test : tests)
                if (is_true(test))
                    kept.push_back(input);
            return kept;
        }
        if (is("map", 1)) {
            KUBEWALK_TRY(items, iterate(input));
            KUBEWALK_TRY(mapped, each(items, [&](const Value& item) { return run(*node.children[0], item); }));
            return Values{array_of(mapped)};
        }
        if (is("map_values", 1)) {
            Value mapped = Value::object();
            for (const auto& [key, value] : input.members()) {
                KUBEWALK_TRY(values, run(*node.children[0], value));
                if (!values.empty())
                    mapped.set(key, values[0]);
            }
            return Values{mapped};
        }
        if (is("to_entries", 0) || is("with_entries", 1)) {
            Values entries;
            for (const auto& [key, value] : input.members())
                entries.push_back(Value::object({{"key", key}, {"value", value}}));
            if (arguments == 0)
                return Values{array_of(entries)};
            KUBEWALK_TRY(mapped, each(entries, [&](const Value& entry) { return run(*node.children[0], entry); }));
            return Values{from_entries(array_of(mapped))};
        }
        if (is("from_entries", 0))
            return Values{from_entries(input)};
        if (is("sort", 0) || is("sort_by", 1) || is("group_by", 1) || is("unique", 0) || is("unique_by", 1) || is("min_by", 1) || is("max_by", 1) || is("min", 0) || is("max", 0)) {
            KUBEWALK_TRY(pairs, keyed(node, input));
            if (name.starts_with("min") || name.starts_with("max"))
                return Values{pairs.empty() ? Value() : name.starts_with("min") ? pairs.front().second : pairs.back().second};
            Values out;
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                const bool same = i > 0 && order(pairs[i].first, pairs[i - 1].first) == 0;
                if (name == "group_by") {
                    if (!same)
                        out.push_back(Value::array());
                    out.back().push_back(pairs[i].second);
                } else if (!same || !name.starts_with("unique")) {
                    out.push_back(pairs[i].second);
                }
            }
            return Values{array_of(out)};
        }
        if (is("flatten", 0) || is("flatten", 1))
            return Values{flattened(input)};
        if (is("range", 1) || is("range", 2)) {
            KUBEWALK_TRY(first, run(*node.children[0], input));
            std::int64_t from = 0, to = first.empty() ? 0 : first[0].as_int();
            if (arguments == 2) {
                KUBEWALK_TRY(second, run(*node.children[1], input));
                from = to;
                to = second.empty() ? 0 : second[0].as_int();
            }
            Values numbers;
            for (auto i = from; i < to && numbers.size() < 100'000; ++i)
                numbers.emplace_back(i);
            return numbers;
        }
        if (is("recurse", 0))
            return recurse(input);
        if (is("error", 0))
            return error(text_of(input));
        if (is("floor", 0) || is("round", 0) || is("ceil", 0)) {
            const double given = input.as_number();
            return Values{input.is_int() ? input : number(name == "floor" ? std::floor(given) : name == "ceil" ? std::ceil(given) : std::floor(given + 0.5))};
        }
        if (name == "@base64" || name == "@base64d" || name == "@csv" || name == "@tsv" || name == "@json" || name == "@text" || name == "@sh")
            return format(name, input);
        if (arguments >= 1)
            return with_text(node, input);
        return error(cat(name, "/", arguments, " is not defined"));
    }

    static Value from_entries(const Value& entries) {
        Value object = Value::object();
        for (const auto& entry : entries.items()) {
            const auto& key = entry["key"].is_null() ? entry["name"] : entry["key"];
            object.set(text_of(key), entry["value"]);
        }
        return object;
    }
    static Value flattened(const Value& input) {
        Value flat = Value::array();
        for (const auto& item : input.items()) {
            if (!item.is_array()) {
                flat.push_back(item);
                continue;
            }
            const Value inner = flattened(item);
            for (const auto& one : inner.items())
                flat.push_back(one);
        }
        return flat;
    }
    static Answer format(const std::string& name, const Value& input) {
        std::string out;
        const std::string text = text_of(input);
        if (name == "@base64") {
            out = to_base64(text);
        } else if (name == "@base64d") {
            out = base64_prefix(text).bytes;
        } else if (name == "@csv" || name == "@tsv") {
            for (const auto& item : input.items()) {
                if (&item != &input.items()[0])
                    out += name == "@csv" ? ',' : '\t';
                out += name == "@csv" && item.is_string() ? cat("\"", replace_all(item.as_string(), "\"", "\"\""), "\"") : item.is_null() ? std::string() : text_of(item);
            }
        } else if (name == "@sh") {
            out = input.is_string() ? cat("'", replace_all(text, "'", "'\\''"), "'") : text;
        } else {
            out = name == "@json" ? api::to_json(input) : text;
        }
        return Values{Value(out)};
    }

    // Functions whose first argument is a text or a key.
    Answer with_text(const Node& node, const Value& input) {
        KUBEWALK_TRY(given, run(*node.children[0], input));
        const auto& name = node.name;
        return each(given, [&](const Value& argument) -> Answer {
            const auto text = argument.as_string();
            if (name == "has")
                return Values{Value(argument.is_string() ? input.contains(text) : argument.as_int() >= 0 && static_cast<std::size_t>(argument.as_int()) < input.size())};
            if (name == "startswith")
                return Values{Value(input.as_string().starts_with(text))};
            if (name == "endswith")
                return Values{Value(input.as_string().ends_with(text))};
            if (name == "ltrimstr")
                return Values{input.is_string() && input.as_string().starts_with(text) ? Value(input.as_string().substr(text.size())) : input};
            if (name == "rtrimstr")
                return Values{input.is_string() && input.as_string().ends_with(text) ? Value(input.as_string().substr(0, input.as_string().size() - text.size())) : input};
            if (name == "contains")
                return Values{Value(contains(input, argument))};
            if (name == "index")
                return Values{input.as_string().find(text) == std::string_view::npos ? Value() : Value(static_cast<std::int64_t>(input.as_string().find(text)))};
            if (name == "split") {
                Values parts;
                std::string_view rest = input.as_string();
                for (auto at = rest.find(text); !text.empty() && at != std::string_view::npos; at = rest.find(text)) {
                    parts.emplace_back(rest.substr(0, at));
                    rest.remove_prefix(at + text.size());
                }
                parts.emplace_back(rest);
                return Values{array_of(parts)};
            }
            if (name == "join") {
                std::vector<std::string> parts;
                for (const auto& item : input.items()) {
                    parts.push_back(item.is_null() ? std::string() : text_of(item));
                    if (!spend(parts.back().size() + text.size()))
                        return exhausted();
                }
                return Values{Value(join(parts, text))};
            }
            if (name == "test" || name == "sub" || name == "gsub") {
                const auto regex = Regex::compile(text);
                if (!regex.ok())
                    return error(cat(text, " (at offset 0) is not a valid regex: ", regex.error().message));
                if (name == "test")
                    return Values{Value(regex.value().matches(input.as_string()))};
                if (node.children.size() < 2)
                    return error(cat(name, "/1 is not defined"));
                KUBEWALK_TRY(replacement, run(*node.children[1], input));
                std::string out;
                std::string_view rest = input.as_string();
                while (const auto groups = regex.value().search(rest)) {
                    const auto at = static_cast<std::size_t>((*groups)[0].data() - rest.data());
                    const auto before = out.size();
                    append(out, rest.substr(0, at), replacement.empty() ? std::string() : text_of(replacement[0]));
                    if (!spend(out.size() - before))
                        return exhausted();
                    rest.remove_prefix(at + (*groups)[0].size());
                    if (name == "sub" || (*groups)[0].empty())
                        break;
                }
                return Values{Value(out + std::string(rest))};
            }
            return error(cat(name, "/", node.children.size(), " is not defined"));
        });
    }
    bool contains(const Value& outer, const Value& inner) {
        if (outer.is_object() && inner.is_object()) {
            for (const auto& [key, value] : inner.members())
                if (!outer.contains(key) || !contains(outer[key], value))
                    return false;
            return true;
        }
        if (outer.is_array() && inner.is_array()) {
            if (!spend(outer.size() * inner.size()))
                return false;
            for (const auto& wanted : inner.items())
                if (std::none_of(outer.items().begin(), outer.items().end(), [&](const Value& one) { return contains(one, wanted); }))
                    return false;
            return true;
        }
        if (outer.is_string() && inner.is_string())
            return outer.as_string().find(inner.as_string()) != std::string_view::npos;
        return order(outer, inner) == 0;
    }
};

}  // namespace

Result<std::vector<Value>> run_jq(const JqNode& filter, const Value& input, const std::map<std::string, Value>& variables) {
    JqRunner runner;
    runner.variables = variables;
    return runner.run(filter, input);
}

}  // namespace kubewalk::shell
