// label and annotate. Upstream: k8s.io/kubectl/pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go.

#include "core/api/names.h"
#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// How the two commands differ.
struct Map {
    std::string_view field;     // of metadata
    std::string_view word;      // "label"
    std::string_view manager;
    std::string_view sample;    // in the complaint about --local
};
constexpr Map labels_map{"labels", "label", "kubectl-label", "pod"};
constexpr Map annotations_map{"annotations", "annotation", "kubectl-annotate", "rsrc"};

std::string_view label_message(const Value& before, const KeyChanges& changes) {
    bool added = false, removed = false;
    for (const auto& [key, value] : changes.set)
        added = added || !before.contains(key) || before[key].as_string() != value;
    for (const auto& key : changes.removed)
        removed = removed || before.contains(key);
    return added && removed ? "modified" : added ? "labeled" : removed ? "unlabeled" : "not labeled";
}

std::optional<Refusal> overwritten(const Map& map, const Value& before, const KeyChanges& changes) {
    std::vector<std::string> there;
    for (const auto& [key, value] : changes.set)
        if (before.contains(key) && before[key].as_string() != value)
            there.push_back(cat("'", key, "' already has a value (", before[key].as_string(), ")"));
    if (there.empty())
        return std::nullopt;
    if (map.word == "annotation")
        return Refusal::plain(cat("--overwrite is false but found the following declared annotation(s): ", join(there, "; ")));
    std::vector<std::string> lines;
    for (const auto& text : there)
        lines.push_back(cat(text, ", and --overwrite is false"));
    return Refusal::plain(lines.size() == 1 ? lines[0] : cat("[", join(lines, ", "), "]"));
}

Answer<Outcome> change_map(Run& run, const Map& map, const Info& info, const KeyChanges& changes) {
    const Value before = info.object["metadata"][map.field];
    if (!run.flags.is("overwrite"))
        if (auto refused = overwritten(map, before, changes))
            return *refused;
    Outcome outcome{info.object, map.word == "label" ? std::string(label_message(before, changes)) : "annotated"};
    if (map.word == "label")
        for (const auto& key : changes.removed)
            if (!before.contains(key))
                run.out(cat("label ", quoted(key), " not found.\n"));
    auto& entries = outcome.object.edit_path("metadata", map.field);
    for (const auto& [key, value] : changes.set)
        entries.set(key, value);
    for (const auto& key : changes.removed)
        entries.erase(key);
    if (entries.empty())
        outcome.object.edit("metadata").erase(map.field);
    if (run.flags.has("resource-version"))
        outcome.object.edit("metadata").set("resourceVersion", run.flags.text("resource-version"));
    return outcome;
}

void list_map(Run& run, const Map& map, const std::vector<std::string>& resources) {
    Found found = find_resources(run, resources, {});
    for (const auto& info : found.infos) {
        if (!found.single_item)
            run.out(cat("Listing ", map.field, " for ", info.kind->kind, ".", info.kind->group, "/", info.name, ":\n"));
        for (const auto& [key, value] : info.object["metadata"][map.field].members())
            run.out(cat(found.single_item ? "" : " ", key, "=", value.as_string(), "\n"));
    }
    run.fail(found.refusals);
}

void change(Run& run, const Map& map) {
    auto parts = resources_and_pairs(run.args(), map.word);
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    auto changes = parse_key_changes(pairs, map.word);
    if (!changes.ok())
        return run.fail(changes.refusal());
    if (map.word == "label")
        for (const auto& pair : pairs)
            if (const auto equals = pair.find('='); equals != std::string::npos)
                if (const auto wrong = api::is_valid_label_value(std::string_view(pair).substr(equals + 1)); !wrong.empty())
                    return run.fail(cat("invalid label value: ", quoted(pair), ": ", join(wrong, ";")));
    const bool list = run.flags.is("list");
    if (list && run.flags.has("output"))
        return run.fail("--list and --output may not be specified together");
    if (run.flags.is("all") && run.flags.has("field-selector"))
        return run.fail("cannot set --all and --field-selector at the same time");
    if (run.flags.is("local") && !resources.empty())
        return run.fail(cat("can only use local files by -f ", map.sample, ".yaml or --filename=", map.sample, ".json when --local=true is set"));
    if (run.flags.is("local") && !run.flags.has("filename"))
        return run.fail(cat("one or more files must be specified as -f ", map.sample, ".yaml or --filename=", map.sample, ".json"));
    if (resources.empty() && !run.flags.has("filename"))
        return run.fail("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    if (list && pairs.empty())
        return list_map(run, map, resources);
    if (pairs.empty())
        return run.fail(cat("at least one ", map.word, " update is required"));
    modify_each(run, resources, [&](const Info& info) { return change_map(run, map, info, changes.value()); });
}

void add_map_flags(FlagSet& set, const Map& map) {
    add_modify_flags(set, map.manager);
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .text("field-selector", "Fields to select by, such as status.phase=Running")
        .boolean("list", "Print what there is instead")
        .boolean("overwrite", "What exists may change")
        .text("resource-version", "Only when the object has this version");
}

}  // namespace

void label_flags(FlagSet& set) { add_map_flags(set, labels_map); }
void label(Run& run) { change(run, labels_map); }
void annotate_flags(FlagSet& set) { add_map_flags(set, annotations_map); }
void annotate(Run& run) { change(run, annotations_map); }

}  // namespace kubewalk::kubectl::command
