#pragma once
// What the sandbox can begin with: the list of core/cluster/scenario.h. Words: "scenario.ID" and
// "scenario.ID.about" in assets/strings.

#include "core/cluster/scenario.h"

namespace kubewalk::app {

using cluster::find_scenario;
using cluster::Scenario;
using cluster::scenarios;

inline cluster::Options options_of(const Scenario& scenario) { return scenario.options(); }

}  // namespace kubewalk::app
