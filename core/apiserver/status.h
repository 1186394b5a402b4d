#pragma once
// metav1.Status answers with upstream's reasons, codes and wording.
// Upstream: k8s.io/apimachinery/pkg/api/errors/errors.go.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/api/kinds.h"
#include "core/client/transport.h"

namespace kubewalk::apiserver {

// A Status failure as it travels through the server; `response()` is what the client gets.
struct Failure {
    struct Cause {
        std::string reason;   // "FieldValueRequired", "NamespaceTerminating", ...
        std::string message;
        std::string field;
    };

    int code = 500;
    std::string reason;  // "NotFound"; empty: unknown
    std::string message;
    // details: which object; `kind` is the plural resource except for Invalid (the Kind).
    std::string group;
    std::string kind;
    std::string name;
    std::vector<Cause> causes;
    // Written by the timeout filter, which leaves out kind and apiVersion: clients do not know it for a Status.
    bool bare = false;
    std::string go_on{};  // metadata.continue of a list that grew too old

    api::Value status() const;
    client::Response response() const;
};

// What a step of a request gives: a value or a Failure. The same shape as Result.
template <typename T>
class [[nodiscard]] Answer {
public:
    Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Answer(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    bool ok() const { return state_.index() == 0; }
    T& value() { return *std::get_if<0>(&state_); }
    const T& value() const { return *std::get_if<0>(&state_); }
    T take() { return std::move(*std::get_if<0>(&state_)); }
    const Failure& failure() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Failure> state_;
};

struct Done {};  // an Answer without a value

namespace status {

Failure not_found(const api::Kind& kind, std::string_view name);
Failure already_exists(const api::Kind& kind, std::string_view name);
Failure conflict(const api::Kind& kind, std::string_view name, std::string_view why);
// The object changed since it was read (registry.OptimisticLockErrorMsg).
Failure modified(const api::Kind& kind, std::string_view name);
Failure forbidden(const api::Kind& kind, std::string_view name, std::string_view why);
// `what` is the text after `Pod "x" is invalid: `; several errors stand in brackets.
Failure invalid(const api::Kind& kind, std::string_view name, std::vector<Failure::Cause> causes);
Failure bad_request(std::string_view message);
// The path is served, but not with this method.
Failure method_not_allowed();
// Of a kind whose definition is being deleted.
Failure create_not_allowed();
Failure unsupported_media_type(std::string_view accepted);
Failure expired(std::string_view message);
Failure internal(std::string_view message);
Failure too_many_requests(std::string_view message);
Failure service_unavailable(std::string_view message);
// The path leads nowhere.
Failure unknown_path();
// etcd does not answer. What the filter of all requests says after --request-timeout, and what a writing handler
// says after its 34 seconds (k8s.io/apiserver/pkg/server/filters/timeout.go, endpoints/handlers/finisher).
Failure read_timeout();
Failure write_timeout();

// Status of a success (delete, and the like).
api::Value success();

}  // namespace status

}  // namespace kubewalk::apiserver
