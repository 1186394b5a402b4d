#pragma once
// --raw of get, create, replace and delete: a path, what a file holds, and the answer as they are.
// Upstream: k8s.io/kubectl/pkg/rawhttp/raw.go.

#include "core/kubectl/command.h"

namespace kubewalk::kubectl {

void send_raw(Run& run, client::Method method);

}  // namespace kubewalk::kubectl
