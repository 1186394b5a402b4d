#pragma once
// What controllers share: Pod states, ownership, expectations, slow start, template hashes.
// Upstream: pkg/controller/{controller_utils.go,controller_ref_manager.go}, pkg/api/v1/pod/util.go.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/api/value.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/client/client.h"
#include "core/client/event_recorder.h"

namespace kubewalk::controllers {

using api::Value;
using Objects = std::vector<Value>;

// -- Pods -------------------------------------------------------------------------------------
// The entry of status.conditions with this type, or null.
const Value& condition_of(const Value& object, std::string_view type);
bool is_pod_ready(const Value& pod);
// Ready for at least min_ready_seconds.
bool is_pod_available(const Value& pod, std::int64_t min_ready_seconds, Time now);
// Until a ready Pod becomes available; nothing when it is, or is not ready.
std::optional<Duration> pod_available_in(const Value& pod, std::int64_t min_ready_seconds, Time now);
// Neither finished nor being deleted.
bool is_pod_active(const Value& pod);
bool is_pod_terminal(const Value& pod);     // Succeeded or Failed
bool is_pod_terminating(const Value& pod);  // being deleted, not finished

// metadata.creationTimestamp, then name.
bool created_before(const Value& a, const Value& b);
Time time_of(const Value& timestamp);  // power-on when absent or malformed

// A number in status that Go writes only when it is not zero (omitempty).
void set_count(Value& status, std::string_view key, std::int64_t count);

// -- ownership --------------------------------------------------------------------------------
bool is_controlled_by(const Value& object, const Value& owner);

// Which objects belong to an owner with this selector: those it controls and selects, those it should
// adopt (selected orphans), those it should release (controlled, selected no longer).
struct Claim {
    Objects owned;
    Objects adopt;
    Objects release;
};
Claim claim(const Value& owner, const api::LabelSelector& selector, const Objects& candidates);
// Sends the patches for adoption and release; the result is what is owned afterwards.
// An adopted object gets `finalizer`, too, if one is named.
Result<Objects> settle_claim(const client::Client& client, const api::Kind& kind, const Value& owner,
                             const Claim& claim, std::string_view finalizer = {});

// -- expectations -----------------------------------------------------------------------------
// What a controller has done and its cache has not shown yet. Without them it would create Pods twice,
// since the watch comes later than the write.
class Expectations {
public:
    void expect_creations(const std::string& key, int count, Time now);
    // Both at once; `pods`: keys of the Pods being deleted.
    void expect(const std::string& key, int creations, std::set<std::string> pods, Time now);
    void expect_deletions(const std::string& key, std::set<std::string> pods, Time now);
    void creation_observed(const std::string& key);
    void deletion_observed(const std::string& key, const std::string& pod);
    // Fulfilled, or older than five minutes, or none set.
    bool satisfied(const std::string& key, Time now) const;
    void forget(const std::string& key) { entries_.erase(key); }

private:
    struct Entry {
        int creations = 0;
        std::set<std::string> deletions;
        Time set_at;
    };
    std::map<std::string, Entry> entries_;
};

// Runs `act` `count` times in batches of 1, 2, 4, ...; stops after the first batch with an error.
// Returns how many succeeded and the first error.
struct Batch {
    int succeeded = 0;
    std::optional<Error> error;
};
Batch slow_start_batch(int count, const std::function<Result<void>()>& act);

// -- Pods from templates ----------------------------------------------------------------------
// The Pod that `owner`'s controller creates from a PodTemplateSpec (generateName "OWNER-").
Value pod_from_template(const Value& pod_template, const Value& owner);

// Creates and deletes Pods and writes the events SuccessfulCreate, FailedCreate, SuccessfulDelete and
// FailedDelete on the owner. Follows RealPodControl.
class PodControl {
public:
    PodControl(const client::Client& client, client::EventRecorder& recorder, sim::Simulation& simulation)
        : client_(client), recorder_(recorder), simulation_(simulation) {}

    Result<Value> create(const Value& pod, const Value& owner);
    Result<void> remove(const Value& pod, const Value& owner);

private:
    const client::Client& client_;
    client::EventRecorder& recorder_;
    sim::Simulation& simulation_;
};

// -- hashes -----------------------------------------------------------------------------------
// k8s.io/apimachinery/pkg/util/rand.SafeEncodeString of a 32-bit number.
std::string safe_encode(std::uint32_t hash);
// Value of the label pod-template-hash. Upstream hashes Go's dump of the struct, here it is canonical
// JSON (simplifications.json: "pod-template-hash"); `collision_count` null for none.
std::string compute_hash(const Value& pod_template, const Value& collision_count);

}  // namespace kubewalk::controllers
