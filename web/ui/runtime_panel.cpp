// The inspector's Runtime: what the kubelet asked of the container runtime through CRI, in order; and
// the object's Events, which the kubelet and others wrote meanwhile.

#include "core/base/text.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/selection_header.h"

namespace kubewalk::ui {

namespace {

// A list's frame: header, scrolling, and what is said when there is nothing.
template <typename Rows, typename Draw>
void draw_list(Ui& ui, const Rect& area, const Rows& rows, std::string_view intro, std::string_view empty, Draw draw) {
    float y = draw_selection_header(ui, area);
    begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(16, 0);
    float width = area.GetWidth() - 34;
    std::string_view said = rows.empty() ? empty : intro;
    if (!said.empty()) at.y += draw_remark(ui, at, width, said) + 10;
    for (std::size_t i = 0; i < rows.size(); ++i) at.y += draw(rows[i], i, at, width);
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

class RuntimePanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        const auto& calls = ui.model().inspected.runtime;
        draw_list(ui, area, calls, ui.t("runtime.intro"), ui.t("runtime.none"), [&](const sim::Entry& entry, std::size_t index, Vec at, float width) {
            const Theme& theme = ui.theme();
            std::string call = entry.fact.id.substr(entry.fact.id.find('.') + 1);
            RichText arguments;
            for (const std::string& one : entry.fact.args) {
                if (!arguments.empty()) arguments.push_back({RunKind::text, " ", Face::text, 0, {}});
                arguments.push_back({RunKind::text, one, Face::code, 0, {}});
            }
            ParagraphStyle style{11.5f, 17, theme.dim};
            float height = 22 + measure_rich(ui, arguments, style, width - 36) + 10;
            Rect row = rect(at.x, at.y, width, height);
            Press state = press(ui, row, cat("call-", index), call, 8);
            if (state.hovered) ui.list()->AddRectFilled(row.Min, row.Max, theme.hover, 8);
            Vec dot(at.x + 12, at.y + 14);
            if (index + 1 < calls.size()) ui.list()->AddLine(dot, Vec(dot.x, at.y + height + 14), theme.line, 1.5f);
            bool ends = call.starts_with("Stop") || call.starts_with("Remove");
            ui.list()->AddCircleFilled(dot, 6, theme.panel);
            ui.list()->AddCircle(dot, 4.5f, ends ? theme.rose : theme.green, 0, 2);
            draw_text_in(ui.list(), ui.fonts, rect(at.x + 28, at.y + 4, width - 130, 20), {Face::code, 12.5f, ends ? theme.rose_text : theme.text}, call);
            draw_text_in(ui.list(), ui.fonts, rect(at.x + width - 96, at.y + 4, 90, 20), {Face::code, 11, theme.faint}, to_clock(entry.at), Align::right);
            draw_rich(ui, at + Vec(28, 24), arguments, style, width - 36);
            if (state.clicked) seek_to(ui, entry.at);
            return height;
        });
    }
};

class ObjectEventsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        const auto& events = ui.model().inspected.events;
        draw_list(ui, area, events, {}, ui.t("events.empty"), [&](const view::EventRow& event, std::size_t index, Vec at, float width) {
            const Theme& theme = ui.theme();
            bool warning = event.type == "Warning";
            RichText message = {{RunKind::text, event.message, Face::text, 0, {}}};
            ParagraphStyle style{12.5f, 18.5f, theme.dim};
            float height = 24 + measure_rich(ui, message, style, width - 24) + 12;
            Rect row = rect(at.x, at.y, width, height - 4);
            Press state = press(ui, row, cat("event-", index), event.reason, 8);
            box_with_line(ui.list(), row, warning ? theme.amber_tint : theme.raised, state.hovered ? theme.selected_line : theme.line, 8);
            float x = at.x + 12;
            if (warning) {
                draw_icon(ui.list(), Icon::warning, Vec(x + 5, at.y + 15), 11, theme.amber);
                x += 18;
            }
            std::string reason = event.count > 1 ? cat(event.reason, "  ×", event.count) : event.reason;
            draw_text_in(ui.list(), ui.fonts, rect(x, at.y + 5, width - 130, 20), {Face::strong, 12.5f, warning ? theme.amber_text : theme.text}, reason);
            draw_text_in(ui.list(), ui.fonts, rect(at.x + width - 104, at.y + 5, 94, 20), {Face::code, 11, theme.faint}, to_clock(event.last), Align::right);
            draw_rich(ui, at + Vec(12, 25), message, style, width - 24);
            if (state.clicked) seek_to(ui, event.last);
            return height + 2;
        });
    }
};

}  // namespace

std::unique_ptr<Panel> make_runtime_panel() {
    return std::make_unique<RuntimePanel>();
}

std::unique_ptr<Panel> make_object_events_panel() {
    return std::make_unique<ObjectEventsPanel>();
}

}  // namespace kubewalk::ui
