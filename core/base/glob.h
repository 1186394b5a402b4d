#pragma once
// Patterns in which "*" stands for any text; what else means something is the caller's.

#include <string_view>

namespace kubewalk {

// `one(pattern, at, c)`: whether what stands at pattern[at], which is no "*", fits the character; moves `at` behind it.
// At most pattern.size() * text.size() steps: only the last star is ever tried again.
template <typename One>
bool matches_with_stars(std::string_view pattern, std::string_view text, One one) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
            continue;
        }
        std::size_t behind = p;
        if (p < pattern.size() && one(pattern, behind, text[t])) {
            p = behind;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

}  // namespace kubewalk
