#pragma once
// What the generators of create, run and expose share.

#include <map>
#include <string>
#include <string_view>

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

api::Value object_with_name(std::string_view api_version, std::string_view kind, std::string_view name);
// Sends the object unless it is a dry run, and prints it.
void create_and_print(Run& run, const api::Kind& kind, api::Value object, std::string_view operation);
void add_create_flags(FlagSet& set);
// False (and the usage error printed) unless there is exactly one argument.
bool one_name(Run& run);

}  // namespace kubewalk::kubectl
