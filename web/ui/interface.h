#pragma once
// The whole interface: keeps the panels' own state, lays them out, draws a frame.

#include <memory>
#include <string>
#include <vector>

#include "web/ui/dialogs.h"
#include "web/ui/layout.h"
#include "web/ui/mirror.h"
#include "web/ui/panel.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

class SvgRecorder;

class Interface {
public:
    // Needs a current ImGui context.
    explicit Interface(app::State& state);

    // Before ImGui::NewFrame: fonts that have arrived, theme and style.
    void prepare();
    // Between NewFrame and Render: applies what was done, then draws.
    void frame();

    // Something moves: draw again at once. Else wake_in_s() tells when (0: not before there is input).
    bool animating() const;
    double wake_in_s() const { return wake_in_s_; }
    const ItemRegistry& items() const { return items_; }
    const Fonts& fonts() const { return fonts_; }
    // What two fingers have done since the last frame; one finger that scrolls pans too.
    struct Touch {
        Vec pan;
        float pinch = 1;
    };
    Touch touch;
    // What stands there wants to be dragged: a canvas, a divider, the time line, a selection of text.
    bool drags(Vec at) const;
    // A click by somebody who sees the page's twin of the canvas only.
    void press_item(std::string_view path);
    // Hands the lesson to the platform for paper.
    void prepare_print();
    // What panels are handed, outside a frame: to measure with.
    Ui make_ui();
    // How much larger everything is drawn than CSS pixels say: presenter mode.
    float zoom() const { return state_.presenting ? 1.3f : 1.0f; }

private:
    struct Slot {
        const PanelEntry* entry;
        std::unique_ptr<Panel> panel;
    };

    void draw_dock(Ui& ui, Dock dock, int value, const Rect& area);
    void draw_canvas(Ui& ui, const Rect& area, bool bottom_open);
    void draw_bottom(Ui& ui, const Rect& area);
    void draw_inspector(Ui& ui, const Rect& area);
    void draw_highlight(Ui& ui);
    void note_writing();
    void draw_toast(Ui& ui, const Rect& canvas);
    void draw_failure(Ui& ui, const Rect& area);
    void follow_view();
    void save_picture(app::Picture picture, const Rect& area, SvgRecorder& recorder);
    void follow_lesson();
    void follow_pointer(Ui& ui);
    void take_shortcuts(Ui& ui);
    void take_stray_typing(const Areas& areas);
    void reveal_inspector();
    bool terminal_focused() const;
    // Null for what is no panel.
    const Dock* dock_of(std::string_view panel) const;
    void take_touch();
    std::vector<const PanelEntry*> offered(Dock dock) const;

    app::State& state_;
    Fonts fonts_;
    ItemRegistry items_;
    LayoutState layout_;
    Mirror mirror_;
    std::vector<Slot> slots_;
    const Theme* applied_theme_ = nullptr;
    app::View last_view_ = app::View::architecture;
    ImGuiID text_focus_ = 0;
    double last_key_ = 0;
    app::TextInput text_input_;
    std::string lesson_step_;
    bool began_ = false;            // a step has brought its view to the front, or there is none
    bool inspector_chosen_ = false; // the learner has chosen a tab of the inspector
    std::string revealed_;   // what the inspector was last opened for
    char stray_ = 0;         // a letter that was typed to nobody and goes to the terminal
    bool give_back_ = false; // the keyboard, to the terminal
    std::string highlight_;
    double highlight_since_ = 0;  // when the lesson began to point at something
    bool writes_rarely_ = false;
    bool first_frame_ = true;
    Dialogs dialogs_;
    app::Dialog shown_dialog_ = app::Dialog::none;
    double clicked_at_ = -10;  // for the ring around the teacher's pointer
    Vec clicked_;
    bool animating_ = false;
    double wake_in_s_ = 0;
};

}  // namespace kubewalk::ui
