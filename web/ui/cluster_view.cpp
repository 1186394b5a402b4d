// The Cluster view: what runs where, who owns it and which Services reach it. Drag to move, wheel or
// pinch to zoom; what is too small to read is left out.

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/cluster_layout.h"
#include "web/ui/cluster_overview.h"
#include "web/ui/dropdown.h"
#include "web/ui/panels.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float least_scale = 0.02f, most_scale = 3;
constexpr float opening_scale = 0.66f;
constexpr float readable = 5.5f;     // smaller letters are not drawn
constexpr float small_chip = 4;      // smaller Pods are only counted
constexpr float margin = 16;
constexpr std::size_t most_faint_lines = 500;
constexpr std::size_t most_kept_chips = 6000;  // of a large cluster
constexpr std::size_t most_bright_lines = 80;  // more say nothing: the lit Pods do
constexpr float tabs_width = 376;              // of the views' names, which stand left of the tools

// From one box's right edge to another's left edge.
struct Line {
    Rect from, to;
    Color color;
    bool dashed;
};

class ClusterView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void refresh_layout(Ui& ui, const Rect& stage);
    void gather_relations(Ui& ui);
    void move_camera(Ui& ui, const Rect& stage);
    void zoom(Vec around, float factor);
    void fit(const Rect& stage);
    void draw_toolbar(Ui& ui, const Rect& area);
    void search(Ui& ui, FieldEvent event);
    void go_to(Vec point, float least);
    void draw_cards(Ui& ui);
    bool press_cell(Ui& ui);
    static bool tools_below(const Rect& area) { return area.GetWidth() < 780; }
    void draw_columns(Ui& ui);
    struct Lines {
        std::vector<Line> faint, bright;
    };
    Lines gather_lines(const Ui& ui) const;
    void draw_lines(Ui& ui, const std::vector<Line>& lines, float thickness);
    void draw_server(Ui& ui, const PlacedServer& server);
    void draw_server_title(Ui& ui, const PlacedServer& server);
    void draw_summary(Ui& ui, const PlacedServer& server);
    void draw_chip(Ui& ui, const PlacedChip& chip);
    void draw_workload(Ui& ui, const PlacedWorkload& placed);
    void draw_service(Ui& ui, const PlacedService& placed);

    bool visible(const Rect& box) const { return board_.at(box).Overlaps(clip_); }
    bool letters(float size) const { return size * board_.scale >= readable; }
    bool lit(std::string_view resource, const std::string& space, const std::string& name) const;
    // Fades what the search does not mean.
    float strength(const std::string& space, const std::string& name) const;
    Press item(Ui& ui, const Rect& box, std::string_view resource, const std::string& space, const std::string& name,
               std::string_view words, float rounding);
    Color namespace_color(const Ui& ui, const std::string& name) const;

    Board board_;
    Rect clip_;
    ClusterLayout layout_;
    ClusterChoice choice_;
    ClusterChoice laid_out_;
    std::uint64_t revision_ = ~std::uint64_t{0};
    // The camera follows the content until somebody moves it. To begin with it stays near enough to read.
    enum class Camera : unsigned char { opening, fitted, free } camera_ = Camera::opening;
    std::string hovered_;  // "resource/namespace/name" of the frame before
    std::string now_hovered_;
    std::set<std::string, std::less<>> related_;
    std::string focus_;
    TextField search_;
    std::string wanted_;
    std::string found_for_;             // what hits_ were found for
    bool hits_stale_ = true;            // the layout is another one since
    sim::ObjectRef gone_to_;            // the hit that was gone to last
    std::vector<ClusterHit> hits_;
    std::vector<std::size_t> hit_cards_;  // their cards, ascending
    std::size_t hit_ = 0;               // the one that was gone to last, from 1
    bool pressed_ground_ = false;       // in this frame
    ClusterMemory memory_;
    std::uint64_t session_ = 0;         // Model::session that memory_ is about
};

std::string key_of(std::string_view resource, std::string_view space, std::string_view name) {
    return cat(resource, "/", space, "/", name);
}

// --- layout and relations ----------------------------------------------------------------------------

