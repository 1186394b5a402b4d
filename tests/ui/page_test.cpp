// What surrounds the panels: dialogs, the menu, presenter and embed mode, what the browser keeps, terminals.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "tests/ui/harness.h"
#include "web/app/address.h"
#include "web/app/scenarios.h"
#include "web/ui/html.h"
#include "web/ui/imgui.h"
#include "web/ui/terminal_paint.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

TEST_CASE("the course opens from the breadcrumb and from the keyboard; a lesson from the course") {
    Harness h;
    h.state.model.course = {{"a", "Part A", {{"what-stops", "What stops", 1, 3}, {"one-apply", "One apply", 2, 2}}}};
    h.frames(2);
    CHECK(h.click("topbar/where"));
    CHECK(h.has("panel/course"));
    CHECK(h.click("dialog/course/list/a/one-apply"));
    REQUIRE(h.last(ActionKind::open_lesson));
    CHECK(h.last(ActionKind::open_lesson)->text == "one-apply");
    h.frames(3);
    CHECK_FALSE(h.has("panel/course"));
    h.key(ImGuiKey_L);
    CHECK(h.has("panel/course"));
    h.key(ImGuiKey_Escape);
    h.frames(3);
    CHECK_FALSE(h.has("panel/course"));
}

TEST_CASE("the sandbox begins with a scenario") {
    Harness h;
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.click("topbar/menu/scenarios"));
    CHECK(h.click("dialog/scenarios/list/empty"));
    REQUIRE(h.last(ActionKind::start_scenario));
    CHECK(h.last(ActionKind::start_scenario)->text == "empty");
    CHECK(h.state.settings.mode == app::Mode::sandbox);
    // Every scenario has its words in both languages.
    for (const char* language : {"en", "zh-CN"}) {
        h.state.set_language(language);
        for (const app::Scenario& scenario : app::scenarios())
            for (const char* end : {"", ".about"}) CHECK(h.state.words.has("scenario." + std::string(scenario.id) + end));
    }
}

TEST_CASE("a lesson that is dropped while the sandbox is open is seen") {
    Harness h;
    h.backend->lesson = "mine";
    h.state.settings.mode = app::Mode::sandbox;
    h.state.settings.layout.left_folded = true;
    h.platform.given.push_back({"mine/", R"j({"lesson.json": "{\"start\": {\"scenario\": \"empty\"}, \"steps\": [{\"id\": \"s\"}]}", "text.en.md": "<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nB\n"})j"});
    h.frames(3);
    REQUIRE(h.last(ActionKind::open_lesson));
    CHECK(h.last(ActionKind::open_lesson)->text == "mine");
    CHECK(h.state.settings.mode == app::Mode::learn);
    CHECK(h.has("panel/lesson"));
    // One that is no lesson changes nothing.
    h.state.settings.mode = app::Mode::sandbox;
    h.platform.given.push_back({"mine/", R"j({"notes.txt": "x"})j"});
    h.frames(3);
    CHECK(h.state.settings.mode == app::Mode::sandbox);
}

TEST_CASE("clusters are kept by name, opened again and forgotten") {
    Harness h;
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.click("topbar/menu/clusters"));
    CHECK(h.click("dialog/clusters/name"));
    h.type("my cluster");
    h.key(ImGuiKey_Enter);
    CHECK(h.state.shelf.clusters() == std::vector<std::string>{"my cluster"});
    CHECK(h.state.shelf.cluster("my cluster") == "s=abc");
    CHECK(h.click("dialog/clusters/list/my cluster/open"));
    REQUIRE(h.last(ActionKind::open_cluster));
    CHECK(h.last(ActionKind::open_cluster)->text == "my cluster");
    h.state.shelf.forget("my cluster");
    CHECK(h.state.shelf.clusters().empty());
    CHECK(h.platform.kept.count("kubewalk.cluster.my cluster") == 0);
}

TEST_CASE("a new release is told of, can be put off, and waits in the menu") {
    Harness h;
    CHECK_FALSE(h.has("topbar/update/open"));
    h.platform.released = true;
    h.frames();
    // It stands in the bar and lies over nothing else.
    const ui::Item* chip = h.interface.items().find("topbar/update/open");
    REQUIRE(chip);
    CHECK(chip->box.Max.y <= 46);
    CHECK_FALSE(chip->box.Overlaps(h.interface.items().find("topbar/learn")->box));
    CHECK(h.click("topbar/update/open"));
    CHECK(h.click("topbar/update/later"));
    h.frames();
    CHECK_FALSE(h.has("topbar/update/open"));
    CHECK(h.platform.reloads == 0);
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.click("topbar/menu/update"));
    CHECK(h.platform.reloads == 1);
}

