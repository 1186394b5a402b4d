#include "core/api/quantity.h"

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

__extension__ using Int128 = __int128;

constexpr Int128 nano = 1'000'000'000;
// Binary quantities are capped here, as upstream caps them; decimal ones at 10^28, where upstream turns to
// arbitrary precision.
constexpr Int128 largest_binary = static_cast<Int128>(INT64_MAX) * nano;
constexpr Int128 largest = static_cast<Int128>(10'000'000'000'000'000'000u) * nano * nano;

struct Suffix {
    std::string_view text;
    int base;      // 10 or 2
    int exponent;
    Quantity::Format format;
};
constexpr auto si = Quantity::Format::decimal_si;
constexpr auto binary = Quantity::Format::binary_si;
constexpr Suffix suffixes[] = {
    {"n", 10, -9, si}, {"u", 10, -6, si}, {"m", 10, -3, si}, {"", 10, 0, si},   {"k", 10, 3, si},
    {"M", 10, 6, si},  {"G", 10, 9, si},  {"T", 10, 12, si}, {"P", 10, 15, si}, {"E", 10, 18, si},
    {"Ki", 2, 10, binary}, {"Mi", 2, 20, binary}, {"Gi", 2, 30, binary}, {"Ti", 2, 40, binary}, {"Pi", 2, 50, binary}, {"Ei", 2, 60, binary},
};

Error malformed() {
    return Error{"Invalid", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", {}, 0, 0};
}
Error bad_suffix() { return Error{"Invalid", "unable to parse quantity's suffix", {}, 0, 0}; }

Int128 clamp(Int128 value) { return value > largest ? largest : value < -largest ? -largest : value; }

Int128 round_up_divide(Int128 value, Int128 divisor) {
    const Int128 quotient = value / divisor;
    return value % divisor > 0 ? quotient + 1 : value % divisor < 0 ? quotient - 1 : quotient;
}

std::string text_of(Int128 value) {
    if (value == 0)
        return "0";
    const bool negative = value < 0;
    std::string digits;
    for (Int128 rest = negative ? -value : value; rest != 0; rest /= 10)
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    return negative ? "-" + digits : digits;
}

// Digits without the point: mantissa * 10^exponent, `inexact` when digits beyond the kept ones were not zero.
struct Decimal {
    Int128 mantissa = 0;
    int exponent = 0;
    bool inexact = false;
};

Decimal read_digits(std::string_view whole, std::string_view fraction, int max_digits) {
    Decimal out;
    int kept = 0;
    auto read = [&](char digit, bool behind_point) {
        if (kept < max_digits) {
            out.mantissa = out.mantissa * 10 + (digit - '0');
            kept += out.mantissa != 0 ? 1 : 0;
            out.exponent -= behind_point ? 1 : 0;
        } else {
            out.inexact = out.inexact || digit != '0';
            // Enough to saturate, whatever follows.
            out.exponent += !behind_point && out.exponent < 100 ? 1 : 0;
        }
    };
    for (char digit : whole)
        read(digit, false);
    for (char digit : fraction)
        read(digit, true);
    return out;
}

// "12.5" times base^exponent in thousand-millionths; what is finer is rounded up.
Int128 scaled(std::string_view whole, std::string_view fraction, int base, int exponent) {
    // Digits enough for every value in range, few enough that mantissa * 2^60 stays in range too.
    Decimal number = read_digits(whole, fraction, base == 2 ? 19 : 28);
    Int128 value = number.mantissa;
    bool inexact = number.inexact;
    for (int two = base == 2 ? exponent : 0; two > 0; --two)
        value *= 2;
    int ten = 9 + number.exponent + (base == 10 ? exponent : 0);
    for (; ten > 0 && value != 0; --ten)
        value = value > largest / 10 ? largest : value * 10;
    for (; ten < 0 && value != 0; ++ten) {
        inexact = inexact || value % 10 != 0;
        value /= 10;
    }
    if (inexact)
        ++value;
    return base == 2 ? std::min(value, largest_binary) : clamp(value);
}

}  // namespace

