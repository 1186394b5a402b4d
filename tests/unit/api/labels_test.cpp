// k8s.io/apimachinery/pkg/labels/selector_test.go, pkg/fields/selector_test.go
#include "core/api/labels.h"

#include <doctest/doctest.h>

#include "core/api/int_or_string.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {
std::string again(std::string_view text) {
    const auto selector = LabelSelector::parse(text);
    return selector.ok() ? selector.value().str() : selector.error().message;
}
bool selects(std::string_view text, std::initializer_list<std::pair<std::string_view, Value>> labels) {
    const auto selector = LabelSelector::parse(text);
    return selector.ok() && selector.value().matches(Value::object(labels));
}
}  // namespace

TEST_CASE("label selectors: text") {
    for (auto text : {"x=a,y=b,z=c", "", "x!=a,y=b", "x=", "x=,z=", "!x", "x>1", "x>1,z<5", "x in (a,b)", "x notin (,a)",
                      "in in (in)", "x==a"})
        CHECK(again(text) == text);
    CHECK(again(" x in ( b , a ) ,y") == "x in (a,b),y");
}

TEST_CASE("label selectors: errors in upstream's words") {
    CHECK(again("x=a y") == "found 'y', expected: ',' or 'end of string'");
    CHECK(again("x=a||y").starts_with("unable to parse requirement: values[0][x]: Invalid value: \"a||y\": a valid label"));
    CHECK(again("x==a==b") == "found '==', expected: ',' or 'end of string'");
    CHECK(again("!x=a") == "found '=', expected: ',' or 'end of string'");
    CHECK(again("x<a") ==
          "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an "
          "integer");
    CHECK(again(",x") == "found ',', expected: !, identifier, or 'end of string'");
    CHECK(again("x,") == "found '', expected: identifier after ','");
    CHECK(again("x in a") == "unable to parse requirement: found 'a' expected: '('");
    CHECK(again("x y") == "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt");
    CHECK(again("!") == "unable to parse requirement: found '', expected: identifier");
}

TEST_CASE("label selectors: matching") {
    CHECK(selects("", {{"x", "y"}}));
    CHECK(selects("x=y", {{"x", "y"}}));
    CHECK_FALSE(selects("x=z", {{"x", "y"}}));
    CHECK(selects("notin=in", {{"notin", "in"}}));
    CHECK(selects("x!=a", {}));
    CHECK(selects("x notin (a)", {{"z", "a"}}));
    CHECK_FALSE(selects("x", {{"z", "a"}}));
    CHECK(selects("!x", {{"z", "a"}}));
    CHECK(selects("x>1", {{"x", "2"}}));
    CHECK_FALSE(selects("x>1", {{"x", "1"}}));
    CHECK_FALSE(selects("x<7", {{"x", "foo"}}));
}

TEST_CASE("label selectors: objects") {
    CHECK(LabelSelector::from_object(Value()).value().is_nothing());
    CHECK(LabelSelector::from_object(Value::object()).value().is_everything());
    const Value selector = Value::object(
        {{"matchLabels", Value::object({{"app", "carts"}})},
         {"matchExpressions",
          Value::array({Value::object({{"key", "tier"}, {"operator", "In"}, {"values", Value::array({"b", "a"})}}),
                        Value::object({{"key", "old"}, {"operator", "DoesNotExist"}})})}});
    CHECK(format_label_selector(selector) == "app=carts,!old,tier in (a,b)");
    CHECK(format_label_selector(Value::object()) == "<none>");
}

TEST_CASE("field selectors") {
    const auto parsed = parse_field_selector("metadata.name=a,status.phase!=Running,x==a\\,b");
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value().size() == 3);
    CHECK_FALSE(parsed.value()[1].equal);
    CHECK(parsed.value()[2].value == "a,b");
    CHECK(parse_field_selector("a").error().message == "invalid selector: 'a'; can't understand 'a'");
}

// k8s.io/apimachinery/pkg/util/intstr/intstr_test.go
TEST_CASE("int or percent") {
    CHECK(scaled_value("90%", 95, Rounding::up).value() == 86);
    CHECK(scaled_value("90%", 95, Rounding::down).value() == 85);
    CHECK(scaled_value(3, 95, Rounding::up).value() == 3);
    CHECK(scaled_value("90", 0, Rounding::up).error().message ==
          "invalid value for IntOrString: invalid type: string is not a percentage");
    CHECK(scaled_value(Value(), 0, Rounding::up).error().message == "nil value for IntOrString");
}
