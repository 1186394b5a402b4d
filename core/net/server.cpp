#include "core/net/server.h"

namespace kubewalk::net {

std::optional<Certificate> Server::tls_certificate(std::string_view, const Peer&) { return std::nullopt; }

std::optional<DnsMessage> Server::serve_dns(const DnsMessage&, const Peer&) { return std::nullopt; }

std::string_view http_reason(int status) {
    constexpr std::pair<int, std::string_view> reasons[] = {
        {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {301, "Moved Permanently"}, {302, "Found"},
        {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
        {422, "Unprocessable Entity"}, {429, "Too Many Requests"}, {500, "Internal Server Error"}, {501, "Not Implemented"},
        {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    for (const auto& [code, reason] : reasons)
        if (code == status)
            return reason;
    return "";
}

std::string Server::serve_bytes(const std::string&, const Peer&) { return {}; }

}  // namespace kubewalk::net
