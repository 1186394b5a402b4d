// The Architecture view: who talks to whom. API calls and watch events travel the wires as dots; the
// component at work lights up and says what it holds.

#include <algorithm>
#include <cmath>
#include <map>

#include "web/ui/architecture_layout.h"
#include "web/ui/panels.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float flight_s = 0.75f;
constexpr float gap_s = 0.09f;       // between two dots that start at the same instant
constexpr float glow_s = 1.1f;
constexpr std::size_t most_flights = 20;

struct Flight {
    std::string component;  // the wire's end that is not the API server
    bool towards_api = false;
    double start = 0;
    sim::EntryKind kind = sim::EntryKind::api_call;
    view::Activity activity;
};

struct Role {
    Color line;
    Color fill;
    Color text;
};

Role role_of(const Theme& theme, std::string_view id) {
    auto is = [&](std::string_view prefix) { return id.substr(0, prefix.size()) == prefix; };
    if (is("etcd")) return {theme.amber, theme.amber_tint, theme.amber_text};
    if (is("kube-controller-manager") || is("kube-scheduler") || is("cloud")) return {theme.violet, theme.violet_tint, theme.violet_text};
    if (is("kubelet") || is("runtime")) return {theme.green, theme.green_tint, theme.green};
    if (is("kube-proxy") || is("flannel") || is("coredns")) return {theme.teal, theme.teal_tint, theme.teal_text};
    return {theme.blue, theme.blue_tint, theme.blue_text};
}

class ArchitectureView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void take_activities(Ui& ui);
    void draw_wires(Ui& ui, const ArchitectureLayout& layout);
    void draw_flights(Ui& ui, const ArchitectureLayout& layout);
    void draw_control_plane(Ui& ui, const ArchitectureLayout& layout);
    void draw_node(Ui& ui, const PlacedNode& placed);
    void draw_component(Ui& ui, const view::ComponentBox& component, const Rect& box);
    void draw_pod(Ui& ui, const PlacedPod& placed, float size);
    float glow(const Ui& ui, std::string_view component) const;
    const Wire* wire(const ArchitectureLayout& layout, std::string_view component) const;
    bool selected(const Ui& ui, std::string_view id) const { return ui.model().inspected.component == id; }

    Board board_;
    std::vector<Flight> flights_;
    std::map<std::string, double, std::less<>> lit_;          // until when
    std::map<std::string, std::string, std::less<>> holding_; // what the component said last
    std::string resting_;  // the component of the newest activity: stays lit while nothing moves
    sim::CauseId seen_ = 0;
    std::uint64_t session_ = 0;
    Time last_now_;
};

// The end of an activity's wire that is not the API server.
std::string wire_of(const view::Activity& activity) {
    if (activity.to.rfind("runtime/", 0) == 0) return activity.to;
    return activity.from == "kube-apiserver" ? activity.to : activity.from;
}

void ArchitectureView::take_activities(Ui& ui) {
    const app::Model& model = ui.model();
    const auto& recent = model.architecture.recent;
    bool jumped = session_ != model.session || model.now < last_now_;
    session_ = model.session;
    last_now_ = model.now;
    if (jumped) {
        flights_.clear();
        lit_.clear();
        seen_ = 0;
        // What is already there does not fly again, but the newest stays lit.
        for (const view::Activity& activity : recent) seen_ = std::max(seen_, activity.cause);
        resting_ = recent.empty() ? std::string() : wire_of(recent.back());
        return;
    }
    double start = ui.now;
    for (const Flight& flight : flights_) start = std::max(start, flight.start + gap_s);
    std::size_t fresh = 0;
    for (const view::Activity& activity : recent) fresh += activity.cause > seen_ ? 1 : 0;
    // A burst shows its newest part: the eye cannot follow more.
    std::size_t skip = fresh > most_flights ? fresh - most_flights : 0;
    for (const view::Activity& activity : recent) {
        if (activity.cause <= seen_) continue;
        seen_ = activity.cause;
        resting_ = wire_of(activity);
        holding_[resting_] = activity.label;
        if (skip > 0) {
            --skip;
            continue;
        }
        lit_[resting_] = std::max(lit_[resting_], start + glow_s + flight_s);
        bool travels = activity.from != activity.to;
        if (!travels || ui.reduced_motion || flights_.size() >= most_flights) continue;
        flights_.push_back({resting_, activity.to == "kube-apiserver", start, activity.kind, activity});
        start += gap_s;
    }
}

