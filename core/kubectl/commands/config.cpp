// Upstream: k8s.io/kubectl/pkg/cmd/config.

#include <algorithm>

#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/printers/printers.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Configuration configuration_of(const Run& run) { return load_configuration(run.environment, run.flags); }

// Writes the file and says so; false when it could not be written.
bool store(Run& run, const Configuration& configuration) {
    auto stored = store_configuration(run.environment, configuration);
    if (!stored.ok())
        run.fail(stored.refusal());
    return stored.ok();
}

// clusters, contexts and users are lists of {name, THING}.
std::string_view thing_of(std::string_view list) { return list == "clusters" ? "cluster" : list == "contexts" ? "context" : "user"; }

// The entry for change, made when it is absent; lists stay sorted by name as clientcmd writes them.
Value& edit_entry(Value& content, std::string_view list, std::string_view name) {
    auto& entries = content.edit(list);
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i]["name"].as_string() == name)
            return entries.edit_at(i).edit(thing_of(list));
    std::size_t at = 0;
    while (at < entries.size() && entries[at]["name"].as_string() < name)
        ++at;
    Value empty = list == "contexts" ? Value::object({{"cluster", ""}, {"user", ""}}) : list == "clusters" ? Value::object({{"server", ""}}) : Value::object();
    if (entries.is_null())
        entries = Value::array();
    entries.insert(at, Value::object({{"name", name}, {thing_of(list), std::move(empty)}}));
    return entries.edit_at(at).edit(thing_of(list));
}

bool erase_entry(Value& content, std::string_view list, std::string_view name) {
    auto& entries = content.edit(list);
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (entries[i]["name"].as_string() == name) {
            entries.erase_at(i);
            return true;
        }
    return false;
}

std::vector<std::string> names_in(const Value& content, std::string_view list) {
    std::vector<std::string> names;
    for (const auto& entry : content[list].items())
        names.push_back(entry["name"].str());
    std::sort(names.begin(), names.end());
    return names;
}

void list_names(Run& run, std::string_view list) {
    run.out("NAME\n");
    for (const auto& name : names_in(configuration_of(run).content, list))
        run.out(name + "\n");
}

bool wants_one(Run& run) {
    if (run.args().size() == 1)
        return true;
    run.out(help_of(run.command));
    run.fail(cat("Unexpected args: [", join(run.args(), " "), "]"));
    return false;
}

void erase(Run& run, std::string_view list, std::string_view what) {
    if (!wants_one(run))
        return;
    auto configuration = configuration_of(run);
    const auto& name = run.args()[0];
    if (configuration.entry(list, name).is_null())
        return run.fail(cat("cannot delete ", what, " ", name, ", not in ", configuration.path));
    if (list == "contexts" && configuration.content["current-context"].as_string() == name)
        run.err("warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n");
    erase_entry(configuration.content, list, name);
    if (store(run, configuration))
        run.out(cat("deleted ", what, " ", name, " from ", configuration.path, "\n"));
}

// "contexts.NAME.namespace": the value it names for change; null when there is no such place.
Value* place_of(Value& content, std::string_view path) {
    const auto dot = path.find('.');
    const auto list = path.substr(0, dot);
    if (path == "current-context")
        return &content.edit("current-context");
    if ((list != "clusters" && list != "contexts" && list != "users") || dot == std::string_view::npos)
        return nullptr;
    const auto last = path.rfind('.');
    if (last == dot)
        return &edit_entry(content, list, path.substr(dot + 1));
    return &edit_entry(content, list, path.substr(dot + 1, last - dot - 1)).edit(path.substr(last + 1));
}

Refusal no_such_property(std::string_view path) { return Refusal::plain(cat("unable to parse ", path, " after [] at api.Config")); }

Value without_secrets(Value content) {
    const auto hide = [](Value& holder, std::initializer_list<std::string_view> fields, std::string_view word) {
        for (const auto field : fields)
            if (holder.contains(field))
                holder.set(field, word);
    };
    for (const char* list : {"clusters", "users"})
        for (std::size_t i = 0; i < content[list].size(); ++i) {
            auto& thing = content.edit(list).edit_at(i).edit(thing_of(list));
            hide(thing, {"certificate-authority-data", "client-certificate-data", "client-key-data"}, "DATA+OMITTED");
            hide(thing, {"token", "password"}, "REDACTED");
        }
    return content;
}

// --minify: only what the context needs.
Answer<Value> minified(const Run& run, const Configuration& configuration) {
    const auto name = run.flags.has("context") ? run.flags.text("context") : configuration.content["current-context"].str();
    const Value context = configuration.entry("contexts", name);
    if (context.is_null())
        return Refusal::plain(name.empty() ? "current-context must exist in order to minify" : cat("cannot locate context ", name));
    Value content = configuration.content;
    content.set("current-context", name);
    const auto keep = [&](std::string_view list, std::string_view wanted) {
        const Value entry = configuration.entry(list, wanted);
        content.set(list, entry.is_null() ? Value::array() : Value::array({entry}));
    };
    keep("contexts", name);
    keep("clusters", context["context"]["cluster"].as_string());
    keep("users", context["context"]["user"].as_string());
    return content;
}

}  // namespace

