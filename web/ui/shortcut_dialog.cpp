// The sheet of keys: what works everywhere, in the terminal and in the editor.

#include <cmath>
#include <span>
#include <string_view>

#include "web/ui/dialogs.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

struct Shortcut {
    std::string_view keys;  // as they are printed on a keyboard, "|" between those that go together
    const char* words;
};

constexpr Shortcut everywhere[] = {
    {"1|2|3|4", "shortcuts.views"}, {"P", "shortcuts.play"},       {",|.", "shortcuts.step"},
    {"T", "shortcuts.terminal"},    {"E", "shortcuts.editor"},     {"L", "shortcuts.course"},
    {"S", "shortcuts.scenarios"},   {"N|B", "shortcuts.lesson"},   {"Tab", "shortcuts.tab"},
    {"Enter", "shortcuts.press"},   {"Esc", "shortcuts.escape"},   {"?", "shortcuts.sheet"},
};
constexpr Shortcut terminal[] = {
    {"Tab", "shortcuts.complete"},      {"↑|↓", "shortcuts.history"},    {"Ctrl+R", "shortcuts.search_history"},
    {"Ctrl+A|Ctrl+E", "shortcuts.ends"}, {"Ctrl+U|Ctrl+K", "shortcuts.kill"}, {"Alt+Bksp", "shortcuts.kill_word"},
    {"Ctrl+Y", "shortcuts.yank"},       {"Ctrl+L", "shortcuts.clear"},   {"Ctrl+C", "shortcuts.interrupt"},
    {"Ctrl+F", "terminal.find"},
};
constexpr Shortcut editor[] = {
    {"Ctrl+Space", "shortcuts.suggest"},  {"Ctrl+F", "shortcuts.find"},      {"Ctrl+H", "shortcuts.replace"},
    {"Ctrl+Z|Ctrl+Y", "shortcuts.undo"},  {"Ctrl+S", "shortcuts.apply"},     {"F8", "shortcuts.next_problem"},
    {"Tab|Shift+Tab", "shortcuts.indent"}, {"Ctrl+/", "shortcuts.comment"},
};

float draw_key(Ui& ui, Vec at, std::string_view key) {
    const Theme& theme = ui.theme();
    // Arrows and the like stand in the code face alone.
    TextStyle style{Face::code, 12, theme.code_text};
    float width = std::max(26.0f, std::ceil(ui.fonts.width(key, style)) + 14);
    Rect box = rect(at.x, at.y, width, 24);
    box_with_line(ui.list(), box, theme.code, theme.line, 6);
    draw_text_in(ui.list(), ui.fonts, box, style, key, Align::center);
    return width;
}

class ShortcutDialog : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        begin_area(ui, area, "list");
        Vec start = ImGui::GetCursorScreenPos();
        bool wide = area.GetWidth() > 620;
        float width = wide ? std::floor((area.GetWidth() - 48 - 34) * 0.5f) : area.GetWidth() - 58;
        float left = draw_group(ui, start + Vec(24, 0), width, "shortcuts.everywhere", everywhere);
        Vec right = wide ? start + Vec(24 + width + 24, 0) : start + Vec(24, left);
        float down = draw_group(ui, right, width, "bottom.terminal", terminal);
        down += draw_group(ui, right + Vec(0, down), width, "editor.label", editor);
        content_size(Vec(1, (wide ? std::max(left, down) : left + down) + 8));
        end_area(ui);
    }

private:
    static float draw_group(Ui& ui, Vec at, float width, std::string_view title, std::span<const Shortcut> rows) {
        const Theme& theme = ui.theme();
        draw_text(ui.list(), ui.fonts, at, 24, {Face::strong, 13, theme.blue_text}, ui.t(title));
        float y = at.y + 30;
        for (const Shortcut& row : rows) {
            float x = at.x;
            std::string_view rest = row.keys;
            while (!rest.empty()) {
                std::size_t bar = rest.find('|');
                x += draw_key(ui, Vec(x, y), rest.substr(0, bar)) + 5;
                rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
            }
            float words = std::max(x + 6, at.x + 136);
            draw_text_in(ui.list(), ui.fonts, Rect(words, y, at.x + width, y + 24), ui.text(13), ui.t(row.words));
            y += 31;
        }
        return y - at.y + 14;
    }
};

}  // namespace

std::unique_ptr<Panel> make_shortcut_dialog() {
    return std::make_unique<ShortcutDialog>();
}

}  // namespace kubewalk::ui
