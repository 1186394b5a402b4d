#pragma once
// Pods with stable names, in order. Upstream: pkg/controller/statefulset/stateful_set.go.

#include "core/client/controller.h"
#include "core/controllers/statefulset/stateful_set_utils.h"

namespace kubewalk::controllers {

class StatefulSetController final : public client::ControllerOf<StatefulSetController> {
public:
    explicit StatefulSetController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    std::string owner_key(const Value& pod) const;
    void pod_changed(const client::Change& change);
    Result<Objects> claim_pods(const Value& set);
    Result<Objects> claim_revisions(const Value& set);
    struct History {
        statefulset::Revisions revisions;
        std::int64_t collisions = 0;
    };
    Result<History> load_history(const Value& set, Objects& revisions);
    Result<Value> create_revision(const Value& set, const Value& data, std::int64_t number, std::int64_t& collisions);
    Result<void> write_status(const Value& set, Value status);
    Result<void> truncate(const Value& set, const Objects& pods, const Objects& revisions, const History& history);
};

}  // namespace kubewalk::controllers
