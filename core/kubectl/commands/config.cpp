// config and auth: what the learner's configuration says, and who that is.
// Upstream: k8s.io/kubectl/pkg/cmd/config, pkg/cmd/auth.

#include "core/api/json.h"
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

namespace {

Answer<Value> ask(Run& run, std::string_view group, std::string_view resource, std::string_view kind, Value spec) {
    auto request = run.server.request(client::Method::post, cat("/apis/", group, "/v1/", resource));
    request.body = Value::object({{"apiVersion", cat(group, "/v1")}, {"kind", kind}});
    if (!spec.is_null())
        request.body.set("spec", std::move(spec));
    return run.server.answer(std::move(request));
}

std::string bracketed(const Value& texts) {
    std::vector<std::string> pieces;
    for (const auto& text : texts.items())
        pieces.push_back(text.str());
    return cat("[", join(pieces, " "), "]");
}

// Names that roles know and no resource bears. Upstream: nonStandardResourceNames.
bool is_non_standard(std::string_view resource) { return resource == "users" || resource == "groups"; }

// What the words VERB TYPE, VERB TYPE/NAME or VERB /path ask.
Value access_question(Run& run) {
    const std::string& verb = run.args()[0];
    const std::string_view what = run.args()[1];
    if (what.starts_with("/"))
        return Value::object({{"nonResourceAttributes", Value::object({{"verb", verb}, {"path", what}})}});
    const auto slash = what.find('/');
    const std::string_view type = what.substr(0, slash);
    Value attributes = Value::object({{"verb", verb}});
    if (!run.flags.is("all-namespaces"))
        attributes.set("namespace", run.namespace_name());
    if (slash != std::string_view::npos)
        attributes.set("name", what.substr(slash + 1));
    if (run.flags.has("subresource"))
        attributes.set("subresource", run.flags.text("subresource"));
    const auto* kind = type == "*" ? nullptr : api::find_by_any_name(type);
    attributes.set("resource", kind ? kind->resource : type);
    if (kind && !kind->group.empty())
        attributes.set("group", kind->group);
    if (!kind && type != "*" && !is_non_standard(type))
        run.err(cat("Warning: the server doesn't have a resource type '", type, "'\n\n"));
    else if (kind && !kind->namespaced() && !run.flags.is("all-namespaces"))
        run.err(cat("Warning: resource '", kind->resource, "' is not namespace scoped",
                    kind->group.empty() ? "" : cat(" in group '", kind->group, "'"), "\n\n"));
    return Value::object({{"resourceAttributes", std::move(attributes)}});
}

}  // namespace

// Upstream: k8s.io/kubectl/pkg/cmd/auth/whoami.go.
void whoami(Run& run) {
    auto review = ask(run, "authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", {});
    if (!review.ok())
        return run.fail({review.refusal()});
    const auto format = run.flags.text("output");
    if (format == "json")
        return run.out(api::to_json(review.value(), 2) + "\n");
    if (format == "yaml")
        return run.out(api::to_yaml(review.value()));
    const Value& user = review.value()["status"]["userInfo"];
    TabWriter writer(table_stops);
    writer.write(cat("ATTRIBUTE\tVALUE\nUsername\t", user["username"].str(), "\n"));
    if (!user["uid"].str().empty())
        writer.write(cat("UID\t", user["uid"].str(), "\n"));
    if (!user["groups"].empty())
        writer.write(cat("Groups\t", bracketed(user["groups"]), "\n"));
    for (const auto& [key, values] : user["extra"].members())
        writer.write(cat("Extra: ", key, "\t", bracketed(values), "\n"));
    run.out(writer.take());
}

void can_i_flags(FlagSet& set) {
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("quiet", "Only the exit code", 'q')
        .text("subresource", "The subresource, such as log or scale")
        .boolean("list", "Not supported here");
}

// Upstream: k8s.io/kubectl/pkg/cmd/auth/cani.go.
void can_i(Run& run) {
    if (run.args().size() != 2)
        return run.fail("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.");
    auto review = ask(run, "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", access_question(run));
    if (!review.ok())
        return run.fail({review.refusal()});
    const Value& verdict = review.value()["status"];
    const bool allowed = verdict["allowed"].as_bool();
    std::string line = allowed ? "yes" : "no";
    for (const std::string_view more : {"reason", "evaluationError"})
        if (!allowed && !verdict[more].as_string().empty())
            append(line, " - ", verdict[more].as_string());
    if (!run.flags.is("quiet"))
        run.out(cat(line, "\n"));
    run.started.output.exit = allowed ? 0 : 1;
}

}  // namespace kubewalk::kubectl::command
