#pragma once
// Seeds from what the project itself holds: assets, lessons, golden sessions.

#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::fuzz {

// Where assets/, lessons/ and tests/ lie.
void set_project(std::string folder);
std::string file_text(const std::string& path);
// The texts of all files below a folder of the project whose names end so, in the order of their paths.
std::vector<std::string> texts_in(std::string_view folder, std::string_view ending);

// Every YAML document of assets, lessons and golden sessions.
std::vector<std::string> manifests();
// What people type: the commands of golden sessions and of lessons' solutions, here-documents behind a line break.
std::vector<std::string> commands();
// Those that begin with that word.
std::vector<std::string> commands_of(std::string_view program);

}  // namespace kubewalk::fuzz
