// Upstream: k8s.io/kubectl/pkg/cmd/describe/describe.go.

#include "core/kubectl/describe/describe.h"

#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

namespace {

// TYPE PREFIX: objects whose names begin so, when there is none of the name itself.
bool describe_by_prefix(Run& run, std::vector<Info>& infos) {
    const auto& args = run.args();
    if (args.size() != 2 || run.flags.has("filename"))
        return false;
    auto kind = kind_named(args[0], &run.server);
    if (!kind.ok())
        return false;
    auto list = run.server.list(*kind.value(), run.namespace_name());
    if (!list.ok())
        return false;
    for (const auto& item : list.value()["items"].items())
        if (api::name_of(item).starts_with(args[1]))
            infos.push_back({kind.value(), std::string(api::namespace_of(item)), std::string(api::name_of(item)), {}, 0, item});
    return !infos.empty();
}

}  // namespace

void describe_flags(FlagSet& set) {
    add_filename_flags(set);
    set.text("selector", "Labels to select by", 'l')
        .boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("show-events", "Events at the end", 0, "true")
        .integer("chunk-size", "Lists come in pieces of this many; 0: whole", "500");
}

void describe(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of "
            "supported resources.");
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (found.infos.empty() && found.refusals.size() == 1 && found.refusals[0].is("NotFound") &&
        describe_by_prefix(run, found.infos))
        found.refusals.clear();
    bool first = true;
    for (const auto& info : found.infos) {
        if (!first)
            run.out("\n\n");
        first = false;
        run.out(describe::describe(*info.kind, info.object, run.server, run.environment.now, run.flags.is("show-events")));
    }
    if (found.infos.empty() && found.refusals.empty()) {
        const bool all = run.flags.is("all-namespaces");
        return run.err(all ? "No resources found\n" : cat("No resources found in ", run.namespace_name(), " namespace.\n"));
    }
    run.fail(found.refusals);
}

}  // namespace kubewalk::kubectl::command
