#pragma once
// A script that runs over virtual time, one command after the other: what a container's `sh -c SCRIPT` does, and the
// shell of a terminal, which takes one line after the other. What it has between two commands (variables, where it
// stands) is a value, so that it belongs to a checkpoint and can travel between a terminal and a container.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/shell/interpreter.h"

namespace kubewalk::shell {

class Script {
public:
    Script() = default;
    // A shell with nothing to do yet.
    explicit Script(ShellKind kind, std::vector<std::string> positional = {"sh"});
    // A text that is no script ends at once: its first step says why, with exit code 2.
    Script(std::string_view text, ShellKind kind, std::vector<std::string> positional);

    // What to run next, with the variables it has. What the shell says when that is no script; then $? is 2 and
    // nothing is left to run.
    std::optional<std::string> take(std::string_view text);
    // Ctrl+C: nothing is left to run.
    void stop();

    void exit_on_error() { state_.exits_on_error = true; }  // sh -e

    bool empty() const { return !program_ && error_.empty(); }
    bool done() const;
    const ShellState& state() const { return state_; }
    void set_last(int exit) { state_.last = exit; }
    int exit_code() const { return state_.exited ? state_.exit_code : state_.last; }
    // The next command's words as they are written; none when a step decides something else first.
    std::vector<std::string> next_words() const;
    // Runs the next command, or takes the next decision; `elapsed` is what it took.
    Completed step(ProcessContext& context, std::string_view input = {});
    // The same, through all decisions to the next command's end.
    Completed step_to_command(ProcessContext& context, std::string_view input);
    // The command that ran last; null before the first one. Valid until take().
    const Command* ran() const { return ran_ < (program_ ? program_->size() : 0) ? &(*program_)[ran_].command : nullptr; }

    // Everything it has, as JSON. What load() cannot read is left out.
    api::Value save() const;
    static Script load(const api::Value& saved);

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

    std::string text_;
    std::shared_ptr<const Program> program_;
    std::string error_;
    ShellState state_;
    std::vector<Loop> loops_;
    std::size_t at_ = 0;
    std::size_t ran_ = SIZE_MAX;
};

}  // namespace kubewalk::shell