void ClusterView::refresh_layout(Ui& ui, const Rect& stage) {
    const app::Model& model = ui.model();
    choice_.aspect = std::round(stage.GetWidth() / std::max(1.0f, stage.GetHeight()) * 10) / 10;
    const sim::ObjectRef& object = model.inspected.object;
    if (object.resource == "deployments") choice_.opened = object.namespace_name + "/" + object.name;
    if (revision_ == model.revision && laid_out_ == choice_) return;
    revision_ = model.revision;
    laid_out_ = choice_;
    // Another cluster's Pods may have the same names; they are no reason to leave places empty.
    if (session_ != model.session) memory_ = {};
    session_ = model.session;
    layout_ = lay_out_cluster(model.architecture, choice_, memory_);
    hits_stale_ = true;
}

// What belongs to the thing under the pointer, or else to the selected one.
void ClusterView::gather_relations(Ui& ui) {
    related_.clear();
    const sim::ObjectRef& object = ui.model().inspected.object;
    focus_ = hovered_;
    if (focus_.empty() && !object.name.empty()) focus_ = key_of(object.resource, object.namespace_name, object.name);
    if (focus_.empty()) return;
    related_.insert(focus_);
    auto pod_key = [](const std::string& path) { return "pods/" + path; };
    for (const PlacedService& placed : layout_.services) {
        const view::ServiceBox& service = *placed.service;
        std::string key = key_of("services", service.namespace_name, service.name);
        for (const auto* list : {&service.pods, &service.waiting})
            for (const std::string& pod : *list) {
                if (key == focus_) related_.insert(pod_key(pod));
                if (pod_key(pod) == focus_) related_.insert(key);
            }
    }
    std::vector<std::string> rows;
    for (const PlacedWorkload& placed : layout_.workloads)
        rows.push_back(key_of(resource_of_kind(placed.workload->kind), placed.workload->namespace_name, placed.workload->name));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        int owner = layout_.workloads[i].owner;
        if (owner >= 0 && rows[static_cast<std::size_t>(owner)] == focus_) related_.insert(rows[i]);
        if (owner >= 0 && rows[i] == focus_) related_.insert(rows[static_cast<std::size_t>(owner)]);
    }
    for (const PlacedChip& chip : layout_.chips) {
        if (chip.workload < 0) continue;
        auto row = static_cast<std::size_t>(chip.workload);
        int owner = layout_.workloads[row].owner;
        std::string key = key_of("pods", chip.pod->namespace_name, chip.pod->name);
        bool below = rows[row] == focus_ || (owner >= 0 && rows[static_cast<std::size_t>(owner)] == focus_);
        if (below) related_.insert(key);
        if (key != focus_) continue;
        related_.insert(rows[row]);
        if (owner >= 0) related_.insert(rows[static_cast<std::size_t>(owner)]);
    }
}

bool ClusterView::lit(std::string_view resource, const std::string& space, const std::string& name) const {
    return !related_.empty() && related_.count(key_of(resource, space, name)) > 0;
}

float ClusterView::strength(const std::string& space, const std::string& name) const {
    if (wanted_.empty()) return 1;
    return to_lower(cat(space, "/", name)).find(wanted_) != std::string::npos ? 1 : 0.25f;
}

Color ClusterView::namespace_color(const Ui& ui, const std::string& name) const {
    const Theme& theme = ui.theme();
    if (is_system_namespace(name)) return theme.faint;
    const Color palette[] = {theme.violet, theme.blue, theme.teal, theme.amber, theme.green, theme.rose};
    std::size_t index = 0;
    for (const std::string& other : ui.model().architecture.namespaces) {
        if (other == name) break;
        if (!is_system_namespace(other) && other != "default") ++index;
    }
    return name == "default" ? theme.dim : palette[index % std::size(palette)];
}

// --- camera ------------------------------------------------------------------------------------------

void ClusterView::fit(const Rect& stage) {
    Vec room = stage.GetSize() - Vec(2 * margin, margin);
    float scale = std::min(room.x / std::max(1.0f, layout_.size.x), room.y / std::max(1.0f, layout_.size.y));
    // A large cluster is a picture as a whole; a small one is there to be read.
    if (camera_ == Camera::opening && layout_.servers.size() < 10) scale = std::max(scale, opening_scale);
    board_.scale = std::clamp(scale, least_scale, 1.3f);
    Vec used = layout_.size * board_.scale;
    board_.origin = Vec(std::floor(stage.Min.x + margin + (room.x - used.x) * 0.5f),
                        std::floor(stage.Min.y + 4 + std::max(0.0f, (room.y - used.y) * 0.35f)));
}

void ClusterView::zoom(Vec around, float factor) {
    float scale = std::clamp(board_.scale * factor, least_scale, most_scale);
    factor = scale / board_.scale;
    board_.origin = around + (board_.origin - around) * factor;
    board_.scale = scale;
    camera_ = Camera::free;
}

