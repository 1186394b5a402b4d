#pragma once
// The shell's inside: what a script has between two of its commands, and one command run in it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell/program.h"
#include "core/shell/syntax.h"

namespace kubewalk::shell {

// A value: a script that goes on later takes it along.
struct ShellState {
    std::vector<std::string> positional;           // $0, $1, ...
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> exported;   // changed since the start
    int last = 0;                                  // $?
    bool exits_on_error = false;                   // set -e
    bool exited = false;
    int exit_code = 0;
};

// Runs one command to its end; its exit code is in state.last.
void execute_command(ProcessContext& context, ShellKind kind, ShellState& state, const Command& command, std::string_view input,
                     Completed& result);
// The words of a `for`, expanded.
std::vector<std::string> expand_words(ProcessContext& context, ShellKind kind, ShellState& state, const std::vector<std::string>& words);

}  // namespace kubewalk::shell
