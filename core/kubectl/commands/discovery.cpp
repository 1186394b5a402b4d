// api-resources, api-versions, cluster-info, version, options.
// Upstream: k8s.io/kubectl/pkg/cmd/{apiresources,clusterinfo,version,options}.

#include <algorithm>

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/kubectl/help.h"
#include "core/kubectl/printers/printers.h"
#include "core/kubectl/tab_writer.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view client_version = "v1.36.4";
constexpr std::string_view kustomize_version = "v5.8.1";

Answer<Value> read(Run& run, std::string path) { return run.server.answer(run.server.request(client::Method::get, std::move(path))); }

// "v1", "apps/v1", ...: in the server's order.
Answer<std::vector<std::string>> group_versions(Run& run) {
    std::vector<std::string> found;
    auto core = read(run, "/api");
    if (!core.ok())
        return core.refusal();
    for (const auto& version : core.value()["versions"].items())
        found.push_back(version.str());
    auto groups = read(run, "/apis");
    if (!groups.ok())
        return groups.refusal();
    for (const auto& group : groups.value()["groups"].items())
        for (const auto& version : group["versions"].items())
            found.push_back(version["groupVersion"].str());
    return found;
}

std::string joined(const Value& texts) {
    std::vector<std::string> pieces;
    for (const auto& text : texts.items())
        pieces.push_back(text.str());
    return join(pieces, ",");
}

struct Row {
    std::string group;
    std::string name;
    std::string kind;
    std::string line;
    Value resource;
};

bool has_all(const Value& list, const std::vector<std::string>& wanted) {
    for (const auto& word : wanted) {
        bool found = false;
        for (const auto& one : list.items())
            found = found || one.as_string() == word;
        if (!found)
            return false;
    }
    return true;
}

void add_rows(Run& run, const std::string& group_version, const Value& list, std::vector<Row>& rows) {
    const bool wide = run.flags.text("output") == "wide";
    const bool names = run.flags.text("output") == "name";
    for (const auto& entry : list["resources"].items()) {
        const auto name = entry["name"].as_string();
        if (name.find('/') != std::string_view::npos)
            continue;
        if (run.flags.has("namespaced") && run.flags.is("namespaced") != entry["namespaced"].as_bool())
            continue;
        const auto slash = group_version.find('/');
        const auto group = slash == std::string::npos ? std::string() : group_version.substr(0, slash);
        if (run.flags.has("api-group") && run.flags.text("api-group") != group)
            continue;
        if (!has_all(entry["verbs"], run.flags.list("verbs")) || !has_all(entry["categories"], run.flags.list("categories")))
            continue;
        std::string line = names ? cat(name, group.empty() ? "" : ".", group)
                                 : cat(name, "\t", joined(entry["shortNames"]), "\t", group_version, "\t", entry["namespaced"].as_bool(),
                                       "\t", entry["kind"].as_string());
        // Of a resource in several versions only the preferred one, which comes first (ServerPreferredResources).
        if (std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.group == group && row.name == name; }))
            continue;
        if (wide)
            append(line, "\t", joined(entry["verbs"]), "\t", joined(entry["categories"]));
        rows.push_back({group, std::string(name), entry["kind"].str(), line + "\n", entry});
    }
}

}  // namespace

void api_resources_flags(FlagSet& set) {
    set.text("output", "wide, name, json or yaml", 'o')
        .boolean("namespaced", "Only kinds that live in namespaces; =false: only the others", 0, "true")
        .boolean("no-headers", "No line of column names")
        .text("api-group", "Only of this group")
        .list("verbs", "Only kinds that know all these verbs")
        .list("categories", "Only kinds of all these categories")
        .text("sort-by", "name or kind")
        .boolean("cached", "Accepted; discovery is not cached here")
        .boolean("show-managed-fields", "Accepted; kinds have none");
}

