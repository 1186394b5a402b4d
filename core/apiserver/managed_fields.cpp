#include "core/apiserver/managed_fields.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/decode.h"
#include "core/api/json.h"
#include "core/api/typed.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::size_t longest_manager = 128;
// So many writes wait at most until somebody asks: long lists of them would keep old versions of the object alive.
constexpr int most_pending = 8;
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

constexpr api::Kind patch_options{"meta.k8s.io", "v1", "PatchOptions", "patchoptions", "", "", api::Scope::cluster, api::StatusSubresource::no, "", ""};
constexpr api::Kind update_options{"meta.k8s.io", "v1", "UpdateOptions", "updateoptions", "", "", api::Scope::cluster, api::StatusSubresource::no, "", ""};
constexpr api::Kind create_options{"meta.k8s.io", "v1", "CreateOptions", "createoptions", "", "", api::Scope::cluster, api::StatusSubresource::no, "", ""};
constexpr api::Kind scale_version{"autoscaling", "v1", "Scale", "scales", "scale", "", api::Scope::namespaced, api::StatusSubresource::no, "V1Scale", ""};

// A custom kind's fields are what its definition says.
const api::Type* type_of(const Core& core, const api::Kind& kind) {
    if (const auto* custom = core.customs.find(kind))
        return &custom->field_types(core.schema);
    return core.schema.find(kind.schema);
}
api::FieldContext context_of(const Core& core, const api::Kind& kind) {
    const auto* custom = core.customs.find(kind);
    return {core.schema, kind, custom ? &custom->field_types(core.schema) : nullptr};
}

// The option, or the name of the program in front of its version in the user agent.
std::string manager_of(const Call& call) {
    if (const auto& given = call.query("fieldManager"); !given.empty())
        return given;
    const auto& request = call.request;
    const std::string_view agent = request.process.empty() ? std::string_view(request.agent) : request.process;
    return std::string(agent.substr(0, std::min(agent.find('/'), longest_manager)));
}

api::FieldWrite write_of(const Core& core, const Call& call, const Value& before) {
    return {before, call.asked, call.sent_fields, manager_of(call), call.route.subresource, call.route.served, core.simulation.now()};
}

// A GroupVersionKind as Go prints it: "apps/v1, Kind=Deployment", "/v1, Kind=Pod".
std::string go_text(const Value& object) {
    const auto version = object["apiVersion"].as_string();
    return cat(version.find('/') == std::string_view::npos ? "/" : "", version, ", Kind=", object["kind"].as_string());
}

