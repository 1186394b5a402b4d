#pragma once
// What may stand on a cluster when a learner sits down at it: assets/scenarios.json; the interface words it
// ("scenario.ID", "scenario.ID.about"). Each is one or more folders of
// assets, whose manifests are applied in order; "repeat" applies the files *.repeat.yaml once for each {{n}}.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/cluster/session.h"

namespace kubewalk::cluster {

struct Application {
    std::string folder;  // below assets/
    int repeat = 1;
};

struct Scenario {
    std::string id;
    std::vector<Application> applications;
    int workers = 2;
    bool cloud = false;
    std::string pod_subnet, service_subnet;  // kubeadm's podSubnet and serviceSubnet; empty: the usual ones
    // A cluster with it, of the size it asks for.
    Options options() const;
};

// In the order of the page's picker.
const std::vector<Scenario>& scenarios();
// Null when there is none of that id.
const Scenario* find_scenario(std::string_view id);

// Whether scenario_manifests() knows it, without making them.
bool scenario_known(std::string_view name);

// The manifests of Options::scenario: an id of the list, the name of a folder, or several joined by "+"
// ("sock-shop+ingress-nginx"). Error reason "NotFound".
Result<std::vector<std::string>> scenario_manifests(std::string_view name);

}  // namespace kubewalk::cluster
