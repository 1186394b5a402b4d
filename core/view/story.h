#pragma once
// Who touched an object, and the chain from the learner's command to the start of a container.

#include <cstdint>
#include <string>
#include <vector>

#include "core/cluster/session.h"
#include "core/view/architecture.h"

namespace kubewalk::view {

struct Story {
    std::vector<std::string> touched;  // ComponentBox ids, in the order in which they came to it
    // From the learner's action (or the first entry known) down to the newest start of a container that the
    // object had a part in; where there was none, down to what touched the object last.
    std::vector<sim::Entry> chain;
    std::size_t entries = 0;           // how often the object was touched, heartbeats left out
};

// Follows the log, so that a session at work does not read all of it for every frame.
class StoryTeller {
public:
    const Story& of(const cluster::Session& session, const sim::ObjectRef& object);
    // Another session: nothing read so far holds.
    void forget();

private:
    void read(const cluster::Session& session, std::size_t index);

    sim::ObjectRef object_;
    std::size_t seen_ = 0;
    Time seen_at_;
    sim::CauseId last_ = 0;       // of the entries about the object
    sim::CauseId started_ = 0;    // the newest StartContainer that it led to
    sim::CauseId told_ = 0;       // the leaf of story_.chain
    Story story_;
};

}  // namespace kubewalk::view
