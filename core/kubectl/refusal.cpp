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

Refusal Refusal::from(const client::Response& response) {
    if (response.code == 0)
        return {Origin::connection, response.failure, {}};
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
