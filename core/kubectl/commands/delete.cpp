// Upstream: k8s.io/kubectl/pkg/cmd/delete/delete.go, pkg/cmd/wait/delete.go.

#include "core/base/text.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// Until everything deleted is gone (or was replaced by something else of that name).
class Disappearing final : public Waiting<Disappearing> {
public:
    struct Item {
        const api::Kind* kind;
        std::string namespace_name;
        std::string name;
        std::string uid;
    };

    Disappearing(const Server& server, std::vector<Item> items, std::optional<Time> deadline)
        : server_(server.quiet()), items_(std::move(items)), deadline_(deadline) {}

    bool poll(Time now, Output& more) override {
        std::erase_if(items_, [this](const Item& item) { return is_gone(item); });
        if (items_.empty())
            return true;
        if (!deadline_ || now < *deadline_)
            return false;
        for (const auto& item : items_)
            append(more.err, "error: timed out waiting for the condition on ", item.kind->resource, "/", item.name, "\n");
        more.exit = 1;
        return true;
    }

private:
    bool is_gone(const Item& item) {
        auto answer = server_.get(*item.kind, item.namespace_name, item.name);
        if (!answer.ok())
            return answer.refusal().is("NotFound");
        return !item.uid.empty() && api::uid_of(answer.value()) != item.uid;
    }

    Server server_;
    std::vector<Item> items_;
    std::optional<Time> deadline_;
};

struct Options {
    std::int64_t grace_period = -1;
    std::string policy;
    DryRun dry_run = DryRun::none;
    bool name_only = false;
};

Answer<Options> options_of(Run& run) {
    Options options;
    options.grace_period = run.flags.integer("grace-period");
    const bool force = run.flags.is("force");
    if (run.flags.is("now")) {
        if (options.grace_period != -1)
            return Refusal::plain("--now and --grace-period cannot be specified together");
        options.grace_period = 1;
    }
    if (options.grace_period == 0 && !force)
        options.grace_period = 1;
    if (force && options.grace_period < 0)
        options.grace_period = 0;
    if (force && options.grace_period > 0)
        return Refusal::plain("--force and --grace-period greater than 0 cannot be specified together");
    if (force)
        run.err("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
                "The resource may continue to run on the cluster indefinitely.\n");
    const auto cascade = run.flags.text("cascade");
    if (cascade == "background" || cascade == "true")
        options.policy = "Background";
    else if (cascade == "foreground")
        options.policy = "Foreground";
    else if (cascade == "orphan" || cascade == "false")
        options.policy = "Orphan";
    else
        return Refusal::plain(cat("invalid cascade value (", cascade, "). Must be \"background\", \"foreground\", or \"orphan\""));
    const auto output = run.flags.text("output");
    if (!output.empty() && output != "name")
        return Refusal::plain(cat("unexpected -o output mode: ", output, ". We only support '-o name'"));
    options.name_only = output == "name";
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return dry_run.refusal();
    options.dry_run = dry_run.value();
    return options;
}

std::string line_for(const Info& info, const Options& options) {
    if (options.name_only)
        return info.slash_name() + "\n";
    std::string line = cat(kind_prefix(*info.kind), " ", quoted(info.name), options.grace_period == 0 ? " force deleted" : " deleted");
    if (info.kind->namespaced())
        append(line, " from ", info.namespace_name, " namespace");
    return cat(line, dry_run_suffix(options.dry_run), "\n");
}

Answer<Value> remove(Run& run, const Info& info, const Options& options) {
    auto request = run.server.request(client::Method::del, api::object_path(*info.kind, info.namespace_name, info.name));
    request.body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", options.policy}});
    if (options.grace_period >= 0)
        request.body.set("gracePeriodSeconds", options.grace_period);
    if (options.dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto answer = run.server.answer(std::move(request));
    if (answer.ok() || info.source.empty())
        return answer;
    Refusal refusal = answer.refusal();
    refusal.add_source("deleting", info.source);
    return refusal;
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
        .boolean("now", "The same as --grace-period=1")
        .text("output", "name: print only names", 'o')
        .boolean("wait", "Return when all is really gone", 0, "true")
        .boolean("interactive", "Ask first (not supported here)", 'i')
        .duration("timeout", "How long to wait; 0s: as long as it takes", "0s");
}

void delete_resources(Run& run) {
    if (run.flags.is("interactive"))
        return run.fail("--interactive is not part of this kubectl");
    auto options = options_of(run);
    if (!options.ok())
        return run.fail(options.refusal());
    Asked asked;
    asked.files = Files::as_written;
    asked.require_object = false;
    Found found = find_resources(run, run.args(), asked);
    auto refusals = std::move(found.refusals);
    std::vector<Disappearing::Item> items;
    std::size_t count = 0;
    for (const auto& info : found.infos) {
        ++count;
        if (options.value().dry_run == DryRun::client) {
            run.out(line_for(info, options.value()));
            continue;
        }
        auto removed = remove(run, info, options.value());
        run.err(run.server.take_notes());
        if (!removed.ok()) {
            if (removed.refusal().is("NotFound") && (run.flags.is("ignore-not-found") || run.flags.is("all")))
                --count;
            else
                refusals.push_back(removed.refusal());
            continue;
        }
        run.out(line_for(info, options.value()));
        const auto& details = removed.value()["details"]["uid"];
        items.push_back({info.kind, info.namespace_name, info.name,
                         details.is_null() ? std::string(api::uid_of(removed.value())) : details.str()});
    }
    if (!refusals.empty())
        return run.fail(refusals);
    if (count == 0)
        return run.out("No resources found\n");
    if (!run.flags.is("wait") || options.value().dry_run != DryRun::none || items.empty())
        return;
    const auto timeout = run.flags.duration("timeout");
    std::optional<Time> deadline;
    if (timeout.ns > 0)
        deadline = run.environment.now + timeout;
    auto rest = std::make_unique<Disappearing>(run.server, std::move(items), deadline);
    Output more;
    if (rest->poll(run.environment.now, more))
        return;  // gone at once
    run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
