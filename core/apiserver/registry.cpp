#include "core/apiserver/registry.h"

#include <cassert>
#ifndef NDEBUG
#include <cstdio>
#endif

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/api/decode.h"
#include "core/api/internal_version.h"
#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/apiserver/gate.h"
#include "core/apiserver/listing.h"
#include "core/apiserver/managed_fields.h"
#include "core/apiserver/object_rules.h"
#include "core/apiserver/rbac_escalation.h"
#include "core/apiserver/service_ranges.h"
#include "core/apiserver/strategy.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr int generated_suffix_length = 5;
constexpr std::size_t generated_prefix_limit = 63 - generated_suffix_length;
constexpr int generate_attempts = 8;  // feature RetryGenerateName

Failure invalid(const api::Kind& kind, std::string_view name, const api::FieldErrors& errors) {
    std::vector<Failure::Cause> causes;
    for (const auto& error : errors)
        causes.push_back({std::string(error.reason()), error.body, error.field});
    return status::invalid(kind, name, std::move(causes));
}

std::string name_or_prefix(const Value& object) {
    const auto name = api::name_of(object);
    return std::string(name.empty() ? object["metadata"]["generateName"].as_string() : name);
}

// rest.BeforeUpdate: what an update cannot change.
void keep_system_metadata(Value& object, const Value& old) {
    auto& metadata = object.edit("metadata");
    for (std::string_view field : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                                   "generation", "namespace", "resourceVersion"}) {
        if (old["metadata"][field].is_null())
            metadata.erase(field);
        else
            metadata.set(field, old["metadata"][field]);
    }
    metadata.erase("selfLink");
}

#ifndef NDEBUG
bool reads_unchanged(const api::Schema& schema, const api::Kind& kind, const Value& body) {
    const auto decoded = api::decode(schema, kind.schema, body);
    if (decoded.ok() && decoded.value().strict.empty() && decoded.value().object == body)
        return true;
    std::fprintf(stderr, "a body that is called typed:\n%s\nis read as:\n%s\n", api::to_json(body).c_str(),
                 decoded.ok() ? api::to_json(decoded.value().object).c_str() : decoded.error().message.c_str());
    return false;
}
#endif

// The managedFields that a client sent: kept aside, because what is stored has them elsewhere. An empty list counts, too,
// and would be lost in decoding.
Value sent_fields(const Value& body) { return body["metadata"]["managedFields"].is_array() ? body["metadata"]["managedFields"] : Value(); }

// What a client asked for, before admission changes it, kept until it is written: what admission itself writes meanwhile
// (the usage of a quota) was not asked for by that client.
class AskedFields {
public:
    AskedFields(Call& call, Value& object)
        : call_(call), sent_(std::exchange(call.sent_fields, {})), applied_(std::exchange(call.applied, std::nullopt)) {
        if (!sent_.is_null())
            object.edit("metadata").erase("managedFields");
        asked_ = object;
    }
    void go_on() {
        call_.asked = std::move(asked_);
        call_.sent_fields = std::move(sent_);
        call_.applied = std::move(applied_);
    }

private:
    Call& call_;
    Value asked_;
    Value sent_;
    std::optional<api::ManagedFields> applied_;
};

// What ShouldDeleteDuringUpdate asks: an update took away the last thing a deletion waited for.
bool deletion_is_due(const api::Kind& kind, const Value& object, const Value& old) {
    if (!object["metadata"]["finalizers"].empty() || !api::is_deleting(old))
        return false;
    if (kind.kind == "Namespace" && kind.group.empty() && !object["spec"]["finalizers"].empty())
        return false;
    return old["metadata"]["deletionGracePeriodSeconds"].as_int() <= 0;
}

std::string_view media_type(const client::Request& request) {
    auto found = request.headers.find("Content-Type");
    if (found == request.headers.end())
        return {};
    return trim(std::string_view(found->second).substr(0, found->second.find(';')));
}

}  // namespace

