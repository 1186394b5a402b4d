#pragma once
// Questions that are answered and not kept: may I, may they, who am I.
// Upstream: pkg/registry/authorization/*, pkg/registry/authentication/{selfsubjectreview,tokenreview}.

#include <span>
#include <string_view>

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

struct Review {
    std::string_view group;
    std::string_view version;
    std::string_view resource;  // "selfsubjectaccessreviews"
    std::string_view singular;
    std::string_view kind;
    bool namespaced = false;
    Answer<api::Value> (*handle)(Core& core, Call& call) = nullptr;
};

std::span<const Review> reviews();
// By the path a request names; null when it is none.
const Review* find_review(std::string_view path);
// The namespace in that path, if any.
std::string_view review_namespace(std::string_view path);

}  // namespace kubewalk::apiserver
