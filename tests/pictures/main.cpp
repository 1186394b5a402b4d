// kubewalk_pictures: the interface on a real cluster, driven by steps and looked at without a window.
//
//   kubewalk_pictures [--size 1440x900] [--scale 1] [--theme light] [--lang zh-CN] [--still] [--nodes N --pods N] STEP...
//
// Steps, in order: at=ADDRESS (before all others, "?embed&view=traffic")  scenario=ID  lesson=SLUG
// walk=PREFIX (PREFIX-1a.png, PREFIX-1b.png, ...: each step of the lesson before and after its solution)  view=traffic  mode=sandbox
// hover=PATH  click=PATH  rightclick=PATH  type=TEXT  key=Enter  wheel=PATH,-3  wait=SECONDS  run=COMMAND  send=FROM URL
// select=RESOURCE/NAMESPACE/NAME  tab=describe  settle  items[=PREFIX]  shot=FILE.png

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "core/base/text.h"
#include "tests/pictures/raster.h"
#include "tests/ui/demo_model.h"
#include "web/app/session_backend.h"
#include "web/app/state.h"
#include "web/ui/interface.h"
#include "web/ui/panel.h"

namespace kubewalk::pictures {

namespace {

class Desk : public ui_tests::FakePlatform {
public:
    float device_scale() override { return scale; }
    bool prefers_light() override { return light; }
    std::string language() override { return tongue; }

    float scale = 1;
    bool light = false;
    std::string tongue = "en";
};

struct Size {
    float width = 1440, height = 900;
};

class Session {
public:
    Session(Desk& desk, Size size) : desk_(desk), size_(size), state_(desk) {
        ImGui::CreateContext();
        ImGuiIO& io = ImGui::GetIO();
        io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures | ImGuiBackendFlags_RendererHasVtxOffset;
        app::load_embedded_strings(state_.words);
        state_.load();
        state_.set_backend(app::make_session_backend(desk));
        interface_ = std::make_unique<ui::Interface>(state_);
        frames(6);
    }
    ~Session() {
        interface_.reset();
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
        ImGui::DestroyContext();
    }

    void frames(int count) {
        for (int i = 0; i < count; ++i) {
            resize();
            desk_.now_s += 1.0 / 60;
            ImGui::GetIO().DeltaTime = 1.0f / 60;
            interface_->prepare();
            ImGui::NewFrame();
            ImGui::GetDrawListSharedData()->InitialFringeScale = 1.0f / ImGui::GetIO().DisplayFramebufferScale.x;
            interface_->frame();
            ImGui::Render();
            take_textures();
        }
    }

    // False: the step's meaning is unknown or there is no such widget.
    bool take(std::string_view step);

private:
    // As the page does it: presenter mode draws larger.
    void resize() {
        ImGuiIO& io = ImGui::GetIO();
        const float zoom = interface_->zoom();
        io.DisplaySize = ImVec2(std::floor(size_.width / zoom), std::floor(size_.height / zoom));
        io.DisplayFramebufferScale = ImVec2(size_.width * desk_.scale / io.DisplaySize.x, size_.height * desk_.scale / io.DisplaySize.y);
    }
    bool click(std::string_view path, int button);
    void queue_object(std::string_view path);

