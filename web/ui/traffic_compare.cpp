#include "web/ui/traffic_compare.h"

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/hop_words.h"
#include "web/ui/inspector_rows.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;
using view::HopDifference;

constexpr float row_height = 44, alike_height = 30;  // what is alike takes less: the eye goes to what is not
constexpr float middle_width = 84;

const net::Connection* connection_of(const std::shared_ptr<const net::Trace>& trace, int index) {
    if (!trace || index < 0 || static_cast<std::size_t>(index) >= trace->connections.size()) return nullptr;
    return &trace->connections[static_cast<std::size_t>(index)];
}

std::string_view word_of(const Ui& ui, HopDifference difference) {
    switch (difference) {
    case HopDifference::none: return {};
    case HopDifference::node: return ui.t("compare.node");
    case HopDifference::header: return ui.t("compare.header");
    case HopDifference::verdict: return ui.t("compare.verdict");
    case HopDifference::chains: return ui.t("compare.chains");
    case HopDifference::only_left: return ui.t("compare.only_left");
    case HopDifference::only_right: return ui.t("compare.only_right");
    }
    return {};
}

void draw_hop(Ui& ui, const view::TrafficStep* step, int index, const Rect& box, bool differs) {
    const Theme& theme = ui.theme();
    if (!step) {
        dashed_box(ui.list(), inset(box, 2), theme.line, 8);
        return;
    }
    box_with_line(ui.list(), box, theme.raised, differs ? with_alpha(theme.amber, 0.8f) : theme.line, 8);
    number_badge(ui, ui.list(), box.Min + Vec(16, 15), 9.0f, index + 1, theme.badge, theme.on_accent);
    std::string title = step->data.node;
    if (!step->data.at.empty() && step->data.at != step->data.node) title += " · " + step->data.at;
    TextStyle strong{Face::strong, 12, theme.text};
    const std::string_view word = verdict_word(ui, step->data.verdict);
    bool bad = step->data.verdict == "drop" || step->data.verdict == "DROP" || step->data.verdict == "reject" || step->data.verdict == "REJECT";
    TextStyle verdict{Face::code, 11, bad ? theme.rose_text : differs ? theme.amber_text : theme.dim};
    float verdict_width = std::min(ui.fonts.width(word, verdict), box.GetWidth() * 0.4f);
    float room = box.GetWidth() - 44 - verdict_width;
    const bool alike = box.GetHeight() < row_height;
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 31, box.Min.y + (alike ? 5.0f : 4.0f), room, 20), strong, elide_middle(ui.fonts, title, strong, room));
    draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - verdict_width - 9, box.Min.y + (alike ? 5.0f : 4.0f), verdict_width + 1, 20), verdict, word);
    if (alike) return;
    std::string header = cat(step->data.out.source.text(), " → ", step->data.out.destination.text());
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 31, box.Min.y + 22, box.GetWidth() - 40, 18), {Face::code, 10.5f, theme.dim}, header);
}

// Title, outcome, and whom the server believes to speak to.
void draw_side(Ui& ui, const Rect& box, std::string_view label, const std::string& title, const net::Connection* connection, net::Outcome outcome, std::size_t hops) {
    const Theme& theme = ui.theme();
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y, box.GetWidth(), 18), {Face::text, 11.5f, theme.dim}, label);
    TextStyle code{Face::code, 12, theme.text};
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y + 18, box.GetWidth(), 20), code, elide_middle(ui.fonts, title, code, box.GetWidth()));
    if (!connection) return;
    const bool good = outcome == net::Outcome::delivered;
    std::string text = cat(outcome_word(ui, outcome), " · ", ui.state.words.format("compare.hops", {std::to_string(hops)}));
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y + 38, box.GetWidth(), 18), {Face::text, 12, good ? theme.dim : theme.rose_text}, text);
    if (good)
        draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y + 56, box.GetWidth(), 18), {Face::text, 12, theme.dim},
                     ui.state.words.format("compare.seen", {connection->client_seen.ip.text()}));
}

}  // namespace

