// The DNS view: one name, every query of the search list in the order it was sent, who answered what.

#include <algorithm>

#include "web/ui/canvas.h"
#include "web/ui/dropdown.h"
#include "web/ui/panels.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float bar_height = 58;
constexpr float row_height = 74;

class DnsView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void draw_bar(Ui& ui, const Rect& area);
    void draw_lookup(Ui& ui, const app::DnsLookup& lookup, int number, const Rect& box, bool last);

    TextField name_;
    std::string from_;
    bool filled_ = false;
};

std::vector<DropdownItem> pods(const Ui& ui) {
    std::vector<DropdownItem> out;
    for (const view::NodeBox& node : ui.model().architecture.nodes)
        for (const view::PodChip& pod : node.pods)
            if (pod.namespace_name != "kube-system" && pod.namespace_name != "kube-flannel")
                out.push_back({"pod/" + pod.namespace_name + "/" + pod.name, "pod/" + pod.namespace_name + "/" + pod.name});
    for (const view::NodeBox& node : ui.model().architecture.nodes) out.push_back({"node/" + node.name, "node/" + node.name});
    out.push_back({"laptop", "laptop"});
    return out;
}

void DnsView::draw_bar(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    if (!filled_) {
        name_.buffer.reset("catalogue");
        filled_ = true;
    }
    std::vector<DropdownItem> items = pods(ui);
    int selected = -1;
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].id == from_) selected = static_cast<int>(i);
    // To begin with: a Pod of the shop that has the tools.
    for (std::size_t i = 0; selected < 0 && i < items.size(); ++i)
        if (items[i].id.rfind("pod/sock-shop/carts-", 0) == 0 && items[i].id.find("carts-db") == std::string::npos) selected = static_cast<int>(i);
    if (selected < 0) selected = 0;
    from_ = items.empty() ? std::string() : items[static_cast<std::size_t>(selected)].id;

    Rect bar = Rect(area.Min.x + 16, area.Max.y - bar_height, area.Max.x - 16, area.Max.y - 14);
    shadow(ui.list(), bar, 10, theme.shadow, 8);
    box_with_line(ui.list(), bar, theme.panel, theme.line, 10);
    float x = bar.Min.x + 12, y = bar.Min.y + 7, height = bar.GetHeight() - 14;
    float from_width = std::clamp(bar.GetWidth() * 0.36f, 110.0f, 280.0f);
    TextStyle code{Face::code, 12, theme.text};
    int chosen = dropdown(ui, rect(x, y, from_width, height), "from", ui.t("traffic.from"), elide_middle(ui.fonts, from_, code, from_width - 38),
                          items, selected, Face::code);
    if (chosen >= 0) from_ = items[static_cast<std::size_t>(chosen)].id;
    x += from_width + 10;
    std::string look(ui.t("dns.lookup"));
    float width = button_width(ui, look, 13, 14) + 4;
    FieldOptions options;
    options.face = Face::code;
    options.size = 12;
    options.placeholder = ui.t("dns.name");
    options.error = !ui.model().request_error.empty();
    FieldEvent event = name_.draw(ui, Rect(x, y, bar.Max.x - 16 - width, y + height), "name", ui.t("dns.name"), options);
    ButtonOptions primary;
    primary.kind = ButtonKind::primary;
    bool pressed = button(ui, rect(bar.Max.x - 8 - width, y, width, height), "look-up", look, primary);
    // A lookup is the beginning of a request: the same packets, the same trace.
    if ((pressed || event == FieldEvent::submitted) && !name_.buffer.text().empty())
        ui.state.queue(ActionKind::send_request, from_, "http://" + name_.buffer.text() + "/");
}

