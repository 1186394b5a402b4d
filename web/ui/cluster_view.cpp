// The Cluster view: what runs where, who owns it and which Services reach it. Drag to move, wheel or
// pinch to zoom; what is too small to read is left out.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/cluster_overview.h"
#include "web/ui/cluster_view.h"
#include "web/ui/dropdown.h"
#include "web/ui/panels.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float least_scale = 0.02f, most_scale = 3;
constexpr float opening_scale = 0.66f;
constexpr float margin = 16;
constexpr float tabs_width = 376;  // of the views' names, which stand left of the tools

}  // namespace

// --- layout and relations ----------------------------------------------------------------------------

void ClusterView::refresh_layout(Ui& ui, const Rect& stage) {
    const app::Model& model = ui.model();
    choice_.aspect = std::round(stage.GetWidth() / std::max(1.0f, stage.GetHeight()) * 10) / 10;
    choice_.narrow = stage.GetWidth() - 2 * margin < usual_width * opening_scale;
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
    if (focus_.empty() && !object.name.empty()) focus_ = cluster_key(object.resource, object.namespace_name, object.name);
    if (focus_.empty()) return;
    related_.insert(focus_);
    auto pod_key = [](const std::string& path) { return "pods/" + path; };
    for (const PlacedService& placed : layout_.services) {
        const view::ServiceBox& service = *placed.service;
        std::string key = cluster_key("services", service.namespace_name, service.name);
        for (const auto* list : {&service.pods, &service.waiting})
            for (const std::string& pod : *list) {
                if (key == focus_) related_.insert(pod_key(pod));
                if (pod_key(pod) == focus_) related_.insert(key);
            }
    }
    std::vector<std::string> rows;
    for (const PlacedWorkload& placed : layout_.workloads)
        rows.push_back(cluster_key(resource_of_kind(placed.workload->kind), placed.workload->namespace_name, placed.workload->name));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        int owner = layout_.workloads[i].owner;
        if (owner >= 0 && rows[static_cast<std::size_t>(owner)] == focus_) related_.insert(rows[i]);
        if (owner >= 0 && rows[i] == focus_) related_.insert(rows[static_cast<std::size_t>(owner)]);
    }
    for (const PlacedChip& chip : layout_.chips) {
        if (chip.workload < 0) continue;
        auto row = static_cast<std::size_t>(chip.workload);
        int owner = layout_.workloads[row].owner;
        std::string key = cluster_key("pods", chip.pod->namespace_name, chip.pod->name);
        bool below = rows[row] == focus_ || (owner >= 0 && rows[static_cast<std::size_t>(owner)] == focus_);
        if (below) related_.insert(key);
        if (key != focus_) continue;
        related_.insert(rows[row]);
        if (owner >= 0) related_.insert(rows[static_cast<std::size_t>(owner)]);
    }
}

bool ClusterView::lit(std::string_view resource, const std::string& space, const std::string& name) const {
    return !related_.empty() && related_.count(cluster_key(resource, space, name)) > 0;
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
    // A large cluster is a picture as a whole; a small one is there to be read: what is too large begins at the upper left.
    if (camera_ == Camera::opening && layout_.servers.size() < 10) scale = std::max(scale, opening_scale);
    board_.scale = std::clamp(scale, least_scale, 1.5f);
    Vec used = layout_.size * board_.scale;
    board_.origin = Vec(std::floor(stage.Min.x + margin + std::max(0.0f, (room.x - used.x) * 0.5f)),
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
        Rect box = rect(x, below ? area.Min.y - 2 : tools_top(ui, area), width, 30);
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
    // Beside the views' names in a narrow window: the field comes when it is asked for, and the choice of a namespace waits for it.
    constexpr float folded = 34;
    const bool scarce = !below && x - left < 270;
    const bool searching = scarce && (search_.focused() || search_.wants_focus() || !search_.buffer.text().empty());
    float room = x - left - (scarce ? folded + 6 : 0);
    if (room < 96) return;
    if (searching) return draw_search(ui, take(x - left));
    std::vector<DropdownItem> items = {{".all", std::string(ui.t("cluster.all"))}};
    int selected = 0;
    for (const std::string& name : ui.model().architecture.namespaces) {
        if (name == choice_.namespace_name) selected = static_cast<int>(items.size());
        items.push_back({name, name});
    }
    if (selected == 0) choice_.namespace_name.clear();
    int chosen = dropdown(ui, take(scarce ? std::min(room, 140.0f) : std::clamp(room * 0.45f, 96.0f, 140.0f)), "namespace", ui.t("cluster.namespace"), items[static_cast<std::size_t>(selected)].label, items, selected);
    if (chosen >= 0) {
        choice_.namespace_name = chosen == 0 ? std::string() : items[static_cast<std::size_t>(chosen)].id;
        camera_ = Camera::opening;
    }
    room = x - left;
    if (scarce) {
        options.size = 13;
        if (icon_button(ui, take(folded), "search", Icon::search, ui.t("objects.search"), options)) {
            search_.focus_next_frame();
            ui.animating = true;
        }
        return;
    }
    if (room >= 96) draw_search(ui, take(std::min(room, 220.0f)));
}

void ClusterView::draw_search(Ui& ui, const Rect& box) {
    FieldOptions field;
    field.placeholder = ui.t("objects.search");
    field.size = 12.5f;
    search(ui, search_.draw(ui, box, "search", ui.t("objects.search"), field));
    if (wanted_.empty()) return;
    std::string count = hits_.empty() ? std::string("0") : hit_ == 0 ? std::to_string(hits_.size()) : cat(hit_, "/", hits_.size());
    draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - 62, box.Min.y, 52, box.GetHeight()), {Face::code, 11, ui.theme().dim}, count, Align::right);
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

std::unique_ptr<Panel> make_cluster_view() {
    return std::make_unique<ClusterView>();
}

}  // namespace kubewalk::ui