TEST_CASE("a full store is said once, and nothing is lost meanwhile") {
    Harness h;
    h.platform.full = true;
    CHECK(h.click("topbar/language"));
    CHECK(h.state.toast == h.state.words("store.full"));
    CHECK(h.state.settings.language == "zh-CN");
}

TEST_CASE("that nothing is kept is said when there is something to keep, and long enough to be read") {
    Harness h;
    h.platform.full = true;
    h.backend->progress = "{\"step\": 0}";
    h.frames(30);
    CHECK(h.state.toast.empty());  // a lesson that was only opened
    h.backend->progress = "{\"step\": 0, \"predictions\": {\"who\": \"api\"}}";
    h.frames(3);
    CHECK(h.state.toast == h.state.words("store.full"));
    h.platform.now_s += 5;
    h.frames(3);
    CHECK_FALSE(h.state.toast.empty());
    h.platform.now_s += 5;
    h.frames(3);
    CHECK(h.state.toast.empty());
}

TEST_CASE("all that is kept goes to a file and comes back from it") {
    std::string file;
    {
        Harness h;
        h.state.model.course = {{"a", "Part A", {{"what-stops", "What stops", 0, 3}}}};
        h.state.shelf.keep_progress("what-stops", "{\"step\":2}");
        h.state.shelf.keep("one", "s=one");
        h.state.shelf.keep("two", "s=two");
        CHECK(h.click("topbar/menu/open"));
        CHECK(h.click("topbar/menu/export"));
        file = h.platform.downloads["kubewalk.json"];
    }
    REQUIRE_FALSE(file.empty());

    Harness other;
    other.platform.given.push_back({"kubewalk.json", file});
    other.frames(3);
    CHECK(other.state.shelf.progress("what-stops") == "{\"step\":2}");
    CHECK(other.state.shelf.clusters() == std::vector<std::string>{"two", "one"});
    other.state.import_all("{\"kubewalk\":2}");
    CHECK(other.state.toast == other.state.words("import.wrong"));
    other.state.import_all("no json");
    CHECK(other.state.toast == other.state.words("import.wrong"));
}

TEST_CASE("presenter mode: larger, without hints, with the steps") {
    Harness h;
    h.state.model.lesson.outline = {{"First", "", {}, {}, 0}, {"Second", "", {}, {"do it"}, 1}, {"Third", "", {}, {}, 0}};
    h.frames(2);
    CHECK(h.has("left/lesson/hint"));
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.click("topbar/menu/present"));
    h.frames(3);
    CHECK(h.interface.zoom() > 1.2f);
    CHECK_FALSE(h.has("left/lesson/hint"));
    CHECK_FALSE(h.has("left/lesson/solution"));
    CHECK(h.click("left/lesson/body/steps/2"));
    REQUIRE(h.last(ActionKind::lesson_step));
    CHECK(h.last(ActionKind::lesson_step)->number == 1);
    h.key(ImGuiKey_Escape);
    CHECK_FALSE(h.state.presenting);
}

TEST_CASE("embed mode shows the canvas and the time, and keeps nothing") {
    Harness h;
    h.platform.address_text = "https://x/?embed&view=traffic&theme=light&lang=zh-CN";
    h.state.load();
    h.platform.kept.clear();
    h.frames(4);
    CHECK(h.has("view/tabs/dns"));
    CHECK(h.has("time/play"));
    for (const char* path : {"topbar/language", "left/lesson/next", "bottom/tabs/terminal", "layout/fold-left"}) CHECK_FALSE(h.has(path));
    CHECK(h.state.settings.view == app::View::traffic);
    CHECK(h.state.light());
    CHECK(h.state.settings.language == "zh-CN");
    CHECK(h.has("view/traffic/caption"));  // what the inspector would say
    CHECK(h.click("view/tabs/dns"));
    CHECK(h.platform.kept.empty());
    CHECK(h.click("time/whole-page"));
    CHECK(h.platform.opened == "https://x/?view=traffic&theme=light&lang=zh-CN");
}

