#pragma once
// Entries of the cause log as movements on the Architecture view's wires.

#include <string>
#include <string_view>

#include "core/view/architecture.h"

namespace kubewalk::view {

// The ComponentBox that an entry's component belongs to: controllers live in the controller manager.
std::string box_of(std::string_view component);
// What a queue's key names, as a person would say it: "Deployment sock-shop/carts".
std::string work_item(std::string_view resource, std::string_view key);
Activity activity_of(const sim::Entry& entry);

}  // namespace kubewalk::view
