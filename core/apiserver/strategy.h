#pragma once
// What differs between kinds in how they are stored, beyond core/api's rules.
// Upstream: pkg/registry/*/strategy.go (AllowCreateOnUpdate, AllowUnconditionalUpdate,
// CheckGracefulDelete) and storage.go (ReturnDeletedObject).

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/api/kinds.h"
#include "core/apiserver/authentication.h"

namespace kubewalk::apiserver {

struct Strategy {
    std::string_view group;
    std::string_view resource;
    bool create_on_update = false;      // PUT of something new creates it
    bool unconditional_update = true;   // PUT without resourceVersion overwrites
    bool returns_deleted = false;       // DELETE answers with the object instead of a Status
    bool orphans_by_default = false;    // DELETE without a policy keeps the dependents
    // Seconds the object stays after DELETE (`asked`: by the client); null: goes at once.
    std::int64_t (*grace_period)(const api::Value& object, std::optional<std::int64_t> asked) = nullptr;
    // Writes into a new object what only the request knows: who asks.
    void (*note_user)(api::Value& object, const UserInfo& user) = nullptr;
};

const Strategy& strategy_of(const api::Kind& kind);

}  // namespace kubewalk::apiserver
