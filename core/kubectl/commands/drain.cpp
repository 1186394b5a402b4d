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

// What drain is told, once and for all its nodes.
struct Wishes {
    bool force = false;
    bool ignore_daemon_sets = false;
    bool delete_empty_dir_data = false;
    bool disable_eviction = false;
    std::int64_t grace_period = -1;
    std::string pod_selector;
    std::optional<Duration> timeout;  // of one node
    DryRun dry_run = DryRun::none;
};

// The filters of drain/filters.go, in their order.
void judge(const Wishes& wishes, const Value& pod, Judged& judged) {
    const auto full_name = cat(api::namespace_of(pod), "/", api::name_of(pod));
    const auto phase = pod["status"]["phase"].as_string();
    const bool ended = phase == "Succeeded" || phase == "Failed";
    const auto& owner = api::controller_of(pod);
    if (pod["metadata"]["annotations"].contains(mirror_annotation))
        return;
    if (owner["kind"].as_string() == "DaemonSet" && !ended) {
        if (wishes.ignore_daemon_sets)
            judged.warnings["ignoring DaemonSet-managed Pods"].push_back(full_name);
        else
            judged.errors["DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"].push_back(full_name);
        return;
    }
    bool local_storage = false;
    for (const auto& volume : pod["spec"]["volumes"].items())
        local_storage = local_storage || !volume["emptyDir"].is_null();
    if (local_storage && !ended && !wishes.delete_empty_dir_data) {
        judged.errors["Pods with local storage (use --delete-emptydir-data to override)"].push_back(full_name);
        return;
    }
    if (owner.is_null() && !ended) {
        if (!wishes.force) {
            judged.errors["Pods that declare no controller (use --force to override)"].push_back(full_name);
            return;
        }
        judged.warnings["deleting Pods that declare no controller"].push_back(full_name);
    }
    judged.pods.push_back({std::string(api::namespace_of(pod)), std::string(api::name_of(pod)), std::string(api::uid_of(pod))});
}

std::vector<std::string> listed(const std::map<std::string, std::vector<std::string>>& lists, std::string_view verb) {
    std::vector<std::string> texts;
    for (const auto& [what, pods] : lists)
        texts.push_back(cat(verb, what, ": ", join(pods, ", ")));
    return texts;
}

// utilerrors.Aggregate: one as it is, several in brackets.
std::string aggregate(const std::vector<std::string>& errors) { return errors.size() == 1 ? errors[0] : cat("[", join(errors, ", "), "]"); }

// One node after the other: ask for all evictions, ask again where a budget refuses, wait until the Pods are gone.
// Upstream: RunDrain and deleteOrEvictPodsSimple of the command, evictPods of pkg/drain.
class Draining final : public Waiting<Draining> {
public:
    Draining(const Server& server, std::vector<std::string> nodes, Wishes wishes)
        : server_(server), nodes_(std::move(nodes)), wishes_(std::move(wishes)) {
        (void)server_.take_notes();  // those so far are printed by the command
    }

    bool poll(Time now, Output& more) override {
        const bool over = drain_rest(now, more);
        more.err += server_.take_notes();
        return over;
    }

private:
    static constexpr Duration retry_delay = seconds(5);

    struct Going {
        Doomed pod;
        bool asked = false;  // its eviction was granted
        Time ask_at;
    };

    bool drain_rest(Time now, Output& more) {
        while (at_ < nodes_.size()) {
            if (!begun_)
                begin(now, more);
            work(now, more);
            if (!going_.empty())
                return false;
            end(more);
        }
        if (pending_.empty())
            return true;
        more.err += "There are pending nodes to be drained:\n";
        for (const auto& node : pending_)
            append(more.err, " ", node, "\n");
        for (const auto& error : fatal_)
            append(more.err, error, "\n");
        more.exit = 1;
        return true;
    }

    // GetPodsForDeletion. Nothing when the list cannot be had; `errors_` says why.
    std::optional<Judged> judged() {
        auto list = server_.quiet().list(api::kind::pods, {}, wishes_.pod_selector, cat("spec.nodeName=", nodes_[at_]));
        if (!list.ok()) {
            errors_.push_back(list.refusal().text);
            return std::nullopt;
        }
        Judged found;
        for (const auto& pod : list.value()["items"].items())
            judge(wishes_, pod, found);
        return found;
    }

    void begin(Time now, Output& more) {
        begun_ = true;
        evicts_ = false;
        errors_.clear();
        if (wishes_.timeout)
            deadline_ = now + *wishes_.timeout;
        const auto found = judged();
        if (!found)
            return;
        errors_ = listed(found->errors, "cannot delete ");
        if (!errors_.empty())
            return;
        if (!found->warnings.empty())
            append(more.err, "Warning: ", join(listed(found->warnings, ""), "; "), "\n");
        evicts_ = true;
        for (const auto& pod : found->pods) {
            if (wishes_.dry_run == DryRun::none)
                going_.push_back({pod, false, now});
            else
                append(more.out, "evicting pod ", pod.namespace_name, "/", pod.name, dry_run_suffix(wishes_.dry_run), "\n");
        }
    }

    void work(Time now, Output& more) {
        const bool late = deadline_ && now >= *deadline_;
        std::erase_if(going_, [&](Going& one) { return one.asked ? gone(one, late, more) : ask(one, now, late, more); });
    }

