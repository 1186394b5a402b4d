#pragma once
// Pods that wait for a Node: ready ones by priority and time, those that back off, those that nothing
// can help at the moment. A value type. Upstream: pkg/scheduler/backend/queue/scheduling_queue.go.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/base/time.h"
#include "core/sim/cause.h"

namespace kubewalk::scheduler {

class SchedulingQueue {
public:
    struct Item {
        std::string key;
        std::int64_t priority = 0;
        Time added;               // when it came to the active queue
        int failures = 0;         // unsuccessful attempts
        Time failed_at;           // the last of them
        unsigned wakes = 0;       // ClusterEvents worth another try
        sim::CauseId cause = 0;
    };

    // A new or changed Pod: at once to the active queue; a change keeps its count of failures.
    void add(const std::string& key, std::int64_t priority, Time now, sim::CauseId cause);
    // A Pod that did not fit waits for one of the events in `wakes`.
    void add_unschedulable(Item item, unsigned wakes, Time now);
    // A Pod whose binding failed: back off, then again.
    void add_backoff(Item item, Time now);
    void remove(const std::string& key);
    bool contains(const std::string& key) const { return items_.contains(key); }

    // Something changed: Pods that wait for it go to the back-off or active queue. True if any moved.
    bool move(unsigned event, Time now, sim::CauseId cause);
    // Back-offs that are over, and Pods that have waited for five minutes.
    void flush(Time now);
    // The next Pod: highest priority, then longest waiting.
    std::optional<Item> take();
    bool has_active() const { return !active_.empty(); }
    // When flush() has something to do next; `urgent`: a back-off, not the five minutes.
    struct Due {
        Time at;
        bool urgent = false;
    };
    std::optional<Due> next_due() const;
    std::size_t size() const { return items_.size(); }

private:
    enum class Place : unsigned char { active, backoff, unschedulable };
    struct Entry {
        Item item;
        Place place = Place::active;
        std::uint64_t sequence = 0;  // in active_
    };
    struct Order {
        std::int64_t priority;
        Time added;
        std::uint64_t sequence;
        std::string key;
        friend bool operator<(const Order& a, const Order& b) {
            if (a.priority != b.priority)
                return a.priority > b.priority;
            return a.added != b.added ? a.added < b.added : a.sequence < b.sequence;
        }
    };

    void activate(Entry& entry, Time now);
    void wait(Entry& entry, Place place);
    void leave(const Entry& entry);  // the list it stands in
    static Time due(const Entry& entry);
    static Duration back_off(const Item& item);

    std::map<std::string, Entry> items_;
    std::set<Order> active_;
    std::set<std::pair<Time, std::string>> backing_off_;    // by when they are over
    std::set<std::pair<Time, std::string>> unschedulable_;  // by when they are tried again in any case
    std::uint64_t next_sequence_ = 1;
};

}  // namespace kubewalk::scheduler
