// Event. Upstream: pkg/apis/core/validation/events.go (legacyValidateEvent, ValidateEventCreate, ValidateEventUpdate).
// Events are asked for by either of two groups, and stored as core/v1: only what is asked of both is checked.

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t longest_word = 128;   // action, reason, reportingInstance
constexpr std::size_t longest_note = 1024;  // message

void validate_word(const Value& object, std::string_view field, FieldErrors& errors) {
    const auto text = object[field].as_string();
    if (text.empty())
        errors.required(Path(field));
    if (text.size() > longest_word)
        errors.invalid(Path(field), "", cat("can have at most ", longest_word, " characters"));
}

// With eventTime an Event is of the newer sort, which says who reported what was done.
void validate_newer(const Value& object, FieldErrors& errors) {
    const Value& controller = object["reportingComponent"];
    const Path at("reportingController");
    if (controller.as_string().empty())
        errors.required(at);
    errors.invalid_each(at, controller.str(), is_qualified_name(controller.as_string()));
    for (const std::string_view field : {"reportingInstance", "action", "reason"})
        validate_word(object, field, errors);
    if (object["message"].as_string().size() > longest_note)
        errors.invalid(Path("message"), "", cat("can have at most ", longest_note, " characters"));
}

void validate_event(const Value& object, FieldErrors& errors) {
    const auto about = object["involvedObject"]["namespace"].as_string();
    const auto own = object["metadata"]["namespace"].as_string();
    const bool newer = !object["eventTime"].is_null();
    const bool agrees = about.empty() ? own == "default" || (newer && own == "kube-system") : newer || own == about;
    if (!agrees)
        errors.invalid(Path("involvedObject").child("namespace"), object["involvedObject"]["namespace"].str(), "does not match event.namespace");
    if (newer)
        validate_newer(object, errors);
    errors.invalid_each(Path("namespace"), object["metadata"]["namespace"].str(), is_dns1123_subdomain(own));
}

void validate_event_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_event(object, errors);
}

}  // namespace

const Rules event_rules = {"", "Event", nothing, nothing, nothing_to_prepare, nullptr, validate_event, validate_event_update, nullptr, no_warnings};

}  // namespace kubewalk::api
