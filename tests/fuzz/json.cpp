// JSON text: printed and read again it is the same, whatever it holds.

#include "core/api/json.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto value = api::parse_json(text);
    if (!value.ok()) {
        expect_told(value.error(), text);
        return 0;
    }
    for (const int indent : {-1, 4}) {
        const auto printed = api::to_json(value.value(), indent);
        expect(is_utf8(printed), "printed JSON is UTF-8");
        const auto again = api::parse_json(printed);
        expect(again.ok(), "what was printed does not parse", [&] { return again.error().message; });
        expect(again.value() == value.value(), "what was printed reads as something else", [&] { return printed; });
    }
    return 0;
}

}  // namespace

Door json() {
    Door door{run, texts_in("lessons", "lesson.json"), {"{", "}", "[", "]", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\udea2\"", "null", "true", "1e308", "-0", "-0.0", "9223372036854775808", "1E+400", "\"a\":", "\"\\/\"", "/**/"}};
    door.seeds.insert(door.seeds.end(), {"{\"a\": [1, 2.5, -3e2, true, null, \"x\\n\"]}", "[[[[]]], {}]"});
    return door;
}

}  // namespace kubewalk::fuzz
