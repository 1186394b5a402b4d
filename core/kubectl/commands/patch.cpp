// Upstream: k8s.io/kubectl/pkg/cmd/patch/patch.go.

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

using api::Value;

void patch_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    set.text("patch", "The patch, JSON or YAML", 'p')
        .text("patch-file", "A file with the patch")
        .text("type", "json, merge or strategic", 0, "strategic")
        .text("subresource", "status or scale")
        .boolean("local", "Not supported here");
}

void patch(Run& run) {
    std::string text = run.flags.text("patch");
    if (run.flags.has("patch-file")) {
        const auto path = run.flags.text("patch-file");
        auto file = run.environment.read_file ? run.environment.read_file(path) : Result<std::string>(Error{});
        if (!file.ok())
            return run.fail(cat("unable to read patch file: open ", path, ": no such file or directory"));
        text = file.take();
    }
    if (text.empty())
        return run.fail("must specify --patch or --patch-file containing the contents of the patch");
    const auto type = run.flags.text("type");
    if (type != "json" && type != "merge" && type != "strategic")
        return run.fail(cat("--type must be one of [json merge strategic], not ", quoted(type)));
    auto body = api::parse_json(text);
    if (!body.ok())
        body = api::parse_yaml(text);
    if (!body.ok())
        return run.fail(cat("unable to parse ", quoted(text), ": ", body.error().message));
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    Found found = find_resources(run, run.args(), {});
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto path = api::object_path(*info.kind, info.namespace_name, info.name);
        if (run.flags.has("subresource"))
            append(path, "/", run.flags.text("subresource"));
        auto request = run.server.request(client::Method::patch, std::move(path));
        request.headers["Content-Type"] = cat("application/", type == "strategic" ? std::string("strategic-merge") : type, "-patch+json");
        request.body = body.value();
        if (dry_run.value() != DryRun::none)
            request.query["dryRun"] = "All";
        auto patched = run.server.answer(std::move(request));
        run.err(run.server.take_notes());
        if (!patched.ok()) {
            refusals.push_back(patched.refusal());
            continue;
        }
        const bool changed = !(patched.value() == info.object);
        printer.value().changed(run, *info.kind, patched.value(),
                                cat("patched", changed ? "" : " (no change)", dry_run_suffix(dry_run.value())));
    }
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
