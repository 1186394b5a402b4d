#pragma once
// The learner's own machine: 192.168.122.1, on the nodes' network, with kubectl, curl, dig and a
// shell. Its user is the cluster's administrator.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"
#include "core/kubectl/kubectl.h"

namespace kubewalk::cluster {

class Cluster;

struct LaptopRun {
    CommandResult result;
    std::unique_ptr<kubectl::Continuation> rest;  // null: ended (after result.elapsed)
};

// One line: kubectl, trace, dig FROM NAME, component, sleep, settle, or whatever the laptop's shell has. Never
// lets time pass by itself.
LaptopRun run_on_laptop(Cluster& cluster, std::string_view line, std::string_view input);

std::vector<std::string> complete_on_laptop(const Cluster& cluster, std::string_view line);

}  // namespace kubewalk::cluster