// The ground is an item like any other, submitted last: it has the mouse where nothing else wants it.
void ClusterView::move_camera(Ui& ui, const Rect& stage) {
    ImGuiID id = ImGui::GetCurrentWindow()->GetID("ground");
    ui.items.announce(id, "ground", ui.t("view.cluster"));
    bool hovered = false, held = false;
    if (!ImGui::ItemAdd(stage, id, nullptr, ImGuiItemFlags_NoNav)) return;
    bool clicked = ImGui::ButtonBehavior(stage, id, &hovered, &held, ImGuiButtonFlags_NoNavFocus);
    ImGuiIO& io = ImGui::GetIO();
    if (held && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 2)) {
        board_.origin += io.MouseDelta;
        camera_ = Camera::free;
        ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
    }
    bool still = ImLengthSqr(io.MousePos - io.MouseClickedPos[0]) < 16;
    pressed_ground_ = clicked && still;
    bool taken = hovered && press_cell(ui);
    if (clicked && still && !taken) {
        if (io.MouseClickedLastCount[0] >= 2)
            camera_ = Camera::fitted;
        else if (!ui.model().inspected.object.name.empty())
            ui.state.queue(ActionKind::clear_selection);
    }
    // Two fingers push the board along.
    if (ui.state.touch_pan) {
        board_.origin += Vec(ui.state.touch_pan->first, ui.state.touch_pan->second);
        camera_ = Camera::free;
    }
    if (io.MouseWheel != 0 && ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows)) zoom(io.MousePos, std::pow(1.14f, io.MouseWheel));
}

// The point comes to the middle of the canvas, near enough to be read.
void ClusterView::go_to(Vec point, float least) {
    board_.scale = std::max(board_.scale, least);
    board_.origin = clip_.GetCenter() - point * board_.scale;
    camera_ = Camera::free;
}

void ClusterView::search(Ui& ui, FieldEvent event) {
    wanted_ = to_lower(search_.buffer.text());
    if (found_for_ != wanted_) {
        found_for_ = wanted_;
        gone_to_ = {};
        hits_stale_ = true;
    }
    if (hits_stale_) {
        hits_stale_ = false;
        hits_ = find_in_cluster(layout_, choice_, wanted_);
        // Things come and go while one searches: the next hit is the one after where one is.
        auto here = std::find_if(hits_.begin(), hits_.end(), [&](const ClusterHit& hit) { return hit.object == gone_to_; });
        hit_ = here == hits_.end() ? 0 : static_cast<std::size_t>(here - hits_.begin()) + 1;
        hit_cards_.clear();
        for (const ClusterHit& hit : hits_)
            if (hit.server < layout_.servers.size() && (hit_cards_.empty() || hit_cards_.back() != hit.server)) hit_cards_.push_back(hit.server);
    }
    if (event != FieldEvent::submitted || hits_.empty()) return;
    const ClusterHit& hit = hits_[hit_ % hits_.size()];
    hit_ = hit_ % hits_.size() + 1;
    gone_to_ = hit.object;
    go_to(hit.box.GetCenter(), 0.9f);
    app::Action action;
    action.kind = ActionKind::select_object;
    action.object = hit.object;
    ui.state.queue(std::move(action));
}

