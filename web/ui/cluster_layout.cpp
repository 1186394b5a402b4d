#include "web/ui/cluster_layout.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::ui {

namespace {

constexpr float chip_width = 116, chip_height = 28, chip_gap = 6;
constexpr float card_padding = 14, card_title = 36;
constexpr float row_height = 23, row_gap = 2;
constexpr float heading_height = 22, column_title = 24;
constexpr float workload_width = 190, service_width = 240;
constexpr float column_gap = 30, inner_gap = card_gap, nested_indent = 14;
constexpr float longest_column = 720;  // unless the nodes' field is longer
constexpr std::size_t most_eager = 3000;  // Pods that are placed without being looked at

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
    sort_stably(out, [](const Box* a, const Box* b) {
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

std::vector<const view::PodChip*> chips_of(const std::vector<view::PodChip>& pods, const ClusterChoice& choice) {
    std::vector<const view::PodChip*> out;
    for (const view::PodChip& pod : pods)
        if (choice.namespace_name.empty() || pod.namespace_name == choice.namespace_name) out.push_back(&pod);
    std::stable_partition(out.begin(), out.end(), [](const view::PodChip* pod) { return !is_system_namespace(pod->namespace_name); });
    return out;
}

// Null places stay empty. Returns how many were placed.
std::size_t add_chips(ClusterLayout& layout, const std::vector<const view::PodChip*>& places, const Rect& box) {
    std::size_t placed = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (!places[i]) continue;
        auto column = static_cast<float>(i % layout.chip_columns), row = static_cast<float>(i / layout.chip_columns);
        Rect chip = rect(box.Min.x + card_padding + column * (chip_width + chip_gap),
                         box.Min.y + card_title + row * (chip_height + chip_gap), chip_width, chip_height);
        layout.chip_of[cat(places[i]->namespace_name, "/", places[i]->name)] = layout.chips.size();
        layout.chips.push_back({places[i], chip, -1});
        ++placed;
    }
    return placed;
}

int workload_of(const ClusterLayout& layout, const view::PodChip& pod) {
    std::string key = cat(pod.namespace_name, "/", pod.owner);
    auto found = layout.rows.find(key);
    if (found == layout.rows.end())
        if (auto above = layout.owners.find(key); above != layout.owners.end()) found = layout.rows.find(above->second);
    return found == layout.rows.end() ? -1 : found->second;
}

class Builder {
public:
    Builder(const view::Architecture& snapshot, const ClusterChoice& choice, ClusterMemory& memory, std::size_t chip_columns)
        : snapshot_(snapshot), choice_(choice), memory_(memory), chip_columns_(chip_columns) {
        out_.chip_columns = chip_columns;
        std::size_t pods = snapshot.unscheduled.size() + snapshot.orphaned.size();
        for (const view::NodeBox& node : snapshot.nodes) pods += node.pods.size();
        out_.lazy = pods > most_eager;
    }
    ClusterLayout build();

private:
    // A card's Pods by place; null where one was that has gone.
    using Chips = std::vector<const view::PodChip*>;  // empty in lazy layouts

    std::vector<const view::WorkloadBox*> shown_workloads() const;
    Chips remembered_places(const std::string& node, const Chips& shown);
    Vec card_size(std::size_t places) const;
    void place_workloads(const std::vector<const view::WorkloadBox*>& rows, float height);
    void place_servers(Vec origin);
    struct Card {
        Chips places;
        std::size_t size = 0;  // in places
        std::size_t pods = 0, waiting = 0, failed = 0, completed = 0;
    };
    Card card_of(const std::string& node, const std::vector<view::PodChip>& pods);
    void add_server(ServerKind kind, const view::NodeBox* node, const Card& card, const Rect& box);
    void place_services(const std::vector<const view::ServiceBox*>& rows, Vec origin, float height);
    void heading(Flow& flow, const std::string& name);
    void index_workloads();

    const view::Architecture& snapshot_;
    const ClusterChoice& choice_;
    ClusterMemory& memory_;
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

// Every Pod keeps the place it had; newcomers take the first that is free.
Builder::Chips Builder::remembered_places(const std::string& node, const Chips& shown) {
    ClusterMemory::Card& card = memory_.cards[node];
    std::map<std::string, std::size_t, std::less<>> slots;
    Chips places, fresh;
    for (const view::PodChip* pod : shown) {
        auto known = card.slots.find(cat(pod->namespace_name, "/", pod->name));
        if (known == card.slots.end()) {
            fresh.push_back(pod);
            continue;
        }
        if (places.size() <= known->second) places.resize(known->second + 1, nullptr);
        places[known->second] = pod;
        slots.insert(*known);
    }
    std::size_t next = 0;
    for (const view::PodChip* pod : fresh) {
        while (next < places.size() && places[next]) ++next;
        if (next == places.size()) places.push_back(nullptr);
        places[next] = pod;
        slots[cat(pod->namespace_name, "/", pod->name)] = next;
    }
    card.slots = std::move(slots);
    // A card does not shrink below three quarters of what it was: a rollout goes up and down.
    std::size_t rows = std::max<std::size_t>(1, (places.size() + chip_columns_ - 1) / chip_columns_);
    card.rows = rows * 4 < card.rows * 3 ? rows : std::max(rows, card.rows);
    places.resize(std::max(places.size(), (card.rows - 1) * chip_columns_ + 1), nullptr);
    return places;
}

Builder::Card Builder::card_of(const std::string& node, const std::vector<view::PodChip>& pods) {
    Card card;
    for (const view::PodChip& pod : pods) {
        if (!choice_.namespace_name.empty() && pod.namespace_name != choice_.namespace_name) continue;
        ++card.pods;
        card.failed += pod.health == view::Health::failed ? 1 : 0;
        card.completed += pod.health == view::Health::completed ? 1 : 0;
        card.waiting += pod.health == view::Health::pending || pod.health == view::Health::terminating ? 1 : 0;
    }
    if (!out_.lazy) card.places = remembered_places(node, chips_of(pods, choice_));
    card.size = out_.lazy ? card.pods : card.places.size();
    return card;
}

Vec Builder::card_size(std::size_t places) const {
    auto columns = static_cast<float>(chip_columns_);
    auto rows = static_cast<float>(std::max<std::size_t>(1, (places + chip_columns_ - 1) / chip_columns_));
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

void Builder::add_server(ServerKind kind, const view::NodeBox* node, const Card& card, const Rect& box) {
    PlacedServer server{kind, node, box, out_.chips.size(), 0, card.pods, card.waiting, card.failed, card.completed};
    if (!out_.lazy) server.chips = add_chips(out_, card.places, box);
    out_.servers.push_back(server);
}

void Builder::place_servers(Vec origin) {
    float y = origin.y;
    auto without_node = [&](ServerKind kind, const char* name, const std::vector<view::PodChip>& pods) {
        const Card card = card_of(name, pods);
        if (card.pods == 0) return;
        const Vec size = card_size(card.size);
        add_server(kind, nullptr, card, Rect(Vec(origin.x, y), Vec(origin.x, y) + size));
        y += size.y + inner_gap;
    };
    // Names that no node can have.
    without_node(ServerKind::waiting, "?", snapshot_.unscheduled);
    without_node(ServerKind::orphaned, "!", snapshot_.orphaned);
    float width = card_size(1).x;
    for (std::size_t i = 0; i < snapshot_.nodes.size(); i += card_columns_) {
        std::size_t end = std::min(snapshot_.nodes.size(), i + card_columns_);
        std::vector<Card> row;
        float height = 0;
        for (std::size_t j = i; j < end; ++j) {
            row.push_back(card_of(snapshot_.nodes[j].name, snapshot_.nodes[j].pods));
            height = std::max(height, card_size(row.back().size).y);
        }
        for (std::size_t j = i; j < end; ++j) {
            float x = origin.x + static_cast<float>(j - i) * (width + inner_gap);
            add_server(ServerKind::node, &snapshot_.nodes[j], row[j - i], rect(x, y, width, height));
        }
        y += height + inner_gap;
    }
}

void Builder::index_workloads() {
    for (const view::WorkloadBox& box : snapshot_.workloads)
        if (!box.owner.empty()) out_.owners[cat(box.namespace_name, "/", box.kind, "/", box.name)] = cat(box.namespace_name, "/", box.owner);
    for (std::size_t i = 0; i < out_.workloads.size(); ++i) {
        const view::WorkloadBox& box = *out_.workloads[i].workload;
        out_.rows[cat(box.namespace_name, "/", box.kind, "/", box.name)] = static_cast<int>(i);
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
    index_workloads();
    for (PlacedChip& chip : out_.chips) chip.workload = workload_of(out_, *chip.pod);
    for (std::size_t i = 0; i < out_.servers.size(); ++i)
        if (i == 0)
            out_.field = out_.servers[i].box;
        else
            out_.field.Add(out_.servers[i].box);
    float width = services.empty() ? right : out_.service_column.Max.x;
    float bottom = std::max(column_title + field, std::max(out_.workload_column.Max.y, out_.service_column.Max.y));
    out_.size = Vec(width, bottom);
    return std::move(out_);
}

}  // namespace

ClusterLayout lay_out_cluster(const view::Architecture& snapshot, const ClusterChoice& choice, ClusterMemory& memory) {
    if (memory.namespace_name != choice.namespace_name) memory = {};
    memory.namespace_name = choice.namespace_name;
    if (std::exchange(memory.narrow, choice.narrow) != choice.narrow) {
        memory.columns = 0;
        for (auto& [node, card] : memory.cards) card.rows = 0;
    }
    if (snapshot.nodes.size() > 3 || choice.narrow) memory.columns = 2;
    // Two or three Pods beside one another: whichever can be looked at from nearer. Once decided it stays.
    if (memory.columns == 0) {
        auto extent = [&](std::size_t columns) {
            ClusterMemory scratch;
            Vec size = Builder(snapshot, choice, scratch, columns).build().size;
            return std::max(size.x, size.y * choice.aspect);
        };
        memory.columns = extent(3) < extent(2) ? 3 : 2;
    }
    return Builder(snapshot, choice, memory, memory.columns).build();
}

void place_chips(ClusterLayout& layout, std::size_t server, const ClusterChoice& choice) {
    PlacedServer& card = layout.servers[server];
    if (!layout.lazy || card.chips > 0 || card.pods == 0 || !card.node) return;
    card.first_chip = layout.chips.size();
    card.chips = add_chips(layout, chips_of(card.node->pods, choice), card.box);
    for (std::size_t i = card.first_chip; i < layout.chips.size(); ++i) layout.chips[i].workload = workload_of(layout, *layout.chips[i].pod);
}

std::string resource_of_kind(std::string_view kind) {
    return to_lower(kind) + "s";
}

bool is_system_namespace(std::string_view name) {
    return name.starts_with("kube-");
}

}  // namespace kubewalk::ui
