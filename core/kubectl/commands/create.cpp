// `create -f` and the generators. Upstream: k8s.io/kubectl/pkg/cmd/create.

#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

std::string base64(std::string_view text) {
    static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j)
            out.push_back(i + j > text.size() ? '=' : digits[bits >> (18 - 6 * j) & 63]);
    }
    return out;
}

// Some generators put their own words before the server's.
std::string_view failure_prefix(std::string_view command) {
    struct Prefix {
        std::string_view command;
        std::string_view text;
    };
    static constexpr Prefix prefixes[] = {{"create deployment", "failed to create deployment: "},
                                          {"create ingress", "failed to create ingress: "},
                                          {"create configmap", "failed to create configmap: "},
                                          {"create secret generic", "failed to create secret "},
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
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    if (kind.namespaced() && (run.namespace_given() || dry_run.value() != DryRun::client))
        object.edit("metadata").set("namespace", run.namespace_name());
    if (run.flags.is("save-config"))
        object = with_last_applied(object);
    if (dry_run.value() != DryRun::client) {
        auto request = run.server.request(client::Method::post, api::collection_path(kind, run.namespace_name()));
        request.body = std::move(object);
        add_write_query(request, {dry_run.value(), field_validation_of(run)}, "kubectl-create");
        auto created = run.server.answer(std::move(request));
        if (!created.ok()) {
            const auto what = failure_prefix(run.command.path);
            const auto& refusal = created.refusal();
            return run.fail(what.empty() || refusal.origin == Refusal::Origin::connection ? refusal
                                                                                          : Refusal::plain(cat(what, refusal.text)));
        }
        object = created.take();
    }
    printer.value().changed(run, kind, object, cat(operation, dry_run_suffix(dry_run.value())));
}

void add_create_flags(FlagSet& set) {
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-create");
    set.boolean("save-config", "Keep the configuration in an annotation, as apply does");
}

bool one_name(Run& run) {
    if (run.args().size() == 1)
        return true;
    run.usage_error(cat("exactly one NAME is required, got ", run.args().size()));
    return false;
}

namespace {

// --from-literal=KEY=VALUE and --from-file=[KEY=]PATH.
Answer<std::map<std::string, std::string>> data_from(Run& run) {
    std::map<std::string, std::string> data;
    for (const auto& literal : run.flags.list("from-literal")) {
        const auto equals = literal.find('=');
        if (equals == std::string::npos || equals == 0)
            return Refusal::plain(cat("invalid literal source ", literal, ", expected key=value"));
        data[literal.substr(0, equals)] = literal.substr(equals + 1);
    }
    for (const auto& source : run.flags.list("from-file")) {
        const auto equals = source.find('=');
        const auto path = equals == std::string::npos ? source : source.substr(equals + 1);
        const auto slash = path.rfind('/');
        const auto key = equals != std::string::npos ? source.substr(0, equals)
                         : slash == std::string::npos ? path
                                                      : path.substr(slash + 1);
        auto text = run.environment.read_file ? run.environment.read_file(path) : Result<std::string>(Error{});
        if (!text.ok())
            return Refusal::plain(cat("error reading ", path, ": no such file or directory"));
        data[key] = text.take();
    }
    return data;
}

}  // namespace

namespace command {

void create_flags(FlagSet& set) {
    add_filename_flags(set);
    add_create_flags(set);
    set.text("selector", "Only objects with these labels", 'l').text("raw", "Not supported here").boolean("edit", "Not supported here");
}

void create(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("Unexpected args: [", join(run.args(), " "), "]"));
    if (!run.flags.has("filename"))
        return run.fail("must specify one of -f and -k");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    Found found = read_manifests(run);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        Value object = run.flags.is("save-config") ? with_last_applied(info.object) : info.object;
        if (dry_run.value() != DryRun::client) {
            auto request = run.server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
            request.body = std::move(object);
            add_write_query(request, {dry_run.value(), field_validation_of(run)}, "kubectl-create");
            auto created = run.server.answer(std::move(request));
            run.err(run.server.take_notes());
            if (!created.ok()) {
                Refusal refusal = created.refusal();
                refusal.add_source("creating", info.source);
                refusals.push_back(std::move(refusal));
                continue;
            }
            object = created.take();
        }
        printer.value().changed(run, *info.kind, object, cat("created", dry_run_suffix(dry_run.value())));
    }
    run.fail(refusals);
}

