// The Traffic view: one request, hop by hop. The packet moves, its header travels beside it, what
// changed is marked; below stands the bar that sends the next request.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/hop_words.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/traffic_bar.h"
#include "web/ui/traffic_compare.h"
#include "web/ui/traffic_layout.h"
#include "web/ui/traffic_stage.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;
using Kind = view::TrafficElement::Kind;

constexpr float travel_s = 0.55f;
constexpr float badge_radius = 10;
constexpr float caption_height = 48;
constexpr float rest_s = 0.55f;  // on each hop, so that it can be read

class TrafficView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void follow(Ui& ui);
    void draw_machine(Ui& ui, const PlacedMachine& machine);
    void draw_element(Ui& ui, const PlacedElement& placed, bool client);
    void draw_ways(Ui& ui, const TrafficLayout& layout);
    struct Number {
        Vec at;
        int step;
    };
    std::vector<Number> numbers_of(const Ui& ui, const TrafficLayout& layout) const;
    void draw_numbers(Ui& ui);
    void draw_packet(Ui& ui, const TrafficLayout& layout);
    struct Card {
        std::string source, destination;
        Vec size;
    };
    Card card_of(const Ui& ui, const view::TrafficStep& step) const;
    Vec rest_of(const Ui& ui, const TrafficLayout& layout, int step) const;
    Rect card_place(const Ui& ui, const TrafficLayout& layout, int step, const Rect& clip) const;
    void draw_card(Ui& ui, const TrafficLayout& layout, Vec at, float share);
    void draw_caption(Ui& ui, const Rect& box);
    void draw_controls(Ui& ui, const Rect& area);
    static bool controls_below(const Rect& area) { return area.GetWidth() < 680; }
    void draw_gap(Ui& ui, const TrafficLayout& layout);
    void draw_scene(Ui& ui, const Rect& stage);
    const view::TrafficStep* current(const Ui& ui) const;
    Color way_color(const Ui& ui, const view::TrafficStep& step) const;

    Board board_;
    std::vector<Number> numbers_;  // of this frame: the packet's card keeps clear of them
    TrafficBar bar_;
    bool comparing_ = true;  // as soon as there is something to compare with
    // Which request the animation belongs to.
    int request_ = -1;
    int connection_ = -1;
    std::uint64_t session_ = 0;
    bool playing_ = false;
    int shown_step_ = 0;
    double step_since_ = 0;
};

const view::TrafficStep* TrafficView::current(const Ui& ui) const {
    const auto& steps = ui.model().traffic.steps;
    auto index = static_cast<std::size_t>(std::max(0, ui.state.step));
    return index < steps.size() ? &steps[index] : nullptr;
}

// Starts a new request's animation, moves on from hop to hop.
void TrafficView::follow(Ui& ui) {
    const app::Model& model = ui.model();
    bool fresh = model.request != request_ || model.connection != connection_ || model.session != session_;
    if (fresh) {
        bool first = request_ < 0 && session_ == 0;
        request_ = model.request;
        connection_ = model.connection;
        session_ = model.session;
        step_since_ = ui.now;
        shown_step_ = ui.state.step;
        playing_ = !first && !ui.reduced_motion && model.request >= 0;
    }
    if (ui.state.step != shown_step_) {
        shown_step_ = ui.state.step;
        step_since_ = ui.now;
    }
    double since = ui.now - step_since_;
    int last = static_cast<int>(model.traffic.steps.size()) - 1;
    if (playing_ && since > travel_s + rest_s) {
        if (ui.state.step < last) {
            ui.state.step = shown_step_ = ui.state.step + 1;
            step_since_ = ui.now;
        } else {
            playing_ = false;
        }
    }
    if (playing_ || (since < travel_s && !ui.reduced_motion)) ui.animating = true;
}

