#pragma once
// Inputs that nobody means well with: seeds with something done to them. The same numbers give the same bytes.

#include <string>
#include <vector>

#include "core/base/random.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

// The input of the door of that name that belongs to these numbers.
std::string made_input(std::string_view name, const Door& door, std::uint64_t seed, std::uint64_t number);
// One or more changes to a text.
void mutate(std::string& text, const Door& door, Random& random);

}  // namespace kubewalk::fuzz
