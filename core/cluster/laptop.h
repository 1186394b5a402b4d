#pragma once
// One command of the learner's terminal on the laptop: kubectl, curl, ping, trace, sleep, ...

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster/session.h"
#include "core/kubectl/kubectl.h"
#include "core/shell/script.h"
#include "core/shell/terminal.h"

namespace kubewalk::cluster {

class Cluster;

struct LaptopRun {
    CommandResult result;
    std::unique_ptr<kubectl::Continuation> rest;  // of a command that goes on
    // Where the command that goes on stands in its pipeline, and what it had printed so far.
    int stage = -1;
    std::string printed{};
};

// Where a shell on the laptop begins.
inline constexpr std::string_view laptop_folder = "/root";

// Runs the next command of the script, at the present instant; never lets time pass by itself. `line` is what was
// typed, `input` what a here-document of the session's gave.
LaptopRun step_on_laptop(Cluster& cluster, shell::Script& script, std::string_view line, std::string_view input);

// The programs that only the laptop has: kubectl, trace, watch, ...
std::vector<std::string_view> laptop_programs();

// What the rest of a pipeline, and the redirections of the command before it, make of its output.
struct Piped {
    std::vector<shell::Redirection> redirections;
    std::shared_ptr<const shell::Command> stages;  // null: it prints by itself
    shell::ShellState state;
    std::string input;        // all that came out of the first command
    std::size_t shown = 0;    // bytes of the pipeline's output that were printed

    bool empty() const { return redirections.empty() && !stages; }
    // Takes more output; `ended` when there will be none.
    void pass(Cluster& cluster, kubectl::Output& more, bool ended);
};

std::vector<std::string> complete_on_laptop(const Cluster& cluster, const shell::Script& script, std::string_view line);

}  // namespace kubewalk::cluster