Color TrafficView::way_color(const Ui& ui, const view::TrafficStep& step) const {
    // Blue while it is still addressed to what the client asked for, teal after the rewrite.
    const auto& steps = ui.model().traffic.steps;
    bool rewritten = !steps.empty() && step.direction == view::Direction::request &&
                     !(step.data.in.destination == steps.front().data.in.destination);
    if (view::ends_here(step.data)) return ui.theme().rose;
    return rewritten || step.direction == view::Direction::reply ? ui.theme().teal : ui.theme().blue;
}

void TrafficView::draw_element(Ui& ui, const PlacedElement& placed, bool client) {
    const Theme& theme = ui.theme();
    const view::TrafficElement& element = *placed.element;
    const view::TrafficStep* step = current(ui);
    bool here = step && step->element == element.id;
    bool rules = element.kind == Kind::netfilter;
    bool target = element.kind == Kind::pod && element.involved;
    Press state = canvas_item(ui, board_, placed.box, element.id, element.title + " " + element.subtitle, 11);
    Color line = here ? theme.teal : rules && element.involved ? theme.blue : state.hovered ? theme.selected_line : theme.line;
    Color fill = here || target ? theme.teal_tint : client ? theme.panel : theme.raised;
    if (target && !here) line = theme.teal;
    if (rules && here) fill = theme.blue_tint;
    // Where it ended before its goal; what comes back then is an error's way.
    const auto& steps = ui.model().traffic.steps;
    auto there = std::find_if(steps.rbegin(), steps.rend(), [](const view::TrafficStep& one) { return one.direction == view::Direction::request; });
    bool ended = there != steps.rend() && there->element == element.id && view::ends_here(there->data);
    if (ended) line = theme.rose, fill = theme.rose_tint;
    draw_box(ui, board_, placed.box, {fill, line, 11, here || ended || (rules && element.involved) || target ? 1.6f : 1.0f});

    float x = placed.box.Min.x + 13, width = placed.box.GetWidth() - 22;
    float y = placed.box.Min.y + (element.subtitle.empty() && element.lines.empty() ? placed.box.GetHeight() * 0.5f - 10 : 6);
    Color title = rules ? theme.blue_text : element.kind == Kind::tunnel || element.kind == Kind::bridge ? theme.violet_text
                  : element.involved                                                                     ? theme.text
                                                                                                         : theme.dim;
    float indent = 0;
    if (element.kind == Kind::pod) {
        draw_health(ui, board_.at(x + 4, y + 11), 4 * board_.scale, view::Health::healthy);
        if (state.hovered) tooltip(ui, element.id.starts_with("pod/") ? std::string_view(element.id).substr(4) : std::string_view(element.id));
        indent = 13;
    }
    TextStyle title_style{Face::strong, 12 * board_.scale, title};
    // Both ends of a long name matter: whose it is, and which interface.
    std::string shown = elide_middle(ui.fonts, element.title, title_style, (width - indent) * board_.scale);
    draw_label(ui, board_, Vec(x + indent, y), 20, {Face::strong, 12, title}, shown, width - indent + 2);
    y += 19;
    if (!element.subtitle.empty()) {
        draw_label(ui, board_, Vec(x, y), 17, {Face::code, 10.5f, theme.dim}, element.subtitle, width);
        y += 17;
    }
    // The last chains are the ones that decide; a low box shows fewer of them.
    const auto most = static_cast<std::size_t>(std::clamp((placed.box.GetHeight() - 31) / 15, 1.0f, 5.0f));
    std::size_t skip = element.lines.size() > most ? element.lines.size() - most : 0;
    for (std::size_t i = skip; i < element.lines.size(); ++i) {
        bool decides = step && here && element.lines[i] == step->data.at;
        bool last = i + 1 == element.lines.size();
        TextStyle style{Face::code, 10, ended && last ? theme.rose_text : decides || last ? theme.teal_text : theme.dim};
        TextStyle scaled = style;
        scaled.size *= board_.scale;
        draw_label(ui, board_, Vec(x, y), 15, style, elide(ui.fonts, element.lines[i], scaled, width * board_.scale), width + 2);
        y += 15;
    }
    if (!state.clicked) return;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].element == element.id) {
            playing_ = false;
            ui.state.queue(ActionKind::select_step, static_cast<double>(i));
            return;
        }
    // Not on the way: show what it is.
    constexpr std::string_view prefix = "pod/";
    if (element.id.rfind(prefix, 0) == 0) {
        std::size_t slash = element.id.find('/', prefix.size());
        app::Action action;
        action.kind = ActionKind::select_object;
        action.object = {"pods", element.id.substr(4, slash - 4), slash == std::string::npos ? "" : element.id.substr(slash + 1)};
        ui.state.queue(std::move(action));
    }
}

