#include <doctest/doctest.h>

#include "core/sim/simulation.h"

using namespace kubewalk;

namespace {

// Notes what it handles; code 9 removes itself, code 8 schedules a follower.
class Notebook final : public sim::Component {
public:
    explicit Notebook(sim::Simulation& simulation, std::string name = "notebook")
        : simulation_(&simulation), name_(std::move(name)) {}
    std::string_view name() const override { return name_; }
    void on_event(const sim::Event& event) override {
        handled.push_back(event.code);
        if (event.code == 8)
            simulation_->schedule(id(), milliseconds(1), 1);
        if (event.code == 7)
            simulation_->record(sim::EntryKind::component, name_, {}, {"noted", {}});
        if (event.code == 9)
            simulation_->remove(id());
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Notebook>(*this); }

    std::vector<std::uint32_t> handled;

private:
    sim::Simulation* simulation_;
    std::string name_;
};

using Codes = std::vector<std::uint32_t>;

const Codes& handled(sim::Simulation& simulation, sim::ComponentId id) {
    return static_cast<Notebook*>(simulation.find(id))->handled;
}

}  // namespace

TEST_CASE("events are handled in order of time, then of scheduling") {
    sim::Simulation simulation(1);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    simulation.schedule(id, milliseconds(5), 1);
    simulation.schedule(id, milliseconds(1), 2);
    simulation.schedule(id, milliseconds(5), 3);
    const auto cancelled = simulation.schedule(id, milliseconds(2), 4);
    simulation.cancel(cancelled);
    simulation.run_for(milliseconds(5));
    CHECK(handled(simulation, id) == Codes{2, 1, 3});
    CHECK(simulation.now() == Time{} + milliseconds(5));
}

TEST_CASE("a paused component handles late, in order") {
    sim::Simulation simulation(1);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    simulation.schedule(id, milliseconds(1), 1);
    simulation.schedule(id, milliseconds(2), 2);
    simulation.pause(id);
    simulation.run_for(seconds(1));
    CHECK(handled(simulation, id).empty());
    simulation.resume(id);
    simulation.run_for(seconds(1));
    CHECK(handled(simulation, id) == Codes{1, 2});
}

TEST_CASE("a component may remove itself while it handles an event") {
    sim::Simulation simulation(1);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    simulation.schedule(id, milliseconds(1), 9);
    simulation.schedule(id, milliseconds(2), 1);
    simulation.run_for(seconds(1));
    CHECK(simulation.find(id) == nullptr);
    CHECK(simulation.pending_events() == 0);
}

TEST_CASE("settled: thirty quiet seconds and no work ahead") {
    sim::Simulation simulation(1);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    simulation.schedule(id, seconds(40), 1);
    simulation.schedule(id, seconds(75), 2, sim::Urgency::background);
    CHECK(!simulation.settled());
    CHECK(simulation.settle());
    CHECK(simulation.now() == Time{} + seconds(70));
    simulation.schedule(id, minutes(20), 3);
    CHECK(!simulation.settle());  // ten minutes are the limit
    CHECK(simulation.now() == Time{} + seconds(670));
}

TEST_CASE("an event inherits the cause it was scheduled under") {
    sim::Simulation simulation(1);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    const auto cause = simulation.record(sim::EntryKind::action, "learner", {}, {"start", {}});
    simulation.schedule(id, milliseconds(1), 7);
    simulation.run_for(seconds(1));
    CHECK(simulation.log().back().fact.id == "noted");
    CHECK(simulation.log().back().cause == cause);
}

TEST_CASE("a checkpoint brings everything back: clock, chance, queue, components, log") {
    sim::Simulation simulation(42);
    const auto id = simulation.add(std::make_unique<Notebook>(simulation));
    simulation.schedule(id, milliseconds(1), 8);
    simulation.schedule(id, milliseconds(10), 7);
    simulation.run_for(milliseconds(1));
    const auto point = simulation.checkpoint();
    const auto drawn = simulation.random().next();
    simulation.run_for(seconds(1));
    CHECK(handled(simulation, id) == Codes{8, 1, 7});
    CHECK(simulation.log().size() == 1);

    simulation.restore(*point);
    CHECK(simulation.now() == Time{} + milliseconds(1));
    CHECK(handled(simulation, id) == Codes{8});
    CHECK(simulation.log().empty());
    CHECK(simulation.random().next() == drawn);
    simulation.run_for(seconds(1));
    CHECK(handled(simulation, id) == Codes{8, 1, 7});
}
