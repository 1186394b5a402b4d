#pragma once
// The only source of time and chance. A discrete-event loop: components schedule events for
// themselves and handle them one at a time, in order of (time, sequence). Nothing in core runs
// outside of an event or of a learner's action.
//
// State lives in two places, both kept by checkpoint():
//   - components (kubelets, controllers, programs in containers): cloned before the first change after a
//     checkpoint, see Component;
//   - services with fixed addresses (store, network, ...): see Snapshotable.
// Components may hold references to services and to the Simulation, never to each other: a pointer to a component
// is good for the step in which it was asked for.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/sim/cause.h"
#include "core/sim/component_table.h"
#include "core/sim/event_queue.h"
#include "core/sim/log.h"

namespace kubewalk::sim {

// What other rooms know a component by when they meet it through a service (net::Server for
// programs that listen). There is no RTTI: whoever registers a component where a facet is expected
// makes sure that facet() returns that type.
class Facet {
public:
    virtual ~Facet() = default;
};

class Component {
public:
    virtual ~Component() = default;

    // As the cause log shows it: "deployment-controller", "kubelet/node-1".
    virtual std::string_view name() const = 0;
    // Called once, right after it was added (not after a restore).
    virtual void start() {}
    virtual void on_event(const Event& event) = 0;
    virtual Facet* facet() { return nullptr; }
    // A deep copy of all state; references to services are copied as they are.
    virtual std::unique_ptr<Component> clone() const = 0;

    ComponentId id() const { return id_; }

protected:
    Component() = default;
    Component(const Component&) = default;
    Component& operator=(const Component&) = default;

private:
    friend class Simulation;
    friend class ComponentTable;
    ComponentId id_ = 0;
};

// A service whose address never changes and whose state belongs to a checkpoint.
class Snapshotable {
public:
    virtual ~Snapshotable() = default;
    // An immutable copy of the whole state (cheap where structure is shared).
    virtual std::shared_ptr<const void> save() const = 0;
    // Back to what save() returned.
    virtual void load(const std::shared_ptr<const void>& state) = 0;
};

class Simulation {
public:
    explicit Simulation(std::uint64_t seed);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    Time now() const { return now_; }
    std::uint64_t seed() const { return seed_; }
    Random& random() { return random_; }

    // -- components and services ------------------------------------------------------------
    void register_service(Snapshotable& service);
    ComponentId add(std::unique_ptr<Component> component);
    // Removes it together with all its pending events; safe from inside its own on_event.
    void remove(ComponentId id);
    // For change; who only looks asks look(), which copies nothing that a checkpoint shares.
    Component* find(ComponentId id) { return components_.edit(id); }
    const Component* find(ComponentId id) const { return components_.find(id); }
    const Component* look(ComponentId id) const { return components_.find(id); }
    Component* find(std::string_view name);
    std::vector<ComponentId> components() const;

    // A stopped component keeps its state but handles nothing until it is started again:
    // its events wait, and are handled late, in order (a paused process).
    void pause(ComponentId id);
    void resume(ComponentId id);
    bool paused(ComponentId id) const;

    // -- events -----------------------------------------------------------------------------
    // Schedules for `target`; the current cause is inherited.
    EventId schedule(ComponentId target, Duration delay, std::uint32_t code, Urgency urgency = Urgency::work,
                     std::uint64_t number = 0, std::string text = {});
    void cancel(EventId id);

    // Handles the next event. False when there is none at or before `limit`.
    bool step(Time limit = Time{INT64_MAX});
    // Handles everything up to and including `until`, then stands at `until`.
    void run_until(Time until);
    // Lets the clock go on to `time`, but never past an event that is due; handles nothing.
    void wait_until(Time time);
    void run_for(Duration duration) { run_until(now_ + duration); }
    // How many steps were taken since power-on: events handled and actions counted. It names a
    // position in history: same seed and same actions give the same state after the same steps.
    std::uint64_t steps() const { return steps_; }
    // An action from outside (the learner's) is a step of its own.
    void count_action() { ++steps_; }
    std::size_t pending_events() const { return queue_.size(); }
    Time next_event_at() const;

