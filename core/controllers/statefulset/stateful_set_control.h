#pragma once
// One round of a StatefulSet: makes its Pods what they should be, one after the other or all at once, and
// says what its status is then. Upstream: pkg/controller/statefulset/stateful_set_control.go.

#include <functional>

#include "core/controllers/statefulset/stateful_pod_control.h"
#include "core/controllers/statefulset/stateful_set_utils.h"

namespace kubewalk::controllers::statefulset {

class Round {
public:
    // `pods` are those that belong to the set, in any order.
    Round(const Value& set, Revisions revisions, const Objects& pods, StatefulPodControl& control, Time now);

    // The status that results, also when something failed: then error() says what.
    Value run(std::int64_t collisions);
    const std::optional<Error>& error() const { return error_; }

private:
    enum class Next : unsigned char { go_on, stop };
    Next for_all(std::size_t count, const std::function<Next(std::size_t)>& act);
    Next process_replica(std::size_t index);
    Next process_condemned(std::size_t index);
    Next fix_condemned_claims(std::size_t index);
    void roll();
    Next fail(const Result<void>& done);
    void count(Value& status) const;
    bool same_pod(const Value& a, const Value& b) const { return api::name_of(a) == api::name_of(b); }

    const Value& set_;
    Revisions revisions_;
    Value current_set_;
    Value update_set_;
    StatefulPodControl& control_;
    Time now_;
    std::int64_t min_ready_;
    bool monotonic_;
    Objects known_;      // as given
    Objects replicas_;   // by ordinal; missing ones as they would be created
    Objects condemned_;  // the highest ordinal first
    Value first_unavailable_;
    std::int64_t deleted_current_ = 0;
    std::optional<Error> error_;
};

}  // namespace kubewalk::controllers::statefulset
