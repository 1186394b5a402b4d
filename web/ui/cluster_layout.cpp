#include "web/ui/cluster_layout.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/base/text.h"

namespace kubewalk::ui {

namespace {

constexpr float chip_width = 106, chip_height = 28, chip_gap = 6;
constexpr float card_padding = 14, card_title = 36;
constexpr float row_height = 26, row_gap = 4;
constexpr float heading_height = 22, column_title = 26;
constexpr float workload_width = 168, service_width = 246;
constexpr float column_gap = 34, inner_gap = 16, nested_indent = 14;
constexpr float longest_column = 720;  // unless the nodes' field is longer

// Rows that flow downwards and go on in another column where they get too long.
class Flow {
public:
    Flow(Vec origin, float width, float height) : origin_(origin), at_(origin), width_(width), limit_(origin.y + height) {}

    Rect take(float height, float indent = 0) {
        if (at_.y + height > limit_ && at_.y > origin_.y) {
            at_ = Vec(at_.x + width_ + inner_gap, origin_.y);
        }
        Rect box(at_.x + indent, at_.y, at_.x + width_, at_.y + height);
        at_.y += height + row_gap;
        bottom_ = std::max(bottom_, box.Max.y);
        return box;
    }
    // A heading stays together with the row below it.
    void keep_together(float height) {
        if (at_.y + height > limit_ && at_.y > origin_.y) at_ = Vec(at_.x + width_ + inner_gap, origin_.y);
    }
    Rect covered() const { return Rect(origin_.x, origin_.y, at_.x + width_, std::max(bottom_, origin_.y)); }

private:
    Vec origin_;
    Vec at_;
    float width_;
    float limit_;
    float bottom_ = 0;
};

float rows_height(std::size_t rows, std::size_t headings) {
    return static_cast<float>(rows) * (row_height + row_gap) + static_cast<float>(headings) * (heading_height + row_gap);
}

template <typename Box>
std::vector<const Box*> sorted(const std::vector<Box>& boxes, const ClusterChoice& choice) {
    std::vector<const Box*> out;
    for (const Box& box : boxes)
        if (choice.namespace_name.empty() || box.namespace_name == choice.namespace_name) out.push_back(&box);
    std::stable_sort(out.begin(), out.end(), [](const Box* a, const Box* b) {
        return std::make_tuple(is_system_namespace(a->namespace_name), std::string_view(a->namespace_name)) <
               std::make_tuple(is_system_namespace(b->namespace_name), std::string_view(b->namespace_name));
    });
    return out;
}

template <typename Box>
std::size_t heading_count(const std::vector<const Box*>& boxes) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < boxes.size(); ++i)
        if (i == 0 || boxes[i]->namespace_name != boxes[i - 1]->namespace_name) ++count;
    return count;
}

class Builder {
public:
    Builder(const view::Architecture& snapshot, const ClusterChoice& choice, std::size_t chip_columns)
        : snapshot_(snapshot), choice_(choice), chip_columns_(chip_columns) {}
    ClusterLayout build();

private:
    using Chips = std::vector<const view::PodChip*>;

    std::vector<const view::WorkloadBox*> shown_workloads() const;
    Chips shown_chips(const std::vector<view::PodChip>& pods) const;
    Vec card_size(std::size_t chips) const;
    void place_workloads(const std::vector<const view::WorkloadBox*>& rows, float height);
    void place_servers(Vec origin);
    void add_server(const view::NodeBox* node, const Chips& chips, const Rect& box);
    void place_services(const std::vector<const view::ServiceBox*>& rows, Vec origin, float height);
    void heading(Flow& flow, const std::string& name);
    void own_chips();

    const view::Architecture& snapshot_;
    const ClusterChoice& choice_;
    ClusterLayout out_;
    std::size_t chip_columns_;
    std::size_t card_columns_ = 1;
};

