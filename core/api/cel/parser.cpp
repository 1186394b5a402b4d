// Upstream: github.com/google/cel-go/parser/{parser.go,unescape.go,macro.go,gen/CEL.g4}. Messages about what stands where it may not
// are worded as upstream's generated parser words them; it may find further ones after the first, which are not looked for here.

#include <array>
#include <charconv>
#include <optional>

#include "core/api/cel/ast.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace {

constexpr std::uint16_t deepest = 100;  // upstream: 250, on a larger stack
constexpr std::size_t longest_source = 100'000;
constexpr std::string_view starts_expression =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

struct Token {
    enum class Kind : std::uint8_t { end, punctuation, identifier, quoted_identifier, integer, uinteger, number, string, bytes };
    Kind kind = Kind::end;
    std::string_view text;
    std::uint32_t offset = 0;
    std::string content;  // of strings and bytes
};

void append_utf8(std::string& out, std::uint32_t letter) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (letter < 0x80) {
        put(letter);
    } else if (letter < 0x800) {
        put(0xc0 | letter >> 6);
        put(0x80 | (letter & 0x3f));
    } else if (letter < 0x10000) {
        put(0xe0 | letter >> 12);
        put(0x80 | (letter >> 6 & 0x3f));
        put(0x80 | (letter & 0x3f));
    } else {
        put(0xf0 | letter >> 18);
        put(0x80 | (letter >> 12 & 0x3f));
        put(0x80 | (letter >> 6 & 0x3f));
        put(0x80 | (letter & 0x3f));
    }
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
public:
    Lexer(std::string_view source, std::vector<Issue>& issues) : source_(source), issues_(issues) {}

    std::vector<Token> all() {
        std::vector<Token> tokens;
        while (true) {
            skip_blanks();
            Token token = next();
            const bool last = token.kind == Token::Kind::end;
            tokens.push_back(std::move(token));
            if (last)
                return tokens;
        }
    }

