#pragma once
// Small text helpers. Emscripten 3.1.6 has no std::format; `cat` joins what it is given.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk {

namespace detail {
inline void append_piece(std::string& out, std::string_view piece) { out.append(piece); }
inline void append_piece(std::string& out, char piece) { out.push_back(piece); }
// A template, so that a character array never turns into a bool.
template <std::same_as<bool> T>
void append_piece(std::string& out, T piece) { out.append(piece ? "true" : "false"); }
template <std::integral T>
    requires(!std::same_as<T, char> && !std::same_as<T, bool>)
void append_piece(std::string& out, T piece) {
    char buffer[24];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, piece).ptr;
    out.append(buffer, end);
}
}  // namespace detail

// cat("pods \"", name, "\" not found"): strings, characters, booleans and integers joined.
template <typename... Pieces>
std::string cat(const Pieces&... pieces) {
    std::string out;
    (detail::append_piece(out, pieces), ...);
    return out;
}

// Appends to an existing string; the same pieces as cat.
template <typename... Pieces>
void append(std::string& out, const Pieces&... pieces) {
    (detail::append_piece(out, pieces), ...);
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