// ReplicaSets stand below their Deployment while it is the one looked at, or while two of them hold Pods.
std::vector<const view::WorkloadBox*> Builder::shown_workloads() const {
    std::unordered_map<std::string, int> busy;
    auto owner = [](const view::WorkloadBox& box) { return cat(box.namespace_name, "/", box.owner); };
    for (const view::WorkloadBox& box : snapshot_.workloads)
        if (!box.owner.empty() && (box.desired > 0 || box.ready > 0)) ++busy[owner(box)];
    std::vector<const view::WorkloadBox*> out;
    for (const view::WorkloadBox* box : sorted(snapshot_.workloads, choice_)) {
        if (!box->owner.empty()) continue;
        out.push_back(box);
        std::string key = cat(box->namespace_name, "/", box->kind, "/", box->name);
        bool open = choice_.opened == cat(box->namespace_name, "/", box->name);
        for (const view::WorkloadBox& child : snapshot_.workloads)
            if (!child.owner.empty() && owner(child) == key && (open || (busy[key] > 1 && (child.desired > 0 || child.ready > 0))))
                out.push_back(&child);
    }
    return out;
}

Builder::Chips Builder::shown_chips(const std::vector<view::PodChip>& pods) const {
    Chips out;
    for (const view::PodChip& pod : pods)
        if (choice_.namespace_name.empty() || pod.namespace_name == choice_.namespace_name) out.push_back(&pod);
    std::stable_sort(out.begin(), out.end(), [](const view::PodChip* a, const view::PodChip* b) {
        return is_system_namespace(a->namespace_name) < is_system_namespace(b->namespace_name);
    });
    return out;
}

Vec Builder::card_size(std::size_t chips) const {
    auto columns = static_cast<float>(chip_columns_);
    auto rows = static_cast<float>(std::max<std::size_t>(1, (chips + chip_columns_ - 1) / chip_columns_));
    return {card_padding * 2 + columns * chip_width + (columns - 1) * chip_gap,
            card_title + rows * (chip_height + chip_gap) - chip_gap + card_padding};
}

void Builder::heading(Flow& flow, const std::string& name) {
    flow.keep_together(heading_height + row_gap + row_height);
    out_.headings.push_back({&name, flow.take(heading_height)});
}

void Builder::place_workloads(const std::vector<const view::WorkloadBox*>& rows, float height) {
    Flow flow(Vec(0, column_title), workload_width, height);
    int owner = -1;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i == 0 || rows[i]->namespace_name != rows[i - 1]->namespace_name) heading(flow, rows[i]->namespace_name);
        bool nested = !rows[i]->owner.empty();
        if (!nested) owner = static_cast<int>(out_.workloads.size());
        out_.workloads.push_back({rows[i], flow.take(row_height, nested ? nested_indent : 0), nested ? owner : -1});
    }
    out_.workload_column = flow.covered();
    out_.workload_column.Min.y = 0;
}

void Builder::place_services(const std::vector<const view::ServiceBox*>& rows, Vec origin, float height) {
    Flow flow(origin + Vec(0, column_title), service_width, height);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i == 0 || rows[i]->namespace_name != rows[i - 1]->namespace_name) heading(flow, rows[i]->namespace_name);
        out_.services.push_back({rows[i], flow.take(row_height)});
    }
    out_.service_column = flow.covered();
    out_.service_column.Min.y = 0;
}

void Builder::add_server(const view::NodeBox* node, const Chips& chips, const Rect& box) {
    out_.servers.push_back({node, box, out_.chips.size(), chips.size()});
    for (std::size_t i = 0; i < chips.size(); ++i) {
        auto column = static_cast<float>(i % chip_columns_), row = static_cast<float>(i / chip_columns_);
        Rect chip = rect(box.Min.x + card_padding + column * (chip_width + chip_gap),
                         box.Min.y + card_title + row * (chip_height + chip_gap), chip_width, chip_height);
        out_.chip_of[cat(chips[i]->namespace_name, "/", chips[i]->name)] = out_.chips.size();
        out_.chips.push_back({chips[i], chip, -1});
    }
}

void Builder::place_servers(Vec origin) {
    float y = origin.y;
    Chips waiting = shown_chips(snapshot_.unscheduled);
    if (!waiting.empty()) {
        Vec size = card_size(waiting.size());
        add_server(nullptr, waiting, Rect(origin + Vec(0, y - origin.y), Vec(origin.x, y) + size));
        y += size.y + inner_gap;
    }
    for (std::size_t i = 0; i < snapshot_.nodes.size(); i += card_columns_) {
        std::size_t end = std::min(snapshot_.nodes.size(), i + card_columns_);
        std::vector<Chips> row;
        float height = 0;
        for (std::size_t j = i; j < end; ++j) {
            row.push_back(shown_chips(snapshot_.nodes[j].pods));
            height = std::max(height, card_size(row.back().size()).y);
        }
        for (std::size_t j = i; j < end; ++j) {
            float width = card_size(1).x;
            float x = origin.x + static_cast<float>(j - i) * (width + inner_gap);
            add_server(&snapshot_.nodes[j], row[j - i], rect(x, y, width, height));
        }
        y += height + inner_gap;
    }
}

