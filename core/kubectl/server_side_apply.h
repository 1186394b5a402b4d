#pragma once
// kubectl apply --server-side: the server merges, and what kubectl applied by itself before becomes its.
// Upstream: k8s.io/kubectl/pkg/cmd/apply/apply.go (applyOneObject, saveLastApplyAnnotationIfNecessary,
// migrateToSSAIfNecessary), k8s.io/client-go/util/csaupgrade/upgrade.go.

#include "core/kubectl/modify.h"

namespace kubewalk::kubectl {

// --field-manager, or kubectl's own name for this.
std::string server_side_manager(const Run& run);
// The PATCH that applies `body` as the configuration of the object.
client::Request apply_request(const Run& run, const Info& info, const api::Value& body, std::string_view manager, DryRun dry_run);

Answer<Outcome> apply_on_server(Run& run, const Info& info, DryRun dry_run);

}  // namespace kubewalk::kubectl
