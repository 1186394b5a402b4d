#include <cmath>

#include "web/ui/bars.h"
#include "web/ui/layout.h"
#include "web/ui/simplification_sign.h"
#include "web/ui/menu.h"
#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

// Laid out from the right end towards the middle.
class RightRow {
public:
    RightRow(const Rect& area, float end, float gap) : x_(area.Max.x - end), y_(area.GetCenter().y), gap_(gap) {}
    Rect take(float width, float height = 28) {
        x_ -= width;
        Rect box = rect(x_, std::round(y_ - height * 0.5f), width, height);
        x_ -= gap_;
        return box;
    }
    float left() const { return x_; }

private:
    float x_;
    float y_;
    float gap_;
};

void draw_mode(Ui& ui, RightRow& row, app::Mode mode, std::string_view id, std::string_view text) {
    ButtonOptions options;
    options.selected = ui.state.settings.mode == mode;
    std::string label(ui.t(text));
    if (!button(ui, row.take(button_width(ui, label, 13, 12)), id, label, options)) return;
    ui.state.settings.mode = mode;
}

// A new release was fetched while this page was open. It waits in the bar, where it lies over nothing.
void draw_update(Ui& ui, RightRow& row) {
    if (!ui.state.platform().new_release() || ui.state.update_put_off) return;
    const Theme& theme = ui.theme();
    Scope scope(ui, "update");
    const std::string name(ui.t("update.short"));
    const TextStyle style = ui.text(13);
    const float named = ui.fonts.width(name, style) + 44;
    const bool room = !ui.compact && ImGui::GetIO().DisplaySize.x > 1000;
    const Rect box = row.take(room ? named : 34);
    const Press state = press(ui, box, "open", ui.t("update.ready"));
    box_with_line(ui.list(), box, theme.green_tint, state.hovered ? theme.selected_line : theme.green, 8);
    draw_icon(ui.list(), Icon::restart, Vec(box.Min.x + 17, box.GetCenter().y), 13, theme.green);
    if (room) draw_text(ui.list(), ui.fonts, Vec(box.Min.x + 31, box.Min.y), box.GetHeight(), style, name);
    if (state.hovered) tooltip(ui, ui.t("update.ready"));
    if (state.clicked) ImGui::OpenPopup("choice");
    const std::string reload(ui.t("update.reload")), later(ui.t("update.later"));
    const float first = button_width(ui, reload, 13, 14), second = button_width(ui, later, 13, 14);
    const float width = std::max(ui.fonts.width(ui.t("update.ready"), style), first + second + 8) + 32;
    const float left = std::min(box.Min.x, ImGui::GetIO().DisplaySize.x - width - 12);
    ImGui::SetNextWindowPos(Vec(left, box.Max.y + 6));
    ImGui::SetNextWindowSize(Vec(width, 92));
    if (!ImGui::BeginPopup("choice", ImGuiWindowFlags_NoMove)) return;
    const Vec at = ImGui::GetCursorScreenPos() + Vec(16, 12);
    draw_text(ui.list(), ui.fonts, at, 22, style, ui.t("update.ready"));
    ButtonOptions primary;
    primary.kind = ButtonKind::primary;
    if (button(ui, rect(at.x, at.y + 34, first, 30), "reload", reload, primary)) ui.state.platform().reload();
    // Who has no time for it now finds it in the menu.
    if (button(ui, rect(at.x + first + 8, at.y + 34, second, 30), "later", later)) {
        ui.state.update_put_off = true;
        ImGui::CloseCurrentPopup();
    }
    content_size(Vec(1, 90));
    ImGui::EndPopup();
}

