#include <doctest/doctest.h>

#include "core/yaml/cursor.h"

using namespace kubewalk::yaml;

namespace {

// The caret is where '^' stands.
Cursor at(std::string text) {
    const auto caret = text.find('^');
    text.erase(caret, 1);
    return cursor_at(text, caret);
}

using Place = Cursor::Place;
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a key under construction knows its mapping and its siblings") {
    const auto cursor = at("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: carts\n  lab^\nspec:\n  replicas: 1\n");
    CHECK(cursor.place == Place::key);
    CHECK(cursor.path == Words{"metadata"});
    CHECK(cursor.word == "lab");
    CHECK(cursor.end - cursor.begin == 3);
    CHECK(cursor.siblings == Words{"name"});
    CHECK(cursor.api_version == "apps/v1");
    CHECK(cursor.kind == "Deployment");
}

TEST_CASE("a blank line belongs to the mapping at the caret's column") {
    const std::string text = "spec:\n  template:\n    spec:\n      containers: []\n";
    CHECK(at(text + "^").path == Words{});
    CHECK(at(text + "  ^").path == Words{"spec"});
    CHECK(at(text + "    ^").path == Words{"spec", "template"});
    CHECK(at(text + "      ^").path == Words{"spec", "template", "spec"});
}

TEST_CASE("items of lists, indented or not") {
    CHECK(at("spec:\n  containers:\n  - name: a\n    im^\n").path == Words{"spec", "containers"});
    CHECK(at("spec:\n  containers:\n    - name: a\n      im^\n").path == Words{"spec", "containers"});
    CHECK(at("spec:\n  containers:\n  - ^\n").path == Words{"spec", "containers"});
    CHECK(at("spec:\n  containers:\n  - name: a\n    ports:\n    - conta^").path == Words{"spec", "containers", "ports"});
    CHECK(at("spec:\n  containers:\n  - name: a\n  vol^").path == Words{"spec"});
    const auto item = at("containers:\n- name: a\n  image: b\n- name: c\n  im^\n  ports: []\n");
    CHECK(item.siblings == Words{"name", "ports"});
    CHECK(at("containers:\n- na^\n  image: b\n- name: c\n").siblings == Words{"image"});
}

TEST_CASE("values") {
    const auto cursor = at("spec:\n  type: Clu^sterIP # a comment\n");
    CHECK(cursor.place == Place::value);
    CHECK(cursor.path == Words{"spec", "type"});
    CHECK(cursor.word == "Clu");
    CHECK(cursor.end - cursor.begin == 9);
    CHECK(at("spec:\n  type: ^\n").word == "");
    CHECK(at("spec:\n  type:^\n").place == Place::value);
    CHECK(at("spec:\n  - protocol: T^\n").path == Words{"spec", "protocol"});
}

TEST_CASE("places where there is nothing to complete") {
    CHECK(at("a: 1 # wh^y\n").place == Place::elsewhere);
    CHECK(at("# wh^y\n").place == Place::elsewhere);
    CHECK(at("data:\n  run: |\n    ec^ho\n").place == Place::elsewhere);
    CHECK(at("args: [\"a^\"]\n").place == Place::elsewhere);
    CHECK(at("a: 1\n--^-\nb: 2\n").place == Place::elsewhere);
    CHECK(at("data:\n  run: |\n    echo: x\n  oth^\n").path == Words{"data"});
}

TEST_CASE("each document for itself") {
    const auto cursor = at("kind: Service\nspec:\n  a: 1\n---\nkind: Pod\nsp^\n");
    CHECK(cursor.kind == "Pod");
    CHECK(cursor.path == Words{});
    CHECK(cursor.siblings == Words{"kind"});
    CHECK(at("ki^\n---\nkind: Pod\n").kind == "");
}

TEST_CASE("hostile text is no harm") {
    for (const char* text : {"", "-", "- ", ":", "\"", "'a", "- - - a", "\t", "a:\n\n\n", "---", "|\n |"})
        for (std::size_t offset = 0; offset <= 12; ++offset)
            (void)cursor_at(text, offset);
    CHECK(cursor_at("", 7).path.empty());
}
