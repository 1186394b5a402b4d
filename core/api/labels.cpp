#include "core/api/labels.h"

#include <algorithm>
#include <optional>

#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::api {

using Operator = Requirement::Operator;

// -- one requirement ------------------------------------------------------------------------------

bool Requirement::matches(const Value& labels) const {
    const Value& value = labels[key];
    const bool has = value.is_string();
    const auto among = [&] { return std::find(values.begin(), values.end(), value.as_string()) != values.end(); };
    switch (op) {
        case Operator::in:
        case Operator::equals:
        case Operator::double_equals: return has && among();
        case Operator::not_in:
        case Operator::not_equals: return !has || !among();
        case Operator::exists: return has;
        case Operator::does_not_exist: return !has;
        case Operator::greater_than:
        case Operator::less_than: {
            const auto number = parse_int(value.as_string());
            const auto bound = values.empty() ? std::nullopt : parse_int(values.front());
            if (!has || !number || !bound)
                return false;
            return op == Operator::greater_than ? *number > *bound : *number < *bound;
        }
    }
    return false;
}

std::string Requirement::str() const {
    switch (op) {
        case Operator::exists: return key;
        case Operator::does_not_exist: return "!" + key;
        case Operator::equals: return cat(key, "=", join(values, ","));
        case Operator::double_equals: return cat(key, "==", join(values, ","));
        case Operator::not_equals: return cat(key, "!=", join(values, ","));
        case Operator::in: return cat(key, " in (", join(values, ","), ")");
        case Operator::not_in: return cat(key, " notin (", join(values, ","), ")");
        case Operator::greater_than: return cat(key, ">", join(values, ","));
        case Operator::less_than: return cat(key, "<", join(values, ","));
    }
    return key;
}

// -- text ---------------------------------------------------------------------------------------------

namespace {

Error unparsable(std::string_view detail) {
    return Error{"BadRequest", cat("unable to parse requirement: ", detail), {}, 0, 0};
}

enum class Token : unsigned char { end, name, comma, open, close, equals, double_equals, not_equals, exclamation, greater, less };

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) { advance(); }

    Token token() const { return token_; }
    const std::string& literal() const { return literal_; }
    // As error messages show it.
    std::string shown() const { return token_ == Token::end ? "" : literal_; }

    void advance() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
        literal_.clear();
        if (at_ >= text_.size()) {
            token_ = Token::end;
            return;
        }
        struct Symbol {
            std::string_view text;
            Token token;
        };
        static constexpr Symbol symbols[] = {{"==", Token::double_equals}, {"!=", Token::not_equals}, {"=", Token::equals},
                                             {"!", Token::exclamation},    {",", Token::comma},       {"(", Token::open},
                                             {")", Token::close},          {">", Token::greater},     {"<", Token::less}};
        for (const auto& symbol : symbols) {
            if (text_.substr(at_).starts_with(symbol.text)) {
                token_ = symbol.token;
                literal_ = symbol.text;
                at_ += symbol.text.size();
                return;
            }
        }
        while (at_ < text_.size() && std::string_view("=!,()<> \t\n\r").find(text_[at_]) == std::string_view::npos)
            literal_ += text_[at_++];
        token_ = Token::name;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    Token token_ = Token::end;
    std::string literal_;
};

// Between requirements upstream gives the bare sentence.
Error unexpected(std::string_view detail) { return Error{"BadRequest", std::string(detail), {}, 0, 0}; }

