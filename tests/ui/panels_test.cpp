#include <cmath>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "tests/ui/harness.h"
#include "web/ui/imgui.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

TEST_CASE("every panel draws, in both themes and languages") {
    Harness h;
    for (const char* language : {"en", "zh-CN"})
        for (auto theme : {app::ThemeChoice::dark, app::ThemeChoice::light})
            for (const char* view : {"architecture", "cluster", "traffic", "dns"}) {
                h.state.set_language(language);
                h.state.settings.theme = theme;
                h.frames(2);
                CHECK(h.click(std::string("view/tabs/") + view));
                for (const char* tab : {"hops", "cause", "manifest", "describe", "iptables"})
                    if (h.has(std::string("inspector/tabs/") + tab)) CHECK(h.click(std::string("inspector/tabs/") + tab));
                for (const char* tab : {"events", "api-calls", "terminal"}) CHECK(h.click(std::string("bottom/tabs/") + tab));
            }
}

TEST_CASE("widget paths do not depend on the language") {
    Harness h;
    auto paths = [&] {
        std::vector<std::string> out;
        // How many tabs find room beside "more" does depend on the length of their words.
        for (const ui::Item& item : h.interface.items().items())
            if (!item.path.starts_with("inspector/tabs/")) out.push_back(item.path);
        return out;
    };
    auto english = paths();
    h.state.set_language("zh-CN");
    h.frames(3);
    const auto chinese = paths();
    CHECK(english.size() == chinese.size());
    for (std::size_t i = 0; i < std::min(english.size(), chinese.size()); ++i) CHECK(english[i] == chinese[i]);
}

TEST_CASE("top bar: language, theme and mode") {
    Harness h;
    CHECK(h.click("topbar/language"));
    CHECK(h.state.settings.language == "zh-CN");
    CHECK(h.click("topbar/theme"));
    CHECK(h.state.settings.theme == app::ThemeChoice::light);
    CHECK(h.click("topbar/sandbox"));
    CHECK(h.has("left/objects/search"));
    // What was chosen is kept for the next visit.
    CHECK(h.platform.kept["kubewalk.settings"].find("zh-CN") != std::string::npos);
}

TEST_CASE("time: play, pause, steps, scrubber") {
    Harness h;
    CHECK(h.click("time/play"));
    CHECK(h.state.playing());
    Time before = h.state.model.now;
    h.frames(30);
    CHECK(h.state.model.now > before);
    CHECK(h.click("time/play"));
    CHECK_FALSE(h.state.playing());
    CHECK(h.click("time/forward"));
    CHECK(h.last(ActionKind::step_forward));
    CHECK(h.click("time/back"));
    CHECK(h.last(ActionKind::step_back));
    CHECK(h.click("time/scrubber"));
    REQUIRE(h.last(ActionKind::seek));
    CHECK(h.last(ActionKind::seek)->number == doctest::Approx(135).epsilon(0.05));
}

TEST_CASE("nothing moves: no frame is asked for") {
    Harness h;
    h.platform.still = true;
    h.state.model.lesson.highlight.clear();
    h.frames(200);
    CHECK_FALSE(h.interface.animating());
}

namespace {

// What one frame draws in each line of the left panel: its baseline, and the texts from left to right.
class Lines : public ui::TextSink {
public:
    explicit Lines(float right) : right_(right) {}
    void text(const ImDrawList*, int, int, ui::Vec baseline, float, const ui::TextStyle&, std::string_view text) override {
        if (baseline.x < right_) lines[std::lround(baseline.y)][baseline.x] = text;
    }
    std::map<long, std::map<float, std::string>> lines;

private:
    float right_;
};

}  // namespace

TEST_CASE("Chinese punctuation stays with the word it belongs to") {
    Harness h;
    for (int before = 1; before < 24; ++before) {
        std::string filling;
        for (int i = 0; i < before; ++i) filling += "字";
        h.state.model.lesson.body = filling + "，见 `kube-proxy`）。“好”（见 **此处**）。意思是“**我**”。又（`spec`），(`x`).";
        h.state.model.lesson.step = before;  // a step of its own: texts are read once a step
        h.frames(2);
        Lines drawn(h.interface.items().find("left/lesson/next")->box.Max.x);
        ui::set_text_sink(&drawn);
        h.frames(1);
        ui::set_text_sink(nullptr);
        for (const auto& [y, line] : drawn.lines) {
            for (const char* closing : {"，", "。", "）", "”"}) CHECK_FALSE(line.begin()->second.starts_with(closing));
            for (const char* opening : {"（", "“", "("}) CHECK_FALSE(line.rbegin()->second.ends_with(opening));
        }
    }
}

TEST_CASE("lesson: predict, tasks, steps") {
    Harness h;
    CHECK(h.click("left/lesson/body/cordon/yes"));
    REQUIRE(h.last(ActionKind::predict));
    CHECK(h.last(ActionKind::predict)->text == "cordon");
    CHECK(h.last(ActionKind::predict)->text2 == "yes");
    CHECK(h.click("left/lesson/next"));
    CHECK(h.last(ActionKind::lesson_step)->number == 3);
    CHECK(h.click("left/lesson/hint"));
    CHECK(h.platform.mirrored[app::MirrorPart::tasks].find("Done: Send a request") != std::string::npos);
}

