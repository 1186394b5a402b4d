// `create -f`, and what all generators share. Upstream: k8s.io/kubectl/pkg/cmd/create/create.go.

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/editing.h"
#include "core/kubectl/modify.h"
#include "core/kubectl/raw.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

// Some generators put their own words before the server's.
std::string_view failure_prefix(std::string_view command) {
    struct Prefix {
        std::string_view command;
        std::string_view text;
    };
    static constexpr Prefix prefixes[] = {{"create deployment", "failed to create deployment: "},
                                          {"create ingress", "failed to create ingress: "},
                                          {"create configmap", "failed to create configmap: "},
                                          {"create cronjob", "failed to create cronjob: "},
                                          {"create job", "failed to create job: "},
                                          {"create quota", "failed to create quota: "},
                                          {"create poddisruptionbudget", "failed to create poddisruptionbudgets: "},
                                          {"create priorityclass", "failed to create priorityclass: "},
                                          {"create rolebinding", "failed to create rolebinding: "},
                                          {"create clusterrolebinding", "failed to create clusterrolebinding: "},
                                          {"create secret generic", "failed to create secret "},
                                          {"create secret tls", "failed to create secret "},
                                          {"create secret docker-registry", "failed to create secret "},
                                          {"create serviceaccount", "failed to create serviceaccount: "},
                                          {"create service clusterip", "failed to create ClusterIP service: "},
                                          {"create service nodeport", "failed to create NodePort service: "},
                                          {"create service loadbalancer", "failed to create LoadBalancer service: "},
                                          {"create service externalname", "failed to create ExternalName service: "}};
    for (const auto& prefix : prefixes)
        if (prefix.command == command)
            return prefix.text;
    return {};
}

}  // namespace

Value object_with_name(std::string_view api_version, std::string_view kind, std::string_view name) {
    return Value::object({{"apiVersion", api_version}, {"kind", kind}, {"metadata", Value::object({{"name", name}})}});
}

void create_and_print(Run& run, const api::Kind& kind, Value object, std::string_view operation) {
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    const auto dry_run = how.value().dry_run;
    if (kind.namespaced() && (run.namespace_given() || dry_run != DryRun::client))
        object.edit("metadata").set("namespace", run.namespace_name());
    if (run.flags.is("save-config"))
        object = with_last_applied(object);
    if (dry_run != DryRun::client) {
        auto request = run.server.request(client::Method::post, api::collection_path(kind, run.namespace_name()));
        request.body = std::move(object);
        add_write_query(request, {dry_run, field_validation_of(run)}, run.flags.text("field-manager"));
        auto created = run.server.answer(std::move(request));
        if (!created.ok()) {
            const auto what = failure_prefix(run.command.path);
            const auto& refusal = created.refusal();
            return run.fail(what.empty() || refusal.origin == Refusal::Origin::connection ? refusal
                                                                                          : Refusal::plain(cat(what, refusal.text)));
        }
        object = created.take();
    }
    how.value().printer.changed(run, kind, object, cat(operation, dry_run_suffix(dry_run)));
}

void add_create_flags(FlagSet& set) {
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-create");
    set.boolean("save-config", "Keep the configuration in an annotation, as apply does");
}

bool one_name(Run& run) {
    const int dash = run.flags.args_before_dash;
    const auto names = dash < 0 ? run.args().size() : static_cast<std::size_t>(dash);
    if (names == 1)
        return true;
    run.usage_error(cat("exactly one NAME is required, got ", names));
    return false;
}

Value command_of(const Run& run) {
    Value words = Value::array();
    for (std::size_t i = 1; i < run.args().size(); ++i)
        words.push_back(run.args()[i]);
    return words;
}

std::optional<Refusal> add_subjects(const Run& run, Value& subjects) {
    constexpr std::string_view group = "rbac.authorization.k8s.io";
    for (const auto& name : run.flags.list("user"))
        subjects.push_back(Value::object({{"kind", "User"}, {"apiGroup", group}, {"name", name}}));
    for (const auto& name : run.flags.list("group"))
        subjects.push_back(Value::object({{"kind", "Group"}, {"apiGroup", group}, {"name", name}}));
    for (const auto& account : run.flags.list("serviceaccount")) {
        const auto colon = account.find(':');
        if (colon == std::string::npos || account.find(':', colon + 1) != std::string::npos)
            return Refusal::plain("serviceaccount must be <namespace>:<name>");
        subjects.push_back(Value::object(
            {{"kind", "ServiceAccount"}, {"namespace", account.substr(0, colon)}, {"name", account.substr(colon + 1)}}));
    }
    return std::nullopt;
}

namespace command {

void create_flags(FlagSet& set) {
    add_filename_flags(set);
    add_create_flags(set);
    set.text("selector", "Only objects with these labels", 'l')
        .text("raw", "A path to which the file is sent as it is")
        .boolean("edit", "Open the objects in the editor first")
        .boolean("windows-line-endings", "Accepted; the editor's lines end with a newline");
}

namespace {

Answer<Outcome> create_one(Run& run, const Info& info, DryRun dry_run) {
    Outcome outcome{run.flags.is("save-config") ? with_last_applied(info.object) : info.object, "created"};
    if (dry_run == DryRun::client)
        return outcome;
    auto request = run.server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
    request.body = without_version(std::move(outcome.object));
    add_write_query(request, {dry_run, field_validation_of(run)}, run.flags.text("field-manager"));
    auto created = run.server.answer(std::move(request));
    if (!created.ok()) {
        Refusal refusal = created.refusal();
        refusal.add_source("creating", info.source);
        return refusal;
    }
    outcome.object = created.take();
    return outcome;
}

}  // namespace

void create(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("Unexpected args: [", join(run.args(), " "), "]"));
    if (!run.flags.has("filename") && !run.flags.has("kustomize"))
        return run.fail("must specify one of -f and -k");
    if (run.flags.has("raw"))
        return send_raw(run, client::Method::post);
    if (run.flags.is("edit"))
        return edit_before_create(run);
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    change_each(run, read_manifests(run), how.value(),
                [&](const Info& info) { return create_one(run, info, how.value().dry_run); });
}

void create_namespace_flags(FlagSet& set) { add_create_flags(set); }
void create_namespace(Run& run) {
    if (!one_name(run))
        return;
    Value object = object_with_name("v1", "Namespace", run.args()[0]);
    object.set("spec", Value::object());
    object.set("status", Value::object());
    create_and_print(run, api::kind::namespaces, std::move(object), "created");
}

}  // namespace command

}  // namespace kubewalk::kubectl
