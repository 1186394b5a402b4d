#include "core/kubectl/jsonpath.h"

#include <algorithm>
#include <optional>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

struct JsonPath::Node {
    enum class Kind : std::uint8_t { text, path, range };
    enum class StepKind : std::uint8_t { field, wildcard, recursive, slice, filter, list };
    struct Step {
        StepKind kind = StepKind::field;
        std::string name;                      // field
        std::optional<std::int64_t> from, to, by;  // slice; an index is [i:i+1] marked by `single`
        bool single = false;
        std::vector<std::vector<Step>> unions;     // list
        std::vector<Step> left, right;             // filter
        std::optional<Value> left_literal, right_literal;
        std::string op;                            // filter: "==", "exists", ...
    };

    Kind kind = Kind::text;
    std::string text;
    std::vector<Step> steps;   // path, range
    std::vector<Node> body;    // range
};

namespace {

using Node = JsonPath::Node;
using Step = Node::Step;
using StepKind = Node::StepKind;

Error bad(std::string message) { return {"ParseError", std::move(message), {}, 0, 0}; }

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
}

// Bounds that no honest path meets: it may be a stranger's text.
constexpr int deepest = 200;                                // ranges in ranges
constexpr int deepest_filter = 50;                          // filters in filters
constexpr std::size_t most_values = 1'000'000;              // found at once
constexpr std::size_t most_steps = 1'000'000;               // pieces that are filled in, those in ranges as often as they are
constexpr std::size_t most_output = std::size_t{16} << 20;  // bytes

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    // The template up to its end, or to {end} inside a range.
    std::optional<Error> nodes(std::vector<Node>& out, bool inside_range) {
        while (at_ < text_.size()) {
            const auto open = text_.find('{', at_);
            if (open != at_) {
                Node node;
                node.text = text_.substr(at_, open == std::string_view::npos ? open : open - at_);
                out.push_back(std::move(node));
                if (open == std::string_view::npos) {
                    at_ = text_.size();
                    break;
                }
            }
            at_ = open + 1;
            if (auto error = action(out, inside_range))
                return error->message.empty() ? std::nullopt : error;  // an empty message: {end}
        }
        if (inside_range)
            return bad("unexpected end of input, {end} is missing");
        return std::nullopt;
    }

    std::optional<Error> steps(std::vector<Step>& out, std::string_view stops) {
        bool first = true;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (stops.find(c) != std::string_view::npos)
                return std::nullopt;
            if (first && (c == '$' || c == '@')) {
                ++at_;
            } else if (c == '[') {
                ++at_;
                if (auto error = bracket(out))
                    return error;
            } else if (c == '.') {
                if (auto error = dot(out))
                    return error;
            } else if (c == '*') {
                ++at_;
                out.push_back(wildcard());
            } else if (is_word(c)) {
                Step step;
                step.name = word();
                out.push_back(std::move(step));
            } else {
                return bad(cat("unrecognized character in action: U+00", hex(c), " '", c, "'"));
            }
            first = false;
        }
        return std::nullopt;
    }

