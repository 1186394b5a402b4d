// jq filters as trees.

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/shell/programs/jq.h"

namespace kubewalk::shell {

namespace {

using api::Value;
using Node = JqNode;
using NodePtr = JqNodePtr;

class JqParser {
public:
    explicit JqParser(std::string_view text) : text_(text) {}

    Result<NodePtr> parse() {
        auto parsed = pipe();
        if (too_high_)
            return exhausted();
        KUBEWALK_TRY(node, std::move(parsed));
        skip();
        if (at_ < text_.size())
            return fail();
        return node;
    }

private:
    using Kind = Node::Kind;

    static Error exhausted() { return {"ParseError", "memory exhausted", {}, 0, 0}; }
    // `.a.a.a` and `1+1+1` grow to the left without anybody going deeper; running and freeing them does.
    NodePtr make(Node node) {
        constexpr int highest = 400;
        const auto below = [&node](const NodePtr& child) { node.height = std::max(node.height, child ? child->height + 1 : 1); };
        for (const auto& child : node.children)
            below(child);
        for (const auto& [key, value] : node.members) {
            below(key);
            below(value);
        }
        too_high_ = too_high_ || node.height > highest;
        return std::make_shared<const Node>(std::move(node));
    }
    // Deeper than anybody writes, far less than the stack holds.
    template <typename Parse>
    Result<NodePtr> deeper(int& depth, const Parse& parse) {
        constexpr int deepest = 100;
        if (++depth > deepest)
            return exhausted();
        auto parsed = parse();
        --depth;
        return parsed;
    }

    Error fail() const {
        const auto rest = text_.substr(std::min(at_, text_.size()));
        return {"ParseError", rest.empty() ? std::string("syntax error, unexpected end of file") : cat("syntax error, unexpected ", quoted(rest.substr(0, 12))), {}, 0, 0};
    }
    void skip() {
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '#')
                at_ = std::min(text_.find('\n', at_), text_.size() - 1);
            else if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
                return;
        }
    }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
    bool take(std::string_view token) {
        skip();
        if (!text_.substr(at_).starts_with(token))
            return false;
        // A word ends where its letters end.
        if (is_letter(token.back()) && at_ + token.size() < text_.size() && is_letter(text_[at_ + token.size()]))
            return false;
        at_ += token.size();
        return true;
    }
    bool peek(std::string_view token) {
        const auto before = at_;
        const bool there = take(token);
        at_ = before;
        return there;
    }
    std::string word() {
        skip();
        std::string found;
        while (at_ < text_.size() && is_letter(text_[at_]))
            found += text_[at_++];
        return found;
    }

    Result<NodePtr> pipe() {
        return deeper(depth_, [this] { return pipe_here(); });
    }

    Result<NodePtr> pipe_here() {
        KUBEWALK_TRY(left, comma());
        if (take("as")) {
            skip();
            if (!take("$"))
                return fail();
            const auto name = word();
            if (!take("|"))
                return fail();
            KUBEWALK_TRY(body, pipe());
            return make({Kind::bind, name, {}, {left, body}, {}});
        }
        if (!peek("|=") && take("|")) {
            KUBEWALK_TRY(right, pipe());
            return make({Kind::pipe, {}, {}, {left, right}, {}});
        }
        return left;
    }

    Result<NodePtr> comma() {
        KUBEWALK_TRY(left, binary(0));
        while (!too_high_ && take(",")) {
            KUBEWALK_TRY(right, binary(0));
            left = make({Kind::comma, {}, {}, {left, right}, {}});
        }
        return left;
    }

    // Lowest first: //, or, and, comparisons, + -, * / %.
    Result<NodePtr> binary(int level) {
        static const std::vector<std::vector<std::string_view>> levels = {{"//"}, {"or"}, {"and"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}};
        if (level == static_cast<int>(levels.size()))
            return postfix();
        KUBEWALK_TRY(left, binary(level + 1));
        while (true) {
            if (too_high_)
                return exhausted();
            std::string_view found;
            for (const auto sign : levels[static_cast<std::size_t>(level)]) {
                if (sign == "/" && peek("//"))
                    continue;
                if (take(sign)) {
                    found = sign;
                    break;
                }
            }
            if (found.empty())
                return left;
            KUBEWALK_TRY(right, level == 0 ? deeper(depth_, [this] { return binary(0); }) : binary(level + 1));
            left = make({Kind::binary, std::string(found), {}, {left, right}, {}});
        }
    }

