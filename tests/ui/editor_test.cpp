// The manifest editor: documents in tabs, find and replace, undo without end, hints, what applying would change.

#include <doctest/doctest.h>

#include "tests/ui/harness.h"
#include "web/ui/imgui.h"
#include "web/ui/svg.h"
#include "web/ui/text_buffer.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

void open_editor(Harness& h) {
    REQUIRE(h.click("inspector/tabs/manifest"));
    REQUIRE(h.click("inspector/manifest/editor"));
}

// What was sent to be checked last: the text in sight.
std::string text(Harness& h) {
    h.frames(40);
    const app::Action* action = h.last(ActionKind::refresh_checks);
    return action ? action->text : std::string();
}

void replace_text(Harness& h, std::string_view with) {
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.platform.clipboard_text = std::string(with);
    h.key(ImGuiKey_V, ImGuiMod_Ctrl);
}

}  // namespace

TEST_CASE("undo has no end and keeps only what changed") {
    ui::TextBuffer buffer;
    buffer.reset(std::string(200'000, 'x'));
    for (int i = 0; i < 3000; ++i) {
        buffer.insert("line\n");
        buffer.move(ui::Unit::document, ui::Toward::back, ui::Selecting::no);
    }
    int steps = 0;
    while (buffer.undo()) ++steps;
    CHECK(steps == 3000);
    CHECK(buffer.text() == std::string(200'000, 'x'));
    while (buffer.redo()) --steps;
    CHECK(steps == 0);
    CHECK(buffer.text().size() == 200'000 + 5 * 3000);
}

TEST_CASE("undo: replacing, indenting and erasing come back exactly") {
    ui::TextBuffer buffer;
    buffer.reset("one\ntwo\nthree\n");
    const std::string before = buffer.text();
    CHECK(buffer.replace_each({0, 4}, 3, "12345") == 2);
    CHECK(buffer.text() == "12345\n12345\nthree\n");
    buffer.select_all();
    buffer.indent(2);
    CHECK(buffer.text() == "  12345\n  12345\n  three\n");
    buffer.move(ui::Unit::document, ui::Toward::forward, ui::Selecting::no);
    for (int i = 0; i < 4; ++i) buffer.erase(ui::Unit::character, ui::Toward::back);
    CHECK(buffer.text() == "  12345\n  12345\n  th");
    CHECK(buffer.undo());
    CHECK(buffer.text() == "  12345\n  12345\n  three\n");
    CHECK(buffer.undo());
    CHECK(buffer.undo());
    CHECK(buffer.text() == before);
    CHECK_FALSE(buffer.undo());
    CHECK(buffer.redo());
    CHECK(buffer.redo());
    CHECK(buffer.redo());
    CHECK(buffer.text() == "  12345\n  12345\n  th");
}

TEST_CASE("several documents in tabs; what was edited is kept when something else is chosen") {
    Harness h;
    open_editor(h);
    CHECK(h.click("inspector/manifest/new/open"));
    CHECK(h.click("inspector/manifest/new/Service"));
    CHECK(text(h).find("kind: Service") != std::string::npos);
    // A file that was dropped on the page becomes a document too.
    h.platform.given.push_back({"mine.yaml", "kind: ConfigMap\n"});
    CHECK(text(h) == "kind: ConfigMap\n");
    CHECK(h.has("inspector/manifest/1/tab"));
    CHECK(h.has("inspector/manifest/2/tab"));
    CHECK(h.click("inspector/manifest/1/tab"));
    CHECK(h.click("inspector/manifest/2/close"));
    CHECK_FALSE(h.has("inspector/manifest/2/tab"));

    CHECK(h.click("inspector/manifest/live/tab"));
    CHECK(h.click("inspector/manifest/editor"));
    h.key(ImGuiKey_End, ImGuiMod_Ctrl);
    h.type("# mine");
    h.state.model.inspected.object = {"services", "sock-shop", "carts"};
    h.state.model.inspected.manifest = "kind: Service\n";
    h.frames(4);
    CHECK(h.click("inspector/manifest/3/tab"));
    CHECK(text(h).find("# mine") != std::string::npos);
}

TEST_CASE("a text is saved as a file and opened from one") {
    Harness h;
    open_editor(h);
    replace_text(h, "kind: Pod\n");
    CHECK(h.click("inspector/manifest/save"));
    REQUIRE(h.platform.downloads.size() == 1);
    CHECK(h.platform.downloads.begin()->second == "kind: Pod\n");
    CHECK(h.platform.downloads.begin()->first.ends_with(".yaml"));
    CHECK(h.click("inspector/manifest/open-file"));
    CHECK(h.platform.asked_for.find(".yaml") != std::string::npos);
}

TEST_CASE("find and replace") {
    Harness h;
    open_editor(h);
    replace_text(h, "app: a\nname: app\napp: b\n");
    h.key(ImGuiKey_H, ImGuiMod_Ctrl);
    h.frames(3);
    h.type("app");
    CHECK(h.click("inspector/manifest/replace-text"));
    h.type("tier");
    CHECK(h.click("inspector/manifest/replace-all"));
    CHECK(text(h) == "tier: a\nname: tier\ntier: b\n");
    // One step back.
    CHECK(h.click("inspector/manifest/undo"));
    CHECK(text(h) == "app: a\nname: app\napp: b\n");
}

TEST_CASE("comments are put on and taken off lines, Ctrl+S applies") {
    Harness h;
    open_editor(h);
    h.state.model.problems.clear();
    replace_text(h, "a: 1\n  b: 2\n");
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.key(ImGuiKey_Slash, ImGuiMod_Ctrl);
    CHECK(text(h) == "# a: 1\n  # b: 2\n");
    h.key(ImGuiKey_Slash, ImGuiMod_Ctrl);
    CHECK(text(h) == "a: 1\n  b: 2\n");
    h.key(ImGuiKey_S, ImGuiMod_Ctrl);
    REQUIRE(h.last(ActionKind::apply_manifest));
    CHECK(h.last(ActionKind::apply_manifest)->text == "a: 1\n  b: 2\n");
}

TEST_CASE("hints and warnings do not stand in the way of Apply, mistakes do") {
    Harness h;
    open_editor(h);
    replace_text(h, "kind: Service\n");
    h.frames(40);
    h.state.model.problems.clear();
    h.state.model.hints = {{"selector_near_miss", {"app=cart", "app=carts", "Deployment carts"}, 1, 1, 0}};
    h.frames(3);
    CHECK(h.has("inspector/manifest/next-problem"));
    CHECK(h.click("inspector/manifest/apply"));
    CHECK(h.last(ActionKind::apply_manifest));
    // The mirror tells the hint to those who do not see it.
    ++h.state.model.revision;
    h.frames(3);
    CHECK(h.platform.mirrored[app::MirrorPart::selection].find("one letter off") != std::string::npos);
}

TEST_CASE("what applying would change: lines, and three ways") {
    Harness h;
    open_editor(h);
    h.backend->comparison.object = "services/carts";
    h.backend->comparison.lines = {{' ', "spec:"}, {'-', "  replicas: 1"}, {'+', "  replicas: 2"}};
    h.backend->comparison.fields = {{"spec.replicas", "1", "5", "2", cluster::FieldEffect::set}};
    CHECK(h.click("inspector/manifest/mode/diff"));
    CHECK(h.has("manifest/comparison"));
    CHECK(h.click("inspector/manifest/mode/three-ways"));
    h.frames(3);
    CHECK(h.click("inspector/manifest/mode/edit"));
    CHECK(h.has("inspector/manifest/editor"));
}

TEST_CASE("a paste with a mistake far down is scrolled to") {
    Harness h;
    open_editor(h);
    std::string lines;
    for (int i = 0; i < 400; ++i) lines += "key" + std::to_string(i) + ": 1\n";
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.platform.clipboard_text = lines;
    h.key(ImGuiKey_V, ImGuiMod_Ctrl);
    h.frames(10);
    h.state.model.problems = {{Error{"Invalid", "wrong", "key3", 4, 1}, 0}};
    h.frames(60);
    // The line with the mistake is in sight: a click on it puts the caret there.
    const ui::Item* editor = h.interface.items().find("inspector/manifest/editor");
    REQUIRE(editor);
    bool found = false;
    for (ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
        if (std::string_view(window->Name).find(".editor") != std::string_view::npos && window->ScrollMax.y > 1000) found = window->Scroll.y < 200;
    CHECK(found);
}

TEST_CASE("messages in Chinese break between characters, never inside one") {
    Harness h;
    open_editor(h);
    h.state.set_language("zh-CN");
    replace_text(h, "kind: Service\n");
    h.frames(40);
    h.state.model.problems.clear();
    h.state.model.hints = {{"selector_matches_nothing", {"app=web", "default"}, 1, 1, 0}};
    for (float width : {270.0f, 301.0f, 333.0f, 380.0f}) {
        h.state.settings.layout.right = width;
        h.state.wanted_picture = app::Picture::none;
        h.frames(4);
        // What stands in the editor as text, row by row.
        ui::SvgRecorder recorder;
        recorder.begin();
        h.frames(1);
        std::string drawn;
        for (const std::string& text : recorder.words()) drawn += text + "\n";
        CHECK(drawn.find("命名空间") != std::string::npos);
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            std::size_t length = ui::character_length(std::string_view(drawn).substr(i));
            CHECK((static_cast<unsigned char>(drawn[i]) < 0x80 || length > 1));
            i += length - 1;
        }
    }
}

TEST_CASE("a message of several lines has its lines below one another") {
    Harness h;
    open_editor(h);
    replace_text(h, "kind: Dep\n");
    CHECK(text(h) == "kind: Dep\n");
    cluster::ManifestProblem problem;
    problem.error.message = "no matches for kind\nensure CRDs are installed first";
    problem.error.line = 1;
    h.state.model.problems = {problem};
    h.state.model.checked_text = "kind: Dep\n";
    h.frames(3);
    struct Rows : ui::TextSink {
        void text(const ImDrawList*, int, int, ui::Vec baseline, float, const ui::TextStyle&, std::string_view text) override {
            if (text.find('\n') != std::string_view::npos) ++broken;
            if (text.starts_with("no matches")) first = baseline.y;
            if (text.starts_with("ensure CRDs")) second = baseline.y;
        }
        int broken = 0;
        float first = 0, second = 0;
    } rows;
    ui::set_text_sink(&rows);
    h.frames(1);
    ui::set_text_sink(nullptr);
    CHECK(rows.broken == 0);
    CHECK(rows.first > 0);
    CHECK(rows.second > rows.first + 10);
}

TEST_CASE("in the find bar Ctrl+H opens Replace, and Escape leads back to the text") {
    Harness h;
    open_editor(h);
    replace_text(h, "kind: Pod\n");
    h.key(ImGuiKey_F, ImGuiMod_Ctrl);
    h.type("Pod");
    CHECK_FALSE(h.has("inspector/manifest/replace-text"));
    h.key(ImGuiKey_H, ImGuiMod_Ctrl);
    CHECK(h.has("inspector/manifest/replace-text"));
    h.key(ImGuiKey_Escape);
    h.frames(3);
    CHECK_FALSE(h.has("inspector/manifest/find-text"));
    h.key(ImGuiKey_End, ImGuiMod_Ctrl);
    h.type("# back");
    CHECK(text(h).ends_with("# back"));
}

TEST_CASE("what is still missing is one quiet remark, and what would follow from it waits") {
    using Nature = cluster::ManifestProblem::Nature;
    Harness h;
    open_editor(h);
    replace_text(h, "apiVersion: apps/v1\nkind: Deployment\n");
    CHECK(text(h).starts_with("apiVersion"));
    h.state.model.problems = {{Error{"FieldValueRequired", "metadata.name: Required value", "metadata.name", 1, 1}, 0, Nature::missing},
                              {Error{"FieldValueRequired", "spec.selector: Required value", "spec.selector", 1, 1}, 0, Nature::missing},
                              {Error{"FieldValueInvalid", "does not match template", "spec.template.metadata.labels", 1, 1}, 0, Nature::follows}};
    h.state.model.checked_text = "apiVersion: apps/v1\nkind: Deployment\n";
    h.frames(3);
    ui::SvgRecorder recorder;
    recorder.begin();
    h.frames(1);
    std::string drawn;
    for (const std::string& word : recorder.words()) drawn += word + "\n";
    const std::size_t said = drawn.find("still missing: metadata.name,");
    REQUIRE(said != std::string::npos);
    CHECK(drawn.find("spec.selector", said) != std::string::npos);
    CHECK(drawn.find("Not complete yet") != std::string::npos);
    CHECK(drawn.find("Required value") == std::string::npos);
    CHECK(drawn.find("does not match") == std::string::npos);
    h.click("inspector/manifest/apply");
    CHECK_FALSE(h.last(ActionKind::apply_manifest));
}
