// Mirrors go.yaml.in/yaml/v2 resolve.go (what a scalar means), encode.go and sorter.go (what is quoted,
// how keys sort), and sigs.k8s.io/yaml (keys become text).

#include "core/api/yaml.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc3; }

struct Word {
    std::string_view text;
    enum class Meaning : std::uint8_t { yes, no, null, not_a_number, infinity, minus_infinity } meaning;
};

constexpr Word words[] = {
    {"y", Word::Meaning::yes},          {"Y", Word::Meaning::yes},
    {"yes", Word::Meaning::yes},        {"Yes", Word::Meaning::yes},
    {"YES", Word::Meaning::yes},        {"true", Word::Meaning::yes},
    {"True", Word::Meaning::yes},       {"TRUE", Word::Meaning::yes},
    {"on", Word::Meaning::yes},         {"On", Word::Meaning::yes},
    {"ON", Word::Meaning::yes},         {"n", Word::Meaning::no},
    {"N", Word::Meaning::no},           {"no", Word::Meaning::no},
    {"No", Word::Meaning::no},          {"NO", Word::Meaning::no},
    {"false", Word::Meaning::no},       {"False", Word::Meaning::no},
    {"FALSE", Word::Meaning::no},       {"off", Word::Meaning::no},
    {"Off", Word::Meaning::no},         {"OFF", Word::Meaning::no},
    {"", Word::Meaning::null},          {"~", Word::Meaning::null},
    {"null", Word::Meaning::null},      {"Null", Word::Meaning::null},
    {"NULL", Word::Meaning::null},      {".nan", Word::Meaning::not_a_number},
    {".NaN", Word::Meaning::not_a_number}, {".NAN", Word::Meaning::not_a_number},
    {".inf", Word::Meaning::infinity},  {".Inf", Word::Meaning::infinity},
    {".INF", Word::Meaning::infinity},  {"+.inf", Word::Meaning::infinity},
    {"+.Inf", Word::Meaning::infinity}, {"+.INF", Word::Meaning::infinity},
    {"-.inf", Word::Meaning::minus_infinity}, {"-.Inf", Word::Meaning::minus_infinity},
    {"-.INF", Word::Meaning::minus_infinity},
};

std::optional<Value> resolve_word(std::string_view text) {
    for (const auto& word : words) {
        if (word.text != text)
            continue;
        switch (word.meaning) {
            case Word::Meaning::yes: return Value(true);
            case Word::Meaning::no: return Value(false);
            case Word::Meaning::null: return Value();
            case Word::Meaning::not_a_number: return Value(std::nan(""));
            case Word::Meaning::infinity: return Value(HUGE_VAL);
            case Word::Meaning::minus_infinity: return Value(-HUGE_VAL);
        }
    }
    return std::nullopt;
}

// Go's strconv.ParseInt(text, 0, 64) without underscores: sign, then 0x, 0o, 0b, 0 or decimal.
std::optional<std::int64_t> parse_go_int(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text.front() == '0') {
        const char mark = static_cast<char>(text[1] | 0x20);
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        text.remove_prefix(base == 8 && mark != 'o' ? 1 : 2);
    }
    std::uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    const std::uint64_t limit = negative ? std::uint64_t{1} << 63 : (std::uint64_t{1} << 63) - 1;
    if (magnitude > limit)
        return std::nullopt;
    return negative ? static_cast<std::int64_t>(~magnitude + 1) : static_cast<std::int64_t>(magnitude);
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return at;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
    std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    const auto whole_end = skip_digits(text, at);
    const bool has_whole = whole_end > at;
    at = whole_end;
    if (at < text.size() && text[at] == '.') {
        const auto fraction_end = skip_digits(text, at + 1);
        if (!has_whole && fraction_end == at + 1)
            return false;
        at = fraction_end;
    } else if (!has_whole) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        const auto end = skip_digits(text, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == text.size();
}

// A number that is whole becomes an integer, as it does on its way through JSON.
Value number(double value) {
    if (std::floor(value) == value && std::fabs(value) < 9.0e15)
        return Value(static_cast<std::int64_t>(value));
    return Value(value);
}

// Null when the text is no number.
std::optional<Value> resolve_number(std::string_view text) {
    const char first = text.front();
    if (!is_digit(first) && first != '+' && first != '-' && first != '.')
        return std::nullopt;
    std::string plain;
    for (char c : text)
        if (c != '_')
            plain += c;
    if (first != '.') {
        if (auto integer = parse_go_int(plain))
            return Value(*integer);
    }
    if (!looks_like_float(plain))
        return std::nullopt;
    // strconv.ParseFloat says of what no double holds that it is out of range, and then it is text.
    const double value = std::strtod(plain.c_str(), nullptr);
    return std::isfinite(value) ? std::optional(number(value)) : std::nullopt;
}

