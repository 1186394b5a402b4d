#pragma once
// Which of several processes works: the one that holds the Lease and keeps renewing it. A value type that a
// component drives with events of its own. Follows k8s.io/client-go/tools/leaderelection (defaults of the
// control plane: 15 s lease, 10 s to renew, a try every 2 s).

#include <string>

#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/sim/simulation.h"

namespace kubewalk::client {

class LeaderElector {
public:
    // `lease` in kube-system; `identity` "NODE_UUID"; `component` is who tells of it in events.
    LeaderElector(Client client, std::string lease, std::string identity, std::string component);

    // What the owner has to do: take up its work, or lay it down.
    enum class Verdict : unsigned char { unchanged, became_leader, lost };
    // The first try, at once; every later one is an event with `event_code` for `owner`, which calls step().
    Verdict start(sim::Simulation& simulation, sim::ComponentId owner, std::uint32_t event_code);
    Verdict step(sim::Simulation& simulation);

    bool leads() const { return leads_; }
    const std::string& identity() const { return identity_; }

private:
    enum class Attempt : unsigned char { held, taken_by_other, unreachable };
    Attempt acquire_or_renew(sim::Simulation& simulation);
    Attempt write(sim::Simulation& simulation, const api::Value& lease, bool renewal);
    void schedule(sim::Simulation& simulation, Attempt attempt);

    Client client_;
    EventRecorder recorder_;
    std::string lease_;
    std::string identity_;
    sim::ComponentId owner_ = 0;
    std::uint32_t event_code_ = 0;
    bool leads_ = false;
    Time renewed_;           // our last success
    std::string seen_;       // holder and renewTime as last read
    Time seen_at_;           // when that changed last
    std::uint64_t tries_ = 0;
};

}  // namespace kubewalk::client
