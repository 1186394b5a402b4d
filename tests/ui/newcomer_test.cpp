// What made people hesitate who saw the page for the first time (tests/browser/newcomer.md): it stays removed.

#include <doctest/doctest.h>

#include "tests/ui/harness.h"
#include "web/ui/imgui.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

// A window in which nothing is selected, sent or pointed at yet.
void begin(Harness& h, float width, float height) {
    ImGui::GetIO().DisplaySize = ImVec2(width, height);
    app::Model& model = h.state.model;
    model.inspected = {};
    model.requests.clear();
    model.request = -1;
    model.traffic = {};
    model.lesson.highlight.clear();
    ++model.revision;
}

}  // namespace

TEST_CASE("whoever types a command without clicking first means the terminal") {
    Harness h;
    h.key(ImGuiKey_K);
    h.frames(2);
    h.type("ubectl get nodes");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get nodes");
}

TEST_CASE("a letter that is a shortcut stays one") {
    Harness h;
    h.key(ImGuiKey_L);
    h.frames(2);
    CHECK(h.state.dialog == app::Dialog::course);
    h.key(ImGuiKey_K);
    h.frames(2);
    CHECK(h.state.dialog == app::Dialog::course);
    CHECK_FALSE(h.last(ActionKind::run_command));
}

TEST_CASE("clicks in the lesson leave the keyboard with the terminal") {
    Harness h;
    REQUIRE(h.click("bottom/terminal/input"));
    h.type("kubectl get ");
    REQUIRE(h.click("left/lesson/hint"));
    h.frames(2);
    h.type("nodes");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get nodes");
}

TEST_CASE("a narrow window keeps its room for the canvas until there is something to inspect") {
    Harness h;
    begin(h, 1024, 700);
    h.frames(4);
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
    const float before = h.interface.items().find("panel/architecture")->box.GetWidth();
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.state.model.inspected.exists = true;
    h.frames(3);
    CHECK(h.has("inspector/tabs/manifest"));
    CHECK(h.interface.items().find("panel/architecture")->box.GetWidth() < before);
    // It closes by hand, stays closed for the same thing, opens for the next one; nothing of that is remembered.
    CHECK(h.click("layout/fold-right"));
    h.frames(3);
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
    h.state.model.inspected.object.name = "carts-db-7d8b9c5f4-mm2xt";
    h.frames(3);
    CHECK(h.has("inspector/tabs/manifest"));
    CHECK_FALSE(h.state.settings.layout.right_folded);
}

TEST_CASE("where there is room the inspector is there from the beginning") {
    Harness h;
    begin(h, 1440, 900);
    h.frames(4);
    CHECK(h.has("inspector/tabs/manifest"));
}

TEST_CASE("a lesson that points into the inspector opens it") {
    Harness h;
    begin(h, 1024, 700);
    h.state.model.lesson.highlight = "panel/hops";
    h.frames(4);
    CHECK(h.has("inspector/tabs/manifest"));
}

TEST_CASE("the time line begins where the learner does") {
    Harness h;
    h.state.model.began_at = Time{150'000'000'000};
    h.frames(2);
    REQUIRE(h.click("time/scrubber"));
    REQUIRE(h.last(ActionKind::seek));
    CHECK(h.last(ActionKind::seek)->number == doctest::Approx(210).epsilon(0.03));
    // Its left end is the very beginning: before the first thing that was done.
    const ui::Rect line = h.interface.items().find("time/scrubber")->box;
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(line.Min.x + 2, line.GetCenter().y);
    io.AddMouseButtonEvent(0, true);
    h.frames(2);
    io.AddMouseButtonEvent(0, false);
    h.frames(2);
    CHECK(h.last(ActionKind::seek)->number < 150);
}

TEST_CASE("another cluster begins at rest, however the last one was left") {
    Harness h;
    h.frames(2);
    REQUIRE(h.click("time/play"));
    CHECK(h.state.playing());
    ++h.state.model.session;
    h.frames(2);
    h.state.settings.view = app::View::dns;  // so that the backend is asked anew
    h.frames(2);
    CHECK_FALSE(h.state.playing());
}

TEST_CASE("DNS: the bar says what the lookup above it was, whoever made it") {
    Harness h;
    app::Model& model = h.state.model;
    REQUIRE(h.click("view/tabs/dns"));
    model.requests.push_back({"nslookup", std::make_shared<net::Trace>(), "pod/sock-shop/front-end-7d5b8f9c6-vz9lc"});
    model.search = {static_cast<int>(model.requests.size()) - 1, "pod/sock-shop/front-end-7d5b8f9c6-vz9lc", "orders", "search sock-shop.svc.cluster.local\noptions ndots:5\n"};
    model.lookups = {{"AAAA orders.sock-shop.svc.cluster.local.", "NOERROR", "10.96.0.10:53", "10.244.2.2:53", "pod/kube-system/coredns-76f75df574-5rpzq", net::Outcome::delivered, milliseconds(1), 0}};
    ++model.revision;
    h.frames(3);
    REQUIRE(h.click("view/dns/look-up"));
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "dig pod/sock-shop/front-end-7d5b8f9c6-vz9lc orders AAAA");
    // What is typed there afterwards is the learner's, until another lookup is shown.
    REQUIRE(h.click("view/dns/name"));
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.type("payment");
    h.frames(3);
    REQUIRE(h.click("view/dns/look-up"));
    CHECK(h.last(ActionKind::run_command)->text == "dig pod/sock-shop/front-end-7d5b8f9c6-vz9lc payment AAAA");
}

