#include "core/cluster/history.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::cluster {

namespace {
// A replay from the nearest checkpoint covers at most this much, which takes a few hundredths of a second. In large
// clusters, where a checkpoint itself costs more, it covers more.
constexpr Duration spacing = seconds(80);
constexpr std::size_t spacing_entries = 1000;
constexpr std::size_t entries_a_thing = 4;
// What all of them keep in memory together, as far as it can be told. What happens after a point copies what the point
// shares, piece by piece: measured, that is about so much for each entry of the log (rollouts of 1,000 to 4,000 Pods).
constexpr std::size_t most_bytes = std::size_t{40} << 20;
constexpr std::size_t bytes_an_entry = 800;
constexpr std::size_t most_points = 1000;
constexpr std::size_t most_lines = 8;

// As the learner would have typed it, one line.
std::string words_of(const Action& action) {
    switch (action.kind) {
        case Action::Kind::command: return action.text.substr(0, action.text.find('\n'));
        case Action::Kind::interrupt: return "^C";
        case Action::Kind::apply: return "kubectl apply -f -";
        case Action::Kind::trace: return cat("trace ", action.text);
        case Action::Kind::component: return cat("component ", action.input == "on" ? "start " : "stop ", action.text);
        case Action::Kind::fault: return action.text;
        case Action::Kind::type: return action.text;
        case Action::Kind::end_input: return "^D";
        case Action::Kind::edited: return action.input == "saved" ? ":wq" : ":q!";
    }
    return {};
}
}  // namespace

void Checkpoints::add(Point point) {
    const std::size_t before = points_.empty() ? point.simulation->log_size() : points_.back().simulation->log_size();
    point.bytes = point.simulation->weight() + (point.simulation->log_size() - before) * bytes_an_entry;
    bytes_ += point.bytes;
    points_.push_back(std::move(point));
    while (points_.size() > 2 && (points_.size() > most_points || bytes_ > most_bytes))
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
    while (!points_.empty() && points_.back().simulation->steps() > step) {
        bytes_ -= points_.back().bytes;
        points_.pop_back();
    }
}

bool Checkpoints::due(const sim::Simulation& simulation) const {
    if (points_.empty())
        return true;
    const auto& last = *points_.back().simulation;
    if (simulation.steps() <= last.steps())
        return false;  // the known past is played once more
    const std::size_t entries = simulation.log().size() - last.log_size();
    return entries >= spacing_entries + entries_a_thing * simulation.extent() || (simulation.now() - last.at() >= spacing && entries > 0);
}

void Checkpoints::thin_out() {
    // Every second one of the older half goes; the first, where everything begins, stays.
    // What a lost one kept, the next may still share: its weight goes all the same, and the next round says so.
    std::vector<Point> kept;
    const std::size_t half = (points_.size() + 1) / 2;
    bytes_ = 0;
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (i > half || i % 2 == 0) {
            bytes_ += points_[i].bytes;
            kept.push_back(std::move(points_[i]));
        }
    points_ = std::move(kept);
}

void Aside::put(std::vector<Action> actions, std::size_t common, Time parted_at, Time known_until) {
    Line line;
    line.branch = {++last_id_, parted_at, known_until, common < actions.size() ? words_of(actions[common]) : std::string()};
    line.actions = std::move(actions);
    lines_.push_back(std::move(line));
    if (lines_.size() > most_lines)
        lines_.erase(lines_.begin());
}

std::optional<Aside::Line> Aside::take(std::uint64_t id) {
    const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const Line& line) { return line.branch.id == id; });
    if (found == lines_.end())
        return std::nullopt;
    Line line = std::move(*found);
    lines_.erase(found);
    return line;
}

std::vector<Branch> Aside::list() const {
    std::vector<Branch> branches;
    for (const auto& line : lines_)
        branches.push_back(line.branch);
    return branches;
}

}  // namespace kubewalk::cluster
