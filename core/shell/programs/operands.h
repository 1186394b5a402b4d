#pragma once
// What programs that read texts share.

#include <string>
#include <string_view>
#include <vector>

#include "core/shell/programs.h"

namespace kubewalk::shell {

// Reads the operands one after the other, "-" and none being standard input; reports missing files. False when one
// was missing.
bool read_operands(Process& process, const std::vector<std::string>& operands, std::string& text);

// Without the line ends; the last line may lack its own.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace kubewalk::shell
