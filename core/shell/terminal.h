#pragma once
// What a terminal needs of its shell beside the script: the prompt, and the rest of a pipeline whose first command
// goes on (`kubectl get pods -w | grep web`).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell/interpreter.h"

namespace kubewalk::shell {

// A shell inside a container gets MARK STATE MARK TYPED as its input; its output, MARK and its new state come back
// (core/kubectl/attaching.h has the other end).
inline constexpr char session_mark = '\x05';

// "/ # ", "root@web:/# ", "$ "
std::string prompt(const ShellState& state, const ProcessContext& context);

// The stages of a pipeline behind that one; null when there are none.
std::shared_ptr<const Command> stages_behind(const Command* command, int stage);
// The redirections of that stage.
std::vector<Redirection> redirections_of(const Command* command, int stage);
// Runs those stages once more, on all their input so far.
Completed run_stages(ProcessContext& context, const ShellState& state, const Command& stages, std::string_view input);
// Some stage must see the end of its input before it can say anything: sort, wc, tail, ...
bool needs_all(const Command& stages);

}  // namespace kubewalk::shell