private:
    char at(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

    void skip_blanks() {
        while (at_ < source_.size()) {
            if (at() == ' ' || at() == '\t' || at() == '\n' || at() == '\r' || at() == '\f')
                ++at_;
            else if (at() == '/' && at(1) == '/')
                at_ = std::min(source_.find('\n', at_), source_.size());
            else
                return;
        }
    }

    std::uint32_t offset() const {
        for (; counted_ < at_; ++counted_)
            letters_ += (static_cast<unsigned char>(source_[counted_]) & 0xc0) != 0x80 ? 1 : 0;
        return letters_;
    }

    Token take(Token::Kind kind, std::size_t length) {
        Token token{kind, source_.substr(at_, length), offset(), {}};
        at_ += length;
        return token;
    }

    Token next() {
        if (at_ >= source_.size())
            return {Token::Kind::end, "<EOF>", offset(), {}};
        if (is_letter(at()))
            if (auto text = prefixed_string())
                return *text;
        if (is_letter(at())) {
            std::size_t length = 1;
            while (is_letter(at(length)) || is_digit(at(length)))
                ++length;
            return take(Token::Kind::identifier, length);
        }
        if (is_digit(at()) || (at() == '.' && is_digit(at(1))))
            return number();
        if (at() == '"' || at() == '\'')
            return string(0, false, Token::Kind::string);
        if (at() == '`')
            if (const auto end = source_.find('`', at_ + 1); end != std::string_view::npos) {
                Token token = take(Token::Kind::quoted_identifier, end + 1 - at_);
                token.content = token.text.substr(1, token.text.size() - 2);
                return token;
            }
        for (const std::string_view two : {"==", "!=", "<=", ">=", "&&", "||"})
            if (source_.substr(at_).starts_with(two))
                return take(Token::Kind::punctuation, 2);
        if (std::string_view("<>+-*/%!?:.,()[]{}").find(at()) != std::string_view::npos)
            return take(Token::Kind::punctuation, 1);
        std::size_t length = 1;
        while (at_ + length < source_.size() && (static_cast<unsigned char>(source_[at_ + length]) & 0xc0) == 0x80)
            ++length;
        issues_.push_back({offset(), cat("Syntax error: token recognition error at: '", source_.substr(at_, length), "'")});
        return {Token::Kind::end, "<EOF>", offset(), {}};
    }

    // r"", b'', rb"""...""", ...
    std::optional<Token> prefixed_string() {
        bool raw = false, bytes = false;
        std::size_t length = 0;
        for (; length < 2; ++length) {
            const char c = at(length);
            if ((c == 'r' || c == 'R') && !raw)
                raw = true;
            else if ((c == 'b' || c == 'B') && !bytes)
                bytes = true;
            else
                break;
        }
        if (length == 0 || (at(length) != '"' && at(length) != '\''))
            return std::nullopt;
        return string(length, raw, bytes ? Token::Kind::bytes : Token::Kind::string);
    }

    Token number() {
        std::size_t length = 0;
        bool real = false;
        if (at() == '0' && (at(1) == 'x' || at(1) == 'X')) {
            length = 2;
            while (std::string_view("0123456789abcdefABCDEF").find(at(length)) != std::string_view::npos && at(length) != '\0')
                ++length;
        } else {
            while (is_digit(at(length)))
                ++length;
            if (at(length) == '.' && is_digit(at(length + 1))) {
                real = true;
                ++length;
                while (is_digit(at(length)))
                    ++length;
            }
            const std::size_t sign = at(length + 1) == '+' || at(length + 1) == '-' ? 1 : 0;
            if ((at(length) == 'e' || at(length) == 'E') && is_digit(at(length + 1 + sign))) {
                real = true;
                length += 1 + sign;
                while (is_digit(at(length)))
                    ++length;
            }
        }
        if (!real && (at(length) == 'u' || at(length) == 'U'))
            return take(Token::Kind::uinteger, length + 1);
        return take(real ? Token::Kind::number : Token::Kind::integer, length);
    }

    Token string(std::size_t prefix, bool raw, Token::Kind kind) {
        const char quote = at(prefix);
        const bool triple = at(prefix + 1) == quote && at(prefix + 2) == quote;
        const std::size_t mark = triple ? 3 : 1, begin = at_ + prefix + mark;
        std::size_t end = begin;
        for (; end < source_.size(); ++end) {
            if (source_[end] == '\\' && !raw) {
                ++end;
                continue;
            }
            if (!triple && (source_[end] == '\n' || source_[end] == '\r'))
                break;
            if (source_[end] == quote && (!triple || source_.substr(end, 3) == std::string(3, quote)))
                break;
        }
        if (end >= source_.size() || source_[end] != quote) {
            const auto rest = source_.substr(at_, std::min(end, source_.size()) - at_);
            issues_.push_back({offset(), cat("Syntax error: token recognition error at: '", rest, "'")});
            return {Token::Kind::end, "<EOF>", offset(), {}};
        }
        const auto inside = source_.substr(begin, end - begin);
        Token token = take(kind, end + mark - at_);
        token.content = raw ? std::string(inside) : unescaped(inside, kind == Token::Kind::bytes, token.offset);
        return token;
    }

    std::string unescaped(std::string_view text, bool bytes, std::uint32_t where) {
        std::string plain;
        constexpr std::string_view letters = "abfnrtv\\'\"`?", meant = "\a\b\f\n\r\t\v\\'\"`?";
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\') {
                plain += text[i];
                continue;
            }
            const char c = ++i < text.size() ? text[i] : '\0';
            if (const auto known = letters.find(c); c != '\0' && known != std::string_view::npos) {
                plain += meant[known];
                continue;
            }
            const bool octal = c >= '0' && c <= '3';
            const std::size_t digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : octal ? 3 : 0;
            const auto code = text.substr(octal ? i : i + 1, digits);
            std::uint32_t value = 0;
            const auto read = std::from_chars(code.data(), code.data() + code.size(), value, octal ? 8 : 16);
            if (digits == 0 || code.size() != digits || read.ptr != code.data() + code.size() || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
                issues_.push_back({where, "unable to unescape string"});
                return plain;
            }
            if (bytes)
                plain += static_cast<char>(value);
            else
                append_utf8(plain, value);
            i += octal ? 2 : digits;
        }
        return plain;
    }

    std::string_view source_;
    std::vector<Issue>& issues_;
    std::size_t at_ = 0;
    mutable std::size_t counted_ = 0;
    mutable std::uint32_t letters_ = 0;
};