void api_resources(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("unexpected arguments: [", join(run.args(), " "), "]"));
    const auto output = run.flags.text("output");
    if (!output.empty() && output != "wide" && output != "name" && output != "json" && output != "yaml")
        return run.fail(cat("--output ", output, " is not available"));
    const auto sort_by = run.flags.text("sort-by");
    if (!sort_by.empty() && sort_by != "name" && sort_by != "kind")
        return run.fail("--sort-by accepts only name or kind");
    auto versions = group_versions(run);
    if (!versions.ok())
        return run.fail(versions.refusal());
    std::vector<Row> rows;
    std::vector<std::string> stale;  // whose servers do not answer
    for (const auto& version : versions.value()) {
        auto list = read(run, cat(version.find('/') == std::string::npos ? "/api/" : "/apis/", version));
        if (list.ok())
            add_rows(run, version, list.value(), rows);
        else if (list.refusal().origin == Refusal::Origin::server && list.refusal().status["code"].as_int() == 503)
            stale.push_back(cat(version, ": stale GroupVersion discovery: ", version));
        else
            return run.fail(list.refusal());
    }
    sort_stably(rows, [&sort_by](const Row& a, const Row& b) {
        if (sort_by == "kind" && a.kind != b.kind)
            return a.kind < b.kind;
        if (sort_by == "name" && a.name != b.name)
            return a.name < b.name;
        return a.group != b.group ? a.group < b.group : a.name < b.name;
    });
    if (output == "json" || output == "yaml") {
        Value list = Value::object({{"kind", "APIResourceList"}, {"apiVersion", "v1"}, {"groupVersion", ""}, {"resources", Value::array()}});
        for (const auto& row : rows)
            list.edit("resources").push_back(row.resource);
        return run.out(output == "json" ? api::to_json(list, 4) + "\n" : api::to_yaml(list));
    }
    TabWriter writer(table_stops);
    if (!run.flags.is("no-headers") && output != "name")
        writer.write(cat("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND", output == "wide" ? "\tVERBS\tCATEGORIES" : "", "\n"));
    for (const auto& row : rows)
        writer.write(row.line);
    run.out(writer.take());
    if (!stale.empty())
        run.fail(cat("unable to retrieve the complete list of server APIs: ", join(stale, ", ")));
}

void api_versions(Run& run) {
    auto versions = group_versions(run);
    if (!versions.ok())
        return run.fail(versions.refusal());
    std::sort(versions.value().begin(), versions.value().end());
    for (const auto& version : versions.value())
        run.out(version + "\n");
}

void cluster_info(Run& run) {
    auto answer = read(run, "/api");
    if (!answer.ok()) {
        run.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
        return run.fail(answer.refusal());
    }
    const auto address = cat("https://", answer.value()["serverAddressByClientCIDRs"][0]["serverAddress"].as_string());
    run.out(cat("Kubernetes control plane is running at ", address, "\n"));
    auto services = run.server.list(api::kind::services, "kube-system", "kubernetes.io/cluster-service=true");
    if (services.ok())
        for (const auto& service : services.value()["items"].items()) {
            const auto name = api::name_of(service);
            const auto port = service["spec"]["ports"][0]["name"].as_string();
            const auto shown = service["metadata"]["labels"]["kubernetes.io/name"].as_string(name);
            run.out(cat(shown, " is running at ", address, "/api/v1/namespaces/kube-system/services/", name,
                        port.empty() ? std::string() : cat(":", port), "/proxy\n"));
        }
    run.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
}

void cluster_info_dump_flags(FlagSet& set) {
    set.text("output", "How to print: json or yaml", 'o', "json")
        .boolean("show-managed-fields", "Print metadata.managedFields too")
        .boolean("allow-missing-template-keys", "A template's field that is missing is no error", 0, "true")
        .text("template", "The template of -o go-template and jsonpath, or its file")
        .boolean("all-namespaces", "Of all namespaces", 'A')
        .list("namespaces", "Of these namespaces; else of this one and kube-system")
        .text("output-directory", "A folder for files instead; - is standard output")
        .duration("pod-running-timeout", "Accepted; logs are read as they are", "20s");
}

namespace {

// Where the parts of a dump go: to files, or one after the other.
class Dump {
public:
    Dump(Run& run, Printer printer) : run_(run), printer_(std::move(printer)), folder_(run.flags.text("output-directory")) {}

