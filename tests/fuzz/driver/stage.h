#pragma once
// The cluster behind the doors that need one: small, with one of everything that commands and manifests name. It is built
// once; each input finds it as it was.

#include <memory>

#include "core/cluster/cluster.h"
#include "core/cluster/session.h"

namespace kubewalk::fuzz {

// As it was at the beginning, whatever the last input did.
cluster::Session& fresh_session();
// The same without looking whether something happened: for inputs that only read.
cluster::Session& session();

}  // namespace kubewalk::fuzz
