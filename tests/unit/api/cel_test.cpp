// What expressions give. Facts: github.com/google/cel-spec (doc/langdef.md, tests/simple/testdata),
// kubernetes.io/docs/reference/using-api/cel, k8s.io/apiserver/pkg/cel/library/*_test.go, github.com/google/cel-go/{checker,parser}.

#include <doctest/doctest.h>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/program.h"
#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace {

struct Objects : Host {
    Value self;
    bool variable(std::string_view name, Val& value) override {
        if (name != "self")
            return false;
        value = Val::of(self);
        return true;
    }
};

// The result as text, or "error: ...".
std::string result(std::string_view source, const Value& self = {}, std::int64_t budget = cost_limit_of_a_request) {
    const Variable variables[] = {{"self", simple(Type::Kind::dyn)}};
    const auto program = Program::compile(source, variables);
    if (!program.ok())
        return program.error().message;
    Objects host;
    host.self = self;
    const auto value = program.value().run(host, budget);
    return value.ok() ? formatted(value.value()) : cat("error: ", value.error().message);
}

std::string refusal(std::string_view source, std::span<const Variable> variables) {
    const auto program = Program::compile(source, variables);
    return program.ok() ? type_text(program.value().type()) : program.error().message;
}

}  // namespace

TEST_CASE("operators") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"1 + 2 * 3 - 4 / 2 % 2", "7"},
        {"(1 + 2) * 3", "9"},
        {"-(2 - 3)", "1"},
        {"- 1", "-1"},
        {"--1", "1"},
        {"!!true", "true"},
        {"9223372036854775807 + 1", "error: integer overflow"},
        {"-9223372036854775808 - 1", "error: integer overflow"},
        {"-9223372036854775808 / -1", "error: integer overflow"},
        {"1u - 2u", "error: unsigned integer overflow"},
        {"1 / 0", "error: division by zero"},
        {"1 % 0", "error: modulus by zero"},
        {"1.0 / 0.0", "Infinity"},
        {"7.5 == 15.0 / 2.0", "true"},
        {"0xff", "255"},
        {"1e3", "1000"},
        {"'a' + \"b\" + r'\\n'", "ab\\n"},
        {"'\\u00e9\\x41\\101\\n'.size()", "4"},
        {"'''a\nb'''.size()", "3"},
        {"b'abc' + b'\\xff' == b'abc\\377'", "true"},
        {"1 < 2 && 'a' < 'b' && 1.5 < 2.0 && false < true", "true"},
        {"dyn(1) == 1.0 && dyn(1u) == 1 && 1 < 1.5 && 2u > 1", "true"},
        {"dyn('1') == 1", "false"},
        {"[1, 2] + [3] == [1, 2, 3]", "true"},
        {"{'a': 1} == {'a': 1} && {'a': 1} != {'a': 2}", "true"},
        {"2 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1}", "true"},
        {"[1, 2][1]", "2"},
        {"[1, 2][2]", "error: index out of bounds: 2"},
        {"{'a': 'x'}['a'] + {'a': 'x'}.a", "xx"},
        {"{'a': 1}.b", "error: no such key: b"},
        {"true ? 1 : 1 / 0", "1"},
        {"true || 1 / 0 == 1", "true"},
        {"1 / 0 == 1 || true", "true"},
        {"1 / 0 == 1 && false", "false"},
        {"1 / 0 == 1 && true", "error: division by zero"},
        {"dyn('a') + 1", "error: no such overload"},
        {"null == null", "true"},
        {"type(1) == int && type('') == string && type([]) == list", "true"},
        {"size('héllo') == 5 && size([1]) == 1 && size({}) == 0 && size(b'\\xc3\\xa9') == 2", "true"},
    };
    for (const auto& one : cases) {
        INFO(one.first);
        CHECK(result(one.first) == one.second);
    }
}

TEST_CASE("conversions and times") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"int('42') + int(3.9) + int(2u)", "47"},
        {"int('x')", "error: type conversion error from 'string' to 'int'"},
        {"double('1.5') + double(1)", "2.5"},
        {"string(1) + string(true) + string(1.5) + string(2u)", "1true1.52"},
        {"bool('true')", "true"},
        {"uint(-1)", "error: unsigned integer overflow"},
        {"duration('1h30m').getMinutes()", "90"},
        {"string(duration('1h')) == '3600s'", "true"},
        {"timestamp('2023-01-02T03:04:05Z').getFullYear()", "2023"},
        {"timestamp('2009-02-13T23:31:30Z').getDayOfYear('02:00')", "44"},
        {"timestamp('2009-02-13T23:31:30Z').getHours('America/Los_Angeles')", "15"},
        {"timestamp('2023-01-31T00:00:00Z') + duration('24h') == timestamp('2023-02-01T00:00:00Z')", "true"},
        {"timestamp('2023-01-02T00:00:00Z') - timestamp('2023-01-01T00:00:00Z') > duration('23h')", "true"},
        {"string(timestamp('2023-01-02T03:04:05.5+01:00'))", "2023-01-02T02:04:05.5Z"},
        {"timestamp(9223372036854775807)", "error: timestamp overflow"},
        {"timestamp(0).getDayOfWeek()", "4"},
    };
    for (const auto& one : cases) {
        INFO(one.first);
        CHECK(result(one.first) == one.second);
    }
}