void ClusterView::draw_toolbar(Ui& ui, const Rect& area) {
    Scope scope(ui, "tools");
    bool below = tools_below(area);
    float x = area.Max.x - 16, left = area.Min.x + (below ? 16.0f : tabs_width);
    auto take = [&](float width) {
        x -= width;
        Rect box = rect(x, area.Min.y - (below ? 2 : 44), width, 30);
        x -= 6;
        return box;
    };
    auto fits = [&](float width) { return x - width > left; };
    ButtonOptions options;
    options.size = 12.5f;
    options.selected = camera_ == Camera::fitted;
    std::string label(ui.t("cluster.fit"));
    float fit_width = button_width(ui, label, 12.5f, 11);
    if (fits(fit_width) && button(ui, take(fit_width), "fit", label, options)) camera_ = Camera::fitted;
    options.selected = false;
    options.size = 15;
    if (fits(66) && button(ui, take(30), "zoom-in", "+", options)) zoom(clip_.GetCenter(), 1.25f);
    if (fits(30) && button(ui, take(30), "zoom-out", "−", options)) zoom(clip_.GetCenter(), 0.8f);
    float room = x - left;
    if (room < 96) return;
    std::vector<DropdownItem> items = {{".all", std::string(ui.t("cluster.all"))}};
    int selected = 0;
    for (const std::string& name : ui.model().architecture.namespaces) {
        if (name == choice_.namespace_name) selected = static_cast<int>(items.size());
        items.push_back({name, name});
    }
    if (selected == 0) choice_.namespace_name.clear();
    int chosen = dropdown(ui, take(std::clamp(room * 0.45f, 96.0f, 140.0f)), "namespace", ui.t("cluster.namespace"), items[static_cast<std::size_t>(selected)].label, items, selected);
    if (chosen >= 0) {
        choice_.namespace_name = chosen == 0 ? std::string() : items[static_cast<std::size_t>(chosen)].id;
        camera_ = Camera::opening;
    }
    room = x - left;
    if (room < 96) return;
    FieldOptions field;
    field.placeholder = ui.t("objects.search");
    field.size = 12.5f;
    Rect box = take(std::min(room, 220.0f));
    search(ui, search_.draw(ui, box, "search", ui.t("objects.search"), field));
    if (wanted_.empty()) return;
    std::string count = hits_.empty() ? std::string("0") : hit_ == 0 ? std::to_string(hits_.size()) : cat(hit_, "/", hits_.size());
    draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - 62, box.Min.y, 52, box.GetHeight()), {Face::code, 11, ui.theme().dim}, count, Align::right);
}

// --- drawing -----------------------------------------------------------------------------------------

Press ClusterView::item(Ui& ui, const Rect& box, std::string_view resource, const std::string& space, const std::string& name,
                        std::string_view words, float rounding) {
    std::string key = key_of(resource, space, name);
    Press state = canvas_item(ui, board_, box, key, cat(name, ", ", words), rounding);
    if (state.hovered) now_hovered_ = key;
    if (state.clicked) {
        app::Action action;
        action.kind = ActionKind::select_object;
        action.object = {std::string(resource), space, name};
        ui.state.queue(std::move(action));
    }
    return state;
}

void ClusterView::draw_columns(Ui& ui) {
    const Theme& theme = ui.theme();
    if (!letters(12)) return;
    auto title = [&](const Rect& column, std::string_view text) {
        draw_label(ui, board_, column.Min, 22, {Face::strong, 12.5f, theme.dim}, text, column.GetWidth());
    };
    if (!layout_.workloads.empty()) title(layout_.workload_column, ui.t("cluster.workloads"));
    if (!layout_.services.empty()) title(layout_.service_column, ui.t("cluster.services"));
    if (!layout_.servers.empty()) {
        const Rect& first = layout_.servers.front().box;
        title(Rect(first.Min.x, 0, first.Max.x, 22), ui.t("objects.nodes"));
    }
    for (const PlacedHeading& heading : layout_.headings) {
        if (!visible(heading.box)) continue;
        Vec mark = board_.at(heading.box.Min.x + 4, heading.box.GetCenter().y + 2);
        float r = 3.2f * board_.scale;
        ui.list()->AddRectFilled(mark - Vec(r, r), mark + Vec(r, r), namespace_color(ui, *heading.namespace_name), 1.5f * board_.scale);
        draw_label(ui, board_, heading.box.Min + Vec(14, 2), heading.box.GetHeight(), {Face::text, 11, theme.dim}, *heading.namespace_name,
                   heading.box.GetWidth() - 14);
    }
}

ClusterView::Lines ClusterView::gather_lines(const Ui& ui) const {
    const Theme& theme = ui.theme();
    Lines lines;
    Color quiet = mix(theme.background, theme.line, theme.dark ? 0.9f : 1.0f);
    auto add = [&](const Rect& from, const Rect& to, bool strong, Color color, bool dashed) {
        if (strong)
            lines.bright.push_back({from, to, color, dashed});
        else if (lines.faint.size() < most_faint_lines && board_.scale > 0.25f)
            lines.faint.push_back({from, to, quiet, dashed});
    };
    for (const PlacedChip& chip : layout_.chips) {
        if (chip.workload < 0) continue;
        const PlacedWorkload& row = layout_.workloads[static_cast<std::size_t>(chip.workload)];
        bool both = lit("pods", chip.pod->namespace_name, chip.pod->name) &&
                    lit(resource_of_kind(row.workload->kind), row.workload->namespace_name, row.workload->name);
        add(row.box, chip.box, both, theme.violet, false);
    }
    for (const PlacedService& placed : layout_.services) {
        const view::ServiceBox& service = *placed.service;
        bool on = lit("services", service.namespace_name, service.name);
        for (const auto* list : {&service.pods, &service.waiting})
            for (const std::string& pod : *list) {
                auto found = layout_.chip_of.find(pod);
                if (found == layout_.chip_of.end()) continue;
                bool both = on && related_.count("pods/" + pod) > 0;
                bool waits = list == &service.waiting;
                add(layout_.chips[found->second].box, placed.box, both, waits ? theme.amber : theme.teal, waits);
            }
    }
    return lines;
}