    Desk& desk_;
    Size size_;
    app::State state_;
    std::unique_ptr<ui::Interface> interface_;
};

bool Session::click(std::string_view path, int button) {
    const ui::Item* item = interface_->items().find(path);
    if (!item) return false;
    ImVec2 at = item->box.GetCenter();
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(at.x, at.y);
    frames(2);
    io.AddMouseButtonEvent(button, true);
    frames(2);
    io.AddMouseButtonEvent(button, false);
    frames(3);
    return true;
}

void Session::queue_object(std::string_view path) {
    auto parts = split(path, '/');
    app::Action action;
    action.kind = app::ActionKind::select_object;
    if (parts.size() == 3) action.object = {std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
    state_.queue(std::move(action));
}

bool Session::take(std::string_view step) {
    std::size_t equals = step.find('=');
    std::string_view verb = step.substr(0, equals);
    std::string value(equals == std::string_view::npos ? std::string_view() : step.substr(equals + 1));
    ImGuiIO& io = ImGui::GetIO();
    if (verb == "view" || verb == "tab" || verb == "bottom") {
        for (const ui::PanelEntry& entry : ui::panel_table()) {
            if (value != entry.id) continue;
            if (entry.dock == ui::Dock::canvas) state_.settings.view = static_cast<app::View>(entry.value);
            if (entry.dock == ui::Dock::inspector) state_.inspector = static_cast<app::InspectorTab>(entry.value);
            if (entry.dock == ui::Dock::bottom) state_.bottom = static_cast<app::BottomTab>(entry.value);
        }
    } else if (verb == "mode") {
        state_.settings.mode = value == "sandbox" ? app::Mode::sandbox : app::Mode::learn;
    } else if (verb == "click" || verb == "rightclick") {
        return click(value, verb == "click" ? 0 : 1);
    } else if (verb == "hover") {
        const ui::Item* item = interface_->items().find(value);
        if (!item) return false;
        io.AddMousePosEvent(item->box.GetCenter().x - 3, item->box.GetCenter().y);
        frames(2);
        io.AddMousePosEvent(item->box.GetCenter().x, item->box.GetCenter().y);
    } else if (verb == "wheel") {
        std::size_t comma = value.rfind(',');
        const ui::Item* item = interface_->items().find(value.substr(0, comma));
        if (!item) return false;
        io.AddMousePosEvent(item->box.GetCenter().x, item->box.GetCenter().y);
        frames(2);
        io.AddMouseWheelEvent(0, std::strtof(value.c_str() + comma + 1, nullptr));
    } else if (verb == "type") {
        io.AddInputCharactersUTF8(value.c_str());
    } else if (verb == "key") {
        const std::map<std::string, ImGuiKey> keys = {{"Enter", ImGuiKey_Enter}, {"Tab", ImGuiKey_Tab}, {"Escape", ImGuiKey_Escape}, {"Down", ImGuiKey_DownArrow}};
        if (!keys.count(value)) return false;
        io.AddKeyEvent(keys.at(value), true);
        frames(2);
        io.AddKeyEvent(keys.at(value), false);
    } else if (verb == "wait") {
        frames(static_cast<int>(std::strtod(value.c_str(), nullptr) * 60));
    } else if (verb == "scenario") {
        state_.queue(app::ActionKind::start_scenario, value);
    } else if (verb == "run") {
        state_.queue(app::ActionKind::run_command, value);
    } else if (verb == "send") {
        std::size_t space = value.find(' ');
        state_.queue(app::ActionKind::send_request, value.substr(0, space), value.substr(space + 1));
    } else if (verb == "select") {
        queue_object(value);
    } else if (verb == "at") {
        desk_.address_text = cat("https://kubewalk.test/", value);
        state_.load();
    } else if (verb == "component") {
        state_.queue(app::ActionKind::select_component, value);
    } else if (verb == "settle") {
        state_.queue(app::ActionKind::settle);
        frames(3);
        for (int i = 0; i < 20'000 && state_.playing(); ++i) frames(1);
    } else if (verb == "items") {
        for (const ui::Item& item : interface_->items().items())
            if (item.path.rfind(value, 0) == 0)
                std::printf("%-60s %4.0f %4.0f %4.0f %4.0f  %s\n", item.path.c_str(), static_cast<double>(item.box.Min.x), static_cast<double>(item.box.Min.y),
                            static_cast<double>(item.box.GetWidth()), static_cast<double>(item.box.GetHeight()), item.label.c_str());
    } else if (verb == "lesson") {
        state_.queue(app::ActionKind::open_lesson, value);
        frames(60);
    } else if (verb == "walk") {
        auto shot = [&](const std::string& name) { write_png(rasterise(*ImGui::GetDrawData(), ImGui::GetColorU32(ImGuiCol_WindowBg)), value + name); };
        const int steps = state_.model.lesson.steps;
        state_.queue(app::ActionKind::set_speed, 100.0);
        frames(3);
        for (int i = 0; i < steps; ++i) {
            state_.queue(app::ActionKind::lesson_step, static_cast<double>(i));
            frames(45);
            shot("-" + std::to_string(i + 1) + "a.png");
            for (const auto& prediction : std::vector<app::LessonPrediction>(state_.model.lesson.predictions))
                state_.queue(app::ActionKind::predict, prediction.id, prediction.answer);
            frames(10);
            const auto tasks = state_.model.lesson.tasks;
            for (std::size_t t = 0; t < tasks.size(); ++t) {
                state_.queue(app::ActionKind::run_solution, tasks[t].id);
                frames(5);
                int n = 0;
                for (; n < 3000 && (state_.model.lesson.tasks[t].state != lesson::TaskState::done || (n < 400 && state_.playing())); ++n) frames(1);
                std::printf("%s %s %s after %d frames\n", state_.model.lesson.slug.c_str(), tasks[t].id.c_str(), state_.model.lesson.tasks[t].state == lesson::TaskState::done ? "done" : "NOT DONE", n);
            }
            frames(60);
            const ui::Item* panel = interface_->items().find("panel/lesson");
            if (panel) {
                io.AddMousePosEvent(panel->box.GetCenter().x, panel->box.GetCenter().y);
                frames(2);
                io.AddMouseWheelEvent(0, -40);
                frames(20);
            }
            shot("-" + std::to_string(i + 1) + "b.png");
            std::fflush(stdout);
        }
    } else if (verb == "shot") {
        return write_png(rasterise(*ImGui::GetDrawData(), ImGui::GetColorU32(ImGuiCol_WindowBg)), value);
    } else {
        return false;
    }
    frames(4);
    return true;
}

}  // namespace

int run(int count, char** arguments) {
    Desk desk;
    Size size;
    int at = 1;
    for (; at < count && std::string_view(arguments[at]).substr(0, 2) == "--"; ++at) {
        std::string_view option = arguments[at];
        if (option == "--still") {
            desk.still = true;
            continue;
        }
        if (at + 1 >= count) return 2;
        const char* value = arguments[++at];
        if (option == "--size" && std::sscanf(value, "%fx%f", &size.width, &size.height) != 2) return 2;
        if (option == "--scale") desk.scale = std::strtof(value, nullptr);
        if (option == "--theme") desk.light = std::string_view(value) == "light";
        if (option == "--lang") desk.tongue = value;
    }
    Session session(desk, size);
    for (; at < count; ++at) {
        if (session.take(arguments[at])) continue;
        std::fprintf(stderr, "kubewalk_pictures: cannot do \"%s\"\n", arguments[at]);
        return 1;
    }
    return 0;
}

}  // namespace kubewalk::pictures

int main(int count, char** arguments) {
    return kubewalk::pictures::run(count, arguments);
}