float ArchitectureView::glow(const Ui& ui, std::string_view component) const {
    if (flights_.empty() && resting_ == component) return 1;
    // Every wire ends at the API server: it is at work whenever anything is.
    if (component == "kube-apiserver" && !flights_.empty()) return 1;
    auto found = lit_.find(component);
    if (found == lit_.end()) return 0;
    return ImSaturate(static_cast<float>(found->second - ui.now) / 0.35f);
}

const Wire* ArchitectureView::wire(const ArchitectureLayout& layout, std::string_view component) const {
    auto found = layout.wires.find(component);
    return found == layout.wires.end() ? nullptr : &found->second;
}

void ArchitectureView::draw_wires(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    // Quiet ones first, so that what is at work lies on top.
    for (const auto& [id, wire] : layout.wires) {
        bool dashed = id.rfind("coredns/", 0) == 0;
        if (dashed)
            wire.draw_dashed(ui, board_, theme.line, 1.4f);
        else
            wire.draw(ui, board_, theme.line, 2);
    }
    for (const auto& [id, wire] : layout.wires) {
        float amount = glow(ui, id);
        if (amount > 0.01f) wire.draw(ui, board_, with_alpha(role_of(theme, id).line, amount), 2.2f);
    }
}

void ArchitectureView::draw_flights(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    for (const Flight& flight : flights_) {
        const Wire* way = wire(layout, flight.component);
        float share = static_cast<float>((ui.now - flight.start) / flight_s);
        if (!way || share < 0 || share > 1) continue;
        float eased = share * share * (3 - 2 * share);
        // Wires are drawn from the API server; the kubelet's end of a CRI wire is its beginning.
        Vec at = way->point(flight.towards_api ? 1 - eased : eased);
        Color color = flight.kind == sim::EntryKind::watch ? theme.violet : role_of(theme, flight.component).line;
        draw_dot(ui, board_.at(at), 5 * board_.scale, color);
        if (flights_.size() > 3 || flight.activity.label.empty()) continue;
        TextStyle style{Face::code, 10.5f * board_.scale, theme.text};
        float width = ui.fonts.width(flight.activity.label, style);
        Vec p = board_.at(at) + Vec(10, -22) * board_.scale;
        Rect card = rect(p.x, p.y, width + 14 * board_.scale, 19 * board_.scale);
        box_with_line(ui.list(), card, theme.card, color, 6 * board_.scale);
        draw_text_in(ui.list(), ui.fonts, card, style, flight.activity.label, Align::center);
    }
    std::erase_if(flights_, [&](const Flight& flight) { return ui.now > flight.start + flight_s; });
    bool glowing = std::any_of(lit_.begin(), lit_.end(), [&](const auto& entry) { return entry.second > ui.now; });
    if (!flights_.empty() || (glowing && !ui.reduced_motion)) ui.animating = true;
    std::erase_if(lit_, [&](const auto& entry) { return entry.second <= ui.now; });
}