// Takes one or two digits off the front; -1 when there are none or they are out of range.
int take_number(std::string_view& text, int low, int high) {
    const auto digits = std::min<std::size_t>(skip_digits(text, 0), 2);
    int value = -1;
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits);
    return value >= low && value <= high ? value : -1;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}

bool take_clock(std::string_view& text) {
    if (take_number(text, 0, 23) < 0 || !take(text, ':') || take_number(text, 0, 59) < 0 || !take(text, ':') ||
        take_number(text, 0, 59) < 0)
        return false;
    if (!text.empty() && text.front() == '.') {
        const auto end = skip_digits(text, 1);
        if (end == 1)
            return false;
        text.remove_prefix(end);
    }
    return true;
}

// "Z", "+02:00"
bool is_zone(std::string_view text) {
    return text == "Z" || (text.size() == 6 && (text[0] == '+' || text[0] == '-') && skip_digits(text, 1) == 3 &&
                           text[3] == ':' && skip_digits(text, 4) == 6);
}

// go-yaml's layouts: "2006-1-2", "2006-1-2T15:4:5.9Z07:00" (or "t"), "2006-1-2 15:4:5.9".
bool looks_like_timestamp(std::string_view text) {
    static constexpr int days_of_month[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (skip_digits(text, 0) != 4 || text.size() < 8)
        return false;
    int year = 0;
    std::from_chars(text.data(), text.data() + 4, year);
    text.remove_prefix(4);
    if (!take(text, '-'))
        return false;
    const int month = take_number(text, 1, 12);
    if (month < 0 || !take(text, '-'))
        return false;
    const bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (take_number(text, 1, days_of_month[month - 1] + (leap ? 1 : 0)) < 0)
        return false;
    if (text.empty())
        return true;
    if (take(text, ' '))
        return take_clock(text) && text.empty();
    return (take(text, 'T') || take(text, 't')) && take_clock(text) && is_zone(text);
}

// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?: what YAML 1.1 reads as base 60.
bool is_base60(std::string_view text) {
    std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    if (at >= text.size() || !is_digit(text[at]))
        return false;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '_'))
        ++at;
    int groups = 0;
    while (at < text.size() && text[at] == ':') {
        const auto end = skip_digits(text, at + 1);
        const auto digits = end - at - 1;
        if (digits == 0 || digits > 2 || (digits == 2 && text[at + 1] > '5'))
            return false;
        at = end;
        ++groups;
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        while (at < text.size() && (is_digit(text[at]) || text[at] == '_'))
            ++at;
    }
    return groups > 0 && at == text.size();
}

bool reads_as_string(std::string_view text) {
    return !resolve_word(text) && text != "<<" && !resolve_number(text) && !looks_like_timestamp(text);
}

// Go's %#v of a decoded tree, as far as go-yaml prints it in an error.
std::string go_syntax(const yaml::Node& node) {
    std::string out;
    switch (node.kind) {
        case yaml::Kind::scalar: {
            const Value value = scalar_value(node);
            if (value.is_null())
                return "interface {}(nil)";
            if (value.is_string())
                return quoted(value.as_string());
            return value.is_bool() ? cat(value.as_bool()) : format_double(value.as_number());
        }
        case yaml::Kind::sequence:
            out = "[]interface {}{";
            for (std::size_t i = 0; i < node.items.size(); ++i)
                append(out, i == 0 ? "" : ", ", go_syntax(node.items[i]));
            return out + "}";
        case yaml::Kind::mapping:
            out = "map[interface {}]interface {}{";
            for (std::size_t i = 0; i < node.items.size(); ++i)
                append(out, i == 0 ? "" : ", ", go_syntax(node.keys[i]), ":", go_syntax(node.items[i]));
            return out + "}";
    }
    return out;
}

Result<std::string> key_text(const yaml::Node& key, const yaml::Node& value) {
    auto failure = [&](std::string message) {
        return Error{"ParseError", std::move(message), {}, key.start.line, key.start.column};
    };
    if (key.kind != yaml::Kind::scalar)
        return failure(cat("yaml: invalid map key: ", go_syntax(key)));
    const Value meaning = scalar_value(key);
    switch (meaning.type()) {
        case Value::Type::string: return meaning.str();
        case Value::Type::boolean: return cat(meaning.as_bool());
        case Value::Type::integer: return cat(meaning.as_int());
        case Value::Type::number: return format_double(meaning.as_number());
        default:
            return failure(cat("unsupported map key of type: %!s(<nil>), key: <nil>, value: ", go_syntax(value)));
    }
}

