#pragma once
// One machine's way to the API server. A request takes no time and no packets (simplifications.json:
// "api-call-instant"), but it needs a way: while the machine's cable or the control plane's is cut, or the
// control plane has no power, nothing arrives.

#include <string>

#include "core/client/transport.h"

namespace kubewalk::cluster {

class Cluster;

class NodeTransport final : public client::Transport {
public:
    NodeTransport(Cluster& cluster, std::string machine) : cluster_(cluster), machine_(std::move(machine)) {}

    client::Response send(const client::Request& request) override;
    Result<client::WatchId> watch(const client::Request& request, sim::ComponentId target, std::uint32_t event_code) override;
    // A watch whose other side has become silent is given up and counts as closed.
    WatchBatch read(client::WatchId watch) override;
    void unwatch(client::WatchId watch) override;
    const client::Cache* state(client::WatchId watch) const override;

private:
    bool reaches() const;
    std::string failure() const;

    Cluster& cluster_;
    std::string machine_;
};

}  // namespace kubewalk::cluster
