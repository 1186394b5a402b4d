// The Architecture view: who talks to whom. API calls and watch events travel the wires as dots; the
// component at work lights up and says what it holds; a selected object's story is told in numbers.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/architecture_layout.h"
#include "web/ui/architecture_light.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float trail_height = 34, trail_below = 16;  // the panel's handle stands below it

struct Role {
    Color line;
    Color fill;
    Color text;
};

Role role_of(const Theme& theme, std::string_view id) {
    auto is = [&](std::string_view prefix) { return id.substr(0, prefix.size()) == prefix; };
    if (is("etcd")) return {theme.amber, theme.amber_tint, theme.amber_text};
    if (is("kube-controller-manager") || is("kube-scheduler") || is("cloud") || is("local-path")) return {theme.violet, theme.violet_tint, theme.violet_text};
    if (is("kubelet") || is("runtime")) return {theme.green, theme.green_tint, theme.dark ? theme.green : theme.green};
    if (is("kube-proxy") || is("flannel") || is("kube-router") || is("coredns") || is("node-local") || is("ingress") || is("metrics")) return {theme.teal, theme.teal_tint, theme.teal_text};
    return {theme.blue, theme.blue_tint, theme.blue_text};
}

// Whether a process stands behind the box that can be frozen.
bool can_stop(const view::ComponentBox& component) {
    return component.id != "kubectl" && component.id != "cloud";
}

class ArchitectureView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void draw_wires(Ui& ui, const ArchitectureLayout& layout);
    void draw_cuts(Ui& ui, const ArchitectureLayout& layout);
    void draw_flights(Ui& ui, const ArchitectureLayout& layout);
    void draw_numbers(Ui& ui, const ArchitectureLayout& layout);
    void draw_control_plane(Ui& ui, const ArchitectureLayout& layout);
    void draw_node(Ui& ui, const PlacedNode& placed);
    void draw_node_switches(Ui& ui, const view::NodeBox& node, const Rect& title);
    void draw_component(Ui& ui, const view::ComponentBox& component, const Rect& box);
    void draw_component_text(Ui& ui, const view::ComponentBox& component, const Rect& box, float amount, bool hovered);
    void draw_pod(Ui& ui, const ArchitectureLayout& layout, const PlacedPod& placed, float size);
    void draw_trail(Ui& ui, const Rect& area);
    void draw_switch(Ui& ui, const Rect& box, std::string_view id, Icon icon, std::string_view label, bool off, bool shown, ActionKind kind, std::string text);
    // Steps back while another object's story is told.
    float presence(std::string_view id) const { return !light_.telling() || light_.touched(id) ? 1.0f : 0.5f; }
    const Wire* wire(const ArchitectureLayout& layout, std::string_view component) const;
    bool selected(const Ui& ui, std::string_view id) const { return ui.model().inspected.component == id; }

    Board board_;
    ArchitectureLight light_;
};

const Wire* ArchitectureView::wire(const ArchitectureLayout& layout, std::string_view component) const {
    auto found = layout.wires.find(component);
    return found == layout.wires.end() ? nullptr : &found->second;
}

void ArchitectureView::draw_wires(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    // Quiet ones first, so that what is at work lies on top.
    for (const auto& [id, wire] : layout.wires) {
        if (is_addon(layout, id))
            wire.draw_dashed(ui, board_, theme.line, 1.4f);
        else
            wire.draw(ui, board_, theme.line, 2);
    }
    if (light_.telling())
        for (const auto& [id, wire] : layout.wires)
            if (light_.touched(id)) wire.draw(ui, board_, with_alpha(role_of(theme, id).line, 0.6f), 2);
    for (const auto& [id, wire] : layout.wires) {
        float amount = light_.glow(ui, id);
        if (amount > 0.01f) wire.draw(ui, board_, with_alpha(role_of(theme, id).line, amount), 2.2f);
    }
}

