// The lower dock's tables: the cluster's Events and the calls to the API server.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/panels.h"
#include "web/ui/text_input.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float row_height = 22;
constexpr float size = 12;

struct Cell {
    std::string_view text;
    Color color;
};

struct Columns {
    std::vector<float> widths;  // 0: takes what is left
    float total = 0;

    Columns(std::initializer_list<float> list, float available) : widths(list) {
        float fixed = 0;
        for (float width : widths) fixed += width;
        for (float& width : widths)
            if (width == 0) width = std::max(160.0f, available - fixed);
        for (float width : widths) total += width;
    }
};

void draw_row(Ui& ui, Vec at, const Columns& columns, std::initializer_list<Cell> cells) {
    float x = at.x;
    std::size_t i = 0;
    for (const Cell& cell : cells) {
        float width = columns.widths[i++];
        draw_text_in(ui.list(), ui.fonts, rect(x, at.y, width - 12, row_height), {Face::code, size, cell.color}, cell.text);
        x += width;
    }
}

// Newest at the end, which stays in sight until somebody scrolls up.
template <typename Rows, typename Draw>
void draw_table(Ui& ui, const Rect& area, const Rows& rows, std::string_view empty, float width, Draw draw) {
    begin_area(ui, Rect(area.Min.x + 2, area.Min.y, area.Max.x, area.Max.y), "rows", ScrollAxis::both);
    Vec start = ImGui::GetCursorScreenPos();
    Vec origin = start + Vec(14, 0);
    bool at_end = ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 2;
    if (rows.empty()) draw_text(ui.list(), ui.fonts, origin, row_height, ui.dim(13), empty);
    auto first = static_cast<std::size_t>(std::max(0.0f, (area.Min.y - origin.y) / row_height));
    auto last = std::min(rows.size(), first + static_cast<std::size_t>(area.GetHeight() / row_height) + 2);
    for (std::size_t i = first; i < last; ++i)
        draw(rows[i], i, Vec(origin.x, origin.y + static_cast<float>(i) * row_height));
    content_size(Vec(width + 20, static_cast<float>(rows.size()) * row_height + 8));
    if (at_end) ImGui::SetScrollY(static_cast<float>(rows.size()) * row_height + 8);
    end_area(ui);
}

Press row_press(Ui& ui, Vec at, float width, std::size_t index, std::string_view label) {
    Rect box = rect(at.x - 6, at.y, width + 6, row_height);
    Press state = press(ui, box, std::to_string(index), label, 4);
    if (state.hovered) ui.list()->AddRectFilled(box.Min, box.Max, ui.theme().hover, 4);
    return state;
}

// A switch at the right end of the tabs' row; returns how much of the row it takes.
float draw_toggle(Ui& ui, const Rect& bar, std::string_view id, std::string_view words, bool* on) {
    const std::string label(ui.t(words));
    ButtonOptions options;
    options.selected = *on;
    options.size = 12;
    const float width = button_width(ui, label, 12);
    if (button(ui, rect(bar.Max.x - width, bar.Min.y + 1, width, 26), id, label, options)) *on = !*on;
    return width + 8;
}

// Kubelets ask the API server whether it lives, every second.
bool is_probe(const view::ApiCallRow& row) {
    return row.method == "GET" && (row.path.starts_with("/livez") || row.path.starts_with("/readyz") || row.path.starts_with("/healthz"));
}

class EventsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        const Theme& theme = ui.theme();
        std::vector<const view::EventRow*> rows;
        for (const view::EventRow& row : ui.model().events)
            if (!warnings_only_ || row.type == "Warning") rows.push_back(&row);
        // A small table keeps its room for the message: the rest is told by the row's tip.
        const Columns columns = area.GetWidth() < 940 ? Columns({104, 68, 150, 170, 0}, area.GetWidth() - 40) : Columns({108, 84, 170, 260, 0}, area.GetWidth() - 40);
        draw_table(ui, area, rows, ui.t("events.empty"), columns.total, [&](const view::EventRow* row, std::size_t index, Vec at) {
            Press state = row_press(ui, at, columns.total, index, row->reason + " " + row->object);
            bool warning = row->type == "Warning";
            std::string message = row->count > 1 ? row->message + "  (×" + std::to_string(row->count) + ")" : row->message;
            draw_row(ui, at, columns, {{to_clock(row->last), theme.faint}, {row->type, warning ? theme.amber_text : theme.dim},
                                       {row->reason, warning ? theme.amber_text : theme.text}, {row->object, theme.blue_text}, {message, theme.dim}});
            if (state.hovered) tooltip(ui, cat(row->object, ": ", message));
            if (state.clicked) select(ui, *row);
        });
    }

    float draw_bar(Ui& ui, const Rect& bar) override { return draw_toggle(ui, bar, "warnings", "events.warnings", &warnings_only_); }

