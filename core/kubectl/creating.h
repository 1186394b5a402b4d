#pragma once
// What the generators of create, run and expose share.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl {

api::Value object_with_name(std::string_view api_version, std::string_view kind, std::string_view name);
// Sends the object unless it is a dry run, and prints it.
void create_and_print(Run& run, const api::Kind& kind, api::Value object, std::string_view operation);
void add_create_flags(FlagSet& set);
// False (and the usage error printed) unless there is exactly one argument before "--".
bool one_name(Run& run);
// The words behind NAME, for a container's command.
api::Value command_of(const Run& run);
// --user, --group, --serviceaccount=NAMESPACE:NAME as subjects of a binding.
std::optional<Refusal> add_subjects(const Run& run, api::Value& subjects);
// "a=b,c=d" as labels. Upstream: k8s.io/kubectl/pkg/generate.ParseLabels.
Answer<api::Value> parse_labels(std::string_view text);
// "cpu=1,memory=2Gi" as a ResourceList; quantities in canonical form.
Answer<api::Value> resource_list(std::string_view text);

}  // namespace kubewalk::kubectl
