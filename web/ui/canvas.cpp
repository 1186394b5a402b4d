#include "web/ui/canvas.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/rich_text.h"

namespace kubewalk::ui {

void draw_box(Ui& ui, const Board& board, const Rect& box, const BoxLook& look) {
    Rect screen = board.at(box);
    screen.Min = Vec(std::round(screen.Min.x), std::round(screen.Min.y));
    screen.Max = Vec(std::round(screen.Max.x), std::round(screen.Max.y));
    float rounding = look.rounding * board.scale;
    if (look.dashed) {
        if (look.fill) ui.list()->AddRectFilled(screen.Min, screen.Max, look.fill, rounding);
        dashed_box(ui.list(), screen, look.line, rounding, look.thickness);
        return;
    }
    box_with_line(ui.list(), screen, look.fill, look.line, rounding, look.thickness);
}

void draw_label(Ui& ui, const Board& board, Vec at, float height, TextStyle style, std::string_view text, float max_width,
                Align align) {
    style.size *= board.scale;
    Vec top = board.at(at);
    draw_text_in(ui.list(), ui.fonts, rect(top.x, top.y, max_width * board.scale, height * board.scale), style, text, align);
}

float tools_top(const Ui& ui, const Rect& area) {
    return area.Min.y - (ui.compact ? 38.0f : 42.0f);
}

// --- wires -------------------------------------------------------------------------------------------

namespace {

float way(Vec a, Vec b) {
    return std::sqrt(ImLengthSqr(b - a));
}

void add_corner(std::vector<Vec>& out, Vec before, Vec corner, Vec after, float radius) {
    float in = way(before, corner), on = way(corner, after);
    float r = std::min({radius, in * 0.5f, on * 0.5f});
    if (r < 0.5f) {
        out.push_back(corner);
        return;
    }
    Vec start = corner + (before - corner) * (r / in);
    Vec end = corner + (after - corner) * (r / on);
    constexpr int steps = 8;
    for (int i = 0; i <= steps; ++i) {
        float t = static_cast<float>(i) / steps;
        out.push_back(start * ((1 - t) * (1 - t)) + corner * (2 * t * (1 - t)) + end * (t * t));
    }
}

std::vector<Vec> bezier(Vec a, Vec b, Vec c, Vec d) {
    std::vector<Vec> out;
    constexpr int steps = 28;
    for (int i = 0; i <= steps; ++i) {
        float t = static_cast<float>(i) / steps, u = 1 - t;
        out.push_back(a * (u * u * u) + b * (3 * u * u * t) + c * (3 * u * t * t) + d * (t * t * t));
    }
    return out;
}

}  // namespace

Wire Wire::bent(std::vector<Vec> corners, float radius) {
    Wire wire;
    for (std::size_t i = 0; i < corners.size(); ++i) {
        if (i == 0 || i + 1 == corners.size())
            wire.points_.push_back(corners[i]);
        else
            add_corner(wire.points_, corners[i - 1], corners[i], corners[i + 1], radius);
    }
    wire.measure();
    return wire;
}

Wire Wire::curve(Vec from, Vec to) {
    Wire wire;
    float reach = (to.x - from.x) * 0.5f;
    wire.points_ = bezier(from, from + Vec(reach, 0), to - Vec(reach, 0), to);
    wire.measure();
    return wire;
}

Wire Wire::curve_down(Vec from, Vec to) {
    Wire wire;
    float reach = (to.y - from.y) * 0.5f;
    wire.points_ = bezier(from, from + Vec(0, reach), to - Vec(0, reach), to);
    wire.measure();
    return wire;
}

void Wire::measure() {
    at_.clear();
    length_ = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        if (i > 0) length_ += way(points_[i - 1], points_[i]);
        at_.push_back(length_);
    }
}

Vec Wire::point(float share) const {
    if (points_.empty()) return {};
    float target = ImSaturate(share) * length_;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        if (at_[i] < target) continue;
        float piece = at_[i] - at_[i - 1];
        float t = piece > 0 ? (target - at_[i - 1]) / piece : 0;
        return points_[i - 1] + (points_[i] - points_[i - 1]) * t;
    }
    return points_.back();
}

Wire Wire::joined(const Wire& next) const {
    Wire wire;
    wire.points_ = points_;
    wire.points_.insert(wire.points_.end(), next.points_.begin(), next.points_.end());
    wire.measure();
    return wire;
}

Wire Wire::reversed() const {
    Wire wire;
    wire.points_.assign(points_.rbegin(), points_.rend());
    wire.measure();
    return wire;
}

void Wire::draw(Ui& ui, const Board& board, Color color, float thickness, float from, float to) const {
    if (empty() || to <= from) return;
    ImDrawList* list = ui.list();
    list->PathLineTo(board.at(point(from)));
    for (std::size_t i = 0; i < points_.size(); ++i) {
        float share = length_ > 0 ? at_[i] / length_ : 0;
        if (share > from && share < to) list->PathLineTo(board.at(points_[i]));
    }
    list->PathLineTo(board.at(point(to)));
    list->PathStroke(color, 0, thickness * board.scale);
}

void Wire::draw_dashed(Ui& ui, const Board& board, Color color, float thickness) const {
    if (empty()) return;
    constexpr float on = 3, off = 4;
    for (float at = 0; at < length_; at += on + off)
        ui.list()->AddLine(board.at(point(at / length_)), board.at(point(std::min(length_, at + on) / length_)), color,
                           thickness * board.scale);
}