// "(a,b)", "(a)", "(,)": empty values count.
Result<std::vector<std::string>> parse_set(Lexer& lexer) {
    if (lexer.token() != Token::open)
        return unparsable(cat("found '", lexer.shown(), "' expected: '('"));
    lexer.advance();
    std::vector<std::string> values;
    std::string current;
    while (true) {
        if (lexer.token() == Token::name) {
            current = lexer.literal();
        } else if (lexer.token() == Token::comma || lexer.token() == Token::close) {
            values.push_back(current);
            current.clear();
            if (lexer.token() == Token::close)
                break;
        } else {
            return unparsable(cat("found '", lexer.shown(), "', expected: ',', ')' or identifier"));
        }
        lexer.advance();
    }
    lexer.advance();
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

Result<void> check_requirement(const Requirement& requirement) {
    if (const auto wrong = is_qualified_name(requirement.key); !wrong.empty())
        return unparsable(cat("<nil>: Invalid value: ", quoted(requirement.key), ": ", join(wrong, "; ")));
    if (requirement.op == Operator::greater_than || requirement.op == Operator::less_than)
        if (!parse_int(requirement.values.front()))
            return unparsable(cat("values[0]: Invalid value: ", quoted(requirement.values.front()),
                                  ": for 'Gt', 'Lt' operators, the value must be an integer"));
    for (std::size_t i = 0; i < requirement.values.size(); ++i)
        if (const auto wrong = is_valid_label_value(requirement.values[i]); !wrong.empty())
            return unparsable(cat("values[", i, "][", requirement.key, "]: Invalid value: ", quoted(requirement.values[i]), ": ", join(wrong, "; ")));
    return {};
}

Result<Requirement> parse_requirement(Lexer& lexer) {
    Requirement requirement;
    if (lexer.token() == Token::exclamation) {
        requirement.op = Operator::does_not_exist;
        lexer.advance();
    }
    if (lexer.token() != Token::name)
        return unparsable(cat("found '", lexer.shown(), "', expected: identifier"));
    requirement.key = lexer.literal();
    lexer.advance();
    if (requirement.op == Operator::does_not_exist)
        return requirement;
    switch (lexer.token()) {
        case Token::end:
        case Token::comma: return requirement;
        case Token::equals: requirement.op = Operator::equals; break;
        case Token::double_equals: requirement.op = Operator::double_equals; break;
        case Token::not_equals: requirement.op = Operator::not_equals; break;
        case Token::greater: requirement.op = Operator::greater_than; break;
        case Token::less: requirement.op = Operator::less_than; break;
        case Token::name:
            if (lexer.literal() == "in" || lexer.literal() == "notin") {
                requirement.op = lexer.literal() == "in" ? Operator::in : Operator::not_in;
                lexer.advance();
                KUBEWALK_TRY(values, parse_set(lexer));
                requirement.values = std::move(values);
                return requirement;
            }
            [[fallthrough]];
        default: return unparsable(cat("found '", lexer.shown(), "', expected: in, notin, =, ==, !=, gt, lt"));
    }
    lexer.advance();
    std::string value;
    if (lexer.token() == Token::name) {
        value = lexer.literal();
        lexer.advance();
    } else if (lexer.token() != Token::end && lexer.token() != Token::comma) {
        return unparsable(cat("found '", lexer.shown(), "', expected: identifier"));
    }
    requirement.values = {std::move(value)};
    return requirement;
}

}  // namespace

LabelSelector LabelSelector::nothing() {
    LabelSelector selector;
    selector.nothing_ = true;
    return selector;
}

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
    LabelSelector selector;
    Lexer lexer(text);
    if (lexer.token() != Token::end && lexer.token() != Token::name && lexer.token() != Token::exclamation)
        return unexpected(cat("found '", lexer.shown(), "', expected: !, identifier, or 'end of string'"));
    while (lexer.token() != Token::end) {
        KUBEWALK_TRY(requirement, parse_requirement(lexer));
        if (const auto checked = check_requirement(requirement); !checked.ok())
            return checked.error();
        selector.add(std::move(requirement));
        if (lexer.token() == Token::end)
            break;
        if (lexer.token() != Token::comma)
            return unexpected(cat("found '", lexer.shown(), "', expected: ',' or 'end of string'"));
        lexer.advance();
        if (lexer.token() != Token::name && lexer.token() != Token::exclamation)
            return unexpected(cat("found '", lexer.shown(), "', expected: identifier after ','"));
    }
    return selector;
}

