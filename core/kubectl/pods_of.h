#pragma once
// From what a learner names (a Pod, deploy/NAME, svc/NAME) to a Pod and one of its containers.
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers/attachablepodforobject.go, pkg/cmd/util/podcmd.

#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

// Pods of the object, the fittest first (running and ready before others); a Pod is its own.
Answer<std::vector<api::Value>> pods_of(Server& server, const api::Kind& kind, const api::Value& object);
// The object a word names, then its first Pod.
Answer<api::Value> pod_for(Run& run, std::string_view word);

struct ChosenContainer {
    std::string name;
    std::string note;  // "Defaulted container ..." for stderr, or empty
};
Answer<ChosenContainer> choose_container(const api::Value& pod, std::string_view asked);

}  // namespace kubewalk::kubectl