    // Settled: nothing but background for 30 s of virtual time and no work pending.
    bool settled() const;
    // When it would be settled if nothing but background came; the end of time while work is pending.
    Time quiet_until() const;
    // Runs until settled, at most `limit`. True when settled.
    bool settle(Duration limit = minutes(10));

    // -- causes -----------------------------------------------------------------------------
    CauseId current_cause() const { return current_cause_; }
    // Appends an entry caused by the current cause and makes it the current cause for the rest of
    // this event. `at`, `id` and `cause` are filled in.
    CauseId record(EntryKind kind, std::string_view component, const ObjectView& object, const FactView& fact, bool heartbeat = false);
    // After restore() it also knows what came after that instant, until something else happens.
    const Log& log() const { return log_; }
    void forget_future() { log_.forget_future(); }
    std::optional<Entry> entry(CauseId id) const {
        return id <= log_.first() || id > log_.size() ? std::nullopt : std::optional<Entry>(log_[id - 1]);
    }

    // Runs under another cause (a queue item remembers what put it there), then goes back.
    class CauseScope {
    public:
        CauseScope(Simulation& simulation, CauseId cause) : simulation_(simulation), previous_(simulation.current_cause_) {
            simulation_.current_cause_ = cause;
        }
        ~CauseScope() { simulation_.current_cause_ = previous_; }
        CauseScope(const CauseScope&) = delete;
        CauseScope& operator=(const CauseScope&) = delete;

    private:
        Simulation& simulation_;
        CauseId previous_;
    };

    // -- time travel --------------------------------------------------------------------------
    class Checkpoint;
    std::shared_ptr<const Checkpoint> checkpoint() const;
    // Everything back to that instant: clock, chance, queue, components, services, log.
    void restore(const Checkpoint& checkpoint);
    // What a checkpoint of now would cost, counted in things to copy: the pending events, and the components.
    std::size_t extent() const { return queue_.size() + components_.size(); }

    // Does something and takes it back: what was known of the future stays known.
    template <typename Work>
    void try_out(Work work) {
        const auto before = checkpoint();
        const auto future = log_.set_aside();
        work();
        restore(*before);
        log_.restore(future);
    }

private:
    void dispatch(const Event& event);

    std::uint64_t seed_;
    Random random_;
    Time now_{};
    std::uint64_t steps_ = 0;
    std::uint64_t next_sequence_ = 1;
    ComponentId next_component_ = 1;
    CauseId current_cause_ = 0;
    Time last_work_{};
    std::size_t pending_work_ = 0;
    EventQueue queue_;
    mutable ComponentTable components_;  // a checkpoint resets its count of clones
    std::map<ComponentId, std::vector<Event>> paused_;  // events that came due while stopped
    std::vector<std::shared_ptr<Component>> retired_;   // removed while handling an event
    std::vector<Snapshotable*> services_;
    Log log_;
    int dispatch_depth_ = 0;
};

class Simulation::Checkpoint {
public:
    Time at() const { return now; }
    std::size_t log_size() const { return log_entries; }
    std::uint64_t steps() const { return step_count; }
    // Roughly what it keeps in memory that nobody else does, in bytes: its events, and the components that had been
    // cloned since the checkpoint before.
    std::size_t weight() const { return own_bytes; }

private:
    friend class Simulation;
    Random random{0};
    Time now;
    std::uint64_t step_count = 0;
    std::uint64_t next_sequence = 0;
    ComponentId next_component = 0;
    Time last_work;
    EventQueue queue;
    ComponentTable components;
    std::map<ComponentId, std::vector<Event>> paused;
    std::vector<std::shared_ptr<const void>> services;
    std::size_t log_entries = 0;
    std::size_t pending_work = 0;
    std::size_t own_bytes = 0;
};

}  // namespace kubewalk::sim