// From the form in which the client speaks to the one that is stored; `kind` is the latter.
Answer<Value> Registry::decode(Call& call, const api::Kind& stored_kind, const Value& body) const {
    const auto& kind = call.route.served && &api::storage_kind(*call.route.served) == &stored_kind ? *call.route.served : stored_kind;
    if (!body.is_object())
        return status::bad_request(cat("the object provided is unrecognized (must be of type ", kind.kind,
                                       "): couldn't get version/kind; json parse error"));
    const std::string version = body["apiVersion"].str(kind.api_version());
    if (version != kind.api_version())
        return status::bad_request(cat("the API version in the data (", version,
                                       ") does not match the expected API version (", kind.api_version(), ")"));
    if (const auto given = body["kind"].as_string(kind.kind); given != kind.kind)
        return status::bad_request(cat(given, " in version ", quoted(kind.version), " cannot be handled as a ",
                                       kind.kind, ": converting (", given, ") to (", kind.kind, "): unknown conversion"));
    if (call.request.typed && &kind == &stored_kind && body.contains("kind") && body.contains("apiVersion")) {
        assert(reads_unchanged(core_.schema, kind, body));
        return body;
    }
    // What is shared with the stored object has been read before: an update costs what it changes.
    const bool compares = !call.route.name.empty() && &kind == &stored_kind;
    const Value known = compares ? core_.get(kind, call.route.namespace_name, call.route.name) : Value();
    auto decoded = api::decode(core_.schema, kind.schema, body, known);
    if (!decoded.ok())
        return status::bad_request(api::cannot_be_handled(kind, decoded.error()));
    if (const auto* custom = core_.customs.find(kind))
        custom->prune(decoded.value().object, decoded.value().strict);
    const auto& mode = call.query("fieldValidation");
    if (!decoded.value().strict.empty() && mode == "Strict") {
        Error error;
        error.message = api::strict_decoding_error(decoded.value().strict);
        return status::bad_request(api::cannot_be_handled(kind, error));
    }
    if (mode != "Ignore")
        for (const auto& warning : decoded.value().strict)
            call.warnings.push_back(warning.message);
    Value object = std::move(decoded.value().object);
    object.set("apiVersion", kind.api_version());
    object.set("kind", kind.kind);
    return api::convert(object, kind, stored_kind);
}

Answer<Done> Registry::admit(Call& call, const api::Kind& kind, Operation operation, Value& object, const Value& old) {
    const Value& subject = object.is_null() ? old : object;
    const auto name = subject.is_null() ? call.route.name : name_or_prefix(subject);
    const Admission admission{core_, kind, call.route.subresource, operation, call.route.namespace_name, name, old, call};
    for (const auto& plugin : admission_plugins()) {
        if (!plugin.mutate || !plugin.handles(admission))
            continue;
        const Value before = object;
        auto answer = plugin.mutate(admission, object);
        using Verdict = RequestRecord::Verdict;
        call.record.admission.push_back({plugin.name, RequestRecord::Phase::mutating,
                                         !answer.ok() ? Verdict::denied : before == object ? Verdict::allowed : Verdict::changed});
        if (!answer.ok())
            return answer;
    }
    return Done{};
}

Answer<Done> Registry::admit_finally(Call& call, const api::Kind& kind, Operation operation, const Value& object, const Value& old) {
    const Value& subject = object.is_null() ? old : object;
    const auto name = subject.is_null() ? call.route.name : name_or_prefix(subject);
    const Admission admission{core_, kind, call.route.subresource, operation, call.route.namespace_name, name, old, call};
    for (const auto& plugin : admission_plugins()) {
        if (!plugin.validate || !plugin.handles(admission))
            continue;
        auto answer = plugin.validate(admission, object);
        call.record.admission.push_back({plugin.name, RequestRecord::Phase::validating,
                                         answer.ok() ? RequestRecord::Verdict::allowed : RequestRecord::Verdict::denied});
        if (!answer.ok())
            return answer;
    }
    return Done{};
}

Answer<Value> Registry::get(Call& call) const {
    const auto& kind = *call.route.kind;
    const auto version = parse_resource_version(call.query("resourceVersion"));
    if (!version.ok())
        return version.failure();
    if (version.value() > core_.store.revision())
        return too_large_resource_version(version.value(), core_.store.revision());
    const Value& object = core_.get(kind, call.route.namespace_name, call.route.name);
    if (object.is_null())
        return status::not_found(kind, call.route.name);
    return object;
}

