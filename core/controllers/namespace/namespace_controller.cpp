#include "core/controllers/namespace/namespace_controller.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

constexpr Duration retry_delay = seconds(5);

// "Some resources are remaining: pods. has 3 resource instances, services. has 1 resource instances"
std::string listed(std::string_view head, const std::map<std::string, int>& counts, std::string_view middle,
                   std::string_view tail) {
    std::vector<std::string> parts;
    for (const auto& [name, count] : counts)
        parts.push_back(cat(name, middle, count, tail));
    return cat(head, join(parts, ", "));
}

}  // namespace

NamespaceController::NamespaceController(client::Environment environment)
    : ControllerOf(environment, "namespace-controller", "system:serviceaccount:kube-system:namespace-controller") {
    watch(api::kind::namespaces);
}

void NamespaceController::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted && api::is_deleting(change.object))
        enqueue(api::key_of(change.object));
}

client::Outcome NamespaceController::reconcile(const std::string& key) {
    auto fresh = client().get(api::kind::namespaces, {}, key);
    if (!fresh.ok())
        return fresh.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(fresh.error());
    Value space = fresh.take();
    if (!api::is_deleting(space) || space["spec"]["finalizers"].empty())
        return client::Outcome::done();
    if (space["status"]["phase"].as_string() != "Terminating") {
        space.edit("status").set("phase", "Terminating");
        auto updated = client().update_status(api::kind::namespaces, space);
        if (!updated.ok())
            return client::Outcome::failed(updated.error());
        space = updated.take();
    }
    const Remains remains = delete_contents(key);
    if (auto written = write_conditions(space, remains); !written.ok())
        return client::Outcome::failed(written.error());
    if (remains.any())
        return client::Outcome::again_after(retry_delay);
    if (!remains.errors.empty())
        return client::Outcome::failed(remains.errors);
    auto done = finalize(space);
    return done.ok() ? client::Outcome::done() : client::Outcome::failed(done.error());
}

void NamespaceController::delete_all(const api::Kind& kind, const std::string& name, Remains& remains) {
    const auto note = [&](const Error& error) {
        if (remains.errors.empty())
            remains.errors = error.message;
    };
    auto list = client().list(kind, name);
    if (!list.ok()) {
        note(list.error());
        return;
    }
    for (const auto& object : list.value()["items"].items()) {
        if (api::is_deleting(object))
            continue;
        client::DeleteOptions options;
        options.propagation_policy = "Background";
        auto removed = client().remove(kind, name, api::name_of(object), options);
        if (!removed.ok() && removed.error().reason != "NotFound")
            note(removed.error());
    }
    auto left = client().list(kind, name);
    if (!left.ok()) {
        note(left.error());
        return;
    }
    const auto items = left.value()["items"].items();
    if (!items.empty())
        remains.resources[cat(kind.resource, ".", kind.group)] = static_cast<int>(items.size());
    for (const auto& object : items)
        for (const auto& finalizer : object["metadata"]["finalizers"].items())
            ++remains.finalizers[finalizer.str()];
}

// Pods go before everything that they may need while they end.
NamespaceController::Remains NamespaceController::delete_contents(const std::string& name) {
    Remains remains;
    delete_all(api::kind::pods, name, remains);
    if (remains.any() || !remains.errors.empty())
        return remains;
    for (const auto& kind : api::kinds())
        if (kind.namespaced() && &kind != &api::kind::pods && api::is_stored_form(kind))
            delete_all(kind, name, remains);
    for (const auto* kind : custom_kinds())
        if (kind->namespaced())
            delete_all(*kind, name, remains);
    return remains;
}

