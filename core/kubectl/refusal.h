#pragma once
// Why a command did not do what was asked, and how kubectl words it.
// Upstream: k8s.io/kubectl/pkg/cmd/util/helpers.go (checkErr, StandardErrorMessage, MultilineError).

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/api/value.h"
#include "core/client/transport.h"

namespace kubewalk::kubectl {

struct Refusal {
    enum class Origin : unsigned char { kubectl, server, connection };

    Origin origin = Origin::kubectl;
    std::string text;   // kubectl's own sentence, the Status message, or the transport's failure
    api::Value status;  // metav1.Status, origin server only

    // kubectl's own sentence, without "error: ".
    static Refusal plain(std::string text);
    static Refusal from(const client::Response& response);
    // What client-go makes of a failure that is no Status (NewGenericServerResponse); `asked` is what was asked
    // for: "get pods", "post deployments.apps web", or nothing.
    static api::Value generic_status(const client::Response& response, std::string_view asked = {});

    bool is(std::string_view reason) const { return status["reason"].as_string() == reason; }
    // As one of several: "Error from server (NotFound): pods \"x\" not found", or the bare sentence.
    std::string in_list() const;
    // As the only one: ends without a newline.
    std::string alone() const;
    // cmdutil.AddSourceToErr: `error when VERB "SOURCE": ...`.
    void add_source(std::string_view verb, std::string_view source);
};

// What kubectl prints for all that went wrong, without the last newline.
std::string worded(const std::vector<Refusal>& refusals);

// A value or a Refusal. The same shape as Result.
template <typename T>
class [[nodiscard]] Answer {
public:
    Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Answer(Refusal refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}

    bool ok() const { return state_.index() == 0; }
    T& value() { return *std::get_if<0>(&state_); }
    const T& value() const { return *std::get_if<0>(&state_); }
    T take() { return std::move(*std::get_if<0>(&state_)); }
    const Refusal& refusal() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Refusal> state_;
};

struct Done {};  // an Answer without a value

}  // namespace kubewalk::kubectl
