#pragma once
// kube-scheduler: takes Pods from the queue one by one, decides, evicts less important ones where that helps, binds.
// Upstream: pkg/scheduler/{scheduler.go,schedule_one.go,eventhandlers.go}.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/client/controller.h"
#include "core/scheduler/cache.h"
#include "core/scheduler/preemption.h"
#include "core/scheduler/queue.h"
#include "core/scheduler/schedule_one.h"

namespace kubewalk::scheduler {

class Scheduler final : public sim::Component {
public:
    explicit Scheduler(client::Environment environment);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Scheduler>(*this); }

    // The decision that would be made of this Pod now, by the same code and the same chance: at the instant before
    // a decision it is that one (Session::explain_scheduling goes there).
    Decision explain(const Value& pod) const;
    std::size_t queue_length() const { return queue_.size(); }

private:
    enum Code : std::uint32_t { watch_ready = 1, schedule_due = 2, flush_due = 3, bind_late = 4 };
    enum Watched : std::size_t {
        pods, nodes, namespaces, services, replica_sets, replication_controllers, stateful_sets, budgets, claims, volumes, classes
    };

    void handle(std::size_t index, const client::Change& change);
    void pod_changed(const client::Change& change);
    void node_changed(const client::Change& change);
    void wake(unsigned event);
    void schedule_next();
    void plan_flush();
    void check_synced();
    void work();
    void succeed(const SchedulingQueue::Item& item, const Value& pod, const std::string& node);
    void bind(const SchedulingQueue::Item& item, const Value& pod, const std::string& node);
    void fail(SchedulingQueue::Item item, const Value& pod, const Decision& decision, const Preemption& preemption);
    void write_condition(const Value& pod, const std::string& message, const std::string& nominated);
    void evict(const PodInfo& victim, const Value& preemptor, const std::string& node);
    void nominate(const std::string& key, const Value& pod);
    void fill(Snapshot& snapshot, const Value& pod) const;
    std::vector<Value> all_budgets() const;

    // -- volumes.cpp
    enum class Volumes : unsigned char { bound, under_way, failed };
    Volumes begin_volumes(const Value& pod, const std::string& node, std::string& error);
    bool volumes_bound(const Value& pod) const;
    void finish_bindings();
    void on_bind_late(const std::string& key);

    client::Environment environment_;
    std::string name_ = "kube-scheduler";
    client::Client client_;
    client::EventRecorder recorder_;
    std::vector<client::Informer> informers_;
    PluginArgs args_;
    Cache cache_;
    SchedulingQueue queue_;
    std::optional<Random> random_;  // drawn from the simulation's at start
    std::size_t next_start_ = 0;
    // Pods whose Node is chosen while their volumes are being made ready.
    struct Binding {
        SchedulingQueue::Item item;
        std::string node;
        sim::EventId late = 0;
    };
    std::map<std::string, Binding> bindings_;  // by Pod key
    Nominations nominations_;
    std::map<std::string, std::string> nominated_;  // Pod key -> Node
    bool synced_ = false;
    bool work_planned_ = false;
    sim::EventId flush_event_ = 0;
    Time flush_at_;
};

}  // namespace kubewalk::scheduler