void Builder::own_chips() {
    std::unordered_map<std::string, int> rows;         // "namespace/Kind/name" of what is shown
    std::unordered_map<std::string, std::string> above;  // a ReplicaSet's owner
    for (const view::WorkloadBox& box : snapshot_.workloads)
        if (!box.owner.empty()) above[cat(box.namespace_name, "/", box.kind, "/", box.name)] = cat(box.namespace_name, "/", box.owner);
    for (std::size_t i = 0; i < out_.workloads.size(); ++i) {
        const view::WorkloadBox& box = *out_.workloads[i].workload;
        rows[cat(box.namespace_name, "/", box.kind, "/", box.name)] = static_cast<int>(i);
    }
    for (PlacedChip& chip : out_.chips) {
        std::string key = cat(chip.pod->namespace_name, "/", chip.pod->owner);
        auto found = rows.find(key);
        if (found == rows.end()) found = rows.find(above[key]);
        if (found != rows.end()) chip.workload = found->second;
    }
}

ClusterLayout Builder::build() {
    auto workloads = shown_workloads();
    auto services = sorted(snapshot_.services, choice_);
    // Many nodes make a field about as wide as the canvas; few stand one below the other.
    std::size_t nodes = snapshot_.nodes.size();
    if (nodes > 3) {
        float pods = 0;
        for (const view::NodeBox& node : snapshot_.nodes) pods += static_cast<float>(node.pods.size());
        Vec usual = card_size(static_cast<std::size_t>(std::ceil(pods / static_cast<float>(nodes)))) + Vec(inner_gap, inner_gap);
        card_columns_ = static_cast<std::size_t>(std::max(1.0f, std::round(std::sqrt(static_cast<float>(nodes) * choice_.aspect * usual.y / usual.x))));
    }
    // The servers' field decides how long the columns beside it may grow.
    float left = workloads.empty() ? 0 : workload_width + column_gap;
    place_servers(Vec(left, column_title));
    float field = 0;
    for (const PlacedServer& server : out_.servers) field = std::max(field, server.box.Max.y - column_title);
    float rows = std::max(rows_height(services.size(), heading_count(services)), rows_height(workloads.size(), heading_count(workloads)));
    float height = std::max(field, std::min(longest_column, rows));
    place_workloads(workloads, height);
    // A second column of workloads pushes the rest to the right.
    if (!workloads.empty()) {
        float push = out_.workload_column.GetWidth() - workload_width;
        for (PlacedServer& server : out_.servers) server.box.Translate(Vec(push, 0));
        for (PlacedChip& chip : out_.chips) chip.box.Translate(Vec(push, 0));
    }
    float right = 0;
    for (const PlacedServer& server : out_.servers) right = std::max(right, server.box.Max.x);
    place_services(services, Vec(right + column_gap, 0), height);
    own_chips();
    float width = services.empty() ? right : out_.service_column.Max.x;
    float bottom = std::max(column_title + field, std::max(out_.workload_column.Max.y, out_.service_column.Max.y));
    out_.size = Vec(width, bottom);
    return std::move(out_);
}

}  // namespace

ClusterLayout lay_out_cluster(const view::Architecture& snapshot, const ClusterChoice& choice) {
    // Two or three Pods beside one another: whichever can be looked at from nearer.
    ClusterLayout narrow = Builder(snapshot, choice, 2).build();
    if (snapshot.nodes.size() > 3) return narrow;
    ClusterLayout wide = Builder(snapshot, choice, 3).build();
    auto extent = [&](const ClusterLayout& layout) { return std::max(layout.size.x, layout.size.y * choice.aspect); };
    return extent(wide) < extent(narrow) ? wide : narrow;
}

std::string resource_of_kind(std::string_view kind) {
    return to_lower(kind) + "s";
}

bool is_system_namespace(std::string_view name) {
    return name.starts_with("kube-");
}

}  // namespace kubewalk::ui
