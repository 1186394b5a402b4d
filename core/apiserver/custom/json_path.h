#pragma once
// The simple JSON paths of definitions: ".spec.replicas", ".spec.list[0].name", ".spec.ports[*].port",
// ".status.conditions[?(@.type=='Ready')].status", ".metadata.labels['a\.b']". Upstream: k8s.io/client-go/util/jsonpath.

#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::apiserver {

// What the path leads to; empty when it leads nowhere.
std::vector<api::Value> at_json_path(const api::Value& object, std::string_view path);
// Sets the place that names alone lead to (".spec.replicas").
void set_at_json_path(api::Value& object, std::string_view path, api::Value value);

}  // namespace kubewalk::apiserver
