#pragma once
// metadata.managedFields of what the server stores: who is the manager of a request, and server-side apply.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher), create.go (managerOrUserAgent),
// k8s.io/apimachinery/pkg/util/managedfields (fieldmanager.go, lastappliedmanager.go, lastappliedupdater.go, scalehandler.go).
// An object that is kept has none: its entry in the store knows the writes, and they are worked out for who wants to see.

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// What the managers are after the write that `call` is about to make to `before` (null: it creates).
api::ManagedFields managed_after(Core& core, const Call& call, const api::Kind& kind, const std::string& key, const api::Value& before);

// metadata.managedFields of the object under the key; null: none.
api::Value managed_entries(const Core& core, const api::Kind& kind, std::string_view namespace_name, std::string_view name);

// The answer with the managedFields of the object, or of each object of the list, that it is.
api::Value with_managed_fields(const Core& core, const Call& call, api::Value body);

// Whether a write that changes nothing else changes who manages something.
bool managers_change(Core& core, const Call& call, const api::Kind& kind, const api::Value& object);

// PATCH with an applied configuration, in the served version: the object as it is to be written, in that version, with
// call.applied set. `live`: null when there is none yet.
Answer<api::Value> apply_configuration(Core& core, Call& call, const api::Kind& kind, const api::Value& live);
// The same for the replicas of `object`, by its Scale `live`; the Scale as it is to be.
Answer<api::Value> apply_scale(Core& core, Call& call, const api::Kind& kind, const api::Value& object, const api::Value& live);

bool is_apply_patch(const client::Request& request);
// What a request may ask for by its options: fieldManager and force.
Answer<Done> check_field_options(const Call& call, bool applies);

}  // namespace kubewalk::apiserver