TEST_CASE("the view that the address asks for stays in front of the one that the lesson would show") {
    {
        Harness h("?view=dns", "cluster");
        CHECK(h.state.settings.view == app::View::dns);
        ++h.state.model.lesson.step;
        h.frames(3);
        CHECK(h.state.settings.view == app::View::cluster);
    }
    Harness plain({}, "cluster");
    CHECK(plain.state.settings.view == app::View::cluster);
}

TEST_CASE("addresses: what is not understood is passed over") {
    app::Address one = app::parse_address("https://x/kubewalk/?embed=0&present&view=dns&scenario=empty", "lesson=dns-names&step=3");
    CHECK_FALSE(one.embed);
    CHECK(one.present);
    CHECK(one.view == app::View::dns);
    CHECK(one.scenario == "empty");
    CHECK(one.lesson == "dns-names");
    CHECK(one.step == 3);
    app::Address two = app::parse_address("https://x/?view=secrets&step=x&theme=pink&unknown", "s=abc&view=traffic");
    CHECK(two.view == app::View::traffic);
    CHECK(two.theme.empty());
    CHECK(two.shared == "s=abc");
    CHECK(app::parse_address("https://x/?from=pod%2Fsock-shop%2Fcarts&to=http%3A%2F%2Fcatalogue%2F", "").to == "http://catalogue/");
    CHECK(app::parse_address("https://x/?lesson=" + std::string(5000, 'a'), "").lesson.empty());
    CHECK(app::without_query("https://x/?a#b") == "https://x/");
}

TEST_CASE("playing until the cluster rests ends after ten minutes when it never does") {
    Harness h;
    h.backend->at_rest = false;  // an image that cannot be pulled is tried for ever
    h.state.settings.speed = 100;
    const Time begun = h.state.model.now;
    h.state.queue(ActionKind::settle);
    h.frames(3);
    CHECK(h.state.play == app::Play::until_settled);
    for (int i = 0; i < 2000 && h.state.play != app::Play::paused; ++i) h.frames(10);
    CHECK(h.state.play == app::Play::paused);
    CHECK(h.state.model.now - begun >= minutes(10));
    CHECK(h.state.model.now - begun < minutes(11));
}

TEST_CASE("why there is no cluster stands on the canvas, with a way on") {
    Harness h;
    h.state.model.failure = "unknown scenario \"x\"";
    ++h.state.model.revision;
    h.frames(3);
    REQUIRE(h.has("view/failure"));
    CHECK(h.interface.items().find("view/failure")->label.find("unknown scenario") != std::string::npos);
    CHECK(h.click("view/failure-other"));
    CHECK(h.has("panel/scenarios"));
}

TEST_CASE("keys that work everywhere leave text alone") {
    Harness h;
    h.key(ImGuiKey_3);
    CHECK(h.state.settings.view == app::View::traffic);
    h.key(ImGuiKey_P);
    CHECK(h.state.playing());
    h.key(ImGuiKey_P);
    CHECK_FALSE(h.state.playing());
    h.key(ImGuiKey_Period);
    CHECK(h.last(ActionKind::step_forward));
    h.key(ImGuiKey_Slash, ImGuiMod_Shift);
    CHECK(h.has("panel/shortcuts"));
    h.key(ImGuiKey_Escape);
    h.frames(3);
    h.key(ImGuiKey_T);
    h.frames(3);
    h.key(ImGuiKey_1);  // belongs to the terminal now
    CHECK(h.state.settings.view == app::View::traffic);
    h.type("echo");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "echo");
}

TEST_CASE("a view is saved as pixels and as lines") {
    Harness h;
    CHECK(h.click("view/tabs/architecture"));
    CHECK(h.click("topbar/menu/open"));
    CHECK(h.click("topbar/menu/drawing"));
    h.frames(3);
    const std::string& svg = h.platform.downloads["kubewalk-architecture.svg"];
    REQUIRE_FALSE(svg.empty());
    CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(svg.find(">kube-apiserver</text>") != std::string::npos);
    CHECK(svg.find("<path fill=\"#") != std::string::npos);
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("nan") == std::string::npos);
    // Sharp shapes, none of the soft edges that a screen's are given: those would be thousands of slivers.
    CHECK(svg.find("fill-opacity=\"0.333\"") == std::string::npos);
    // The next frame is soft again.
    CHECK(ImGui::GetStyle().AntiAliasedFill);
}

