#pragma once
// What a StatefulSet does to Pods and claims, with its events.
// Upstream: pkg/controller/statefulset/stateful_pod_control.go.

#include "core/client/informer.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::statefulset {

class StatefulPodControl {
public:
    StatefulPodControl(const client::Client& client, const client::Informer& claims, client::EventRecorder& recorder,
                       sim::Simulation& simulation)
        : client_(client), claims_(claims), recorder_(recorder), simulation_(simulation) {}

    // The claims first, then the Pod; the result is the Pod as the API server keeps it.
    Result<Value> create(const Value& set, const Value& pod);
    Result<void> remove(const Value& set, const Value& pod);
    // Brings identity, storage and claims of an existing Pod in line.
    Result<void> update(const Value& set, const Value& pod);
    Result<void> create_missing_claims(const Value& set, const Value& pod);
    bool claims_match_policy(const Value& set, const Value& pod) const;
    Result<void> fix_claims(const Value& set, const Value& pod);
    bool has_stale_claim(const Value& set, const Value& pod) const;

private:
    void tell(std::string_view verb, const Value& set, const Value& pod, const Result<void>& done);

    const client::Client& client_;
    const client::Informer& claims_;
    client::EventRecorder& recorder_;
    sim::Simulation& simulation_;
};

}  // namespace kubewalk::controllers::statefulset
