#pragma once
// A session's past: the actions taken, and checkpoints to go back to. A position in history is the
// number of steps taken (Simulation::steps()): events handled, actions, and polls of a running
// command all count as one step each.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/session.h"
#include "core/cluster/terminal.h"
#include "core/sim/simulation.h"

namespace kubewalk::cluster {

// What a checkpoint of the session holds beside the simulation's own.
struct Point {
    std::shared_ptr<const sim::Simulation::Checkpoint> simulation;
    std::size_t actions = 0;     // how many had been taken
    std::vector<Terminal> terminals;  // with running commands, if any
    std::shared_ptr<std::vector<RequestRecord>> requests;  // written only by who holds the last copy
    std::size_t bytes = 0;       // roughly what it keeps in memory that no other point does; filled in by add()
};

// Keeps checkpoints dense near the present and thinner further back, so that memory stays bounded
// and any position is few steps away.
class Checkpoints {
public:
    void add(Point point);
    // The latest point at or before that position and that time; null only before the first.
    const Point* at_or_before(std::uint64_t step, Time time) const;
    // Where the session began; null before anything was added.
    const Point* first() const { return points_.empty() ? nullptr : &points_.front(); }
    void drop_after(std::uint64_t step);
    void clear() { points_.clear(); }
    // Is it time for another one?
    bool due(const sim::Simulation& simulation) const;

private:
    void thin_out();
    std::vector<Point> points_;
    std::size_t bytes_ = 0;
};

// Histories that were left: what was done in them. Playing that again gives them back, byte for byte.
class Aside {
public:
    struct Line {
        Branch branch;
        std::vector<Action> actions;  // from the beginning
    };
    // `common`: how many of the actions the history that goes on shares.
    void put(std::vector<Action> actions, std::size_t common, Time parted_at, Time known_until);
    std::optional<Line> take(std::uint64_t id);
    std::vector<Branch> list() const;

private:
    std::vector<Line> lines_;
    std::uint64_t last_id_ = 0;
};

}  // namespace kubewalk::cluster