void ArchitectureView::draw_component(Ui& ui, const view::ComponentBox& component, const Rect& box) {
    const Theme& theme = ui.theme();
    bool stopped = component.health == view::Health::stopped;
    float amount = stopped ? 0 : glow(ui, component.id);
    Role role = role_of(theme, component.id);
    bool runtime = component.id.rfind("runtime/", 0) == 0;
    std::string label = component.title + (component.node.empty() ? "" : ", " + component.node) + ", " +
                        std::string(health_word(ui, component.health));
    Press state = canvas_item(ui, board_, box, component.id, label, 11);
    bool chosen = selected(ui, component.id);
    Color fill = mix(runtime ? theme.sunken : theme.raised, role.fill, amount);
    Color line = chosen ? theme.teal : mix(state.hovered ? theme.selected_line : theme.line, role.line, amount);
    draw_box(ui, board_, box, {fill, line, 11, chosen || amount > 0.3f ? 1.6f : 1.0f, stopped});
    if (state.clicked) ui.state.queue(ActionKind::select_component, component.id);

    float width = box.GetWidth() - (runtime ? 18.0f : 26.0f);
    std::string detail = component.detail;
    auto held = holding_.find(component.id);
    if (amount > 0.2f && held != holding_.end() && component.id != "etcd" && component.id != "kube-apiserver" && component.id != "kubectl") detail = held->second;
    if (stopped) detail = std::string(ui.t("architecture.stopped"));
    bool api = component.id == "kube-apiserver";
    bool two = box.GetHeight() >= 44 && !detail.empty();
    float line_height = 19;
    float top = api ? box.Min.y + 14 : two ? box.GetCenter().y - line_height + 1 : box.GetCenter().y - line_height * 0.5f;
    TextStyle title{runtime ? Face::text : Face::strong, 12, stopped || runtime ? theme.dim : theme.text};
    std::string name = runtime ? "CRI · " + component.title : component.title;
    if (runtime) title.size = 11.5f;
    bool centred = component.id == "kubectl";
    Align align = centred ? Align::center : Align::left;
    draw_label(ui, board_, Vec(box.Min.x + (runtime ? 11.0f : 14.0f), top), line_height, title, name, width, align);
    if (component.health == view::Health::failed || component.health == view::Health::pending)
        draw_health(ui, board_.at(box.Max.x - 13, box.Min.y + 13), 4 * board_.scale, component.health);
    if (api) {
        TextStyle small{Face::text, 10.5f, amount > 0.3f && theme.dark ? mix(theme.dim, theme.text, 0.4f) : theme.dim};
        draw_label(ui, board_, Vec(box.Min.x + 14, box.Min.y + 35), 16, small, "authn › authz ›", width);
        draw_label(ui, board_, Vec(box.Min.x + 14, box.Min.y + 50), 16, small, "admission › write", width);
        Rect bar = rect(box.Min.x + 14, box.Max.y - 14, box.GetWidth() - 28, 4);
        draw_box(ui, board_, bar, {theme.line, 0, 2});
        float share = flights_.empty() ? (resting_.empty() ? 0.0f : 1.0f)
                                       : ImSaturate(static_cast<float>((ui.now - flights_.front().start) / flight_s));
        bar.Max.x = bar.Min.x + bar.GetWidth() * share;
        if (share > 0.02f) draw_box(ui, board_, bar, {theme.blue, 0, 2});
    } else if (two) {
        TextStyle small{Face::code, 10.5f, amount > 0.3f ? role.text : theme.dim};
        draw_label(ui, board_, Vec(box.Min.x + 14, top + line_height - 1), 17, small, detail, width, align);
    } else if (state.hovered && !detail.empty()) {
        tooltip(ui, detail);
    }
}

void ArchitectureView::draw_pod(Ui& ui, const PlacedPod& placed, float size) {
    const Theme& theme = ui.theme();
    const view::PodChip& pod = *placed.pod;
    std::string id = "pod/" + pod.namespace_name + "/" + pod.name;
    std::string label = pod.namespace_name + "/" + pod.name + ", " + pod.phase;
    Press state = canvas_item(ui, board_, placed.box, id, label, 9);
    const sim::ObjectRef& object = ui.model().inspected.object;
    bool chosen = object.resource == "pods" && object.name == pod.name && object.namespace_name == pod.namespace_name;
    float work = glow(ui, "coredns/" + pod.name);
    bool pending = pod.health == view::Health::pending || pod.health == view::Health::terminating;
    Color line = pending ? theme.amber : pod.health == view::Health::failed ? theme.rose : theme.line;
    Color fill = pending ? 0 : pod.health == view::Health::failed ? theme.rose_tint : mix(theme.raised, theme.teal_tint, work);
    if (state.hovered && !pending) line = theme.selected_line;
    if (chosen) {
        line = theme.teal;
        fill = theme.teal_tint;
    }
    draw_box(ui, board_, placed.box, {fill, line, 9, chosen ? 1.6f : 1.0f, pending && !chosen});
    Vec mark = board_.at(placed.box.Min.x + 12, placed.box.GetCenter().y);
    draw_health(ui, mark, 3.4f * board_.scale, pod.health);
    Color text = pending ? theme.amber_text : theme.text;
    draw_label(ui, board_, Vec(placed.box.Min.x + 21, placed.box.Min.y), placed.box.GetHeight(), {Face::text, size, text},
               pod.app, placed.box.GetWidth() - 26);
    if (state.hovered) tooltip(ui, pod.name + "  ·  " + pod.phase + (pod.ip.empty() ? "" : "  ·  " + pod.ip));
    if (state.clicked) {
        app::Action action;
        action.kind = ActionKind::select_object;
        action.object = {"pods", pod.namespace_name, pod.name};
        ui.state.queue(std::move(action));
    }
}

