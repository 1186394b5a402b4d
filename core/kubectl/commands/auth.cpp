// auth can-i, whoami, reconcile. Upstream: k8s.io/kubectl/pkg/cmd/auth.

#include <algorithm>

#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"
#include "core/kubectl/describe/describe.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view resource_verbs[] = {"get",  "list", "watch",  "create",           "update", "patch", "delete", "deletecollection",
                                               "use",  "bind", "impersonate", "*", "approve", "sign", "escalate", "attest"};
constexpr std::string_view path_verbs[] = {"get", "put", "post", "head", "options", "delete", "patch", "*"};

bool is_one_of(std::span<const std::string_view> list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

Answer<Value> ask(Run& run, std::string_view group, std::string_view resource, std::string_view kind, Value spec) {
    auto request = run.server.request(client::Method::post, cat("/apis/", group, "/v1/", resource));
    request.body = Value::object({{"apiVersion", cat(group, "/v1")}, {"kind", kind}});
    if (!spec.is_null())
        request.body.set("spec", std::move(spec));
    return run.server.answer(std::move(request));
}

std::string bracketed(const Value& texts) { return cat("[", describe::joined(texts, " "), "]"); }

// Names that roles know and no resource bears. Upstream: nonStandardResourceNames.
bool is_non_standard(std::string_view resource) { return resource == "users" || resource == "groups"; }

// What the words VERB TYPE, VERB TYPE/NAME or VERB /path ask.
Value access_question(Run& run) {
    const std::string& verb = run.args()[0];
    const std::string_view what = run.args()[1];
    if (what.starts_with("/")) {
        if (!is_one_of(path_verbs, verb))
            run.err(cat("Warning: verb '", verb, "' is not a known verb\n\n"));
        return Value::object({{"nonResourceAttributes", Value::object({{"verb", verb}, {"path", what}})}});
    }
    const auto slash = what.find('/');
    const std::string_view type = what.substr(0, slash);
    Value attributes = Value::object({{"verb", verb}});
    const bool all = run.flags.is("all-namespaces");
    if (!all)
        attributes.set("namespace", run.namespace_name());
    if (slash != std::string_view::npos)
        attributes.set("name", what.substr(slash + 1));
    if (run.flags.has("subresource"))
        attributes.set("subresource", run.flags.text("subresource"));
    const auto* kind = type == "*" ? nullptr : kind_called(run.server, type);
    attributes.set("resource", kind ? kind->resource : type);
    if (kind && !kind->group.empty())
        attributes.set("group", kind->group);
    if (!kind && type != "*" && !is_non_standard(type))
        run.err(cat("Warning: the server doesn't have a resource type '", type, "'\n\n"));
    else if (kind && !kind->namespaced() && !all)
        run.err(cat("Warning: resource '", kind->resource, "' is not namespace scoped",
                    kind->group.empty() ? std::string() : cat(" in group '", kind->group, "'"), "\n\n"));
    if (!all && !is_one_of(resource_verbs, verb))
        run.err(cat("Warning: verb '", verb, "' is not a known verb\n\n"));
    return Value::object({{"resourceAttributes", std::move(attributes)}});
}

// --list: all that SelfSubjectRulesReview knows.
void list_access(Run& run) {
    if (!run.args().empty())
        return run.fail("list option must be specified with no arguments");
    if (run.flags.is("quiet") || run.flags.is("all-namespaces") || run.flags.has("subresource"))
        return run.fail("list option can't be specified with neither quiet, all-namespaces nor subresource options");
    auto review = ask(run, "authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview",
                      Value::object({{"namespace", run.namespace_name()}}));
    if (!review.ok())
        return run.fail(review.refusal());
    const Value& status = review.value()["status"];
    if (status["incomplete"].as_bool())
        run.err(cat("Warning: the list may be incomplete: ", status["evaluationError"].as_string(), "\n"));
    Value rules = Value::array();
    for (const char* list : {"resourceRules", "nonResourceRules"})
        for (const auto& rule : status[list].items())
            rules.push_back(rule);
    TabWriter writer(table_stops);
    if (!run.flags.is("no-headers"))
        writer.write("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    writer.write(describe::rule_lines(rules));
    run.out(writer.take());
}

}  // namespace

void whoami_flags(FlagSet& set) { add_output_flags(set); }

void whoami(Run& run) {
    auto review = ask(run, "authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", {});
    if (!review.ok())
        return run.fail(review.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    if (!printer.value().is_table()) {
        auto text = printer.value().print(nullptr, review.value());
        return text.ok() ? run.out(text.value()) : run.fail(text.refusal());
    }
    const Value& user = review.value()["status"]["userInfo"];
    TabWriter writer(table_stops);
    writer.write(cat("ATTRIBUTE\tVALUE\nUsername\t", user["username"].as_string(), "\n"));
    if (!user["uid"].as_string().empty())
        writer.write(cat("UID\t", user["uid"].as_string(), "\n"));
    if (!user["groups"].empty())
        writer.write(cat("Groups\t", bracketed(user["groups"]), "\n"));
    for (const auto& [key, values] : user["extra"].members())
        writer.write(cat("Extra: ", key, "\t", bracketed(values), "\n"));
    run.out(writer.take());
}

void can_i_flags(FlagSet& set) {
    set.boolean("all-namespaces", "In all namespaces", 'A')
        .boolean("list", "Print all that is allowed")
        .boolean("no-headers", "With --list: no line of column names")
        .boolean("quiet", "Only the exit code", 'q')
        .text("subresource", "The subresource, such as log or scale");
}

void can_i(Run& run) {
    if (run.flags.is("list"))
        return list_access(run);
    if (run.args().size() != 2)
        return run.fail("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.");
    if (run.args()[1].starts_with('/') && run.flags.has("subresource"))
        return run.fail("--subresource can not be used with NonResourceURL");
    Value question = access_question(run);
    if (run.flags.is("no-headers"))
        return run.fail("--no-headers cannot be set without --list specified");
    auto review = ask(run, "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", std::move(question));
    if (!review.ok())
        return run.fail(review.refusal());
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

// -- reconcile -------------------------------------------------------------------------------------------

namespace {

// One rule a resource, verb by verb: whether all of `wanted` is in `given` (rbac.Covers, without its wildcards inside rules).
bool covers(const Value& given, const Value& wanted) {
    const auto has = [](const Value& list, std::string_view word) {
        for (const auto& one : list.items())
            if (one.as_string() == word || one.as_string() == "*")
                return true;
        return false;
    };
    for (const char* list : {"verbs", "apiGroups", "resources", "nonResourceURLs"})
        for (const auto& word : wanted[list].items())
            if (!has(given[list], word.as_string()))
                return false;
    return given["resourceNames"].empty() || given["resourceNames"] == wanted["resourceNames"];
}

Value missing_from(const Value& lists, const Value& wanted, bool rules) {
    Value missing = Value::array();
    for (const auto& one : wanted.items()) {
        bool there = false;
        for (const auto& given : lists.items())
            there = there || (rules ? covers(given, one) : given == one);
        if (!there)
            missing.push_back(one);
    }
    return missing;
}

Answer<Outcome> reconcile_one(Run& run, const Info& info, DryRun dry_run) {
    const bool role = info.kind->kind == "Role" || info.kind->kind == "ClusterRole";
    const bool binding = info.kind->kind == "RoleBinding" || info.kind->kind == "ClusterRoleBinding";
    if (!role && !binding)
        return Refusal::plain(cat("only rbac.authorization.k8s.io/v1 is supported: not *v1.", info.kind->kind));
    auto live = run.server.get(*info.kind, info.namespace_name, info.name);
    const std::string_view field = role ? "rules" : "subjects";
    if (!live.ok() && !live.refusal().is("NotFound"))
        return live.refusal();
    auto request = run.server.request(live.ok() ? client::Method::put : client::Method::post,
                                      live.ok() ? api::object_path(*info.kind, info.namespace_name, info.name)
                                                : api::collection_path(*info.kind, info.namespace_name));
    request.body = info.object;
    if (live.ok()) {
        if (binding && !(live.value()["roleRef"] == info.object["roleRef"]))
            return Refusal::plain(cat("cannot change roleRef of ", info.slash_name()));
        request.body = live.value();
        const bool replace = run.flags.is(role ? "remove-extra-permissions" : "remove-extra-subjects");
        if (replace)
            request.body.set(field, info.object[field]);
        else
            for (const auto& one : missing_from(live.value()[field], info.object[field], role).items())
                request.body.edit(field).push_back(one);
    }
    Outcome outcome{request.body, "reconciled"};
    if (dry_run == DryRun::client || (live.ok() && request.body == live.value()))
        return outcome;
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto sent = run.server.answer(std::move(request));
    return sent.ok() ? Answer<Outcome>(Outcome{sent.take(), "reconciled"}) : sent.refusal();
}

}  // namespace

void reconcile_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    set.boolean("remove-extra-permissions", "Take away rules that the file does not have")
        .boolean("remove-extra-subjects", "Take away subjects that the file does not have");
}

void reconcile(Run& run) {
    if (!run.flags.has("filename"))
        return run.fail("must specify one of -f and -k");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    change_each(run, read_manifests(run), how.value(), [&](const Info& info) { return reconcile_one(run, info, how.value().dry_run); });
}

}  // namespace kubewalk::kubectl::command
