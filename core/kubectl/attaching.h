#pragma once
// Being inside a container: a shell with its prompt (exec -it, attach, run -it, debug -it), and following what a
// container writes until it ends.
//
// Streams come back as one object here (simplifications.json: "exec-not-streamed"). A shell that has a terminal
// takes part in it by frames: standard input begins with mark, state, mark; then what was typed. Its output ends with
// mark and the new state, JSON: {"prompt": "/ # ", "running": false, "ended": false, "exit": 0, ...}. Real clients
// mark channels of one connection by a first byte, too (remotecommand, channel.k8s.io).
// Upstream: k8s.io/kubectl/pkg/cmd/{exec,attach,run,debug}.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/removal.h"

namespace kubewalk::kubectl {

constexpr char session_mark = '\x05';

// Opens a shell in the container. Nothing when the program is no shell: then `answer` is all there is.
std::unique_ptr<Continuation> open_shell(Server& server, client::Request exec, Time now, Output& output, Duration& elapsed);

// What follows once a container runs.
struct AttachPlan {
    std::string namespace_name;
    std::string pod;
    std::string container;
    std::string list = "containerStatuses";  // or ephemeralContainerStatuses
    bool terminal = false;      // -it: a shell, when the container's program is one
    bool remove = false;        // --rm
    bool wait_for_end = false;  // the exit code of the container is kubectl's
    bool quiet = false;
    Duration patience = minutes(1);
    std::vector<Info> created;  // what --rm deletes
};
std::unique_ptr<Continuation> attach_when_running(const Server& server, AttachPlan plan, Time now);

}  // namespace kubewalk::kubectl
