#pragma once
// Lists: what a client may ask of resourceVersion, and lists that come in chunks (limit, continue).
// Upstream: k8s.io/apimachinery/pkg/apis/meta/internalversion/validation, k8s.io/apiserver/pkg/storage/{interfaces.go,continue.go},
// etcd3/errors.go; kubernetes.io/docs/reference/using-api/api-concepts.

#include <optional>

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// What is wrong with a list's or watch's options; nothing when they are fine.
std::optional<Failure> refused_list_options(const Call& call);
// A revision as a client writes it, or the words of the refusal (apimachinery's APIObjectVersioner).
Answer<store::Revision> parse_resource_version(std::string_view text);
// No answer for a revision that has not happened yet.
Failure too_large_resource_version(store::Revision asked, store::Revision current);

Answer<api::Value> list_objects(const Core& core, const Call& call);

}  // namespace kubewalk::apiserver
