#pragma once
// JSON as the API server sends it: members in the order of the Go types (kind first), items of a list without a kind of their own.
// Order matters to people alone. Upstream: k8s.io/api/*/v1/types.go, k8s.io/apimachinery/pkg/apis/meta/v1/types.go.

#include <string>

#include "core/api/value.h"

namespace kubewalk::api {

// indent < 0: one line without blanks. Of kinds that are not listed here, members that no order names are in alphabetical order.
std::string to_wire_json(const Value& value, int indent = -1);

}  // namespace kubewalk::api
