#include "core/kubectl/refusal.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::kubectl {

namespace {

// "dial tcp 192.168.122.11:6443: connect: connection refused" -> the address.
std::string connection_sentence(const std::string& failure) {
    constexpr std::string_view dialled = "dial tcp ";
    const auto begin = failure.find(dialled);
    const auto end = failure.find(": connect: connection refused");
    if (begin == std::string::npos || end == std::string::npos)
        return cat("Unable to connect to the server: ", failure);
    const auto at = begin + dialled.size();
    return cat("The connection to the server ", failure.substr(at, end - at),
               " was refused - did you specify the right host or port?");
}

// `The Deployment "x" is invalid: spec.replicas: Invalid value: ...`, several as a list of bullets.
std::string invalid_sentence(const api::Value& status) {
    const auto& details = status["details"];
    std::string sentence = "The request is invalid";
    if (details.is_null()) {
        if (!status["message"].as_string().empty())
            append(sentence, ": ", status["message"].as_string());
        return sentence;
    }
    if (!details["kind"].as_string().empty() || !details["name"].as_string().empty())
        sentence = cat("The ", details["kind"].as_string(), " ", quoted(details["name"].as_string()), " is invalid");
    else if (!status["message"].as_string().empty() && details["causes"].empty())
        append(sentence, ": ", status["message"].as_string());
    std::vector<std::string> causes;
    for (const auto& cause : details["causes"].items()) {
        auto message = cat(cause["field"].as_string(), ": ", cause["message"].as_string());
        if (std::find(causes.begin(), causes.end(), message) == causes.end())
            causes.push_back(std::move(message));
    }
    if (causes.empty())
        return sentence;
    if (causes.size() == 1)
        return cat(sentence, ": ", causes[0]);
    append(sentence, ": ");
    for (const auto& cause : causes)
        append(sentence, "\n* ", cause);
    return sentence;
}

}  // namespace

Refusal Refusal::plain(std::string text) { return {Origin::kubectl, std::move(text), {}}; }

// Such an answer comes from programs behind the API server's proxy, and from its timeout filter.
// Upstream: k8s.io/apimachinery/pkg/api/errors, NewGenericServerResponse.
api::Value Refusal::generic_status(const client::Response& response, std::string_view asked) {
    struct Known {
        int code;
        std::string_view reason;
        std::string_view message;
    };
    static constexpr Known table[] = {
        {400, "BadRequest", "the server rejected our request for an unknown reason"},
        {401, "Unauthorized", "the server has asked for the client to provide credentials"},
        {403, "Forbidden", ""},
        {404, "NotFound", "the server could not find the requested resource"},
        {405, "MethodNotAllowed", "the server does not allow this method on the requested resource"},
        {406, "NotAcceptable", ""},
        {409, "Conflict", "the server reported a conflict"},
        {422, "Invalid", "the server rejected our request due to an error in our request"},
        {429, "TooManyRequests", "the server has received too many requests and has asked us to try again later"},
        {503, "ServiceUnavailable", "the server is currently unable to handle the request"},
        {504, "Timeout", "the server was unable to return a response in the time allotted, but may still be processing the request"}};
    const std::string said(response.body.is_string() ? trim(response.body.as_string()) : std::string_view());
    auto reason = std::string(response.code >= 500 ? "InternalError" : "");
    auto message = response.code >= 500 ? cat("an error on the server (", quoted(said), ") has prevented the request from succeeding")
                                        : cat("the server responded with the status code ", response.code, " but did not return more information");
    for (const auto& known : table)
        if (known.code == response.code) {
            reason = known.reason;
            message = known.message.empty() ? said : std::string(known.message);
        }
    if (!asked.empty())
        append(message, " (", asked, ")");
    return api::Value::object({{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}, {"reason", reason}, {"message", message}, {"code", response.code}});
}

Refusal Refusal::from(const client::Response& response) {
    if (response.code == 0)
        return {Origin::connection, response.failure, {}};
    if (response.body["kind"].is_null()) {
        auto status = generic_status(response);
        return {Origin::server, status["message"].str(), status};
    }
    return {Origin::server, response.body["message"].str("unknown"), response.body};
}

std::string Refusal::in_list() const {
    switch (origin) {
        case Origin::kubectl: return text;
        case Origin::connection: return connection_sentence(text);
        case Origin::server: break;
    }
    const auto reason = status["reason"].as_string();
    if (reason == "Unauthorized")
        return cat("error: You must be logged in to the server (", text, ")");
    return reason.empty() ? cat("Error from server: ", text) : cat("Error from server (", reason, "): ", text);
}

std::string Refusal::alone() const {
    if (origin == Origin::server && is("Invalid"))
        return invalid_sentence(status);
    const auto sentence = in_list();
    return origin == Origin::kubectl && !sentence.starts_with("error: ") ? cat("error: ", sentence) : sentence;
}

void Refusal::add_source(std::string_view verb, std::string_view source) {
    if (origin == Origin::connection || source.empty())
        return;
    text = cat("error when ", verb, " ", quoted(source), ": ", text);
    if (origin == Origin::server)
        status.set("message", text);
}

std::string worded(const std::vector<Refusal>& refusals) {
    if (refusals.size() == 1)
        return refusals[0].alone();
    std::string lines;
    for (const auto& refusal : refusals)
        append(lines, lines.empty() ? "" : "\n", refusal.in_list());
    return lines;
}

}  // namespace kubewalk::kubectl
