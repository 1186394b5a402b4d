// api-resources, api-versions, cluster-info, version, options.
// Upstream: k8s.io/kubectl/pkg/cmd/{apiresources,clusterinfo,version,options}.

#include <algorithm>

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/help.h"
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
    std::string line;
};

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
        std::string line = names ? cat(name, group.empty() ? "" : ".", group)
                                 : cat(name, "\t", joined(entry["shortNames"]), "\t", group_version, "\t", entry["namespaced"].as_bool(),
                                       "\t", entry["kind"].as_string());
        // Of a resource in several versions only the preferred one, which comes first (ServerPreferredResources).
        if (std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.group == group && row.name == name; }))
            continue;
        if (wide)
            append(line, "\t", joined(entry["verbs"]), "\t", joined(entry["categories"]));
        rows.push_back({group, std::string(name), line + "\n"});
    }
}

}  // namespace

void api_resources_flags(FlagSet& set) {
    set.text("output", "wide or name", 'o')
        .boolean("namespaced", "Only kinds that live in namespaces; =false: only the others", 0, "true")
        .boolean("no-headers", "No line of column names")
        .text("api-group", "Only of this group")
        .list("verbs", "Accepted")
        .text("sort-by", "Accepted")
        .boolean("cached", "Accepted");
}

void api_resources(Run& run) {
    auto versions = group_versions(run);
    if (!versions.ok())
        return run.fail(versions.refusal());
    std::vector<Row> rows;
    for (const auto& version : versions.value()) {
        auto list = read(run, cat(version.find('/') == std::string::npos ? "/api/" : "/apis/", version));
        if (!list.ok())
            return run.fail(list.refusal());
        add_rows(run, version, list.value(), rows);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return a.group != b.group ? a.group < b.group : a.name < b.name;
    });
    TabWriter writer(table_stops);
    const auto output = run.flags.text("output");
    if (!run.flags.is("no-headers") && output != "name")
        writer.write(cat("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND", output == "wide" ? "\tVERBS\tCATEGORIES" : "", "\n"));
    for (const auto& row : rows)
        writer.write(row.line);
    run.out(writer.take());
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

void version(Run& run) {
    const bool client_only = run.flags.is("client");
    const auto output = run.flags.text("output");
    if (!output.empty() && output != "json" && output != "yaml")
        return run.fail("--output must be 'yaml' or 'json'");
    Value all = Value::object({{"clientVersion", Value::object({{"gitVersion", client_version}, {"major", "1"}, {"minor", "36"}})},
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

void loosely_parsed(FlagSet& set) { set.text("output", "json or yaml", 'o').boolean("client", "Ask no server"); }

}  // namespace kubewalk::kubectl::command
