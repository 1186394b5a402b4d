#pragma once
// What the last requests went through, step by step, for whoever wants to look: authentication, authorisation,
// admission, validation, the store, the watches. A ring of fixed size whose memory is used again, so that keeping
// it costs next to nothing while nobody reads. Not part of a checkpoint: going back plays the requests again.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/apiserver/authentication.h"
#include "core/base/time.h"
#include "core/sim/simulation.h"

namespace kubewalk::apiserver {

struct RequestRecord {
    enum class Verdict : std::uint8_t { allowed, changed, denied };
    enum class Phase : std::uint8_t { mutating, validating };
    struct Admission {
        std::string_view plugin;
        Phase phase = Phase::mutating;
        Verdict verdict = Verdict::allowed;
    };

    sim::CauseId entry = 0;  // the api_call in the cause log; 0: an unrecorded look
    Time at;
    std::string agent;       // "kubectl", "kubelet/node-1"
    client::Method method = client::Method::get;
    std::string path;
    bool heartbeat = false;

    // Authentication.
    std::string user;
    std::vector<std::string> groups;
    Credential credential = Credential::anonymous;
    std::string impersonated_by;  // who asked as `user`; mostly empty

    // Authorisation: "get", ("" core), "pods", "log"; for a path that is no resource, all but the verb are empty.
    std::string_view verb;
    std::string group, resource, subresource, namespace_name, name;
    bool authorised = false;
    std::string_view authorizer;                // "RBAC", "Node", "system:masters", "AlwaysAllow"; empty: nobody said yes
    std::shared_ptr<const std::string> reason;  // may be null

    std::vector<Admission> admission;
    int validation_errors = -1;  // -1: validation was not reached
    std::string store_key;       // of the last thing written; empty: nothing was
    std::int64_t revision = 0;
    int watches_told = 0;

    int code = 0;         // HTTP
    std::string message;  // of a refusal

    // As facts for the page: "apiserver.authn" {user, credential}, "apiserver.authz" {"allow"|"deny", user, verb, resource,
    // authorizer, reason}, "apiserver.admission" {plugin, "allowed"|"changed"|"denied"}, "apiserver.validation"
    // {"valid"|"invalid", errors}, "apiserver.write" {key, revision}, "apiserver.watch" {number of watches}.
    std::vector<sim::Fact> facts() const;
    // For the next request; keeps the memory.
    void clear();
};

class RequestLog {
public:
    static constexpr std::size_t capacity = 512;

    // The record of the request that begins; the oldest is overwritten when all are in use.
    RequestRecord& begin();
    // Gives back what begin() gave: the request left no trace.
    void drop_last();
    std::size_t size() const { return size_; }
    // 0 is the newest.
    const RequestRecord& recent(std::size_t index) const;
    // Null when it is gone, or the entry is no request.
    const RequestRecord* find(sim::CauseId entry) const;
    void clear();

private:
    std::deque<RequestRecord> ring_;
    std::size_t next_ = 0;
    std::size_t size_ = 0;
};

}  // namespace kubewalk::apiserver
