#pragma once
// A language that the page's program does not carry: one file of the site with the interface's words, the simplifications'
// and the first lesson's text (cmake/dist/make_dist.py). Programs that carry all languages never ask for it.

#include <string>
#include <string_view>
#include <vector>

#include "web/app/platform.h"
#include "web/app/simplifications.h"
#include "web/app/strings.h"

namespace kubewalk::app {

enum class PackState : unsigned char { coming, missing, here };

std::string language_pack_file(std::string_view language);
// Adds the pack's words to what is there once the pack and the letters that the language is written with have come.
PackState take_language(Platform& platform, std::string_view language, Strings& words, std::vector<Simplification>& simplifications);

}  // namespace kubewalk::app