Quantity Quantity::of(std::int64_t units, Format format) {
    Quantity quantity;
    quantity.nano_ = static_cast<Int128>(units) * nano;
    quantity.format_ = format;
    return quantity;
}

Quantity Quantity::of_milli(std::int64_t thousandths, Format format) {
    Quantity quantity;
    quantity.nano_ = static_cast<Int128>(thousandths) * 1'000'000;
    quantity.format_ = format;
    return quantity;
}

Result<Quantity> Quantity::parse(std::string_view text) {
    if (text.empty())
        return malformed();
    std::string_view rest = text;
    const bool negative = rest.front() == '-';
    if (negative || rest.front() == '+')
        rest.remove_prefix(1);
    auto take_digits = [&rest] {
        std::size_t length = 0;
        while (length < rest.size() && rest[length] >= '0' && rest[length] <= '9')
            ++length;
        const auto digits = rest.substr(0, length);
        rest.remove_prefix(length);
        return digits;
    };
    const auto whole = take_digits();
    std::string_view fraction;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        fraction = take_digits();
    }
    if (whole.empty() && fraction.empty())
        return malformed();
    Quantity quantity;
    const Suffix* suffix = nullptr;
    for (const auto& candidate : suffixes)
        if (candidate.text == rest)
            suffix = &candidate;
    if (suffix) {
        quantity.nano_ = scaled(whole, fraction, suffix->base, suffix->exponent);
        quantity.format_ = suffix->format;
    } else if (rest.size() > 1 && (rest[0] == 'e' || rest[0] == 'E')) {
        const auto exponent = parse_int(rest.substr(1));
        if (!exponent || *exponent > 1000 || *exponent < -1000)
            return bad_suffix();
        quantity.nano_ = scaled(whole, fraction, 10, static_cast<int>(*exponent));
        quantity.format_ = Format::decimal_exponent;
    } else {
        for (char c : rest)
            if (std::string_view("eEinumkKMGTP+-0123456789").find(c) == std::string_view::npos)
                return malformed();
        return bad_suffix();
    }
    if (negative)
        quantity.nano_ = -quantity.nano_;
    return quantity;
}

Quantity Quantity::from(const Value& value) {
    if (value.is_int())
        return of(value.as_int());
    if (value.is_number())
        return parse(format_double(value.as_number())).value_or(Quantity());
    return parse(value.as_string()).value_or(Quantity());
}

std::string Quantity::str() const {
    if (nano_ == 0)
        return "0";
    // Binary form only from 1Ki on and for whole numbers (Quantity.CanonicalizeBytes).
    if (format_ == Format::binary_si && nano_ % nano == 0 && (nano_ >= 1024 * nano || nano_ <= -1024 * nano)) {
        Int128 units = nano_ / nano;
        int power = 0;
        while (power < 6 && units % 1024 == 0) {
            units /= 1024;
            ++power;
        }
        static constexpr std::array<std::string_view, 7> names = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
        return text_of(units) + std::string(names[static_cast<std::size_t>(power)]);
    }
    Int128 value = nano_;
    int exponent = -9;
    while (value % 1000 == 0 && (exponent < 18 || format_ == Format::decimal_exponent)) {
        value /= 1000;
        exponent += 3;
    }
    if (format_ == Format::decimal_exponent)
        return exponent == 0 ? text_of(value) : cat(text_of(value), "e", exponent);
    for (const auto& suffix : suffixes)
        if (suffix.base == 10 && suffix.exponent == exponent)
            return text_of(value) + std::string(suffix.text);
    return text_of(value);
}

namespace {
std::int64_t saturated(Int128 value) {
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : static_cast<std::int64_t>(value);
}
}  // namespace

std::int64_t Quantity::value() const { return saturated(round_up_divide(nano_, nano)); }

std::int64_t Quantity::milli_value() const { return saturated(round_up_divide(nano_, 1'000'000)); }

void Quantity::add(const Quantity& other) {
    if (nano_ == 0)
        format_ = other.format_;
    nano_ = clamp(nano_ + other.nano_);
}

void Quantity::subtract(const Quantity& other) {
    if (nano_ == 0)
        format_ = other.format_;
    nano_ = clamp(nano_ - other.nano_);
}

}  // namespace kubewalk::api