Answer<Value> Registry::list(Call& call) const { return list_objects(core_, call); }

Answer<Value> Registry::create(Call& call) {
    const auto& kind = *call.route.kind;
    if (const auto* custom = core_.customs.find(kind); custom && custom->is_ending())
        return status::create_not_allowed();
    auto decoded = decode(call, kind, call.request.body);
    if (!decoded.ok())
        return decoded;
    if (auto checked = check_field_options(call, false); !checked.ok())
        return checked.failure();
    call.sent_fields = sent_fields(call.request.body);
    Value object = decoded.take();
    auto& metadata = object.edit("metadata");
    const auto given = metadata["namespace"].str();
    if (!kind.namespaced())
        metadata.erase("namespace");
    else if (given.empty())
        metadata.set("namespace", call.route.namespace_name);
    else if (given != call.route.namespace_name)
        return status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request");
    if (!metadata["resourceVersion"].as_string().empty()) {
        Failure failure;
        failure.message = "resourceVersion should not be set on objects to be created";
        return failure;
    }
    const bool generated = metadata["name"].as_string().empty() && !metadata["generateName"].as_string().empty();
    Answer<Value> answer = create_once(call, kind, object);
    for (int i = 1; generated && i < generate_attempts && !answer.ok() && answer.failure().reason == "AlreadyExists"; ++i)
        answer = create_once(call, kind, object);
    return answer;
}

