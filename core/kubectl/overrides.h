#pragma once
// --overrides and --override-type of run and expose: JSON that is merged into what was generated.

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

void add_override_flags(FlagSet& set);
Answer<api::Value> overridden(const Run& run, api::Value object, const api::Kind& kind);

}  // namespace kubewalk::kubectl
