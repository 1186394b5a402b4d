#pragma once
// Pods that nobody else will remove: on Nodes that are gone, deleted before they had a Node, finished ones
// beyond the threshold. Upstream: pkg/controller/podgc/gc_controller.go.

#include <map>

#include "core/client/controller.h"

namespace kubewalk::controllers {

class PodGCController final : public client::ControllerOf<PodGCController> {
public:
    explicit PodGCController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    void synced() override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    void collect();
    void force_delete(const api::Value& pod, bool orphaned);

    std::map<std::string, Time> missing_since_;  // Nodes that Pods name and nobody knows
};

}  // namespace kubewalk::controllers
