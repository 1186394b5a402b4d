#include "web/ui/dialogs.h"

#include <algorithm>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr DialogEntry table[] = {
    {app::Dialog::course, "course", "course.title", Vec(940, 640), make_course_dialog},
    {app::Dialog::scenarios, "scenarios", "scenarios.title", Vec(760, 600), make_scenario_dialog},
    {app::Dialog::clusters, "clusters", "clusters.title", Vec(560, 400), make_clusters_dialog},
    {app::Dialog::shortcuts, "shortcuts", "shortcuts.title", Vec(800, 680), make_shortcut_dialog},
};

constexpr float header = 60;

}  // namespace

Dialogs::Dialogs() {
    for (const DialogEntry& entry : table) slots_.push_back({&entry, entry.make()});
}

void Dialogs::draw(Ui& ui) {
    app::Dialog& wanted = ui.state.dialog;
    if (wanted != app::Dialog::none && !open_) ImGui::OpenPopup("###dialog");
    open_ = wanted != app::Dialog::none;
    auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& one) { return one.entry->value == wanted; });
    Vec display = ImGui::GetIO().DisplaySize;
    Vec size = slot == slots_.end() ? Vec(1, 1) : Vec(std::min(slot->entry->size.x, display.x - 24), std::min(slot->entry->size.y, display.y - 24));
    size = Vec(std::round(size.x), std::round(size.y));
    ImGui::SetNextWindowPos(Vec(std::round((display.x - size.x) * 0.5f), std::round((display.y - size.y) * 0.5f)));
    ImGui::SetNextWindowSize(size);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 16);
    ImGui::PushStyleVar(ImGuiStyleVar_PopupRounding, 16);
    constexpr ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings;
    bool shown = ImGui::BeginPopupModal("###dialog", nullptr, flags);
    ImGui::PopStyleVar(2);
    if (!shown) {
        // Dear ImGui closed it itself.
        if (open_ && !ImGui::IsPopupOpen("###dialog")) wanted = app::Dialog::none;
        return;
    }
    if (slot == slots_.end()) {
        ImGui::CloseCurrentPopup();
        ImGui::EndPopup();
        return;
    }
    draw_one(ui, *slot, rect(ImGui::GetWindowPos().x, ImGui::GetWindowPos().y, size.x, size.y));
    if (wanted == app::Dialog::none) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
}

void Dialogs::draw_one(Ui& ui, Slot& slot, const Rect& area) {
    // The click that opened it is not one beside it.
    bool beside = ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !area.Contains(ImGui::GetMousePos()) && !ImGui::IsWindowAppearing();
    Scope dialog(ui, "dialog");
    Scope scope(ui, slot.entry->id);
    ui.items.note(std::string("panel/") + slot.entry->id, ui.t(slot.entry->title), area);
    draw_text(ui.list(), ui.fonts, area.Min + Vec(24, 18), 28, ui.strong(19), ui.t(slot.entry->title));
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 12;
    bool close = icon_button(ui, rect(area.Max.x - 52, area.Min.y + 16, 32, 32), "close", Icon::cross, ui.t("dialog.close"), quiet);
    slot.panel->draw(ui, Rect(area.Min.x, area.Min.y + header, area.Max.x, area.Max.y - 8));
    if (close || beside || (ImGui::IsKeyPressed(ImGuiKey_Escape, false) && !ui.text_focus)) ui.state.dialog = app::Dialog::none;
}

}  // namespace kubewalk::ui