TEST_CASE("macros") {
    const Value self = parse_json(R"({"a":{"b":null,"c":0},"list":[3,1,2],"tags":[{"name":"x","value":"1"},{"name":"y"}],"map":{"k":"v","kk":"w"}})").take();
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"has(self.a) && has(self.a.c) && !has(self.z)", "true"},
        {"has(self.a.c.d)", "error: no such overload"},
        {"self.list.all(x, x > 0)", "true"},
        {"self.list.exists(x, x == 2) && !self.list.exists(x, x > 3)", "true"},
        {"self.list.exists_one(x, x > 2)", "true"},
        {"self.list.map(x, x * 2)", "[6, 2, 4]"},
        {"self.list.map(x, x > 1, x * 2)", "[6, 4]"},
        {"self.list.filter(x, x > 1)", "[3, 2]"},
        {"self.map.all(k, k.startsWith('k'))", "true"},
        {"self.map.all(k, v, v in ['v', 'w'])", "true"},
        {"[1, 2].transformList(i, v, i * v)", "[0, 2]"},
        {"{'a': 1}.transformMap(k, v, v + 1)", "{a: 2}"},
        {"self.tags.all(t, has(t.value) ? t.value == '1' : true)", "true"},
        {"[1, 0].exists(x, 1 / x == 1)", "true"},
        {"self.tags.filter(t, t.name == 'x').size() == 1", "true"},
        {"self.?a.?c.orValue(7)", "0"},
        {"self.?z.?c.orValue(7)", "7"},
        {"self.list[?5].hasValue()", "false"},
        {"optional.of(3).optMap(x, x + 1).value()", "4"},
        {"optional.none().or(optional.of(1)).value()", "1"},
        {"optional.none().value()", "error: optional.none() dereference"},
        {"[?self.?z, ?optional.of(1)]", "[1]"},
        {"{?'a': self.?z, 'b': 1}", "{b: 1}"},
    };
    for (const auto& one : cases) {
        INFO(one.first);
        CHECK(result(one.first, self) == one.second);
    }
}

TEST_CASE("libraries") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"'tacocat'.charAt(3) + 'hello mellow'.substring(4, 8)", "oo me"},
        {"'hello mellow'.indexOf('ello', 2) == 7 && 'hello mellow'.lastIndexOf('ello') == 7", "true"},
        {"'hello hello'.replace('he', 'we', 1)", "wello hello"},
        {"'a,b,c'.split(',') == ['a', 'b', 'c'] && ['a', 'b'].join('-') == 'a-b'", "true"},
        {"'  x '.trim() + 'TacoCat'.lowerAscii() + 'x'.upperAscii()", "xtacocatX"},
        {"'%s is %d, %.2f, %x, %b, %%'.format([dyn('a'), 1, 3.14159, 255, 5])", "a is 1, 3.14, ff, 101, %"},
        {"strings.quote('a\"b')", "\"a\\\"b\""},
        {"'abc 123'.find('[0-9]+') + 'a1b2'.findAll('[0-9]').join('+')", "1231+2"},
        {"'test-1'.matches('^[a-z]+-[0-9]$')", "true"},
        {"[1, 2, 2].isSorted() && [1, 3].sum() == 4 && [3, 1].min() == 1 && ['a', 'b'].max() == 'b'", "true"},
        {"[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2", "true"},
        {"[].sum()", "0"},
        {"[1, 2, 2].distinct() == [1, 2] && [3, 1].sort() == [1, 3] && [1, 2, 3].slice(0, 2) == [1, 2] && [[1], [2]].flatten() == [1, 2]", "true"},
        {"sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])", "true"},
        {"url('https://example.com:80/path?a=1').getHost() + url('https://[::1]:80/').getHostname()", "example.com:80::1"},
        {"isURL('https://example.com') && !isURL('../relative-path')", "true"},
        {"url('https://example.com/?k1=a&k2=b&k2=c').getQuery()", "{k1: [a], k2: [b, c]}"},
        {"isIP('127.0.0.1') && !isIP('127.0.0.256') && ip('::1').family() == 6 && ip.isCanonical('2001:db8::abcd')", "true"},
        {"ip('127.0.0.1').isLoopback() && ip('192.168.0.1').isGlobalUnicast() && !ip.isCanonical('2001:DB8::ABCD')", "true"},
        {"cidr('192.168.0.0/24').containsIP('192.168.0.1') && cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", "true"},
        {"string(cidr('192.168.0.5/24').masked())", "192.168.0.0/24"},
        {"quantity('150Mi').isLessThan(quantity('1G')) && isQuantity('1.3Gi') && !isQuantity('1.3G1')", "true"},
        {"quantity('50k').add(20).asInteger() == 50020 && quantity('-50k').sign() == -1", "true"},
        {"quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('1k') == quantity('1000')", "true"},
        {"semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('v1.0', true) && !isSemver('1.0')", "true"},
        {"!format.dns1123Label().validate('my-label-name').hasValue()", "true"},
        {"format.dns1123Label().validate('Not_OK').value().size() > 0", "true"},
    };
    for (const auto& one : cases) {
        INFO(one.first);
        CHECK(result(one.first) == one.second);
    }
}