void create_namespace_flags(FlagSet& set) { add_create_flags(set); }
void create_namespace(Run& run) {
    if (one_name(run))
        create_and_print(run, api::kind::namespaces, object_with_name("v1", "Namespace", run.args()[0]), "created");
}

void create_service_account_flags(FlagSet& set) { add_create_flags(set); }
void create_service_account(Run& run) {
    if (one_name(run))
        create_and_print(run, api::kind::service_accounts, object_with_name("v1", "ServiceAccount", run.args()[0]), "created");
}

void create_configmap_flags(FlagSet& set) {
    add_create_flags(set);
    set.array("from-literal", "KEY=VALUE").list("from-file", "[KEY=]PATH");
}
void create_configmap(Run& run) {
    if (!one_name(run))
        return;
    auto data = data_from(run);
    if (!data.ok())
        return run.fail(data.refusal());
    Value object = object_with_name("v1", "ConfigMap", run.args()[0]);
    for (const auto& [key, value] : data.value())
        object.edit("data").set(key, value);
    create_and_print(run, api::kind::config_maps, std::move(object), "created");
}

void create_secret_flags(FlagSet& set) {
    create_configmap_flags(set);
    set.text("type", "The type of the Secret");
}
void create_secret(Run& run) {
    if (!one_name(run))
        return;
    auto data = data_from(run);
    if (!data.ok())
        return run.fail(data.refusal());
    Value object = object_with_name("v1", "Secret", run.args()[0]);
    for (const auto& [key, value] : data.value())
        object.edit("data").set(key, base64(value));
    if (run.flags.has("type"))
        object.set("type", run.flags.text("type"));
    create_and_print(run, api::kind::secrets, std::move(object), "created");
}

void create_deployment_flags(FlagSet& set) {
    add_create_flags(set);
    set.list("image", "The image; several make several containers")
        .integer("replicas", "How many replicas", "1", 'r')
        .integer("port", "The port of the container", "-1");
}
void create_deployment(Run& run) {
    if (!run.flags.has("image"))
        return run.fail("required flag(s) \"image\" not set");
    const auto dash = run.flags.args_before_dash;
    const auto& args = run.args();
    const auto names = dash < 0 ? args.size() : static_cast<std::size_t>(dash);
    if (names != 1)
        return run.usage_error(cat("exactly one NAME is required, got ", names));
    Value containers = Value::array();
    for (const auto& image : run.flags.list("image")) {
        auto name = image.substr(image.rfind('/') == std::string::npos ? 0 : image.rfind('/') + 1);
        name = name.substr(0, name.find_first_of(":@"));
        Value container = Value::object({{"name", name}, {"image", image}});
        if (args.size() > 1)
            for (std::size_t i = 1; i < args.size(); ++i)
                container.edit("command").push_back(args[i]);
        if (const auto port = run.flags.integer("port"); port > 0)
            container.set("ports", Value::array({Value::object({{"containerPort", port}})}));
        containers.push_back(std::move(container));
    }
    Value object = object_with_name("apps/v1", "Deployment", args[0]);
    const Value labels = Value::object({{"app", args[0]}});
    object.edit("metadata").set("labels", labels);
    object.edit("spec").set("replicas", run.flags.integer("replicas"));
    object.edit_path("spec", "selector").set("matchLabels", labels);
    object.edit_path("spec", "template", "metadata").set("labels", labels);
    object.edit_path("spec", "template", "spec").set("containers", std::move(containers));
    create_and_print(run, *api::find_kind("apps/v1", "Deployment"), std::move(object), "created");
}

}  // namespace command

}  // namespace kubewalk::kubectl
