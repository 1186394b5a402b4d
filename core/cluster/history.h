#pragma once
// A session's past: the actions taken, and checkpoints to go back to. A position in history is the
// number of steps taken (Simulation::steps()): events handled, actions, and polls of a running
// command all count as one step each.

#include <memory>
#include <string>
#include <vector>

#include "core/cluster/session.h"
#include "core/cluster/terminal.h"
#include "core/sim/simulation.h"

namespace kubewalk::cluster {

struct Action {
    enum class Kind : unsigned char { command, interrupt, type, end_input, edited, apply, trace, component, fault } kind = Kind::command;
    std::uint64_t step = 0;  // the step it was taken as
    Time at;
    std::string text;   // the line, the manifest, "FROM URL", the component
    std::string input;  // the here-document; "on" or "off" for components
    std::size_t terminal = 0;  // of commands and interrupts
};

// What a checkpoint of the session holds beside the simulation's own.
struct Point {
    std::shared_ptr<const sim::Simulation::Checkpoint> simulation;
    std::size_t actions = 0;     // how many had been taken
    std::vector<Terminal> terminals;  // with running commands, if any
    std::shared_ptr<const std::vector<RequestRecord>> requests;
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
    // Is it time for another one?
    bool due(const sim::Simulation& simulation);

private:
    void thin_out();
    std::vector<Point> points_;
    std::size_t things_ = 0;  // components and pending events, when they were last counted
};

}  // namespace kubewalk::cluster
