#pragma once
// What `kubectl apply` does with one object: create it, or patch it three ways.
// Upstream: k8s.io/kubectl/pkg/cmd/apply (apply.go, patcher.go), pkg/util/apply.go.

#include <string>
#include <string_view>

#include "core/api/schema.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

constexpr std::string_view last_applied_annotation = "kubectl.kubernetes.io/last-applied-configuration";

enum class Change : unsigned char { created, configured, unchanged };
std::string_view change_name(Change change);  // "created"

struct ApplyMode {
    DryRun dry_run = DryRun::none;
    std::string field_validation = "Strict";  // "Strict", "Warn", "Ignore"
    std::string manager = "kubectl-client-side-apply";
};

struct AppliedObject {
    Change change = Change::unchanged;
    api::Value object;    // as the server has it now
    std::string notes;    // warnings of kubectl's own, for stderr
};

Answer<AppliedObject> apply_object(Server& server, const api::Schema& schema, const Info& info, const ApplyMode& mode);

// What the object would be after an apply, without its annotation: for diff. Nothing is stored.
Answer<api::Value> merge_on_server(Server& server, const api::Schema& schema, const Info& info, const api::Value& live);

// Puts the configuration itself into the annotation (create --save-config does so too).
api::Value with_last_applied(const api::Value& object);
// Helper.CreateWithOptions with modify: a manifest that was read from a server may still hold its version, which no new object has.
api::Value without_version(api::Value object);
// The parameters that every write carries.
void add_write_query(client::Request& request, const ApplyMode& mode, std::string_view manager);
// --validate's value as the server's fieldValidation.
std::string field_validation_of(const Run& run);

}  // namespace kubewalk::kubectl
