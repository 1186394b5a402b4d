#include "core/kubectl/server.h"

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using client::Request;
using client::Response;

namespace {

std::string url_of(const Request& request) {
    std::string url = request.path;
    char separator = '?';
    for (const auto& [key, value] : request.query) {
        append(url, separator, key, "=", replace_all(value, "\n", " "));
        separator = '&';
    }
    return url;
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
    request.agent = "kubectl";
    if (!acting_user_.empty())
        request.headers["Impersonate-User"] = acting_user_;
    if (!acting_groups_.empty())
        request.headers["Impersonate-Group"] = join(acting_groups_, "\n");
    request.unrecorded = recorded_ == Recorded::no;
    return request;
}

Response Server::send(Request request) {
    const auto response = transport_->send(request);
    for (const auto& warning : response.warnings)
        append(notes_, "Warning: ", warning, "\n");
    if (verbosity_ >= 6)
        append(notes_, client::method_name(request.method), " ", url_of(request), " ",
               response.code ? cat(response.code) : response.failure, "\n");
    if (verbosity_ >= 8) {
        if (!request.body.is_null())
            append(notes_, "Request Body: ", api::to_json(request.body), "\n");
        append(notes_, "Response Body: ", api::to_json(response.body), "\n");
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
