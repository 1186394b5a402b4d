#pragma once
// Commands that change objects: what they share, from the objects asked for to the line that is printed.
// Upstream: k8s.io/kubectl/pkg/cmd/set/helper.go, cli-runtime/pkg/genericclioptions (print and record flags).

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl {

// --dry-run and -o of a command that changes things.
struct Changes {
    DryRun dry_run = DryRun::none;
    Printer printer;
};
Answer<Changes> changes_of(const Run& run);

// What became of one object. An empty operation prints nothing.
struct Outcome {
    api::Value object;
    std::string operation;  // "labeled"
};
using ChangeOne = std::function<Answer<Outcome>(const Info& info)>;

// Runs `change` on each object, prints what came of it and, at the end, what was refused. Stops when
// nobody answers any more.
void change_each(Run& run, Found found, const Changes& how, const ChangeOne& change);

// The same for commands that compute a new object: it is sent as a patch (send_change).
void modify_each(Run& run, const std::vector<std::string>& resources, const ChangeOne& change);
// Flags of such commands: -f, -o, --dry-run, -l, --all, --local.
void add_modify_flags(FlagSet& set, std::string_view manager);

// Sends the strategic merge patch from info.object to `modified`; the object as it is then. With
// DryRun::client nothing is sent. Equal objects send nothing either.
Answer<api::Value> send_change(Run& run, const Info& info, const api::Value& modified, DryRun dry_run);

// Notes the command in the object with --record.
void record_change(const Run& run, api::Value& object);

// Splits "TYPE NAME... a=b c-" where the changes begin (cmdutil.GetResourcesAndPairs).
struct ResourcesAndPairs {
    std::vector<std::string> resources;
    std::vector<std::string> pairs;
};
Answer<ResourcesAndPairs> resources_and_pairs(const std::vector<std::string>& args, std::string_view pair_type);

// Where the PodSpec of a workload, or of the Pod itself, stands. Null when there is none.
api::Value* pod_spec_of(const api::Kind& kind, api::Value& object);
// `change` on every container whose name the pattern fits ("*": all); how many there were.
int each_container(api::Value& pod_spec, std::string_view pattern, const std::function<void(api::Value& container)>& change);
// "error: deployments/x WHAT", as set and rollout name objects.
Refusal refusal_about(const Info& info, std::string_view what);

// label and annotate: KEY=VALUE and KEY- on one map of metadata.
struct KeyChanges {
    std::vector<std::pair<std::string, std::string>> set;
    std::vector<std::string> removed;
};
Answer<KeyChanges> parse_key_changes(const std::vector<std::string>& pairs, std::string_view what);

}  // namespace kubewalk::kubectl
