#include "core/apiserver/status.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

Value Failure::status() const {
    Value status = Value::object({{"apiVersion", "v1"},
                                  {"kind", "Status"},
                                  {"metadata", Value::object()},
                                  {"status", "Failure"},
                                  {"message", message},
                                  {"code", code}});
    if (bare) {
        status.erase("apiVersion");
        status.erase("kind");
    }
    if (!go_on.empty())
        status.edit("metadata").set("continue", go_on);
    if (!reason.empty())
        status.set("reason", reason);
    Value details = Value::object();
    if (!name.empty())
        details.set("name", name);
    if (!group.empty())
        details.set("group", group);
    if (!kind.empty())
        details.set("kind", kind);
    for (const auto& cause : causes) {
        Value entry = Value::object();
        if (!cause.reason.empty())
            entry.set("reason", cause.reason);
        if (!cause.message.empty())
            entry.set("message", cause.message);
        if (!cause.field.empty())
            entry.set("field", cause.field);
        details.edit("causes").push_back(std::move(entry));
    }
    if (!details.empty())
        status.set("details", std::move(details));
    return status;
}

client::Response Failure::response() const {
    client::Response response;
    response.code = code;
    response.body = status();
    return response;
}

namespace status {

namespace {

Failure about(const api::Kind& kind, std::string_view name, int code, std::string_view reason) {
    Failure failure;
    failure.code = code;
    failure.reason = reason;
    failure.group = kind.group;
    failure.kind = kind.resource;
    failure.name = name;
    return failure;
}

Failure plain(int code, std::string_view reason, std::string_view message) {
    Failure failure;
    failure.code = code;
    failure.reason = reason;
    failure.message = message;
    return failure;
}

}  // namespace

Failure not_found(const api::Kind& kind, std::string_view name) {
    Failure failure = about(kind, name, 404, "NotFound");
    failure.message = cat(kind.group_resource(), " ", quoted(name), " not found");
    return failure;
}

Failure already_exists(const api::Kind& kind, std::string_view name) {
    Failure failure = about(kind, name, 409, "AlreadyExists");
    failure.message = cat(kind.group_resource(), " ", quoted(name), " already exists");
    return failure;
}

Failure conflict(const api::Kind& kind, std::string_view name, std::string_view why) {
    Failure failure = about(kind, name, 409, "Conflict");
    failure.message = cat("Operation cannot be fulfilled on ", kind.group_resource(), " ", quoted(name), ": ", why);
    return failure;
}

Failure modified(const api::Kind& kind, std::string_view name) {
    return conflict(kind, name,
                    "the object has been modified; please apply your changes to the latest version and try again");
}

Failure forbidden(const api::Kind& kind, std::string_view name, std::string_view why) {
    Failure failure = about(kind, name, 403, "Forbidden");
    failure.message = name.empty() ? cat(kind.group_resource(), " is forbidden: ", why)
                                   : cat(kind.group_resource(), " ", quoted(name), " is forbidden: ", why);
    return failure;
}

Failure invalid(const api::Kind& kind, std::string_view name, std::vector<Failure::Cause> causes) {
    Failure failure = about(kind, name, 422, "Invalid");
    failure.kind = kind.kind;
    const auto group_kind = kind.group.empty() ? std::string(kind.kind) : cat(kind.kind, ".", kind.group);
    std::vector<std::string> texts;
    for (const auto& cause : causes)
        texts.push_back(cause.field.empty() ? cause.message : cat(cause.field, ": ", cause.message));
    failure.message = cat(group_kind, " ", quoted(name), " is invalid: ",
                          texts.size() == 1 ? texts[0] : cat("[", join(texts, ", "), "]"));
    failure.causes = std::move(causes);
    return failure;
}

Failure bad_request(std::string_view message) { return plain(400, "BadRequest", message); }

Failure method_not_allowed() {
    return plain(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

Failure create_not_allowed() {
    Failure failure = method_not_allowed();
    failure.message = "create not allowed while custom resource definition is terminating";
    return failure;
}

Failure unsupported_media_type(std::string_view accepted) {
    return plain(415, "UnsupportedMediaType",
                 cat("the body of the request was in an unknown format - accepted media types include: ", accepted));
}

Failure expired(std::string_view message) { return plain(410, "Expired", message); }

Failure internal(std::string_view message) {
    Failure failure = plain(500, "InternalError", cat("Internal error occurred: ", message));
    failure.causes.push_back({{}, std::string(message), {}});
    return failure;
}

Failure too_many_requests(std::string_view message) { return plain(429, "TooManyRequests", message); }

Failure service_unavailable(std::string_view message) { return plain(503, "ServiceUnavailable", message); }

Failure unknown_path() { return plain(404, "NotFound", "the server could not find the requested resource"); }

Failure read_timeout() {
    Failure failure = plain(504, "Timeout", "Timeout: request did not complete within the allotted timeout");
    failure.bare = true;
    return failure;
}

Failure write_timeout() {
    return plain(504, "Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded");
}

Value success() {
    return Value::object(
        {{"apiVersion", "v1"}, {"kind", "Status"}, {"metadata", Value::object()}, {"status", "Success"}});
}

}  // namespace status

}  // namespace kubewalk::apiserver
