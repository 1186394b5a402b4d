#pragma once
// What `diff -u -N` prints of two texts.

#include <string>
#include <string_view>

namespace kubewalk::kubectl {

// The hunks, with three lines around each change; empty when the texts are equal.
std::string unified_hunks(std::string_view from, std::string_view to);

}  // namespace kubewalk::kubectl
