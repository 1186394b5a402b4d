#pragma once
// A queue of keys: each key at most once, not handed out while it is being worked on, with
// exponential back-off for failures. Follows k8s.io/client-go/util/workqueue (Type,
// ItemExponentialFailureRateLimiter 5 ms .. 1000 s). A value type.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/base/time.h"
#include "core/sim/cause.h"

namespace kubewalk::client {

class WorkQueue {
public:
    struct Item {
        std::string key;
        sim::CauseId cause = 0;  // what put it there last
        bool heartbeat = true;   // nothing but signs of life put it there
    };

    void add(const std::string& key, sim::CauseId cause, bool heartbeat = false);
    std::optional<Item> take();
    // All that waits was put there by signs of life.
    bool only_heartbeats() const { return urgent_ == 0; }
    bool empty() const { return order_.empty(); }
    std::size_t size() const { return order_.size(); }

    // The delay before the next try of a key that failed; grows with each call until forget().
    Duration back_off(const std::string& key);
    void forget(const std::string& key) { failures_.erase(key); }
    int failures(const std::string& key) const;

private:
    std::deque<std::string> order_;
    struct Waiting {
        sim::CauseId cause = 0;
        bool heartbeat = true;
    };
    std::map<std::string, Waiting> waiting_;
    std::size_t urgent_ = 0;  // of waiting_: not heartbeat
    std::map<std::string, int> failures_;
};

}  // namespace kubewalk::client
