#include "web/ui/traffic_layout.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/sort.h"

namespace kubewalk::ui {

namespace {

using Element = view::TrafficElement;
using Kind = view::TrafficElement::Kind;

constexpr float least_client = 104, most_client = 176, client_gap = 40;
constexpr float margin = 20;
constexpr float gap = 26;

// Columns inside a machine, in the order in which a packet passes them.
enum Column : std::size_t { outside, rules, bridges, pods, column_count };
constexpr std::array<float, column_count> column_width = {92, 142, 92, 138};

std::size_t column_of(const Element& element) {
    switch (element.kind) {
    case Kind::netfilter: return rules;
    case Kind::bridge: return bridges;
    case Kind::tunnel: return outside;
    case Kind::interface_:
        // A machine's own interfaces face outwards, the Pods' ends face the bridge.
        return element.title.starts_with("veth") || std::count(element.id.begin(), element.id.end(), '/') > 1 ? bridges : outside;
    default: return pods;
    }
}

float height_of(const Element& element) {
    switch (element.kind) {
    case Kind::netfilter: return 42 + 15 * static_cast<float>(std::max<std::size_t>(1, std::min<std::size_t>(element.lines.size(), 5)));
    case Kind::interface_: return element.subtitle.empty() ? 32 : 46;
    default: return 50;
    }
}

void place_inside(PlacedMachine& placed) {
    const Rect& box = placed.box;
    std::array<std::vector<const Element*>, column_count> columns;
    for (const Element& element : placed.machine->elements) columns[column_of(element)].push_back(&element);
    // Who takes part comes first; bystanders only where there is room.
    for (auto& column : columns)
        sort_stably(column, [](const Element* a, const Element* b) { return a->involved > b->involved; });

    float used = 0;
    int shown = 0;
    for (std::size_t i = 0; i < column_count; ++i)
        if (!columns[i].empty()) {
            used += column_width[i];
            ++shown;
        }
    float room = box.GetWidth() - 36 - used;
    float between = shown > 1 ? std::clamp(room / static_cast<float>(shown - 1), 8.0f, 64.0f) : 0;
    float squeeze = std::min(1.0f, (box.GetWidth() - 36 - 8 * static_cast<float>(std::max(0, shown - 1))) / std::max(1.0f, used));
    float x = box.Min.x + 18;
    float top = box.Min.y + 38, bottom = box.Max.y - 14;
    for (std::size_t i = 0; i < column_count; ++i) {
        if (columns[i].empty()) continue;
        // Pods stand at the far end of their machine.
        if (i == pods) x = std::max(x, box.Max.x - 18 - column_width[i] * squeeze);
        float total = -12;
        std::size_t count = 0;
        for (const Element* element : columns[i]) {
            float next = total + 12 + height_of(*element);
            if (next > bottom - top && count > 0) break;
            total = next;
            ++count;
        }
        float y = top + std::max(0.0f, (bottom - top - total) * 0.5f);
        for (std::size_t n = 0; n < count; ++n) {
            float height = std::min(height_of(*columns[i][n]), bottom - y);
            placed.elements.push_back({columns[i][n], rect(x, y, column_width[i] * squeeze, height)});
            y += height + 12;
        }
        x += column_width[i] * squeeze + between;
    }
}

}  // namespace

std::string_view machine_title(const Ui& ui, std::string_view name) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"laptop", "traffic.laptop"}, {"internet", "traffic.internet"}, {"edge", "traffic.edge"}};
    for (const auto& [machine, words] : known)
        if (name == machine) return ui.t(words);
    return name;
}

float client_width_of(const Ui& ui, const view::TrafficScene& scene) {
    float widest = least_client;
    for (const view::TrafficMachine& machine : scene.machines)
        if (machine.pod_cidr.empty())
            widest = std::max({widest, ui.fonts.width(machine_title(ui, machine.name), {Face::strong, 12.5f, 0}) + 24, ui.fonts.width(machine.ip, {Face::code, 10.5f, 0}) + 24});
    return std::min(widest, most_client);
}

