// k8s.io/apimachinery/pkg/api/resource/quantity_test.go
#include "core/api/quantity.h"

#include <doctest/doctest.h>

#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {
std::string canonical(std::string_view text) {
    const auto quantity = Quantity::parse(text);
    return quantity.ok() ? quantity.value().str() : quantity.error().message;
}
}  // namespace

TEST_CASE("quantity: canonical form") {
    CHECK(canonical("1024Mi") == "1Gi");
    CHECK(canonical("1000M") == "1G");
    CHECK(canonical(".001Ki") == "1024m");
    CHECK(canonical(".000001Ki") == "1024u");
    CHECK(canonical(".000000001Ki") == "1024n");
    CHECK(canonical(".000000000001Ki") == "2n");
    CHECK(canonical("0.5") == "500m");
    CHECK(canonical("0.0005k") == "500m");
    CHECK(canonical("100.035Ki") == "102435840m");
    CHECK(canonical("0.5Mi") == "512Ki");
    CHECK(canonical("7.123456M") == "7123456");
    CHECK(canonical("40.1T") == "40100G");
    CHECK(canonical("1.53E12") == "1530e9");
    CHECK(canonical("0.5e-1") == "50e-3");
    CHECK(canonical("1e21") == "1e21");
    CHECK(canonical("3.001n") == "4n");
    CHECK(canonical("0.00000012345") == "124n");
    CHECK(canonical("-1.5") == "-1500m");
    CHECK(canonical("1.G") == "1G");
    CHECK(canonical("0Ki") == "0");
    CHECK(canonical("9Ei") == "9223372036854775807");
    CHECK(canonical("12E") == "12E");
}

TEST_CASE("quantity: what is refused") {
    const std::string pattern =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    CHECK(canonical("") == pattern);
    CHECK(canonical("aoeu") == pattern);
    CHECK(canonical("1 ") == pattern);
    for (auto text : {"1i", "-3.01i", ".5i", "1e", "0.1mi", "1.5Kik"})
        CHECK(canonical(text) == "unable to parse quantity's suffix");
}

TEST_CASE("quantity: long digits neither overflow nor lose the sign") {
    const std::string nines(400, '9');
    CHECK(Quantity::parse(nines).value().value() == INT64_MAX);
    CHECK(Quantity::parse("-" + nines + "." + nines + "Ei").value().value() == -INT64_MAX);
    CHECK(Quantity::parse("0." + std::string(300, '0') + "1").value().str() == "1n");
    CHECK(Quantity::parse("9223372036854775807.123456789").value().str() == "9223372036854775807123456789n");
}

TEST_CASE("quantity: arithmetic") {
    const auto of = [](std::string_view text) { return Quantity::parse(text).value(); };
    CHECK(compare(of("100m"), of("0.1")) == 0);
    CHECK(compare(of("10000T"), of("100Gi")) > 0);
    CHECK(of("1500m").value() == 2);
    CHECK(of("-9.01").value() == -10);
    CHECK(of("1500m").milli_value() == 1500);
    CHECK(of("1Gi").value() == 1073741824);
    Quantity sum;
    sum.add(of("128Mi"));
    sum.add(of("128Mi"));
    CHECK(sum.str() == "256Mi");
    sum.subtract(of("256Mi"));
    CHECK(sum.str() == "0");
    CHECK(Quantity::of_milli(250).str() == "250m");
    CHECK(Quantity::from(Value(2)).str() == "2");
    CHECK(Quantity::from(Value(0.5)).str() == "500m");
}
