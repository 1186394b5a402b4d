// resource.Quantity, IntOrString and names: canonical forms are stable, sums come back.

#include <cstdint>

#include "core/api/int_or_string.h"
#include "core/api/quantity.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    (void)api::scaled_value(api::Value(text), 7, api::Rounding::up);
    const auto quantity = api::Quantity::parse(text);
    if (!quantity.ok()) {
        expect_told(quantity.error(), text);
        return 0;
    }
    const auto canonical = quantity.value().str();
    const auto again = api::Quantity::parse(canonical);
    expect(again.ok(), "a canonical form is no quantity", [&] { return canonical; });
    expect(again.value().str() == canonical, "a canonical form has another one", [&] { return cat(canonical, " ", again.value().str()); });
    expect(compare(again.value(), quantity.value()) == 0, "a canonical form is another quantity", [&] { return canonical; });
    expect(again.value().value() == quantity.value().value() && again.value().milli_value() == quantity.value().milli_value(), "a canonical form counts as much");
    if (const auto whole = quantity.value().value(); whole > INT64_MAX / 4 || whole < INT64_MIN / 4)
        return 0;  // sums of what is at the end of the range stay there
    auto sum = quantity.value();
    sum.add(quantity.value());
    sum.subtract(quantity.value());
    expect(quantity.value().sign() == 0 || sum.sign() == quantity.value().sign(), "added and subtracted", [&] { return sum.str(); });
    return 0;
}

}  // namespace

Door quantity() {
    Door door{run, {"0", "1", "100m", "1.5Gi", "128Mi", "2e3", "1E3", "-1", "+5k", "0.000000001", "12345678901234567890", "1.23456789n", "9223372036854775807", "8Ei", "25%", "8191Pi"}, {"n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e", "E", ".", "-", "+", "e-9", "e18", "E19", "%"}};
    door.longest = 400;
    door.runs = 4000;
    return door;
}

}  // namespace kubewalk::fuzz
