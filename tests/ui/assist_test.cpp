// What helps a learner along: suggestions and field texts in the editor, names that can be clicked in the
// terminal, signs where the model is simpler than life.

#include <doctest/doctest.h>

#include <kubewalk/embedded.h>

#include <set>

#include "tests/ui/harness.h"
#include "web/ui/imgui.h"
#include "web/ui/panel.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

void open_editor(Harness& h) {
    REQUIRE(h.click("inspector/tabs/manifest"));
    REQUIRE(h.click("inspector/manifest/editor"));
    h.key(ImGuiKey_End, ImGuiMod_Ctrl);
    h.key(ImGuiKey_Enter);
}

std::string checked_text(Harness& h) {
    h.frames(40);
    const app::Action* action = h.last(ActionKind::refresh_checks);
    return action ? action->text : std::string();
}

}  // namespace

TEST_CASE("editor: suggestions while typing, taken by key or by mouse") {
    Harness h;
    open_editor(h);
    h.type("re");
    REQUIRE(h.has("editor/suggestion/replicas"));
    h.key(ImGuiKey_DownArrow);
    h.key(ImGuiKey_Enter);
    CHECK_FALSE(h.has("editor/suggestion/replicas"));
    CHECK(checked_text(h).find("\nrevisionHistoryLimit: ") != std::string::npos);

    h.key(ImGuiKey_Enter);
    h.type("re");
    REQUIRE(h.has("editor/suggestion/replicas"));
    CHECK(h.click("editor/suggestion/replicas"));
    CHECK(checked_text(h).find("  replicas: ") != std::string::npos);
    // The editor still has the keys.
    h.type("3");
    CHECK(checked_text(h).find("  replicas: 3") != std::string::npos);
}

TEST_CASE("editor: Escape closes the list and nothing else, Ctrl+Space opens it") {
    Harness h;
    open_editor(h);
    h.type("re");
    h.key(ImGuiKey_Escape);
    CHECK_FALSE(h.has("editor/suggestion/replicas"));
    h.type("x");
    CHECK(checked_text(h).find("\nrex") != std::string::npos);
    h.key(ImGuiKey_Space, ImGuiMod_Ctrl);
    CHECK(h.has("editor/suggestion/replicas"));
    h.key(ImGuiKey_Escape);
    h.key(ImGuiKey_Escape);  // now the focus goes
    h.type("y");
    CHECK(checked_text(h).find("\nrexy") == std::string::npos);
}

TEST_CASE("editor: the mouse on a key shows what it means") {
    Harness h;
    open_editor(h);
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.type("kind: Pod");
    const ui::Item* editor = h.interface.items().find("inspector/manifest/editor");
    REQUIRE(editor);
    if (!editor) return;
    // The second letter of the first line, behind the line numbers.
    ImGui::GetIO().AddMousePosEvent(editor->box.Min.x + 46, editor->box.Min.y + 20);
    h.frames(50);
    REQUIRE(h.has("editor/field-help"));
    if (const ui::Item* card = h.interface.items().find("editor/field-help")) CHECK(card->label == "kind");
    ImGui::GetIO().AddMousePosEvent(editor->box.Max.x - 40, editor->box.Max.y - 40);
    h.frames(4);
    CHECK_FALSE(h.has("editor/field-help"));
}

TEST_CASE("editor: text that comes to lie below a mouse at rest explains nothing") {
    Harness h;
    open_editor(h);
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    const ui::Item* editor = h.interface.items().find("inspector/manifest/editor");
    REQUIRE(editor);
    if (!editor) return;
    ImGui::GetIO().AddMousePosEvent(editor->box.Min.x + 46, editor->box.Min.y + 20);
    h.frames(3);
    h.type("kind: Pod");
    h.frames(80);
    CHECK_FALSE(h.has("editor/field-help"));
    ImGui::GetIO().AddMousePosEvent(editor->box.Min.x + 48, editor->box.Min.y + 20);
    h.frames(50);
    CHECK(h.has("editor/field-help"));
}

TEST_CASE("terminal: a name opens the inspector") {
    Harness h;
    REQUIRE(h.click("bottom/tabs/terminal"));
    h.state.model.transcript.clear();
    cluster::TranscriptEntry entry;
    entry.command = "kubectl get pods";
    entry.result.out = "carts-666b98fdc4-x2p4q   1/1   Running\n";
    h.state.model.transcript.push_back(entry);
    ++h.state.model.revision;
    ++h.state.model.transcript_version;
    h.frames(4);
    const ui::Item* input = h.interface.items().find("bottom/terminal/input");
    REQUIRE(input);
    if (!input) return;
    ImVec2 line(input->box.Min.x + 40, input->box.Min.y + 32);
    ImGui::GetIO().AddMousePosEvent(line.x, line.y);
    h.frames(3);
    REQUIRE(h.has("terminal/link"));
    CHECK(h.click("terminal/link"));
    REQUIRE(h.last(ActionKind::select_object));
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"pods", "sock-shop", "carts-666b98fdc4-x2p4q"});
    // Words that name nothing are no links.
    ImGui::GetIO().AddMousePosEvent(line.x + 280, line.y);
    h.frames(3);
    CHECK_FALSE(h.has("terminal/link"));
}

TEST_CASE("every simplification is told in both languages and has its place on the page") {
    auto all = app::parse_simplifications(embedded::find("assets/simplifications.json"));
    REQUIRE(all.size() > 5);
    std::set<std::string, std::less<>> panels, ids;
    for (const ui::PanelEntry& entry : ui::panel_table()) panels.insert(entry.id);
    for (const app::Simplification& one : all) {
        INFO(one.id);
        CHECK(ids.insert(one.id).second);
        CHECK(one.text.count("en") == 1);
        CHECK(one.text.count("zh-CN") == 1);
        CHECK_FALSE(one.upstream.empty());
        CHECK_FALSE(one.where.empty());
        for (const std::string& place : one.where) CHECK_MESSAGE(panels.count(place) == 1, place);
    }
}

TEST_CASE("the sign stands where a panel is simpler than life, and says how") {
    Harness h;
    h.state.simplifications = {{"a", {{"en", "A `thing` is simpler."}, {"zh-CN", "简化。"}}, "kubernetes.io/docs", {"terminal"}}};
    h.frames(2);
    REQUIRE(h.click("bottom/tabs/terminal"));
    REQUIRE(h.has("bottom/simplified/open"));
    CHECK(h.click("bottom/simplified/open"));
    h.key(ImGuiKey_Escape);
    REQUIRE(h.click("bottom/tabs/events"));
    CHECK_FALSE(h.has("bottom/simplified/open"));
    CHECK(h.has("topbar/simplified/open"));
}

TEST_CASE("tabs that do not fit are behind one more button") {
    Harness h;
    h.state.settings.layout.right = 240;
    h.state.settings.view = app::View::traffic;
    h.frames(4);
    REQUIRE(h.has("inspector/tabs/more/open"));
    CHECK(h.click("inspector/tabs/more/open"));
    bool found = false;
    for (const char* tab : {"manifest", "describe", "iptables"})
        if (h.has(std::string("inspector/tabs/more/") + tab)) {
            found = h.click(std::string("inspector/tabs/more/") + tab);
            break;
        }
    CHECK(found);
}
