#pragma once
// What --help prints: our own words, kubectl's form.

#include <string>

#include "core/kubectl/command.h"

namespace kubewalk::kubectl {

std::string help_text(const Command& command);
// `kubectl` alone.
std::string overview_text();
// `kubectl options`.
std::string options_text();

}  // namespace kubewalk::kubectl