private:
    static std::string hex(char c) {
        static constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        return {digits[byte >> 4], digits[byte & 15]};
    }
    static Step wildcard() {
        Step step;
        step.kind = StepKind::wildcard;
        return step;
    }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }
    std::string word() {
        std::string name;
        while (at_ < text_.size()) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                name.push_back(text_[at_ + 1]);
                at_ += 2;
            } else if (is_word(text_[at_])) {
                name.push_back(text_[at_++]);
            } else {
                break;
            }
        }
        return name;
    }

    // The inside of { }. An error with an empty message means {end}.
    std::optional<Error> action(std::vector<Node>& out, bool inside_range) {
        skip_blanks();
        if (text_.substr(at_).starts_with("range ") || text_.substr(at_).starts_with("range{")) {
            at_ += 6;
            skip_blanks();
            Node node;
            node.kind = Node::Kind::range;
            if (auto error = steps(node.steps, " }"))
                return error;
            if (auto error = close())
                return error;
            if (++depth_ > deepest)
                return bad("exceeded max depth");
            if (auto error = nodes(node.body, true))
                return error;
            --depth_;
            out.push_back(std::move(node));
            return std::nullopt;
        }
        if (text_.substr(at_).starts_with("end")) {
            at_ += 3;
            if (auto error = close())
                return error;
            return inside_range ? Error{} : bad("not in range, nothing to end");
        }
        while (at_ < text_.size() && text_[at_] != '}') {
            Node node;
            if (text_[at_] == '"' || text_[at_] == '\'') {
                auto literal = quoted_text();
                if (!literal)
                    return bad("unterminated quoted string");
                node.text = *literal;
            } else {
                node.kind = Node::Kind::path;
                if (auto error = steps(node.steps, " }"))
                    return error;
            }
            out.push_back(std::move(node));
            skip_blanks();
        }
        return close();
    }

    std::optional<Error> close() {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != '}')
            return bad("unclosed action");
        ++at_;
        return std::nullopt;
    }

    std::optional<std::string> quoted_text() {
        const char quote = text_[at_++];
        std::string out;
        while (at_ < text_.size() && text_[at_] != quote) {
            char c = text_[at_++];
            if (c == '\\' && at_ < text_.size()) {
                c = text_[at_++];
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            }
            out.push_back(c);
        }
        if (at_ >= text_.size())
            return std::nullopt;
        ++at_;
        return out;
    }

    std::optional<Error> dot(std::vector<Step>& out) {
        ++at_;
        Step step;
        if (at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            step.kind = StepKind::recursive;
            out.push_back(std::move(step));
            step = {};
            if (at_ < text_.size() && text_[at_] == '[')
                return std::nullopt;
        }
        if (at_ < text_.size() && text_[at_] == '*') {
            ++at_;
            out.push_back(wildcard());
            return std::nullopt;
        }
        step.name = word();
        if (!step.name.empty())
            out.push_back(std::move(step));
        return std::nullopt;
    }

    std::optional<Error> bracket(std::vector<Step>& out) {
        if (at_ < text_.size() && text_[at_] == '?')
            return filter(out);
        std::vector<std::vector<Step>> alternatives;
        while (true) {
            Step step;
            std::vector<Step> dotted;
            skip_blanks();
            if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
                auto name = quoted_text();
                if (!name)
                    return bad("unterminated quoted string");
                // Upstream reads 'a.b' as the path .a.b.
                const auto path = cat(".", *name);
                if (auto error = Parser(path).steps(dotted, {}))
                    return error;
            } else {
                const auto end = text_.find_first_of(",]", at_);
                if (end == std::string_view::npos)
                    return bad("unterminated array");
                const auto inner = trim(text_.substr(at_, end - at_));
                at_ = end;
                if (inner == "*")
                    step = wildcard();
                else if (!inner.empty() && inner.find_first_not_of("-0123456789:") == std::string_view::npos)
                    slice(inner, step);
                else if (!inner.empty() && inner[0] == '.')
                    step.name = inner.substr(1);
                else
                    return bad(cat("invalid array index ", inner));
            }
            if (dotted.empty())
                dotted.push_back(std::move(step));
            alternatives.push_back(std::move(dotted));
            skip_blanks();
            if (at_ >= text_.size())
                return bad("unterminated array");
            if (text_[at_++] == ']')
                break;
        }
        if (alternatives.size() == 1) {
            out.insert(out.end(), alternatives[0].begin(), alternatives[0].end());
            return std::nullopt;
        }
        Step step;
        step.kind = StepKind::list;
        step.unions = std::move(alternatives);
        out.push_back(std::move(step));
        return std::nullopt;
    }

    static void slice(std::string_view inner, Step& step) {
        step.kind = StepKind::slice;
        const auto pieces = split(inner, ':');
        step.from = parse_int(pieces[0]);
        step.single = pieces.size() == 1;
        if (pieces.size() > 1)
            step.to = parse_int(pieces[1]);
        if (pieces.size() > 2)
            step.by = parse_int(pieces[2]);
    }

    std::optional<Error> operand(std::vector<Step>& path, std::optional<Value>& literal) {
        skip_blanks();
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
            auto words = quoted_text();
            if (!words)
                return bad("unterminated quoted string");
            literal = Value(*words);
        } else if (at_ < text_.size() && text_[at_] == '@') {
            if (auto error = steps(path, " =!<>)"))
                return error;
        } else {
            const auto end = text_.find_first_of(" =!<>)", at_);
            const auto inner = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
            at_ += inner.size();
            if (inner == "true" || inner == "false")
                literal = Value(inner == "true");
            else if (auto number = parse_int(inner))
                literal = Value(*number);
            else
                return bad("unterminated filter");
        }
        skip_blanks();
        return std::nullopt;
    }

    std::optional<Error> filter(std::vector<Step>& out) {
        if (!text_.substr(at_).starts_with("?("))
            return bad("unterminated filter");
        if (++filters_ > deepest_filter)
            return bad("exceeded max depth");
        at_ += 2;
        Step step;
        step.kind = StepKind::filter;
        if (auto error = operand(step.left, step.left_literal))
            return error;
        step.op = "exists";
        for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
            if (step.op == "exists" && text_.substr(at_).starts_with(op))
                step.op = op;
        if (step.op != "exists") {
            at_ += step.op.size();
            if (auto error = operand(step.right, step.right_literal))
                return error;
        }
        if (!text_.substr(at_).starts_with(")]"))
            return bad("unterminated filter");
        at_ += 2;
        --filters_;
        out.push_back(std::move(step));
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int filters_ = 0;  // that are open
};

