#pragma once
// What is at work in the Architecture view: activities as dots on their way, components that glow and what
// they hold, and the selected object's story: who touched it, and the numbered chain of causes.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/ui.h"

namespace kubewalk::ui {

struct Flight {
    std::string component;  // the wire's end that is not the API server
    bool towards_api = false;
    double start = 0;
    sim::EntryKind kind = sim::EntryKind::api_call;
    view::Activity activity;
};
constexpr float flight_s = 0.75f;

// Consecutive entries of one component in the chain of causes: one number on the canvas and in the trail.
struct ChainLink {
    std::string component;  // as the log names it: "replicaset-controller"
    std::string box;        // ComponentBox id
    std::string label;      // what it did, shortly: "POST pods"
    Time at;
    std::size_t entry = 0;  // index of its last entry in Story::chain
};
std::vector<ChainLink> links_of(const view::Story& story);

class ArchitectureLight {
public:
    // Once a frame, before drawing.
    void follow(Ui& ui);
    // After drawing: forgets what has arrived, asks for another frame while something moves.
    void settle(Ui& ui);

    // 0: at rest, 1: at work.
    float glow(const Ui& ui, std::string_view component) const;
    // What the component said last, "" when nothing.
    std::string_view holding(std::string_view component) const;
    const std::vector<Flight>& flights() const { return flights_; }
    bool at_rest() const { return flights_.empty() && resting_.empty(); }

    // An object is selected: components that never touched it step back.
    bool telling() const { return !touched_.empty(); }
    bool touched(std::string_view component) const { return touched_.count(component) > 0; }
    const std::vector<ChainLink>& chain() const { return chain_; }
    // The numbers of the links that happened at this component, from 1.
    std::vector<int> numbers(std::string_view component) const;

private:
    void take_activities(Ui& ui);

    std::vector<Flight> flights_;
    std::map<std::string, double, std::less<>> lit_;           // until when
    std::map<std::string, std::string, std::less<>> holding_;  // what the component said last
    std::string resting_;  // the component of the newest activity: stays lit while nothing moves
    sim::CauseId seen_ = 0;
    std::uint64_t session_ = 0;
    std::uint64_t revision_ = ~std::uint64_t{0};
    Time last_now_;
    std::set<std::string, std::less<>> touched_;
    std::vector<ChainLink> chain_;
};

// "Deployment sock-shop/carts" where there is room, else "Deployment carts", else cut in its middle.
std::string shown_key(const Fonts& fonts, std::string_view key, const TextStyle& style, float width);

}  // namespace kubewalk::ui