    void put(const std::string& name, std::string_view text) {
        if (folder_.empty() || folder_ == "-")
            run_.out(text);
        else if (run_.environment.write_file)
            static_cast<void>(run_.environment.write_file(cat(folder_, "/", name), text));
    }
    void list(const api::Kind& kind, std::string_view namespace_name) {
        auto list = run_.server.list(kind, namespace_name);
        if (!list.ok())
            return;
        if (auto text = printer_.print(nullptr, list.value()); text.ok())
            put(cat(namespace_name, namespace_name.empty() ? "" : "/", kind.resource, printer_.form == Printer::Form::yaml ? ".yaml" : ".json"), text.value());
    }
    void logs(std::string_view namespace_name) {
        auto pods = run_.server.list(api::kind::pods, namespace_name);
        if (!pods.ok())
            return;
        for (const auto& pod : pods.value()["items"].items())
            for (const auto& container : pod["spec"]["containers"].items()) {
                auto request = run_.server.request(client::Method::get, cat(api::object_path(api::kind::pods, namespace_name, api::name_of(pod)), "/log"));
                request.query["container"] = container["name"].str();
                auto log = run_.server.answer(std::move(request));
                const auto what = cat("container ", container["name"].as_string(), " of pod ", api::key_of(pod), " ====\n");
                put(cat(namespace_name, "/", api::name_of(pod), "/logs.txt"),
                    cat("==== START logs for ", what, log.ok() ? log.value().str() : cat("Request log error: ", log.refusal().text, "\n"), "==== END logs for ", what));
            }
    }

private:
    Run& run_;
    Printer printer_;
    std::string folder_;
};

}  // namespace

// Upstream: k8s.io/kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go.
void cluster_info_dump(Run& run) {
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    if (printer.value().is_table())
        printer.value().form = Printer::Form::json;
    std::vector<std::string> namespaces = run.flags.list("namespaces");
    if (run.flags.is("all-namespaces")) {
        auto list = run.server.list(api::kind::namespaces, {});
        if (!list.ok())
            return run.fail(list.refusal());
        for (const auto& one : list.value()["items"].items())
            namespaces.emplace_back(api::name_of(one));
    } else if (namespaces.empty()) {
        namespaces = {"kube-system", run.namespace_name()};
    }
    Dump dump(run, printer.take());
    dump.list(api::kind::nodes, {});
    for (const auto& name : namespaces) {
        for (const auto* kind : {&api::kind::events, &api::kind::replication_controllers, &api::kind::services, &api::kind::daemon_sets,
                                 &api::kind::deployments, &api::kind::replica_sets, &api::kind::pods})
            dump.list(*kind, name);
        dump.logs(name);
    }
    const auto folder = run.flags.text("output-directory");
    if (!folder.empty() && folder != "-")
        run.out(cat("Cluster info dumped to ", folder, "\n"));
}

namespace {

// What `kubectl version --client -o yaml` of the release says.
Value client_build() {
    return Value::object({{"buildDate", "2026-09-29T20:03:31Z"},
                          {"compiler", "gc"},
                          {"gitCommit", "bb826b1d48562f110659e64e8ec444327433db95"},
                          {"gitTreeState", "clean"},
                          {"gitVersion", client_version},
                          {"goVersion", "go1.27.1"},
                          {"major", "1"},
                          {"minor", "36"},
                          {"platform", "linux/amd64"}});
}

}  // namespace

void version_flags(FlagSet& set) {
    set.boolean("client", "Ask no server").text("output", "json or yaml", 'o');
}

void version(Run& run) {
    if (!run.args().empty())
        return run.fail(cat("extra arguments: [", join(run.args(), " "), "]"));
    const bool client_only = run.flags.is("client");
    const auto output = run.flags.text("output");
    if (!output.empty() && output != "json" && output != "yaml")
        return run.fail("--output must be 'yaml' or 'json'");
    Value all = Value::object({{"clientVersion", client_build()},
                               {"kustomizeVersion", kustomize_version}});
    auto server = client_only ? Answer<Value>(Value()) : read(run, "/version");
    if (server.ok() && !server.value().is_null())
        all.set("serverVersion", server.value());
    if (output == "json")
        run.out(api::to_json(all, 2) + "\n");
    else if (output == "yaml")
        run.out(api::to_yaml(all));
    else {
        run.out(cat("Client Version: ", client_version, "\nKustomize Version: ", kustomize_version, "\n"));
        if (server.ok() && !client_only)
            run.out(cat("Server Version: ", server.value()["gitVersion"].as_string(), "\n"));
    }
    if (!server.ok())
        run.fail(server.refusal());
}

void options(Run& run) { run.out(options_text()); }

}  // namespace kubewalk::kubectl::command