void ClusterView::draw_lines(Ui& ui, const std::vector<Line>& lines, float thickness) {
    for (const Line& line : lines) {
        Wire wire = Wire::curve(Vec(line.from.Max.x, line.from.GetCenter().y), Vec(line.to.Min.x, line.to.GetCenter().y));
        if (line.dashed)
            wire.draw_dashed(ui, board_, line.color, thickness);
        else
            wire.draw(ui, board_, line.color, thickness);
    }
}

// Too small for single Pods: how many of them are well.
void ClusterView::draw_summary(Ui& ui, const PlacedServer& server) {
    const Theme& theme = ui.theme();
    if (server.pods == 0) return;
    const std::size_t counts[3] = {server.pods - server.waiting - server.failed, server.waiting, server.failed};
    Rect bar = Rect(server.box.Min + Vec(14, 40), server.box.Max - Vec(14, 14));
    const Color colors[] = {theme.green, theme.amber, theme.rose};
    float x = bar.Min.x;
    for (int i = 0; i < 3; ++i) {
        float width = bar.GetWidth() * static_cast<float>(counts[i]) / static_cast<float>(server.pods);
        Rect part = board_.at(Rect(x, bar.Min.y, x + width, bar.Max.y));
        if (counts[i] > 0) ui.list()->AddRectFilled(part.Min, part.Max, with_alpha(colors[i], 0.7f));
        x += width;
    }
}

void ClusterView::draw_server(Ui& ui, const PlacedServer& server) {
    const Theme& theme = ui.theme();
    const Rect& box = server.box;
    if (!server.node) {
        draw_box(ui, board_, box, {0, theme.amber, 16, 1, true});
        if (letters(12)) draw_label(ui, board_, box.Min + Vec(16, 8), 22, {Face::strong, 12.5f, theme.amber_text}, ui.t(server.kind == ServerKind::waiting ? "architecture.unscheduled" : "architecture.orphaned"), box.GetWidth() - 32);
        return;
    }
    const view::NodeBox& node = *server.node;
    Press state = item(ui, rect(box.Min.x, box.Min.y, box.GetWidth(), 34), "nodes", "", node.name, health_word(ui, node.health), 16);
    bool chosen = focus_ == key_of("nodes", "", node.name) && hovered_ != focus_;
    Color line = chosen ? theme.teal : state.hovered ? theme.selected_line : theme.box_line;
    draw_box(ui, board_, box, {theme.box, line, 16, chosen ? 1.6f : 1.0f, !node.schedulable});
}

// After the lines, on a patch of the card's colour: no line crosses a name.
void ClusterView::draw_server_title(Ui& ui, const PlacedServer& server) {
    if (!server.node || !letters(12)) return;
    const Theme& theme = ui.theme();
    const view::NodeBox& node = *server.node;
    const Rect& box = server.box;
    float room = box.GetWidth() - 50, name_room = room * 0.62f;
    TextStyle strong{Face::strong, 12.5f, theme.text};
    TextStyle code{Face::code, 10.5f, node.schedulable ? theme.dim : theme.amber_text};
    auto width = [&](TextStyle style, std::string_view text) {
        style.size *= board_.scale;
        return ui.fonts.width(text, style) / board_.scale;
    };
    std::string detail = node.schedulable ? node.ip : std::string(ui.t("architecture.cordoned"));
    float name_width = std::min(name_room, width(strong, node.name)) + 10;
    float detail_width = letters(10.5f) ? std::min(room - name_width, width(code, detail)) : 0;
    draw_box(ui, board_, rect(box.Min.x + 11, box.Min.y + 9, 19 + name_width + detail_width + 6, 20), {theme.box, 0, 6});
    draw_health(ui, board_.at(box.Min.x + 19, box.Min.y + 19), 4 * board_.scale, node.health);
    draw_label(ui, board_, box.Min + Vec(30, 8), 22, strong, node.name, name_room);
    if (detail_width > 0) draw_label(ui, board_, box.Min + Vec(30 + name_width, 8), 22, code, detail, room - name_width);
}

