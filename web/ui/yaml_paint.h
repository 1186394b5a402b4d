#pragma once
// Colours for a line of YAML: keys, numbers, strings, comments. Line by line: good enough for manifests.

#include <string_view>
#include <vector>

#include "web/ui/code_lines.h"

namespace kubewalk::ui {

void paint_yaml(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans);

}  // namespace kubewalk::ui
