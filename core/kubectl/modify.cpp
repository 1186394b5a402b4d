#include "core/kubectl/modify.h"

#include "core/api/patch.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

// Glob with "*" only. Upstream: selectString in pkg/cmd/set/helper.go.
bool fits(std::string_view name, std::string_view pattern) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return name == pattern;
    if (!name.starts_with(pattern.substr(0, star)))
        return false;
    for (std::size_t i = star; i <= name.size(); ++i)
        if (fits(name.substr(i), pattern.substr(star + 1)))
            return true;
    return false;
}

constexpr std::string_view change_cause = "kubernetes.io/change-cause";

}  // namespace

Answer<Changes> changes_of(const Run& run) {
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return dry_run.refusal();
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return printer.refusal();
    if (run.flags.is("local") && dry_run.value() == DryRun::server)
        return Refusal::plain("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
    return Changes{dry_run.value(), printer.take()};
}

void change_each(Run& run, Found found, const Changes& how, const ChangeOne& change) {
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto outcome = change(info);
        run.err(run.server.take_notes());
        if (!outcome.ok()) {
            refusals.push_back(outcome.refusal());
            if (outcome.refusal().origin == Refusal::Origin::connection)
                break;
            continue;
        }
        if (!outcome.value().operation.empty())
            how.printer.changed(run, *info.kind, outcome.value().object, cat(outcome.value().operation, dry_run_suffix(how.dry_run)));
    }
    run.fail(refusals);
}

void modify_each(Run& run, const std::vector<std::string>& resources, const ChangeOne& change) {
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    const bool local = run.flags.is("local");
    if (local && !resources.empty())
        return run.fail("error: you must specify resources by --filename when --local is set.\n"
                        "Example resource specifications include:\n"
                        "   '-f rsrc.yaml'\n"
                        "   '--filename=rsrc.json'");
    if (run.flags.is("all") && run.flags.has("selector"))
        return run.fail("cannot set --all and --selector at the same time");
    Asked asked;
    asked.files = local ? Files::as_written : Files::live;
    change_each(run, find_resources(run, resources, asked), how.value(), [&](const Info& info) -> Answer<Outcome> {
        auto outcome = change(info);
        if (!outcome.ok())
            return outcome;
        record_change(run, outcome.value().object);
        auto sent = send_change(run, info, outcome.value().object, local ? DryRun::client : how.value().dry_run);
        if (!sent.ok())
            return sent.refusal();
        outcome.value().object = sent.take();
        return outcome;
    });
}

Answer<Value> send_change(Run& run, const Info& info, const Value& modified, DryRun dry_run) {
    if (dry_run == DryRun::client || modified == info.object)
        return modified;
    auto patch = api::two_way_patch(run.environment.schema, info.kind->schema, info.object, modified);
    if (!patch.ok())
        return Refusal::plain(patch.error().message);
    auto request = run.server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = patch_content_type(*info.kind);
    request.query["fieldManager"] = run.flags.text("field-manager");
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    request.body = patch.take();
    return run.server.answer(std::move(request));
}

void record_change(const Run& run, Value& object) {
    if (run.flags.is("record"))
        object.edit_path("metadata", "annotations").set(change_cause, run.typed());
}

void add_modify_flags(FlagSet& set, std::string_view manager) {
    add_filename_flags(set);
    add_output_flags(set);
    add_label_flag(set);
    add_dry_run_flag(set);
    add_manager_flag(set, manager);
    add_record_flag(set);
    set.boolean("all", "All of the kind in the namespace").boolean("local", "Change what the file says only, ask no server");
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

int each_container(Value& pod_spec, std::string_view pattern, const std::function<void(Value& container)>& change) {
    int count = 0;
    for (std::string_view list : {"containers", "initContainers"})
        for (std::size_t i = 0; i < pod_spec[list].size(); ++i)
            if (fits(pod_spec[list][i]["name"].as_string(), pattern)) {
                change(pod_spec.edit(list).edit_at(i));
                ++count;
            }
    return count;
}

Refusal refusal_about(const Info& info, std::string_view what) {
    return Refusal::plain(cat("error: ", info.kind->resource, "/", info.name, " ", what));
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