// Discovery: kinds that the cluster learnt of. Of several versions one is enough.
std::vector<const api::Kind*> NamespaceController::custom_kinds() const {
    std::vector<const api::Kind*> found;
    const auto definitions = client().list(api::kind::custom_resource_definitions, {});
    if (!definitions.ok())
        return found;
    for (const auto& definition : definitions.value()["items"].items()) {
        const auto versions = definition["spec"]["versions"].items();
        const auto served = std::find_if(versions.begin(), versions.end(), [](const Value& one) { return one["served"].as_bool(); });
        if (served != versions.end() && api::is_established(definition))
            found.push_back(&api::custom_kind_of(definition, *served));
    }
    return found;
}

Result<void> NamespaceController::write_conditions(const Value& space, const Remains& remains) {
    struct Shown {
        std::string_view type;
        bool bad;
        std::string_view good_reason, good_message, bad_reason;
        std::string bad_message;
    };
    const Shown all[] = {
        {"NamespaceDeletionDiscoveryFailure",
         false,
         "ResourcesDiscovered",
         "All resources successfully discovered",
         "DiscoveryFailed",
         {}},
        {"NamespaceDeletionGroupVersionParsingFailure",
         false,
         "ParsedGroupVersions",
         "All legacy kube types successfully parsed",
         "GroupVersionParsingFailed",
         {}},
        {"NamespaceDeletionContentFailure", !remains.errors.empty(), "ContentDeleted",
         "All content successfully deleted, may be waiting on finalization", "ContentDeletionFailed",
         cat("Failed to delete all resource types, 1 remaining: ", remains.errors)},
        {"NamespaceContentRemaining", !remains.resources.empty(), "ContentRemoved", "All content successfully removed",
         "SomeResourcesRemain",
         listed("Some resources are remaining: ", remains.resources, " has ", " resource instances")},
        {"NamespaceFinalizersRemaining", !remains.finalizers.empty(), "ContentHasNoFinalizers",
         "All content-preserving finalizers finished", "SomeFinalizersRemain",
         listed("Some content in the namespace has finalizers remaining: ", remains.finalizers, " in ",
                " resource instances")},
    };
    Value conditions = Value::array();
    for (const auto& old : space["status"]["conditions"].items())  // those of others stay
        if (std::none_of(std::begin(all), std::end(all), [&old](const Shown& one) { return old["type"].as_string() == one.type; }))
            conditions.push_back(old);
    for (const auto& one : all) {
        Value condition = Value::object({{"type", one.type},
                                         {"status", one.bad ? "True" : "False"},
                                         {"lastTransitionTime", to_rfc3339(now())},
                                         {"reason", one.bad ? one.bad_reason : one.good_reason},
                                         {"message", one.bad ? std::string_view(one.bad_message) : one.good_message}});
        for (const auto& old : space["status"]["conditions"].items())
            if (old["type"].as_string() == one.type && old["status"] == condition["status"])
                condition.set("lastTransitionTime", old["lastTransitionTime"]);
        conditions.push_back(condition);
    }
    if (space["status"]["conditions"] == conditions)
        return {};
    Value updated = space;
    updated.edit("status").set("conditions", conditions);
    auto written = client().update_status(api::kind::namespaces, updated);
    return written.ok() || written.error().reason == "NotFound" ? Result<void>() : Result<void>(written.error());
}

Result<void> NamespaceController::finalize(const Value& space) {
    auto fresh = client().get(api::kind::namespaces, {}, api::name_of(space));
    if (!fresh.ok())
        return fresh.error().reason == "NotFound" ? Result<void>() : Result<void>(fresh.error());
    Value kept = Value::array();
    for (const auto& finalizer : fresh.value()["spec"]["finalizers"].items())
        if (finalizer.as_string() != "kubernetes")
            kept.push_back(finalizer);
    client::Request request;
    request.method = client::Method::put;
    request.path = cat(api::object_path(api::kind::namespaces, {}, api::name_of(space)), "/finalize");
    request.body = fresh.take();
    request.body.edit("spec").set("finalizers", kept);
    request.user = client().user();
    request.agent = client().agent();
    const auto response = client().transport().send(request);
    return response.ok() || response.code == 404 ? Result<void>() : Result<void>(client::to_error(response));
}

}  // namespace kubewalk::controllers