void config_current_context(Run& run) {
    const auto name = configuration_of(run).content["current-context"].str();
    if (name.empty())
        return run.fail("current-context is not set");
    run.out(name + "\n");
}

void config_get_clusters(Run& run) { list_names(run, "clusters"); }
void config_get_users(Run& run) { list_names(run, "users"); }

void config_get_contexts_flags(FlagSet& set) {
    set.boolean("no-headers", "No line of column names").text("output", "name: print only names", 'o');
}

void config_get_contexts(Run& run) {
    const auto form = run.flags.text("output");
    if (!form.empty() && form != "name")
        return run.fail(cat("output must be one of '' or 'name': ", form));
    const auto configuration = configuration_of(run);
    std::vector<std::string> names = run.args();
    if (names.empty())
        names = names_in(configuration.content, "contexts");
    TabWriter writer(table_stops);
    if (form.empty() && !run.flags.is("no-headers"))
        writer.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    std::vector<Refusal> refusals;
    for (const auto& name : names) {
        const auto& context = configuration.entry("contexts", name)["context"];
        if (context.is_null())
            refusals.push_back(Refusal::plain(cat("context ", name, " not found")));
        else if (form == "name")
            writer.write(name + "\n");
        else
            writer.write(cat(name == configuration.content["current-context"].as_string() ? "*" : "", "\t", name, "\t", context["cluster"].as_string(), "\t",
                             context["user"].as_string(), "\t", context["namespace"].as_string(), "\n"));
    }
    run.out(writer.take());
    run.fail(refusals);
}

void config_view_flags(FlagSet& set) {
    set.boolean("allow-missing-template-keys", "A template's field that is missing is no error", 0, "true")
        .boolean("flatten", "Accepted; everything is in one file")
        .boolean("merge", "Accepted; there is one file", 0, "true")
        .boolean("minify", "Only what the current context needs")
        .boolean("raw", "Show certificates and tokens")
        .boolean("show-managed-fields", "Accepted; a configuration has none")
        .text("output", "json, yaml, jsonpath=..., go-template=...", 'o', "yaml")
        .text("template", "The template of -o go-template and jsonpath");
}

void config_view(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("unexpected arguments: [", join(run.args(), " "), "]"));
    auto configuration = configuration_of(run);
    if (run.flags.is("minify") || run.flags.has("context")) {
        auto small = minified(run, configuration);
        if (!small.ok())
            return run.fail(small.refusal());
        if (run.flags.is("minify"))
            configuration.content = small.take();
    }
    if (!run.flags.is("raw"))
        configuration.content = without_secrets(std::move(configuration.content));
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    auto text = printer.value().print(nullptr, configuration.content);
    return text.ok() ? run.out(text.value()) : run.fail(text.refusal());
}

void config_use_context(Run& run) {
    if (!wants_one(run))
        return;
    auto configuration = configuration_of(run);
    const auto& name = run.args()[0];
    if (configuration.entry("contexts", name).is_null())
        return run.fail(cat("no context exists with the name: ", quoted(name)));
    configuration.content.set("current-context", name);
    if (store(run, configuration))
        run.out(cat("Switched to context ", quoted(name), ".\n"));
}

void config_set_context_flags(FlagSet& set) {
    set.text("cluster", "The cluster of the context")
        .boolean("current", "Change the current context")
        .text("namespace", "The namespace of the context", 'n')
        .text("user", "The user of the context");
}

void config_set_context(Run& run) {
    auto configuration = configuration_of(run);
    const bool current = run.flags.is("current");
    if (run.args().size() > 1)
        return run.fail(cat("Unexpected args: [", join(run.args(), " "), "]"));
    if (current && !run.args().empty())
        return run.fail("you cannot specify both a context name and --current");
    const auto name = current ? configuration.content["current-context"].str() : run.args().empty() ? std::string() : run.args()[0];
    if (name.empty())
        return run.fail(current ? "no current context is set" : "you must specify a non-empty context name or --current");
    const bool known = !configuration.entry("contexts", name).is_null();
    auto& context = edit_entry(configuration.content, "contexts", name);
    for (std::string_view field : {"cluster", "user", "namespace"})
        if (run.flags.has(field)) {
            if (field == "namespace" && run.flags.text(field).empty())
                context.erase(field);
            else
                context.set(field, run.flags.text(field));
        }
    if (store(run, configuration))
        run.out(cat("Context ", quoted(name), known ? " modified.\n" : " created.\n"));
}