namespace {

// A machine's name and what is told beside it, in one line.
void draw_machine_title(Ui& ui, const Board& board, const Rect& box, std::string_view name, std::string_view detail, float room) {
    TextStyle strong{Face::strong, 12.5f, ui.theme().text};
    TextStyle code{Face::code, 10.5f, ui.theme().dim};
    draw_label(ui, board, Vec(box.Min.x + 18, box.Min.y + 10), 22, strong, name, room);
    TextStyle scaled = strong;
    scaled.size *= board.scale;
    float used = ui.fonts.width(name, scaled) / board.scale + 10;
    if (room - used > 50) draw_label(ui, board, Vec(box.Min.x + 18 + used, box.Min.y + 10), 22, code, detail, room - used);
}

}  // namespace

void ArchitectureView::draw_node(Ui& ui, const PlacedNode& placed) {
    const Theme& theme = ui.theme();
    const view::NodeBox& node = *placed.node;
    draw_box(ui, board_, placed.box, {theme.box, theme.box_line, 16});
    // Room up to the wire that comes down to the right column.
    float room = placed.box.GetWidth() * 0.5f + (placed.box.GetWidth() - 36) * 0.25f - 26;
    std::string detail = node.schedulable ? node.ip : std::string(ui.t("architecture.cordoned"));
    draw_machine_title(ui, board_, placed.box, node.name, detail, room);
    if (node.health != view::Health::healthy)
        draw_health(ui, board_.at(placed.box.Max.x - 16, placed.box.Min.y + 18), 4.5f * board_.scale, node.health);
    for (const PlacedPod& pod : placed.pods) draw_pod(ui, pod, placed.chip_size);
    if (placed.hidden > 0)
        draw_label(ui, board_, Vec(placed.box.Min.x + 18, placed.box.Max.y - 16), 14, {Face::text, 10, theme.dim},
                   ui.state.words.format("architecture.more", {std::to_string(placed.hidden)}), 120, Align::left);
}

void ArchitectureView::draw_control_plane(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    draw_box(ui, board_, layout.control_plane, {theme.box, theme.box_line, 16});
    std::string detail;
    if (layout.control_node) detail = layout.control_node->name + "  " + layout.control_node->ip;
    draw_machine_title(ui, board_, layout.control_plane, ui.t("architecture.control_plane"), detail, 330);
    if (!layout.waiting.empty()) {
        Rect first = layout.waiting.front().box;
        draw_label(ui, board_, Vec(first.Min.x, first.Min.y - 22), 18, {Face::text, 10.5f, theme.amber_text},
                   ui.t("architecture.unscheduled"), 100);
    }
}

void ArchitectureView::draw(Ui& ui, const Rect& area) {
    take_activities(ui);
    const view::Architecture& snapshot = ui.model().architecture;
    if (snapshot.nodes.empty()) {
        draw_empty(ui, area, ui.t(ui.model().failure.empty() ? "status.starting" : "failure.title"), ui.model().failure);
        return;
    }
    float scale = std::clamp(std::min(area.GetWidth() / 720, area.GetHeight() / 500), 0.6f, 1.7f);
    begin_area(ui, area, "board", ScrollAxis::vertical);
    board_ = {ImGui::GetCursorScreenPos(), scale};
    ArchitectureLayout layout = lay_out_architecture(ui, snapshot, Vec(area.GetWidth(), area.GetHeight()) * (1 / scale));
    // A very narrow canvas is looked at from further away.
    float needed = layout.control_plane.Max.x + 20;
    if (needed * scale > area.GetWidth() + 1) {
        scale = area.GetWidth() / needed;
        board_.scale = scale;
        layout = lay_out_architecture(ui, snapshot, Vec(area.GetWidth(), area.GetHeight()) * (1 / scale));
    }

    draw_control_plane(ui, layout);
    for (const PlacedNode& node : layout.workers) draw_node(ui, node);
    for (const PlacedPod& pod : layout.control_pods) draw_pod(ui, pod, 10.5f);
    for (const PlacedPod& pod : layout.waiting) draw_pod(ui, pod, 10.5f);
    draw_wires(ui, layout);
    for (const view::ComponentBox& component : snapshot.components) {
        auto box = layout.boxes.find(component.id);
        if (box != layout.boxes.end() && component.id.rfind("coredns/", 0) != 0) draw_component(ui, component, box->second);
    }
    draw_flights(ui, layout);
    content_size(Vec(1, std::floor(layout.size.y * scale) - 1));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_architecture_view() {
    return std::make_unique<ArchitectureView>();
}

}  // namespace kubewalk::ui
