#pragma once
// The shell's inside: what a script has between two of its commands, and one command run in it.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell/program.h"
#include "core/shell/syntax.h"

namespace kubewalk::shell {

// A value: a script that goes on later takes it along.
struct ShellState {
    ShellKind kind = ShellKind::ash;
    std::vector<std::string> positional;           // $0, $1, ...
    std::map<std::string, std::string> variables;  // set by the script; the environment's lie in the context
    std::map<std::string, std::string> exported;   // changed since the start; PWD among them
    std::set<std::string> removed;                 // of the environment's: `unset`
    int last = 0;                                  // $?
    bool exits_on_error = false;                   // set -e
    bool exited = false;
    int exit_code = 0;
};

// The context's environment as the script has made it.
void bring_environment(ProcessContext& context, const ShellState& state);

// Runs one command to its end; its exit code is in state.last.
void execute_command(ProcessContext& context, ShellState& state, const Command& command, std::string_view input, Completed& result);
// The words of a `for`, expanded.
std::vector<std::string> expand_words(ProcessContext& context, ShellState& state, const std::vector<std::string>& words);
// What `NAME=VALUE` does.
void assign_variable(ProcessContext& context, ShellState& state, const std::string& name, const std::string& value);

}  // namespace kubewalk::shell