void TrafficView::draw_machine(Ui& ui, const PlacedMachine& placed) {
    const Theme& theme = ui.theme();
    const view::TrafficMachine& machine = *placed.machine;
    if (placed.client) {
        const view::TrafficStep* step = current(ui);
        bool here = step && step->machine == machine.name;
        Press state = canvas_item(ui, board_, placed.box, "machine/" + machine.name, machine.name, 12);
        draw_box(ui, board_, placed.box, {here ? theme.teal_tint : theme.panel, here ? theme.teal : state.hovered ? theme.selected_line : theme.line, 12, here ? 1.6f : 1.0f});
        TextStyle strong{Face::strong, 12.5f * board_.scale, theme.text};
        const float room = placed.box.GetWidth() - 12;
        const std::string_view title = machine_title(ui, machine.name);
        const std::string shown = elide_middle(ui.fonts, std::string(title), strong, room * board_.scale);
        strong.size = 12.5f;
        draw_label(ui, board_, placed.box.Min + Vec(6, 13), 20, strong, shown, room, Align::center);
        if (state.hovered && shown != title) tooltip(ui, title);
        draw_label(ui, board_, placed.box.Min + Vec(4, 33), 18, {Face::code, 10.5f, theme.dim}, machine.ip, placed.box.GetWidth() - 8, Align::center);
        return;
    }
    draw_box(ui, board_, placed.box, {theme.box, theme.box_line, 16});
    TextStyle strong{Face::strong, 12.5f, theme.text};
    draw_label(ui, board_, placed.box.Min + Vec(18, 10), 22, strong, machine.name, 150);
    TextStyle scaled = strong;
    scaled.size *= board_.scale;
    float used = ui.fonts.width(machine.name, scaled) / board_.scale + 12;
    std::string detail = machine.ip + " · podCIDR " + machine.pod_cidr;
    draw_label(ui, board_, placed.box.Min + Vec(18 + used, 10), 22, {Face::code, 10.5f, theme.dim}, detail, placed.box.GetWidth() - used - 36);
    for (const PlacedElement& element : placed.elements) draw_element(ui, element, false);
}

void TrafficView::draw_ways(Ui& ui, const TrafficLayout& layout) {
    const auto& steps = ui.model().traffic.steps;
    const view::TrafficStep* now = current(ui);
    if (!now) return;
    for (std::size_t i = 1; i < steps.size(); ++i) {
        if (steps[i].direction != now->direction || steps[i - 1].direction != now->direction) continue;
        Wire wire = layout.between(steps[i - 1].element, steps[i].element);
        if (wire.empty()) continue;
        bool done = static_cast<int>(i) <= ui.state.step;
        Color color = way_color(ui, steps[i]);
        wire.draw(ui, board_, done ? color : mix(ui.theme().line, color, 0.25f), done ? 2.5f : 1.8f);
    }
}

// One number per element: its first hop, or the one that is being looked at.
std::vector<TrafficView::Number> TrafficView::numbers_of(const Ui& ui, const TrafficLayout& layout) const {
    std::vector<Number> out;
    const auto& steps = ui.model().traffic.steps;
    const view::TrafficStep* now = current(ui);
    if (!now) return out;
    std::map<std::string, int, std::less<>> numbers;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].direction != now->direction) continue;
        numbers.emplace(steps[i].element, static_cast<int>(i));
        if (static_cast<int>(i) == ui.state.step) numbers[steps[i].element] = static_cast<int>(i);
    }
    for (const auto& [id, index] : numbers) {
        auto box = layout.boxes.find(id);
        if (box != layout.boxes.end()) out.push_back({board_.at(box->second.Min + Vec(2, 2)), index});
    }
    return out;
}