bool is_reserved(std::string_view name) {
    constexpr std::string_view words[] = {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
                                          "namespace", "return", "var", "void", "while"};
    for (const auto word : words)
        if (word == name)
            return true;
    return false;
}

struct Binary {
    std::string_view text;
    std::string_view name;
    int strength;
};
constexpr Binary binaries[] = {{"||", "_||_", 1}, {"&&", "_&&_", 2}, {"<", "_<_", 3},  {"<=", "_<=_", 3}, {">=", "_>=_", 3}, {">", "_>_", 3}, {"==", "_==_", 3},
                               {"!=", "_!=_", 3}, {"in", "@in", 3},  {"+", "_+_", 4}, {"-", "_-_", 4},   {"*", "_*_", 5},   {"/", "_/_", 5}, {"%", "_%_", 5}};

struct Macro {
    std::string_view name;
    std::size_t arguments;
    std::size_t variables;
    bool member;
};
constexpr Macro macros[] = {{"has", 1, 0, false},           {"all", 2, 1, true},           {"exists", 2, 1, true},       {"exists_one", 2, 1, true},
                            {"existsOne", 2, 1, true},      {"map", 2, 1, true},           {"map", 3, 1, true},          {"filter", 2, 1, true},
                            {"all", 3, 2, true},            {"exists", 3, 2, true},        {"existsOne", 3, 2, true},    {"transformList", 3, 2, true},
                            {"transformList", 4, 2, true},  {"transformMap", 3, 2, true},  {"transformMap", 4, 2, true}, {"transformMapEntry", 3, 2, true},
                            {"transformMapEntry", 4, 2, true}, {"optMap", 2, 1, true},     {"optFlatMap", 2, 1, true},   {"sortBy", 2, 1, true}};

class Parser {
public:
    Parser(std::vector<Token> tokens, std::vector<Issue>& issues) : tokens_(std::move(tokens)), issues_(issues) {}

    ExprPtr whole() {
        auto expr = expression();
        if (!failed_ && token().kind != Token::Kind::end)
            fail(token(), at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Token::Kind::end
                              ? cat("Syntax error: extraneous input '", token().text, "' expecting <EOF>")
                              : cat("Syntax error: mismatched input '", token().text,
                                    "' expecting {<EOF>, '==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '.', '-', '?', '+', '*', '/', '%'}"));
        return failed_ ? nullptr : std::move(expr);
    }

private:
    const Token& token() const { return tokens_[at_]; }
    bool is(std::string_view text) const { return token().text == text && (token().kind == Token::Kind::punctuation || token().kind == Token::Kind::identifier); }
    bool accept(std::string_view text) {
        if (!is(text))
            return false;
        ++at_;
        return true;
    }
    void fail(const Token& where, std::string message) {
        if (!failed_)
            issues_.push_back({where.offset, std::move(message)});
        failed_ = true;
    }
    bool expect(std::string_view text) {
        if (accept(text))
            return true;
        fail(token(), token().kind == Token::Kind::end ? cat("Syntax error: missing '", text, "' at '<EOF>'")
                                                       : cat("Syntax error: mismatched input '", token().text, "' expecting '", text, "'"));
        return false;
    }

