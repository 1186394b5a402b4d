#include "core/kubectl/command.h"

#include "core/base/text.h"

namespace kubewalk::kubectl {

// -o json and yaml hide them unless asked; templates and whatever is printed as it came do not.
static bool sees_managed_fields(const Parsed& flags, const Command& command) {
    const auto form = flags.text("output");
    for (const std::string_view free : {"jsonpath", "go-template", "template", "custom-columns"})
        if (form.starts_with(free))
            return true;
    return flags.is("show-managed-fields") || flags.has("template") || flags.has("raw") || command.path == "proxy" || flags.integer("v") >= 8;
}

Run::Run(const Environment& its_environment, const Command& its_command, Parsed parsed, const Connection& connection,
         std::string_view standard_input)
    : environment(its_environment),
      command(its_command),
      flags(std::move(parsed)),
      input(standard_input),
      server(its_environment.transport, connection.user),
      namespace_(connection.namespace_name) {
    server.set_verbosity(static_cast<int>(flags.integer("v")));
    server.set_time(its_environment.now);
    server.set_address(its_environment.server_url);
    server.use_token(connection.token);
    server.set_managed_fields(sees_managed_fields(flags, its_command));
    server.impersonate(flags.text("as"), flags.list("as-group"));
}

void Run::fail(const std::vector<Refusal>& refusals) {
    if (refusals.empty())
        return;
    err(server.take_notes());
    err(worded(refusals));
    err("\n");
    started.output.exit = 1;
}

void Run::usage_error(std::string_view text) {
    fail(cat(text, "\nSee 'kubectl ", command.path, " -h' for help and examples"));
}

Answer<DryRun> Run::dry_run() const {
    const auto text = flags.text("dry-run");
    if (text == "client" || text == "unchanged")
        return DryRun::client;
    if (text == "server")
        return DryRun::server;
    if (text == "none" || text.empty())
        return DryRun::none;
    return Refusal::plain(cat("Invalid dry-run value (", text, "). Must be \"none\", \"server\", or \"client\"."));
}

std::string Run::typed() const {
    std::string line = cat("kubectl ", command.path);
    for (const auto& arg : flags.args)
        append(line, " ", arg);
    for (const auto& [name, value] : flags.order)
        append(line, " --", name, "=", value);
    return line;
}

std::string_view dry_run_suffix(DryRun dry_run) {
    return dry_run == DryRun::client ? " (dry run)" : dry_run == DryRun::server ? " (server dry run)" : "";
}

void add_output_flags(FlagSet& set) {
    set.text("output", "How to print: json, yaml, kyaml, name, go-template, go-template-file, jsonpath, jsonpath-as-json, jsonpath-file", 'o')
        .boolean("show-managed-fields", "Print metadata.managedFields too")
        .boolean("allow-missing-template-keys", "A template's field that is missing is no error", 0, "true")
        .text("template", "The template of -o go-template and jsonpath, or its file");
}

void add_filename_flags(FlagSet& set) {
    set.list("filename", "Files or folders with manifests; - is standard input", 'f')
        .text("kustomize", "A folder with a kustomization (there is no kustomize in this kubectl)", 'k')
        .boolean("recursive", "Read folders inside the folder too", 'R');
}

void add_label_flag(FlagSet& set) { set.text("selector", "Labels to select by, such as app=carts,tier!=db", 'l'); }

void add_record_flag(FlagSet& set) {
    set.boolean("record", "Note the command in an annotation of the object").deprecated("--record will be removed in the future");
}

void add_removal_flags(FlagSet& set) {
    set.text("cascade", "What becomes of dependents: background, foreground or orphan", 0, "background", "background")
        .boolean("force", "Remove what is in the way at once, without waiting for the node")
        .integer("grace-period", "Seconds a Pod has to end; -1: its own", "-1")
        .duration("timeout", "How long to wait for the removal; 0s: as long as it takes", "0s")
        .boolean("wait", "Return when all is really gone");
}

void add_selector_flags(FlagSet& set) {
    set.text("selector", "Labels to select by, such as app=carts,tier!=db", 'l')
        .text("field-selector", "Fields to select by, such as status.phase=Running");
}

void add_dry_run_flag(FlagSet& set) {
    set.text("dry-run", "none, client (send nothing) or server (store nothing)", 0, "none", "unchanged");
}

void add_validate_flag(FlagSet& set) {
    set.text("validate", "What the server does about unknown fields: strict (true), warn or ignore (false)", 0, "strict", "strict");
}

void add_manager_flag(FlagSet& set, std::string_view manager) {
    set.text("field-manager", "The name under which the fields are managed that this command changes", 0, manager);
}

FlagSet global_flags() {
    FlagSet set;
    set.text("as", "The user to be taken for")
        .array("as-group", "A group to be taken for a member of; may come again")
        .text("as-uid", "The uid to be taken for")
        .array("as-user-extra", "Further facts about that user: KEY=VALUE; may come again")
        .text("cache-dir", "Where discovery would be cached; nothing is here", 0, "/root/.kube/cache")
        .text("certificate-authority", "A file with the authority's certificate")
        .text("client-certificate", "A file with the client's certificate")
        .text("client-key", "A file with the client's key")
        .text("cluster", "The cluster of the configuration to use")
        .text("context", "The context of the configuration to use")
        .boolean("disable-compression", "Ask for answers that are not compressed")
        .boolean("insecure-skip-tls-verify", "Believe whoever answers")
        .text("kubeconfig", "The configuration file; there is one, ~/.kube/config")
        .text("kuberc", "A file of preferences; there is none")
        .duration("log-flush-frequency", "Accepted; nothing is logged to a file", "5s")
        .boolean("match-server-version", "Refuse to work with a server of another version")
        .text("namespace", "The namespace to work in", 'n')
        .text("password", "The password for basic authentication")
        .text("profile", "Accepted: kubectl is not profiled here", 0, "none")
        .text("profile-output", "Accepted: kubectl is not profiled here", 0, "profile.pprof")
        .text("request-timeout", "How long one request may take; here it takes no time", 0, "0")
        .text("server", "The address of the API server", 's')
        .text("tls-server-name", "The name to check the server's certificate for")
        .text("token", "A bearer token instead of the configuration's certificate")
        .text("user", "The user of the configuration to use")
        .text("username", "The name for basic authentication")
        .integer("v", "6 and more: show the requests; 7: their headers; 8: their bodies", "0", 'v')
        .text("vmodule", "Accepted; see -v")
        .boolean("warnings-as-errors", "Exit with 1 when the server warned");
    return set;
}

FlagSet flags_of(const Command& command) {
    FlagSet set;
    if (command.flags)
        command.flags(set);
    return set.include(global_flags());
}

}  // namespace kubewalk::kubectl