    // True when there is nothing more to do for the Pod.
    bool gone(const Going& one, bool late, Output& more) {
        const auto answer = server_.quiet().get(api::kind::pods, one.pod.namespace_name, one.pod.name);
        if (answer.ok() ? api::uid_of(answer.value()) != one.pod.uid : answer.refusal().is("NotFound")) {
            append(more.out, "pod/", one.pod.name, wishes_.disable_eviction ? " deleted\n" : " evicted\n");
            return true;
        }
        if (answer.ok() && !late)
            return false;
        errors_.push_back(cat("error when waiting for pod ", quoted(one.pod.name), " in namespace ", quoted(one.pod.namespace_name),
                              " to terminate: ", answer.ok() ? std::string("context deadline exceeded") : answer.refusal().text));
        return true;
    }

    bool ask(Going& one, Time now, bool late, Output& more) {
        if (now < one.ask_at && !late)
            return false;
        const auto& pod = one.pod;
        append(more.out, wishes_.disable_eviction ? "deleting pod " : "evicting pod ", pod.namespace_name, "/", pod.name, "\n");
        const auto what = cat("error when evicting pods/", quoted(pod.name), " -n ", quoted(pod.namespace_name));
        if (late) {
            errors_.push_back(cat(what, ": global timeout reached: ", go_duration(*wishes_.timeout)));
            return true;
        }
        const auto done = wishes_.disable_eviction ? remove(pod) : evict(pod);
        one.asked = done.ok();
        if (done.ok())
            return false;
        if (done.refusal().is("NotFound"))
            return true;
        if (done.refusal().is("TooManyRequests")) {
            append(more.err, what, " (will retry after ", go_duration(retry_delay), "): ", done.refusal().text, "\n");
            one.ask_at = now + retry_delay;
            return false;
        }
        errors_.push_back(cat(what, ": ", done.refusal().text));
        return true;
    }

    Value options() const {
        return wishes_.grace_period < 0 ? Value::object() : Value::object({{"gracePeriodSeconds", wishes_.grace_period}});
    }

    Answer<Done> evict(const Doomed& pod) {
        auto request = server_.request(client::Method::post, cat(api::object_path(api::kind::pods, pod.namespace_name, pod.name), "/eviction"));
        request.body = Value::object({{"apiVersion", "policy/v1"},
                                      {"kind", "Eviction"},
                                      {"metadata", Value::object({{"name", pod.name}, {"namespace", pod.namespace_name}})},
                                      {"deleteOptions", options()}});
        auto answer = server_.answer(std::move(request));
        return answer.ok() ? Answer<Done>(Done{}) : answer.refusal();
    }

    Answer<Done> remove(const Doomed& pod) {
        auto request = server_.request(client::Method::del, api::object_path(api::kind::pods, pod.namespace_name, pod.name));
        request.body = options();
        auto answer = server_.answer(std::move(request));
        return answer.ok() ? Answer<Done>(Done{}) : answer.refusal();
    }

    void end(Output& more) {
        const auto& node = nodes_[at_];
        if (errors_.empty()) {
            append(more.out, "node/", node, " drained", dry_run_suffix(wishes_.dry_run), "\n");
        } else {
            const auto why = aggregate(errors_);
            if (evicts_) {
                const auto known = errors_;
                if (const auto left = judged(); left && !left->pods.empty()) {
                    append(more.err, "There are pending pods in node ", quoted(node), " when an error occurred: ", why, "\n");
                    for (const auto& pod : left->pods)
                        append(more.err, "pod/", pod.name, "\n");
                }
                errors_ = known;
            }
            append(more.err, "error: unable to drain node ", quoted(node), " due to error: ", why, ", continuing command...\n");
            pending_.push_back(node);
            fatal_.insert(fatal_.end(), errors_.begin(), errors_.end());
        }
        begun_ = false;
        ++at_;
    }

    Server server_;
    std::vector<std::string> nodes_;
    Wishes wishes_;
    std::size_t at_ = 0;
    bool begun_ = false;
    bool evicts_ = false;  // the node's Pods may all go
    std::vector<Going> going_;
    std::optional<Time> deadline_;
    std::vector<std::string> errors_;   // of the node at work
    std::vector<std::string> pending_;  // nodes that could not be drained
    std::vector<std::string> fatal_;
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
        .integer("chunk-size", "Lists come in pieces of this many; 0: whole", "500")
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
    std::vector<std::string> nodes;
    for (const auto& info : found.infos) {
        if (auto done = set_unschedulable(run, info, true, dry_run.value()); !done.ok())
            return run.fail(done.refusal());
        nodes.push_back(info.name);
    }
    Wishes wishes;
    wishes.force = run.flags.is("force");
    wishes.ignore_daemon_sets = run.flags.is("ignore-daemonsets");
    wishes.delete_empty_dir_data = run.flags.is("delete-emptydir-data");
    wishes.disable_eviction = run.flags.is("disable-eviction");
    wishes.grace_period = run.flags.integer("grace-period");
    wishes.pod_selector = run.flags.text("pod-selector");
    wishes.dry_run = dry_run.value();
    if (const auto timeout = run.flags.duration("timeout"); timeout.ns > 0)
        wishes.timeout = timeout;
    auto rest = std::make_unique<Draining>(run.server, std::move(nodes), std::move(wishes));
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