    ExprPtr node(Expr::Kind kind, std::uint32_t offset, std::string_view name = {}) {
        auto expr = std::make_unique<Expr>();
        expr->kind = kind;
        expr->offset = offset;
        expr->name = name;
        return expr;
    }
    void add(Expr& parent, ExprPtr child) {
        parent.depth = std::max<std::uint16_t>(parent.depth, static_cast<std::uint16_t>((child ? child->depth : 0) + 1));
        if (parent.depth > deepest)
            fail(token(), cat("expression recursion limit exceeded: ", deepest));
        parent.args.push_back(child ? std::move(child) : std::make_unique<Expr>());
    }
    ExprPtr call(std::uint32_t offset, std::string_view name, ExprPtr a, ExprPtr b = nullptr, ExprPtr c = nullptr) {
        auto expr = node(Expr::Kind::call, offset, name);
        add(*expr, std::move(a));
        if (b)
            add(*expr, std::move(b));
        if (c)
            add(*expr, std::move(c));
        return expr;
    }

    class Level {
    public:
        explicit Level(Parser& parser) : parser_(parser) {
            if (++parser_.level_ > deepest)
                parser_.fail(parser_.token(), cat("expression recursion limit exceeded: ", deepest));
        }
        ~Level() { --parser_.level_; }

    private:
        Parser& parser_;
    };

    ExprPtr expression() {
        const Level level(*this);
        if (failed_)
            return nullptr;
        auto condition = binary(1);
        if (failed_ || !is("?"))
            return condition;
        const auto offset = token().offset;
        ++at_;
        auto yes = binary(1);
        if (!expect(":"))
            return yes;
        auto no = expression();
        return call(offset, "_?_:_", std::move(condition), std::move(yes), std::move(no));
    }

    ExprPtr binary(int strength) {
        const Level level(*this);
        if (failed_)
            return nullptr;
        auto left = unary();
        while (!failed_) {
            const Binary* found = nullptr;
            for (const auto& one : binaries)
                if (one.strength >= strength && is(one.text))
                    found = &one;
            if (!found)
                break;
            const auto offset = token().offset;
            ++at_;
            auto right = binary(found->strength + 1);
            // a && b && c is one node: a long list of conditions is not deep.
            if (found->strength <= 2 && left && left->kind == Expr::Kind::call && left->name == found->name && !left->member && !nested_.contains(left.get()))
                add(*left, std::move(right));
            else
                left = call(offset, found->name, std::move(left), std::move(right));
        }
        return left;
    }

    ExprPtr unary() {
        const auto first = token();
        if (is("!") || (is("-") && tokens_[at_ + 1].kind != Token::Kind::integer && tokens_[at_ + 1].kind != Token::Kind::number)) {
            std::size_t count = 0;
            for (; is(first.text); ++at_)
                ++count;
            auto inner = member();
            return count % 2 == 0 || failed_ ? std::move(inner) : call(first.offset, first.text == "!" ? "!_" : "-_", std::move(inner));
        }
        return member();
    }

    ExprPtr member() {
        auto expr = primary();
        while (!failed_) {
            const auto offset = token().offset;
            if (accept(".")) {
                const bool optional = accept("?");
                const Token name = token();
                if (name.kind != Token::Kind::identifier && name.kind != Token::Kind::quoted_identifier) {
                    fail(name, name.kind == Token::Kind::end ? std::string("Syntax error: no viable alternative at input '.'")
                                                             : cat("Syntax error: no viable alternative at input '.", name.text, "'"));
                    break;
                }
                ++at_;
                if (!optional && is("(")) {
                    expr = arguments(name, std::move(expr));
                    continue;
                }
                auto select = node(Expr::Kind::select, offset, name.kind == Token::Kind::identifier ? name.text : std::string_view(name.content));
                select->optional = optional;
                add(*select, std::move(expr));
                expr = std::move(select);
            } else if (accept("[")) {
                const bool optional = accept("?");
                auto index = expression();
                expect("]");
                expr = call(offset, optional ? "_[?_]" : "_[_]", std::move(expr), std::move(index));
            } else {
                break;
            }
        }
        return expr;
    }

    // From "(" on.
    ExprPtr arguments(const Token& name, ExprPtr target) {
        const auto offset = token().offset;
        expect("(");
        auto expr = node(Expr::Kind::call, offset, name.text);
        expr->member = target != nullptr;
        if (target)
            add(*expr, std::move(target));
        if (!is(")"))
            do
                add(*expr, expression());
            while (!failed_ && accept(","));
        expect(")");
        return failed_ ? std::move(expr) : with_macro(std::move(expr));
    }