void LabelSelector::add(Requirement requirement) {
    const auto after = std::upper_bound(requirements_.begin(), requirements_.end(), requirement,
                                        [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
    requirements_.insert(after, std::move(requirement));
}

Result<LabelSelector> LabelSelector::from_object(const Value& selector) {
    if (selector.is_null())
        return nothing();
    LabelSelector out = from_map(selector["matchLabels"]);
    for (const auto& expression : selector["matchExpressions"].items()) {
        Requirement requirement;
        requirement.key = expression["key"].as_string();
        const auto op = expression["operator"].as_string();
        if (op == "In")
            requirement.op = Operator::in;
        else if (op == "NotIn")
            requirement.op = Operator::not_in;
        else if (op == "Exists")
            requirement.op = Operator::exists;
        else if (op == "DoesNotExist")
            requirement.op = Operator::does_not_exist;
        else
            return Error{"Invalid", cat(quoted(op), " is not a valid label selector operator"), {}, 0, 0};
        for (const auto& value : expression["values"].items())
            requirement.values.push_back(value.str());
        std::sort(requirement.values.begin(), requirement.values.end());
        out.add(std::move(requirement));
    }
    return out;
}

LabelSelector LabelSelector::from_map(const Value& map) {
    LabelSelector selector;
    for (const auto& [key, value] : map.members())
        selector.requirements_.push_back({key, Operator::equals, {value.str()}});  // members are in key order
    return selector;
}

bool LabelSelector::matches(const Value& labels) const {
    return !nothing_ && std::all_of(requirements_.begin(), requirements_.end(),
                                    [&](const Requirement& requirement) { return requirement.matches(labels); });
}

std::string LabelSelector::str() const {
    std::vector<std::string> texts;
    for (const auto& requirement : requirements_)
        texts.push_back(requirement.str());
    return join(texts, ",");
}

std::string format_label_selector(const Value& selector) {
    const auto parsed = LabelSelector::from_object(selector);
    if (!parsed.ok())
        return "<error>";
    const std::string text = parsed.value().str();
    return text.empty() ? "<none>" : text;
}

// -- fields ------------------------------------------------------------------------------------------

namespace {

// "\," and "\=" inside values (fields.EscapeValue); nothing when a backslash stands before anything else.
std::optional<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',' || text[i] == '=')
            return std::nullopt;
        if (text[i] == '\\') {
            if (++i >= text.size() || (text[i] != '\\' && text[i] != ',' && text[i] != '='))
                return std::nullopt;
        }
        out += text[i];
    }
    return out;
}

}  // namespace

Result<std::vector<FieldRequirement>> parse_field_selector(std::string_view text) {
    std::vector<FieldRequirement> requirements;
    std::vector<std::string> terms(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            terms.back() += text[i];
            terms.back() += text[++i];
        } else if (text[i] == ',') {
            terms.emplace_back();
        } else {
            terms.back() += text[i];
        }
    }
    for (const auto& term : terms) {
        if (term.empty())
            continue;
        const auto sign = term.find_first_of("=!");
        const auto invalid = [&] { return Error{"BadRequest", cat("invalid selector: '", text, "'; can't understand '", term, "'"), {}, 0, 0}; };
        if (sign == std::string::npos)
            return invalid();
        FieldRequirement requirement;
        requirement.field = term.substr(0, sign);
        std::string_view rest = std::string_view(term).substr(sign);
        if (rest.starts_with("!=")) {
            requirement.equal = false;
            rest.remove_prefix(2);
        } else if (rest.starts_with("==")) {
            rest.remove_prefix(2);
        } else if (rest.starts_with("=")) {
            rest.remove_prefix(1);
        } else {
            return invalid();
        }
        auto value = unescape(rest);
        if (!value)
            return invalid();
        requirement.value = std::move(*value);
        requirements.push_back(std::move(requirement));
    }
    return requirements;
}

}  // namespace kubewalk::api