TEST_CASE("traffic: hops are chosen, requests are sent") {
    Harness h;
    CHECK(h.click("view/tabs/traffic"));
    CHECK(h.click("inspector/hops/list/4"));
    CHECK(h.state.step == 3);
    CHECK(h.click("view/traffic/stage/node-2/cni0"));
    CHECK(h.state.step == 5);
    CHECK(h.click("view/traffic/url"));
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.type("http://192.168.122.13:30001/");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::send_request));
    CHECK(h.last(ActionKind::send_request)->text == "laptop");
    CHECK(h.last(ActionKind::send_request)->text2 == "http://192.168.122.13:30001/");
}

TEST_CASE("architecture: components and Pods are selected") {
    Harness h;
    CHECK(h.click("view/architecture/board/kube-apiserver"));
    CHECK(h.last(ActionKind::select_component)->text == "kube-apiserver");
    CHECK(h.click("view/architecture/board/pod/sock-shop/carts-666b98fdc4-x2p4q"));
    CHECK(h.last(ActionKind::select_object)->object == sim::ObjectRef{"pods", "sock-shop", "carts-666b98fdc4-x2p4q"});
}

TEST_CASE("terminal: typing, history, completion, here-documents, interrupt") {
    Harness h;
    CHECK(h.click("bottom/terminal/input"));
    h.type("kubectl ge");
    h.key(ImGuiKey_Tab);
    h.type("pods");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get pods");
    h.key(ImGuiKey_UpArrow);
    h.type(" -A");
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get pods -A");

    h.type("kubectl apply -f - <<EOF");
    h.key(ImGuiKey_Enter);
    h.type("kind: Pod");
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get pods -A");
    h.type("EOF");
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "kubectl apply -f - <<EOF\nkind: Pod\nEOF");

    h.platform.clipboard_text = "one\ntwo\nthree";
    h.key(ImGuiKey_V, ImGuiMod_Ctrl);
    CHECK(h.last(ActionKind::run_command)->text == "two");
    h.key(ImGuiKey_U, ImGuiMod_Ctrl);
    h.key(ImGuiKey_R, ImGuiMod_Ctrl);
    h.type("pods");
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get pods -A");
    h.backend->running = true;
    h.key(ImGuiKey_C, ImGuiMod_Ctrl);
    CHECK(h.last(ActionKind::interrupt));
}

TEST_CASE("manifest editor: typing is checked after a pause, Apply needs a clean text") {
    Harness h;
    CHECK(h.click("inspector/tabs/manifest"));
    CHECK(h.click("inspector/manifest/editor"));
    h.key(ImGuiKey_End, ImGuiMod_Ctrl);
    h.type("# 中文");
    // The text as it lives was looked at; what is typed has to rest first.
    h.backend->done.clear();
    h.frames(4);
    CHECK_FALSE(h.last(ActionKind::refresh_checks));
    h.frames(40);
    REQUIRE(h.last(ActionKind::refresh_checks));
    std::string text = h.last(ActionKind::refresh_checks)->text;
    CHECK(text.find("# 中文") != std::string::npos);
    h.click("inspector/manifest/apply");
    CHECK_FALSE(h.last(ActionKind::apply_manifest));  // the problem of line 12 is still there
    h.state.model.problems.clear();
    h.frames(2);
    CHECK(h.click("inspector/manifest/apply"));
    REQUIRE(h.last(ActionKind::apply_manifest));
    CHECK(h.last(ActionKind::apply_manifest)->text == text);
    CHECK(h.click("inspector/manifest/editor"));
    h.key(ImGuiKey_Z, ImGuiMod_Ctrl);
    h.frames(40);
    CHECK(h.last(ActionKind::refresh_checks)->text.find("中文") == std::string::npos);
}

TEST_CASE("layout: dividers drag, panels fold, both are remembered") {
    Harness h;
    float left = h.state.settings.layout.left;
    CHECK(h.drag("layout/divide-left", 40, 0));
    CHECK(h.state.settings.layout.left == doctest::Approx(left + 40));
    CHECK(h.click("layout/fold-right"));
    CHECK_FALSE(h.has("inspector/tabs/manifest"));
    CHECK(h.platform.kept["kubewalk.settings"].find("\"rightFolded\":true") != std::string::npos);
    CHECK(h.click("layout/fold-right"));
    CHECK(h.has("inspector/tabs/manifest"));
}

TEST_CASE("small windows keep everything reachable") {
    Harness h;
    for (auto [width, height] : {std::pair{1024.0f, 700.0f}, {844.0f, 390.0f}, {3840.0f, 2160.0f}}) {
        ImGui::GetIO().DisplaySize = ImVec2(width, height);
        h.frames(4);
        for (const char* path : {"topbar/language", "time/play", "view/tabs/dns", "layout/fold-left", "layout/fold-bottom"}) {
            const ui::Item* item = h.interface.items().find(path);
            REQUIRE_MESSAGE(item, path);
            CHECK(item->box.Max.x <= width);
            CHECK(item->box.Max.y <= height);
        }
    }
}