TEST_CASE("menus stay inside the window") {
    Harness h;
    ImGui::GetIO().DisplaySize = ImVec2(1440, 900);
    h.frames(3);
    REQUIRE(h.click("inspector/tabs/more/open"));
    h.frames(3);
    int choices = 0;
    for (const ui::Item& item : h.interface.items().items())
        if (item.path.starts_with("inspector/tabs/more/") && !item.path.ends_with("/open")) {
            ++choices;
            CHECK(item.box.Max.x <= 1440 - 8);
        }
    CHECK(choices > 0);
}

TEST_CASE("API calls: what kubelets ask every second is left out until it is asked for") {
    Harness h;
    h.state.model.api_calls.push_back({25, Time{192'500'000'000}, "anonymous", "GET", "/readyz", 200});
    REQUIRE(h.click("bottom/tabs/api-calls"));
    h.frames(3);
    CHECK_FALSE(h.has("bottom/api-calls/rows/4"));
    REQUIRE(h.click("bottom/api-calls/probes"));
    h.frames(3);
    CHECK(h.has("bottom/api-calls/rows/4"));
}

TEST_CASE("editor: what kubectl apply would remark waits until there is something to apply") {
    Harness h;
    REQUIRE(h.click("inspector/tabs/manifest"));
    h.frames(60);
    h.state.model.problems.clear();
    h.state.model.warnings = {"resource pods/web is missing an annotation"};
    h.frames(3);
    CHECK_FALSE(h.has("inspector/manifest/next-problem"));
}

TEST_CASE("terminals: their tabs stand beside the panel's tabs, and the shown one is always among them") {
    Harness h;
    ImGui::GetIO().DisplaySize = ImVec2(1024, 700);
    h.state.model.terminals = 8;
    h.state.model.terminal = 6;
    h.frames(4);
    const ui::Item* shown = h.interface.items().find("bottom/terminal/tabs/7");
    REQUIRE(shown);
    CHECK(shown->box.Max.y <= h.interface.items().find("panel/terminal")->box.Min.y);
    CHECK(h.has("bottom/terminal/tabs/8"));
    CHECK(h.has("bottom/tabs/terminal"));
}

TEST_CASE("what cannot be pressed says why when it is pointed at") {
    Harness h;
    begin(h, 1440, 900);
    h.frames(3);
    const ui::Item* next = h.interface.items().find("time/next-change");
    REQUIRE(next);
    if (!next) return;
    const ImVec2 middle = next->box.GetCenter();
    ImGui::GetIO().AddMousePosEvent(middle.x - 2, middle.y);
    h.frames(2);
    ImGui::GetIO().AddMousePosEvent(middle.x, middle.y);
    h.frames(80);
    const ui::Item* tip = h.interface.items().find("tooltip");
    REQUIRE(tip);
    if (tip) CHECK(tip->label == h.state.t("time.next_change.nothing"));
}

TEST_CASE("on a phone the inspector comes with what is chosen, and goes with it") {
    Harness h;
    begin(h, 844, 390);
    h.frames(4);
    CHECK(h.has("panel/lesson"));
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.state.model.inspected.exists = true;
    h.frames(3);
    CHECK(h.has("inspector/tabs/manifest"));
    CHECK_FALSE(h.has("panel/lesson"));
    h.state.model.inspected = {};
    h.frames(3);
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
    CHECK(h.has("panel/lesson"));
    // Closed by hand it stays closed for the same thing.
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.frames(3);
    CHECK(h.click("layout/fold-right"));
    h.frames(3);
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
}

TEST_CASE("on a phone what was chosen is described before its manifest is shown, until a tab is chosen by hand") {
    Harness h;
    begin(h, 844, 390);
    h.frames(4);
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.state.model.inspected.exists = true;
    h.frames(3);
    CHECK(h.state.inspector == app::InspectorTab::describe);
    CHECK(h.click("inspector/tabs/manifest"));
    h.state.model.inspected.object.name = "carts-db-7d8b9c5f4-mm2xt";
    h.frames(3);
    CHECK(h.state.inspector == app::InspectorTab::manifest);
}

TEST_CASE("a phone held upright has one column: the canvas, and below it one panel at a time") {
    Harness h;
    begin(h, 390, 844);
    h.frames(4);
    auto box = [&](std::string_view path) {
        const ui::Item* item = h.interface.items().find(path);
        return item ? item->box : ui::Rect();
    };
    const ui::Rect canvas = box("panel/architecture");
    CHECK(box("panel/lesson").GetWidth() == 390);
    CHECK(box("panel/lesson").Min.y > canvas.Max.y);
    CHECK(h.click("layout/fold-bottom"));
    h.frames(3);
    CHECK(h.has("bottom/terminal/input"));
    CHECK_FALSE(h.has("panel/lesson"));
    // What is chosen comes in the terminal's place and goes with the choice.
    h.state.model.inspected.object = {"pods", "sock-shop", "carts-666b98fdc4-x2p4q"};
    h.state.model.inspected.exists = true;
    h.frames(3);
    CHECK(h.has("panel/describe"));
    CHECK_FALSE(h.has("bottom/terminal/input"));
    h.state.model.inspected = {};
    h.frames(3);
    CHECK(h.has("bottom/terminal/input"));
    // The one that is open closes: all for the canvas.
    CHECK(h.click("layout/fold-bottom"));
    h.frames(3);
    CHECK(box("panel/architecture").GetHeight() > canvas.GetHeight() + 200);
    CHECK(h.click("layout/fold-left"));
    h.frames(3);
    CHECK(h.has("panel/lesson"));
    // Nothing hangs over the edges.
    for (const ui::Item& item : h.interface.items().items())
        if (item.visible && (item.path.starts_with("time/") || item.path.starts_with("topbar/") || item.path.starts_with("view/tabs/") || item.path.starts_with("left/lesson/"))) {
            CAPTURE(item.path);
            CHECK(item.box.Min.x >= 0);
            CHECK(item.box.Max.x <= 390);
        }
    // What the bar has no room for stands in the menu.
    CHECK_FALSE(h.has("topbar/share"));
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.has("topbar/menu/share"));
}

TEST_CASE("a command that goes on says how it is ended, one that is soon over does not") {
    Harness h;
    h.backend->running = true;
    h.frames();
    CHECK_FALSE(h.has("bottom/terminal/ends"));
    h.platform.now_s += 4;
    h.frames();
    CHECK(h.has("bottom/terminal/ends"));
    h.backend->running = false;
    h.frames();
    CHECK_FALSE(h.has("bottom/terminal/ends"));
}

TEST_CASE("a task below the fold is said at the lesson's foot, in its state, and leads there") {
    Harness h;
    begin(h, 1366, 768);
    app::LessonView& lesson = h.state.model.lesson;
    lesson.tasks = {{"nodes", "List the nodes", lesson::TaskState::open, "", {}}, {"pods", "List the Pods", lesson::TaskState::open, "", {}}};
    for (int i = 0; i < 12; ++i) lesson.body += "\n\nA paragraph that takes room and pushes the tasks out of sight.";
    h.frames(4);
    REQUIRE(h.has("left/lesson/body/strip/nodes"));
    const ui::Item* strip = h.interface.items().find("left/lesson/body/strip/nodes");
    CHECK(strip->box.Max.y <= h.interface.items().find("left/lesson/next")->box.Min.y);
    // What is done makes room for what is next.
    h.state.model.lesson.tasks[0].state = lesson::TaskState::done;
    h.frames(3);
    CHECK_FALSE(h.has("left/lesson/body/strip/nodes"));
    REQUIRE(h.click("left/lesson/body/strip/pods"));
    h.frames(3);
    CHECK_FALSE(h.has("left/lesson/body/strip/pods"));
    // In a window that shows the tasks there is none.
    ImGui::GetIO().DisplaySize = ImVec2(1366, 1600);
    h.frames(4);
    CHECK_FALSE(h.has("left/lesson/body/strip/pods"));
}
