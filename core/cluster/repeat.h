#pragma once
// Somebody's actions, done again in another session: what a share link or a kept cluster holds.

#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::cluster {

// Takes each action at its instant. Unlike Session::foresee it goes by the clock and not by the steps of the
// simulation, so that what another release recorded still leads somewhere. A terminal that is busy is waited for, at
// most ten minutes; an answer that nobody asks for is left out. Actions that could only be taken after `limit` are not.
void repeat(Session& session, const std::vector<Action>& actions, Time limit);

// Until no terminal runs anything but what waits for an answer, at most ten minutes and not past `limit`.
void finish_commands(Session& session, Time limit);

}  // namespace kubewalk::cluster