// Where a node's cable is cut, nothing arrives: the wire ends in a cross above the node.
void ArchitectureView::draw_cuts(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    for (const PlacedNode& placed : layout.workers) {
        if (placed.node->link_fault.empty()) continue;
        const Wire* way = wire(layout, "kubelet/" + placed.node->name);
        if (!way) continue;
        // Just above the card's edge.
        Vec at(placed.box.GetCenter().x, placed.box.Min.y - 13);
        for (int i = 0; i <= 100; ++i)
            if (Vec p = way->point(static_cast<float>(i) / 100); p.y >= placed.box.Min.y - 10 && p.y <= placed.box.Min.y) at = p - Vec(0, 6);
        Vec p = board_.at(at);
        float r = 9 * board_.scale;
        bool cut = placed.node->link_cut;
        ui.list()->AddCircleFilled(p, r, cut ? theme.rose_tint : theme.amber_tint);
        ui.list()->AddCircle(p, r, cut ? theme.rose : theme.amber, 0, 1.5f);
        draw_icon(ui.list(), cut ? Icon::cross : Icon::warning, p, 9 * board_.scale, cut ? theme.rose : theme.amber);
        if (!cut) draw_label(ui, board_, at + Vec(14, -9), 18, {Face::code, 10.5f, theme.amber_text}, placed.node->link_fault, 80);
    }
}

void ArchitectureView::draw_flights(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    for (const Flight& flight : light_.flights()) {
        const Wire* way = wire(layout, flight.component);
        float share = static_cast<float>((ui.now - flight.start) / flight_s);
        if (!way || share < 0 || share > 1) continue;
        float eased = share * share * (3 - 2 * share);
        // Wires are drawn from the API server; the kubelet's end of a CRI wire is its beginning.
        Vec at = way->point(flight.towards_api ? 1 - eased : eased);
        Color color = flight.kind == sim::EntryKind::watch ? theme.violet : role_of(theme, flight.component).line;
        draw_dot(ui, board_.at(at), 5 * board_.scale, color);
        if (light_.flights().size() > 3 || flight.activity.label.empty()) continue;
        TextStyle style{Face::code, 10.5f * board_.scale, theme.text};
        float width = ui.fonts.width(flight.activity.label, style);
        Vec p = board_.at(at) + Vec(10, -22) * board_.scale;
        Rect card = rect(p.x, p.y, width + 14 * board_.scale, 19 * board_.scale);
        box_with_line(ui.list(), card, theme.card, color, 6 * board_.scale);
        draw_text_in(ui.list(), ui.fonts, card, style, flight.activity.label, Align::center);
    }
}

// The chain of causes: the same numbers as in the trail below and in the inspector's Cause.
void ArchitectureView::draw_numbers(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    for (const auto& [id, box] : layout.boxes) {
        float x = box.Min.x + 3;
        for (int number : light_.numbers(id)) {
            number_badge(ui, ui.list(), board_.at(x, box.Min.y + 1), 9 * board_.scale, number, theme.primary, theme.on_accent);
            x += 20;
        }
    }
}

void ArchitectureView::draw_switch(Ui& ui, const Rect& box, std::string_view id, Icon icon, std::string_view label, bool off, bool shown, ActionKind kind, std::string text) {
    const Theme& theme = ui.theme();
    Press state = press(ui, board_.at(box), id, label, 5);
    if (!shown && !state.hovered && !state.focused) return;
    if (state.hovered) draw_box(ui, board_, box, {theme.hover, theme.selected_line, 5});
    Color color = off ? theme.rose : state.hovered ? theme.text : theme.faint;
    draw_icon(ui.list(), icon, board_.at(box.GetCenter()), 11 * board_.scale, color);
    if (state.hovered) tooltip(ui, label);
    if (state.clicked) ui.state.queue(kind, std::move(text));
}

void ArchitectureView::draw_component(Ui& ui, const view::ComponentBox& component, const Rect& box) {
    const Theme& theme = ui.theme();
    bool stopped = component.health == view::Health::stopped;
    float amount = stopped ? 0 : light_.glow(ui, component.id);
    Role role = role_of(theme, component.id);
    bool runtime = component.id.starts_with("runtime/");
    std::string label = cat(component_title(ui, component), component.node.empty() ? "" : ", ", component.node, ", ", health_word(ui, component.health));
    // The switch lies above the box and has the mouse first.
    Rect power = rect(box.Max.x - 21, box.Min.y + 3, 18, 18);
    bool near = board_.at(box).Contains(ImGui::GetMousePos()) && ImGui::IsWindowHovered();
    bool chosen = selected(ui, component.id);
    ImGui::SetNextItemAllowOverlap();
    Press state = canvas_item(ui, board_, box, component.id, label, 11);
    bool lit = amount > 0.3f || (light_.telling() && light_.touched(component.id));
    Color fill = mix(runtime ? theme.sunken : theme.raised, role.fill, std::max(amount, light_.telling() && light_.touched(component.id) ? 0.6f : 0.0f));
    Color line = chosen ? theme.teal : mix(state.hovered ? theme.selected_line : theme.line, role.line, lit ? std::max(amount, 0.8f) : amount);
    float alpha = presence(component.id);
    draw_box(ui, board_, box, {with_alpha(fill, alpha), with_alpha(line, alpha), 11, chosen || lit ? 1.6f : 1.0f, stopped});
    if (state.clicked) ui.state.queue(ActionKind::select_component, component.id);
    draw_component_text(ui, component, box, amount, state.hovered);
    if (!can_stop(component)) return;
    Scope scope(ui, component.id);
    draw_switch(ui, power, "power", Icon::power, ui.t(stopped ? "architecture.start" : "architecture.stop"), stopped, stopped || near || chosen,
                stopped ? ActionKind::start_component : ActionKind::stop_component, component.id);
}