void TrafficView::draw_numbers(Ui& ui) {
    const Theme& theme = ui.theme();
    for (const Number& number : numbers_)
        number_badge(ui, ui.list(), number.at, badge_radius * board_.scale, number.step + 1, number.step == ui.state.step ? theme.primary : theme.badge, theme.on_accent);
}

TrafficView::Card TrafficView::card_of(const Ui& ui, const view::TrafficStep& step) const {
    const float s = std::max(1.0f, board_.scale);
    const TextStyle style{Face::code, 10.5f * s, 0};
    Card card{"src " + step.data.out.source.text(), "dst " + step.data.out.destination.text(), {}};
    card.size = Vec(std::max(ui.fonts.width(card.source, style), ui.fonts.width(card.destination, style)) + 22 * s, 42 * s);
    return card;
}

// Where the packet stands once it has arrived; on the board.
Vec TrafficView::rest_of(const Ui& ui, const TrafficLayout& layout, int step) const {
    const auto& steps = ui.model().traffic.steps;
    const auto index = static_cast<std::size_t>(step);
    const auto box = layout.boxes.find(steps[index].element);
    if (box == layout.boxes.end()) return {};
    if (step > 0)
        if (const Wire wire = layout.between(steps[index - 1].element, steps[index].element); !wire.empty()) return wire.point(1);
    return Vec(box->second.GetCenter().x, box->second.Max.y);
}

// Near the packet, where it covers the least: what the packet passes counts more than what only stands there.
Rect TrafficView::card_place(const Ui& ui, const TrafficLayout& layout, int step, const Rect& clip) const {
    constexpr float title = 34;  // of a machine's box
    const view::TrafficStep& shown = ui.model().traffic.steps[static_cast<std::size_t>(step)];
    struct Named {
        Rect box;
        float weight;
    };
    std::vector<Named> named;
    for (const PlacedMachine& machine : layout.machines) {
        named.push_back({board_.at(machine.client ? machine.box : rect(machine.box.Min.x, machine.box.Min.y, machine.box.GetWidth(), title)), machine.client ? 2.0f : 1.0f});
        for (const PlacedElement& placed : machine.elements)
            named.push_back({board_.at(placed.box), placed.element->id == shown.element ? 3.0f : placed.element->involved ? 1.5f : 0.8f});
    }
    const Vec at = board_.at(rest_of(ui, layout, step)), size = card_of(ui, shown).size;
    // The packet itself, and numbers, which are small and must be read whole.
    const float radius = badge_radius * board_.scale;
    named.push_back({Rect(at - Vec(12, 12), at + Vec(12, 12)), 12});
    for (const Number& number : numbers_) named.push_back({Rect(number.at - Vec(radius, radius), number.at + Vec(radius, radius)), 12});
    constexpr float grid = 10, margin = 6;
    constexpr int reach = 24;
    Rect best(at + Vec(14, 14), at + Vec(14, 14) + size);
    float least = FLT_MAX;
    for (int row = -reach; row <= reach; ++row)
        for (int column = -reach; column <= reach; ++column) {
            const Vec corner = at + Vec(static_cast<float>(column), static_cast<float>(row)) * grid - size * 0.5f;
            const Rect place(corner, corner + size);
            if (place.Min.x < clip.Min.x + margin || place.Max.x > clip.Max.x - margin || place.Min.y < clip.Min.y + margin || place.Max.y > clip.Max.y - margin) continue;
            const float away = std::sqrt(ImLengthSqr(at - ImClamp(at, place.Min, place.Max)));
            float cost = away * 5 + away * away * 0.1f;
            for (const Named& one : named) {
                if (cost >= least) break;
                if (!place.Overlaps(one.box)) continue;
                Rect shared = one.box;
                shared.ClipWith(place);
                cost += shared.GetArea() * one.weight;
            }
            if (cost >= least) continue;
            least = cost;
            best = place;
        }
    return best;
}

