// YAML text: what is printed reads as the same tree, mistakes have a place, and a caret is found in any text.

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/yaml/cursor.h"
#include "core/yaml/yaml.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

void try_caret(std::string_view text, std::size_t offset) {
    const auto cursor = yaml::cursor_at(text, offset);
    expect(cursor.begin <= cursor.end && cursor.end <= text.size(), "a caret's word outside of the text");
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const std::size_t pieces = yaml::split_documents(text).size();
    for (const std::size_t offset : {std::size_t{0}, size / 3, size / 2, size, size + 7})
        try_caret(text, offset);
    const auto documents = yaml::parse(text);
    if (!documents.ok()) {
        expect_told(documents.error(), text);
        expect(documents.error().line > 0, "an error without its line", [&] { return documents.error().message; });
        return 0;
    }
    expect(documents.value().size() == pieces, "as many documents as pieces");
    for (const auto& document : documents.value()) {
        for (const auto& twice : yaml::duplicate_keys(document.root))
            expect_told(twice, text);
        const auto value = api::to_value(document.root);
        if (!value.ok()) {
            expect_told(value.error(), text);
            continue;
        }
        const auto printed = api::to_yaml(value.value());
        const auto again = api::parse_yaml(printed);
        expect(again.ok(), "what was printed does not parse", [&] { return cat(again.error().message, "\n", printed); });
        // As JSON: 1 == 1.0, and a NaN is not what it was.
        expect(api::to_json(again.value()) == api::to_json(value.value()), "what was printed reads as something else", [&] { return printed; });
        expect(api::to_yaml(again.value()) == printed, "printed twice", [&] { return printed; });
    }
    return 0;
}

}  // namespace

Door yaml() {
    Door door{run, manifests(), {"apiVersion: v1", "kind: ", "metadata:", "<<: *a", "&a ", "*a", "!!binary ", "!!str ", "!!int ", "!!float ", "? ", "|+\n", ">-\n", "|2\n", "%YAML 1.1\n---\n", "...\n", "---\n", "yes", "on", "~", "0x1F", "0b11", "1:30", "2026-01-01", ".inf", "-.INF", ".nan", "1e400", "\"\\x00\"", "\"\\u202e\"", "\"\\U0010ffff\"", "[]", "{}", "{a: 1}"}};
    door.runs = 800;
    return door;
}

}  // namespace kubewalk::fuzz
