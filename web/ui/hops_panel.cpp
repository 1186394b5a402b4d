// The inspector's Hops: the way there and back as a list, and the packet before and after the chosen hop.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/dropdown.h"
#include "web/ui/hop_words.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

class HopsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    float draw_connections(Ui& ui, Vec at, float width);
    float draw_probes(Ui& ui, Vec at, float width);
    float draw_unresolved(Ui& ui, Vec at, float width);
    float draw_hop(Ui& ui, const view::TrafficStep& step, int index, Vec at, float width);
    float draw_packet(Ui& ui, const view::TrafficStep& step, Vec at, float width);
    int scrolled_to_ = -1;
};

std::string hex(std::uint32_t value) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    do {
        out.insert(out.begin(), digits[value & 15]);
        value >>= 4;
    } while (value != 0);
    return "0x" + out;
}

// The last chain names the endpoint; jumps on the way say less than what they led to.
std::string hop_detail(const view::TrafficStep& step) {
    if (!step.data.rule.empty()) return step.data.rule;
    return step.data.out.source.text() + " → " + step.data.out.destination.text();
}

float HopsPanel::draw_hop(Ui& ui, const view::TrafficStep& step, int index, Vec at, float width) {
    const Theme& theme = ui.theme();
    bool selected = ui.state.step == index;
    bool changed = !(step.data.in == step.data.out);
    ParagraphStyle title{12.5f, 19, theme.text};
    ParagraphStyle detail{11.5f, 17, changed && selected ? theme.teal_text : theme.dim};
    RichText first = {{RunKind::text, hop_title(step), selected ? Face::strong : Face::text, 0, {}}};
    if (!step.data.verdict.empty()) first.push_back({RunKind::text, cat("  ", verdict_word(ui, step.data.verdict)), Face::strong, verdict_color(ui, step), {}});
    RichText second = {{RunKind::text, hop_detail(step), Face::code, 0, {}}};
    float inner = width - 48;
    float first_height = measure_rich(ui, first, title, inner);
    float second_height = selected || step.data.rule.size() < 60 ? measure_rich(ui, second, detail, inner) : 17;
    Rect box = rect(at.x, at.y, width, first_height + second_height + 12);
    Press state = press(ui, box, std::to_string(index + 1), hop_title(step));
    if (selected)
        box_with_line(ui.list(), box, theme.selected_row, theme.selected_line, 8);
    else if (state.hovered)
        ui.list()->AddRectFilled(box.Min, box.Max, theme.hover, 8);
    number_badge(ui, ui.list(), box.Min + Vec(19, 16), 10, index + 1, selected ? theme.primary : theme.badge, theme.on_accent);
    draw_rich(ui, box.Min + Vec(38, 6), first, title, inner);
    Vec below = box.Min + Vec(38, 6 + first_height);
    if (second_height > 17 || measure_rich(ui, second, detail, inner) <= 17)
        draw_rich(ui, below, second, detail, inner);
    else
        draw_text_in(ui.list(), ui.fonts, rect(below.x, below.y, inner, 17), {Face::code, 11.5f * 12.5f / 13.5f, detail.color}, hop_detail(step));
    if (state.clicked) ui.state.queue(ActionKind::select_step, index);
    if (selected && scrolled_to_ != index) {
        scrolled_to_ = index;
        ImGui::SetScrollFromPosY(box.GetCenter().y - ImGui::GetWindowPos().y, 0.4f);
    }
    return box.GetHeight() + 2;
}