    Result<NodePtr> postfix() {
        KUBEWALK_TRY(node, deeper(terms_, [this] { return term(); }));
        while (at_ < text_.size() && !too_high_) {
            if (text_[at_] == '?') {
                ++at_;
                node = make({Kind::optional, {}, {}, {node}, {}});
            } else if (text_[at_] == '[') {
                KUBEWALK_TRY(suffix, bracket());
                node = make({Kind::pipe, {}, {}, {node, suffix}, {}});
                // An index counts from what stands before it.
            } else if (text_[at_] == '.' && at_ + 1 < text_.size() && (is_letter(text_[at_ + 1]) || text_[at_ + 1] == '"' || text_[at_ + 1] == '[')) {
                ++at_;
                KUBEWALK_TRY(suffix, text_[at_] == '[' ? bracket() : field());
                node = make({Kind::pipe, {}, {}, {node, suffix}, {}});
            } else {
                break;
            }
        }
        return node;
    }

    Result<NodePtr> field() {
        if (text_[at_] == '"') {
            KUBEWALK_TRY(name, string());
            return make({Kind::index, {}, {}, {name}, {}});
        }
        return make({Kind::field, word(), {}, {}, {}});
    }

    // [], [N], ["name"], [a:b], [expression]
    Result<NodePtr> bracket() {
        ++at_;
        if (take("]"))
            return make({Kind::iterate, {}, {}, {}, {}});
        NodePtr from, to;
        if (!peek(":")) {
            KUBEWALK_TRY(inner, pipe());
            from = inner;
        }
        if (take(":")) {
            if (!peek("]")) {
                KUBEWALK_TRY(inner, pipe());
                to = inner;
            }
            if (!take("]"))
                return fail();
            return make({Kind::slice, {}, {}, {from, to}, {}});
        }
        if (!take("]"))
            return fail();
        return make({Kind::index, {}, {}, {from}, {}});
    }

