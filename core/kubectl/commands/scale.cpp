// Upstream: k8s.io/kubectl/pkg/cmd/scale/scale.go, pkg/scale/scale.go.

#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Answer<Done> scale_one(Run& run, const Info& info, DryRun dry_run) {
    const auto path = cat(api::object_path(*info.kind, info.namespace_name, info.name), "/scale");
    const auto wanted = run.flags.integer("current-replicas");
    const auto version = run.flags.text("resource-version");
    Value patch = Value::object({{"spec", Value::object({{"replicas", run.flags.integer("replicas")}})}});
    if (wanted != -1 || !version.empty()) {
        auto now = run.server.answer(run.server.request(client::Method::get, path));
        if (!now.ok())
            return now.refusal();
        const auto replicas = now.value()["spec"]["replicas"].as_int();
        if (wanted != -1 && replicas != wanted)
            return Refusal::plain(cat("Expected replicas to be ", wanted, ", was ", replicas));
        if (!version.empty() && api::resource_version_of(now.value()) != version)
            return Refusal::plain(cat("Expected resource version to be ", version, ", was ", api::resource_version_of(now.value())));
        patch.set("metadata", Value::object({{"resourceVersion", now.value()["metadata"]["resourceVersion"]}}));
    }
    auto request = run.server.request(client::Method::patch, path);
    request.headers["Content-Type"] = "application/merge-patch+json";
    request.body = std::move(patch);
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok()) {
        // Kinds without /scale have no such path.
        if (answer.refusal().is("NotFound") && answer.refusal().status["details"]["name"].as_string().empty())
            return Refusal::plain(cat("could not find scale subresource for ", info.kind->api_version(), ", Resource=",
                                      info.kind->resource, " in discovery information"));
        return answer.refusal();
    }
    return Done{};
}

}  // namespace

void scale_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    set.integer("replicas", "How many there shall be. Required", "0")
        .integer("current-replicas", "Only when there are this many now; -1: always", "-1")
        .text("resource-version", "Only when the object has this version")
        .text("selector", "Labels to select by", 'l')
        .boolean("all", "All of the kind in the namespace")
        .duration("timeout", "Accepted; the command does not wait", "0s");
}

void scale(Run& run) {
    if (!run.flags.has("replicas"))
        return run.fail("required flag(s) \"replicas\" not set");
    if (run.flags.integer("replicas") < 0)
        return run.fail("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    Found found = find_resources(run, run.args(), {});
    if (!run.flags.text("resource-version").empty() && found.infos.size() > 1)
        return run.fail("cannot use --resource-version with multiple resources");
    if (found.infos.empty())
        return found.refusals.empty() ? run.fail("no objects passed to scale") : run.fail(found.refusals);
    for (auto& info : found.infos) {
        if (dry_run.value() != DryRun::client)
            if (auto scaled = scale_one(run, info, dry_run.value()); !scaled.ok())
                return run.fail(scaled.refusal());
        info.object.edit("spec").set("replicas", run.flags.integer("replicas"));
        printer.value().changed(run, *info.kind, info.object, cat("scaled", dry_run_suffix(dry_run.value())));
    }
    run.fail(found.refusals);
}

}  // namespace kubewalk::kubectl::command
