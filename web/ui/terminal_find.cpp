#include "web/ui/terminal_find.h"

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr std::size_t most_matches = 20'000;

}  // namespace

void TerminalFind::open() {
    open_ = true;
    field_.focus_next_frame();
}

void TerminalFind::search(const std::vector<std::string_view>& lines, std::uint64_t version) {
    const std::string wanted = open_ ? to_lower(field_.buffer.text()) : std::string();
    if (wanted == needle_ && version == version_) return;
    const bool other = wanted != needle_;
    needle_ = wanted;
    version_ = version;
    found_.clear();
    if (needle_.empty()) return;
    for (std::size_t i = 0; i < lines.size() && found_.size() < most_matches; ++i) {
        const std::string line = to_lower(lines[i]);
        for (std::size_t at = line.find(needle_); at != std::string::npos; at = line.find(needle_, at + needle_.size()))
            found_.push_back({static_cast<int>(i), static_cast<int>(at)});
    }
    jump_ = other;
    if (other || at_ >= found_.size()) at_ = found_.empty() ? 0 : found_.size() - 1;
}

std::span<const TerminalFind::Match> TerminalFind::in_line(int line) const {
    const auto [first, last] = std::equal_range(found_.begin(), found_.end(), Match{line, 0}, [](const Match& a, const Match& b) { return a.line < b.line; });
    return std::span(found_).subspan(static_cast<std::size_t>(first - found_.begin()), static_cast<std::size_t>(last - first));
}

int TerminalFind::show(std::size_t match) {
    if (found_.empty()) return -1;
    at_ = match % found_.size();
    return found_[at_].line;
}

int TerminalFind::draw(Ui& ui, const Rect& area) {
    if (!open_) return -1;
    constexpr float height = 40, tool = 28;
    const float width = std::min(380.0f, area.GetWidth() - 24);
    const Rect box = rect(area.Max.x - width - 16, area.Min.y + 2, width, height);
    int line = -1;
    begin_area(ui, box, "find", ScrollAxis::none);
    box_with_line(ui.list(), box, ui.theme().raised, ui.theme().selected_line, 9);
    const bool was_focused = field_.focused();
    const float end = box.Max.x - 3 * tool - 8;
    const Rect text = Rect(box.Min.x + 6, box.Min.y + 5, end, box.Max.y - 5);
    const FieldEvent event = field_.draw(ui, text, "text", ui.t("terminal.find"), {ui.t("terminal.find"), Face::code, 12, false});
    if (std::exchange(jump_, false)) line = show(at_);
    if (event == FieldEvent::submitted) line = show(ImGui::GetIO().KeyShift ? at_ + 1 : at_ + found_.size() - 1);
    if (!field_.buffer.text().empty()) {
        const TextStyle style = ui.dim(11.5f);
        const std::string count = ui.state.words.format("editor.matches", {std::to_string(found_.empty() ? 0 : at_ + 1), std::to_string(found_.size())});
        const float wide = ui.fonts.width(count, style);
        ui.items.note("bottom/terminal/find/count", count, Rect(end - 10 - wide, text.Min.y, end - 10, text.Max.y));
        if (ui.fonts.width(field_.buffer.text(), {Face::code, 12, 0}) + wide + 40 < text.GetWidth()) draw_text(ui.list(), ui.fonts, Vec(end - 10 - wide, text.Min.y), text.GetHeight(), style, count);
    }
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 11;
    quiet.enabled = !found_.empty();
    float x = end + 4;
    auto take = [&] {
        x += tool;
        return rect(x - tool, box.Min.y + 6, tool - 1, 28);
    };
    if (icon_button(ui, take(), "previous", Icon::chevron_up, ui.t("editor.find_previous"), quiet)) line = show(at_ + found_.size() - 1);
    if (icon_button(ui, take(), "next", Icon::chevron_down, ui.t("editor.find_next"), quiet)) line = show(at_ + 1);
    quiet.enabled = true;
    const bool escaped = was_focused && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
    if (icon_button(ui, take(), "close", Icon::cross, ui.t("editor.close"), quiet) || escaped) {
        open_ = false;
        ui.state.wanted_focus = "bottom/terminal/input";
    }
    end_area(ui);
    if (event == FieldEvent::changed || line >= 0) ui.animating = true;
    return line;
}

}  // namespace kubewalk::ui
