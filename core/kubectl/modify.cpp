#include "core/kubectl/modify.h"

#include "core/api/patch.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

Answer<Value> send_change(Run& run, const Info& info, const Value& modified, DryRun dry_run) {
    if (dry_run == DryRun::client || modified == info.object)
        return modified;
    auto patch = api::two_way_patch(run.environment.schema, info.kind->schema, info.object, modified);
    if (!patch.ok())
        return Refusal::plain(patch.error().message);
    auto request = run.server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = "application/strategic-merge-patch+json";
    request.query["fieldManager"] = cat("kubectl-", replace_all(run.command.path, " ", "-"));
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    request.body = patch.take();
    return run.server.answer(std::move(request));
}

void add_modify_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_selector_flags(set);
    add_dry_run_flag(set);
    set.boolean("all", "All of the kind in the namespace")
        .boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("local", "Change the manifest only, ask no server");
}

void modify_each(Run& run, const std::vector<std::string>& resources, const std::vector<std::string>& changes, ChangeOne change) {
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    const bool local = run.flags.is("local");
    Asked asked;
    asked.files = local ? Files::as_written : Files::live;
    Found found = find_resources(run, resources, asked);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto outcome = change(run, info, changes);
        if (!outcome.ok()) {
            refusals.push_back(outcome.refusal());
            continue;
        }
        auto sent = send_change(run, info, outcome.value().object, local ? DryRun::client : dry_run.value());
        run.err(run.server.take_notes());
        if (!sent.ok()) {
            refusals.push_back(sent.refusal());
            continue;
        }
        if (!outcome.value().operation.empty())
            printer.value().changed(run, *info.kind, sent.value(), cat(outcome.value().operation, dry_run_suffix(dry_run.value())));
    }
    run.fail(refusals);
}

Answer<ResourcesAndPairs> resources_and_pairs(const std::vector<std::string>& args, std::string_view pair_type) {
    ResourcesAndPairs result;
    for (const auto& arg : args) {
        const bool is_pair = arg.find('=') != std::string::npos || (arg.size() > 1 && arg.ends_with('-'));
        if (!is_pair && !result.pairs.empty())
            return Refusal::plain(cat("all resources must be specified before ", pair_type, " changes: ", arg));
        (is_pair ? result.pairs : result.resources).push_back(arg);
    }
    return result;
}

Value* pod_spec_of(const api::Kind& kind, Value& object) {
    if (kind.kind == "Pod")
        return &object.edit("spec");
    if (kind.kind == "CronJob")
        return &object.edit_path("spec", "jobTemplate", "spec", "template", "spec");
    if (!object["spec"]["template"].is_object())
        return nullptr;
    return &object.edit_path("spec", "template", "spec");
}

Answer<KeyChanges> parse_key_changes(const std::vector<std::string>& pairs, std::string_view what) {
    KeyChanges changes;
    for (const auto& pair : pairs) {
        const auto equals = pair.find('=');
        if (equals != std::string::npos) {
            if (equals == 0)
                return Refusal::plain(cat("invalid ", what, " spec: ", pair));
            changes.set.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
        } else {
            changes.removed.push_back(pair.substr(0, pair.size() - 1));
        }
    }
    for (const auto& [key, value] : changes.set)
        for (const auto& removed : changes.removed)
            if (removed == key)
                return Refusal::plain(cat("can not both modify and remove ", what == "label" ? "a " : "an ", what, " in the same command"));
    return changes;
}

}  // namespace kubewalk::kubectl
