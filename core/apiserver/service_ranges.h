#pragma once
// The ranges that Services get their addresses from, and an IPAddress for each address that is in use.
// Upstream: pkg/registry/core/service/ipallocator/{cidrallocator,ipallocator}.go,
// pkg/controlplane/controller/defaultservicecidr, pkg/registry/core/service/ipallocator/controller/repairip.go.

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// The server's own setting, and what ServiceCIDRs that are ready add to it.
ServiceRanges service_ranges(const Core& core);

// The ServiceCIDR "kubernetes" that the server makes of --service-cluster-ip-range.
api::Value default_service_cidr(const Core& core);

// After every write of a Service, IPAddress or ServiceCIDR: one object for each address, with its Service as parent;
// what somebody deleted though it is in use comes back.
void follow_service_addresses(Core& core, const api::Kind& kind, const api::Value& before, const api::Value& after);

}  // namespace kubewalk::apiserver