TEST_CASE("a lesson goes on paper: all steps, their tasks, no solutions; nothing but text") {
    Harness h;
    h.state.model.lesson.outline = {{"First <b>", "See `kubectl get pods`.", {{"Who **starts** it?", {"the kubelet", "kubectl"}}}, {"Do *this*"}, 0}, {"Second", "**Bold**\n\n- a\n- b", {}, {}, 0}};
    h.state.wants_print = true;
    h.frames(3);
    const std::string& html = h.platform.mirrored[app::MirrorPart::print];
    CHECK(html.find("<h2>1. First &lt;b&gt;</h2>") != std::string::npos);
    CHECK(html.find("<code>kubectl get pods</code>") != std::string::npos);
    CHECK(html.find("<ul><li>a</li><li>b</li></ul>") != std::string::npos);
    CHECK(html.find("<strong>Bold</strong>") != std::string::npos);
    // The question and what could be answered, not which answer is right.
    CHECK(html.find("Predict first.</strong> Who <strong>starts</strong> it?") != std::string::npos);
    CHECK(html.find("<ul class=\"choices\"><li><p>the kubelet</p></li><li><p>kubectl</p></li></ul>") != std::string::npos);
    CHECK(ui::html_of(ui::parse_markdown("<script>alert(1)</script> <img src=x onerror=y>")).find('<' + std::string("script")) == std::string::npos);
}

TEST_CASE("the twin of the canvas has every control as a button") {
    Harness h;
    h.frames(60);
    std::string controls = h.platform.mirrored[app::MirrorPart::controls];
    auto list = api::parse_json(controls);
    REQUIRE(list.ok());
    CHECK(list.value().size() > 10);
    CHECK(controls.find("topbar/theme") != std::string::npos);
    h.interface.press_item("topbar/theme");
    h.frames(4);
    CHECK(h.state.settings.theme == app::ThemeChoice::light);
}

TEST_CASE("terminals: a second one, its own lines, colours on and off") {
    Harness h;
    REQUIRE(h.click("bottom/tabs/terminal"));
    CHECK(h.click("bottom/terminal/tabs/new"));
    REQUIRE(h.last(ActionKind::show_terminal));
    CHECK(h.last(ActionKind::show_terminal)->number == 1);
    h.frames(3);
    h.type("kubectl get pods -w");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->number == 1);
    CHECK(h.click("bottom/terminal/tabs/1"));
    CHECK(h.state.model.terminal == 0);
    CHECK(h.click("bottom/terminal/tabs/colours"));
    CHECK_FALSE(h.state.settings.terminal_colours);
    CHECK(h.platform.kept["kubewalk.settings"].find("\"terminalColours\":false") != std::string::npos);
}

TEST_CASE("what is printed is painted by meaning") {
    const ui::Theme& theme = ui::theme_dark();
    std::vector<ui::CodeSpan> spans;
    ui::paint_output(theme, "kubectl get pods", "NAME   READY   STATUS", spans);
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].end == 21);
    spans.clear();
    ui::paint_output(theme, "kubectl get pods", "web   0/1   CrashLoopBackOff", spans);
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].color == theme.amber_text);
    CHECK(spans[1].color == theme.rose_text);
    spans.clear();
    ui::paint_output(theme, "kubectl get pods", "web   1/1   Running", spans);
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].color == theme.green);
    spans.clear();
    ui::paint_output(theme, "kubectl get nodes", "node-1   NotReady   <none>", spans);
    REQUIRE(spans.size() == 1);  // to have no role is no reason to worry
    CHECK(spans[0].color == theme.amber_text);
}

TEST_CASE("ten thousand lines are drawn as quickly as ten") {
    Harness h;
    REQUIRE(h.click("bottom/tabs/terminal"));
    cluster::TranscriptEntry entry;
    entry.command = "kubectl get pods -A";
    for (int i = 0; i < 10'000; ++i) entry.result.out += "default   web-" + std::to_string(i) + "   1/1   Running   0   5m\n";
    h.state.model.transcript = {entry};
    ++h.state.model.transcript_version;
    h.frames(4);
    // The end is in sight, and only what is in sight became triangles.
    int vertices = 0;
    for (int list = 0; list < ImGui::GetDrawData()->CmdListsCount; ++list) vertices += ImGui::GetDrawData()->CmdLists[list]->VtxBuffer.Size;
    CHECK(vertices < 200'000);
}