void ArchitectureView::draw_component_text(Ui& ui, const view::ComponentBox& component, const Rect& box, float amount, bool hovered) {
    const Theme& theme = ui.theme();
    bool stopped = component.health == view::Health::stopped;
    bool runtime = component.id.starts_with("runtime/"), api = component.id == "kube-apiserver", small_box = box.GetWidth() < 90;
    Role role = role_of(theme, component.id);
    float alpha = presence(component.id);
    float left = small_box ? 7.0f : 14.0f;
    float width = box.GetWidth() - left - (small_box ? 4.0f : 10.0f);
    std::string detail = component.detail;
    if (std::string_view held = light_.holding(component.id); amount > 0.2f && !held.empty() && component.id != "etcd" && !api && component.id != "kubectl") detail = held;
    if (runtime) detail = "CRI";
    if (stopped) detail = std::string(ui.t("architecture.stopped"));
    bool two = box.GetHeight() >= 44 && !detail.empty();
    constexpr float line_height = 19;
    float top = api ? box.Min.y + 14 : two ? box.GetCenter().y - line_height + 1 : box.GetCenter().y - line_height * 0.5f;
    TextStyle title{runtime ? Face::text : Face::strong, runtime ? 11.5f : small_box ? 11.0f : 12.0f, with_alpha(stopped || runtime ? theme.dim : theme.text, alpha)};
    const std::string_view name = component_title(ui, component);
    Align align = component.id == "kubectl" || component.id == "cloud" ? Align::center : Align::left;
    if (align == Align::center) left = 4, width = box.GetWidth() - 8;
    // A little smaller rather than cut.
    const float wanted = ui.fonts.width(name, {title.face, title.size * board_.scale, 0}) / board_.scale + 1;
    if (wanted > width) title.size *= std::max(0.82f, width / wanted);
    draw_label(ui, board_, Vec(box.Min.x + left, top), line_height, title, name, width, align);
    if (component.health == view::Health::failed || component.health == view::Health::pending)
        draw_health(ui, board_.at(box.Max.x - 13, box.Max.y - 13), 4 * board_.scale, component.health);
    if (api) {
        TextStyle small{Face::text, 10.5f, with_alpha(amount > 0.3f && theme.dark ? mix(theme.dim, theme.text, 0.4f) : theme.dim, alpha)};
        std::string_view first = stopped ? std::string_view(detail) : "authn › authz ›";
        draw_label(ui, board_, Vec(box.Min.x + 14, box.Min.y + 35), 16, small, first, width);
        if (!stopped) draw_label(ui, board_, Vec(box.Min.x + 14, box.Min.y + 50), 16, small, "admission › write", width);
        Rect bar = rect(box.Min.x + 14, box.Max.y - 14, box.GetWidth() - 28, 4);
        draw_box(ui, board_, bar, {theme.line, 0, 2});
        const auto& flights = light_.flights();
        float share = flights.empty() ? (light_.at_rest() ? 0.0f : 1.0f) : ImSaturate(static_cast<float>((ui.now - flights.front().start) / flight_s));
        bar.Max.x = bar.Min.x + bar.GetWidth() * share;
        if (share > 0.02f && !stopped) draw_box(ui, board_, bar, {theme.blue, 0, 2});
    } else if (two) {
        TextStyle small{Face::code, 10.5f, with_alpha(amount > 0.3f ? role.text : theme.dim, alpha)};
        TextStyle scaled = small;
        scaled.size *= board_.scale;
        draw_label(ui, board_, Vec(box.Min.x + left, top + line_height - 1), 17, small, shown_key(ui.fonts, detail, scaled, (width - 2) * board_.scale), width, align);
    } else if (hovered && !detail.empty()) {
        tooltip(ui, detail);
    }
}

