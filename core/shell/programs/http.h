#pragma once
// What wget and curl share: look the name up, connect to its addresses in turn, one exchange.

#include <functional>
#include <optional>

#include "core/shell/program.h"

namespace kubewalk::shell {

enum class FetchError : std::uint8_t { none, name, connect, tls, certificate, exchange };

struct Fetch {
    FetchError error = FetchError::none;
    net::Resolution resolution;
    net::Ip address;              // the last one tried
    net::Outcome outcome = net::Outcome::delivered;
    std::string reason;           // strerror of connect, or of the exchange
    bool timed_out = false;
    std::optional<net::Certificate> certificate;  // with TLS: what the server showed
    net::HttpResponse response;
    Duration connect_elapsed{};
    net::SocketAddress local;
};

struct FetchTarget {
    std::string host;
    std::uint16_t port = 80;
    std::optional<net::Ip> address;  // curl --resolve: no lookup
};

// Does the client believe the certificate? Empty when it does, else why not.
using CheckCertificate = std::function<std::string(const net::Certificate& certificate)>;

// `connect_limit` bounds each attempt to connect. Adds the time taken to the process. With request.tls the
// server's certificate goes through `check` (none: all is believed) before anything is asked.
Fetch fetch(Process& process, const FetchTarget& target, const net::HttpRequest& request, Duration connect_limit,
            net::WantFamilies families = net::WantFamilies::both, const CheckCertificate& check = nullptr);

}  // namespace kubewalk::shell
