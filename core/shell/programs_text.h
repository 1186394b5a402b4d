#pragma once
// Programs that work on the lines of a pipe; programs.cpp gives them their names.

#include "core/shell/program.h"

namespace kubewalk::shell {

// programs/columns.cpp
int uniq_main(Process& process);
int cut_main(Process& process);
int tr_main(Process& process);
int tac_main(Process& process);
int nl_main(Process& process);
int sed_main(Process& process);
int awk_main(Process& process);
int base64_main(Process& process);
int xargs_main(Process& process);
int clear_main(Process& process);
// programs/jq.cpp
int jq_main(Process& process);

// One program over several lines of a shell (programs/sh.cpp): what a terminal and a container exchange.
inline constexpr char session_mark = '\x05';

}  // namespace kubewalk::shell
