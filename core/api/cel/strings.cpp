// Texts, regular expressions, formats of names. Upstream: github.com/google/cel-go/ext/{strings.go,formatting.go},
// k8s.io/apiserver/pkg/cel/library/{regex.go,format.go}, pkg/cel/format.go.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/base/regex.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace string_library {
namespace {

using Args = std::span<const Val>;
using Kind = Val::Kind;

constexpr std::size_t longest_text = std::size_t{1} << 20;  // what a function makes
constexpr std::size_t longest_searched = std::size_t{1} << 16;

void charge(Calling& calling, std::string_view text) { calling.cost += static_cast<std::int64_t>(text.size() / 10); }
Error too_long() { return cel_error("operation cancelled: actual cost limit exceeded"); }

Result<Val> made(Calling& calling, std::string text) {
    if (text.size() > longest_text)
        return too_long();
    charge(calling, text);
    return Val::string(text);
}

Result<Val> contains(Calling& calling, Args a) {
    charge(calling, a[0].text());
    return Val::boolean(a[0].text().find(a[1].text()) != std::string_view::npos);
}
Result<Val> starts_with(Calling&, Args a) { return Val::boolean(a[0].text().starts_with(a[1].text())); }
Result<Val> ends_with(Calling&, Args a) { return Val::boolean(a[0].text().ends_with(a[1].text())); }

Result<Regex> regex_for(Calling& calling, Args a) {
    // Time is pattern times text.
    calling.cost += static_cast<std::int64_t>((a[0].text().size() / 10 + 1) * (a[1].text().size() / 4 + 1));
    if (a[0].text().size() > longest_searched || calling.cost > 1'000'000)
        return too_long();
    return Regex::compile(a[1].text());
}
Result<Val> matches(Calling& calling, Args a) {
    KUBEWALK_TRY(regex, regex_for(calling, a));
    return Val::boolean(regex.matches(a[0].text()));
}
Result<Val> find(Calling& calling, Args a) {
    KUBEWALK_TRY(regex, regex_for(calling, a));
    const auto found = regex.search(a[0].text());
    return Val::string(found ? (*found)[0] : std::string_view());
}
Result<Val> find_all(Calling& calling, Args a) {
    KUBEWALK_TRY(regex, regex_for(calling, a));
    std::vector<Val> all;
    auto rest = a[0].text();
    const auto most = a.size() > 2 ? a[2].as_int() : -1;
    const auto each = static_cast<std::int64_t>((rest.size() / 10 + 1) * (a[1].text().size() / 4 + 1));
    while (most < 0 || static_cast<std::int64_t>(all.size()) < most) {
        const auto found = regex.search(rest);
        if (!found)
            break;
        all.push_back(Val::string((*found)[0]));
        auto passed = static_cast<std::size_t>((*found)[0].data() - rest.data()) + (*found)[0].size();
        if ((*found)[0].empty())
            ++passed;
        if (passed > rest.size())
            break;
        rest.remove_prefix(passed);
        if ((calling.cost += each) > 1'000'000)
            return too_long();
    }
    return Val::list(std::move(all));
}

// -- by letters --------------------------------------------------------------------------------------

std::string joined(std::span<const std::string_view> letters) {
    std::string text;
    for (const auto letter : letters)
        text += letter;
    return text;
}

Result<Val> char_at(Calling& calling, Args a) {
    charge(calling, a[0].text());
    const auto letters = letters_of(a[0].text());
    const auto at = a[1].as_int();
    if (at < 0 || at > static_cast<std::int64_t>(letters.size()))
        return cel_error(cat("index out of range: ", at));
    return Val::string(at == static_cast<std::int64_t>(letters.size()) ? std::string_view() : letters[static_cast<std::size_t>(at)]);
}

bool stands_at(const std::vector<std::string_view>& letters, const std::vector<std::string_view>& wanted, std::size_t at) {
    return at + wanted.size() <= letters.size() && std::equal(wanted.begin(), wanted.end(), letters.begin() + static_cast<std::ptrdiff_t>(at));
}

Result<Val> index_of(Calling& calling, Args a) {
    const auto letters = letters_of(a[0].text()), wanted = letters_of(a[1].text());
    calling.cost += static_cast<std::int64_t>(letters.size() * (wanted.size() + 1) / 10);
    const auto from = a.size() > 2 ? a[2].as_int() : 0;
    if (a.size() > 2 && (from < 0 || from >= static_cast<std::int64_t>(letters.size())) && !wanted.empty())
        return cel_error(cat("index out of range: ", from));
    if (calling.cost > 1'000'000)
        return too_long();
    for (auto at = static_cast<std::size_t>(from); at + wanted.size() <= letters.size(); ++at)
        if (stands_at(letters, wanted, at))
            return Val::integer(static_cast<std::int64_t>(at));
    return Val::integer(-1);
}

Result<Val> last_index_of(Calling& calling, Args a) {
    const auto letters = letters_of(a[0].text()), wanted = letters_of(a[1].text());
    calling.cost += static_cast<std::int64_t>(letters.size() * (wanted.size() + 1) / 10);
    const auto from = a.size() > 2 ? a[2].as_int() : static_cast<std::int64_t>(letters.size());
    if (a.size() > 2 && (from < 0 || from >= static_cast<std::int64_t>(letters.size())) && !wanted.empty())
        return cel_error(cat("index out of range: ", from));
    if (calling.cost > 1'000'000)
        return too_long();
    for (auto at = std::min<std::int64_t>(from, static_cast<std::int64_t>(letters.size())); at >= 0; --at)
        if (stands_at(letters, wanted, static_cast<std::size_t>(at)))
            return Val::integer(at);
    return Val::integer(-1);
}

Result<Val> substring(Calling& calling, Args a) {
    charge(calling, a[0].text());
    const auto letters = letters_of(a[0].text());
    const auto size = static_cast<std::int64_t>(letters.size()), begin = a[1].as_int(), end = a.size() > 2 ? a[2].as_int() : size;
    if (a.size() > 2 && begin > end)
        return cel_error(cat("invalid substring range. start: ", begin, ", end: ", end));
    if (begin < 0 || begin > size)
        return cel_error(cat("index out of range: ", begin));
    if (end < 0 || end > size)
        return cel_error(cat("index out of range: ", end));
    return Val::string(joined(std::span(letters).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))));
}

