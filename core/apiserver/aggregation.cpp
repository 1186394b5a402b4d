#include "core/apiserver/aggregation.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

std::optional<AggregatedRoute> aggregated_route(std::string_view path) {
    constexpr std::string_view prefix = "/apis/metrics.k8s.io/v1beta1";
    if (!path.starts_with(prefix) || (path.size() > prefix.size() && path[prefix.size()] != '/'))
        return std::nullopt;
    AggregatedRoute route;
    route.group = path.substr(6, 14);
    std::vector<std::string_view> parts;
    for (const auto part : split(path.substr(prefix.size()), '/'))
        if (!part.empty())
            parts.push_back(part);
    std::size_t at = 0;
    if (parts.size() >= 3 && parts[0] == "namespaces") {
        route.namespace_name = parts[1];
        at = 2;
    }
    if (at < parts.size())
        route.resource = parts[at];
    if (at + 1 < parts.size())
        route.name = parts[at + 1];
    route.verb = route.name.empty() && !route.resource.empty() ? "list" : "get";
    return route;
}

}  // namespace kubewalk::apiserver
