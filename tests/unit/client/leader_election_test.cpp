// Facts: k8s.io/client-go/tools/leaderelection/leaderelection_test.go and its defaults in the control plane.
#include <doctest/doctest.h>

#include "core/client/leader_election.h"
#include "tests/unit/controllers/fake_cluster.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {

// A process that works while it leads.
class Candidate final : public sim::Component {
public:
    Candidate(sim::Simulation& simulation, client::Transport& transport, const std::string& identity)
        : simulation_(&simulation),
          name_(identity),
          elector_({transport, identity, "system:kube-scheduler"}, "kube-scheduler", identity, "default-scheduler") {}
    std::string_view name() const override { return name_; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Candidate>(*this); }
    void start() override { (void)elector_.start(*simulation_, id(), 1); }
    void on_event(const sim::Event&) override { (void)elector_.step(*simulation_); }
    bool leads() const { return elector_.leads(); }

private:
    sim::Simulation* simulation_;
    std::string name_;
    client::LeaderElector elector_;
};

}  // namespace

TEST_CASE("one of two leads; the other takes over 15 s after the last renewal") {
    sim::Simulation simulation(1);
    FakeCluster cluster(simulation);
    const auto first = simulation.add(std::make_unique<Candidate>(simulation, cluster, "a_1"));
    const auto second = simulation.add(std::make_unique<Candidate>(simulation, cluster, "b_2"));
    const auto leads = [&](sim::ComponentId id) { return static_cast<const Candidate*>(simulation.find(id))->leads(); };
    simulation.run_for(minutes(1));
    CHECK(leads(first));
    CHECK_FALSE(leads(second));
    const Value lease = cluster.object(api::kind::leases, "kube-system/kube-scheduler");
    CHECK(lease["spec"]["holderIdentity"].as_string() == "a_1");
    CHECK(lease["spec"]["leaseDurationSeconds"].as_int() == 15);
    CHECK(cluster.told("LeaderElection: a_1 became leader"));

    simulation.pause(first);
    simulation.run_for(seconds(10));
    CHECK_FALSE(leads(second));
    simulation.run_for(seconds(12));
    CHECK(leads(second));
    CHECK(cluster.object(api::kind::leases, "kube-system/kube-scheduler")["spec"]["leaseTransitions"].as_int() == 1);
    simulation.resume(first);
    simulation.run_for(seconds(3));
    CHECK_FALSE(leads(first));
    CHECK(leads(second));
}

TEST_CASE("a leader that cannot renew stops leading after 10 s, and renewals leave the cluster settled") {
    sim::Simulation simulation(1);
    FakeCluster cluster(simulation);
    const auto only = simulation.add(std::make_unique<Candidate>(simulation, cluster, "a_1"));
    CHECK(simulation.settle(minutes(2)));
    cluster.down = true;
    simulation.run_for(seconds(8));
    CHECK(static_cast<const Candidate*>(simulation.find(only))->leads());
    simulation.run_for(seconds(6));
    CHECK_FALSE(static_cast<const Candidate*>(simulation.find(only))->leads());
    // Nothing can progress: that is rest, too.
    CHECK(simulation.settle(minutes(2)));
    cluster.down = false;
    simulation.run_for(seconds(20));
    CHECK(static_cast<const Candidate*>(simulation.find(only))->leads());
}
