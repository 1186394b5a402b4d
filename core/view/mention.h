#pragma once
// Names in what the terminal printed, traced back to the objects they belong to, so that they can be
// clicked.

#include <string_view>

#include "core/sim/cause.h"

namespace kubewalk::cluster {
class Cluster;
}

namespace kubewalk::view {

// `word` as it was printed ("carts-7d9…", "deployment.apps/carts"), the `line` it stands in and the
// `command` that printed it. Of several objects of that name the namespace counts that the line or the
// command names, then "default". An empty name: the word is no object's.
sim::ObjectRef mentioned_object(const cluster::Cluster& cluster, std::string_view word, std::string_view line,
                                std::string_view command);

}  // namespace kubewalk::view
