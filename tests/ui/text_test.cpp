#include <doctest/doctest.h>

#include <algorithm>

#include "tests/ui/harness.h"
#include "web/app/settings.h"
#include "web/app/share.h"
#include "web/app/strings.h"
#include "web/ui/markdown.h"
#include "web/ui/rich_text.h"
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
    using Kind = cluster::Action::Kind;
    const std::vector<cluster::Action> actions = {{Kind::command, 0, Time{5}, "kubectl get pods", "", 1},
                                                  {Kind::trace, 0, Time{9}, "laptop http://x/?a=ü", "", 0},
                                                  {Kind::component, 0, Time{9}, "etcd", "off", 0},
                                                  {Kind::fault, 0, Time{12}, "link cut node-1", "", 0}};
    const std::string link = app::encode_share({options, "", actions, Time{20}}, app::ShareBound::link);
    const auto back = app::decode_share(link, app::ShareBound::link);
    REQUIRE(back);
    CHECK(back->options.workers == 3);
    CHECK(back->actions == actions);
    CHECK(back->until == Time{20});
    CHECK_FALSE(app::decode_share("s=!!!", app::ShareBound::link));
    CHECK_FALSE(app::decode_share("view=traffic", app::ShareBound::link));
    const std::vector<cluster::Action> long_ones(3, {Kind::apply, 0, Time{}, std::string(9000, 'x'), "", 0});
    CHECK(app::encode_share({options, "", long_ones, {}}, app::ShareBound::link).empty());
    CHECK(app::decode_share(app::encode_share({options, "", long_ones, {}}, app::ShareBound::none), app::ShareBound::none)->actions == long_ones);
}

TEST_CASE("share links of the first format are still read") {
    // {"v":1,"scenario":"empty","workers":1,"acts":[[5,0,"kubectl get pods",""],[9,2,"laptop","http://x/"],[9,3,"ls",""]]}
    const auto back = app::decode_share("s=eyJ2IjoxLCJzY2VuYXJpbyI6ImVtcHR5Iiwid29ya2VycyI6MSwiYWN0cyI6W1s1LDAsImt1YmVjdGwgZ2V0IHBvZHMiLCIiXSxbOSwyLCJsYXB0b3AiLCJodHRwOi8veC8iXSxbOSwzLCJscyIsIiJdXX0",
                                        app::ShareBound::link);
    REQUIRE(back);
    CHECK(back->options.scenario == "empty");
    REQUIRE(back->actions.size() == 3);
    CHECK(back->actions[0].kind == cluster::Action::Kind::command);
    CHECK(back->actions[1].kind == cluster::Action::Kind::trace);
    CHECK(back->actions[1].text == "laptop http://x/");
    CHECK(back->actions[1].input.empty());
    CHECK(back->actions[2].kind == cluster::Action::Kind::type);
    CHECK_FALSE(back->until);
}

TEST_CASE("a share link from a stranger costs little or nothing") {
    using namespace kubewalk;
    cluster::Options options;
    options.workers = 3;
    const auto link = [&](const std::vector<cluster::Action>& actions) { return app::encode_share({options, "", actions, {}}, app::ShareBound::link); };
    const auto act = [](Time at) { return cluster::Action{cluster::Action::Kind::command, 0, at, "kubectl get pods", "", 0}; };
    const auto good = app::decode_share(link({act(Time{} + minutes(5))}), app::ShareBound::link);
    REQUIRE(good);
    CHECK(good->options.workers == 3);
    CHECK(good->actions.size() == 1);
    CHECK(good->limit == Time{} + minutes(30));
    // Far in virtual time (no such link is made; one that was made all the same is not read), before its beginning, too many machines.
    const std::vector<cluster::Action> far = {act(Time{} + hours(24))};
    CHECK(link(far).empty());
    CHECK_FALSE(app::decode_share(app::encode_share({options, "", far, {}}, app::ShareBound::none), app::ShareBound::link));
    CHECK_FALSE(app::decode_share(link({act(Time{-1})}), app::ShareBound::link));
    options.workers = 200;
    CHECK(app::decode_share(link({}), app::ShareBound::link)->options.workers <= 12);
    options.cloud = true;
    CHECK(app::decode_share(link({}), app::ShareBound::link)->options.cloud);
    CHECK_FALSE(app::decode_share("s=!!!", app::ShareBound::link));
    CHECK_FALSE(app::decode_share(std::string("s=") + std::string(100000, 'A'), app::ShareBound::link));
}

TEST_CASE("fonts: letters stand on the line that they are said to stand on, whatever their size") {
    ui_tests::Harness h;
    h.frames(2);
    const ui::Fonts& fonts = h.interface.fonts();
    for (ui::Face face : {ui::Face::text, ui::Face::strong, ui::Face::code})
        for (float size = 6; size < 20; size += 0.37f) {
            const ui::TextStyle style{face, size, IM_COL32_WHITE};
            ImDrawList list(ImGui::GetDrawListSharedData());
            list._ResetForNewFrame();
            list.PushTexture(ImGui::GetIO().Fonts->TexRef);
            list.PushClipRect(ImVec2(0, 0), ImVec2(900, 900));
            constexpr float top = 100, height = 24;
            ui::draw_text(&list, fonts, ui::Vec(10, top), height, style, "E");
            float bottom = 0;
            for (const ImDrawVert& vertex : list.VtxBuffer) bottom = std::max(bottom, vertex.pos.y);
            // The middle of a capital stands near the middle of its line.
            CAPTURE(size);
            CHECK(std::abs(bottom - size * 0.364f - (top + height * 0.5f)) < 1.3f);
        }
}

TEST_CASE("rich text: no line begins with closing punctuation or ends with opening, at whatever width") {
    ui_tests::Harness harness;
    const Ui ui = harness.interface.make_ui();
    const ParagraphStyle style{13.5f, 20, 0};
    const char* texts[] = {
        "在节点上（见 `kubectl get nodes`），运行 `kubectl describe pod carts`，再看 `Events`。它说“`Failed`”：镜像（`nginx:1.29`）不存在；③、④ 都一样。",
        "Each node (`node-1`) has a kubelet (`kubelet --config=/var/lib/kubelet/config.yaml`); its Pods (`kubectl get pods -o wide`) are listed: “`Running`”.",
    };
    const std::string_view closing[] = {"，", "。", "）", "：", "；", "、", "”", ")", ",", ".", ";", ":"}, opening[] = {"（", "“", "("};
    for (const char* text : texts)
        for (float width = 90; width < 420; width += 3) {
            const auto lines = lines_of(ui, rich(text), style, width);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                INFO(width << ": " << lines[i]);
                for (std::string_view mark : closing) CHECK_FALSE((i > 0 && std::string_view(lines[i]).starts_with(mark)));
                for (std::string_view mark : opening) CHECK_FALSE((i + 1 < lines.size() && std::string_view(lines[i]).ends_with(mark)));
            }
        }
}

TEST_CASE("rich text: inline code stays in one line where it fits into one") {
    ui_tests::Harness harness;
    const Ui ui = harness.interface.make_ui();
    const ParagraphStyle style{13.5f, 20, 0};
    const RichText text = rich("Now run `kubectl get pods` once, and look.");
    auto holds = [&](float width) {
        const auto lines = lines_of(ui, text, style, width);
        return std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return line.find("kubectl get pods") != std::string::npos; });
    };
    CHECK(holds(150));
    CHECK(holds(180));
    CHECK(holds(205));
    // Longer than a line: at its blanks.
    CHECK(lines_of(ui, rich("`kubectl get pods`"), style, 100).front() == "kubectl get");
}
