#include "core/apiserver/custom/definition_controller.h"

#include <algorithm>
#include <set>

#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view finalizer = "customresourcecleanup.apiextensions.k8s.io";
constexpr std::string_view automanaged = "kube-aggregator.kubernetes.io/automanaged";
constexpr Duration look_again_for_objects = seconds(5);

const api::Kind& definitions() { return api::kind::custom_resource_definitions; }

Value condition_named(const Value& definition, std::string_view type) {
    for (const auto& condition : definition["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition;
    return {};
}

bool is_true(const Value& definition, std::string_view type) { return condition_named(definition, type)["status"].as_string() == "True"; }

void set_condition(Value& definition, std::string_view type, bool status, std::string_view reason, std::string_view message, Time now) {
    Value condition = Value::object({{"type", type}, {"status", status ? "True" : "False"}, {"reason", reason}, {"message", message}});
    const Value known = condition_named(definition, type);
    condition.set("lastTransitionTime", known["status"] == condition["status"] ? known["lastTransitionTime"] : Value(to_rfc3339(now)));
    Value all = Value::array();
    for (const auto& one : definition["status"]["conditions"].items())
        if (one["type"].as_string() != type)
            all.push_back(one);
    all.push_back(std::move(condition));
    definition.edit("status").set("conditions", std::move(all));
}

bool has_finalizer(const Value& definition) {
    const auto all = definition["metadata"]["finalizers"].items();
    return std::any_of(all.begin(), all.end(), [](const Value& one) { return one.as_string() == finalizer; });
}

// What the other definitions of the group already go by.
struct Taken {
    std::set<std::string, std::less<>> resources;  // plural, singular and short names
    std::set<std::string, std::less<>> kinds;      // kind and listKind
};

}  // namespace

DefinitionController::DefinitionController(client::Environment environment)
    : ControllerOf(environment, "crd-naming-condition-controller", "system:apiserver") {
    watch(definitions());
}

void DefinitionController::changed(std::size_t, const client::Change& change) {
    enqueue(api::key_of(change.object));
    if (change.type != client::WatchType::deleted)
        return;
    // Names are free again: others of the group may want them.
    for (const auto& [key, other] : cache(0))
        if (other["spec"]["group"] == change.object["spec"]["group"])
            enqueue(key);
}

client::Outcome DefinitionController::accept(const Value& definition) {
    const Value& names = definition["spec"]["names"];
    Taken taken;
    for (const auto& [key, other] : cache(0)) {
        if (key == api::key_of(definition) || other["spec"]["group"] != definition["spec"]["group"])
            continue;
        const Value& accepted = other["status"]["acceptedNames"];
        for (const std::string_view field : {"plural", "singular"})
            if (!accepted[field].as_string().empty())
                taken.resources.insert(accepted[field].str());
        for (const auto& name : accepted["shortNames"].items())
            taken.resources.insert(name.str());
        for (const std::string_view field : {"kind", "listKind"})
            if (!accepted[field].as_string().empty())
                taken.kinds.insert(accepted[field].str());
    }
    Value updated = definition;
    Value accepted = definition["status"]["acceptedNames"];
    std::string reason, message;
    const auto take = [&](std::string_view field, std::string_view conflict, const std::set<std::string, std::less<>>& used) {
        if (used.contains(names[field].as_string())) {
            reason = conflict;
            message = cat(quoted(names[field].as_string()), " is already in use");
        } else if (!names[field].is_null()) {
            accepted.set(field, names[field]);
        }
    };
    take("plural", "PluralConflict", taken.resources);
    take("singular", "SingularConflict", taken.resources);
    std::vector<std::string> errors;
    for (const auto& name : names["shortNames"].items())
        if (taken.resources.contains(name.as_string()))
            errors.push_back(cat(quoted(name.as_string()), " is already in use"));
    if (!errors.empty()) {
        reason = "ShortNamesConflict";
        message = errors.size() == 1 ? errors.front() : cat("[", join(errors, ", "), "]");
    } else {
        for (const std::string_view field : {"shortNames", "categories"})
            if (names[field].empty())
                accepted.erase(field);
            else
                accepted.set(field, names[field]);
    }
    take("kind", "KindConflict", taken.kinds);
    take("listKind", "ListKindConflict", taken.kinds);
    updated.edit("status").set("acceptedNames", std::move(accepted));
    set_condition(updated, "NamesAccepted", reason.empty(), reason.empty() ? "NoConflicts" : reason, reason.empty() ? "no conflicts found" : message, now());
    if (reason.empty())
        set_condition(updated, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now());
    else if (!is_true(definition, "Established"))
        set_condition(updated, "Established", false, "NotAccepted", "not all names are accepted", now());
    if (updated != definition) {
        const auto written = client().update_status(definitions(), updated);
        return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(written.error());
    }
    const auto registered = register_group(definition["spec"]["group"].as_string());
    return registered.ok() ? client::Outcome::done() : client::Outcome::failed(registered.error());
}

// The objects first, then the definition itself.
client::Outcome DefinitionController::finish(const Value& definition) {
    if (!is_true(definition, "Terminating")) {
        Value updated = definition;
        set_condition(updated, "Terminating", true, "InstanceDeletionInProgress", "CustomResource deletion is in progress", now());
        const auto written = client().update_status(definitions(), updated);
        return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(written.error());
    }
    const api::Kind* kind = nullptr;
    for (const auto& version : definition["spec"]["versions"].items())
        if (!kind && version["served"].as_bool() && is_true(definition, "Established"))
            kind = &api::custom_kind_of(definition, version);
    if (kind) {
        const auto objects = client().list(*kind, {});
        if (!objects.ok())
            return client::Outcome::failed(objects.error());
        for (const auto& object : objects.value()["items"].items())
            if (!api::is_deleting(object))
                if (const auto removed = client().remove(*kind, api::namespace_of(object), api::name_of(object)); !removed.ok() && removed.error().reason != "NotFound")
                    return client::Outcome::failed(removed.error());
        const auto left = client().list(*kind, {});
        if (!left.ok())
            return client::Outcome::failed(left.error());
        if (!left.value()["items"].empty())
            return client::Outcome::again_after(look_again_for_objects);
    }
    Value done = definition;
    Value kept = Value::array();
    for (const auto& one : definition["metadata"]["finalizers"].items())
        if (one.as_string() != finalizer)
            kept.push_back(one);
    if (kept.empty())
        done.edit("metadata").erase("finalizers");
    else
        done.edit("metadata").set("finalizers", std::move(kept));
    const auto written = client().update(definitions(), done);
    return written.ok() || written.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(written.error());
}

Result<void> DefinitionController::register_group(std::string_view group) {
    std::set<std::string> wanted;  // versions
    for (const auto& [key, definition] : cache(0))
        if (definition["spec"]["group"].as_string() == group && is_true(definition, "Established"))
            for (const auto& version : definition["spec"]["versions"].items())
                if (version["served"].as_bool())
                    wanted.insert(version["name"].str());
    const auto list = client().list(api::kind::api_services, {});
    if (!list.ok())
        return list.error();
    for (const auto& service : list.value()["items"].items()) {
        if (service["spec"]["group"].as_string() != group)
            continue;
        if (wanted.erase(service["spec"]["version"].str()) == 0 && service["metadata"]["labels"][automanaged].as_string() == "true")
            if (const auto removed = client().remove(api::kind::api_services, {}, api::name_of(service)); !removed.ok() && removed.error().reason != "NotFound")
                return removed.error();
    }
    // Upstream: pkg/controlplane/controller/crdregistration/crdregistration_controller.go.
    constexpr int group_priority = 1000, version_priority = 100;
    for (const auto& version : wanted) {
        const Value spec = Value::object({{"group", group}, {"version", version}, {"groupPriorityMinimum", group_priority}, {"versionPriority", version_priority}});
        const Value metadata = Value::object({{"name", cat(version, ".", group)}, {"labels", Value::object({{automanaged, "true"}})}});
        const auto made = client().create(api::kind::api_services, Value::object({{"apiVersion", "apiregistration.k8s.io/v1"}, {"kind", "APIService"}, {"metadata", metadata}, {"spec", spec}}));
        if (!made.ok() && made.error().reason != "AlreadyExists")
            return made.error();
    }
    return {};
}

client::Outcome DefinitionController::reconcile(const std::string& key) {
    const Value definition = informer(0).get(key);
    if (definition.is_null()) {
        const auto dot = key.find('.');
        const auto registered = register_group(std::string_view(key).substr(dot == std::string::npos ? key.size() : dot + 1));
        return registered.ok() ? client::Outcome::done() : client::Outcome::failed(registered.error());
    }
    if (api::is_deleting(definition))
        return has_finalizer(definition) ? finish(definition) : client::Outcome::done();
    return accept(definition);
}

}  // namespace kubewalk::apiserver