    Result<NodePtr> string() {
        ++at_;
        std::vector<NodePtr> parts;
        std::string plain;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
                if (text_[at_] == '(') {
                    ++at_;
                    parts.push_back(make({Kind::literal, {}, Value(plain), {}, {}}));
                    plain.clear();
                    KUBEWALK_TRY(inner, pipe());
                    if (!take(")"))
                        return fail();
                    parts.push_back(inner);
                    continue;
                }
                plain += text_[at_] == 'n' ? '\n' : text_[at_] == 't' ? '\t' : text_[at_] == 'r' ? '\r' : text_[at_];
                ++at_;
                continue;
            }
            plain += text_[at_++];
        }
        if (at_ >= text_.size())
            return fail();
        ++at_;
        if (parts.empty())
            return make({Kind::literal, {}, Value(plain), {}, {}});
        parts.push_back(make({Kind::literal, {}, Value(plain), {}, {}}));
        return make({Kind::text, {}, {}, std::move(parts), {}});
    }

    Result<NodePtr> object() {
        Node node;
        node.kind = Kind::object;
        while (!take("}")) {
            skip();
            NodePtr key;
            std::string name;
            if (at_ < text_.size() && text_[at_] == '"') {
                KUBEWALK_TRY(text, string());
                key = text;
                name = text->value.str();
            } else if (take("(")) {
                KUBEWALK_TRY(inner, pipe());
                if (!take(")"))
                    return fail();
                key = inner;
            } else if (take("$")) {
                name = word();
                key = make({Kind::literal, {}, Value(name), {}, {}});
                node.members.emplace_back(key, make({Kind::variable, name, {}, {}, {}}));
                if (!take(",") && !peek("}"))
                    return fail();
                continue;
            } else {
                name = word();
                if (name.empty())
                    return fail();
                key = make({Kind::literal, {}, Value(name), {}, {}});
            }
            NodePtr value = make({Kind::field, name, {}, {}, {}});
            if (take(":")) {
                KUBEWALK_TRY(inner, binary(0));
                value = inner;
            }
            node.members.emplace_back(key, value);
            if (!take(",") && !peek("}"))
                return fail();
        }
        return make(std::move(node));
    }

    Result<NodePtr> condition() {
        KUBEWALK_TRY(test, pipe());
        if (!take("then"))
            return fail();
        KUBEWALK_TRY(then, pipe());
        NodePtr otherwise = make({});
        if (take("elif")) {
            KUBEWALK_TRY(next, deeper(depth_, [this] { return condition(); }));
            return make({Kind::condition, {}, {}, {test, then, next}, {}});
        }
        if (take("else")) {
            KUBEWALK_TRY(inner, pipe());
            otherwise = inner;
        }
        if (!take("end"))
            return fail();
        return make({Kind::condition, {}, {}, {test, then, otherwise}, {}});
    }

    Result<NodePtr> term() {
        skip();
        if (at_ >= text_.size())
            return fail();
        const char c = text_[at_];
        if (c == '.') {
            ++at_;
            if (at_ < text_.size() && text_[at_] == '.') {
                ++at_;
                return make({Kind::recurse, {}, {}, {}, {}});
            }
            if (at_ < text_.size() && (is_letter(text_[at_]) || text_[at_] == '"'))
                return field();
            if (at_ < text_.size() && text_[at_] == '[')
                return bracket();
            return make({});
        }
        if (c == '"')
            return string();
        if (c == '(') {
            ++at_;
            KUBEWALK_TRY(inner, pipe());
            if (!take(")"))
                return fail();
            return inner;
        }
        if (c == '[') {
            ++at_;
            if (take("]"))
                return make({Kind::literal, {}, Value::array(), {}, {}});
            KUBEWALK_TRY(inner, pipe());
            if (!take("]"))
                return fail();
            return make({Kind::array, {}, {}, {inner}, {}});
        }
        if (c == '{') {
            ++at_;
            return object();
        }
        if (c == '-') {
            ++at_;
            KUBEWALK_TRY(inner, postfix());
            return make({Kind::negate, {}, {}, {inner}, {}});
        }
        if (c == '$') {
            ++at_;
            return make({Kind::variable, word(), {}, {}, {}});
        }
        if (c == '@') {
            ++at_;
            return make({Kind::call, "@" + word(), {}, {}, {}});
        }
        if (c >= '0' && c <= '9') {
            std::string number;
            while (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.' || text_[at_] == 'e'))
                number += text_[at_++];
            auto value = api::parse_json(number);
            if (!value.ok())
                return fail();
            return make({Kind::literal, {}, value.take(), {}, {}});
        }
        const auto name = word();
        if (name.empty())
            return fail();
        if (name == "if")
            return condition();
        if (name == "true" || name == "false")
            return make({Kind::literal, {}, Value(name == "true"), {}, {}});
        if (name == "null")
            return make({Kind::literal, {}, Value(), {}, {}});
        if (name == "def" || name == "reduce" || name == "foreach" || name == "try" || name == "import" || name == "include" || name == "label")
            return Error{"ParseError", cat(name, " is not known to this jq"), {}, 0, 0};
        Node call{Kind::call, name, {}, {}, {}};
        if (at_ < text_.size() && text_[at_] == '(') {
            ++at_;
            do {
                KUBEWALK_TRY(argument, pipe());
                call.children.push_back(argument);
            } while (take(";"));
            if (!take(")"))
                return fail();
        }
        return make(std::move(call));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int terms_ = 0;  // inside one another
    bool too_high_ = false;
};

}  // namespace

Result<JqNodePtr> parse_jq(std::string_view text) { return JqParser(text).parse(); }

}  // namespace kubewalk::shell