// go-yaml's keyList.Less: letters by code, digits by value, everything else before letters.
bool key_less(std::string_view a, std::string_view b) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        if (a[i] == b[i])
            continue;
        const bool a_letter = is_letter(static_cast<unsigned char>(a[i]));
        const bool b_letter = is_letter(static_cast<unsigned char>(b[i]));
        if (a_letter && b_letter)
            return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
        if (a_letter || b_letter)
            return b_letter;
        std::int64_t a_number = 0;
        std::int64_t b_number = 0;
        if (a[i] == '0' || b[i] == '0') {
            for (std::size_t j = i; j-- > 0 && is_digit(a[j]);) {
                if (a[j] != '0') {
                    a_number = b_number = 1;
                    break;
                }
            }
        }
        auto read = [i](std::string_view text, std::int64_t& value) {
            std::size_t at = i;
            for (; at < text.size() && is_digit(text[at]) && at < i + 17; ++at)
                value = value * 10 + (text[at] - '0');
            return at;
        };
        const auto a_end = read(a, a_number);
        const auto b_end = read(b, b_number);
        if (a_number != b_number)
            return a_number < b_number;
        if (a_end != b_end)
            return a_end < b_end;
        return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    }
    return a.size() < b.size();
}

yaml::Node string_node(std::string_view text) {
    yaml::Style style = yaml::Style::quoted;
    if (text.find('\n') != std::string_view::npos)
        style = yaml::Style::literal;
    else if (reads_as_string(text) && !is_base60(text))
        style = yaml::Style::plain;
    return yaml::Node::scalar(std::string(text), style);
}

yaml::Node to_node(const Value& value) {
    switch (value.type()) {
        case Value::Type::null: return yaml::Node::scalar("null");
        case Value::Type::boolean: return yaml::Node::scalar(cat(value.as_bool()));
        case Value::Type::integer: return yaml::Node::scalar(cat(value.as_int()));
        case Value::Type::number: return yaml::Node::scalar(format_double(value.as_number()));
        case Value::Type::string: return string_node(value.as_string());
        case Value::Type::array: {
            auto node = yaml::Node::sequence();
            for (const auto& item : value.items())
                node.add(to_node(item));
            return node;
        }
        case Value::Type::object: {
            std::vector<const Value::Member*> members;
            for (const auto& member : value.members())
                members.push_back(&member);
            sort_stably(members,
                             [](const auto* a, const auto* b) { return key_less(a->key, b->key); });
            auto node = yaml::Node::mapping();
            for (const auto* member : members)
                node.add(string_node(member->key), to_node(member->value));
            return node;
        }
    }
    return {};
}

}  // namespace

Value scalar_value(const yaml::Node& node) {
    if (node.style != yaml::Style::plain || node.tag == "tag:yaml.org,2002:str" || node.tag == "!")
        return Value(node.text);
    if (auto word = resolve_word(node.text))
        return *word;
    if (auto resolved = resolve_number(node.text))
        return *resolved;
    return Value(node.text);
}

Result<Value> to_value(const yaml::Node& node) {
    switch (node.kind) {
        case yaml::Kind::scalar: {
            Value value = scalar_value(node);
            const double number = value.as_number();
            if (value.is_number() && !std::isfinite(number))  // JSON has no word for it
                return Error{"ParseError", cat("json: unsupported value: ", std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf"), {}, node.start.line, node.start.column};
            return value;
        }
        case yaml::Kind::sequence: {
            Value array = Value::array();
            for (const auto& item : node.items) {
                KUBEWALK_TRY(value, to_value(item));
                array.push_back(std::move(value));
            }
            return array;
        }
        case yaml::Kind::mapping: {
            std::vector<std::pair<std::string, Value>> members;
            for (std::size_t i = 0; i < node.keys.size(); ++i) {
                KUBEWALK_TRY(key, key_text(node.keys[i], node.items[i]));
                KUBEWALK_TRY(value, to_value(node.items[i]));
                members.emplace_back(std::move(key), std::move(value));
            }
            // In order each goes to the end: one by one where they belong would cost the square of their number.
            sort_stably(members, [](const auto& a, const auto& b) { return a.first < b.first; });
            Value object = Value::object();
            for (auto& [key, value] : members)
                object.set(key, std::move(value));
            return object;
        }
    }
    return Value();
}

std::string to_yaml(const Value& value) { return yaml::emit(to_node(value)); }

Result<Value> parse_yaml(std::string_view text) {
    KUBEWALK_TRY(documents, yaml::parse(text));
    if (documents.empty())
        return Value();
    return to_value(documents.front().root);
}

}  // namespace kubewalk::api
