#pragma once
// What every controller is: informers feed keys into a queue, reconcile(key) compares what is with
// what should be and makes the next step. Level-based: it may be called for a key at any time, and
// must look at the caches, never at the event that came. Follows the shape of upstream's controllers
// and of controller-runtime's Reconciler.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/client/workqueue.h"
#include "core/sim/simulation.h"

namespace kubewalk::client {

// What reconcile says about a key.
struct Outcome {
    enum class Kind : unsigned char { done, again_after, failed } kind = Kind::done;
    Duration after{};
    std::string error;  // for failed: retried with back-off
    // For again_after: background when the cluster counts as settled meanwhile (a progress deadline).
    sim::Urgency urgency = sim::Urgency::work;
    bool unreachable = false;  // for failed: nobody answered, so trying again is no progress
    bool routine = false;      // for again_after: a look that repeats for as long as the object is there

    static Outcome done() { return {}; }
    static Outcome again_after(Duration delay, sim::Urgency urgency = sim::Urgency::work) {
        return {Kind::again_after, delay, {}, urgency, false, false};
    }
    // Every so often, although nothing happened: the cluster counts as settled meanwhile and while looking.
    static Outcome look_again(Duration period) { return {Kind::again_after, period, {}, sim::Urgency::background, false, true}; }
    static Outcome failed(std::string error) { return {Kind::failed, {}, std::move(error), sim::Urgency::work, false}; }
    static Outcome failed(const Error& error) {
        Outcome outcome = failed(error.message);
        outcome.unreachable = error.reason == "ConnectionRefused" || error.reason == "Timeout";
        return outcome;
    }
};

// Where controllers run: references to services that outlive them.
struct Environment {
    sim::Simulation& simulation;
    Transport& transport;
    // As whom the informers list and watch; "": as the controller itself. The controllers of one process share
    // its informers upstream, and those run under the process's own name.
    std::string informer_user = {};
    std::string_view process = {};  // whose part the controller is; a literal
};

// A controller derives from ControllerOf<Itself> below and
//   - in its constructor calls watch(kind) for what it looks at (the order gives the index);
//   - overrides changed() to turn a change into keys: enqueue(key);
//   - overrides reconcile().
class Controller : public sim::Component {
public:
    std::string_view name() const override { return name_; }
    void start() final;
    void on_event(const sim::Event& event) final;
    std::size_t queue_length() const { return queue_.size(); }
    // The key at work or last worked on, for the Architecture view.
    const std::string& last_key() const { return last_key_; }

protected:
    Controller(Environment environment, std::string name, std::string user);

    // Adds an informer; the result is its index in informer(). Only in the constructor.
    std::size_t watch(const api::Kind& kind, std::string namespace_name = {}, ListOptions options = {});
    // As watch(), but it lists and watches only from need() on: for what is much and seldom asked for (all Pods,
    // for a controller whose own objects may never exist).
    std::size_t watch_on_demand(const api::Kind& kind, std::string namespace_name = {}, ListOptions options = {});
    // Starts it; reconcile() waits until it has listed. Doing so again does nothing.
    void need(std::size_t index);
    const Informer& informer(std::size_t index) const { return informers_[index]; }
    std::size_t informer_count() const { return informers_.size(); }
    const Cache& cache(std::size_t index) const { return informers_[index].cache(); }

    virtual void changed(std::size_t informer, const Change& change) = 0;
    virtual Outcome reconcile(const std::string& key) = 0;
    // Events of the controller's own, scheduled with schedule_own(); `code` as given there.
    virtual void own_event(std::uint32_t code, const sim::Event& event);
    // Called once when all informers have listed.
    virtual void synced() {}

    void enqueue(const std::string& key);
    // The earlier one counts when the key already waits for its time.
    // `routine`: as of look_again().
    void enqueue_after(const std::string& key, Duration delay, sim::Urgency urgency = sim::Urgency::work, bool routine = false);
    sim::EventId schedule_own(Duration delay, std::uint32_t code, sim::Urgency urgency = sim::Urgency::work,
                              std::uint64_t number = 0, std::string text = {});

    sim::Simulation& simulation() const { return environment_.simulation; }
    const Client& client() const { return client_; }
    EventRecorder& recorder() { return recorder_; }
    Time now() const { return environment_.simulation.now(); }

private:
    enum Code : std::uint32_t { watch_ready = 1, work_due = 2, add_key = 3, own_base = 16 };
    struct Delayed {
        sim::EventId event = 0;
        Time due;
        sim::Urgency urgency = sim::Urgency::work;
        bool routine = false;
    };
    void handle_changes(std::size_t index, const std::vector<Change>& changes);
    void start_informer(std::size_t index);
    bool all_synced() const;
    void check_synced();
    void schedule_work();
    void work();

    Environment environment_;
    std::string name_;
    Client client_;
    EventRecorder recorder_;
    std::vector<Informer> informers_;
    enum class Start : unsigned char { at_once, on_demand, started };
    std::vector<Start> starts_;  // one for each informer
    WorkQueue queue_;
    std::string last_key_;
    std::map<std::string, Delayed> delayed_;
    sim::EventId work_event_ = 0;
    sim::Urgency work_urgency_ = sim::Urgency::work;
    bool in_heartbeat_ = false;  // while changed() is told of a sign of life
    bool synced_called_ = false;
};

// Gives clone() to a controller: class DeploymentController : public ControllerOf<DeploymentController>.
template <typename Derived>
class ControllerOf : public Controller {
public:
    std::unique_ptr<sim::Component> clone() const override {
        return std::make_unique<Derived>(static_cast<const Derived&>(*this));
    }

protected:
    using Controller::Controller;
};

}  // namespace kubewalk::client