template <char low, char high, int distance>
Result<Val> shifted(Calling& calling, Args a) {
    std::string text(a[0].text());
    for (char& c : text)
        if (c >= low && c <= high)
            c = static_cast<char>(c + distance);
    return made(calling, std::move(text));
}

Result<Val> replace(Calling& calling, Args a) {
    const auto text = a[0].text(), from = a[1].text(), to = a[2].text();
    auto left = a.size() > 3 ? a[3].as_int() : -1;
    std::string out;
    if (from.empty()) {  // before each letter and at the end
        for (const auto letter : letters_of(text)) {
            if (left != 0) {
                out += to;
                --left;
            }
            out += letter;
            if (out.size() > longest_text)
                return too_long();
        }
        return made(calling, left != 0 ? out + std::string(to) : out);
    }
    std::size_t at = 0;
    while (left != 0) {
        const auto found = text.find(from, at);
        if (found == std::string_view::npos)
            break;
        append(out, text.substr(at, found - at), to);
        at = found + from.size();
        --left;
        if (out.size() > longest_text)
            return too_long();
    }
    append(out, text.substr(at));
    return made(calling, std::move(out));
}

Result<Val> split_text(Calling& calling, Args a) {
    charge(calling, a[0].text());
    const auto text = a[0].text(), separator = a[1].text();
    const auto most = a.size() > 2 ? a[2].as_int() : -1;
    std::vector<Val> pieces;
    if (most == 0)
        return Val::list({});
    const auto full = [&] { return most > 0 && static_cast<std::int64_t>(pieces.size()) == most - 1; };
    if (separator.empty()) {
        const auto letters = letters_of(text);
        for (std::size_t i = 0; i < letters.size(); ++i) {
            if (full()) {
                pieces.push_back(Val::string(joined(std::span(letters).subspan(i))));
                break;
            }
            pieces.push_back(Val::string(letters[i]));
        }
        return Val::list(std::move(pieces));
    }
    std::size_t at = 0;
    for (auto found = text.find(separator); found != std::string_view::npos && !full(); found = text.find(separator, at)) {
        pieces.push_back(Val::string(text.substr(at, found - at)));
        at = found + separator.size();
    }
    pieces.push_back(Val::string(text.substr(at)));
    return Val::list(std::move(pieces));
}

Result<Val> join_list(Calling& calling, Args a) {
    std::string text;
    for (std::size_t i = 0; i < a[0].size(); ++i) {
        const auto item = a[0].item(i);
        if (!item.is(Kind::string))
            return no_such_overload();
        append(text, i > 0 && a.size() > 1 ? a[1].text() : std::string_view(), item.text());
        if (text.size() > longest_text)
            return too_long();
    }
    return made(calling, std::move(text));
}

