#pragma once
// This program's release: what is kept or shared names it, since another release may give other bytes for the
// same seed and actions. The same as in CMakeLists.txt (tests/unit/lesson/completion_test.cpp holds them together).

#include <string_view>

namespace kubewalk::cluster {

inline constexpr std::string_view kubewalk_release = "0.1.0";

}  // namespace kubewalk::cluster
