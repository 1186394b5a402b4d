// cordon, uncordon, drain. Upstream: k8s.io/kubectl/pkg/cmd/drain/drain.go, pkg/drain (drain.go, filters.go).

#include <map>

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";

Found nodes_asked(Run& run) {
    Asked asked;
    asked.default_type = "nodes";
    std::vector<std::string> args = run.args();
    if (run.flags.has("selector"))
        args = {"nodes"};
    else if (args.size() > 1)
        args.insert(args.begin(), "nodes");
    return find_resources(run, args, asked);
}

Answer<Done> set_unschedulable(Run& run, const Info& info, bool wanted, DryRun dry_run) {
    const bool already = info.object["spec"]["unschedulable"].as_bool() == wanted;
    if (!already) {
        Value object = info.object;
        if (wanted)
            object.edit("spec").set("unschedulable", true);
        else
            object.edit("spec").erase("unschedulable");
        if (auto sent = send_change(run, info, object, dry_run); !sent.ok())
            return sent.refusal();
    }
    run.out(cat("node/", info.name, already ? " already " : " ", wanted ? "cordoned" : "uncordoned", dry_run_suffix(dry_run), "\n"));
    return Done{};
}

void change_nodes(Run& run, bool unschedulable) {
    if (run.args().empty() && !run.flags.has("selector"))
        return run.usage_error(cat("USAGE: ", run.command.path, " NODE [flags]"));
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    Found found = nodes_asked(run);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos)
        if (auto done = set_unschedulable(run, info, unschedulable, dry_run.value()); !done.ok())
            refusals.push_back(done.refusal());
    run.fail(refusals);
}

struct Doomed {
    std::string namespace_name;
    std::string name;
    std::string uid;
};

struct Judged {
    std::vector<Doomed> pods;
    std::map<std::string, std::vector<std::string>> warnings;  // what -> Pods
    std::map<std::string, std::vector<std::string>> errors;
};

// The filters of drain/filters.go, in their order.
void judge(const Run& run, const Value& pod, Judged& judged) {
    const auto full_name = cat(api::namespace_of(pod), "/", api::name_of(pod));
    const auto phase = pod["status"]["phase"].as_string();
    const bool ended = phase == "Succeeded" || phase == "Failed";
    const bool force = run.flags.is("force");
    const auto& owner = api::controller_of(pod);
    if (pod["metadata"]["annotations"].contains(mirror_annotation))
        return;
    if (owner["kind"].as_string() == "DaemonSet" && !ended) {
        if (run.flags.is("ignore-daemonsets"))
            judged.warnings["ignoring DaemonSet-managed Pods"].push_back(full_name);
        else
            judged.errors["DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"].push_back(full_name);
        return;
    }
    bool local_storage = false;
    for (const auto& volume : pod["spec"]["volumes"].items())
        local_storage = local_storage || !volume["emptyDir"].is_null();
    if (local_storage && !ended) {
        if (!run.flags.is("delete-emptydir-data")) {
            judged.errors["Pods with local storage (use --delete-emptydir-data to override)"].push_back(full_name);
            return;
        }
    }
    if (owner.is_null() && !ended) {
        if (!force) {
            judged.errors["Pods that declare no controller (use --force to override)"].push_back(full_name);
            return;
        }
        judged.warnings["deleting Pods that declare no controller"].push_back(full_name);
    }
    judged.pods.push_back({std::string(api::namespace_of(pod)), std::string(api::name_of(pod)), std::string(api::uid_of(pod))});
}

std::string listed(const std::map<std::string, std::vector<std::string>>& lists, std::string_view verb) {
    std::string text;
    for (const auto& [what, pods] : lists)
        append(text, text.empty() ? "" : "; ", verb, what, ": ", join(pods, ", "));
    return text;
}

// Eviction where the server has it, else deletion.
Answer<Done> evict(Run& run, const Doomed& pod) {
    const auto path = api::object_path(api::kind::pods, pod.namespace_name, pod.name);
    Value options = Value::object();
    if (const auto grace = run.flags.integer("grace-period"); grace >= 0)
        options.set("gracePeriodSeconds", grace);
    if (!run.flags.is("disable-eviction")) {
        auto request = run.server.request(client::Method::post, cat(path, "/eviction"));
        request.body = Value::object({{"apiVersion", "policy/v1"},
                                      {"kind", "Eviction"},
                                      {"metadata", Value::object({{"name", pod.name}, {"namespace", pod.namespace_name}})},
                                      {"deleteOptions", options}});
        auto answer = run.server.answer(std::move(request));
        if (answer.ok())
            return Done{};
        const bool no_such_path = answer.refusal().is("NotFound") && answer.refusal().status["details"]["name"].is_null();
        if (!no_such_path)
            return answer.refusal();
    }
    auto request = run.server.request(client::Method::del, path);
    request.body = options;
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok() && !answer.refusal().is("NotFound"))
        return answer.refusal();
    return Done{};
}

