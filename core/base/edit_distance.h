#pragma once
// How far a word is from another: what "did you mean" asks.

#include <cstddef>
#include <string_view>

namespace kubewalk {

// Damerau-Levenshtein (one transposition counts as one), for short words.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace kubewalk