void ArchitectureView::draw_pod(Ui& ui, const ArchitectureLayout& layout, const PlacedPod& placed, float size) {
    const Theme& theme = ui.theme();
    const view::PodChip& pod = *placed.pod;
    std::string key = cat(pod.namespace_name, "/", pod.name);
    Press state = canvas_item(ui, board_, placed.box, cat("pod/", key), cat(key, ", ", pod.phase), 9);
    const sim::ObjectRef& object = ui.model().inspected.object;
    bool chosen = object.resource == "pods" && object.name == pod.name && object.namespace_name == pod.namespace_name;
    auto addon = layout.addons.find(key);
    float work = addon == layout.addons.end() ? 0 : light_.glow(ui, addon->second);
    float alpha = chosen || !light_.telling() || (addon != layout.addons.end() && light_.touched(addon->second)) ? 1 : 0.5f;
    bool pending = pod.health == view::Health::pending || pod.health == view::Health::terminating, failed = pod.health == view::Health::failed;
    bool over = pod.health == view::Health::completed;
    Color line = pending ? theme.amber : failed ? theme.rose : theme.line;
    Color fill = pending || over ? 0 : failed ? theme.rose_tint : mix(theme.raised, theme.teal_tint, work);
    if (state.hovered && !pending) line = theme.selected_line;
    if (chosen) {
        line = theme.teal;
        fill = theme.teal_tint;
    }
    draw_box(ui, board_, placed.box, {with_alpha(fill, alpha), with_alpha(line, alpha), 9, chosen ? 1.6f : 1.0f, pending && !chosen});
    draw_health(ui, board_.at(placed.box.Min.x + 12, placed.box.GetCenter().y), 3.4f * board_.scale, pod.health);
    Color text = pending ? theme.amber_text : failed ? theme.rose_text : over ? theme.dim : theme.text;
    draw_label(ui, board_, Vec(placed.box.Min.x + 21, placed.box.Min.y), placed.box.GetHeight(), {Face::text, size, with_alpha(text, alpha)},
               addon == layout.addons.end() ? pod.app : addon->second.substr(0, addon->second.find('/')), placed.box.GetWidth() - 26);
    if (state.hovered) tooltip(ui, pod_words(ui, pod));
    if (state.clicked) select_object(ui, {"pods", pod.namespace_name, pod.name});
}

namespace {

// A machine's name and what is told beside it, in one line.
void draw_machine_title(Ui& ui, const Board& board, const Rect& box, std::string_view name, std::string_view detail, Color color, float room) {
    TextStyle strong{Face::strong, 12.5f, ui.theme().text};
    TextStyle code{Face::code, 10.5f, color};
    draw_label(ui, board, Vec(box.Min.x + 18, box.Min.y + 10), 22, strong, name, room);
    TextStyle scaled = strong;
    scaled.size *= board.scale;
    float used = ui.fonts.width(name, scaled) / board.scale + 10;
    if (room - used > 50) draw_label(ui, board, Vec(box.Min.x + 18 + used, box.Min.y + 10), 22, code, detail, room - used);
}

}  // namespace

// A machine's power and its cable.
void ArchitectureView::draw_node_switches(Ui& ui, const view::NodeBox& node, const Rect& title) {
    Scope scope(ui, cat("node/", node.name));
    bool near = board_.at(title).Contains(ImGui::GetMousePos()) && ImGui::IsWindowHovered();
    float x = title.Max.x - 32;
    draw_switch(ui, rect(x, title.Min.y + 11, 20, 20), "power", Icon::power, ui.t(node.powered ? "architecture.node_stop" : "architecture.node_start"), !node.powered,
                near || !node.powered, ActionKind::fault, cat(node.powered ? "node stop " : "node start ", node.name));
    draw_switch(ui, rect(x - 22, title.Min.y + 11, 20, 20), "link", Icon::plug, ui.t(node.link_fault.empty() ? "architecture.link_cut" : "architecture.link_restore"),
                !node.link_fault.empty(), near || !node.link_fault.empty(), ActionKind::fault, cat(node.link_fault.empty() ? "link cut " : "link restore ", node.name));
}