// What an applied configuration is refused for before anything is merged.
Answer<Done> check_configuration(const Core& core, const Call& call, const api::Kind& served) {
    const Value& config = call.request.body;
    if (!config.is_object())
        return status::bad_request("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                                   "into Go value of type map[string]interface {}");
    if (config["apiVersion"].as_string() != served.api_version() || config["kind"].as_string() != served.kind)
        return status::bad_request(cat("invalid object type: ", go_text(config)));
    if (!config["metadata"]["managedFields"].is_null())
        return status::bad_request("metadata.managedFields must be nil");
    const auto* type = type_of(core, served);
    if (!type)
        return status::unsupported_media_type("application/json-patch+json, application/merge-patch+json");
    if (const auto errors = api::type_errors(*type, config); !errors.empty()) {
        Failure failure;
        failure.message = cat("failed to create typed patch object (", api::namespace_of(config), "/", api::name_of(config), "; ", go_text(config), "): ", errors);
        return failure;
    }
    return Done{};
}

Failure conflict_of(std::vector<api::FieldConflict> conflicts) {
    Failure failure;
    failure.code = 409;
    failure.reason = "Conflict";
    // In the order of the managers' names; upstream's causes are in that of a Go map.
    sort_stably(conflicts, [](const auto& a, const auto& b) { return a.manager.text() < b.manager.text(); });
    std::string list;
    for (const auto& [manager, fields] : conflicts) {
        append(list, list.empty() ? "" : "\n", "conflicts with ", manager.text(), ":");
        for (const auto& path : api::field_set::paths(fields)) {
            append(list, "\n- ", path);
            failure.causes.push_back({"FieldManagerConflict", cat("conflict with ", manager.text()), path});
        }
    }
    const auto count = failure.causes.size();
    failure.message = count == 1 ? cat("Apply failed with 1 conflict: ", failure.causes[0].message, ": ", failure.causes[0].field)
                                 : cat("Apply failed with ", count, " conflicts: ", list);
    return failure;
}

// The fields of the last kubectl apply of the client's side that the object still has as they were applied then: the same
// kubectl takes them over without asking (lastAppliedManager).
Value applied_by_client(const Core& core, const api::Kind& served, const Value& live) {
    const auto text = live["metadata"]["annotations"][last_applied].as_string();
    const auto parsed = api::parse_json(text);
    const auto* type = type_of(core, served);
    if (text.empty() || !parsed.ok() || parsed.value()["apiVersion"].as_string() != served.api_version() || !api::type_errors(*type, parsed.value()).empty())
        return {};
    const auto changes = api::compare(*type, parsed.value(), live);
    using namespace api::field_set;
    return subtract(subtract(subtract(api::fields_of(*type, parsed.value()), changes.modified), changes.added), changes.removed);
}

api::Applied apply(const Core& core, const Call& call, const api::FieldContext& context, const Value& live, const api::FieldManagers& managers,
                   const api::FieldWrite& write) {
    const auto force = call.query("force") == "true" ? api::Force::yes : api::Force::no;
    auto applied = api::apply_fields(context, live, call.request.body, managers, write, force);
    if (applied.conflicts.empty() || write.manager != "kubectl")
        return applied;
    const Value allowed = applied_by_client(core, *write.served, live);
    if (allowed.is_null())
        return applied;
    std::vector<api::FieldConflict> left;
    for (auto& [manager, fields] : applied.conflicts)
        if (Value rest = api::field_set::subtract(fields, allowed); !rest.is_null())
            left.push_back({manager, std::move(rest)});
    if (left.empty())
        return api::apply_fields(context, live, call.request.body, managers, write, api::Force::yes);
    applied.conflicts = std::move(left);
    return applied;
}

// kubectl's annotation follows what kubectl applies here, where there is one (lastAppliedUpdater).
void update_last_applied(Value& object, Value config) {
    if (object["metadata"]["annotations"][last_applied].as_string().empty())
        return;
    if (config["metadata"]["annotations"].is_object())
        config.edit_path("metadata", "annotations").erase(last_applied);
    object.edit_path("metadata", "annotations").set(last_applied, api::to_json(config) + "\n");
}

bool has_replicas(const api::FieldManager& manager) { return api::field_set::is_member(manager.fields["f:spec"]["f:replicas"]); }

bool same_name(const api::FieldManager& a, const api::FieldManager& b) {
    return a.name == b.name && a.applies == b.applies && a.subresource == b.subresource;
}

}  // namespace

api::ManagedFields managed_after(Core& core, const Call& call, const api::Kind& kind, const std::string& key, const Value& before) {
    if (call.applied)
        return *call.applied;
    const auto* entry = before.is_null() ? nullptr : core.store.get(key);
    const api::ManagedFields now = entry ? entry->managed : api::ManagedFields();
    if (call.asked.is_null())
        return now;
    auto next = now.after(write_of(core, call, before));
    if (next.pending() > most_pending)
        next.entries(context_of(core, kind));
    return next;
}

Value managed_entries(const Core& core, const api::Kind& kind, std::string_view namespace_name, std::string_view name) {
    const auto* entry = core.store.get(store_key(kind, namespace_name, name));
    return entry ? entry->managed.entries(context_of(core, kind)) : Value();
}

Value with_managed_fields(const Core& core, const Call& call, Value body) {
    const auto& kind = *call.route.kind;
    const auto add = [&](Value& object, const Value& entries) {
        if (!entries.is_null())
            object.edit("metadata").set("managedFields", entries);
    };
    if (body["kind"].as_string() == kind.kind)
        add(body, call.managed ? call.managed->entries(context_of(core, kind)) : managed_entries(core, kind, api::namespace_of(body), api::name_of(body)));
    else if (body["kind"].as_string() == kind.list())
        for (std::size_t i = 0; i < body["items"].size(); ++i) {
            const Value entries = managed_entries(core, kind, api::namespace_of(body["items"][i]), api::name_of(body["items"][i]));
            add(body.edit("items").edit_at(i), entries);
        }
    return body;
}

bool managers_change(Core& core, const Call& call, const api::Kind& kind, const Value& object) {
    if (!call.applied && call.sent_fields.is_null())
        return false;
    const auto key = store_key(kind, api::namespace_of(object), api::name_of(object));
    const api::FieldContext context = context_of(core, kind);
    return !api::same_managers(managed_after(core, call, kind, key, object).entries(context),
                               managed_entries(core, kind, api::namespace_of(object), api::name_of(object)));
}

