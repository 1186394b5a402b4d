#include "core/kubectl/command.h"

#include "core/base/text.h"

namespace kubewalk::kubectl {

Run::Run(const Environment& its_environment, const Command& its_command, Parsed parsed, std::string_view standard_input)
    : environment(its_environment),
      command(its_command),
      flags(std::move(parsed)),
      input(standard_input),
      server(its_environment.transport, its_environment.user),
      namespace_(flags.has("namespace") ? flags.text("namespace") : its_environment.namespace_name) {
    server.set_verbosity(static_cast<int>(flags.integer("v")));
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

std::string_view dry_run_suffix(DryRun dry_run) {
    return dry_run == DryRun::client ? " (dry run)" : dry_run == DryRun::server ? " (server dry run)" : "";
}

void add_output_flags(FlagSet& set) {
    set.text("output", "How to print: json, yaml, name, wide, jsonpath=..., custom-columns=...", 'o')
        .boolean("show-managed-fields", "Print metadata.managedFields too (there are none here)")
        .boolean("allow-missing-template-keys", "Print nothing for fields that are missing", 0, "true")
        .text("template", "A template for -o jsonpath");
}

void add_filename_flags(FlagSet& set) {
    set.list("filename", "Files or folders with manifests; - is standard input", 'f')
        .text("kustomize", "A kustomization folder (not supported here)", 'k')
        .boolean("recursive", "Read folders inside the folder too", 'R');
}

void add_selector_flags(FlagSet& set) {
    set.text("selector", "Labels to select by, such as app=carts,tier!=db", 'l')
        .text("field-selector", "Fields to select by, such as status.phase=Running");
}

void add_dry_run_flag(FlagSet& set) {
    set.text("dry-run", "none, client (send nothing) or server (store nothing)", 0, "none", "unchanged");
}

void add_validate_flag(FlagSet& set) {
    set.text("validate", "What the server does about unknown fields: strict, warn or ignore", 0, "strict", "strict");
}

void add_manager_flag(FlagSet& set, std::string_view manager) {
    set.text("field-manager", "Accepted; fields have no managers here", 0, manager);
}

FlagSet global_flags() {
    FlagSet set;
    set.text("namespace", "The namespace to work in", 'n')
        .text("kubeconfig", "Accepted; there is one configuration here")
        .text("context", "Accepted; there is one context here")
        .text("cluster", "Accepted; there is one cluster here")
        .text("user", "Accepted; there is one user here")
        .text("server", "Accepted; there is one API server here", 's')
        .text("request-timeout", "Accepted; a request takes no time here", 0, "0")
        .text("as", "The user to be taken for")
        .array("as-group", "A group to be taken for a member of; may be given several times")
        .boolean("insecure-skip-tls-verify", "Accepted; there is no TLS here")
        .boolean("warnings-as-errors", "Exit with 1 when the server warned")
        .integer("v", "6 and more: show the requests that are made", "0", 'v');
    return set;
}

FlagSet flags_of(const Command& command) {
    FlagSet set;
    if (command.flags)
        command.flags(set);
    FlagSet all = set;
    const FlagSet global = global_flags();
    for (const auto& flag : global.all())
        if (!set.find(flag.name)) {
            // A command's own shorthand goes before a global one.
            const char letter = flag.shorthand != 0 && set.find(flag.shorthand) ? '\0' : flag.shorthand;
            if (flag.type == FlagType::boolean)
                all.boolean(flag.name, flag.help, letter, flag.fallback);
            else if (flag.type == FlagType::integer)
                all.integer(flag.name, flag.help, flag.fallback, letter);
            else if (flag.type == FlagType::array)
                all.array(flag.name, flag.help, letter);
            else
                all.text(flag.name, flag.help, letter, flag.fallback);
        }
    return all;
}

}  // namespace kubewalk::kubectl