void config_rename_context(Run& run) {
    if (run.args().size() != 2)
        return run.fail(cat("Unexpected args: [", join(run.args(), " "), "]"));
    auto configuration = configuration_of(run);
    const auto& from = run.args()[0];
    const auto& to = run.args()[1];
    const Value entry = configuration.entry("contexts", from)["context"];
    if (entry.is_null())
        return run.fail(cat("cannot rename the context ", quoted(from), ", it's not in ", configuration.path));
    if (!configuration.entry("contexts", to).is_null())
        return run.fail(cat("cannot rename the context ", quoted(from), ", the context ", quoted(to), " already exists in ", configuration.path));
    erase_entry(configuration.content, "contexts", from);
    edit_entry(configuration.content, "contexts", to) = entry;
    if (configuration.content["current-context"].as_string() == from)
        configuration.content.set("current-context", to);
    if (store(run, configuration))
        run.out(cat("Context ", quoted(from), " renamed to ", quoted(to), ".\n"));
}

void config_delete_context(Run& run) { erase(run, "contexts", "context"); }
void config_delete_cluster(Run& run) { erase(run, "clusters", "cluster"); }
void config_delete_user(Run& run) { erase(run, "users", "user"); }

void config_set_cluster_flags(FlagSet& set) {
    set.text("certificate-authority", "The file with the authority's certificate")
        .boolean("embed-certs", "Put the certificate into the configuration")
        .boolean("insecure-skip-tls-verify", "Believe whoever answers")
        .text("proxy-url", "The proxy on the way there")
        .text("server", "The address of the API server")
        .text("tls-server-name", "The name to check the server's certificate for");
}

namespace {

// Flags that go as they are into the entry.
void set_entry(Run& run, std::string_view list, std::initializer_list<std::string_view> fields, std::string_view title) {
    if (!wants_one(run))
        return;
    auto configuration = configuration_of(run);
    auto& entry = edit_entry(configuration.content, list, run.args()[0]);
    for (const auto field : fields)
        if (run.flags.has(field))
            entry.set(field, field == "insecure-skip-tls-verify" ? Value(run.flags.is(field)) : Value(run.flags.text(field)));
    if (store(run, configuration))
        run.out(cat(title, " ", quoted(run.args()[0]), " set.\n"));
}

}  // namespace

void config_set_cluster(Run& run) {
    set_entry(run, "clusters", {"server", "certificate-authority", "tls-server-name", "proxy-url", "insecure-skip-tls-verify"}, "Cluster");
}

void config_set_credentials_flags(FlagSet& set) {
    set.text("auth-provider", "Accepted; there are no providers here")
        .array("auth-provider-arg", "Accepted; see --auth-provider")
        .text("client-certificate", "The file with the certificate (only the administrator's is known here)")
        .text("client-key", "The file with its key")
        .boolean("embed-certs", "Put the certificate into the configuration")
        .text("exec-api-version", "Accepted; no program is run for credentials here")
        .array("exec-arg", "Accepted; see --exec-command")
        .text("exec-command", "Accepted; no program is run for credentials here")
        .array("exec-env", "Accepted; see --exec-command")
        .text("exec-interactive-mode", "Accepted; see --exec-command")
        .boolean("exec-provide-cluster-info", "Accepted; see --exec-command")
        .text("password", "The password for basic authentication")
        .text("token", "The bearer token")
        .text("username", "The name for basic authentication");
}

void config_set_credentials(Run& run) {
    if (run.flags.has("token") && run.flags.has("username"))
        return run.fail("you cannot specify more than one authentication method at the same time: --token, --username/--password");
    set_entry(run, "users", {"client-certificate", "client-key", "token", "username", "password"}, "User");
}

void config_set_flags(FlagSet& set) { set.boolean("set-raw-bytes", "Take the value as bytes, not as base 64"); }

void config_set(Run& run) {
    if (run.args().size() != 2)
        return run.fail(cat("Unexpected args: [", join(run.args(), " "), "]"));
    auto configuration = configuration_of(run);
    Value* place = place_of(configuration.content, run.args()[0]);
    if (!place)
        return run.fail(no_such_property(run.args()[0]));
    *place = Value(run.args()[1]);
    if (store(run, configuration))
        run.out(cat("Property ", quoted(run.args()[0]), " set.\n"));
}

void config_unset(Run& run) {
    if (!wants_one(run))
        return;
    auto configuration = configuration_of(run);
    const std::string_view path = run.args()[0];
    const auto dot = path.find('.');
    const auto last = path.rfind('.');
    auto& content = configuration.content;
    if (path == "current-context")
        content.set("current-context", "");
    else if (dot != std::string_view::npos && dot == last && content[path.substr(0, dot)].is_array())
        erase_entry(content, path.substr(0, dot), path.substr(dot + 1));
    else if (place_of(content, path))
        edit_entry(content, path.substr(0, dot), path.substr(dot + 1, last - dot - 1)).erase(path.substr(last + 1));
    else
        return run.fail(no_such_property(path));
    if (store(run, configuration))
        run.out(cat("Property ", quoted(path), " unset.\n"));
}

}  // namespace kubewalk::kubectl::command
