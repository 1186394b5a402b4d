// Upstream: k8s.io/kubectl/pkg/cmd/label/label.go.

#include "core/api/names.h"
#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Answer<Outcome> change_labels(Run& run, const Info& info, const std::vector<std::string>& pairs) {
    auto changes = parse_key_changes(pairs, "label");
    if (!changes.ok())
        return changes.refusal();
    for (const auto& [key, value] : changes.value().set)
        if (const auto wrong = api::is_valid_label_value(value); !wrong.empty())
            return Refusal::plain(cat("invalid label value: ", quoted(cat(key, "=", value)), ": ", join(wrong, ";")));
    Outcome outcome{info.object, "not labeled"};
    const auto& before = info.object["metadata"]["labels"];
    if (!run.flags.is("overwrite"))
        for (const auto& [key, value] : changes.value().set)
            if (before.contains(key) && before[key].as_string() != value)
                return Refusal::plain(cat("'", key, "' already has a value (", before[key].as_string(), "), and --overwrite is false"));
    for (const auto& key : changes.value().removed)
        if (!before.contains(key))
            run.out(cat("label ", quoted(key), " not found.\n"));
    auto& labels = outcome.object.edit_path("metadata", "labels");
    for (const auto& [key, value] : changes.value().set)
        labels.set(key, value);
    for (const auto& key : changes.value().removed)
        labels.erase(key);
    if (labels.empty())
        outcome.object.edit("metadata").erase("labels");
    if (!(outcome.object == info.object))
        outcome.operation = changes.value().removed.empty() ? "labeled" : changes.value().set.empty() ? "unlabeled" : "modified";
    return outcome;
}

void list_labels(Run& run, const std::vector<std::string>& resources) {
    Found found = find_resources(run, resources, {});
    for (const auto& info : found.infos) {
        if (found.infos.size() > 1)
            run.out(cat("Listing labels for ", info.kind->kind, ".", info.kind->group, "/", info.name, ":\n"));
        for (const auto& [key, value] : info.object["metadata"]["labels"].members())
            run.out(cat(found.infos.size() > 1 ? " " : "", key, "=", value.as_string(), "\n"));
    }
    run.fail(found.refusals);
}

}  // namespace

void label_flags(FlagSet& set) {
    add_modify_flags(set);
    set.boolean("overwrite", "Labels that exist may change")
        .boolean("list", "Print the labels instead")
        .text("resource-version", "Accepted");
}

void label(Run& run) {
    auto parts = resources_and_pairs(run.args(), "label");
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    if (pairs.empty() && run.flags.is("list"))
        return list_labels(run, resources);
    if (pairs.empty())
        return run.fail("at least one label update is required");
    modify_each(run, resources, pairs, change_labels);
}

}  // namespace kubewalk::kubectl::command
