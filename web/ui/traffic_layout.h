#pragma once
// Where the Traffic view puts machines and what is inside them, and the way between two elements.

#include <map>
#include <string>
#include <vector>

#include "web/ui/canvas.h"

namespace kubewalk::ui {

struct PlacedElement {
    const view::TrafficElement* element = nullptr;
    Rect box;
};

struct PlacedMachine {
    const view::TrafficMachine* machine = nullptr;
    Rect box;         // empty for clients, which are one box only
    bool client = false;
    std::vector<PlacedElement> elements;
};

struct TrafficLayout {
    Vec size;
    std::vector<PlacedMachine> machines;
    std::map<std::string, Rect, std::less<>> boxes;      // by element id
    std::map<std::string, Rect, std::less<>> machine_of; // the machine's box, by element id

    // Empty when both are the same element or one is unknown.
    Wire between(const std::string& from, const std::string& to) const;
};

// A machine's name in the learner's language where it is no node; a load balancer has the cloud's.
std::string_view machine_title(const Ui& ui, std::string_view name);
// How wide the boxes of machines that are no nodes are, so that their names fit; in units.
float client_width_of(const Ui& ui, const view::TrafficScene& scene);

TrafficLayout lay_out_traffic(const view::TrafficScene& scene, Vec size, float client_width);

}  // namespace kubewalk::ui