void draw_traffic_comparison(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    const app::Model& model = ui.model();
    begin_area(ui, area, "compare");
    Vec start = ImGui::GetCursorScreenPos();
    float width = std::min(1080.0f, area.GetWidth() - 44), x = start.x + (area.GetWidth() - width) * 0.5f - 3;
    float half = (width - middle_width) * 0.5f;
    const auto& left = model.pinned.scene.steps;
    const auto& right = model.traffic.steps;
    const app::SentRequest& shown = model.requests[static_cast<std::size_t>(model.request)];
    float y = start.y + 4;
    draw_side(ui, rect(x, y, half, 76), ui.t("compare.pinned"), model.pinned.title, connection_of(model.pinned.trace, model.pinned.connection), model.pinned.outcome, left.size());
    draw_side(ui, rect(x + half + middle_width, y, half, 76), ui.t("compare.shown"), shown.title, connection_of(shown.trace, model.connection), model.outcome, right.size());
    auto differing = std::count_if(model.compared.begin(), model.compared.end(), [](const view::HopPair& pair) { return pair.difference != HopDifference::none; });
    TextStyle sum{Face::strong, 13, differing > 0 ? theme.amber_text : theme.dim};
    draw_text_in(ui.list(), ui.fonts, rect(x + half, y + 10, middle_width, 24), sum, std::to_string(differing), Align::center);
    draw_text_in(ui.list(), ui.fonts, rect(x + half, y + 30, middle_width, 18), {Face::text, 11, theme.dim}, ui.t("compare.differ"), Align::center);
    y += 88;
    auto direction = view::Direction::request;
    for (std::size_t i = 0; i < model.compared.size(); ++i) {
        const view::HopPair& pair = model.compared[i];
        const view::TrafficStep* a = pair.left < 0 ? nullptr : &left[static_cast<std::size_t>(pair.left)];
        const view::TrafficStep* b = pair.right < 0 ? nullptr : &right[static_cast<std::size_t>(pair.right)];
        if ((a ? a : b)->direction != direction) {
            direction = (a ? a : b)->direction;
            draw_text(ui.list(), ui.fonts, Vec(x, y), 24, {Face::strong, 12, theme.dim}, ui.t("traffic.reply"));
            y += 28;
        }
        bool differs = pair.difference != HopDifference::none;
        const float tall = differs ? row_height : alike_height;
        Rect row = rect(x, y, width, tall);
        if (row.Max.y > area.Min.y && row.Min.y < area.Max.y) {
            Press state = press(ui, row, cat("pair-", i), word_of(ui, pair.difference), 8);
            draw_hop(ui, a, pair.left, rect(x, y, half, tall), differs);
            draw_hop(ui, b, pair.right, rect(x + half + middle_width, y, half, tall), differs);
            Vec middle(x + half + middle_width * 0.5f, row.GetCenter().y);
            Color color = differs ? theme.amber : theme.line;
            ui.list()->AddLine(Vec(x + half + 4, middle.y), Vec(x + half + middle_width - 4, middle.y), color, differs ? 2.0f : 1.5f);
            if (differs) {
                std::string_view word = word_of(ui, pair.difference);
                TextStyle style{Face::text, 11, theme.amber_text};
                float wide = std::min(ui.fonts.width(word, style) + 12, middle_width - 6);
                Rect tag = rect(middle.x - wide * 0.5f, middle.y - 10, wide, 20);
                box_with_line(ui.list(), tag, theme.amber_tint, theme.amber, 6);
                draw_text_in(ui.list(), ui.fonts, tag, style, word, Align::center);
            }
            if (state.clicked && pair.right >= 0) ui.state.queue(ActionKind::select_step, pair.right);
        }
        y += tall + 6;
    }
    content_size(Vec(1, y - start.y + 8));
    end_area(ui);
}

float endpoint_counts_height(const Ui& ui) {
    return ui.model().counts.empty() ? 0 : 66;
}

float draw_endpoint_counts(Ui& ui, const Rect& area) {
    const auto& counts = ui.model().counts;
    float height = endpoint_counts_height(ui);
    if (counts.empty()) return 0;
    const Theme& theme = ui.theme();
    int total = 0;
    for (const app::EndpointCount& count : counts) total += count.requests;
    Rect strip(area.Min.x + 16, area.Max.y - height, area.Max.x - 16, area.Max.y - 8);
    box_with_line(ui.list(), strip, theme.card, theme.line, 10);
    constexpr std::size_t most = 6;
    std::size_t shown = std::min(counts.size(), most);
    float cell = (strip.GetWidth() - 20) / static_cast<float>(shown);
    for (std::size_t i = 0; i < shown; ++i) {
        const app::EndpointCount& count = counts[i];
        Rect box = rect(strip.Min.x + 10 + cell * static_cast<float>(i), strip.Min.y + 6, cell - 14, strip.GetHeight() - 12);
        bool failed = count.name.empty();
        std::string name = failed ? std::string(ui.t("traffic.unanswered")) : count.name.substr(count.name.rfind('/') + 1);
        std::string number = cat(count.requests, "/", total);
        Press state = press(ui, box, cat("endpoint-", i), cat(name, " ", number), 6);
        if (state.hovered) ui.list()->AddRectFilled(inset(box, -3).Min, inset(box, -3).Max, theme.hover, 6);
        TextStyle strong{Face::strong, 12, failed ? theme.rose_text : theme.text}, small{Face::code, 10.5f, theme.dim};
        float number_width = ui.fonts.width(number, {Face::code, 12, 0});
        float room = box.GetWidth() - number_width - 8;
        draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y + (failed ? 7.0f : 0.0f), room, 18), strong, elide_middle(ui.fonts, name, strong, room));
        draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - number_width, box.Min.y + (failed ? 7.0f : 0.0f), number_width + 1, 18), {Face::code, 12, failed ? theme.rose_text : theme.teal_text}, number, Align::right);
        draw_text_in(ui.list(), ui.fonts, rect(box.Min.x, box.Min.y + 17, box.GetWidth(), 16), small, failed ? std::string() : cat(count.address, "  ", count.node));
        Rect bar = rect(box.Min.x, box.Max.y - 7, box.GetWidth(), 5);
        ui.list()->AddRectFilled(bar.Min, bar.Max, theme.line, 2.5f);
        bar.Max.x = bar.Min.x + bar.GetWidth() * static_cast<float>(count.requests) / static_cast<float>(std::max(1, total));
        ui.list()->AddRectFilled(bar.Min, bar.Max, failed ? theme.rose : theme.teal, 2.5f);
        std::size_t slash = count.name.find('/', 4);
        if (state.clicked && count.name.starts_with("pod/") && slash != std::string::npos)
            select_object(ui, {"pods", count.name.substr(4, slash - 4), count.name.substr(slash + 1)});
    }
    return height;
}

}  // namespace kubewalk::ui
