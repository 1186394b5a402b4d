#pragma once
// What a program answers. A listening socket belongs to a component whose facet() is a Server;
// when a packet has made its way to the socket, the network hands over the request.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/net/address.h"
#include "core/net/dns_message.h"
#include "core/sim/simulation.h"

namespace kubewalk::net {

struct HttpRequest {
    std::string method = "GET";
    std::string host;         // the Host header
    std::string path = "/";   // with query
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
};

struct HttpResponse {
    int status = 200;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    Duration took{};  // what the program needed, calls to others included
};

// "OK", "Not Found", ... as a status line carries it.
std::string_view http_reason(int status);

// The server's view of who speaks to it.
struct Peer {
    SocketAddress client;  // as the server sees it, after every rewrite
    SocketAddress local;   // its own address of this connection
    bool tls = false;
};

class Server : public sim::Facet {
public:
    // One HTTP exchange. The program may open connections of its own (Network::connect) meanwhile.
    virtual HttpResponse serve_http(const HttpRequest& request, const Peer& peer) = 0;
    // One DNS message over UDP or TCP; nothing when the program does not speak DNS.
    virtual std::optional<DnsMessage> serve_dns(const DnsMessage& query, const Peer& peer);
    // Any other protocol (mysql, mongodb, redis, amqp, echo): one request, one answer.
    virtual std::string serve_bytes(const std::string& bytes, const Peer& peer);
};

}  // namespace kubewalk::net