private:
    static void select(Ui& ui, const view::EventRow& row) {
        std::size_t slash = row.object.find('/');
        if (slash == std::string::npos) return;
        std::string kind = row.object.substr(0, slash);
        app::Action action;
        action.kind = ActionKind::select_object;
        bool plural_es = !kind.empty() && (kind.back() == 's' || kind.back() == 'x');
        action.object = {kind + (plural_es ? "es" : "s"), kind == "node" ? std::string() : row.namespace_name, row.object.substr(slash + 1)};
        ui.state.queue(std::move(action));
    }

    bool warnings_only_ = false;
};

Color method_color(const Theme& theme, std::string_view method) {
    if (method == "PATCH") return theme.blue;
    if (method == "PUT") return theme.violet;
    if (method == "POST") return theme.dark ? theme.amber : theme.amber_text;
    if (method == "DELETE") return theme.rose;
    return theme.green;
}

class ApiCallsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        const Theme& theme = ui.theme();
        Columns columns({112, 210, 70, 0, 54}, area.GetWidth() - 40);
        std::vector<const view::ApiCallRow*> rows;
        for (const view::ApiCallRow& row : ui.model().api_calls)
            if (probes_ || !is_probe(row)) rows.push_back(&row);
        draw_table(ui, area, rows, ui.t("calls.empty"), columns.total, [&](const view::ApiCallRow* call, std::size_t index, Vec at) {
            const view::ApiCallRow& row = *call;
            Press state = row_press(ui, at, columns.total, index, row.method + " " + row.path);
            std::string path = elide_middle(ui.fonts, row.path, {Face::code, size, 0}, columns.widths[3] - 14);
            draw_row(ui, at, columns, {{to_clock(row.at), theme.faint}, {row.component, theme.text}, {row.method, method_color(theme, row.method)},
                                       {path, theme.dim}, {std::to_string(row.code), row.code >= 400 ? theme.rose_text : theme.dim}});
            if (state.hovered && path != row.path) tooltip(ui, row.path);
            if (state.clicked) select(ui, row);
        });
    }

    float draw_bar(Ui& ui, const Rect& bar) override { return draw_toggle(ui, bar, "probes", "traffic.probes", &probes_); }

private:
    // /api/v1/namespaces/NS/RESOURCE/NAME and /apis/GROUP/VERSION/...
    static void select(Ui& ui, const view::ApiCallRow& row) {
        std::vector<std::string> parts;
        std::size_t from = 1;
        std::string path = row.path.substr(0, row.path.find('?'));
        while (from <= path.size()) {
            std::size_t end = std::min(path.find('/', from), path.size());
            parts.push_back(path.substr(from, end - from));
            from = end + 1;
        }
        std::size_t at = !parts.empty() && parts[0] == "api" ? 2 : 3;
        app::Action action;
        action.kind = ActionKind::select_call;
        action.number = static_cast<double>(row.id);
        if (parts.size() > at + 2 && parts[at] == "namespaces" && parts.size() >= at + 4)
            action.object = {parts[at + 2], parts[at + 1], parts[at + 3]};
        else if (parts.size() > at + 1)
            action.object = {parts[at], "", parts[at + 1]};
        // A call about a collection has a way too, if no object.
        ui.state.queue(std::move(action));
    }

    bool probes_ = false;
};

}  // namespace

std::unique_ptr<Panel> make_events_panel() {
    return std::make_unique<EventsPanel>();
}

std::unique_ptr<Panel> make_api_calls_panel() {
    return std::make_unique<ApiCallsPanel>();
}

}  // namespace kubewalk::ui
