#pragma once
// How the API server reaches into nodes: the kubelet's exec and log endpoints. core/cluster
// implements it. Streams are one answer here (simplifications.json: "exec-not-streamed").

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace kubewalk::apiserver {

struct ContainerAddress {
    std::string node;
    std::string namespace_name;
    std::string pod;
    std::string container;
    bool tty = false;
};

struct ExecResult {
    int exit_code = 0;
    std::string stdout_text;
    std::string stderr_text;
    Duration elapsed;  // virtual time the program took
};

// v1.PodLogOptions.
struct LogOptions {
    bool previous = false;
    bool timestamps = false;
    std::optional<std::int64_t> tail_lines;
    std::optional<std::int64_t> since_seconds;
    std::optional<std::int64_t> limit_bytes;
};

// A request that the API server makes itself, from the control plane's node.
struct ProxyRequest {
    std::string scheme;   // "http", "https"
    std::string address;  // "10.244.1.4:80"; without a port the scheme's own
    std::string method;
    std::string path;     // with query
    std::string host;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
};
struct ProxyResponse {
    int status = 200;
    std::map<std::string, std::string> headers;  // lower-case names
    std::string body;
    Duration elapsed;
};

class Dialer {
public:
    virtual ~Dialer() = default;

    // Errors are what the kubelet answers: reason "BadRequest", "NotFound" or "InternalError".
    virtual Result<ExecResult> exec(const ContainerAddress& address, const std::vector<std::string>& argv,
                                    const std::string& stdin_text) = 0;
    virtual Result<std::string> logs(const ContainerAddress& address, const LogOptions& options) = 0;

    // Error: the message as Go's HTTP client words it: "dial tcp 10.244.1.4:80: connect: connection refused".
    virtual Result<ProxyResponse> http(const ProxyRequest& request) = 0;
    // The same inside a Pod's own network, to a port of its loopback (kubectl port-forward). Error: reason as
    // of exec(), or "Forwarding" and why the port could not be reached.
    virtual Result<ProxyResponse> forward(const ContainerAddress& address, std::uint16_t port, const ProxyRequest& request) = 0;
};

}  // namespace kubewalk::apiserver
