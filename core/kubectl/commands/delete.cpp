// Upstream: k8s.io/kubectl/pkg/cmd/delete/delete.go.

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/kubectl/raw.h"
#include "core/kubectl/removal.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Options {
    Removal removal;
    DryRun dry_run = DryRun::none;
    bool name_only = false;
};

Answer<Options> options_of(Run& run) {
    Options options;
    const auto output = run.flags.text("output");
    if (!output.empty() && output != "name")
        return Refusal::plain(cat("unexpected -o output mode: ", output, ". We only support '-o name'"));
    options.name_only = output == "name";
    if (run.flags.is("all") && run.flags.has("field-selector"))
        return Refusal::plain("cannot set --all and --field-selector at the same time");
    auto removal = removal_of(run);
    if (!removal.ok())
        return removal.refusal();
    options.removal = removal.take();
    if (run.flags.is("force"))
        run.err("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
                "The resource may continue to run on the cluster indefinitely.\n");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return dry_run.refusal();
    options.dry_run = dry_run.value();
    return options;
}

// -A or -n beside kinds that live in no namespace.
void warn_of_scope(Run& run, const Found& found) {
    if (!run.namespace_given() && !run.flags.is("all-namespaces"))
        return;
    for (const auto& info : found.infos)
        if (!info.kind->namespaced())
            return run.err("Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n");
}

void delete_found(Run& run, Found found, const Options& options) {
    warn_of_scope(run, found);
    auto refusals = std::move(found.refusals);
    std::vector<Doomed> items;
    std::size_t count = 0;
    for (const auto& info : found.infos) {
        ++count;
        const auto line = options.name_only ? info.slash_name() + "\n" : removal_line(info, options.removal, options.dry_run);
        if (options.dry_run == DryRun::client) {
            run.out(line);
            continue;
        }
        auto removed = remove_object(run, info, options.removal, options.dry_run);
        run.err(run.server.take_notes());
        if (!removed.ok()) {
            if (removed.refusal().is("NotFound") && (run.flags.is("ignore-not-found") || run.flags.is("all")))
                --count;
            else
                refusals.push_back(removed.refusal());
            continue;
        }
        run.out(line);
        items.push_back(doomed(info, removed.value()));
    }
    if (!refusals.empty())
        return run.fail(refusals);
    if (count == 0)
        return run.out("No resources found\n");
    if (!run.flags.is("wait") || options.dry_run != DryRun::none || items.empty())
        return;
    std::optional<Time> deadline;
    if (const auto timeout = run.flags.duration("timeout"); timeout.ns > 0)
        deadline = run.environment.now + timeout;
    auto rest = std::make_unique<Disappearing>(run.server, std::move(items), deadline);
    Output more;
    if (!rest->poll(run.environment.now, more))  // else: gone at once
        run.go_on(std::move(rest));
}

std::string question(const Found& found) {
    std::string text = cat("You are about to delete the following ", found.infos.size(), " resource(s):\n");
    for (const auto& info : found.infos)
        append(text, info.slash_name(), "\n");
    return text + "Do you want to continue? (y/N): ";
}

}  // namespace

void delete_resources_flags(FlagSet& set) {
    add_filename_flags(set);
    add_selector_flags(set);
    add_dry_run_flag(set);
    set.boolean("all", "Everything of these kinds in the namespace")
        .boolean("all-namespaces", "In all namespaces", 'A')
        .text("cascade", "What becomes of dependents: background, foreground or orphan", 0, "background", "background")
        .boolean("force", "Remove the object at once, without waiting for the node")
        .integer("grace-period", "Seconds a Pod has to end; -1: its own", "-1")
        .boolean("ignore-not-found", "What does not exist is no error")
        .boolean("interactive", "Ask first; the answer is read from standard input", 'i')
        .boolean("now", "The same as --grace-period=1")
        .text("output", "name: print only names", 'o')
        .text("raw", "A path to which DELETE is sent as it is")
        .duration("timeout", "How long to wait; 0s: as long as it takes", "0s")
        .boolean("wait", "Return when all is really gone", 0, "true");
}

void delete_resources(Run& run) {
    if (run.flags.has("raw"))
        return run.flags.is("interactive") ? run.fail("--interactive can not be used with --raw") : send_raw(run, client::Method::del);
    auto options = options_of(run);
    if (!options.ok())
        return run.fail(options.refusal());
    Asked asked;
    asked.files = Files::as_written;
    asked.require_object = false;
    Found found = find_resources(run, run.args(), asked);
    if (run.flags.is("interactive") && found.refusals.empty()) {
        if (found.infos.empty())
            return run.out("No resources found\n");
        run.out(question(found));
        const auto words = fields(run.input);
        if (words.empty() || to_lower(words[0]) != "y")
            return run.out("deletion is cancelled\n");
    }
    delete_found(run, std::move(found), options.value());
}

}  // namespace kubewalk::kubectl::command
