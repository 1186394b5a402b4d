#pragma once
// Colours for what commands print: heads of tables, states of Pods, YAML and JSON. Colour is a help and never the
// only sign: the words stay what they are.

#include "web/ui/code_lines.h"

namespace kubewalk::ui {

// `command`: the line that was typed. Adds spans of a line of its output.
void paint_output(const Theme& theme, std::string_view command, std::string_view line, std::vector<CodeSpan>& spans);
// The command line itself: program, flags, quoted text.
void paint_command(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans);

}  // namespace kubewalk::ui