    ExprPtr with_macro(ExprPtr expr) {
        const std::size_t given = expr->args.size() - (expr->member ? 1 : 0);
        for (const auto& macro : macros) {
            if (macro.name != expr->name || macro.member != expr->member || macro.arguments != given)
                continue;
            if (macro.name == "has") {
                if (expr->args[0]->kind != Expr::Kind::select) {
                    issues_.push_back({expr->args[0]->offset, "invalid argument to has() macro"});
                    failed_ = true;
                }
                expr->kind = Expr::Kind::macro;
                return expr;
            }
            for (std::size_t i = 0; i < macro.variables; ++i) {
                const auto& variable = *expr->args[1 + i];
                if (variable.kind != Expr::Kind::ident || variable.rooted) {
                    issues_.push_back({variable.offset, macro.variables == 1 ? "argument must be a simple name" : "argument must be a simple name"});
                    failed_ = true;
                    return expr;
                }
                expr->variables.push_back(variable.name);
            }
            expr->args.erase(expr->args.begin() + 1, expr->args.begin() + 1 + static_cast<std::ptrdiff_t>(macro.variables));
            expr->kind = Expr::Kind::macro;
            return expr;
        }
        return expr;
    }

    ExprPtr primary() {
        const Token first = token();
        switch (first.kind) {
            case Token::Kind::identifier:
                ++at_;
                return name(first, false);
            case Token::Kind::string:
            case Token::Kind::bytes: {
                ++at_;
                auto expr = node(Expr::Kind::literal, first.offset);
                expr->value = first.kind == Token::Kind::string ? Val::string(first.content) : Val::bytes(first.content);
                return expr;
            }
            case Token::Kind::integer:
            case Token::Kind::uinteger:
            case Token::Kind::number:
                return number(false);
            default:
                break;
        }
        if (is("-")) {
            ++at_;
            return number(true);
        }
        if (accept("(")) {
            auto expr = expression();
            expect(")");
            if (expr)
                nested_.insert(expr.get());
            return expr;
        }
        if (accept(".")) {
            if (token().kind != Token::Kind::identifier) {
                fail(token(), cat("Syntax error: mismatched input '", token().text, "' expecting IDENTIFIER"));
                return nullptr;
            }
            const Token word = token();
            ++at_;
            return name(word, true);
        }
        if (accept("["))
            return list(first.offset);
        if (accept("{"))
            return map(first.offset);
        fail(first, cat("Syntax error: mismatched input '", first.text, "' expecting ", starts_expression));
        return nullptr;
    }

    ExprPtr name(const Token& word, bool rooted) {
        if (word.text == "true" || word.text == "false" || word.text == "null") {
            auto expr = node(Expr::Kind::literal, word.offset);
            if (word.text != "null")
                expr->value = Val::boolean(word.text == "true");
            return expr;
        }
        if (word.text == "in") {
            fail(word, cat("Syntax error: mismatched input 'in' expecting ", starts_expression));
            return nullptr;
        }
        if (is_reserved(word.text)) {
            fail(word, cat("reserved identifier: ", word.text));
            return nullptr;
        }
        if (is("("))
            return arguments(word, nullptr);
        auto expr = node(Expr::Kind::ident, word.offset, word.text);
        expr->rooted = rooted;
        return expr;
    }

    ExprPtr number(bool negative) {
        const Token word = token();
        ++at_;
        auto expr = node(Expr::Kind::literal, word.offset);
        auto text = word.kind == Token::Kind::uinteger ? word.text.substr(0, word.text.size() - 1) : word.text;
        if (word.kind == Token::Kind::number) {
            double value = 0;
            if (!read_double(text, value))
                fail(word, "invalid double literal");
            expr->value = Val::number(negative ? -value : value);
            return expr;
        }
        const bool hex = text.starts_with("0x") || text.starts_with("0X");
        if (hex)
            text.remove_prefix(2);
        std::uint64_t value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
        const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
        if (word.kind == Token::Kind::uinteger) {
            if (!whole)
                fail(word, "invalid uint literal");
            expr->value = Val::uinteger(value);
            return expr;
        }
        constexpr std::uint64_t most = INT64_MAX;
        if (!whole || value > most + (negative ? 1U : 0U))
            fail(word, "invalid int literal");
        expr->value = Val::integer(negative ? static_cast<std::int64_t>(~value + 1) : static_cast<std::int64_t>(value));
        return expr;
    }

