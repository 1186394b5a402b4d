#pragma once
// Groups of the API and who answers for them: each version of a group has an APIService, the server's own ones and those
// of other servers behind a Service, to which requests are handed on.
// Upstream: k8s.io/kube-aggregator/pkg/apiserver/{handler_proxy,handler_apis,resolvers}.go, pkg/controllers/autoregister,
// pkg/controlplane/apiserver/aggregator.go.

#include <optional>
#include <string>
#include <string_view>

#include "core/apiserver/core.h"
#include "core/apiserver/dialer.h"
#include "core/client/transport.h"

namespace kubewalk::apiserver {

// A path of a group that is not the server's own, as authorisation sees it. The pieces point into the path.
struct AggregatedRoute {
    std::string_view group;    // "metrics.k8s.io"
    std::string_view version;  // "v1beta1"
    std::string_view resource;  // "pods", "nodes"; empty for the group itself
    std::string_view subresource;
    std::string_view namespace_name;
    std::string_view name;
    std::string_view verb;  // "get", "list", "create", ...
};

std::optional<AggregatedRoute> aggregated_route(const client::Request& request);

// The APIServices of the server's own groups; those that are there stay as they are.
void register_own_groups(Core& core, Random& random);

// How early a group is listed: the larger, the earlier. 0: not one of the server's own.
int group_priority(std::string_view group);

// "https://10.96.12.3:443" without the scheme: where an APIService's Service is dialled. kubeadm leaves
// --enable-aggregator-routing off, so it is the Service's own address. Error: what the resolver says.
Result<std::string> service_address(const api::Value& service, std::string_view name, std::int64_t port);

// Whether the path is of a group of another server, or of one that nobody knows.
bool leads_elsewhere(const Core& core, const client::Request& request);
// Hands the request on, as `user`, to the server that the APIService names.
Answer<api::Value> hand_on(Core& core, Call& call, const AggregatedRoute& route);

}  // namespace kubewalk::apiserver
