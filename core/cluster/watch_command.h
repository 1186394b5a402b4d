#pragma once
// `watch [-n SECONDS] [-t] COMMAND...` on the laptop. Upstream: procps-ng, watch(1).

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/kubectl/kubectl.h"
#include "core/shell/script.h"

namespace kubewalk::cluster {

class Cluster;

// `shell` is the one that it was typed into. Error: what watch says of its options.
Result<std::unique_ptr<kubectl::Continuation>> start_watching(Cluster& cluster, const shell::Script& shell, const std::vector<std::string>& argv);

}  // namespace kubewalk::cluster