Result<Val> trim_text(Calling&, Args a) {
    auto text = a[0].text();
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const auto begin = text.find_first_not_of(blanks);
    return Val::string(begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

Result<Val> quote(Calling& calling, Args a) {
    std::string text = "\"";
    for (const char c : a[0].text()) {
        constexpr std::string_view signs = "\a\b\f\n\r\t\v\\\"", letters = "abfnrtv\\\"";
        const auto known = signs.find(c);
        if (known != std::string_view::npos)
            append(text, "\\", letters[known]);
        else
            text += c;
    }
    return made(calling, text + "\"");
}

// -- string.format -----------------------------------------------------------------------------------

Result<std::string> formatted_as(char verb, int precision, const Val& value) {
    const auto wrong = [&](std::string_view clause, std::string_view allowed) {
        return cel_error(cat("error during formatting: ", clause, " clause can only be used on ", allowed, ", was given ", value.type_name()));
    };
    char buffer[400];
    switch (verb) {
        case 's': return formatted(value);
        case 'd':
            if (!value.is(Kind::integer) && !value.is(Kind::uinteger) && !value.is(Kind::number))
                return wrong("decimal", "integers");
            return formatted(value);
        case 'f':
        case 'e':
            if (!value.is_numeric())
                return wrong(verb == 'f' ? "fixed-point" : "scientific", "doubles");
            if (!std::isfinite(value.as_double()))
                return formatted(value);
            std::snprintf(buffer, sizeof buffer, verb == 'f' ? "%.*f" : "%.*e", precision < 0 ? 6 : std::min(precision, 40), value.as_double());
            return std::string(buffer);
        case 'b': {
            if (value.is(Kind::boolean))
                return std::string(value.is_true() ? "1" : "0");
            if (!value.is(Kind::integer) && !value.is(Kind::uinteger))
                return wrong("binary", "integers and bools");
            const bool negative = value.is(Kind::integer) && value.as_int() < 0;
            std::string digits;
            for (auto rest = negative ? ~value.as_uint() + 1 : value.as_uint(); rest != 0; rest /= 2)
                digits.insert(digits.begin(), rest % 2 == 0 ? '0' : '1');
            return cat(negative ? "-" : "", digits.empty() ? "0" : digits);
        }
        case 'x':
        case 'X':
        case 'o': {
            if ((value.is(Kind::string) || value.is(Kind::bytes)) && verb != 'o') {
                std::string text;
                for (const char c : value.text()) {
                    std::snprintf(buffer, sizeof buffer, verb == 'x' ? "%02x" : "%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
                    text += buffer;
                }
                return text;
            }
            if (!value.is(Kind::integer) && !value.is(Kind::uinteger))
                return wrong(verb == 'o' ? "octal" : "hex", verb == 'o' ? "integers" : "integers, byte buffers, and strings");
            const bool negative = value.is(Kind::integer) && value.as_int() < 0;
            std::snprintf(buffer, sizeof buffer, verb == 'x' ? "%llx" : verb == 'X' ? "%llX" : "%llo",
                          static_cast<unsigned long long>(negative ? ~value.as_uint() + 1 : value.as_uint()));
            return cat(negative ? "-" : "", std::string_view(buffer));
        }
        default: return cel_error(cat("could not parse formatting clause: unrecognized formatting clause \"", verb, "\""));
    }
}

Result<Val> format(Calling& calling, Args a) {
    const auto pattern = a[0].text();
    std::string text;
    std::size_t used = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            text += pattern[i];
            continue;
        }
        if (++i >= pattern.size())
            return cel_error("unexpected end of string");
        if (pattern[i] == '%') {
            text += '%';
            continue;
        }
        int precision = -1;
        if (pattern[i] == '.') {
            precision = 0;
            for (++i; i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9' && precision < 1000; ++i)
                precision = precision * 10 + (pattern[i] - '0');
        }
        if (i >= pattern.size())
            return cel_error("unexpected end of string");
        if (used >= a[1].size())
            return cel_error(cat("index ", used, " out of range"));
        KUBEWALK_TRY(piece, formatted_as(pattern[i], precision, a[1].item(used)));
        ++used;
        text += piece;
        if (text.size() > longest_text)
            return too_long();
    }
    return made(calling, std::move(text));
}

// -- formats of names --------------------------------------------------------------------------------

std::string without_dash(std::string_view text) { return std::string(text.ends_with("-") ? text.substr(0, text.size() - 1) : text); }

Messages check_format(std::string_view format, std::string_view text) {
    const auto plain = [&](bool good, std::string_view message) { return good ? Messages() : Messages{std::string(message)}; };
    if (format == "dns1123Label")
        return is_dns1123_label(text);
    if (format == "dns1123Subdomain")
        return is_dns1123_subdomain(text);
    if (format == "dns1035Label")
        return is_dns1035_label(text);
    if (format == "qualifiedName")
        return is_qualified_name(text);
    if (format == "dns1123LabelPrefix")
        return is_dns1123_label(without_dash(text));
    if (format == "dns1123SubdomainPrefix")
        return is_dns1123_subdomain(without_dash(text));
    if (format == "dns1035LabelPrefix")
        return is_dns1035_label(without_dash(text));
    if (format == "labelValue")
        return is_valid_label_value(text);
    if (format == "uri")
        return plain(text.find(':') != std::string_view::npos || text.starts_with("/"), cat("parse ", quoted(text), ": invalid URI for request"));
    if (format == "byte")
        return plain(!base64_error(text).has_value(), "invalid base64");
    if (format == "date")
        return plain(timestamp_of(cat(text, "T00:00:00Z")).has_value(), "invalid date");
    if (format == "datetime")
        return plain(timestamp_of(text).has_value(), "invalid datetime");
    const auto regex = Regex::compile("^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$");
    return plain(regex.ok() && regex.value().matches(text), "does not match the UUID format");
}

constexpr std::string_view formats[] = {"dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix", "dns1123SubdomainPrefix",
                                        "dns1035LabelPrefix", "labelValue", "uri", "uuid", "byte", "date", "datetime"};

template <std::size_t index>
Result<Val> format_at(Calling&, Args) {
    return Val::opaque({"kubernetes.NamedFormat", std::string(formats[index]), {}, {}});
}
Result<Val> named_format(Calling&, Args a) {
    for (const auto one : formats)
        if (one == a[0].text())
            return Val::some(Val::opaque({"kubernetes.NamedFormat", std::string(one), {}, {}}));
    return Val::none();
}
Result<Val> validate(Calling& calling, Args a) {
    charge(calling, a[1].text());
    const auto messages = check_format(a[0].opaque().text, a[1].text());
    if (messages.empty())
        return Val::none();
    std::vector<Val> all;
    for (const auto& message : messages)
        all.push_back(Val::string(message));
    return Val::some(Val::list(std::move(all)));
}

constexpr std::string_view a_format = "() -> kubernetes.NamedFormat";

constexpr FunctionLine lines[] = {
    {"contains", "string.(string) -> bool", contains},
    {"startsWith", "string.(string) -> bool", starts_with},
    {"endsWith", "string.(string) -> bool", ends_with},
    {"matches", "string.(string) -> bool|(string, string) -> bool", matches},
    {"find", "string.(string) -> string", find},
    {"findAll", "string.(string) -> list<string>|string.(string, int) -> list<string>", find_all},
    {"charAt", "string.(int) -> string", char_at},
    {"indexOf", "string.(string) -> int|string.(string, int) -> int", index_of},
    {"lastIndexOf", "string.(string) -> int|string.(string, int) -> int", last_index_of},
    {"substring", "string.(int) -> string|string.(int, int) -> string", substring},
    {"lowerAscii", "string.() -> string", shifted<'A', 'Z', 32>},
    {"upperAscii", "string.() -> string", shifted<'a', 'z', -32>},
    {"replace", "string.(string, string) -> string|string.(string, string, int) -> string", replace},
    {"split", "string.(string) -> list<string>|string.(string, int) -> list<string>", split_text},
    {"join", "list<string>.() -> string|list<string>.(string) -> string", join_list},
    {"trim", "string.() -> string", trim_text},
    {"strings.quote", "(string) -> string", quote},
    {"format", "string.(list<dyn>) -> string", format},
    {"format.named", "(string) -> optional<kubernetes.NamedFormat>", named_format},
    {"format.dns1123Label", a_format, format_at<0>},
    {"format.dns1123Subdomain", a_format, format_at<1>},
    {"format.dns1035Label", a_format, format_at<2>},
    {"format.qualifiedName", a_format, format_at<3>},
    {"format.dns1123LabelPrefix", a_format, format_at<4>},
    {"format.dns1123SubdomainPrefix", a_format, format_at<5>},
    {"format.dns1035LabelPrefix", a_format, format_at<6>},
    {"format.labelValue", a_format, format_at<7>},
    {"format.uri", a_format, format_at<8>},
    {"format.uuid", a_format, format_at<9>},
    {"format.byte", a_format, format_at<10>},
    {"format.date", a_format, format_at<11>},
    {"format.datetime", a_format, format_at<12>},
    {"validate", "kubernetes.NamedFormat.(string) -> optional<list<string>>", validate},
};

}  // namespace
}  // namespace string_library

std::span<const FunctionLine> string_functions() { return string_library::lines; }

}  // namespace kubewalk::api::cel
