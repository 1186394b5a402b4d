#pragma once
// The editor's two questions: is this manifest right, and what happens when it is applied? Every
// problem is answered at its line.

#include <string_view>

#include "core/cluster/session.h"

namespace kubewalk::cluster {

class Cluster;

// Syntax, schema, defaulting and validation, against the live object where there is one, by the same code as
// the API server's; then admission, by a dry run of the server's that leaves no trace. Nothing changes.
ApplyResult check_manifest(const Cluster& cluster, std::string_view manifest);

// check_manifest, then `kubectl apply -f -`. What is misspelt is refused as kubectl's --validate=strict
// (its default) refuses it; nothing is applied when a document does not even parse.
ApplyResult apply_manifest(Cluster& cluster, std::string_view manifest);

}  // namespace kubewalk::cluster
