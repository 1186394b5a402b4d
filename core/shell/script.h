#pragma once
// A script that runs over virtual time, one command after the other: what a container's `sh -c SCRIPT` does. What it
// has between two commands (variables, where it stands) is a value, so that it belongs to a checkpoint.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell/interpreter.h"

namespace kubewalk::shell {

class Script {
public:
    Script() = default;
    // A text that is no script ends at once: its first step says why, with exit code 2.
    Script(std::string_view text, ShellKind kind, std::vector<std::string> positional, std::map<std::string, std::string> environment);

    void exit_on_error() { state_.exits_on_error = true; }  // sh -e

    bool empty() const { return !program_ && error_.empty(); }
    bool done() const;
    int exit_code() const { return state_.exited ? state_.exit_code : state_.last; }
    // The next command's words as they are written; none when a step decides something else first.
    std::vector<std::string> next_words() const;
    // Runs the next command, or takes the next decision; `elapsed` is what it took.
    Completed step(ProcessContext& context);

private:
    void leave_after_failure(int exit);

    friend class ScriptCompiler;

    // The commands of the script in a row, with jumps for what its syntax decides.
    struct Instruction {
        enum class Kind : std::uint8_t { run, jump, jump_if_failed, jump_if_ok, succeed, begin_for, next_for } kind = Kind::run;
        Command command{};       // run; begin_for: its words
        std::size_t target = 0;  // of jumps; next_for: behind the loop
    };
    using Program = std::vector<Instruction>;
    // The values of a `for` that is under way.
    struct Loop {
        std::size_t at = 0;  // its next_for
        std::string name;
        std::vector<std::string> values;
        std::size_t next = 0;
    };

    std::shared_ptr<const Program> program_;
    std::string error_;
    ShellKind kind_ = ShellKind::ash;
    ShellState state_;
    std::vector<Loop> loops_;
    std::size_t at_ = 0;
};

}  // namespace kubewalk::shell