void ClusterView::draw_chip(Ui& ui, const PlacedChip& chip) {
    const Theme& theme = ui.theme();
    const view::PodChip& pod = *chip.pod;
    const Rect& box = chip.box;
    bool on = lit("pods", pod.namespace_name, pod.name);
    float alpha = on ? 1 : strength(pod.namespace_name, pod.name);
    bool failed = pod.health == view::Health::failed;
    bool pending = pod.health == view::Health::pending || pod.health == view::Health::terminating;
    Color space = namespace_color(ui, pod.namespace_name);
    Color fill = failed ? theme.rose_tint : on ? theme.teal_tint : pending ? theme.box : theme.raised;
    if (!letters(11)) {
        Rect screen = board_.at(box);
        Color color = failed ? theme.rose : pending ? theme.amber : on ? theme.teal : mix(theme.raised, space, 0.5f);
        ui.list()->AddRectFilled(screen.Min, screen.Max, with_alpha(color, alpha), 6 * board_.scale);
        return;
    }
    Press state = item(ui, box, "pods", pod.namespace_name, pod.name, pod.phase, 8);
    const sim::ObjectRef& object = ui.model().inspected.object;
    bool chosen = object.resource == "pods" && object.name == pod.name && object.namespace_name == pod.namespace_name;
    Color line = chosen || on ? theme.teal : pending ? theme.amber : failed ? theme.rose : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(fill, alpha), with_alpha(line, alpha), 8, chosen ? 1.8f : 1.0f, pending && !on});
    // The namespace as a small bar at the left.
    Rect bar = board_.at(rect(box.Min.x + 5, box.Min.y + 7, 3, box.GetHeight() - 14));
    ui.list()->AddRectFilled(bar.Min, bar.Max, with_alpha(space, alpha), 1.5f * board_.scale);
    draw_health(ui, board_.at(box.Min.x + 17, box.GetCenter().y), 3.4f * board_.scale, pod.health);
    Vec text = box.Min + Vec(26, 0);
    float width = box.GetWidth() - 31;
    // Well or not: what is not well says so in words.
    bool word = pod.health != view::Health::healthy && letters(9);
    Color color = failed ? theme.rose_text : pending ? theme.amber_text : theme.text;
    draw_label(ui, board_, text + Vec(0, word ? 1.0f : 0.0f), word ? 15 : box.GetHeight(), {Face::text, 11, with_alpha(word ? theme.text : color, alpha)}, pod.app, width);
    if (word) draw_label(ui, board_, text + Vec(0, 14), 12, {Face::text, 9, with_alpha(color, alpha)}, pod.phase, width);
    if (state.hovered)
        tooltip(ui, cat(pod.namespace_name, "/", pod.name, "  ·  ", pod.phase, pod.ip.empty() ? "" : "  ·  ", pod.ip));
}

// As kubectl abbreviates them: pkg/registry/*/storage, ShortNames.
std::string short_kind(std::string_view kind) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"Deployment", "deploy"}, {"ReplicaSet", "rs"}, {"ReplicationController", "rc"}, {"DaemonSet", "ds"}, {"StatefulSet", "sts"}, {"CronJob", "cj"}};
    for (const auto& [name, abbreviated] : known)
        if (kind == name) return std::string(abbreviated);
    return to_lower(kind);
}