void ArchitectureView::draw_node(Ui& ui, const PlacedNode& placed) {
    const Theme& theme = ui.theme();
    const view::NodeBox& node = *placed.node;
    const sim::ObjectRef& object = ui.model().inspected.object;
    bool chosen = object.resource == "nodes" && object.name == node.name;
    Rect title = rect(placed.box.Min.x, placed.box.Min.y, placed.box.GetWidth(), 36);
    ImGui::SetNextItemAllowOverlap();
    Press state = canvas_item(ui, board_, title, cat("node/", node.name, "/title"), cat(node.name, ", ", health_word(ui, node.health)), 16);
    Color line = chosen ? theme.teal : state.hovered ? theme.selected_line : node.powered ? theme.box_line : theme.rose;
    draw_box(ui, board_, placed.box, {theme.box, line, 16, chosen ? 1.6f : 1.0f, !node.powered});
    // Room up to the wire that comes down to the right column.
    float room = placed.box.GetWidth() * 0.5f + (placed.box.GetWidth() - 36) * 0.25f - 26;
    std::string detail = node.ip;
    Color color = theme.dim;
    if (!node.schedulable) detail = ui.t("architecture.cordoned"), color = theme.amber_text;
    if (node.health == view::Health::failed) detail = "NotReady", color = theme.rose_text;
    if (!node.powered) detail = ui.t("architecture.powered_off"), color = theme.rose_text;
    draw_machine_title(ui, board_, placed.box, node.name, detail, color, room);
    if (state.clicked) select_object(ui, {"nodes", {}, node.name});
    draw_node_switches(ui, node, title);
}

void ArchitectureView::draw_control_plane(Ui& ui, const ArchitectureLayout& layout) {
    const Theme& theme = ui.theme();
    draw_box(ui, board_, layout.control_plane, {theme.box, theme.box_line, 16});
    std::string detail;
    Rect title = rect(layout.control_plane.Min.x, layout.control_plane.Min.y, std::min(layout.control_plane.GetWidth(), 420.0f), 36);
    if (layout.control_node) {
        detail = cat(layout.control_node->name, "  ", layout.control_node->ip);
        ImGui::SetNextItemAllowOverlap();
        Press state = canvas_item(ui, board_, title, cat("node/", layout.control_node->name, "/title"), layout.control_node->name, 16);
        if (state.clicked) select_object(ui, {"nodes", {}, layout.control_node->name});
    }
    draw_machine_title(ui, board_, layout.control_plane, ui.t("architecture.control_plane"), detail, theme.dim, 330);
    if (layout.control_node) draw_node_switches(ui, *layout.control_node, rect(layout.control_plane.Min.x, layout.control_plane.Min.y, layout.control_plane.GetWidth(), 36));
    auto name = [&](const std::vector<PlacedPod>& pods, std::string_view heading) {
        if (pods.empty()) return;
        draw_label(ui, board_, pods.front().box.Min - Vec(0, 22), 18, {Face::text, 11, theme.amber_text}, ui.t(heading), 104);
    };
    name(layout.waiting, "architecture.unscheduled");
    name(layout.orphaned, "architecture.orphaned");
}

namespace {

// "replicaset-controller" -> "replicaset", "kubelet/node-1" -> "kubelet": the canvas says where.
std::string short_name(const ChainLink& link) {
    std::string name = link.component.substr(0, link.component.find('/'));
    constexpr std::string_view ending = "-controller";
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    if (name.starts_with("kube-")) name.erase(0, 5);
    return name;
}

}  // namespace

