#pragma once
// A set of fields in the form in which metadata.managedFields keeps it (FieldsV1): a tree of
// "f:NAME" (a member of an object), "k:{KEYS}" (an item of a list, by its keys) and "v:VALUE" (an item of a list that is
// a set). A branch belongs to the set itself when it is {} or has a member "."; what is not in the set has no branch, and
// the empty set is null. Being Values, sets share what they have in common, and equal parts are told by their address.
// Upstream: sigs.k8s.io/structured-merge-diff/fieldpath (set.go, serialize.go, serialize-pe.go).

#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::api::field_set {

bool is_member(const Value& branch);
// Makes the branch a member of its set, whatever hangs on it.
void add_member(Value& branch);
// Hangs `child` on the branch; null adds nothing.
void add_child(Value& branch, std::string_view key, Value child);

// For leaves these are what they are for any sets. A branch and what hangs on it are told apart: taking away a leaf
// leaves its parents.
Value unite(const Value& a, const Value& b);
Value intersect(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
// Takes away with each member of `b` all that hangs on it.
Value subtract_branches(const Value& a, const Value& b);

// The set of one field: of("f:spec", "f:replicas").
template <typename... Keys>
Value of(const Keys&... keys) {
    Value set;
    set.edit_path(keys...) = Value::object();
    return set;
}

// Every member as upstream prints its path (".spec.ports[port=80,protocol=\"TCP\"].targetPort"), a set's own members
// before those of its branches, names and numbers in ascending order.
std::vector<std::string> paths(const Value& set);

}  // namespace kubewalk::api::field_set
