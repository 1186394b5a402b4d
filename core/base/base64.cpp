#include "core/base/base64.h"

namespace kubewalk {

namespace {

constexpr std::string_view alphabets[] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

constexpr std::string_view alphabet_of(Base64 form) { return alphabets[static_cast<std::size_t>(form)]; }

constexpr bool is_break(char c) { return c == '\n' || c == '\r'; }

int digit_of(char c, Base64 form) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    const auto last = alphabet_of(form).substr(62);
    return c == last[0] ? 62 : c == last[1] ? 63 : -1;
}

// Digits to bytes; what does not fill a byte is dropped.
class Reader {
public:
    void add(int digit) {
        bits_ = bits_ << 6 | static_cast<std::uint32_t>(digit);
        count_ += 6;
        if (count_ < 8)
            return;
        count_ -= 8;
        bytes += static_cast<char>(bits_ >> count_ & 0xff);
    }

    std::string bytes;

private:
    std::uint32_t bits_ = 0;
    int count_ = 0;
};

}  // namespace

std::string to_base64(std::string_view bytes, Base64 form) {
    const auto alphabet = alphabet_of(form);
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    std::size_t at = 0;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            out[at++] = alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0)
        out[at++] = alphabet[bits << (6 - count) & 63];
    if (form != Base64::standard)
        out.resize(at);
    return out;
}

std::optional<std::string> from_base64(std::string_view text, Base64 form) {
    if (form == Base64::standard && base64_error(text))
        return std::nullopt;
    Reader reader;
    for (const char c : text) {
        if (form == Base64::standard && (is_break(c) || c == '='))
            continue;
        const int digit = digit_of(c, form);
        if (digit < 0)
            return std::nullopt;
        reader.add(digit);
    }
    return std::move(reader.bytes);
}

std::optional<std::size_t> base64_error(std::string_view text) {
    std::size_t digits = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] != '='; ++at) {
        if (is_break(text[at]))
            continue;
        if (digit_of(text[at], Base64::standard) < 0)
            return at;
        ++digits;
    }
    std::size_t padding = 0;
    const std::size_t end = at;
    for (; at < text.size(); ++at) {
        if (is_break(text[at]))
            continue;
        if (text[at] != '=')
            return at;
        ++padding;
    }
    if (digits % 4 == 1 || (digits + padding) % 4 != 0 || padding > 2)
        return end;
    return std::nullopt;
}

Base64Prefix base64_prefix(std::string_view text) {
    Reader reader;
    for (const char c : text) {
        if (is_break(c) || c == '=')
            continue;
        const int digit = digit_of(c, Base64::standard);
        if (digit < 0)
            return {std::move(reader.bytes), false};
        reader.add(digit);
    }
    return {std::move(reader.bytes), true};
}

}  // namespace kubewalk