// It travels from where it stood at the hop before; a thin line says whose it is where it stands apart.
void TrafficView::draw_card(Ui& ui, const TrafficLayout& layout, Vec at, float share) {
    const Theme& theme = ui.theme();
    const view::TrafficStep& step = *current(ui);
    const float s = std::max(1.0f, board_.scale);
    const TextStyle style{Face::code, 10.5f * s, theme.dim}, changed{Face::code, 10.5f * s, theme.teal_text};
    const Rect clip(ui.list()->GetClipRectMin(), ui.list()->GetClipRectMax());
    const Card words = card_of(ui, step);
    Rect card = card_place(ui, layout, ui.state.step, clip);
    if (share < 1) {
        const Rect before = card_place(ui, layout, ui.state.step - 1, clip);
        card.Translate((before.GetCenter() - card.GetCenter()) * (1 - share));
    }
    const Color color = way_color(ui, step);
    const Vec near = ImClamp(at, card.Min, card.Max);
    if (ImLengthSqr(near - at) > 22 * 22) ui.list()->AddLine(at, near, with_alpha(color, 0.6f), 1.2f);
    draw_dot(ui, at, 6 * board_.scale, color);
    shadow(ui.list(), card, 9 * s, theme.shadow, 10);
    box_with_line(ui.list(), card, theme.card, color, 9 * s);
    const bool source_changed = !(step.data.in.source == step.data.out.source);
    const bool destination_changed = !(step.data.in.destination == step.data.out.destination);
    const Vec line = card.Min + Vec(11 * s, 4 * s);
    ui.items.note("view/traffic/card", cat(words.source, " ", words.destination), card);
    draw_text(ui.list(), ui.fonts, line, 17 * s, source_changed ? changed : style, words.source);
    draw_text(ui.list(), ui.fonts, line + Vec(0, 17 * s), 17 * s, destination_changed ? changed : style, words.destination);
}

void TrafficView::draw_packet(Ui& ui, const TrafficLayout& layout) {
    const view::TrafficStep* now = current(ui);
    if (!now || layout.boxes.find(now->element) == layout.boxes.end()) return;
    Vec at = rest_of(ui, layout, ui.state.step);
    float share = 1;
    const view::TrafficStep* came = ui.state.step > 0 ? &ui.model().traffic.steps[static_cast<std::size_t>(ui.state.step - 1)] : nullptr;
    if (came && layout.boxes.contains(came->element)) {
        const Wire wire = layout.between(came->element, now->element);
        const float linear = ui.reduced_motion ? 1 : ImSaturate(static_cast<float>((ui.now - step_since_) / travel_s));
        share = linear * linear * (3 - 2 * linear);
        if (!wire.empty()) at = wire.point(share);
    }
    draw_card(ui, layout, board_.at(at), share);
}

// The hop and its reason in a line or two.
void TrafficView::draw_caption(Ui& ui, const Rect& box) {
    const view::TrafficStep* step = current(ui);
    if (!step) return;
    const Theme& theme = ui.theme();
    number_badge(ui, ui.list(), Vec(box.Min.x + 12, box.Min.y + 13), badge_radius, ui.state.step + 1, theme.primary, theme.on_accent);
    RichText said = {{RunKind::text, hop_title(*step), Face::strong, 0, {}}};
    if (!step->data.verdict.empty()) said.push_back({RunKind::text, cat("  ", verdict_word(ui, step->data.verdict)), Face::strong, verdict_color(ui, *step), {}});
    if (!step->data.why.id.empty()) {
        said.push_back({RunKind::text, "  ·  ", Face::text, theme.faint, {}});
        for (Run& run : rich(ui.state.words.fact(step->data.why))) said.push_back(std::move(run));
    }
    ui.items.note("view/traffic/caption", hop_title(*step), box);
    ui.list()->PushClipRect(box.Min, box.Max, true);
    draw_rich(ui, box.Min + Vec(30, 2), said, {13, 21, theme.text}, box.GetWidth() - 30);
    ui.list()->PopClipRect();
}