// Where the learner is; a click opens the course, or the sandbox's scenarios.
void draw_breadcrumb(Ui& ui, const Rect& area, float x, float limit) {
    const Theme& theme = ui.theme();
    const app::LessonView& lesson = ui.model().lesson;
    bool learning = lesson.open() && ui.state.settings.mode == app::Mode::learn;
    std::string part, title, step;
    if (learning) {
        part = lesson.part.empty() ? std::string() : lesson.part + " › ";
        title = plain(rich(lesson.title));
        step = ui.state.words.format("lesson.step", {std::to_string(lesson.step + 1), std::to_string(lesson.steps)});
    } else {
        std::string scenario = "scenario." + ui.model().scenario;
        title = std::string(ui.model().scenario.empty() ? ui.t("sandbox.breadcrumb") : ui.t(scenario));
    }
    float pill = step.empty() ? 0 : button_width(ui, step, 13, 12) + 14;
    float room = limit - x - pill - 40;
    if (room < 60) return;
    float part_width = ui.fonts.width(part, ui.dim(14));
    if (part_width + ui.fonts.width(title, ui.text()) > room) part_width = 0;
    title = elide(ui.fonts, title, ui.text(), room - part_width);
    float width = part_width + ui.fonts.width(title, ui.text()) + 34;
    Rect box = rect(x - 10, area.GetCenter().y - 15, width + 10, 30);
    Press state = press(ui, box, "where", ui.t(learning ? "course.title" : "scenarios.title"), 8);
    if (state.hovered) box_with_line(ui.list(), box, theme.raised, theme.line, 8);
    if (state.clicked) ui.state.dialog = learning ? app::Dialog::course : app::Dialog::scenarios;
    if (state.hovered) tooltip(ui, ui.t(learning ? "course.title" : "scenarios.title"));
    if (part_width > 0) draw_text(ui.list(), ui.fonts, Vec(x, area.Min.y), area.GetHeight(), ui.dim(14), part);
    draw_text(ui.list(), ui.fonts, Vec(x + part_width, area.Min.y), area.GetHeight(), ui.text(), title);
    draw_icon(ui.list(), Icon::chevron_down, Vec(box.Max.x - 15, area.GetCenter().y + 1), 9, theme.dim);
    if (step.empty()) return;
    Rect badge = rect(box.Max.x + 8, area.GetCenter().y - 14, pill - 14, 28);
    box_with_line(ui.list(), badge, theme.raised, theme.line, 8);
    draw_text_in(ui.list(), ui.fonts, badge, ui.text(13), step, Align::center);
}

}  // namespace

void draw_top_bar(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    list->AddRectFilled(area.Min, area.Max, theme.panel);
    list->AddLine(Vec(area.Min.x, area.Max.y - 0.5f), Vec(area.Max.x, area.Max.y - 0.5f), theme.line);
    Scope scope(ui, "topbar");
    const bool upright = area.GetWidth() < upright_below;

    if (!upright) draw_text(list, ui.fonts, Vec(area.Min.x + 49, area.Min.y), area.GetHeight(), ui.strong(16), "KubeWalk");
    float x = area.Min.x + 49 + ui.fonts.width("KubeWalk", ui.strong(16)) + 18;

    RightRow row(area, upright ? 10.0f : 18.0f, ui.compact ? 8.0f : 14.0f);
    draw_menu(ui, row.take(36));
    std::string share_label(ui.t("share"));
    if (!upright && button(ui, row.take(button_width(ui, share_label, 13, 12)), "share", share_label)) share(ui);
    if (!ui.compact) draw_simplification_sign(ui, row.take(simplification_sign_size, simplification_sign_size), {});
    bool light = ui.state.light();
    if (icon_button(ui, row.take(40), "theme", Icon::theme, ui.t(light ? "theme.dark" : "theme.light")))
        ui.state.settings.theme = light ? app::ThemeChoice::dark : app::ThemeChoice::light;
    // Both languages in their own words, whatever is chosen.
    bool chinese = ui.state.settings.language == "zh-CN";
    std::string language = "EN / 中文";
    bool drawable = ui.fonts.covers("中文", Face::text);
    float latin = ui.fonts.width("EN / ", ui.text(13));
    Rect language_box = row.take(std::ceil(latin) + 28 + 24);
    if (button(ui, language_box, "language", drawable ? language : std::string(), {}, language))
        ui.state.set_language(chinese ? "en" : "zh-CN");
    if (!drawable) {
        float left = language_box.GetCenter().x - (latin + 28) * 0.5f;
        draw_text(list, ui.fonts, Vec(left, language_box.Min.y), language_box.GetHeight(), ui.text(13), "EN /");
        draw_zhongwen(list, Vec(left + latin + 14, language_box.GetCenter().y), 12, theme.text);
    }
    draw_mode(ui, row, app::Mode::sandbox, "sandbox", "mode.sandbox");
    draw_mode(ui, row, app::Mode::learn, "learn", "mode.learn");
    draw_update(ui, row);

    const float logo = area.Min.x + (upright ? 24.0f : 29.0f);
    if (row.left() > logo + 8) draw_logo(list, Vec(logo, area.GetCenter().y), 22);
    if (!ui.compact) draw_breadcrumb(ui, area, x, row.left());
}

}  // namespace kubewalk::ui
