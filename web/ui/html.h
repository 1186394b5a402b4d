#pragma once
// Markdown as HTML for the page's DOM twin and for print. Lessons may come from strangers: every character is
// escaped, and nothing but the tags below is ever written.

#include <string>
#include <string_view>

#include "web/ui/markdown.h"

namespace kubewalk::ui {

std::string html_text(std::string_view text);        // & < > " as entities
std::string html_of(const Document& document);       // p, h3, ul, ol, li, blockquote, pre, code, strong

}  // namespace kubewalk::ui
