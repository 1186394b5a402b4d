#pragma once
// Kinds that kubectl does not know by itself: it asks the server for the groups that its own table lacks.
// Upstream: k8s.io/client-go/restmapper/{discovery,shortcut}.go.

#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/kubectl/server.h"

namespace kubewalk::kubectl {

// In the server's order: the preferred version of a group first.
std::vector<const api::Kind*> custom_kinds(Server& server);
// By what a user calls it, or by what an object says of itself. Null: the server has no such kind either.
const api::Kind* kind_called(Server& server, std::string_view word);
const api::Kind* kind_of_object(Server& server, std::string_view api_version, std::string_view kind);

// How a change of such an object is sent: who has no types for it knows no strategic patches.
std::string_view patch_content_type(const api::Kind& kind);

}  // namespace kubewalk::kubectl
