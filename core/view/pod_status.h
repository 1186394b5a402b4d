#pragma once
// A Pod in a few words, by the rules of `kubectl get pods`.

#include "core/api/value.h"
#include "core/view/architecture.h"

namespace kubewalk::view {

PodChip pod_chip(const api::Value& pod);
// By its conditions; suspended: stopped.
Health job_health(const api::Value& job);

}  // namespace kubewalk::view
