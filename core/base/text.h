#pragma once
// Small text helpers. Emscripten 3.1.6 has no std::format; `cat` joins what it is given.

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk {

namespace detail {
// What cat is given, as text that lives as long as the call.
struct Text {
    std::string_view text;
    operator std::string_view() const { return text; }
};
struct Character {
    char character;
    operator std::string_view() const { return {&character, 1}; }
};
struct Digits {
    char buffer[24];
    std::size_t length;
    operator std::string_view() const { return {buffer, length}; }
};
inline Text piece(std::string_view text) { return {text}; }
inline Character piece(char character) { return {character}; }
// A template, so that a character array never turns into a bool.
template <std::same_as<bool> T>
Text piece(T truth) { return {truth ? "true" : "false"}; }
template <std::integral T>
    requires(!std::same_as<T, char> && !std::same_as<T, bool>)
Digits piece(T number) {
    Digits digits;
    digits.length = static_cast<std::size_t>(std::to_chars(digits.buffer, digits.buffer + sizeof digits.buffer, number).ptr - digits.buffer);
    return digits;
}
std::string cat(std::initializer_list<std::string_view> pieces);
void append(std::string& out, std::initializer_list<std::string_view> pieces);
}  // namespace detail

// cat("pods \"", name, "\" not found"): strings, characters, booleans and integers joined.
template <typename... Pieces>
std::string cat(const Pieces&... pieces) {
    return detail::cat({detail::piece(pieces)...});
}

// Appends to an existing string; the same pieces as cat.
template <typename... Pieces>
void append(std::string& out, const Pieces&... pieces) {
    detail::append(out, {detail::piece(pieces)...});
}

// Splits at every separator; "" gives one empty piece. The pieces point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

// Pieces between runs of blanks, never empty (Go's strings.Fields).
std::vector<std::string_view> fields(std::string_view text);

std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// Whole text as a decimal integer (optional sign), else nothing.
std::optional<std::int64_t> parse_int(std::string_view text);

// Go's %q for the ASCII and UTF-8 text Kubernetes prints: quotes, backslashes and control characters escaped.
std::string quoted(std::string_view text);

// The shortest decimal that reads back as the same double (Go's 'g' / JSON numbers).
std::string format_double(double number);

}  // namespace kubewalk
