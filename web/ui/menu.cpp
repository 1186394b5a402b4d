#include "web/ui/menu.h"

#include <algorithm>

#include "web/app/address.h"
#include "web/ui/layout.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

enum class Entry : unsigned char { update, share, course, scenarios, clusters, present, picture, drawing, print, hand_in, record, keep_file, read_file, system_theme, shortcuts };

struct Row {
    Entry entry;
    const char* id;
    const char* words;
    const char* key;      // the shortcut, "" for none
    bool begins_group;
};

constexpr Row rows[] = {
    {Entry::update, "update", "menu.update", "", false},
    {Entry::share, "share", "share", "", false},
    {Entry::course, "course", "menu.course", "L", false},
    {Entry::scenarios, "scenarios", "menu.scenarios", "S", false},
    {Entry::clusters, "clusters", "menu.clusters", "", false},
    {Entry::present, "present", "menu.present", "", true},
    {Entry::print, "print", "menu.print", "", false},
    {Entry::picture, "picture", "menu.picture", "", false},
    {Entry::drawing, "drawing", "menu.drawing", "", false},
    {Entry::record, "record", "menu.record", "", true},
    {Entry::hand_in, "hand-in", "menu.hand_in", "", false},
    {Entry::keep_file, "export", "menu.export", "", true},
    {Entry::read_file, "import", "menu.import", "", false},
    {Entry::system_theme, "system-theme", "menu.system_theme", "", true},
    {Entry::shortcuts, "shortcuts", "menu.shortcuts", "?", false},
};

constexpr float row_height = 32;
constexpr float group_gap = 9;

bool offered(const Ui& ui, Entry entry) {
    if (entry == Entry::share) return ImGui::GetIO().DisplaySize.x < upright_below;  // elsewhere it stands in the bar
    if (entry == Entry::update) return ui.state.platform().new_release();
    if (entry == Entry::print || entry == Entry::hand_in) return ui.model().lesson.open();
    return true;
}

bool ticked(const Ui& ui, Entry entry) {
    if (entry == Entry::present) return ui.state.presenting;
    if (entry == Entry::system_theme) return ui.state.settings.theme == app::ThemeChoice::system;
    return false;
}

void choose(Ui& ui, Entry entry) {
    app::State& state = ui.state;
    switch (entry) {
    case Entry::update: state.platform().reload(); break;
    case Entry::share: share(ui); break;
    case Entry::course: state.dialog = app::Dialog::course; break;
    case Entry::scenarios: state.dialog = app::Dialog::scenarios; break;
    case Entry::clusters: state.dialog = app::Dialog::clusters; break;
    case Entry::present: state.presenting = !state.presenting; break;
    case Entry::picture: state.wanted_picture = app::Picture::png; break;
    case Entry::drawing: state.wanted_picture = app::Picture::svg; break;
    case Entry::print: state.wants_print = true; break;
    case Entry::hand_in: state.hand_in(); break;
    case Entry::record: state.record_lesson(); break;
    case Entry::keep_file: state.export_all(); break;
    case Entry::read_file: state.platform().choose_file(".json"); break;
    case Entry::system_theme: state.settings.theme = app::ThemeChoice::system; break;
    case Entry::shortcuts: state.dialog = app::Dialog::shortcuts; break;
    }
}

}  // namespace

void share(Ui& ui) {
    app::Platform& platform = ui.state.platform();
    std::string fragment = ui.state.backend() ? ui.state.backend()->share() : std::string();
    if (fragment.empty()) {
        ui.state.notify(std::string(ui.t("share.impossible")));
        return;
    }
    // With the view that is in front, so that the other one sees the same.
    fragment += "&view=" + std::string(app::view_name(ui.state.settings.view));
    platform.set_fragment(fragment);
    platform.set_clipboard(std::string(app::without_query(platform.address())) + "#" + fragment);
    ui.state.notify(std::string(ui.t("share.copied")));
}

void draw_menu(Ui& ui, const Rect& box) {
    const Theme& theme = ui.theme();
    Scope scope(ui, "menu");
    if (icon_button(ui, box, "open", Icon::menu, ui.t("menu"))) ImGui::OpenPopup("list");
    float width = 240, height = 12;
    for (const Row& row : rows) {
        if (!offered(ui, row.entry)) continue;
        height += row_height + (row.begins_group ? group_gap : 0);
        width = std::max(width, ui.fonts.width(ui.t(row.words), ui.text(13)) + 90);
    }
    Vec display = ImGui::GetIO().DisplaySize;
    width = std::min(width, display.x - 24);
    ImGui::SetNextWindowPos(Vec(std::min(box.Max.x, display.x - 12) - width, box.Max.y + 6));
    ImGui::SetNextWindowSize(Vec(width, std::min(height, display.y - box.Max.y - 18)));
    if (!ImGui::BeginPopup("list", ImGuiWindowFlags_NoMove)) return;
    Vec at = ImGui::GetCursorScreenPos() + Vec(6, 6);
    for (const Row& row : rows) {
        if (!offered(ui, row.entry)) continue;
        if (row.begins_group) {
            ui.list()->AddLine(at + Vec(6, group_gap * 0.5f), at + Vec(width - 18, group_gap * 0.5f), theme.line_soft);
            at.y += group_gap;
        }
        Rect line = rect(at.x, at.y, width - 12, row_height);
        Press over = press(ui, line, row.id, ui.t(row.words), 7);
        if (over.hovered) ui.list()->AddRectFilled(line.Min, line.Max, theme.hover, 7);
        if (ticked(ui, row.entry)) draw_icon(ui.list(), Icon::check, Vec(line.Min.x + 16, line.GetCenter().y), 10, theme.blue_text);
        draw_text_in(ui.list(), ui.fonts, Rect(line.Min + Vec(32, 0), line.Max - Vec(34, 0)), ui.text(13), ui.t(row.words));
        draw_text_in(ui.list(), ui.fonts, Rect(line.Max.x - 34, line.Min.y, line.Max.x - 12, line.Max.y), {Face::code, 12, theme.faint}, row.key, Align::right);
        at.y += row_height;
        if (!over.clicked) continue;
        ImGui::CloseCurrentPopup();
        choose(ui, row.entry);
    }
    content_size(Vec(1, height - 1));
    ImGui::EndPopup();
}

}  // namespace kubewalk::ui