    // clang 14 has no from_chars of doubles.
    static bool read_double(std::string_view text, double& value) {
        const std::string copy(text);
        char* end = nullptr;
        value = std::strtod(copy.c_str(), &end);
        return end == copy.c_str() + copy.size();
    }

    ExprPtr list(std::uint32_t offset) {
        auto expr = node(Expr::Kind::list, offset);
        while (!failed_ && !is("]")) {
            expr->optional_args.push_back(accept("?"));
            add(*expr, expression());
            if (!accept(","))
                break;
        }
        expect("]");
        return expr;
    }

    ExprPtr map(std::uint32_t offset) {
        auto expr = node(Expr::Kind::map, offset);
        while (!failed_ && !is("}")) {
            expr->optional_args.push_back(accept("?"));
            add(*expr, expression());
            if (failed_ || !expect(":"))
                break;
            add(*expr, expression());
            if (!accept(","))
                break;
        }
        expect("}");
        return expr;
    }

    struct Nested {
        std::vector<const Expr*> all;
        void insert(const Expr* one) { all.push_back(one); }
        bool contains(const Expr* one) const { return !all.empty() && all.back() == one; }
    };

    std::vector<Token> tokens_;
    std::vector<Issue>& issues_;
    std::size_t at_ = 0;
    int level_ = 0;
    bool failed_ = false;
    Nested nested_;  // what stood in parentheses, the last one last
};

}  // namespace

ExprPtr parse(std::string_view source, std::vector<Issue>& issues) {
    if (source.size() > longest_source) {
        issues.push_back({0, cat("expression code point size exceeds limit: size: ", source.size(), ", limit ", longest_source)});
        return nullptr;
    }
    auto tokens = Lexer(source, issues).all();
    if (!issues.empty())
        return nullptr;
    auto expr = Parser(std::move(tokens), issues).whole();
    return issues.empty() ? std::move(expr) : nullptr;
}

std::string issues_text(std::string_view source, std::vector<Issue> issues) {
    const auto lines = split(source, '\n');
    const auto letters = [](std::string_view text) {
        std::uint32_t count = 0;
        for (const char c : text)
            count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
        return count;
    };
    std::string text;
    for (const auto& issue : issues) {
        std::uint32_t column = issue.offset;
        std::size_t line = 0;
        while (line + 1 < lines.size() && column > letters(lines[line])) {
            column -= letters(lines[line]) + 1;
            ++line;
        }
        append(text, text.empty() ? "" : "\n", "ERROR: <input>:", line + 1, ":", column + 1, ": ", issue.message, "\n | ", replace_all(lines[line], "\t", " "), "\n | ");
        std::uint32_t passed = 0;
        bool wide = false;
        for (std::size_t i = 0; i <= lines[line].size(); ++i) {
            const bool end = i == lines[line].size();
            if (!end && (static_cast<unsigned char>(lines[line][i]) & 0xc0) == 0x80)
                continue;
            wide = !end && static_cast<unsigned char>(lines[line][i]) >= 0x80;
            if (passed == column)
                break;
            text += wide ? "\uff0e" : ".";
            ++passed;
        }
        text += wide ? "\uff3e" : "^";
    }
    return text;
}

std::string dotted(const Expr& expr) {
    if (expr.kind == Expr::Kind::ident)
        return expr.name;
    if (expr.kind != Expr::Kind::select || expr.optional)
        return {};
    const auto before = dotted(*expr.args[0]);
    return before.empty() ? before : cat(before, ".", expr.name);
}

}  // namespace kubewalk::api::cel
