#pragma once
// What every panel is handed: the application, colours, fonts, the frame's clock.

#include <string>
#include <string_view>

#include "web/app/state.h"
#include "web/ui/fonts.h"
#include "web/ui/imgui.h"
#include "web/ui/item_registry.h"
#include "web/ui/theme.h"

namespace kubewalk::ui {

struct Ui {
    app::State& state;
    Fonts& fonts;
    ItemRegistry& items;
    // Keyboard focus of the places that take text, and when something was typed last; kept by Interface.
    ImGuiID& text_focus;
    double& last_key;
    const Theme* theme_now = &theme_dark();
    double now = 0;          // seconds, for animation
    float frame_s = 0;       // since the frame before
    bool reduced_motion = false;
    bool compact = false;    // a small screen: less padding, smaller bars
    app::TextInput text_input{};   // where the caret is in this frame
    // Set while something moves: the next frame is drawn at once.
    bool animating = false;
    // The next frame is wanted after this many seconds (a blinking caret); 0: none.
    double wake_in_s = 0;

    const Theme& theme() const { return *theme_now; }
    app::Model& model() const { return state.model; }
    std::string_view t(std::string_view id) const { return state.t(id); }
    ImDrawList* list() const { return ImGui::GetWindowDrawList(); }

    void wake_in(double seconds) {
        if (wake_in_s <= 0 || seconds < wake_in_s) wake_in_s = seconds;
    }

    TextStyle text(float size = 14) const { return {Face::text, size, theme().text}; }
    TextStyle dim(float size = 13.5f) const { return {Face::text, size, theme().dim}; }
    TextStyle strong(float size = 14) const { return {Face::strong, size, theme().text}; }
    TextStyle code(float size = 12.5f) const { return {Face::code, size, theme().text}; }
};

// Names the widgets inside: Dear ImGui's ids and the registry's paths alike.
class Scope {
public:
    Scope(Ui& ui, std::string_view name) : ui_(ui) {
        ImGui::PushID(name.data(), name.data() + name.size());
        ui_.items.push_scope(name);
    }
    ~Scope() {
        ui_.items.pop_scope();
        ImGui::PopID();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    Ui& ui_;
};

}  // namespace kubewalk::ui
