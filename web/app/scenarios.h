#pragma once
// What the sandbox can begin with. Words: "scenario.ID" and "scenario.ID.about".

#include <span>
#include <string_view>

#include "core/cluster/session.h"

namespace kubewalk::app {

struct Scenario {
    std::string_view id;
    std::string_view manifests;  // cluster::Options::scenario
    int workers;
    bool cloud;
};

std::span<const Scenario> scenarios();
// Null for a name that nobody knows.
const Scenario* find_scenario(std::string_view id);
cluster::Options options_of(const Scenario& scenario);

}  // namespace kubewalk::app
