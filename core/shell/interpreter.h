#pragma once
// Runs one command of a parsed script in the state of its shell (interpret.cpp).

#include <string>
#include <string_view>
#include <vector>

#include "core/shell/machine.h"

namespace kubewalk::shell {

Completed interpret(ProcessContext& context, ShellState& state, const Command& command, std::string_view input);
// The words after all expansions, as `for` takes them.
std::vector<std::string> expanded(ProcessContext& context, ShellState& state, const std::vector<std::string>& words);

}  // namespace kubewalk::shell
