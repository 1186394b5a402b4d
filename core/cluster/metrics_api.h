#pragma once
// What the API server hands on to metrics-server.

#include "core/apiserver/aggregation.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cluster {

class MetricsApi final : public apiserver::Aggregated {
public:
    explicit MetricsApi(Cluster& cluster) : cluster_(cluster) {}
    Result<api::Value> serve(const apiserver::AggregatedRoute& route, const client::Request& request) override;

private:
    Cluster& cluster_;
};

}  // namespace kubewalk::cluster
