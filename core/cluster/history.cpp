#include "core/cluster/history.h"

#include <algorithm>

namespace kubewalk::cluster {

namespace {
// A replay from the nearest checkpoint covers at most this much, which takes a few hundredths of a second. In large
// clusters, where a checkpoint itself costs more, it covers more.
constexpr Duration spacing = seconds(60);
constexpr std::size_t spacing_entries = 1000;
constexpr std::size_t entries_a_thing = 4;
constexpr std::size_t most_points = 240;
}  // namespace

void Checkpoints::add(Point point) {
    points_.push_back(std::move(point));
    if (points_.size() > most_points)
        thin_out();
}

const Point* Checkpoints::at_or_before(std::uint64_t step, Time time) const {
    const Point* best = nullptr;
    for (const auto& point : points_) {
        if (point.simulation->steps() > step || point.simulation->at() > time)
            break;
        best = &point;
    }
    return best;
}

void Checkpoints::drop_after(std::uint64_t step) {
    while (!points_.empty() && points_.back().simulation->steps() > step)
        points_.pop_back();
}

bool Checkpoints::due(const sim::Simulation& simulation) {
    if (points_.empty())
        return true;
    const auto& last = *points_.back().simulation;
    if (simulation.steps() <= last.steps())
        return false;  // the known past is played once more
    const std::size_t entries = simulation.log().size() - last.log_size();
    if (entries >= spacing_entries + entries_a_thing * things_)
        things_ = simulation.components().size() + simulation.pending_events();
    return entries >= spacing_entries + entries_a_thing * things_ || (simulation.now() - last.at() >= spacing && entries > 0);
}

void Checkpoints::thin_out() {
    // Every second one of the older half goes; the first, where everything begins, stays.
    std::vector<Point> kept;
    const std::size_t half = points_.size() / 2;
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (i >= half || i % 2 == 0)
            kept.push_back(std::move(points_[i]));
    points_ = std::move(kept);
}

}  // namespace kubewalk::cluster
