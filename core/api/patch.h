#pragma once
// The three kinds of patches the API server takes, and the one `kubectl apply` makes.
// Upstream: github.com/evanphx/json-patch, k8s.io/apimachinery/pkg/util/strategicpatch.

#include <string_view>

#include "core/api/schema.h"
#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

// RFC 6902. `patch` is the array of operations.
Result<Value> apply_json_patch(const Value& object, const Value& patch);
// RFC 7386.
Value apply_merge_patch(const Value& object, const Value& patch);
// The merge patch that leads from one object to another, and the one of three as three_way_patch makes it.
Value merge_patch_between(const Value& from, const Value& to);
Value three_way_merge_patch(const Value& original, const Value& modified, const Value& current);
// Strategic merge: lists merge by their keys; $patch, $retainKeys, $setElementOrder/x,
// $deleteFromPrimitiveList/x are obeyed.
Result<Value> apply_strategic_merge_patch(const Schema& schema, std::string_view type, const Value& object,
                                          const Value& patch);

// The strategic merge patch that leads from `current` to `modified` and deletes what `original` (the
// last-applied configuration) had and `modified` has not; {} when there is nothing to do.
Result<Value> three_way_patch(const Schema& schema, std::string_view type, const Value& original,
                              const Value& modified, const Value& current);
// The strategic merge patch from one object to another (kubectl edit, label, set ...).
Result<Value> two_way_patch(const Schema& schema, std::string_view type, const Value& from, const Value& to);

}  // namespace kubewalk::api