void ClusterView::draw_workload(Ui& ui, const PlacedWorkload& placed) {
    const Theme& theme = ui.theme();
    const view::WorkloadBox& load = *placed.workload;
    const Rect& box = placed.box;
    if (placed.owner >= 0) {
        // An elbow from the owner down to what it owns.
        float x = box.Min.x - 7, top = layout_.workloads[static_cast<std::size_t>(placed.owner)].box.Max.y;
        if (top < box.Min.y)
            Wire::bent({Vec(x, top), Vec(x, box.GetCenter().y), Vec(box.Min.x, box.GetCenter().y)}, 5).draw(ui, board_, theme.violet, 1.2f);
    }
    if (!letters(11)) {
        Rect screen = board_.at(box);
        ui.list()->AddRectFilled(screen.Min, screen.Max, theme.line, 6 * board_.scale);
        return;
    }
    std::string resource = resource_of_kind(load.kind);
    bool on = lit(resource, load.namespace_name, load.name);
    float alpha = on ? 1 : strength(load.namespace_name, load.name);
    std::string ready = cat(load.ready, "/", load.desired);
    Press state = item(ui, box, resource, load.namespace_name, load.name,
                       ui.state.words.format("cluster.ready", {std::to_string(load.ready), std::to_string(load.desired)}), 8);
    bool well = load.ready >= load.desired;
    Color line = on ? theme.violet : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(on ? theme.violet_tint : theme.raised, alpha), with_alpha(line, alpha), 8, on ? 1.6f : 1.0f});
    // The kind in a few letters: a word beside the colour.
    std::string tag = short_kind(load.kind);
    TextStyle small{Face::code, 9.5f, with_alpha(theme.violet_text, alpha)};
    TextStyle scaled = small;
    scaled.size *= board_.scale;
    float tag_width = ui.fonts.width(tag, scaled) / board_.scale, ready_width = ui.fonts.width(ready, scaled) / board_.scale;
    if (letters(9.5f)) {
        draw_label(ui, board_, box.Min + Vec(9, 0), box.GetHeight(), small, tag, tag_width + 3);
        small.color = with_alpha(well ? theme.dim : theme.amber_text, alpha);
        draw_label(ui, board_, Vec(box.Max.x - ready_width - 10, box.Min.y), box.GetHeight(), small, ready, ready_width + 3);
        if (!well) draw_health(ui, board_.at(box.Max.x - ready_width - 19, box.GetCenter().y), 3.2f * board_.scale, view::Health::pending);
    } else {
        tag_width = ready_width = 0;
    }
    float left = tag_width + 16, right = ready_width + (well ? 16 : 28);
    draw_label(ui, board_, box.Min + Vec(left, 0), box.GetHeight(), {Face::text, 11, with_alpha(theme.text, alpha)}, load.name, box.GetWidth() - left - right);
    if (state.hovered) tooltip(ui, cat(load.kind, " ", load.namespace_name, "/", load.name, "  ·  ", ui.state.words.format("cluster.ready", {std::to_string(load.ready), std::to_string(load.desired)})));
}

void ClusterView::draw_service(Ui& ui, const PlacedService& placed) {
    const Theme& theme = ui.theme();
    const view::ServiceBox& service = *placed.service;
    const Rect& box = placed.box;
    if (!letters(11)) {
        Rect screen = board_.at(box);
        ui.list()->AddRectFilled(screen.Min, screen.Max, theme.line, 6 * board_.scale);
        return;
    }
    bool on = lit("services", service.namespace_name, service.name);
    float alpha = on ? 1 : strength(service.namespace_name, service.name);
    Press state = item(ui, box, "services", service.namespace_name, service.name, cat(service.type, " ", service.cluster_ip), 8);
    Color line = on ? theme.teal : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(on ? theme.teal_tint : theme.raised, alpha), with_alpha(line, alpha), 8, on ? 1.6f : 1.0f});
    // The ring of what waits: nobody behind the Service is ready.
    bool idle = !service.waiting.empty() && service.pods.empty();
    if (idle) draw_health(ui, board_.at(box.Min.x + 14, box.GetCenter().y), 3.4f * board_.scale, view::Health::pending);
    float indent = idle ? 12.0f : 0.0f;
    constexpr float name_width = 86, type_width = 60;
    draw_label(ui, board_, box.Min + Vec(10 + indent, 0), box.GetHeight(), {Face::text, 11, with_alpha(theme.text, alpha)}, service.name, name_width - indent);
    if (letters(9.5f)) {
        // A door to the outside is told apart from what only the inside can reach.
        bool door = service.type == "NodePort" || service.type == "LoadBalancer";
        Color type = door ? theme.blue_text : theme.dim;
        draw_label(ui, board_, box.Min + Vec(14 + name_width, 0), box.GetHeight(), {Face::text, 9.5f, with_alpha(type, alpha)}, service.type, type_width);
        float left = 14 + name_width + type_width;
        draw_label(ui, board_, box.Min + Vec(left, 0), box.GetHeight(), {Face::code, 9.5f, with_alpha(theme.dim, alpha)}, service.cluster_ip, box.GetWidth() - left - 6);
    }
    if (!state.hovered) return;
    std::string text = cat(service.namespace_name, "/", service.name, "  ·  ", service.type, "  ", service.cluster_ip, "  ", service.ports);
    if (!service.external.empty() && service.external != "<none>") text += cat("  ·  ", service.external);
    tooltip(ui, text);
}

