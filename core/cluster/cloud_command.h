#pragma once
// `cloud`: what the provider's console would show and do. On the learner's laptop beside kubectl, because
// none of it goes through the cluster.
//   cloud instances | cloud balancers | cloud routes | cloud release MACHINE

#include <string>
#include <vector>

#include "core/shell/shell.h"

namespace kubewalk::cluster {

class Cluster;

shell::Completed run_cloud(Cluster& cluster, const std::vector<std::string>& argv);

}  // namespace kubewalk::cluster
