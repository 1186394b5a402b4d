// The inspector's Requests: what was asked of the API server about the object, and each request's way
// through it: authentication, authorisation, admission, validation, etcd, watches.

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/selection_header.h"

namespace kubewalk::ui {

namespace {

// A station of the way with what happened there; several admission plugins that changed nothing are one.
struct Station {
    std::string_view title;  // id of the string
    enum class Mark : unsigned char { passed, changed, refused } mark = Mark::passed;
    std::string text;        // markdown
};

const std::string& argument(const sim::Fact& fact, std::size_t index) {
    static const std::string none;
    return index < fact.args.size() ? fact.args[index] : none;
}

std::vector<Station> stations(const Ui& ui, const view::RequestWay& way) {
    using Mark = Station::Mark;
    std::vector<Station> out;
    const app::Strings& words = ui.state.words;
    std::size_t silent = 0;
    auto flush = [&] {
        if (silent > 0) out.push_back({"requests.admission", Mark::passed, words.format("requests.silent", {std::to_string(silent)})});
        silent = 0;
    };
    for (const sim::Fact& fact : way.stages) {
        if (fact.id == "apiserver.admission") {
            if (argument(fact, 1) == "allowed") {
                ++silent;
                continue;
            }
            flush();
            bool denied = argument(fact, 1) == "denied";
            out.push_back({"requests.admission", denied ? Mark::refused : Mark::changed, words.format(denied ? "requests.denied" : "requests.changed", {argument(fact, 0)})});
            continue;
        }
        flush();
        if (fact.id == "apiserver.authn")
            out.push_back({"requests.authn", Mark::passed, words.format("requests.user", {argument(fact, 0), argument(fact, 1)})});
        else if (fact.id == "apiserver.authz")
            out.push_back({"requests.authz", argument(fact, 0) == "allow" ? Mark::passed : Mark::refused,
                           words.format(argument(fact, 0) == "allow" ? "requests.allowed" : "requests.forbidden", {argument(fact, 2), argument(fact, 3), argument(fact, 4), argument(fact, 5)})});
        else if (fact.id == "apiserver.validation")
            out.push_back({"requests.validation", argument(fact, 0) == "valid" ? Mark::passed : Mark::refused,
                           words.format(argument(fact, 0) == "valid" ? "requests.valid" : "requests.invalid", {argument(fact, 1)})});
        else if (fact.id == "apiserver.write")
            out.push_back({"requests.write", Mark::changed, words.format("requests.written", {argument(fact, 0), argument(fact, 1)})});
        else if (fact.id == "apiserver.watch")
            out.push_back({"requests.watch", Mark::passed, words.format("requests.told", {argument(fact, 0)})});
        else
            out.push_back({"requests.admission", Mark::passed, words.fact(fact)});
    }
    flush();
    return out;
}

class RequestsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    float draw_request(Ui& ui, const view::RequestWay& way, Vec at, float width);
    static float draw_way(Ui& ui, const view::RequestWay& way, Vec at, float width);

    sim::CauseId opened_ = 0;
    sim::CauseId asked_for_ = 0;  // what the API calls table had chosen last
};

float RequestsPanel::draw_way(Ui& ui, const view::RequestWay& way, Vec at, float width) {
    const Theme& theme = ui.theme();
    float y = at.y;
    ParagraphStyle style{12.5f, 19, theme.text};
    const auto list = stations(ui, way);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Station& station = list[i];
        bool refused = station.mark == Station::Mark::refused, changed = station.mark == Station::Mark::changed;
        Color color = refused ? theme.rose : changed ? theme.amber : theme.green;
        RichText text = rich(station.text);
        float height = 19 + measure_rich(ui, text, style, width - 30) + 8;
        Vec dot(at.x + 9, y + 10);
        if (i + 1 < list.size()) ui.list()->AddLine(dot, Vec(dot.x, y + height + 10), theme.line, 1.5f);
        ui.list()->AddCircleFilled(dot, 8, theme.panel);
        ui.list()->AddCircleFilled(dot, 7, refused ? theme.rose_tint : changed ? theme.amber_tint : theme.green_tint);
        draw_icon(ui.list(), refused ? Icon::cross : changed ? Icon::pointer : Icon::check, dot, 8, color);
        draw_text_in(ui.list(), ui.fonts, rect(at.x + 26, y, width - 30, 20), {Face::strong, 12, theme.text}, ui.t(station.title));
        style.color = refused ? theme.rose_text : theme.dim;
        draw_rich(ui, Vec(at.x + 26, y + 19), text, style, width - 30);
        y += height;
    }
    if (!way.message.empty()) y += draw_rich(ui, Vec(at.x + 26, y), {{RunKind::text, way.message, Face::code, theme.rose_text, {}}}, {11.5f, 17, 0}, width - 30) + 6;
    return y - at.y;
}

