#pragma once
// Subresources: one line each in the table of subresources.cpp; /status goes through the registry.

#include <string_view>

#include "core/apiserver/registry.h"

namespace kubewalk::apiserver {

struct Subresource {
    std::string_view group;
    std::string_view resource;
    std::string_view name;   // "scale"
    std::string_view verbs;  // as discovery lists them: "get,patch,update"
    std::string_view kind;   // what it takes and gives, as discovery lists it
    std::string_view kind_group;
    std::string_view kind_version;
    Answer<api::Value> (*handle)(Core& core, Registry& registry, Call& call);
};

std::span<const Subresource> subresources();
const Subresource* find_subresource(const api::Kind& kind, std::string_view name);

namespace subresource {
// The object that a PUT or PATCH of a subresource brings, decoded. Refused when it was read from another version than `old`.
Answer<api::Value> brought(Core& core, Registry& registry, Call& call, const api::Value& old);

// GET, PUT and PATCH of a part of an object that has a handler of its own: of what comes in only that part counts. `take` makes of
// it and of the stored object what is written.
using TakePart = Answer<api::Value> (*)(const Core& core, const Call& call, const api::Value& old, const api::Value& wanted);
Answer<api::Value> part_of_object(Core& core, Registry& registry, Call& call, Registry::Part part, TakePart take);

// Handlers, by file.
Answer<api::Value> scale(Core& core, Registry& registry, Call& call);
Answer<api::Value> binding(Core& core, Registry& registry, Call& call);
Answer<api::Value> eviction(Core& core, Registry& registry, Call& call);
// Debug containers, added to a Pod that runs (ephemeral_containers.cpp).
Answer<api::Value> ephemeral_containers(Core& core, Registry& registry, Call& call);
// New resources for the containers of a Pod that runs (pod_resize.cpp).
Answer<api::Value> resize(Core& core, Registry& registry, Call& call);
// Whether a certificate is to be signed (certificate_approval.cpp).
Answer<api::Value> approval(Core& core, Registry& registry, Call& call);
Answer<api::Value> finalize(Core& core, Registry& registry, Call& call);
Answer<api::Value> log(Core& core, Registry& registry, Call& call);
Answer<api::Value> exec(Core& core, Registry& registry, Call& call);
Answer<api::Value> proxy(Core& core, Registry& registry, Call& call);
Answer<api::Value> port_forward(Core& core, Registry& registry, Call& call);
}  // namespace subresource

}  // namespace kubewalk::apiserver
