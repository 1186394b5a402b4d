#pragma once
// Kinds that the API server serves without keeping objects of them: ComponentStatus is what it finds when it asks,
// a Binding is carried out. Upstream: pkg/registry/core/componentstatus, pkg/registry/core/pod/storage
// (LegacyBindingREST).

#include "core/apiserver/registry.h"

namespace kubewalk::apiserver {

struct Computed {
    std::string_view group;
    std::string_view resource;
    std::string_view verbs;  // "get,list"
    Answer<api::Value> (*handle)(Core& core, Registry& registry, Call& call) = nullptr;
};

// Null when objects of the kind are kept.
const Computed* find_computed(const api::Kind& kind);

}  // namespace kubewalk::apiserver
