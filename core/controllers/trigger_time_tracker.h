#pragma once
// When the oldest change happened that the next write of endpoints will show: what
// endpoints.kubernetes.io/last-change-trigger-time tells.
// Upstream: staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go.

#include <map>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class TriggerTimeTracker {
public:
    // RFC 3339, or "" when nothing new triggered this reconcile.
    std::string trigger_time(const std::string& service_key, const Value& service, const Objects& pods);
    void forget(const std::string& service_key) { states_.erase(service_key); }

private:
    struct State {
        std::string service;
        std::map<std::string, std::string> pods;  // last time each Pod's endpoint changed
    };
    std::map<std::string, State> states_;
};

}  // namespace kubewalk::controllers