void DnsView::draw_lookup(Ui& ui, const app::DnsLookup& lookup, int number, const Rect& box, bool last) {
    const Theme& theme = ui.theme();
    bool found = lookup.answer.rfind("NOERROR", 0) == 0;
    bool answered = lookup.outcome == net::Outcome::delivered;
    Color color = !answered ? theme.rose : found ? theme.green : theme.amber;
    if (!last) ui.list()->AddLine(Vec(box.Min.x + 22, box.Min.y + 34), Vec(box.Min.x + 22, box.Max.y + 34), theme.line, 2);
    Rect card(box.Min + Vec(48, 0), box.Max - Vec(0, 10));
    Press state = press(ui, card, "query-" + std::to_string(number), lookup.question, 11);
    box_with_line(ui.list(), card, theme.raised, state.hovered ? theme.selected_line : theme.line, 11);
    number_badge(ui, ui.list(), Vec(box.Min.x + 22, card.GetCenter().y), 12, number, theme.badge, theme.on_accent);
    // "A catalogue.sock-shop..." : type, then name.
    std::size_t blank = lookup.question.find(' ');
    std::string type = lookup.question.substr(0, blank == std::string::npos ? 0 : blank);
    std::string name = blank == std::string::npos ? lookup.question : lookup.question.substr(blank + 1);
    TextStyle code{Face::code, 13, theme.text};
    float x = card.Min.x + 14;
    draw_text(ui.list(), ui.fonts, Vec(x, card.Min.y + 8), 22, {Face::code, 12, theme.blue_text}, type);
    draw_text_in(ui.list(), ui.fonts, Rect(x + 48, card.Min.y + 8, card.Max.x - 12, card.Min.y + 30), code,
                 elide_middle(ui.fonts, name, code, card.GetWidth() - 80));
    float y = card.Min.y + 34;
    draw_icon(ui.list(), !answered ? Icon::warning : found ? Icon::check : Icon::cross, Vec(x + 7, y + 10), 12, color);
    std::string answer = answered ? lookup.answer : std::string(ui.t(std::string("outcome.") + std::string(net::outcome_name(lookup.outcome))));
    std::string by = ui.state.words.format("dns.answered_by", {lookup.endpoint_name.empty() ? lookup.server : lookup.endpoint_name});
    TextStyle small = ui.dim(12);
    float by_width = std::min(ui.fonts.width(by, small), card.GetWidth() * 0.5f);
    draw_text_in(ui.list(), ui.fonts, Rect(x + 22, y, card.Max.x - by_width - 24, y + 20), {Face::code, 12, found && answered ? theme.teal_text : theme.dim}, answer);
    draw_text_in(ui.list(), ui.fonts, Rect(card.Max.x - by_width - 14, y, card.Max.x - 12, y + 20), small, elide_middle(ui.fonts, by, small, by_width));
    if (state.hovered) tooltip(ui, ui.t("dns.follow"));
    if (state.clicked) {
        ui.state.queue(ActionKind::select_connection, lookup.connection);
        ui.state.settings.view = app::View::traffic;
    }
}

void DnsView::draw(Ui& ui, const Rect& area) {
    const auto& lookups = ui.model().lookups;
    Rect stage(area.Min, Vec(area.Max.x, area.Max.y - bar_height - 6));
    if (lookups.empty()) {
        draw_empty(ui, stage, ui.t("dns.empty"), ui.t("dns.empty.hint"));
    } else {
        begin_area(ui, stage, ".list");
        Vec start = ImGui::GetCursorScreenPos();
        float width = std::min(760.0f, area.GetWidth() - 48);
        float x = start.x + (area.GetWidth() - width) * 0.5f - 8;
        for (std::size_t i = 0; i < lookups.size(); ++i)
            draw_lookup(ui, lookups[i], static_cast<int>(i) + 1, rect(x, start.y + 10 + static_cast<float>(i) * row_height, width, row_height),
                        i + 1 == lookups.size());
        content_size(Vec(1, static_cast<float>(lookups.size()) * row_height + 20));
        end_area(ui);
    }
    draw_bar(ui, area);
}

}  // namespace

std::unique_ptr<Panel> make_dns_view() {
    return std::make_unique<DnsView>();
}

}  // namespace kubewalk::ui