void draw_dot(Ui& ui, Vec at, float radius, Color color) {
    ImDrawList* list = ui.list();
    constexpr int layers = 7;
    for (int i = layers; i >= 1; --i)
        list->AddCircleFilled(at, radius * (1 + 0.28f * static_cast<float>(i)), with_alpha(color, 0.07f));
    Color core = ui.theme().dark ? mix(color, IM_COL32_WHITE, 0.8f) : color;
    list->AddCircleFilled(at, radius, core);
    if (!ui.theme().dark) list->AddCircleFilled(at, radius * 0.5f, IM_COL32_WHITE);
}

Press canvas_item(Ui& ui, const Board& board, const Rect& box, std::string_view id, std::string_view label, float rounding) {
    return press(ui, board.at(box), id, label, rounding * board.scale);
}

void draw_empty(Ui& ui, const Rect& area, std::string_view title, std::string_view hint) {
    TextStyle strong = ui.strong(16);
    ParagraphStyle paragraph{13.5f, 20.5f, ui.theme().dim};
    float width = std::min(440.0f, area.GetWidth() - 48);
    if (width < 60) return;
    RichText text = rich(hint);
    float height = 34 + measure_rich(ui, text, paragraph, width);
    Vec top(area.GetCenter().x - width * 0.5f, area.GetCenter().y - height * 0.5f);
    draw_text_in(ui.list(), ui.fonts, rect(top.x, top.y, width, 24), strong, title, Align::left);
    draw_rich(ui, top + Vec(0, 34), text, paragraph, width);
}

void draw_health(Ui& ui, Vec c, float r, view::Health health) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    switch (health) {
    case view::Health::healthy: list->AddCircleFilled(c, r, theme.green); break;
    case view::Health::pending: list->AddCircle(c, r - 0.5f, theme.amber, 0, 1.6f); break;
    case view::Health::failed:
        list->AddTriangleFilled(c + Vec(0, -r * 1.1f), c + Vec(r * 1.1f, r), c + Vec(-r * 1.1f, r), theme.rose);
        break;
    case view::Health::stopped: list->AddRectFilled(c - Vec(r, r), c + Vec(r, r), theme.faint, 1); break;
    case view::Health::terminating:
        list->AddLine(c - Vec(r, r), c + Vec(r, r), theme.rose, 1.6f);
        list->AddLine(c + Vec(-r, r), c + Vec(r, -r), theme.rose, 1.6f);
        break;
    case view::Health::completed:
        list->AddLine(c + Vec(-r * 1.1f, 0), c + Vec(-r * 0.25f, r * 0.85f), theme.dim, 1.6f);
        list->AddLine(c + Vec(-r * 0.25f, r * 0.85f), c + Vec(r * 1.2f, -r * 0.85f), theme.dim, 1.6f);
        break;
    }
}

std::string_view health_word(const Ui& ui, view::Health health) {
    switch (health) {
    case view::Health::healthy: return ui.t("health.healthy");
    case view::Health::pending: return ui.t("health.pending");
    case view::Health::failed: return ui.t("health.failed");
    case view::Health::stopped: return ui.t("health.stopped");
    case view::Health::terminating: return ui.t("health.terminating");
    case view::Health::completed: return ui.t("health.completed");
    }
    return {};
}

std::string pod_words(const Ui& ui, const view::PodChip& pod) {
    const std::string key = cat(pod.namespace_name, "/", pod.name);
    std::string out = cat(key, "  ·  ", pod.phase, pod.ip.empty() ? "" : "  ·  ", pod.ip);
    for (const view::ServiceBox& service : ui.model().architecture.services)
        for (const auto* list : {&service.pods, &service.waiting})
            if (std::find(list->begin(), list->end(), key) != list->end()) append(out, "  ·  Service ", service.name);
    return out;
}

std::string workload_tag(const Ui& ui, const view::WorkloadBox& load) {
    if (load.health == view::Health::stopped) return std::string(ui.t("workload.suspended"));
    if (load.kind != "CronJob") return cat(load.ready, "/", load.desired);
    if (load.active > 0 || !load.last_schedule) return ui.state.words.format("workload.active", {std::to_string(load.active)});
    return ui.state.words.format("workload.ago", {human_duration(ui.model().architecture.now - *load.last_schedule)});
}

std::string workload_words(const Ui& ui, const view::WorkloadBox& load) {
    const auto& words = ui.state.words;
    if (load.kind == "CronJob") {
        const std::string last = load.last_schedule ? words.format("workload.ago", {human_duration(ui.model().architecture.now - *load.last_schedule)}) : std::string(ui.t("workload.never"));
        return words.format("workload.cron_job", {load.schedule, last, std::to_string(load.active), std::string(ui.t(load.health == view::Health::stopped ? "workload.suspended" : "workload.on"))});
    }
    return words.format(load.kind == "Job" ? "workload.completions" : "cluster.ready", {std::to_string(load.ready), std::to_string(load.desired)});
}

std::string_view component_title(const Ui& ui, const view::ComponentBox& component) {
    return component.id == "cloud" ? ui.t("architecture.cloud") : std::string_view(component.title);
}

}  // namespace kubewalk::ui
