// Label and field selectors: as text they read back as the same.

#include "core/api/labels.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto labels = api::Value::object({{"app", "web"}, {"tier", "front"}, {"n", "7"}, {"example.com/a", ""}});
    const auto selector = api::LabelSelector::parse(text);
    if (selector.ok()) {
        const auto printed = selector.value().str();
        const auto again = api::LabelSelector::parse(printed);
        expect(again.ok(), "a printed selector does not parse", [&] { return cat(printed, ": ", again.error().message); });
        expect(again.value().str() == printed, "a selector printed twice", [&] { return cat(printed, " ", again.value().str()); });
        expect(again.value().matches(labels) == selector.value().matches(labels), "a printed selector selects as much", [&] { return printed; });
    } else {
        expect_told(selector.error(), text);
    }
    const auto fields = api::parse_field_selector(text);
    if (!fields.ok())
        expect_told(fields.error(), text);
    return 0;
}

}  // namespace

Door selector() {
    Door door{run, {"app=web", "app in (web, api),tier notin (x),!y,z", "n>5,n<10", "a==b,c!=d", "example.com/a", "app in ()", "metadata.name=web,status.phase!=Running", "metadata.name==a\\,b"}, {" in ", " notin ", "(", ")", ",", "=", "==", "!=", "!", ">", "<", "app", "example.com/a", "\\,", "\\="}};
    door.longest = 1000;
    door.runs = 2000;
    return door;
}

}  // namespace kubewalk::fuzz
