#include "core/yaml/yaml.h"

#include <doctest/doctest.h>

using namespace kubewalk;
using namespace kubewalk::yaml;

namespace {

Node root_of(std::string_view text) {
    auto documents = parse(text);
    REQUIRE(documents.ok());
    REQUIRE(documents.value().size() == 1);
    return documents.value().front().root;
}

std::string failure_of(std::string_view text, const Limits& limits = {}) {
    auto documents = parse(text, limits);
    REQUIRE_FALSE(documents.ok());
    CHECK(documents.error().reason == "ParseError");
    return documents.error().message;
}

}  // namespace

TEST_CASE("yaml: nodes know where they stand") {
    const Node root = root_of("kind: Pod\nspec:\n  containers:\n  - name: \"web\"\n    image: nginx\n");
    const Node* containers = root.find("spec")->find("containers");
    REQUIRE(containers);
    const Node* image = containers->items[0].find("image");
    CHECK(image->text == "nginx");
    CHECK(image->start == Position{5, 12});
    CHECK(containers->items[0].find("name")->style == Style::quoted);
    CHECK(root.keys[1].start == Position{2, 1});
}

// k8s.io/apimachinery/pkg/util/yaml/decoder_test.go: separators may carry blanks and comments.
TEST_CASE("yaml: a stream is split as kubectl splits it") {
    const auto documents = parse("# only a comment\n---\na: 1\n--- # next\nb: 2\n---\n\n---   \nc: 3\n");
    REQUIRE(documents.ok());
    REQUIRE(documents.value().size() == 3);
    CHECK(documents.value()[0].line == 3);
    CHECK(documents.value()[1].root.find("b")->start.line == 5);
    CHECK(documents.value()[2].root.find("c")->start.line == 9);
    CHECK(parse("a: |\n  x\n  --- not a separator\n").value().size() == 1);
    CHECK(parse("").value().empty());
}

// As kubectl 1.36 prints them: YAMLReader keeps a separator that has nothing before it.
TEST_CASE("yaml: a first separator counts as a line") {
    CHECK(failure_of("---\na: b\n c: d\n") == "yaml: line 3: mapping values are not allowed in this context");
    CHECK(failure_of("--- # x\na: b\n c: d\n") == "yaml: line 3: mapping values are not allowed in this context");
    CHECK(failure_of("---\n---\na: b\n c: d\n") == "yaml: line 2: mapping values are not allowed in this context");
    CHECK(failure_of("\n\n---\na: b\n c: d\n") == "yaml: line 2: mapping values are not allowed in this context");
    CHECK(failure_of("# c\n---\na: b\n c: d\n") == "yaml: line 2: mapping values are not allowed in this context");
    CHECK(failure_of("a: b\n---\n\nkind: X\nx: [\n") == "yaml: line 3: did not find expected node content");
    CHECK(parse("---\n---\n---\n").value().empty());
    const auto documents = parse("---\na: 1\n---\n---\nb: 2\n");
    REQUIRE(documents.value().size() == 2);
    CHECK(documents.value()[0].root.find("a")->start.line == 2);
    CHECK(documents.value()[1].root.find("b")->start.line == 5);
}

// Line numbers as go.yaml.in/yaml/v2's parser.fail prints them: the parser's own count from 0.
TEST_CASE("yaml: errors in go-yaml's words, positions of the stream") {
    CHECK(failure_of("a: b: c\n") == "yaml: mapping values are not allowed in this context");
    CHECK(failure_of("x: 1\na: b: c\n") == "yaml: line 2: mapping values are not allowed in this context");
    CHECK(failure_of("a: 1\nb: [1, 2\nc: 3\n").find("did not find expected ',' or ']'") != std::string::npos);
    CHECK(failure_of("a:\n\tb: 1\n") == "yaml: line 2: found character that cannot start any token");
    CHECK(failure_of("a: *x\n") == "yaml: unknown anchor 'x' referenced");
    const auto second = parse("a: 1\n---\nb: 2\nc: d: e\n");
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().message == "yaml: line 2: mapping values are not allowed in this context");
    CHECK(second.error().line == 4);
}

TEST_CASE("yaml: aliases and merge keys") {
    const Node root = root_of("base: &base {a: 1, b: 2}\nmade:\n  <<: *base\n  b: 3\nsame: *base\n");
    CHECK(root.find("made")->find("a")->text == "1");
    CHECK(root.find("made")->find("b")->text == "3");
    CHECK(root.find("same")->find("b")->text == "2");
    CHECK(failure_of("a: 1\nb:\n  <<: text\n") == "yaml: map merge requires map or sequence of maps as the value");
    CHECK(failure_of("a: &a [*a]\n") == "yaml: anchor 'a' value contains itself");
}

TEST_CASE("yaml: hostile input is refused") {
    std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 9; ++j)
            laughs += "," + before;
        laughs += "]\n";
    }
    CHECK(failure_of(laughs) == "yaml: document contains excessive aliasing");
    CHECK(failure_of(std::string(100'000, '[')).find("exceeded max depth") != std::string::npos);
    CHECK(failure_of(std::string(100, 'x'), Limits{50, 10, 10}).find("larger than 50 bytes") != std::string::npos);
    CHECK_FALSE(parse(std::string("a: \x01\n")).ok());
    CHECK_FALSE(parse("a: \xff\xfe\n").ok());
}

TEST_CASE("yaml: keys given twice") {
    const Node root = root_of("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
    CHECK(root.find("a")->text == "3");
    const auto twice = duplicate_keys(root);
    REQUIRE(twice.size() == 2);
    CHECK(twice[0].message == "line 4: key \"c\" already set in map");
    CHECK(twice[1].message == "line 5: key \"a\" already set in map");
}