// Which request and connection is shown; play and step through its hops.
void TrafficView::draw_controls(Ui& ui, const Rect& area) {
    const app::Model& model = ui.model();
    const Theme& theme = ui.theme();
    // Beside the views' names where there is room, else below them.
    bool below = controls_below(area);
    float x = area.Max.x - 16, left = area.Min.x + (below ? 16.0f : 376.0f);
    auto take = [&](float width) {
        x -= width;
        Rect box = rect(x, below ? area.Min.y - 2 : tools_top(ui, area), width, 30);
        x -= 6;
        return box;
    };
    int last = static_cast<int>(model.traffic.steps.size()) - 1;
    // The outcome, in words and colour. What was delivered may still be an error: HTTP's statuses from 400 on.
    const bool good = model.outcome == net::Outcome::delivered;
    const std::string& response = model.traffic.response;
    const bool complaint = good && !response.empty() && (response[0] == '4' || response[0] == '5');
    std::string outcome(outcome_word(ui, model.outcome));
    if (complaint) outcome += " · " + response.substr(0, response.find(' '));
    const float outcome_width = ui.fonts.width(outcome, ui.text(12.5f)) + 34;
    ButtonOptions small;
    small.size = 11;
    small.enabled = ui.state.step < last;
    if (icon_button(ui, take(34), "next-hop", Icon::chevron_right, ui.t("traffic.next"), small)) {
        playing_ = false;
        ui.state.queue(ActionKind::select_step, ui.state.step + 1);
    }
    // Which hop of how many: it says what the arrows beside it step through.
    const std::string place = cat(ui.state.step + 1, "/", last + 1);
    const TextStyle count{Face::code, 11.5f, theme.dim};
    const float count_width = ui.fonts.width(cat(last + 1, "/", last + 1), count) + 2, buttons = 34 + 38 + 34 + 4 * 6;
    if (x - buttons - count_width - 6 - outcome_width >= left) draw_text_in(ui.list(), ui.fonts, take(count_width), count, place, Align::center);
    small.enabled = ui.state.step > 0;
    if (icon_button(ui, take(34), "previous-hop", Icon::chevron_left, ui.t("traffic.previous"), small)) {
        playing_ = false;
        ui.state.queue(ActionKind::select_step, ui.state.step - 1);
    }
    small.enabled = true;
    small.selected = playing_;
    if (icon_button(ui, take(38), "replay", playing_ ? Icon::pause : Icon::play, ui.t(playing_ ? "traffic.pause" : "traffic.replay"), small)) {
        playing_ = !playing_;
        if (playing_ && ui.state.step >= last) ui.state.queue(ActionKind::select_step, 0);
        step_since_ = ui.now;
    }
    // Put aside to compare with; then the comparison can be looked away from.
    bool pinned = model.pinned.trace != nullptr;
    ButtonOptions pin;
    pin.size = 13;
    pin.selected = pinned;
    if (icon_button(ui, take(34), "pin", Icon::pin, ui.t(pinned ? "traffic.unpin" : "traffic.pin"), pin)) ui.state.queue(ActionKind::pin_trace);
    if (!model.compared.empty()) {
        ButtonOptions toggle;
        toggle.size = 12.5f;
        toggle.selected = comparing_;
        std::string label(ui.t("traffic.compare"));
        float wide = button_width(ui, label, 12.5f, 10);
        if (x - wide > left && button(ui, take(wide), "comparing", label, toggle)) comparing_ = !comparing_;
    }
    if (x - outcome_width < left) return;
    Rect chip = take(outcome_width);
    const Color color = complaint ? theme.amber : good ? theme.green : theme.rose;
    box_with_line(ui.list(), chip, complaint ? theme.amber_tint : good ? theme.green_tint : theme.rose_tint, color, 8);
    draw_icon(ui.list(), good && !complaint ? Icon::check : Icon::warning, Vec(chip.Min.x + 15, chip.GetCenter().y), 11, color);
    ui.items.note("view/traffic/outcome", outcome, chip);
    draw_text(ui.list(), ui.fonts, Vec(chip.Min.x + 26, chip.Min.y), chip.GetHeight(), ui.text(12.5f), outcome);
}