float HopsPanel::draw_packet(Ui& ui, const view::TrafficStep& step, Vec at, float width) {
    const Theme& theme = ui.theme();
    struct Field {
        std::string name, before, after;
    };
    const net::Header& in = step.data.in;
    const net::Header& out = step.data.out;
    std::vector<Field> fields = {{"src", in.source.text(), out.source.text()},
                                 {"dst", in.destination.text(), out.destination.text()},
                                 {"mark", hex(in.mark), hex(out.mark)},
                                 {"ct", in.conntrack.empty() ? "–" : in.conntrack, out.conntrack.empty() ? "–" : out.conntrack},
                                 {"ttl", std::to_string(in.ttl), std::to_string(out.ttl)}};
    float y = at.y;
    draw_text(ui.list(), ui.fonts, Vec(at.x, y), 20, ui.dim(12.5f),
              ui.state.words.format("traffic.packet_at", {std::to_string(ui.state.step + 1)}));
    y += 26;
    // Addresses go on below where a panel is narrow; nothing of them is left out.
    constexpr float name_width = 52, padding = 5, apart = 8;
    const std::string same(ui.t("traffic.same"));
    const auto shown = [&](const Field& field) -> const std::string& { return field.before == field.after ? same : field.after; };
    float widest_before = 0, widest_after = 0;
    for (const Field& field : fields) {
        widest_before = std::max(widest_before, ui.fonts.width(field.before, {Face::code, 11, 0}) + apart);
        widest_after = std::max(widest_after, ui.fonts.width(shown(field), {Face::code, 11, 0}) + apart);
    }
    if (step.data.outer) {
        widest_before = std::max(widest_before, ui.fonts.width(step.data.outer->source.text(), {Face::code, 11, 0}) + apart);
        widest_after = std::max(widest_after, ui.fonts.width(step.data.outer->destination.text(), {Face::code, 11, 0}) + apart);
    }
    // Halves, unless one side needs more and the other can give it.
    const float both = width - name_width;
    float half = std::floor(both * 0.5f);
    if (widest_before + widest_after <= both) half = std::clamp(half, widest_before, both - widest_after);
    const float rest = both - half;
    // Between address and port rather than within a number.
    auto fitted = [&](std::string text, float room) {
        const std::size_t colon = text.rfind(':');
        if (colon != std::string::npos && ui.fonts.width(text, {Face::code, 11, 0}) > room) text.insert(colon + 1, "\n");
        return text;
    };
    auto row = [&](const std::string& a, const std::string& b, const std::string& c, bool header, bool changed) {
        const Color color = header ? theme.faint : theme.text;
        const ParagraphStyle style{11, 17, color}, after{11, 17, changed ? theme.teal_text : color};
        const RichText name = words(a, Face::code), before = words(fitted(b, half - apart), Face::code), then = words(fitted(c, rest - 4), Face::code);
        const float height = 2 * padding + ImMax(measure_rich(ui, before, style, half - apart), measure_rich(ui, then, after, rest - 4));
        if (changed) ui.list()->AddRectFilled(Vec(at.x + name_width + half - 6, y), Vec(at.x + width, y + height), theme.teal_tint, 4);
        draw_rich(ui, Vec(at.x + 6, y + padding), name, style, name_width);
        draw_rich(ui, Vec(at.x + name_width, y + padding), before, style, half - apart);
        draw_rich(ui, Vec(at.x + name_width + half, y + padding), then, after, rest - 4);
        y += height;
        ui.list()->AddLine(Vec(at.x, y - 0.5f), Vec(at.x + width, y - 0.5f), theme.line_soft);
    };
    row(std::string(ui.t("traffic.field")), std::string(ui.t("traffic.before")), std::string(ui.t("traffic.after")), true, false);
    for (const Field& field : fields) {
        row(field.name, field.before, shown(field), false, field.before != field.after);
    }
    if (step.data.outer)
        row("VXLAN", step.data.outer->source.text(), step.data.outer->destination.text(), false, false);
    y += 12;
    if (!step.data.why.id.empty()) {
        RichText why = {{RunKind::text, std::string(ui.t("traffic.why")) + " ", Face::text, theme.dim, {}}};
        for (Run& run : rich(ui.state.words.fact(step.data.why))) why.push_back(std::move(run));
        y += draw_rich(ui, Vec(at.x, y), why, {12.5f, 19, theme.text}, width) + 10;
    }
    if (!step.data.chain.empty()) {
        RichText chains;
        for (const std::string& chain : step.data.chain) {
            if (!chains.empty()) chains.push_back({RunKind::text, " → ", Face::text, theme.faint, {}});
            chains.push_back({RunKind::code, chain, Face::code, 0, {}});
        }
        y += draw_rich(ui, Vec(at.x, y), chains, {12, 21, theme.dim}, width) + 8;
    }
    return y - at.y;
}

// Several connections belong to one request: the lookup, what a program called meanwhile.
float HopsPanel::draw_connections(Ui& ui, Vec at, float width) {
    const app::Model& model = ui.model();
    float y = at.y;
    auto choose = [&](std::string_view id, std::string_view label, const std::vector<std::string>& names, int selected, ActionKind kind) {
        std::vector<DropdownItem> items;
        for (std::size_t i = 0; i < names.size(); ++i) items.push_back({std::to_string(i), names[i]});
        auto index = static_cast<std::size_t>(std::max(0, selected));
        std::string shown = index < names.size() ? names[index] : std::string();
        int chosen = dropdown(ui, rect(at.x, y, width, 30), id, label, shown, items, selected, Face::code);
        if (chosen >= 0) ui.state.queue(kind, chosen);
        y += 36;
    };
    std::vector<std::string> titles;
    for (const app::SentRequest& request : model.requests) titles.push_back(request.title);
    if (titles.size() > 1) choose("request", ui.t("traffic.requests"), titles, model.request, ActionKind::select_trace);
    if (model.traffic.connections.size() > 1)
        choose("connection", ui.t("traffic.connection"), model.traffic.connections, model.connection, ActionKind::select_connection);
    return y - at.y;
}

