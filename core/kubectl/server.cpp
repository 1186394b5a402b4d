#include "core/kubectl/server.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using client::Request;
using client::Response;

namespace {

std::string escaped(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            append(out, '%', hex[byte >> 4], hex[byte & 15]);
        }
    }
    return out;
}

std::string url_of(const std::string& address, const Request& request) {
    std::string url = address + request.path;
    char separator = '?';
    for (const auto& [key, values] : request.query)
        for (const auto value : split(values, '\n')) {
            append(url, separator, key, "=", escaped(value));
            separator = '&';
        }
    return url;
}

// "get pods web", "post deployments.apps": the verb and the resource of a path; nothing for other paths.
std::string asked_for(const Request& request) {
    auto parts = split(request.path, '/');  // "", "api", "v1", ... or "", "apis", GROUP, VERSION, ...
    const bool core = parts.size() > 3 && parts[1] == "api";
    if (!core && (parts.size() <= 4 || parts[1] != "apis"))
        return {};
    const auto group = core ? std::string_view() : parts[2];
    parts.erase(parts.begin(), parts.begin() + (core ? 3 : 4));
    if (parts[0] == "namespaces" && parts.size() > 2)
        parts.erase(parts.begin(), parts.begin() + 2);
    auto text = cat(to_lower(client::method_name(request.method)), " ", parts[0]);
    if (!group.empty())
        append(text, ".", group);
    if (parts.size() > 1)
        append(text, " ", parts[1]);
    return text;
}

std::string_view status_word(int code) {
    struct Status {
        int code;
        std::string_view text;
    };
    static constexpr Status known[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {400, "Bad Request"}, {401, "Unauthorized"},
                                     {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {409, "Conflict"}, {410, "Gone"},
                                     {415, "Unsupported Media Type"}, {422, "Unprocessable Entity"}, {429, "Too Many Requests"},
                                     {500, "Internal Server Error"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    for (const auto& status : known)
        if (status.code == code)
            return status.text;
    return "";
}

// klog's head of a line: "I0101 00:03:12.402000    4001 round_trippers.go:632] ".
std::string head(Time now, std::string_view place) {
    const auto text = to_rfc3339_micro(now);  // 2026-01-01T00:03:12.402000Z
    return cat("I", text.substr(5, 2), text.substr(8, 2), " ", text.substr(11, 15), "    4001 ", place, "] ");
}

// helper.go's truncateBody: so much of a body each level shows.
std::string shown_body(const api::Value& body, int verbosity) {
    std::string text = body.is_null() ? std::string() : body.is_string() ? body.str() : api::to_json(body);
    const std::size_t most = verbosity == 8 ? 1024 : verbosity == 9 ? 10240 : text.size();
    if (text.size() > most)
        text = cat(text.substr(0, most), " [truncated ", text.size() - most, " chars]");
    if (text.find('\n') == std::string::npos)
        return quoted(text);
    return cat("<\n\t", replace_all(text, "\n", "\n\t"), "\n >");
}

}  // namespace

void Server::impersonate(std::string user, std::vector<std::string> groups) {
    acting_user_ = std::move(user);
    acting_groups_ = std::move(groups);
}

Request Server::request(client::Method method, std::string path) const {
    Request request;
    request.method = method;
    request.path = std::move(path);
    request.user = user_;
    if (!token_.empty())
        request.headers["Authorization"] = cat("Bearer ", token_);
    request.agent = "kubectl";
    if (!acting_user_.empty())
        request.headers["Impersonate-User"] = acting_user_;
    if (!acting_groups_.empty())
        request.headers["Impersonate-Group"] = join(acting_groups_, "\n");
    request.unrecorded = recorded_ == Recorded::no;
    request.without_managed_fields = !managed_fields_;
    return request;
}

// Upstream: k8s.io/client-go/transport/round_trippers.go (debuggingRoundTripper), rest/request.go.
void Server::note_request(const Request& request) {
    if (verbosity_ >= 8)
        append(notes_, head(now_, "helper.go:113"), "\"Request Body\" body=", shown_body(request.body, verbosity_), "\n");
    append(notes_, head(now_, "round_trippers.go:527"), "\"Request\" verb=", quoted(client::method_name(request.method)), " url=",
           quoted(url_of(address_, request)), " headers=<\n");
    std::map<std::string, std::string> headers = request.headers;
    headers.emplace("Accept", "application/json");
    headers["User-Agent"] = "kubectl/v1.36.4 (linux/amd64) kubernetes/bb826b1";
    if (!request.body.is_null())
        headers.emplace("Content-Type", "application/json");
    for (const auto& [name, value] : headers)
        append(notes_, "\t", name, ": ", name == "Authorization" ? "Bearer <masked>" : replace_all(value, "\n", ","), "\n");
    notes_ += " >\n";
}

void Server::note_response(const Request& request, const Response& response) {
    append(notes_, head(now_, "round_trippers.go:632"), "\"Response\"");
    if (verbosity_ == 6)
        append(notes_, " verb=", quoted(client::method_name(request.method)), " url=", quoted(url_of(address_, request)));
    append(notes_, " status=", quoted(response.code == 0 ? std::string() : cat(response.code, " ", status_word(response.code))));
    if (verbosity_ >= 8) {
        notes_ += " headers=<\n";
        auto headers = response.headers;
        headers.emplace("Content-Type", "application/json");
        for (const auto& [name, value] : headers)
            append(notes_, "\t", name, ": ", value, "\n");
        notes_ += " >";
    }
    notes_ += " milliseconds=0\n";
    if (verbosity_ >= 8 && response.code != 0)
        append(notes_, head(now_, "helper.go:113"), "\"Response Body\" body=", shown_body(response.body, verbosity_), "\n");
}

Response Server::send(Request request) {
    const auto asked = asked_for(request);
    auto response = exchange(std::move(request));
    if (response.code >= 400 && response.body["kind"].is_null())
        response.body = Refusal::generic_status(response, asked);
    return response;
}

Response Server::exchange(Request request) {
    if (verbosity_ >= 7)
        note_request(request);
    auto response = transport_->send(request);
    if (verbosity_ >= 6)
        note_response(request, response);
    // rest.WarningWriterOptions: Deduplicate.
    for (const auto& warning : response.warnings) {
        if (std::find(warned_.begin(), warned_.end(), warning) != warned_.end())
            continue;
        warned_.push_back(warning);
        append(notes_, "Warning: ", warning, "\n");
    }
    return response;
}

Answer<api::Value> Server::answer(Request request) {
    auto response = send(std::move(request));
    if (!response.ok())
        return Refusal::from(response);
    return std::move(response.body);
}

Answer<api::Value> Server::get(const api::Kind& kind, std::string_view namespace_name, std::string_view name) {
    return answer(request(client::Method::get, api::object_path(kind, namespace_name, name)));
}

Answer<api::Value> Server::list(const api::Kind& kind, std::string_view namespace_name, std::string_view label_selector,
                                std::string_view field_selector) {
    auto wanted = request(client::Method::get, api::collection_path(kind, namespace_name));
    if (!label_selector.empty())
        wanted.query["labelSelector"] = label_selector;
    if (!field_selector.empty())
        wanted.query["fieldSelector"] = field_selector;
    return answer(std::move(wanted));
}

Server Server::quiet() const {
    Server copy = *this;
    copy.recorded_ = Recorded::no;
    copy.notes_.clear();
    return copy;
}

std::string Server::take_notes() { return std::exchange(notes_, {}); }

}  // namespace kubewalk::kubectl
