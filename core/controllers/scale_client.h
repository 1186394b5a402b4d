#pragma once
// The scale subresource of whatever kind, as those controllers use it that do not know what they scale.
// Upstream: k8s.io/client-go/scale/client.go, k8s.io/client-go/restmapper.

#include "core/client/client.h"

namespace kubewalk::controllers {

// The kind by what an owner or a target names; a kind that the table lacks is asked of the server. Null: there is none.
const api::Kind* kind_named(const client::Client& client, std::string_view api_version, std::string_view kind);

// GET or PUT of .../NAME/scale.
Result<api::Value> send_scale(const client::Client& client, client::Method method, const api::Kind& kind, std::string_view namespace_name,
                              std::string_view name, const api::Value& body);

// Whether the server's list of resources has KIND/scale.
bool has_scale(const client::Client& client, const api::Kind& kind);

}  // namespace kubewalk::controllers
