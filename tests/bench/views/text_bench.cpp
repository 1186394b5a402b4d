// Much text on a real cluster's page: typing in a manifest of 2,000 lines, scrolling 10,000 lines of the terminal.

#include <chrono>

#include "tests/bench/views/measure.h"
#include "web/app/session_backend.h"

using namespace kubewalk;
using views_bench::measure;
using views_bench::print;

namespace {

// The page as a learner has it: the demonstration's words, a cluster behind it.
void give_cluster(ui_tests::Harness& harness) {
    harness.backend = nullptr;
    harness.platform.clock = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
    harness.state.set_backend(app::make_session_backend(harness.platform));
    harness.state.queue(app::ActionKind::start_scenario, "empty");
    harness.frames(10);
}

// 61 Deployments of 33 lines each.
std::string long_manifest() {
    std::string text;
    for (int i = 0; i < 61; ++i) {
        std::string name = "app-" + std::to_string(i);
        text += "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name + "\n  labels:\n    app: " + name +
                "\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: " + name +
                "\n  template:\n    metadata:\n      labels:\n        app: " + name +
                "\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.29  # the server\n        ports:\n"
                "        - containerPort: 80\n          protocol: TCP\n        readinessProbe:\n          httpGet:\n"
                "            path: /\n            port: 80\n        resources:\n          requests:\n            cpu: 10m\n"
                "            memory: 16Mi\n          limits:\n            memory: 64Mi\n---\n";
    }
    return text;
}

ImVec2 middle_of(ui_tests::Harness& harness, std::string_view path) {
    const ui::Item* item = harness.interface.items().find(path);
    if (!item) std::printf("%s is not in sight\n", std::string(path).c_str());
    return item ? item->box.GetCenter() : ImVec2(700, 450);
}

}  // namespace

void views_bench::editor() {
    ui_tests::Harness harness;
    give_cluster(harness);
    for (const char* path : {"inspector/tabs/manifest", "inspector/manifest/new/open", "inspector/manifest/new/empty", "inspector/manifest/editor"})
        if (!harness.click(path)) std::printf("%s is not in sight\n", path);
    harness.key(ImGuiKey_A, ImGuiMod_Ctrl);
    harness.platform.clipboard_text = long_manifest();
    harness.key(ImGuiKey_V, ImGuiMod_Ctrl);
    harness.frames(120);
    for (int i = 0; i < 40; ++i) harness.key(ImGuiKey_PageUp);
    harness.key(ImGuiKey_End);
    ImGuiIO& io = ImGui::GetIO();
    print("editor, 2,000 lines: a letter with every frame", measure(harness, 120, [&](int i) { io.AddInputCharacter(static_cast<unsigned>('a' + i % 26)); }));
    print("editor, 2,000 lines: a letter, and the pause until checked", measure(harness, 400, [&](int i) {
        if (i == 0) io.AddInputCharacter('x');
    }));
    ImVec2 middle = middle_of(harness, "inspector/manifest/editor");
    io.AddMousePosEvent(middle.x, middle.y);
    print("editor, 2,000 lines: scrolling", measure(harness, 120, [&](int) { io.AddMouseWheelEvent(0, -1.5f); }));
}

void views_bench::terminal() {
    ui_tests::Harness harness;
    give_cluster(harness);
    harness.state.queue(app::ActionKind::run_command, "for i in $(seq 10000); do echo line $i of a long output; done");
    print("terminal: 10,000 lines arrive", measure(harness, 60, [](int) {}));
    ImVec2 middle = middle_of(harness, "panel/terminal");
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(middle.x, middle.y);
    harness.frames(2);
    print("terminal, 10,000 lines: scrolling up", measure(harness, 120, [&](int) { io.AddMouseWheelEvent(0, 3.0f); }));
    print("terminal, 10,000 lines: typing a command", measure(harness, 60, [&](int i) { io.AddInputCharacter(static_cast<unsigned>('a' + i % 26)); }));
}
