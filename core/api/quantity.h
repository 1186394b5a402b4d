#pragma once
// resource.Quantity, exact. Upstream: k8s.io/apimachinery/pkg/api/resource.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

class Quantity {
public:
    enum class Format : std::uint8_t { decimal_si, binary_si, decimal_exponent };

    Quantity() = default;
    // From whole units ("3"), or from thousandths ("1500m").
    static Quantity of(std::int64_t units, Format format = Format::decimal_si);
    static Quantity of_milli(std::int64_t thousandths, Format format = Format::decimal_si);

    // Error message as upstream: "quantities must match the regular expression '...'".
    static Result<Quantity> parse(std::string_view text);
    // From an object's field, text or number; zero when absent or malformed.
    static Quantity from(const Value& value);

    std::string str() const;          // canonical form: "1500m", "128Mi", "0"
    std::int64_t value() const;       // rounded up to whole units, saturating
    std::int64_t milli_value() const; // rounded up to thousandths, saturating
    bool is_zero() const { return nano_ == 0; }
    int sign() const { return nano_ > 0 ? 1 : nano_ < 0 ? -1 : 0; }
    Format format() const { return format_; }

    void add(const Quantity& other);  // a zero takes the other's format, as upstream
    void subtract(const Quantity& other);
    friend int compare(const Quantity& a, const Quantity& b) { return a.nano_ < b.nano_ ? -1 : a.nano_ > b.nano_; }

private:
    __extension__ using Int128 = __int128;
    Int128 nano_ = 0;  // thousand-millionths: the finest a Quantity knows
    Format format_ = Format::decimal_si;
};

}  // namespace kubewalk::api
