#pragma once
// What a watch begins with, and the answer to a watch that is asked for as a plain request.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/watch.go, k8s.io/apiserver/pkg/storage/etcd3/watcher.go.

#include <string>
#include <vector>

#include "core/apiserver/core.h"
#include "core/apiserver/selectors.h"

namespace kubewalk::apiserver {

// What the watch has to read before what comes next: all there is, or with a resourceVersion the changes since then,
// in the form in which the objects are served.
Answer<std::vector<client::WatchEvent>> watch_backlog(const Core& core, const Call& call, const Filter& filter);

// The watch as a body: one JSON document a line. It ends where the present does, as a watch with a time-out would:
// whoever wants to go on asks again from the last resourceVersion. With allowWatchBookmarks the last line says which
// that is, when anything at all was written.
Answer<api::Value> watch_until_now(const Core& core, Call& call, bool as_table);

}  // namespace kubewalk::apiserver