// The chain of causes in one line: a click goes to that very moment.
void ArchitectureView::draw_trail(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    Scope scope(ui, "trail");
    const auto& chain = light_.chain();
    Rect box(area.Min.x + 16, area.Max.y - trail_height - trail_below, area.Max.x - 16, area.Max.y - trail_below);
    box_with_line(ui.list(), box, theme.card, theme.line, 9);
    TextStyle strong{Face::strong, 11.5f, theme.text};
    float wanted = 0;
    for (const ChainLink& link : chain) wanted += 46 + ui.fonts.width(short_name(link), strong);
    // Where they do not all fit, the newest stay.
    std::size_t first = 0;
    while (first + 1 < chain.size() && wanted > box.GetWidth() - 30) wanted -= 46 + ui.fonts.width(short_name(chain[first++]), strong);
    float x = box.Min.x + 8, middle = box.GetCenter().y;
    if (first > 0) {
        draw_text(ui.list(), ui.fonts, Vec(x, box.Min.y), trail_height, {Face::text, 12, theme.dim}, "…");
        x += 16;
    }
    for (std::size_t i = first; i < chain.size(); ++i) {
        const ChainLink& link = chain[i];
        std::string name = short_name(link);
        float width = std::min(ui.fonts.width(name, strong), box.Max.x - x - 40);
        if (width < 20) break;
        Rect cell = rect(x, box.Min.y + 4, width + 34, trail_height - 8);
        Press state = press(ui, cell, cat(i + 1), cat(i + 1, ". ", link.component, ": ", link.label), 7);
        if (state.hovered) ui.list()->AddRectFilled(cell.Min, cell.Max, theme.hover, 7);
        number_badge(ui, ui.list(), Vec(x + 13, middle), 8.5f, static_cast<int>(i) + 1, theme.primary, theme.on_accent);
        draw_text_in(ui.list(), ui.fonts, rect(x + 26, box.Min.y, width + 2, trail_height), strong, name);
        if (state.hovered) tooltip(ui, cat(to_clock(link.at), "  ", link.component, "  ", link.label));
        if (state.clicked) seek_to(ui, link.at);
        x = cell.Max.x + 12;
        if (i + 1 < chain.size()) draw_icon(ui.list(), Icon::chevron_right, Vec(x - 6, middle), 8, theme.faint);
    }
}

void ArchitectureView::draw(Ui& ui, const Rect& whole) {
    const view::Architecture& snapshot = ui.model().architecture;
    if (snapshot.components.empty()) {
        draw_empty(ui, whole, ui.t(ui.model().failure.empty() ? "status.starting" : "failure.title"), ui.model().failure);
        return;
    }
    light_.follow(ui);
    Rect area = whole;
    bool trail = !light_.chain().empty();
    if (trail) area.Max.y -= trail_height + trail_below;
    float scale = std::clamp(std::min(area.GetWidth() / 724, area.GetHeight() / 500), 0.6f, 1.7f);
    if (ui.state.presenting) scale = std::max(scale, std::min(1.0f, area.GetWidth() / 640));
    begin_area(ui, area, "board", ScrollAxis::vertical);
    board_ = {ImGui::GetCursorScreenPos(), scale};
    ArchitectureLayout layout = lay_out_architecture(ui, snapshot, Vec(area.GetWidth(), area.GetHeight()) * (1 / scale));
    // A very narrow canvas is looked at from further away, and a low one a little: what is left then scrolls.
    // For a classroom the size is what counts: it scrolls sooner.
    const float least = ui.state.presenting ? 1.0f : 0.72f;
    float needed = layout.control_plane.Max.x + 20;
    float fitting = std::min(area.GetWidth() / needed, std::max(std::min(scale, least), (area.GetHeight() - 1) / layout.size.y));
    if (fitting < scale - 0.001f) {
        scale = fitting;
        board_.scale = scale;
        layout = lay_out_architecture(ui, snapshot, Vec(area.GetWidth(), area.GetHeight()) * (1 / scale));
    }

    draw_control_plane(ui, layout);
    for (const PlacedNode& node : layout.workers) draw_node(ui, node);
    draw_wires(ui, layout);
    draw_cuts(ui, layout);
    for (const PlacedNode& node : layout.workers) {
        for (const PlacedPod& pod : node.pods) draw_pod(ui, layout, pod, node.chip_size);
        if (node.hidden > 0)
            draw_label(ui, board_, Vec(node.box.Min.x + 18, node.box.Max.y - 16), 14, {Face::text, 10, ui.theme().dim},
                       ui.state.words.format("architecture.more", {std::to_string(node.hidden)}), 120, Align::left);
    }
    for (const PlacedPod& pod : layout.control_pods) draw_pod(ui, layout, pod, 10.5f);
    for (const PlacedPod& pod : layout.waiting) draw_pod(ui, layout, pod, 10.5f);
    for (const PlacedPod& pod : layout.orphaned) draw_pod(ui, layout, pod, 10.5f);
    for (const view::ComponentBox& component : snapshot.components) {
        auto box = layout.boxes.find(component.id);
        if (box != layout.boxes.end() && component.pod.empty()) draw_component(ui, component, box->second);
    }
    draw_numbers(ui, layout);
    draw_flights(ui, layout);
    content_size(Vec(1, std::floor(layout.size.y * scale) - 1));
    end_area(ui);
    if (trail) draw_trail(ui, whole);
    light_.settle(ui);
}

}  // namespace

std::unique_ptr<Panel> make_architecture_view() {
    return std::make_unique<ArchitectureView>();
}

}  // namespace kubewalk::ui
