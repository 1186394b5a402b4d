#pragma once
// One command: a file in core/kubectl/commands/ and a line in the table of commands.cpp.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/kubectl/configuration.h"
#include "core/kubectl/flags.h"
#include "core/kubectl/kubectl.h"
#include "core/kubectl/refusal.h"
#include "core/kubectl/server.h"

namespace kubewalk::kubectl {

class Run;

// What may stand as the first argument, for completion.
enum class Takes : unsigned char { nothing, kinds, resources, workloads, pods, nodes, accounts, verbs, contexts, clusters, users };

struct Command {
    std::string_view path;     // "get", "rollout status"
    std::string_view summary;  // one line
    std::string_view usage;    // behind "kubectl "
    void (*flags)(FlagSet& set);  // null: global flags only
    void (*run)(Run& run);        // null: a group of subcommands
    Takes takes = Takes::nothing;
};

std::span<const Command> commands();
// The table's line, or null. `path` as in Command.
const Command* find_command(std::string_view path);
// All flags of a command, the global ones last.
FlagSet flags_of(const Command& command);
FlagSet global_flags();

// Groups of flags that several commands share.
void add_output_flags(FlagSet& set);
void add_filename_flags(FlagSet& set);
void add_selector_flags(FlagSet& set);  // labels and fields
void add_label_flag(FlagSet& set);
void add_record_flag(FlagSet& set);
// --cascade, --force, --grace-period, --timeout, --wait of commands that may delete on their way.
void add_removal_flags(FlagSet& set);
void add_dry_run_flag(FlagSet& set);
void add_validate_flag(FlagSet& set);
void add_manager_flag(FlagSet& set, std::string_view manager);

enum class DryRun : unsigned char { none, client, server };

// One command under way: what was asked, where answers go.
class Run {
public:
    Run(const Environment& environment, const Command& its_command, Parsed parsed, const Connection& connection,
        std::string_view standard_input);

    const Environment& environment;
    const Command& command;
    const Parsed flags;
    const std::string_view input;
    Server server;
    Started started;

    const std::vector<std::string>& args() const { return flags.args; }
    // Of -n, else of the context.
    const std::string& namespace_name() const { return namespace_; }
    bool namespace_given() const { return flags.has("namespace"); }
    // "" with -A.
    std::string_view namespace_or_all() const { return flags.is("all-namespaces") ? std::string_view() : namespace_; }

    void out(std::string_view text) { started.output.out += text; }
    void err(std::string_view text) { started.output.err += text; }
    // Ends with `error: ...` and exit code 1.
    void fail(std::string text) { fail(Refusal::plain(std::move(text))); }
    void fail(const Refusal& refusal) { fail(std::vector<Refusal>{refusal}); }
    void fail(const std::vector<Refusal>& refusals);  // nothing when there are none
    // The same, with the hint to -h behind it.
    void usage_error(std::string_view text);
    void go_on(std::unique_ptr<Continuation> rest) { started.rest = std::move(rest); }

