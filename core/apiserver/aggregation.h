#pragma once
// API groups that another server answers for: metrics.k8s.io by way of the Service kube-system/metrics-server.
// APIService objects are left out (simplifications.json: "api-service-objects"): the group is served while that
// Service exists. Upstream: k8s.io/kube-aggregator/pkg/apiserver/handler_proxy.go.

#include <optional>
#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/client/transport.h"

namespace kubewalk::apiserver {

struct AggregatedRoute {
    std::string_view group;     // "metrics.k8s.io"
    std::string_view resource;  // "pods", "nodes"; empty for the group itself
    std::string_view namespace_name;
    std::string_view name;
    std::string_view verb;  // "get", "list"
};

// Nothing for paths of the server's own groups. The pieces point into `path`.
std::optional<AggregatedRoute> aggregated_route(std::string_view path);

class Aggregated {
public:
    virtual ~Aggregated() = default;

    // Error reason "NotFound": no server is registered for the group, "ServiceUnavailable": it does not answer.
    virtual Result<api::Value> serve(const AggregatedRoute& route, const client::Request& request) = 0;
};

}  // namespace kubewalk::apiserver