Answer<Value> Registry::create_once(Call& call, const api::Kind& kind, Value object) {
    const ObjectRules rules(core_, kind);
    rules.set_defaults(object);
    api::through_internal_version(kind, object);
    AskedFields asked(call, object);
    if (auto admitted = admit(call, kind, Operation::create, object, api::null_value()); !admitted.ok())
        return admitted.failure();
    if (auto confirmed = confirm_no_escalation(core_, call, kind, object, api::null_value()); !confirmed.ok())
        return confirmed.failure();

    auto& metadata = object.edit("metadata");
    metadata.set("creationTimestamp", to_rfc3339(core_.simulation.now()));
    metadata.set("uid", core_.state.random.uuid());
    for (std::string_view field : {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"})
        metadata.erase(field);
    if (const auto prefix = metadata["generateName"].as_string(); metadata["name"].as_string().empty() && !prefix.empty())
        metadata.set("name", cat(prefix.substr(0, generated_prefix_limit),
                                 core_.state.random.name_suffix(generated_suffix_length)));
    // A Service is given its addresses before it is validated (its storage's beginCreate).
    if (kind.kind == "Service" && kind.group.empty()) {
        auto allocated = core_.state.services.allocate(service_ranges(core_), core_.state.random, object, api::null_value());
        if (!allocated.ok())
            return allocated.failure();
    }
    if (auto* const note_user = strategy_of(kind).note_user)
        note_user(object, call.user);
    rules.prepare_for_create(object);
    api::FieldErrors errors;
    rules.validate(object, errors);
    call.record.validation_errors = static_cast<int>(errors.size());
    if (!errors.empty())
        return invalid(kind, api::name_of(object), errors);
    rules.warn(object, call.warnings);
    if (auto admitted = admit_finally(call, kind, Operation::create, object, api::null_value()); !admitted.ok())
        return admitted.failure();
    asked.go_on();
    return core_.write(call, kind, std::move(object), api::null_value());
}

Answer<Value> Registry::update(Call& call) {
    const auto& kind = *call.route.kind;
    auto decoded = decode(call, kind, call.request.body);
    if (!decoded.ok())
        return decoded;
    if (auto checked = check_field_options(call, false); !checked.ok())
        return checked.failure();
    call.sent_fields = sent_fields(call.request.body);
    Value object = decoded.take();
    if (api::name_of(object) != call.route.name)
        return status::bad_request(cat("the name of the object (", api::name_of(object),
                                       ") does not match the name on the URL (", call.route.name, ")"));
    if (const auto given = api::namespace_of(object); !given.empty() && given != call.route.namespace_name)
        return status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request");
    const Value old = core_.get(kind, call.route.namespace_name, call.route.name);
    const auto& strategy = strategy_of(kind);
    const bool status_only = call.route.subresource == "status";
    if (old.is_null()) {
        if (!strategy.create_on_update || status_only)
            return status::not_found(kind, call.route.name);
        if (kind.namespaced())
            object.edit("metadata").set("namespace", call.route.namespace_name);
        object.edit("metadata").erase("resourceVersion");
        return create_once(call, kind, std::move(object));
    }
    const auto version = api::resource_version_of(object);
    if (version.empty() && !strategy.unconditional_update)
        return status::invalid(kind, call.route.name,
                               {{"FieldValueInvalid", "Invalid value: 0: must be specified for an update",
                                 "metadata.resourceVersion"}});
    if (!version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    return replace(call, kind, std::move(object), old, status_only ? Part::status : Part::object);
}

Answer<Value> Registry::replace(Call& call, const api::Kind& kind, Value object, const Value& old, Part part) {
    const auto name = api::name_of(old);
    if (const auto uid = api::uid_of(object); !uid.empty() && uid != api::uid_of(old))
        return status::conflict(kind, name, cat("Precondition failed: UID in precondition: ", uid,
                                                ", UID in object meta: ", api::uid_of(old)));
    const ObjectRules rules(core_, kind);
    rules.set_defaults(object, old, part);
    api::through_internal_version(kind, object);
    keep_system_metadata(object, old);
    AskedFields asked(call, object);
    if (auto admitted = admit(call, kind, Operation::update, object, old); !admitted.ok())
        return admitted.failure();
    if (auto confirmed = confirm_no_escalation(core_, call, kind, object, old); !confirmed.ok())
        return confirmed.failure();
    if (part == Part::object && kind.kind == "Service" && kind.group.empty()) {
        auto allocated = core_.state.services.allocate(service_ranges(core_), core_.state.random, object, old);
        if (!allocated.ok())
            return allocated.failure();
    }
    rules.prepare_for_update(object, old, part);
    api::FieldErrors errors;
    rules.validate_update(object, old, part, errors, call.warnings);
    call.record.validation_errors = static_cast<int>(errors.size());
    if (!errors.empty())
        return invalid(kind, name, errors);
    if (part == Part::object)
        rules.warn(object, call.warnings);
    if (auto admitted = admit_finally(call, kind, Operation::update, object, old); !admitted.ok())
        return admitted.failure();
    asked.go_on();
    return store_or_finish(call, kind, std::move(object), old);
}

Answer<Value> Registry::store_or_finish(Call& call, const api::Kind& kind, Value object, const Value& old) {
    if (deletion_is_due(kind, object, old)) {
        auto erased = core_.erase(call, kind, old);
        if (!erased.ok())
            return erased;
        return object;
    }
    if (object == old && !managers_change(core_, call, kind, old))
        return old;  // nothing to write: the revision stays
    return core_.write(call, kind, std::move(object), old);
}

static bool is_patch(std::string_view type) {
    return type == "application/json-patch+json" || type == "application/merge-patch+json" || type == "application/strategic-merge-patch+json";
}

// Whether a patch says anything of metadata.managedFields. Only then they are worked out for it to be applied to.
static bool touches_managed_fields(const Value& patch) {
    if (patch.is_object())
        return patch["metadata"].contains("managedFields");
    for (const auto& operation : patch.items())
        for (const std::string_view end : {"path", "from"})
            if (const auto path = operation[end].as_string(); operation.contains(end) && (path.empty() || path == "/metadata" || path.starts_with("/metadata/managedFields")))
                return true;
    return false;
}

// What is no patch is refused before anybody looks for the object.
Answer<Value> Registry::patched(const Call& call, const api::Kind& kind, const Value& current) const {
    const auto type = media_type(call.request);
    const Value& patch = call.request.body;
    Result<Value> result = Value();
    if (type == "application/json-patch+json") {
        result = api::apply_json_patch(current, patch);
        if (!result.ok()) {
            Failure failure;
            failure.code = 422;
            failure.reason = "Invalid";
            failure.message = "the server rejected our request due to an error in our request";
            failure.causes.push_back({{}, result.error().message, {}});
            return failure;
        }
    } else if (type == "application/merge-patch+json") {
        result = api::apply_merge_patch(current, patch);
    } else if (type == "application/strategic-merge-patch+json") {
        if (api::is_custom(kind))
            return status::unsupported_media_type("application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
        if (kind.schema.empty())
            result = api::apply_merge_patch(current, patch);
        else
            result = api::apply_strategic_merge_patch(core_.schema, kind.schema, current, patch);
    } else {
        return status::unsupported_media_type(
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
    }
    if (!result.ok())
        return status::bad_request(result.error().message);
    return result.take();
}

// What was applied and was not there: it is created, which has to be permitted, too.
Answer<Value> Registry::create_applied(Call& call, const api::Kind& kind, Value object) {
    RequestRecord unseen;
    Call creation{call.request, call.route, {}, unseen, call.user};
    creation.route.verb = Verb::create;
    if (!authorise(core_, creation).ok())
        return status::forbidden(kind, call.route.name, unseen.reason ? std::string_view(*unseen.reason) : std::string_view());
    if (const auto uid = api::uid_of(object); !uid.empty())
        return status::conflict(kind, call.route.name, cat("uid mismatch: the provided object specified uid ", uid, ", and no existing object was found"));
    auto& metadata = object.edit("metadata");
    if (!kind.namespaced())
        metadata.erase("namespace");
    else if (const auto given = metadata["namespace"].as_string(); !given.empty() && given != call.route.namespace_name)
        return status::bad_request("the namespace of the provided object does not match the namespace sent on the request");
    else
        metadata.set("namespace", call.route.namespace_name);
    const auto name = metadata["name"].as_string();
    if (name.empty())
        return status::bad_request(cat("the name of the object (", call.route.name, " based on URL) was undeterminable: name must be provided"));
    if (name != call.route.name)
        return status::bad_request(cat("the name of the object (", name, ") does not match the name on the URL (", call.route.name, ")"));
    metadata.erase("resourceVersion");
    call.code = 201;
    return create_once(call, kind, std::move(object));
}

Answer<Value> Registry::patch(Call& call) {
    const auto& kind = *call.route.kind;
    const bool applies = is_apply_patch(call.request);
    if (applies || is_patch(media_type(call.request)))
        if (auto checked = check_field_options(call, applies); !checked.ok())
            return checked.failure();
    const Value old = core_.get(kind, call.route.namespace_name, call.route.name);
    if (old.is_null() && (applies ? !call.route.subresource.empty() : is_patch(media_type(call.request))))
        return status::not_found(kind, call.route.name);
    Value current = old;
    if (!applies && touches_managed_fields(call.request.body))
        if (const Value entries = managed_entries(core_, kind, call.route.namespace_name, call.route.name); !entries.is_null())
            current.edit("metadata").set("managedFields", entries);
    auto changed = applies ? apply_configuration(core_, call, kind, old) : patched(call, kind, current);
    if (!changed.ok())
        return changed;
    if (!applies && touches_managed_fields(call.request.body))
        call.sent_fields = sent_fields(changed.value());
    auto decoded = decode(call, kind, changed.value());
    if (!decoded.ok())
        return decoded;
    Value object = decoded.take();
    if (old.is_null())
        return create_applied(call, kind, std::move(object));
    if (const auto given = api::namespace_of(object); applies && kind.namespaced() && given != call.route.namespace_name)
        return status::bad_request("the namespace of the provided object does not match the namespace sent on the request");
    if (api::name_of(object) != api::name_of(old))
        return status::bad_request(cat("the name of the object (", api::name_of(object),
                                       ") does not match the name on the URL (", call.route.name, ")"));
    const auto version = api::resource_version_of(object);
    if (!version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    return replace(call, kind, std::move(object), old,
                   call.route.subresource == "status" ? Part::status : Part::object);
}

}  // namespace kubewalk::apiserver