class Draining final : public Waiting<Draining> {
public:
    Draining(const Server& server, std::vector<Doomed> pods, std::vector<std::string> nodes, std::optional<Time> deadline)
        : server_(server.quiet()), pods_(std::move(pods)), nodes_(std::move(nodes)), deadline_(deadline) {}

    bool poll(Time now, Output& more) override {
        std::erase_if(pods_, [&](const Doomed& pod) {
            auto answer = server_.get(api::kind::pods, pod.namespace_name, pod.name);
            const bool gone = answer.ok() ? api::uid_of(answer.value()) != pod.uid : answer.refusal().is("NotFound");
            if (gone)
                append(more.out, "pod/", pod.name, " evicted\n");
            return gone;
        });
        if (pods_.empty()) {
            for (const auto& node : nodes_)
                append(more.out, "node/", node, " drained\n");
            return true;
        }
        if (!deadline_ || now < *deadline_)
            return false;
        append(more.err, "There are pending nodes to be drained:\n");
        for (const auto& node : nodes_)
            append(more.err, " ", node, "\n");
        append(more.err, "error: drain did not complete within the timeout\n");
        more.exit = 1;
        return true;
    }

private:
    Server server_;
    std::vector<Doomed> pods_;
    std::vector<std::string> nodes_;
    std::optional<Time> deadline_;
};

}  // namespace

void cordon_flags(FlagSet& set) {
    add_dry_run_flag(set);
    set.text("selector", "Labels to select nodes by", 'l');
}
void cordon(Run& run) { change_nodes(run, true); }
void uncordon(Run& run) { change_nodes(run, false); }

void drain_flags(FlagSet& set) {
    add_dry_run_flag(set);
    set.text("selector", "Labels to select nodes by", 'l')
        .boolean("ignore-daemonsets", "Leave Pods of DaemonSets where they are")
        .boolean("delete-emptydir-data", "Pods with emptyDir volumes too: their data is lost")
        .boolean("force", "Pods without a controller too: nobody makes them anew")
        .boolean("disable-eviction", "Delete Pods instead of evicting them")
        .integer("grace-period", "Seconds a Pod has to end; -1: its own", "-1")
        .duration("timeout", "How long to wait; 0s: as long as it takes", "0s")
        .text("pod-selector", "Only Pods with these labels")
        .integer("chunk-size", "Accepted", "500")
        .integer("skip-wait-for-delete-timeout", "Accepted", "0");
}

void drain(Run& run) {
    if (run.args().empty() && !run.flags.has("selector"))
        return run.usage_error("USAGE: drain NODE [flags]");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    Found found = nodes_asked(run);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    std::vector<Doomed> doomed;
    std::vector<std::string> nodes;
    for (const auto& info : found.infos) {
        if (auto done = set_unschedulable(run, info, true, dry_run.value()); !done.ok())
            return run.fail(done.refusal());
        auto list = run.server.list(api::kind::pods, {}, run.flags.text("pod-selector"), cat("spec.nodeName=", info.name));
        if (!list.ok())
            return run.fail(list.refusal());
        Judged judged;
        for (const auto& pod : list.value()["items"].items())
            judge(run, pod, judged);
        if (!judged.errors.empty()) {
            const auto why = listed(judged.errors, "cannot delete ");
            run.err(cat("error: unable to drain node ", quoted(info.name), " due to error: ", why, ", continuing command...\n",
                        "There are pending nodes to be drained:\n ", info.name, "\n"));
            return run.fail(why);
        }
        if (!judged.warnings.empty())
            run.err(cat("Warning: ", listed(judged.warnings, ""), "\n"));
        for (const auto& pod : judged.pods) {
            run.out(cat("evicting pod ", pod.namespace_name, "/", pod.name, dry_run_suffix(dry_run.value()), "\n"));
            if (dry_run.value() != DryRun::none)
                continue;
            if (auto done = evict(run, pod); !done.ok())
                return run.fail(done.refusal());
            doomed.push_back(pod);
        }
        nodes.push_back(info.name);
    }
    const auto timeout = run.flags.duration("timeout");
    std::optional<Time> deadline;
    if (timeout.ns > 0)
        deadline = run.environment.now + timeout;
    auto rest = std::make_unique<Draining>(run.server, std::move(doomed), std::move(nodes), deadline);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