Color method_color(const Theme& theme, std::string_view method) {
    if (method == "PATCH") return theme.blue_text;
    if (method == "PUT") return theme.violet_text;
    if (method == "POST") return theme.amber_text;
    if (method == "DELETE") return theme.rose_text;
    return theme.dim;
}

float RequestsPanel::draw_request(Ui& ui, const view::RequestWay& way, Vec at, float width) {
    const Theme& theme = ui.theme();
    bool open = opened_ == way.id && way.id != 0;
    constexpr float head = 46;
    Rect row = rect(at.x, at.y, width, head);
    Press state = press(ui, row, cat("request-", way.id), cat(way.agent, " ", way.method, " ", way.path), 8);
    if (open)
        box_with_line(ui.list(), row, theme.selected_row, theme.selected_line, 8);
    else if (state.hovered)
        ui.list()->AddRectFilled(row.Min, row.Max, theme.hover, 8);
    float x = row.Min.x + 10, right = row.Max.x - 10;
    TextStyle small{Face::code, 11, theme.faint};
    std::string clock = to_clock(way.at);
    float clock_width = ui.fonts.width(clock, small);
    draw_text_in(ui.list(), ui.fonts, rect(x, row.Min.y + 4, width - clock_width - 30, 20), {Face::strong, 12.5f, theme.text}, way.agent);
    draw_text_in(ui.list(), ui.fonts, rect(right - clock_width, row.Min.y + 4, clock_width + 1, 20), small, clock);
    TextStyle method{Face::code, 11.5f, method_color(theme, way.method)};
    draw_text(ui.list(), ui.fonts, Vec(x, row.Min.y + 23), 18, method, way.method);
    float method_width = ui.fonts.width(way.method, method) + 8;
    TextStyle code{Face::code, 11.5f, way.code >= 400 ? theme.rose_text : theme.dim};
    std::string status = std::to_string(way.code);
    float status_width = ui.fonts.width(status, code);
    TextStyle path{Face::code, 11.5f, theme.dim};
    float room = right - status_width - 10 - x - method_width;
    draw_text_in(ui.list(), ui.fonts, rect(x + method_width, row.Min.y + 23, room, 18), path, elide_middle(ui.fonts, way.path, path, room - 2));
    draw_text_in(ui.list(), ui.fonts, rect(right - status_width, row.Min.y + 23, status_width + 1, 18), code, status);
    if (state.hovered) tooltip(ui, way.path);
    if (state.clicked) opened_ = open ? 0 : way.id;
    float height = head + 4;
    if (open) height += 8 + draw_way(ui, way, Vec(at.x + 10, at.y + head + 8), width - 14) + 8;
    return height;
}

void RequestsPanel::draw(Ui& ui, const Rect& area) {
    const app::Inspected& inspected = ui.model().inspected;
    float y = draw_selection_header(ui, area);
    if (!has_selected_object(ui) && inspected.requests.empty()) return;
    // What was clicked in the table of API calls opens here.
    if (inspected.call != asked_for_) {
        asked_for_ = inspected.call;
        if (asked_for_ != 0) opened_ = asked_for_;
    }
    begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(14, 0);
    float width = area.GetWidth() - 30;
    at.y += draw_remark(ui, at + Vec(2, 0), width, ui.t(inspected.requests.empty() ? "requests.none" : "requests.intro")) + 10;
    for (const view::RequestWay& way : inspected.requests) at.y += draw_request(ui, way, at, width);
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_requests_panel() {
    return std::make_unique<RequestsPanel>();
}

}  // namespace kubewalk::ui
