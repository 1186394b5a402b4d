#pragma once
// Objects as their type sees them: which fields they set, in which they differ, and one laid over the other. Lists whose
// items have keys are compared item by item, atomic ones as a whole.
// Upstream: sigs.k8s.io/structured-merge-diff/typed (compare.go, merge.go, remove.go, tofieldset.go, validate.go).

#include "core/api/field_set.h"
#include "core/api/schema.h"

namespace kubewalk::api {

// Sets of fields (field_set.h), by what the second object did to them.
struct Comparison {
    Value added;
    Value modified;
    Value removed;
};
Comparison compare(const Type& type, const Value& before, const Value& after);

// Every leaf and every item that the object mentions.
Value fields_of(const Type& type, const Value& object);

// `object` with what `over` says, which may say less. Nothing is taken away; lists are in the order of `over` where that
// says one.
Value merge(const Type& type, const Value& object, const Value& over);

// `object` without the fields and items of the set.
Value without(const Type& type, const Value& object, const Value& set);

// The set with the named fields above its members, but without the items and keys above them.
Value with_named_parents(const Type& type, const Value& set);

// What is wrong with an object as something to be applied: unknown fields, wrong types, items twice. Empty: nothing.
std::string type_errors(const Type& type, const Value& object);

}  // namespace kubewalk::api
