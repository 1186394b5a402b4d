#include "core/client/transport.h"

namespace kubewalk::client {

std::string_view method_name(Method method) {
    static constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    return names[static_cast<int>(method)];
}

std::string_view watch_type_name(WatchType type) {
    static constexpr std::string_view names[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"};
    return names[static_cast<int>(type)];
}

Error to_error(const Response& response) {
    Error error;
    if (response.code == 0) {
        error.reason = "ConnectionRefused";
        error.message = response.failure;
        return error;
    }
    error.reason = response.body["reason"].as_string("Unknown");
    error.message = response.body["message"].as_string();
    error.field = response.body["details"]["causes"][0]["field"].as_string();
    return error;
}

}  // namespace kubewalk::client