    Answer<DryRun> dry_run() const;
    // The line that was typed, as --record notes it: "kubectl set image deploy/x a=b --record=true".
    std::string typed() const;

private:
    std::string namespace_;
};

// The page of --help.
std::string help_of(const Command& command);

// " (dry run)", " (server dry run)" or "".
std::string_view dry_run_suffix(DryRun dry_run);

// A Continuation that copies itself.
template <typename Derived>
class Waiting : public Continuation {
public:
    std::unique_ptr<Continuation> clone() const override {
        return std::make_unique<Derived>(static_cast<const Derived&>(*this));
    }
};

// Each command is a function of this name, with what it takes as NAME_flags.
namespace command {
#define KUBEWALK_COMMAND(name)       \
    void name##_flags(FlagSet& set); \
    void name(Run& run);
KUBEWALK_COMMAND(annotate)
KUBEWALK_COMMAND(api_resources)
KUBEWALK_COMMAND(apply)
KUBEWALK_COMMAND(attach)
KUBEWALK_COMMAND(autoscale)
KUBEWALK_COMMAND(can_i)
KUBEWALK_COMMAND(certificate_approve)
KUBEWALK_COMMAND(certificate_deny)
KUBEWALK_COMMAND(cluster_info_dump)
KUBEWALK_COMMAND(config_get_contexts)
KUBEWALK_COMMAND(config_set)
KUBEWALK_COMMAND(config_set_cluster)
KUBEWALK_COMMAND(config_set_context)
KUBEWALK_COMMAND(config_set_credentials)
KUBEWALK_COMMAND(config_view)
KUBEWALK_COMMAND(cp)
KUBEWALK_COMMAND(create)
KUBEWALK_COMMAND(create_cluster_role)
KUBEWALK_COMMAND(create_cluster_role_binding)
KUBEWALK_COMMAND(create_configmap)
KUBEWALK_COMMAND(create_cron_job)
KUBEWALK_COMMAND(create_deployment)
KUBEWALK_COMMAND(create_docker_secret)
KUBEWALK_COMMAND(create_ingress)
KUBEWALK_COMMAND(create_job)
KUBEWALK_COMMAND(create_namespace)
KUBEWALK_COMMAND(create_disruption_budget)
KUBEWALK_COMMAND(create_priority_class)
KUBEWALK_COMMAND(create_quota)
KUBEWALK_COMMAND(create_role)
KUBEWALK_COMMAND(create_role_binding)
KUBEWALK_COMMAND(create_secret)
KUBEWALK_COMMAND(create_service_account)
KUBEWALK_COMMAND(create_tls_secret)
KUBEWALK_COMMAND(create_token)
KUBEWALK_COMMAND(debug)
KUBEWALK_COMMAND(delete_resources)
KUBEWALK_COMMAND(describe)
KUBEWALK_COMMAND(diff)
KUBEWALK_COMMAND(drain)
KUBEWALK_COMMAND(edit)
KUBEWALK_COMMAND(edit_last_applied)
KUBEWALK_COMMAND(events)
KUBEWALK_COMMAND(exec)
KUBEWALK_COMMAND(explain)
KUBEWALK_COMMAND(expose)
KUBEWALK_COMMAND(get)
KUBEWALK_COMMAND(label)
KUBEWALK_COMMAND(logs)
KUBEWALK_COMMAND(patch)
KUBEWALK_COMMAND(port_forward)
KUBEWALK_COMMAND(proxy)
KUBEWALK_COMMAND(reconcile)
KUBEWALK_COMMAND(replace)
KUBEWALK_COMMAND(rollout_history)
KUBEWALK_COMMAND(rollout_status)
KUBEWALK_COMMAND(rollout_undo)
KUBEWALK_COMMAND(run_pod)
KUBEWALK_COMMAND(scale)
KUBEWALK_COMMAND(set_env)
KUBEWALK_COMMAND(set_image)
KUBEWALK_COMMAND(set_last_applied)
KUBEWALK_COMMAND(set_resources)
KUBEWALK_COMMAND(set_selector)
KUBEWALK_COMMAND(set_service_account)
KUBEWALK_COMMAND(set_subject)
KUBEWALK_COMMAND(taint)
KUBEWALK_COMMAND(top_node)
KUBEWALK_COMMAND(top_pod)
KUBEWALK_COMMAND(version)
KUBEWALK_COMMAND(view_last_applied)
KUBEWALK_COMMAND(wait)
KUBEWALK_COMMAND(whoami)
#undef KUBEWALK_COMMAND
void cordon(Run& run);
void uncordon(Run& run);
void cordon_flags(FlagSet& set);
void rollout_flags(FlagSet& set);
void rollout_restart(Run& run);
void rollout_pause(Run& run);
void rollout_resume(Run& run);
void create_cluster_ip(Run& run);
void create_cluster_ip_flags(FlagSet& set);
void create_node_port(Run& run);
void create_node_port_flags(FlagSet& set);
void create_external_name(Run& run);
void create_external_name_flags(FlagSet& set);
void create_load_balancer(Run& run);
void create_load_balancer_flags(FlagSet& set);
void api_versions(Run& run);
void cluster_info(Run& run);
void options(Run& run);
void config_current_context(Run& run);
void config_get_clusters(Run& run);
void config_get_users(Run& run);
void config_use_context(Run& run);
void config_rename_context(Run& run);
void config_delete_cluster(Run& run);
void config_delete_context(Run& run);
void config_delete_user(Run& run);
void config_unset(Run& run);
void absent(Run& run);
}  // namespace command

}  // namespace kubewalk::kubectl