Answer<Value> apply_configuration(Core& core, Call& call, const api::Kind& kind, const Value& live) {
    const auto& served = *call.route.served;
    if (auto checked = check_configuration(core, call, served); !checked.ok())
        return checked.failure();
    const api::FieldContext context = context_of(core, kind);
    api::FieldWrite write = write_of(core, call, live);
    write.sent = {};
    api::FieldManagers managers;
    if (!live.is_null()) {
        Value entries = managed_entries(core, kind, api::namespace_of(live), api::name_of(live));
        if (entries.is_null()) {
            // Nobody was asked until now: what there is was there before the first apply (skipNonAppliedManager).
            api::FieldWrite before = write;
            before.before = {};
            before.asked = live;
            before.manager = "before-first-apply";
            entries = api::ManagedFields().after(std::move(before)).entries(context);
        }
        managers = api::read_managers(entries).value_or(api::FieldManagers());
    }
    const Value current = live.is_null() ? api::zero_object(*type_of(core, served)) : api::convert(live, kind, served);
    auto applied = apply(core, call, context, current, managers, write);
    if (!applied.conflicts.empty())
        return conflict_of(std::move(applied.conflicts));
    Value object = applied.object.is_null() ? current : applied.object;
    if (write.manager == "kubectl")
        update_last_applied(object, call.request.body);
    call.applied = api::ManagedFields(api::write_managers(std::move(applied.managers)));
    return object;
}

Answer<Value> apply_scale(Core& core, Call& call, const api::Kind& kind, const Value& object, const Value& live) {
    if (auto checked = check_configuration(core, call, scale_version); !checked.ok())
        return checked.failure();
    const auto parent = api::read_managers(managed_entries(core, kind, api::namespace_of(object), api::name_of(object))).value_or(api::FieldManagers());
    const Value replicas = api::field_set::of("f:spec", "f:replicas");
    api::FieldManagers managers;
    for (const auto& manager : parent)
        if (has_replicas(manager)) {
            managers.push_back(manager);
            managers.back().api_version = scale_version.api_version();
            managers.back().fields = replicas;
        }
    api::FieldWrite write = write_of(core, call, live);
    write.served = &scale_version;
    auto applied = apply(core, call, {core.schema, scale_version}, live, managers, write);
    if (!applied.conflicts.empty())
        return conflict_of(std::move(applied.conflicts));
    api::FieldManagers after;
    for (auto manager : parent) {
        if (has_replicas(manager) && std::erase_if(applied.managers, [&](const auto& one) { return same_name(one, manager); }) == 0)
            manager.fields = api::field_set::subtract(manager.fields, replicas);
        if (!manager.fields.is_null())
            after.push_back(std::move(manager));
    }
    for (auto& manager : applied.managers)
        if (has_replicas(manager)) {
            manager.api_version = call.route.served->api_version();
            manager.fields = replicas;
            manager.time.clear();  // as managedfields/scalehandler.go leaves it
            after.push_back(std::move(manager));
        }
    call.applied = api::ManagedFields(api::write_managers(std::move(after)));
    return applied.object.is_null() ? live : applied.object;
}

bool is_apply_patch(const client::Request& request) {
    const auto found = request.headers.find("Content-Type");
    return found != request.headers.end() && std::string_view(found->second).starts_with("application/apply-patch+yaml");
}

Answer<Done> check_field_options(const Call& call, bool applies) {
    std::vector<Failure::Cause> causes;
    const auto& manager = call.query("fieldManager");
    const bool patches = call.route.verb == Verb::patch;
    if (applies && manager.empty())
        causes.push_back({"FieldValueRequired", "Required value: is required for apply patch", "fieldManager"});
    if (patches && !applies && call.request.query.contains("force"))
        causes.push_back({"FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"});
    if (manager.size() > longest_manager)
        causes.push_back({"FieldValueTooLong", cat("Too long: may not be more than ", longest_manager, " bytes"), "fieldManager"});
    for (std::size_t i = 0; i < manager.size(); ++i)
        if (const auto c = static_cast<unsigned char>(manager[i]); c < ' ' || c == 0x7f) {
            constexpr std::string_view digits = "0123456789ABCDEF";
            causes.push_back({"FieldValueInvalid",
                              cat("Invalid value: ", quoted(manager), ": invalid character U+00", digits[c >> 4], digits[c & 15], " (at position ", i, ")"), "fieldManager"});
        }
    if (causes.empty())
        return Done{};
    return status::invalid(patches ? patch_options : call.route.verb == Verb::update ? update_options : create_options, {}, std::move(causes));
}

}  // namespace kubewalk::apiserver
