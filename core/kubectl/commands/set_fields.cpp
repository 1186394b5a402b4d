// set image, resources, serviceaccount, selector. Upstream: k8s.io/kubectl/pkg/cmd/set (set_image.go, set_resources.go,
// set_serviceaccount.go, set_selector.go).

#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view nothing_named =
    "You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n"
    "   '-f rsrc.yaml'\n"
    "   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n"
    "   '<resource>'";
constexpr std::string_view no_template = "the object is not a pod or does not have a pod template: *unstructured.Unstructured";

// False (and said so) when neither arguments nor files name an object.
bool names_objects(Run& run, const std::vector<std::string>& resources) {
    if (!resources.empty() || run.flags.has("filename") || run.flags.has("kustomize"))
        return true;
    run.fail(std::string(nothing_named));
    return false;
}

// Changes the PodSpec of each object; nothing is printed where nothing changed.
void change_pod_specs(Run& run, const std::vector<std::string>& resources, std::string_view operation,
                      const std::function<std::optional<Refusal>(const Info&, Value& spec)>& change) {
    modify_each(run, resources, [&](const Info& info) -> Answer<Outcome> {
        Outcome outcome{info.object, std::string(operation)};
        Value* spec = pod_spec_of(*info.kind, outcome.object);
        if (!spec)
            return refusal_about(info, no_template);
        if (auto refused = change(info, *spec))
            return *refused;
        if (outcome.object == info.object)
            outcome.operation.clear();
        return outcome;
    });
}

}  // namespace

void set_image_flags(FlagSet& set) { add_modify_flags(set, "kubectl-set"); }

void set_image(Run& run) {
    auto parts = resources_and_pairs(run.args(), "image");
    if (!parts.ok())
        return run.fail(parts.refusal());
    const auto& [resources, pairs] = parts.value();
    if (!names_objects(run, resources))
        return;
    std::vector<std::string> wrong;
    if (pairs.empty())
        wrong.emplace_back("at least one image update is required");
    for (const auto& pair : pairs)
        if (pair.starts_with("*=") && pairs.size() > 1)
            wrong = {"all containers are already specified by *, but saw more than one container_name=container_image pairs"};
    if (!wrong.empty())
        return run.fail(wrong[0]);
    change_pod_specs(run, resources, "image updated", [&pairs](const Info&, Value& spec) -> std::optional<Refusal> {
        for (const auto& pair : pairs) {
            const auto equals = pair.find('=');
            const auto name = pair.substr(0, equals);
            const auto image = pair.substr(equals + 1);
            // Here a name is a name; only "*" stands for all.
            const int found = each_container(spec, name, [&](Value& container) { container.set("image", image); });
            if (found == 0)
                return Refusal::plain(cat("error: unable to find container named ", quoted(name)));
        }
        return std::nullopt;
    });
}

void set_resources_flags(FlagSet& set) {
    add_modify_flags(set, "kubectl-set");
    set.text("containers", "Containers by name; * stands for any letters", 'c', "*")
        .text("limits", "RESOURCE=AMOUNT,...: what containers may use at most")
        .text("requests", "RESOURCE=AMOUNT,...: what containers are sure to get");
}

void set_resources(Run& run) {
    if (!names_objects(run, run.args()))
        return;
    if (!run.flags.has("limits") && !run.flags.has("requests"))
        return run.fail("you must specify an update to requests or limits (in the form of --requests/--limits)");
    Value amounts = Value::object();
    for (const char* part : {"limits", "requests"}) {
        auto list = resource_list(run.flags.text(part));
        if (!list.ok())
            return run.fail(replace_all(list.refusal().text, "Invalid argument", "invalid argument"));
        if (!list.value().empty())
            amounts.set(part, list.take());
    }
    const auto pattern = run.flags.text("containers");
    change_pod_specs(run, run.args(), "resource requirements updated", [&](const Info&, Value& spec) -> std::optional<Refusal> {
        const int found = each_container(spec, pattern, [&](Value& container) {
            for (const auto& [part, list] : amounts.members())
                for (const auto& [name, amount] : list.members())
                    container.edit_path("resources", part).set(name, amount);
        });
        if (found == 0)
            return Refusal::plain(cat("error: unable to find container named ", pattern));
        return std::nullopt;
    });
}

namespace {

// What these two take of add_modify_flags(): neither selects by labels.
void add_set_flags(FlagSet& set) {
    add_output_flags(set);
    add_dry_run_flag(set);
    add_manager_flag(set, "kubectl-set");
    add_record_flag(set);
    set.boolean("all", "All of the kind in the namespace").boolean("local", "Change what the file says only, ask no server");
}

}  // namespace

void set_service_account_flags(FlagSet& set) {
    add_filename_flags(set);
    add_set_flags(set);
}

void set_service_account(Run& run) {
    if (run.args().empty())
        return run.fail("serviceaccount is required");
    const auto account = run.args().back();
    const std::vector<std::string> resources(run.args().begin(), run.args().end() - 1);
    if (!names_objects(run, resources))
        return;
    modify_each(run, resources, [&](const Info& info) -> Answer<Outcome> {
        Outcome outcome{info.object, "serviceaccount updated"};
        Value* spec = pod_spec_of(*info.kind, outcome.object);
        if (!spec)
            return refusal_about(info, no_template);
        spec->set("serviceAccountName", account);
        return outcome;
    });
}

void set_selector_flags(FlagSet& set) {
    add_set_flags(set);
    set.list("filename", "Files or folders with manifests; - is standard input", 'f')
        .boolean("recursive", "Read folders inside the folder too", 'R', "true")
        .text("resource-version", "Only when the object has this version");
}

void set_selector(Run& run) {
    if (run.args().empty())
        return run.fail("one selector is required");
    const auto text = run.args().back();
    auto selector = api::LabelSelector::parse(text);
    if (!selector.ok() || text.find('=') == std::string::npos)
        return run.fail("one selector is required");
    const std::vector<std::string> resources(run.args().begin(), run.args().end() - 1);
    if (!names_objects(run, resources))
        return;
    modify_each(run, resources, [&](const Info& info) -> Answer<Outcome> {
        if (info.kind->kind != "Service")
            return Refusal::plain("setting a selector is only supported for Services");
        Value labels = Value::object();
        for (const auto& requirement : selector.value().requirements()) {
            if (requirement.op != api::Requirement::Operator::equals && requirement.op != api::Requirement::Operator::double_equals)
                return Refusal::plain(cat("match expression ", requirement.str(), " not supported on this object"));
            labels.set(requirement.key, requirement.values[0]);
        }
        Outcome outcome{info.object, "selector updated"};
        outcome.object.edit("spec").set("selector", std::move(labels));
        if (run.flags.has("resource-version"))
            outcome.object.edit("metadata").set("resourceVersion", run.flags.text("resource-version"));
        return outcome;
    });
}

}  // namespace kubewalk::kubectl::command
