// The terminal as a terminal: what is typed while a command runs, what Ctrl+C leaves in sight, a watch's screen, finding
// a word in the output, the keys of a Mac.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "tests/ui/harness.h"
#include "web/ui/imgui.h"

using namespace kubewalk;
using namespace kubewalk::ui_tests;
using app::ActionKind;

namespace {

// What one frame draws in the lines of the panel below, their coloured pieces put together.
class Texts : public ui::TextSink {
public:
    explicit Texts(const ui::Rect& area) : area_(area) {}
    void text(const ImDrawList*, int, int, ui::Vec baseline, float, const ui::TextStyle&, std::string_view text) override {
        if (area_.Contains(baseline)) lines[std::lround(baseline.y)] += text;
    }
    std::map<long, std::string> lines;

private:
    ui::Rect area_;
};

bool shows(Harness& h, std::string_view text) {
    Texts sink(h.interface.items().find("panel/terminal")->box);
    ui::set_text_sink(&sink);
    h.frames(1);
    ui::set_text_sink(nullptr);
    return std::any_of(sink.lines.begin(), sink.lines.end(), [&](const auto& line) { return line.second == text || line.second == cat("$", text); });
}

std::string numbered_lines(int count, std::string_view last = {}) {
    std::string out;
    for (int i = 1; i <= count; ++i) append(out, "line ", i, "\n");
    append(out, last);
    return out;
}

void print(Harness& h, std::string command, std::string out, bool finished = true) {
    cluster::TranscriptEntry entry;
    entry.command = std::move(command);
    entry.result.out = std::move(out);
    entry.finished = finished;
    h.state.model.transcript.push_back(std::move(entry));
    ++h.state.model.transcript_version;
    h.frames(3);
}

}  // namespace

TEST_CASE("what is typed while a command runs stays in sight, and Ctrl+C hands over what it throws away") {
    Harness h;
    h.backend->running = true;
    print(h, "kubectl get pods -w", "NAME  READY\n", false);
    h.state.model.typed_ahead = {"echo typed ahead"};
    CHECK(h.click("bottom/terminal/input"));
    CHECK(shows(h, "echo typed ahead"));
    h.type("half a li");
    h.key(ImGuiKey_C, ImGuiMod_Ctrl);
    REQUIRE(h.last(ActionKind::interrupt));
    CHECK(h.last(ActionKind::interrupt)->text == "half a li");
    CHECK_FALSE(shows(h, "half a li"));
}

TEST_CASE("Ctrl+C at the prompt leaves the line with ^C, as a shell does; turning time back takes it along") {
    Harness h;
    print(h, "kubectl version", "Client Version: v1.36.0\n");
    CHECK(h.click("bottom/terminal/input"));
    h.type("kubectl delete po");
    h.key(ImGuiKey_C, ImGuiMod_Ctrl);
    CHECK_FALSE(h.last(ActionKind::interrupt));
    CHECK(shows(h, "kubectl delete po^C"));
    h.state.model.transcript.clear();
    ++h.state.model.transcript_version;
    h.frames(3);
    CHECK_FALSE(shows(h, "kubectl delete po^C"));
}

TEST_CASE("a running watch shows its screen from the top, and how it ends stays in sight") {
    Harness h;
    h.backend->running = true;
    print(h, "watch kubectl get pods", "Every 2.0s: kubectl get pods\n\n" + numbered_lines(60), false);
    CHECK(h.click("bottom/terminal/input"));
    h.frames(240);
    CHECK(shows(h, "Every 2.0s: kubectl get pods"));
    const ui::Item* hint = h.interface.items().find("bottom/terminal/ends");
    REQUIRE(hint);
    CHECK(h.interface.items().find("panel/terminal")->box.Contains(hint->box));
    // It has ended: the prompt is what one wants to see.
    h.backend->running = false;
    h.state.model.transcript.back().finished = true;
    ++h.state.model.transcript_version;
    h.frames(4);
    CHECK_FALSE(shows(h, "Every 2.0s: kubectl get pods"));
    CHECK(shows(h, "line 60"));
}

TEST_CASE("Ctrl+F finds in what was printed, from the newest match upwards") {
    Harness h;
    print(h, "seq", numbered_lines(2000));
    CHECK(h.click("bottom/terminal/input"));
    h.key(ImGuiKey_F, ImGuiMod_Ctrl);
    h.type("LINE 77");
    h.frames(4);
    const auto count = [&] {
        const ui::Item* item = h.interface.items().find("bottom/terminal/find/count");
        return item ? item->label : std::string();
    };
    CHECK(count() == "11 of 11");  // 77 and 770 to 779
    CHECK(shows(h, "line 779"));
    h.key(ImGuiKey_Enter);
    CHECK(count() == "10 of 11");
    CHECK(h.click("bottom/terminal/find/next"));
    CHECK(count() == "11 of 11");
    CHECK(h.click("bottom/terminal/find/next"));  // round the end
    h.frames(4);
    CHECK(count() == "1 of 11");
    CHECK(shows(h, "line 77"));
    CHECK(h.click("bottom/terminal/find/text"));
    h.key(ImGuiKey_Escape);
    h.frames(4);
    CHECK_FALSE(h.has("bottom/terminal/find/text"));
    // The keyboard is the terminal's again.
    h.type("kubectl get nodes");
    h.key(ImGuiKey_Enter);
    REQUIRE(h.last(ActionKind::run_command));
    CHECK(h.last(ActionKind::run_command)->text == "kubectl get nodes");
    CHECK(h.click("bottom/terminal/tabs/find"));
    CHECK(h.has("bottom/terminal/find/text"));
}

TEST_CASE("on a Mac Ctrl is the shell's and Cmd the page's") {
    Harness h;
    ImGui::GetIO().ConfigMacOSXBehaviors = true;
    h.backend->running = true;
    print(h, "kubectl get pods -w", "NAME  READY\n", false);
    CHECK(h.click("bottom/terminal/input"));
    h.key(ImGuiKey_C, ImGuiMod_Super);  // Cmd+C without a selection: nothing to copy, nothing is interrupted
    CHECK_FALSE(h.last(ActionKind::interrupt));
    h.key(ImGuiKey_C, ImGuiMod_Ctrl);
    CHECK(h.last(ActionKind::interrupt));
    h.backend->running = false;
    h.type("one two");
    h.key(ImGuiKey_A, ImGuiMod_Ctrl);
    h.key(ImGuiKey_K, ImGuiMod_Ctrl);
    h.type("pwd");
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "pwd");
    h.platform.clipboard_text = "date";
    h.key(ImGuiKey_V, ImGuiMod_Super);
    h.key(ImGuiKey_Enter);
    CHECK(h.last(ActionKind::run_command)->text == "date");
    h.key(ImGuiKey_F, ImGuiMod_Super);
    CHECK(h.has("bottom/terminal/find/text"));
}
