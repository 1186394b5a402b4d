#pragma once
// What the API server does to an object of each kind: defaults, preparation, validation. One file a kind in
// core/api/rules/, one line each in the table of rules.cpp.
// Upstream: pkg/apis/*/v1/defaults.go, pkg/registry/*/strategy.go, pkg/apis/*/validation/validation.go.
//
// Order on create: decode, defaults, prepare_for_create, (admission, allocation), validate.
// On update: decode, defaults, prepare_for_update, (admission), validate_update. Objects are expected in
// the form that decode() gives.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/kinds.h"
#include "core/api/value.h"

namespace kubewalk::api {

struct Rules {
    std::string_view group;
    std::string_view kind;

    void (*defaults)(Value& object);
    // Drops status, sets generation 1 and the like. Never names, uids or times: those are the registry's.
    void (*prepare_for_create)(Value& object);
    // Keeps the old status, counts generation up when the spec changed.
    void (*prepare_for_update)(Value& object, const Value& old);
    // PUT/PATCH of /status: keeps spec and most of metadata of the old. Null where the kind has no /status.
    void (*prepare_for_status_update)(Value& object, const Value& old);

    void (*validate)(const Value& object, FieldErrors& errors);
    void (*validate_update)(const Value& object, const Value& old, FieldErrors& errors);
    void (*validate_status_update)(const Value& object, const Value& old, FieldErrors& errors);
    // Warnings a client shows ("Warning: spec.nodeSelector[...]: deprecated ...").
    void (*warnings)(const Value& object, std::vector<std::string>& out);
    // `defaults` fills in nothing but the spec: a write of the status alone does not need it.
    bool defaults_spec_only = false;
};

// Null when the kind has no rules yet.
const Rules* find_rules(std::string_view group, std::string_view kind);
inline const Rules* find_rules(const Kind& kind) { return find_rules(kind.group, kind.kind); }

}  // namespace kubewalk::api
