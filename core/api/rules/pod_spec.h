#pragma once
// PodSpec and PodTemplateSpec: what every kind that holds Pods (Pod, Deployment, Job, ...) does with them.
// Upstream: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// A PodSpec as every template gets it. What only a Pod gets (requests from limits, enableServiceLinks, host
// ports of the host's network) is in the Pod's own rules.
void default_pod_spec(Value& spec);
void default_pod_template(Value& pod_template);
// A PersistentVolumeClaimSpec: the claims of an ephemeral volume, a StatefulSet or of its own.
void default_claim_spec(Value& spec);
// A resource list: amounts finer than a thousandth are rounded up.
void default_resource_list(Value& owner, std::string_view key);

void validate_pod_spec(const Value& spec, const Path& path, FieldErrors& errors);
// metadata (labels, annotations) and spec of a PodTemplateSpec. The controllers' own rules (restartPolicy
// Always, selector matching the labels) are theirs.
void validate_pod_template(const Value& pod_template, const Path& path, FieldErrors& errors);
// Which fields of a running Pod's spec may change.
void validate_pod_update(const Value& pod, const Value& old, FieldErrors& errors);

// What the subresource ephemeralcontainers may change: those that are there stay as they are.
void validate_ephemeral_containers_update(const Value& pod, const Value& old, FieldErrors& errors);

// What the subresource resize may change: cpu and memory of containers and sidecars, and how they are resized.
void validate_pod_resize(const Value& pod, const Value& old, FieldErrors& errors);

// "Guaranteed", "Burstable" or "BestEffort". Upstream: pkg/apis/core/helper/qos.
std::string_view pod_qos_class(const Value& pod);

// Warnings about a template (`path`: "spec.template"), or about a Pod's annotations and spec.
// Upstream: pkg/api/pod/warnings.go.
void pod_template_warnings(const Value& pod_template, const Path& path, std::vector<std::string>& out);
void pod_annotation_warnings(const Value& pod, const Path& metadata, std::vector<std::string>& out);
void pod_spec_warnings(const Value& spec, const Path& path, std::vector<std::string>& out);

}  // namespace kubewalk::api