TEST_CASE("what is wrong is told in upstream's words") {
    const Variable variables[] = {{"self", object_named("object", {{"replicas", simple(Type::Kind::integer)}, {"name", simple(Type::Kind::string)},
                                                                   {"ports", list_of(simple(Type::Kind::integer))}})}};
    CHECK(refusal("self.replicas <= 5", variables) == "bool");
    CHECK(refusal("self.replica <= 5", variables) == "ERROR: <input>:1:5: undefined field 'replica'\n | self.replica <= 5\n | ....^");
    CHECK(refusal("self.name == self.replicas", variables) ==
          "ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(string, int)'\n | self.name == self.replicas\n | ..........^");
    CHECK(refusal("foo > 1", variables) == "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo > 1\n | ^");
    CHECK(refusal("self.ports.all(p, p)", variables) ==
          "ERROR: <input>:1:15: found no matching overload for '_&&_' applied to '(bool, int)'\n | self.ports.all(p, p)\n | ..............^");
    CHECK(refusal("self.name.startsWith(1)", variables) ==
          "ERROR: <input>:1:21: found no matching overload for 'startsWith' applied to 'string.(int)'\n | self.name.startsWith(1)\n | ....................^");
    CHECK(refusal("[1, 'a']", variables) == "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^");
    CHECK(refusal("self.name.x", variables) == "ERROR: <input>:1:10: type 'string' does not support field selection\n | self.name.x\n | .........^");
    CHECK(refusal("1 +", variables) ==
          "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, "
          "NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^");
    CHECK(refusal("self.ports.map(p, p + 1)", variables) == "list(int)");
    CHECK(refusal("duration('x')", variables) == "ERROR: <input>:1:10: invalid duration argument\n | duration('x')\n | .........^");
    CHECK(refusal("let", variables) == "ERROR: <input>:1:1: reserved identifier: let\n | let\n | ^");
    CHECK(escaped_name("namespace") == "__namespace__");
    CHECK(escaped_name("x-prop") == "x__dash__prop");
    CHECK(unescaped_name("redact__underscores__d") == "redact__d");
}

TEST_CASE("hostile expressions end soon") {
    std::string deep(5000, '(');
    CHECK(result(deep).find("recursion limit") != std::string::npos);
    CHECK(result(std::string(5000, '[')).find("recursion limit") != std::string::npos);
    std::string wide = "1";
    for (int i = 0; i < 5000; ++i)
        wide += "+1";
    CHECK(result(wide).find("recursion limit") != std::string::npos);
    CHECK(result("lists.range(100000).all(a, lists.range(100000).all(b, a != b + 1000000))") == "error: operation cancelled: actual cost limit exceeded");
    CHECK(result("[0,0,0,0,0,0,0,0].map(a, 'xxxxxxxxxxxxxxxxxxxx'.replace('', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy').replace('', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz')"
                 ".replace('', 'wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww')).size()") == "error: operation cancelled: actual cost limit exceeded");
    std::string many = "true";
    for (int i = 0; i < 3000; ++i)
        many += " && true";
    CHECK(result(many) == "true");
    CHECK(result("1 + 1", {}, 0) == "error: operation cancelled: actual cost limit exceeded");
}

}  // namespace kubewalk::api::cel
