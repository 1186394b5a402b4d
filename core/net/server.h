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

// What a TLS server shows of itself. Nothing is encrypted or signed (simplifications.json: "certificates");
// names, and who is said to have signed, are all that a client judges.
struct Certificate {
    std::string subject;             // common name
    std::string issuer;              // common name of the signer; equal to subject: self-signed
    std::vector<std::string> names;  // subject alternative names: "shop.example.com", "*.example.com", addresses
    friend bool operator==(const Certificate&, const Certificate&) = default;
};

struct HttpRequest {
    std::string method = "GET";
    std::string host;         // the Host header
    std::string path = "/";   // with query
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    std::optional<std::string> tls;  // spoken inside TLS, and the server name asked for (SNI; "" when an address was dialled)
};

struct HttpResponse {
    int status = 200;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    Duration took{};  // what the program needed, calls to others included
    std::optional<Certificate> certificate{};  // what the server showed; only inside TLS
};

// "OK", "Not Found", ... as a status line carries it.
std::string_view http_reason(int status);

// The server's view of who speaks to it.
struct Peer {
    SocketAddress client;  // as the server sees it, after every rewrite
    SocketAddress local;   // its own address of this connection
    bool tls = false;
    Protocol protocol = Protocol::tcp;
};

class Server : public sim::Facet {
public:
    // One HTTP exchange. The program may open connections of its own (Network::connect) meanwhile.
    virtual HttpResponse serve_http(const HttpRequest& request, const Peer& peer) = 0;
    // The certificate for that server name, where the socket speaks TLS; nothing where it does not.
    virtual std::optional<Certificate> tls_certificate(std::string_view server_name, const Peer& peer);
    // One DNS message over UDP or TCP; nothing when the program does not speak DNS.
    virtual std::optional<DnsMessage> serve_dns(const DnsMessage& query, const Peer& peer);
    // Any other protocol (mysql, mongodb, redis, amqp, echo): one request, one answer.
    virtual std::string serve_bytes(const std::string& bytes, const Peer& peer);
};

}  // namespace kubewalk::net