// Kubelets ask without end; they are shown to whoever wants to see them.
float HopsPanel::draw_probes(Ui& ui, Vec at, float width) {
    const auto& probes = ui.model().probes;
    ButtonOptions options;
    options.size = 12;
    options.selected = ui.state.probes;
    std::string label(ui.t("traffic.probes"));
    if (button(ui, rect(at.x, at.y, button_width(ui, label, 12), 26), "probes", label, options)) ui.state.probes = !ui.state.probes;
    float y = at.y + 34;
    if (!ui.state.probes) return y - at.y;
    std::vector<DropdownItem> items;
    for (std::size_t i = 0; i < probes.size(); ++i) {
        const app::ProbeTarget& probe = probes[i];
        items.push_back({std::to_string(i), probe.pod.substr(probe.pod.find('/') + 1) + "  " + probe.kind + "  " + probe.period});
    }
    int chosen = dropdown(ui, rect(at.x, y, width, 30), "probe", ui.t("traffic.probes"), ui.t("traffic.probes.hint"), items, -1, Face::text);
    if (chosen >= 0) ui.state.queue(ActionKind::trace_probe, chosen);
    return y + 38 - at.y;
}

// The lookup's own packets may all have arrived: what came back was that there is no such name.
float HopsPanel::draw_unresolved(Ui& ui, Vec at, float width) {
    const app::Model& model = ui.model();
    if (model.request < 0 || !model.requests[static_cast<std::size_t>(model.request)].unresolved) return 0;
    const std::string said = ui.state.words.format("traffic.unresolved", {model.requests[static_cast<std::size_t>(model.request)].host});
    const ParagraphStyle style{12.5f, 19, ui.theme().text};
    const RichText text = rich(said);
    const float height = measure_rich(ui, text, style, width - 44) + 16;
    const Rect box = rect(at.x, at.y, width, height);
    box_with_line(ui.list(), box, ui.theme().rose_tint, ui.theme().rose, 8);
    draw_icon(ui.list(), Icon::warning, box.Min + Vec(18, 18), 12, ui.theme().rose);
    draw_rich(ui, box.Min + Vec(34, 8), text, style, width - 44);
    ui.items.note("inspector/hops/unresolved", said, box);
    return height + 10;
}

void HopsPanel::draw(Ui& ui, const Rect& area) {
    const auto& steps = ui.model().traffic.steps;
    if (steps.empty()) {
        Vec at = area.Min + Vec(16, 0);
        const float width = area.GetWidth() - 32;
        draw_text(ui.list(), ui.fonts, at + Vec(0, 2), 24, ui.strong(14), ui.t("traffic.empty"));
        at.y += 30 + draw_rich(ui, at + Vec(0, 30), rich(ui.t("traffic.empty.hint")), {13, 20, ui.theme().dim}, width) + 14;
        draw_probes(ui, at, width);
        return;
    }
    begin_area(ui, area, "list");
    Vec start = ImGui::GetCursorScreenPos();
    float width = area.GetWidth() - 32;
    Vec at = start + Vec(16, 0);
    at.y += draw_connections(ui, at, width);
    at.y += draw_probes(ui, at, width);
    at.y += draw_unresolved(ui, at, width);
    view::Direction direction = view::Direction::request;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].direction != direction) {
            direction = steps[i].direction;
            at.y += 8;
            draw_text(ui.list(), ui.fonts, at + Vec(8, 0), 20, ui.dim(12), ui.t("traffic.reply"));
            at.y += 22;
        }
        at.y += draw_hop(ui, steps[i], static_cast<int>(i), at, width);
        // Right under the chosen hop, so that a long way needs no scrolling to and fro.
        if (ui.state.step == static_cast<int>(i)) at.y += 10 + draw_packet(ui, steps[i], at + Vec(0, 10), width) + 6;
    }
    content_size(Vec(1, at.y - start.y + 16));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_hops_panel() {
    return std::make_unique<HopsPanel>();
}

}  // namespace kubewalk::ui
