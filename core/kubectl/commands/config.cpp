// config and auth: what the learner's configuration says, and who that is.
// Upstream: k8s.io/kubectl/pkg/cmd/config, pkg/cmd/auth.

#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/resource_args.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view cluster_name = "kubernetes";

std::string context_name(const Run& run) { return cat(run.environment.user, "@", cluster_name); }

}  // namespace

void config_current_context(Run& run) { run.out(context_name(run) + "\n"); }

void config_get_contexts(Run& run) {
    TabWriter writer(table_stops);
    writer.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    const auto& namespace_name = run.environment.namespace_name;
    writer.write(cat("*\t", context_name(run), "\t", cluster_name, "\t", run.environment.user, "\t",
                     namespace_name == "default" ? "" : namespace_name, "\n"));
    run.out(writer.take());
}

void config_view(Run& run) {
    Value cluster = Value::object({{"name", cluster_name}, {"cluster", Value::object({{"certificate-authority-data", "DATA+OMITTED"}})}});
    auto api = run.server.quiet().answer(run.server.quiet().request(client::Method::get, "/api"));
    if (api.ok())
        cluster.edit("cluster").set("server", cat("https://", api.value()["serverAddressByClientCIDRs"][0]["serverAddress"].as_string()));
    Value context = Value::object({{"cluster", cluster_name}, {"user", run.environment.user}});
    if (run.environment.namespace_name != "default")
        context.set("namespace", run.environment.namespace_name);
    const Value user = Value::object({{"client-certificate-data", "DATA+OMITTED"}, {"client-key-data", "DATA+OMITTED"}});
    run.out(api::to_yaml(Value::object(
        {{"apiVersion", "v1"},
         {"kind", "Config"},
         {"clusters", Value::array({cluster})},
         {"contexts", Value::array({Value::object({{"context", context}, {"name", context_name(run)}})})},
         {"current-context", context_name(run)},
         {"users", Value::array({Value::object({{"name", run.environment.user}, {"user", user}})})}})));
}

void config_set_context_flags(FlagSet& set) { set.boolean("current", "The current context"); }
void config_set_context(Run& run) {
    run.fail("the configuration cannot be changed from this kubectl: name the namespace with -n on each command");
}

void whoami(Run& run) {
    TabWriter writer(table_stops);
    writer.write(cat("ATTRIBUTE\tVALUE\nUsername\t", run.environment.user, "\n"));
    if (run.environment.user == "kubernetes-admin")
        writer.write("Groups\t[kubeadm:cluster-admins system:authenticated]\n");
    run.out(writer.take());
}

void can_i_flags(FlagSet& set) {
    set.boolean("all-namespaces", "In all namespaces", 'A').boolean("quiet", "Only the exit code", 'q').boolean("list", "Not supported here");
}

// Whoever is known may do everything here, so the answer needs no server (simplification "no-rbac").
void can_i(Run& run) {
    if (run.args().size() < 2 || run.args().size() > 3)
        return run.fail("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.");
    const auto& user = run.environment.user;
    const bool allowed = user == "kubernetes-admin" || user.starts_with("system:");
    if (!api::find_by_any_name(std::string_view(run.args()[1]).substr(0, run.args()[1].find('/'))))
        run.err(cat("Warning: the server doesn't have a resource type '", run.args()[1], "'\n\n"));
    if (!run.flags.is("quiet"))
        run.out(allowed ? "yes\n" : "no\n");
    run.started.output.exit = allowed ? 0 : 1;
}

}  // namespace kubewalk::kubectl::command
