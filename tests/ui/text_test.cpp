#include <doctest/doctest.h>

#include "web/app/settings.h"
#include "web/app/share.h"
#include "web/app/strings.h"
#include "web/ui/markdown.h"
#include "web/ui/terminal_input.h"
#include "web/ui/text_buffer.h"

using namespace kubewalk;
using namespace kubewalk::ui;

TEST_CASE("text buffer: typing, words, undo in steps") {
    TextBuffer b;
    b.insert("a");
    b.insert("b");
    b.insert("c");
    CHECK(b.undo());
    CHECK(b.text().empty());
    CHECK(b.redo());
    CHECK(b.text() == "abc");
    b.reset("kubectl get pods");
    b.move(Unit::document, Toward::forward, Selecting::no);
    CHECK(b.erase(Unit::word, Toward::back) == "pods");
    CHECK(b.text() == "kubectl get ");
    CHECK(b.undo());
    CHECK(b.text() == "kubectl get pods");
}

TEST_CASE("text buffer: characters are never cut") {
    TextBuffer b;
    b.reset("容器");
    b.move(Unit::character, Toward::forward, Selecting::no);
    CHECK(b.caret() == 3);
    b.erase(Unit::character, Toward::forward);
    CHECK(b.text() == "容");
}

TEST_CASE("text buffer: lines keep the column, selections indent") {
    TextBuffer b;
    b.reset("abcdef\nxy\nabcdef");
    b.move_to(5, Selecting::no);
    b.move_lines(1, Selecting::no);
    CHECK(b.caret() == 9);
    b.move_lines(1, Selecting::no);
    CHECK(b.caret() == 15);
    b.select_all();
    b.indent(2);
    CHECK(b.text() == "  abcdef\n  xy\n  abcdef");
    b.indent(-2);
    CHECK(b.text() == "abcdef\nxy\nabcdef");
}

TEST_CASE("here-documents are recognised until their word") {
    CHECK(open_here_document("kubectl apply -f - <<EOF") == "EOF");
    CHECK(open_here_document("cat <<'END'\na\n") == "END");
    CHECK(open_here_document("cat <<EOF\na\nEOF").empty());
    CHECK(open_here_document("echo a").empty());
}

TEST_CASE("markdown: blocks, bold, code, circled numbers") {
    Document d = parse_markdown("One **two** `three` ④\n\n- a\n- b\n\n```\nx\ny\n```");
    REQUIRE(d.blocks.size() == 4);
    REQUIRE(d.blocks[0].text.size() >= 5);
    CHECK(d.blocks[0].text[1].face == Face::strong);
    CHECK(d.blocks[0].text[3].kind == RunKind::code);
    CHECK(d.blocks[0].text.back().kind == RunKind::number);
    CHECK(d.blocks[0].text.back().text == "4");
    CHECK(d.blocks[1].kind == BlockKind::item);
    CHECK(d.blocks[3].kind == BlockKind::code);
}

TEST_CASE("words: fall back to English, then to the id; arguments") {
    app::Strings words;
    CHECK(words.add("en", R"({"a": "A {1} {0}", "b": "B"})"));
    CHECK(words.add("zh-CN", R"({"b": "乙"})"));
    CHECK_FALSE(words.add("en", "{"));
    words.select("zh-CN");
    CHECK(words("b") == "乙");
    CHECK(words.format("a", {"x", "y"}) == "A y x");
    CHECK(words("nothing.there") == "nothing.there");
}

TEST_CASE("settings survive a round trip and bad input") {
    app::Settings settings;
    settings.theme = app::ThemeChoice::light;
    settings.layout.left = 400;
    settings.speed = 5;
    app::Settings back;
    app::load_settings(app::save_settings(settings), back);
    CHECK(back == settings);
    app::Settings same = settings;
    app::load_settings("not json", same);
    app::load_settings(R"({"theme": 7, "view": 99, "left": "x"})", same);
    CHECK(same == settings);
}

TEST_CASE("share links carry options and actions, and nothing else is believed") {
    cluster::Options options;
    options.workers = 3;
    std::vector<app::ShareAct> acts = {{Time{5}, app::ShareKind::command, "kubectl get pods", ""},
                                       {Time{9}, app::ShareKind::request, "laptop", "http://x/?a=ü"}};
    std::string link = app::encode_share({options, "", acts}, app::ShareBound::link);
    auto back = app::decode_share(link, app::ShareBound::link);
    REQUIRE(back);
    CHECK(back->options.workers == 3);
    REQUIRE(back->acts.size() == 2);
    CHECK(back->acts[1].text2 == "http://x/?a=ü");
    CHECK_FALSE(app::decode_share("s=!!!", app::ShareBound::link));
    CHECK_FALSE(app::decode_share("view=traffic", app::ShareBound::link));
    CHECK(app::encode_share({options, "", std::vector<app::ShareAct>(3, {Time{}, app::ShareKind::manifest, std::string(9000, 'x'), ""})}, app::ShareBound::link).empty());
}

TEST_CASE("a share link from a stranger costs little or nothing") {
    using namespace kubewalk;
    cluster::Options options;
    options.workers = 3;
    const auto link = [&](std::vector<app::ShareAct> acts) { return app::encode_share({options, "", acts}, app::ShareBound::link); };
    const auto act = [](Time at) { return app::ShareAct{at, static_cast<app::ShareKind>(0), "kubectl get pods", ""}; };
    const auto good = app::decode_share(link({act(Time{} + minutes(5))}), app::ShareBound::link);
    REQUIRE(good);
    CHECK(good->options.workers == 3);
    CHECK(good->acts.size() == 1);
    // Far in virtual time, before its beginning, too many machines.
    CHECK_FALSE(app::decode_share(link({act(Time{} + hours(24))}), app::ShareBound::link));
    CHECK_FALSE(app::decode_share(link({act(Time{-1})}), app::ShareBound::link));
    options.workers = 200;
    CHECK(app::decode_share(link({}), app::ShareBound::link)->options.workers <= 12);
    options.cloud = true;
    CHECK(app::decode_share(link({}), app::ShareBound::link)->options.cloud);
    CHECK_FALSE(app::decode_share("s=!!!", app::ShareBound::link));
    CHECK_FALSE(app::decode_share(std::string("s=") + std::string(100000, 'A'), app::ShareBound::link));
}
