#pragma once
// How the API server reaches into nodes: the kubelet's exec and log endpoints. core/cluster
// implements it. Streams are one answer here (simplifications.json: "exec-not-streamed").

#include <cstdint>
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

class Dialer {
public:
    virtual ~Dialer() = default;

    // Errors are what the kubelet answers: reason "BadRequest", "NotFound" or "InternalError".
    virtual Result<ExecResult> exec(const ContainerAddress& address, const std::vector<std::string>& argv,
                                    const std::string& stdin_text) = 0;
    virtual Result<std::string> logs(const ContainerAddress& address, const LogOptions& options) = 0;
};

}  // namespace kubewalk::apiserver
