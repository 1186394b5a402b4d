#pragma once
// What is served besides objects: /version, health (health.h), and which groups and resources there are.
// Upstream: k8s.io/apiserver/pkg/endpoints/discovery, pkg/server/{healthz,routes/version.go}.

#include <string_view>

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// GET of a path that is no resource's.
Answer<api::Value> non_resource(const Core& core, Call& call);

}  // namespace kubewalk::apiserver
