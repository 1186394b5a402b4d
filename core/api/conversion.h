#pragma once
// Kinds that are served in two forms. One of them is stored; the other is made from it and read into it.
// Upstream: pkg/apis/autoscaling/v1/conversion.go, pkg/apis/events/v1/conversion.go.

#include "core/api/kinds.h"
#include "core/api/value.h"

namespace kubewalk::api {

// The form in which objects of this kind are kept: autoscaling/v2 for autoscaling/v1, v1 Event for events.k8s.io/v1.
const Kind& storage_kind(const Kind& served);
// False for what the server answers without keeping objects: Binding, ComponentStatus.
bool is_stored(const Kind& kind);
inline bool is_stored_form(const Kind& kind) { return is_stored(kind) && &storage_kind(kind) == &kind; }

// `object` of kind `from` as one of kind `to`; apiVersion and kind follow. Same kind: as it is.
Value convert(const Value& object, const Kind& from, const Kind& to);

Value autoscaler_to_v2(const Value& object);
Value autoscaler_to_v1(const Value& object);

}  // namespace kubewalk::api
