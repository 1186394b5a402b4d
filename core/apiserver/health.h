#pragma once
// /livez, /readyz and /healthz with their single checks.
// Upstream: k8s.io/apiserver/pkg/server/healthz/healthz.go (handleRootHealth, adaptCheckToHandler), and for the
// names the post-start hooks of pkg/controlplane and kube-aggregator.

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

bool is_health_path(std::string_view path);  // "/livez", "/readyz/etcd", ...

// The text of a GET; call.code becomes 500 when a check fails.
Answer<api::Value> health(const Core& core, Call& call);

}  // namespace kubewalk::apiserver
