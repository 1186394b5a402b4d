#include "core/client/leader_election.h"

#include "core/base/text.h"

#include <utility>

namespace kubewalk::client {

using api::Value;

namespace {
constexpr Duration lease_duration = seconds(15);
constexpr Duration renew_deadline = seconds(10);
constexpr Duration retry_period = seconds(2);
constexpr double jitter = 1.2;
constexpr std::string_view lease_namespace = "kube-system";
}  // namespace

LeaderElector::LeaderElector(Client client, std::string lease, std::string identity, std::string component)
    : client_(std::move(client)),
      recorder_(client_, std::move(component)),
      lease_(std::move(lease)),
      identity_(std::move(identity)) {}

LeaderElector::Verdict LeaderElector::start(sim::Simulation& simulation, sim::ComponentId owner,
                                            std::uint32_t event_code) {
    owner_ = owner;
    event_code_ = event_code;
    return step(simulation);
}

LeaderElector::Verdict LeaderElector::step(sim::Simulation& simulation) {
    // Not renewed within the deadline (the process stood still, or nobody answered): given up, whatever the next try would bring.
    if (leads_ && simulation.now() - renewed_ > renew_deadline) {
        leads_ = false;
        schedule(simulation, Attempt::taken_by_other);
        return Verdict::lost;
    }
    const Attempt attempt = acquire_or_renew(simulation);
    schedule(simulation, attempt);
    if (attempt == Attempt::held) {
        renewed_ = simulation.now();
        return std::exchange(leads_, true) ? Verdict::unchanged : Verdict::became_leader;
    }
    if (leads_ && attempt == Attempt::taken_by_other) {
        leads_ = false;
        return Verdict::lost;
    }
    return Verdict::unchanged;
}

void LeaderElector::schedule(sim::Simulation& simulation, Attempt attempt) {
    // Renewals come every two seconds sharp, tries to acquire with jitter.
    Duration delay = retry_period;
    if (attempt != Attempt::held) {
        const double share = simulation.random().stream(cat(identity_, "/", lease_, "/", ++tries_)).unit() * jitter;
        delay = delay + Duration{static_cast<std::int64_t>(static_cast<double>(retry_period.ns) * share)};
    }
    // Waiting for a lease to run out is progress; renewing it, or knocking at a door that nobody opens, is none.
    const auto urgency = attempt == Attempt::taken_by_other ? sim::Urgency::work : sim::Urgency::background;
    simulation.schedule(owner_, delay, event_code_, urgency);
}

LeaderElector::Attempt LeaderElector::acquire_or_renew(sim::Simulation& simulation) {
    const Client quiet = leads_ ? client_.heartbeats() : client_;
    auto found = quiet.get(api::kind::leases, lease_namespace, lease_);
    if (!found.ok()) {
        if (found.error().reason != "NotFound")
            return Attempt::unreachable;
        const Value fresh = Value::object(
            {{"apiVersion", "coordination.k8s.io/v1"},
             {"kind", "Lease"},
             {"metadata", Value::object({{"name", lease_}, {"namespace", lease_namespace}})},
             {"spec", Value::object({{"holderIdentity", identity_},
                                     {"leaseDurationSeconds", lease_duration.whole_seconds()},
                                     {"acquireTime", to_rfc3339_micro(simulation.now())},
                                     {"renewTime", to_rfc3339_micro(simulation.now())},
                                     {"leaseTransitions", 0}})}});
        const auto created = client_.create(api::kind::leases, fresh);
        if (!created.ok())
            return created.error().reason == "AlreadyExists" ? Attempt::taken_by_other : Attempt::unreachable;
        recorder_.record(simulation, created.value(), EventType::normal, "LeaderElection",
                         cat(identity_, " became leader"));
        return Attempt::held;
    }
    const Value& lease = found.value();
    const auto holder = lease["spec"]["holderIdentity"].as_string();
    const std::string state = cat(holder, "/", lease["spec"]["renewTime"].as_string());
    if (state != seen_) {
        seen_ = state;
        seen_at_ = simulation.now();
    }
    const bool ours = holder == identity_;
    if (!ours && !holder.empty() && seen_at_ + lease_duration > simulation.now())
        return Attempt::taken_by_other;
    return write(simulation, lease, ours);
}

LeaderElector::Attempt LeaderElector::write(sim::Simulation& simulation, const Value& lease, bool renewal) {
    Value next = lease;
    Value& spec = next.edit("spec");
    const std::string now = to_rfc3339_micro(simulation.now());
    spec.set("renewTime", now);
    if (!renewal) {
        spec.set("holderIdentity", identity_);
        spec.set("acquireTime", now);
        spec.set("leaseDurationSeconds", lease_duration.whole_seconds());
        spec.set("leaseTransitions", lease["spec"]["leaseTransitions"].as_int() + 1);
    }
    const auto written = (renewal ? client_.heartbeats() : client_).update(api::kind::leases, next);
    if (!written.ok())
        return written.error().reason == "Conflict" ? Attempt::taken_by_other : Attempt::unreachable;
    seen_ = cat(identity_, "/", now);
    seen_at_ = simulation.now();
    if (!renewal)
        recorder_.record(simulation, written.value(), EventType::normal, "LeaderElection",
                         cat(identity_, " became leader"));
    return Attempt::held;
}

}  // namespace kubewalk::client
