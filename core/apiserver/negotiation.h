#pragma once
// In which form an answer is wanted, from the request's Accept.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/{negotiation/negotiate.go,response.go}.

#include <optional>
#include <string_view>

#include "core/apiserver/status.h"
#include "core/base/time.h"

namespace kubewalk::apiserver {

struct Form {
    enum class As : unsigned char { object, table, metadata, metadata_list };
    As as = As::object;
    bool yaml = false;
};

// The first of the clauses that can be served; `transforms`: whether there are tables and metadata of it.
std::optional<Form> negotiate(std::string_view accept, bool transforms);
Failure not_acceptable();

// PartialObjectMetadata of an object, or of each of a list.
Answer<api::Value> to_metadata(const api::Kind& kind, const api::Value& body, Form::As as);

}  // namespace kubewalk::apiserver
