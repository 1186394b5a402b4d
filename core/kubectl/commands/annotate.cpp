// Upstream: k8s.io/kubectl/pkg/cmd/annotate/annotate.go.

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Answer<Outcome> change_annotations(Run& run, const Info& info, const std::vector<std::string>& pairs) {
    auto changes = parse_key_changes(pairs, "annotation");
    if (!changes.ok())
        return changes.refusal();
    Outcome outcome{info.object, "annotated"};
    const auto& before = info.object["metadata"]["annotations"];
    if (!run.flags.is("overwrite")) {
        std::string there;
        for (const auto& [key, value] : changes.value().set)
            if (before.contains(key) && before[key].as_string() != value)
                append(there, there.empty() ? "" : "; ", "'", key, "' already has a value (", before[key].as_string(), ")");
        if (!there.empty())
            return Refusal::plain(cat("--overwrite is false but found the following declared annotation(s): ", there));
    }
    auto& annotations = outcome.object.edit_path("metadata", "annotations");
    for (const auto& [key, value] : changes.value().set)
        annotations.set(key, value);
    for (const auto& key : changes.value().removed)
        annotations.erase(key);
    if (annotations.empty())
        outcome.object.edit("metadata").erase("annotations");
    return outcome;
}

}  // namespace

void annotate_flags(FlagSet& set) {
    add_modify_flags(set);
    set.boolean("overwrite", "Annotations that exist may change")
        .boolean("list", "Print the annotations instead")
        .text("resource-version", "Accepted");
}

void annotate(Run& run) {
    auto parts = resources_and_pairs(run.args(), "annotation");
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail("one or more files must be specified as -f rsrc.yaml or --filename=rsrc.json");
    if (pairs.empty() && run.flags.is("list")) {
        Found found = find_resources(run, resources, {});
        for (const auto& info : found.infos)
            for (const auto& [key, value] : info.object["metadata"]["annotations"].members())
                run.out(cat(key, "=", value.as_string(), "\n"));
        return run.fail(found.refusals);
    }
    if (pairs.empty())
        return run.fail("at least one annotation update is required");
    modify_each(run, resources, pairs, change_annotations);
}

}  // namespace kubewalk::kubectl::command
