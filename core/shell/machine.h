#pragma once
// A shell between two of its commands: what it still has to run, its variables, where it stands. It runs one
// command a step, so that time can pass between them (`while true; do curl -s $URL; sleep 1; done`), and it is a
// value: a checkpoint may hold it, and so may a frame that travels between a terminal and a container.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/shell/program.h"
#include "core/shell/syntax.h"

namespace kubewalk::shell {

struct ShellState {
    ShellKind kind = ShellKind::ash;
    std::vector<std::string> positional = {"sh"};
    std::map<std::string, std::string> variables;  // those that are not exported
    std::map<std::string, std::string> exported;   // beyond the environment it was given; PWD among them
    int last = 0;
    bool exited = false;
    int exit_code = 0;
    // What a command of the running pipeline may ask: which stage it is, -1 where nobody could wait for it.
    int stage = -1;
};

class Machine {
public:
    explicit Machine(ShellKind kind = ShellKind::ash, std::vector<std::string> positional = {"sh"});

    // More to run. What the shell says of bad syntax, and then nothing is taken.
    std::optional<std::string> take(std::string_view script);
    bool idle() const { return frames_.empty() || state_.exited; }
    // Runs the next command. The context's environment and files are the machine's from then on.
    Completed step(ProcessContext& context, std::string_view input);
    // Ctrl+C: nothing is left to run.
    void stop();

    const ShellState& state() const { return state_; }
    void set_last(int exit) { state_.last = exit; }
    // "/ # ", "root@web:/# ", "$ "
    std::string prompt(const ProcessContext& context) const;

    // The stages of the pipeline that ran last, from that one on; null when there are none.
    std::shared_ptr<const Command> stages_behind(int stage) const;
    // The redirections of that stage.
    std::vector<Redirection> redirections_of(int stage) const;

    api::Value save() const;
    static Machine load(const api::Value& saved);

private:
    // Where it stands in one construct: `node` is a part of a taken script.
    struct Frame {
        const Command* node = nullptr;
        std::size_t at = 0;                // which child is next
        std::vector<std::string> values;   // of for
        bool condition = false;            // of if and while: a condition is running
    };
    void enter(const Command& node);
    // The next command that is to be run by itself, or null.
    const Command* next(ProcessContext& context);

    ShellState state_;
    std::string script_;                    // what was taken last
    std::shared_ptr<const Command> root_;   // and its tree
    std::vector<Frame> frames_;
    const Command* ran_ = nullptr;
};

// Runs what stands behind the first stage of a pipeline, once more, on all its input so far.
Completed run_stages(ProcessContext& context, const ShellState& state, const Command& stages, std::string_view input);

// Some stage must see the end of its input before it can say anything: sort, wc, tail, ...
bool needs_all(const Command& stages);

// The path of a process that stands in $PWD.
std::string absolute_path(const ProcessContext& context, std::string_view path);

}  // namespace kubewalk::shell
