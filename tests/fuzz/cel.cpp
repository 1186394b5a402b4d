// Expressions in CEL (core/api/cel), of definitions and policies. The first line is the object as JSON, the rest the expression. Whatever
// it is, it ends: within its budget, with a value or with an error that says something; and it gives the same twice.

#include "core/api/cel/cel_text.h"
#include "core/api/cel/program.h"
#include "core/api/json.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

using api::cel::Val;

struct Self : api::cel::Host {
    api::Value self;
    bool variable(std::string_view name, Val& value) override {
        if (name != "self" && name != "object")
            return false;
        value = Val::of(self);
        return true;
    }
};

int run(const std::uint8_t* bytes, std::size_t size) {
    auto text = text_of(bytes, size);
    const auto object = take_until(text, '\n');
    const api::cel::Variable variables[] = {{"self", api::cel::simple(api::cel::Type::Kind::dyn)},
                                            {"object", api::cel::object_named("object", {{"name", api::cel::simple(api::cel::Type::Kind::string)},
                                                                                         {"list", api::cel::list_of(api::cel::simple(api::cel::Type::Kind::integer))}})}};
    const auto program = api::cel::Program::compile(text, variables);
    if (!program.ok()) {
        expect(program.error().message.starts_with("ERROR: <input>:"), "an expression is refused without a place", [&] { return program.error().message; });
        return 0;
    }
    Self self;
    if (auto read = api::parse_json(object); read.ok())
        self.self = read.take();
    constexpr std::int64_t least = 20'000;
    std::int64_t budget = least, again = least;
    const auto first = program.value().run(self, budget), second = program.value().run(self, again);
    expect(budget == again && first.ok() == second.ok(), "an expression runs differently the second time");
    if (!first.ok()) {
        expect(!first.error().message.empty(), "an expression fails without a word");
        return 0;
    }
    expect(first.value().is(second.value().kind()), "an expression gives something else the second time");
    (void)api::cel::formatted(first.value());
    (void)first.value().json();
    return 0;
}

}  // namespace

Door cel() {
    Door door{run,
              {"{\"replicas\":3,\"max\":5}\nself.replicas <= self.max", "{\"list\":[1,2,3]}\nself.list.all(x, x > 0) && self.list.map(x, x * 2).sum() == 12",
               "{}\nhas(object.name) ? object.name.startsWith('a') : object.list.exists(i, i in [1, 2u, 3.5])", "{\"a\":{\"b\":null}}\nself.?a.?b.orValue('x') == 'x' || 1 / 0 == 1",
               "{}\n'%s %d %.3f %x'.format([dyn('a'), 1, 2.5, 255]).replace('a', 'b', 1).split(' ').join('-')", "{}\nquantity('1.5Gi').add(3).isLessThan(quantity('2Gi')) && !isQuantity('x')",
               "{}\ncidr('10.0.0.0/8').containsIP(ip('10.1.2.3')) && url('https://a.b:80/c?d=e').getQuery()['d'][0] == 'e'",
               "{}\n(timestamp('2024-02-29T00:00:00Z') + duration('24h')).getDayOfMonth('Europe/Berlin') - -9223372036854775808", "{}\n{'a': [1, {b'x': r'\\d'}], ?'c': optional.none()}[?'a']",
               "{}\nlists.range(100).transformMap(i, v, i % 2 == 0, v).all(k, v, k == v)"},
              {"self", "object", ".all(", ".exists(", ".map(", ".filter(", "has(", "optional.of(", ".?", "[?", "&&", "||", "!", "-", "==", "in", "?", ":", "(", ")", "[", "]", "{", "}",
               "size(", "lists.range(", ".sort()", ".flatten(", ".reverse()", ".slice(", "matches('", "findAll('", "replace('", "duration('", "timestamp(", "int(", "uint(", "double(",
               "9223372036854775807", "-9223372036854775808", "1e308", "0x", "1u", "'\\u00e9'", "'''", "r'", "b'\\xff'", "//", "\\", "semver('", "format.dns1123Label()", ".validate("}};
    door.longest = 2000;
    door.runs = 1500;
    return door;
}

}  // namespace kubewalk::fuzz