TrafficLayout lay_out_traffic(const view::TrafficScene& scene, Vec size, float client_width) {
    TrafficLayout out;
    out.size = size;
    std::vector<const view::TrafficMachine*> clients, nodes;
    for (const view::TrafficMachine& machine : scene.machines) (machine.pod_cidr.empty() ? clients : nodes).push_back(&machine);

    float left = clients.empty() ? margin : margin + client_width + client_gap;
    float width = std::max(360.0f, size.x - margin - left);
    float count = static_cast<float>(std::max<std::size_t>(1, nodes.size()));
    float height = std::clamp((size.y - 8 - gap * (count - 1)) / count, 150.0f, 250.0f);
    float total = height * count + gap * (count - 1);
    float y = 4 + std::max(0.0f, (size.y - 8 - total) * 0.35f);
    float first = y;
    for (const view::TrafficMachine* machine : nodes) {
        PlacedMachine placed;
        placed.machine = machine;
        placed.box = rect(left, y, width, height);
        place_inside(placed);
        y += height + gap;
        out.machines.push_back(std::move(placed));
    }
    out.size.y = std::max(size.y, y - gap + 4);
    float middle = first + total * 0.5f;
    float client_y = middle - 46 * static_cast<float>(clients.size()) + 10;
    for (const view::TrafficMachine* machine : clients) {
        PlacedMachine placed;
        placed.machine = machine;
        placed.client = true;
        placed.box = rect(margin, client_y, client_width, 66);
        // Everything a client machine holds is drawn as the machine itself.
        for (const Element& element : machine->elements) placed.elements.push_back({&element, placed.box});
        client_y += 92;
        out.machines.push_back(std::move(placed));
    }
    for (const PlacedMachine& machine : out.machines)
        for (const PlacedElement& element : machine.elements) {
            // Machines come before clients: the first place of an id is the true one.
            out.boxes.emplace(element.element->id, element.box);
            out.machine_of.emplace(element.element->id, machine.box);
        }
    return out;
}

Wire TrafficLayout::between(const std::string& from, const std::string& to) const {
    auto a = boxes.find(from), b = boxes.find(to);
    if (from == to || a == boxes.end() || b == boxes.end()) return {};
    const Rect& x = a->second;
    const Rect& y = b->second;
    if (x.Min.x == y.Min.x && x.Min.y == y.Min.y) return {};
    const Rect& machine_a = machine_of.find(from)->second;
    const Rect& machine_b = machine_of.find(to)->second;
    bool same_machine = machine_a.Min.y == machine_b.Min.y && machine_a.Min.x == machine_b.Min.x;
    Vec ca = x.GetCenter(), cb = y.GetCenter();
    const bool clients = x.Min.x == machine_a.Min.x && y.Min.x == machine_b.Min.x;  // one box each, one below the other
    if (clients && machine_a.Min.x == machine_b.Min.x)
        return cb.y > ca.y ? Wire::bent({Vec(ca.x, x.Max.y), Vec(cb.x, y.Min.y)}) : Wire::bent({Vec(ca.x, x.Min.y), Vec(cb.x, y.Max.y)});
    if (!same_machine && machine_a.Min.x == machine_b.Min.x) {
        // From node to node: beside the boxes, where no name stands.
        const float lane = machine_a.Min.x - 16;
        return Wire::bent({Vec(x.Min.x, ca.y), Vec(lane, ca.y), Vec(lane, cb.y), Vec(y.Min.x, cb.y)}, 14);
    }
    if (y.Min.x >= x.Max.x - 1) return Wire::curve(Vec(x.Max.x, ca.y), Vec(y.Min.x, cb.y));
    if (y.Max.x <= x.Min.x + 1) return Wire::curve(Vec(x.Min.x, ca.y), Vec(y.Max.x, cb.y));
    if (cb.y > ca.y) return Wire::curve_down(Vec(ca.x, x.Max.y), Vec(cb.x, y.Min.y));
    return Wire::curve_down(Vec(ca.x, x.Min.y), Vec(cb.x, y.Max.y));
}

}  // namespace kubewalk::ui