void TrafficView::draw(Ui& ui, const Rect& area) {
    follow(ui);
    const view::TrafficScene& scene = ui.model().traffic;
    Rect stage(area.Min, Vec(area.Max.x, area.Max.y - TrafficBar::height - 6 - bar_.notice_height(ui, area)));
    if (scene.steps.empty() || bar_.picking() != Picking::nothing) {
        draw_traffic_stage(ui, stage, bar_);
    } else {
        draw_controls(ui, area);
        if (controls_below(area)) stage.Min.y += 36;
        // A page that shows only the canvas has no inspector to say what happens.
        const bool captioned = ui.state.address.embed && stage.GetHeight() > 280;
        if (captioned) {
            draw_caption(ui, Rect(stage.Min.x + 16, stage.Max.y - caption_height, stage.Max.x - 16, stage.Max.y));
            stage.Max.y -= caption_height + 6;
        }
        stage.Max.y -= endpoint_counts_height(ui);
        if (comparing_ && !ui.model().compared.empty())
            draw_traffic_comparison(ui, stage);
        else
            draw_scene(ui, stage);
        draw_endpoint_counts(ui, Rect(stage.Min, Vec(stage.Max.x, stage.Max.y + endpoint_counts_height(ui))));
    }
    bar_.draw(ui, area);
}

// What was dialled and never reached: the way there is broken.
void TrafficView::draw_gap(Ui& ui, const TrafficLayout& layout) {
    const view::TrafficScene& scene = ui.model().traffic;
    if (scene.outcome == net::Outcome::delivered || scene.steps.empty()) return;
    auto from = layout.boxes.find(scene.steps.back().element);
    if (from == layout.boxes.end()) return;
    for (const PlacedMachine& machine : layout.machines) {
        const auto& elements = machine.machine->elements;
        if (machine.client || std::any_of(elements.begin(), elements.end(), [](const view::TrafficElement& one) { return one.involved; })) continue;
        const Rect& a = from->second;
        const Rect& b = machine.box;
        const Wire way = a.Max.x < b.Min.x ? Wire::curve(Vec(a.Max.x, a.GetCenter().y), Vec(b.Min.x, b.GetCenter().y))
                                           : Wire::bent({Vec(a.GetCenter().x, a.Max.y), Vec(a.GetCenter().x, b.Min.y)});
        way.draw_dashed(ui, board_, ui.theme().rose, 1.6f);
        const Vec middle = board_.at(way.point(0.5f));
        ui.list()->AddCircleFilled(middle, 9 * board_.scale, ui.theme().rose_tint);
        ui.list()->AddCircle(middle, 9 * board_.scale, ui.theme().rose, 0, 1.5f);
        draw_icon(ui.list(), Icon::cross, middle, 9 * board_.scale, ui.theme().rose);
        return;
    }
}

void TrafficView::draw_scene(Ui& ui, const Rect& stage) {
    begin_area(ui, stage, "stage", ScrollAxis::vertical);
    float scale = std::clamp(std::min(stage.GetWidth() / 730, stage.GetHeight() / 420), 0.72f, 1.7f);
    board_ = {ImGui::GetCursorScreenPos(), scale};
    TrafficLayout layout = lay_out_traffic(ui.model().traffic, stage.GetSize() * (1 / scale), client_width_of(ui, ui.model().traffic));
    for (const PlacedMachine& machine : layout.machines) draw_machine(ui, machine);
    draw_ways(ui, layout);
    draw_gap(ui, layout);
    numbers_ = numbers_of(ui, layout);
    draw_numbers(ui);
    draw_packet(ui, layout);
    content_size(Vec(1, std::floor(layout.size.y * scale) - 1));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_traffic_view() {
    return std::make_unique<TrafficView>();
}

}  // namespace kubewalk::ui