// From far away nodes are cells; nearer they are cards, and nearer still their Pods have names.
void ClusterView::draw_cards(Ui& ui) {
    bool far = !layout_.servers.empty() && layout_.servers.front().box.GetWidth() * board_.scale < cell_width;
    if (far) {
        draw_columns(ui);
        draw_cells(ui, board_, clip_, layout_, hit_cards_, ui.model().inspected.object);
        return;
    }
    bool names = 28 * board_.scale >= small_chip;
    if (layout_.lazy && names) {
        // What was looked at is kept until it becomes too much.
        if (layout_.chips.size() > most_kept_chips) {
            for (PlacedServer& server : layout_.servers) server.chips = 0;
            layout_.chips.clear();
            layout_.chip_of.clear();
        }
        for (std::size_t i = 0; i < layout_.servers.size(); ++i)
            if (visible(layout_.servers[i].box)) place_chips(layout_, i, choice_);
    }
    // Faint lines end at the cards; those of the thing looked at go on to the Pods themselves.
    Lines lines = gather_lines(ui);
    draw_lines(ui, lines.faint, 1.3f);
    for (const PlacedServer& server : layout_.servers)
        if (visible(server.box)) draw_server(ui, server);
    draw_columns(ui);
    if (lines.bright.size() <= most_bright_lines) draw_lines(ui, lines.bright, std::max(2.0f, 1.2f / board_.scale));
    for (const PlacedServer& server : layout_.servers) {
        if (!visible(server.box)) continue;
        draw_server_title(ui, server);
        if (!names) draw_summary(ui, server);
        for (std::size_t i = 0; i < server.chips && names; ++i)
            if (visible(layout_.chips[server.first_chip + i].box)) draw_chip(ui, layout_.chips[server.first_chip + i]);
    }
}

// Cells are no items of their own: what lies under the pointer is worked out.
bool ClusterView::press_cell(Ui& ui) {
    if (layout_.servers.empty() || layout_.servers.front().box.GetWidth() * board_.scale >= cell_width) return false;
    int index = card_at(layout_, (ImGui::GetMousePos() - board_.origin) * (1 / board_.scale));
    if (index < 0 || !layout_.servers[static_cast<std::size_t>(index)].node) return false;
    const PlacedServer& server = layout_.servers[static_cast<std::size_t>(index)];
    Rect cell = board_.at(server.box);
    ui.list()->AddRect(cell.Min - Vec(1, 1), cell.Max + Vec(1, 1), ui.theme().text, 0, 0, 1.5f);
    tooltip(ui, cat(server.node->name, "  ·  ", ui.state.words.format("cluster.pods", {std::to_string(server.pods), std::to_string(server.waiting), std::to_string(server.failed)})));
    if (!pressed_ground_) return false;
    app::Action action;
    action.kind = ActionKind::select_object;
    action.object = {"nodes", {}, server.node->name};
    ui.state.queue(std::move(action));
    return true;
}

void ClusterView::draw(Ui& ui, const Rect& whole) {
    const view::Architecture& snapshot = ui.model().architecture;
    if (snapshot.nodes.empty()) {
        draw_empty(ui, whole, ui.t(ui.model().failure.empty() ? "status.starting" : "failure.title"), ui.model().failure);
        return;
    }
    Rect area = whole;
    if (tools_below(whole)) area.Min.y += 36;
    refresh_layout(ui, area);
    draw_toolbar(ui, whole);
    if (camera_ != Camera::free) fit(area);
    begin_area(ui, area, ".stage", ScrollAxis::none);
    clip_ = area;
    gather_relations(ui);
    now_hovered_.clear();
    draw_cards(ui);
    for (const PlacedWorkload& load : layout_.workloads)
        if (visible(load.box)) draw_workload(ui, load);
    for (const PlacedService& service : layout_.services)
        if (visible(service.box)) draw_service(ui, service);
    Vec centre;
    if (draw_minimap(ui, board_, area, layout_, &centre)) go_to(centre, board_.scale);
    move_camera(ui, area);
    if (hovered_ != now_hovered_) {
        hovered_ = now_hovered_;
        ui.wake_in(0.01);  // what is related lights up in the next frame
    }
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_cluster_view() {
    return std::make_unique<ClusterView>();
}

}  // namespace kubewalk::ui
