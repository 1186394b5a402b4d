// Upstream: k8s.io/kubectl/pkg/cmd/patch/patch.go.

#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Answer<std::string> patch_text(const Run& run) {
    const bool text = !run.flags.text("patch").empty();
    const auto path = run.flags.text("patch-file");
    if (text && !path.empty())
        return Refusal::plain("cannot specify --patch and --patch-file together");
    if (!text && path.empty())
        return Refusal::plain("must specify --patch or --patch-file containing the contents of the patch");
    if (text)
        return run.flags.text("patch");
    auto file = run.environment.read_file ? run.environment.read_file(path) : Result<std::string>(Error{});
    if (!file.ok())
        return Refusal::plain(cat("unable to read patch file: open ", path, ": no such file or directory"));
    return file.take();
}

// getPatchedJSON: what the server would make of it.
Answer<Value> patched_here(const Run& run, const Info& info, const std::string& type, const Value& patch) {
    if (type == "merge")
        return api::apply_merge_patch(info.object, patch);
    auto patched = type == "json" ? api::apply_json_patch(info.object, patch)
                                  : api::apply_strategic_merge_patch(run.environment.schema, info.kind->schema, info.object, patch);
    return patched.ok() ? Answer<Value>(patched.take()) : Refusal::plain(patched.error().message);
}

Answer<Outcome> patch_one(Run& run, const Info& info, const std::string& type, const Value& patch, DryRun dry_run) {
    if (dry_run == DryRun::client) {
        auto patched = patched_here(run, info, type, patch);
        if (!patched.ok())
            return patched.refusal();
        return Outcome{patched.value(), patched.value() == info.object ? "patched (no change)" : "patched"};
    }
    auto path = api::object_path(*info.kind, info.namespace_name, info.name);
    if (run.flags.has("subresource"))
        append(path, "/", run.flags.text("subresource"));
    auto request = run.server.request(client::Method::patch, std::move(path));
    request.headers["Content-Type"] = cat("application/", type == "strategic" ? std::string("strategic-merge") : type, "-patch+json");
    request.query["fieldManager"] = run.flags.text("field-manager");
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    request.body = patch;
    auto patched = run.server.answer(request);
    if (!patched.ok())
        return patched.refusal();
    const bool changed = !(patched.value() == info.object);
    if (Value recorded = patched.value(); run.flags.is("record")) {
        record_change(run, recorded);
        if (auto noted = send_change(run, {info.kind, info.namespace_name, info.name, {}, 0, patched.value()}, recorded, dry_run); noted.ok())
            return Outcome{noted.take(), changed ? "patched" : "patched (no change)"};
    }
    return Outcome{patched.take(), changed ? "patched" : "patched (no change)"};
}

}  // namespace

void patch_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_manager_flag(set, "kubectl-patch");
    add_record_flag(set);
    set.text("patch", "The patch, JSON or YAML", 'p')
        .text("patch-file", "A file with the patch")
        .text("type", "json, merge or strategic", 0, "strategic")
        .text("subresource", "Patch a part of the object: status, scale or resize")
        .boolean("local", "Patch what the file says only, ask no server");
}

void patch(Run& run) {
    auto text = patch_text(run);
    if (!text.ok())
        return run.fail(text.refusal());
    const bool local = run.flags.is("local");
    if (local && !run.args().empty())
        return run.fail("cannot specify --local and server resources");
    const auto type = to_lower(run.flags.text("type"));
    if (type != "json" && type != "merge" && type != "strategic")
        return run.fail(cat("--type must be one of [json merge strategic], not ", quoted(run.flags.text("type"))));
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    auto body = api::parse_json(text.value());
    if (!body.ok())
        body = api::parse_yaml(text.value());
    if (!body.ok())
        return run.fail(cat("unable to parse ", quoted(text.value()), ": ", body.error().message));
    Asked asked;
    asked.files = local ? Files::as_written : Files::live;
    Found found = find_resources(run, run.args(), asked);
    if (found.infos.empty() && found.refusals.empty())
        return run.fail("no objects passed to patch");
    change_each(run, std::move(found), how.value(), [&](const Info& info) {
        return patch_one(run, info, type, body.value(), local ? DryRun::client : how.value().dry_run);
    });
}

}  // namespace kubewalk::kubectl::command
