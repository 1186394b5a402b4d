// Upstream: k8s.io/kubectl/pkg/cmd/diff/diff.go. The program it starts is `diff -u -N` on two folders.

#include <algorithm>

#include "core/api/yaml.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/modify.h"
#include "core/kubectl/server_side_apply.h"
#include "core/kubectl/text_diff.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr int trouble = 2;  // more than 1: no comparison was possible

void give_up(Run& run, const Refusal& refusal) {
    run.fail(refusal);
    run.started.output.exit = trouble;
}

// os.MkdirTemp: a number behind the name; here one that comes from the content.
std::string folder(std::string_view version, std::string_view content) {
    const auto hash = sha256(content);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | hash[i];
    return cat("/tmp/", version, "-", number);
}

std::string file_name(const Info& info) {
    return cat(info.kind->group, info.kind->group.empty() ? "" : ".", info.kind->version, ".", info.kind->kind, ".", info.namespace_name, ".", info.name);
}

// Secrets are compared, not shown.
void mask(Value& from, Value& to) {
    const Value before = from["data"];
    const Value after = to["data"];
    for (const auto& [key, value] : before.members()) {
        const bool changed = after.contains(key) && !(after[key] == value);
        from.edit("data").set(key, changed ? "*** (before)" : "***");
        if (after.contains(key))
            to.edit("data").set(key, changed ? "*** (after)" : "***");
    }
    for (const auto& [key, value] : after.members())
        if (!before.contains(key))
            to.edit("data").set(key, "***");
}

struct Compared {
    Value live;    // null where there is none yet
    Value merged;
};

Answer<Compared> compare(Run& run, const Info& info) {
    Compared result;
    auto live = run.server.get(*info.kind, info.namespace_name, info.name);
    if (!live.ok() && !live.refusal().is("NotFound"))
        return live.refusal();
    if (run.flags.is("server-side")) {
        auto request = apply_request(run, info, info.object, server_side_manager(run), DryRun::server);
        request.without_managed_fields = !run.flags.is("show-managed-fields");
        auto merged = run.server.answer(std::move(request));
        if (!merged.ok())
            return merged.refusal();
        result.live = live.ok() ? live.take() : Value();
        result.merged = merged.take();
        return result;
    }
    if (live.ok()) {
        result.live = live.take();
        auto merged = merge_on_server(run.server, run.environment.schema, info, result.live);
        if (!merged.ok())
            return merged.refusal();
        result.merged = merged.take();
        return result;
    }
    auto request = run.server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
    request.body = without_version(info.object);
    request.query["dryRun"] = "All";
    request.query["fieldManager"] = run.flags.text("field-manager");
    auto created = run.server.answer(std::move(request));
    if (!created.ok())
        return created.refusal();
    result.merged = created.take();
    return result;
}

}  // namespace

void diff_flags(FlagSet& set) {
    add_filename_flags(set);
    add_manager_flag(set, "kubectl-client-side-apply");
    add_label_flag(set);
    set.integer("concurrency", "Accepted; objects are compared one after the other", "1")
        .boolean("server-side", "Let the server merge, field by field")
        .boolean("force-conflicts", "With --server-side: take fields over from other managers")
        .boolean("prune", "Show what apply --prune would delete too (not part of this kubectl)")
        .array("prune-allowlist", "With --prune: only objects of GROUP/VERSION/KIND")
        .boolean("show-managed-fields", "Compare metadata.managedFields too")
        .boolean("show-secrets", "Show the values of Secrets");
}

void diff(Run& run) {
    if (!run.args().empty())
        return give_up(run, Refusal::plain(cat("Unexpected args: [", join(run.args(), " "), "]\nSee 'kubectl diff -h' for help and examples")));
    if (!run.flags.has("filename") && !run.flags.has("kustomize"))
        return give_up(run, Refusal::plain("must specify one of -f and -k"));
    if (run.flags.is("force-conflicts") && !run.flags.is("server-side"))
        return give_up(run, Refusal::plain("--force-conflicts only works with --server-side"));
    if (run.flags.is("prune"))
        return give_up(run, Refusal::plain("--prune is not part of diff in this kubectl: kubectl apply --prune --dry-run=server shows what would go"));
    Found found = read_manifests(run);
    if (!found.refusals.empty())
        return give_up(run, found.refusals[0]);
    struct File {
        std::string name, live, merged;
    };
    std::vector<File> files;
    std::string all;
    for (const auto& info : found.infos) {
        auto compared = compare(run, info);
        run.err(run.server.take_notes());
        if (!compared.ok())
            return give_up(run, compared.refusal());
        auto [live, merged] = compared.take();
        if (info.kind->kind == "Secret" && !run.flags.is("show-secrets"))
            mask(live, merged);
        files.push_back({file_name(info), live.is_null() ? std::string() : api::to_yaml(live), api::to_yaml(merged)});
        all += files.back().merged;
    }
    std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.name < b.name; });
    const auto from = folder("LIVE", all), to = folder("MERGED", all);
    const auto stamp = cat(replace_all(to_rfc3339(run.environment.now).substr(0, 19), "T", " "), ".000000000 +0000");
    for (const auto& file : files) {
        const auto hunks = unified_hunks(file.live, file.merged);
        if (hunks.empty())
            continue;
        run.out(cat("diff -u -N ", from, "/", file.name, " ", to, "/", file.name, "\n--- ", from, "/", file.name, "\t",
                    file.live.empty() ? "1970-01-01 00:00:00.000000000 +0000" : stamp, "\n+++ ", to, "/", file.name, "\t", stamp, "\n", hunks));
        run.started.output.exit = 1;
    }
}

}  // namespace kubewalk::kubectl::command