class Evaluator {
public:
    explicit Evaluator(JsonPath::Missing missing) : missing_(missing) {}

    std::optional<Error> walk(const std::vector<Step>& steps, std::vector<Value>& values) {
        for (const auto& step : steps) {
            std::vector<Value> next;
            if (step.kind == StepKind::list) {
                if (auto error = unite(step, values, next))
                    return error;
            } else {
                for (const auto& value : values) {
                    if (auto error = apply(step, value, next))
                        return error;
                    if (next.size() > most_values)
                        return bad("too many values");
                }
            }
            values = std::move(next);
        }
        return std::nullopt;
    }

private:
    std::optional<Error> apply(const Step& step, const Value& value, std::vector<Value>& out) {
        switch (step.kind) {
            case StepKind::field: return field(step, value, out);
            case StepKind::wildcard: children(value, out); return std::nullopt;
            case StepKind::recursive: descend(value, out); return std::nullopt;
            case StepKind::slice: return slice(step, value, out);
            case StepKind::filter: return filter(step, value, out);
            case StepKind::list: break;  // unite()
        }
        return std::nullopt;
    }

    // One alternative after the other, each over all values.
    std::optional<Error> unite(const Step& step, const std::vector<Value>& values, std::vector<Value>& out) {
        for (const auto& alternative : step.unions) {
            std::vector<Value> found = values;
            if (auto error = walk(alternative, found))
                return error;
            if (out.size() + found.size() > most_values)
                return bad("too many values");
            out.insert(out.end(), found.begin(), found.end());
        }
        return std::nullopt;
    }

    std::optional<Error> field(const Step& step, const Value& value, std::vector<Value>& out) {
        if (value.is_object() && value.contains(step.name))
            out.push_back(value[step.name]);
        else if (missing_ == JsonPath::Missing::refused)
            return bad(cat(step.name, " is not found"));
        return std::nullopt;
    }

    static void children(const Value& value, std::vector<Value>& out) {
        for (const auto& item : value.items())
            out.push_back(item);
        for (const auto& [key, member] : value.members())
            out.push_back(member);
    }

    static void descend(const Value& value, std::vector<Value>& out) {
        out.push_back(value);
        for (const auto& item : value.items())
            descend(item, out);
        for (const auto& [key, member] : value.members())
            descend(member, out);
    }

    std::optional<Error> slice(const Step& step, const Value& value, std::vector<Value>& out) {
        if (!value.is_array()) {
            if (value.is_null() || missing_ == JsonPath::Missing::allowed)
                return std::nullopt;
            return bad(cat(JsonPath::text_of(value), " is not array or slice"));
        }
        const auto size = static_cast<std::int64_t>(value.size());
        auto from = step.from.value_or(0);
        if (from < 0)
            from += size;
        if (step.single) {
            if (from < 0 || from >= size) {
                if (missing_ == JsonPath::Missing::allowed)
                    return std::nullopt;
                return bad(cat("array index out of bounds: index ", from, ", length ", size));
            }
            out.push_back(value[static_cast<std::size_t>(from)]);
            return std::nullopt;
        }
        auto to = step.to.value_or(size);
        if (to < 0)
            to += size;
        const auto by = std::min(step.by.value_or(1), size + 1);  // so that no sum overflows
        for (auto i = std::max<std::int64_t>(from, 0); i < std::min(to, size) && by > 0; i += by)
            out.push_back(value[static_cast<std::size_t>(i)]);
        return std::nullopt;
    }

