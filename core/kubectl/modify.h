#pragma once
// Commands that change an object a little: what differs from the live object is sent as a patch.

#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl {

// Sends the strategic merge patch from info.object to `modified`; the object as it is then. With
// DryRun::client nothing is sent. Equal objects send nothing either.
Answer<api::Value> send_change(Run& run, const Info& info, const api::Value& modified, DryRun dry_run);

// Flags of such commands: -f, -o, --dry-run, -l, --all, --local.
void add_modify_flags(FlagSet& set);

// What one command does to one object.
struct Outcome {
    api::Value object;       // modified
    std::string operation;   // "labeled"
};
using ChangeOne = Answer<Outcome> (*)(Run& run, const Info& info, const std::vector<std::string>& changes);

// Runs `change` on every object that `resources` (and flags) name, sends and prints.
void modify_each(Run& run, const std::vector<std::string>& resources, const std::vector<std::string>& changes, ChangeOne change);

// Splits "TYPE NAME... a=b c-" where the changes begin (cmdutil.GetResourcesAndPairs).
struct ResourcesAndPairs {
    std::vector<std::string> resources;
    std::vector<std::string> pairs;
};
Answer<ResourcesAndPairs> resources_and_pairs(const std::vector<std::string>& args, std::string_view pair_type);

// The Pod template of a workload, or of the Pod itself: where its PodSpec stands.
api::Value* pod_spec_of(const api::Kind& kind, api::Value& object);

// label and annotate: KEY=VALUE and KEY- on one map of metadata.
struct KeyChanges {
    std::vector<std::pair<std::string, std::string>> set;
    std::vector<std::string> removed;
};
Answer<KeyChanges> parse_key_changes(const std::vector<std::string>& pairs, std::string_view what);

}  // namespace kubewalk::kubectl