    std::optional<Error> side(const std::vector<Step>& path, const std::optional<Value>& literal, const Value& item,
                              std::vector<Value>& values) {
        if (literal) {
            values = {*literal};
            return std::nullopt;
        }
        values = {item};
        Evaluator tolerant(JsonPath::Missing::allowed);
        return tolerant.walk(path, values);
    }

    std::optional<Error> filter(const Step& step, const Value& value, std::vector<Value>& out) {
        std::vector<Value> candidates;
        children(value, candidates);
        for (const auto& item : candidates) {
            std::vector<Value> left, right;
            if (auto error = side(step.left, step.left_literal, item, left))
                return error;
            if (step.op == "exists") {
                if (!left.empty())
                    out.push_back(item);
                continue;
            }
            if (auto error = side(step.right, step.right_literal, item, right))
                return error;
            if (left.size() != 1 || right.size() != 1)
                continue;
            if (compare(step.op, left[0], right[0]))
                out.push_back(item);
        }
        return std::nullopt;
    }

    static bool compare(std::string_view op, const Value& a, const Value& b) {
        if (op == "==")
            return a == b;
        if (op == "!=")
            return !(a == b);
        const bool numbers = a.is_number() && b.is_number();
        if (!numbers && !(a.is_string() && b.is_string()))
            return false;
        const int order = numbers ? (a.as_number() < b.as_number() ? -1 : a.as_number() > b.as_number())
                                  : a.as_string().compare(b.as_string());
        if (op == "<")
            return order < 0;
        if (op == "<=")
            return order <= 0;
        return op == ">" ? order > 0 : order >= 0;
    }

    JsonPath::Missing missing_;
};

std::optional<Error> fill(const std::vector<Node>& nodes, const Value& data, JsonPath::Missing missing, std::size_t& steps, std::string& out) {
    for (const auto& node : nodes) {
        if (out.size() > most_output || ++steps > most_steps)
            return bad("too much output");
        if (node.kind == Node::Kind::text) {
            out += node.text;
            continue;
        }
        std::vector<Value> values{data};
        if (auto error = Evaluator(missing).walk(node.steps, values))
            return error;
        if (node.kind == Node::Kind::range) {
            for (const auto& value : values)
                if (auto error = fill(node.body, value, missing, steps, out))
                    return error;
            continue;
        }
        for (std::size_t i = 0; i < values.size(); ++i)
            append(out, i > 0 ? " " : "", JsonPath::text_of(values[i]));
    }
    return std::nullopt;
}

}  // namespace

std::string JsonPath::text_of(const Value& value) {
    switch (value.type()) {
        case Value::Type::null: return {};
        case Value::Type::string: return value.str();
        default: return api::to_json(value);
    }
}

Result<JsonPath> JsonPath::parse(std::string_view text) {
    auto nodes = std::make_shared<std::vector<Node>>();
    if (auto error = Parser(text).nodes(*nodes, false))
        return *error;
    JsonPath path;
    path.nodes_ = std::move(nodes);
    return path;
}

Result<JsonPath> JsonPath::parse_relaxed(std::string_view text) {
    std::string_view inner = text;
    if (inner.starts_with('{') && inner.ends_with('}'))
        inner = inner.substr(1, inner.size() - 2);
    if (inner.find('{') != std::string_view::npos || inner.find('}') != std::string_view::npos)
        return bad(cat("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"));
    return parse(cat("{", inner.starts_with('.') || inner.starts_with('[') || inner.starts_with('$') ? "" : ".", inner, "}"));
}

Result<std::string> JsonPath::execute(const Value& data, Missing missing) const {
    std::string out;
    std::size_t steps = 0;
    if (nodes_)
        if (auto error = fill(*nodes_, data, missing, steps, out))
            return *error;
    return out;
}

Result<std::vector<Value>> JsonPath::find(const Value& data, Missing missing) const {
    std::vector<Value> found;
    if (!nodes_)
        return found;
    for (const auto& node : *nodes_) {
        if (node.kind != Node::Kind::path)
            continue;
        std::vector<Value> values{data};
        if (auto error = Evaluator(missing).walk(node.steps, values))
            return *error;
        found.insert(found.end(), values.begin(), values.end());
    }
    return found;
}

}  // namespace kubewalk::kubectl
