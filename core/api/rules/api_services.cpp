// APIService. Upstream: k8s.io/kube-aggregator/pkg/apis/apiregistration/{v1/defaults.go,validation/validation.go},
// pkg/registry/apiservice/strategy.go.

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::int64_t https_port = 443;
constexpr std::int64_t highest_group_priority = 20000, highest_version_priority = 1000;

void default_service_port(Value& object) {
    if (object["spec"]["service"].is_object() && object["spec"]["service"]["port"].is_null())
        object.edit_path("spec", "service").set("port", https_port);
}

// A group of the server's own is there at once.
void prepare(Value& object) {
    Value status = Value::object();
    if (object["spec"]["service"].is_null())
        status.set("conditions", Value::array({Value::object({{"type", "Available"},
                                                              {"status", "True"},
                                                              {"lastTransitionTime", object["metadata"]["creationTimestamp"]},
                                                              {"reason", "Local"},
                                                              {"message", "Local APIServices are always available"}})}));
    object.set("status", std::move(status));
}

void validate(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const auto name = object["metadata"]["name"].as_string(), group = spec["group"].as_string(), version = spec["version"].as_string();
    const Path metadata("metadata"), root("spec");
    if (const auto wanted = cat(version, ".", group); !name.empty() && is_path_segment_name(name).empty() && name != wanted)
        errors.invalid(metadata.child("name"), name, cat("must be `spec.version+\".\"+spec.group`: ", quoted(wanted)));
    validate_object_meta(object["metadata"], Scope::cluster, is_path_segment_name, metadata, errors);
    if (group.empty() && version != "v1")
        errors.required(root.child("group"), "only v1 may have an empty group and it better be legacy kube");
    if (!group.empty())
        errors.invalid_each(root.child("group"), spec["group"], is_dns1123_subdomain(group));
    errors.invalid_each(root.child("version"), version, is_dns1035_label(version));
    const auto in_range = [&](std::string_view field, std::int64_t highest) {
        if (const auto priority = spec[field].as_int(); priority <= 0 || priority > highest)
            errors.invalid(root.child(field), priority, cat("must be positive and less than ", highest));
    };
    in_range("groupPriorityMinimum", highest_group_priority);
    in_range("versionPriority", highest_version_priority);

    const bool trusting = spec["insecureSkipTLSVerify"].as_bool(), bundled = !spec["caBundle"].as_string().empty();
    if (spec["service"].is_null()) {
        if (bundled)
            errors.invalid(root.child("caBundle"), cat(spec["caBundle"].as_string().size() / 4 * 3, " bytes"), "local APIServices may not have a caBundle");
        if (trusting)
            errors.invalid(root.child("insecureSkipTLSVerify"), true, "local APIServices may not have insecureSkipTLSVerify");
        return;
    }
    for (const std::string_view field : {"namespace", "name"})
        if (spec["service"][field].as_string().empty())
            errors.required(root.child("service").child(field));
    if (trusting && bundled)
        errors.invalid(root.child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
}

void validate_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate(object, errors);
}

void validate_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Value& conditions = object["status"]["conditions"];
    const Path whole("status");
    const Path path = whole.child("conditions");
    for (std::size_t i = 0; i < conditions.size(); ++i)
        if (const auto status = conditions[i]["status"].as_string(); status != "True" && status != "False" && status != "Unknown")
            errors.not_supported(path.index(i).child("status"), conditions[i]["status"], {"False", "True", "Unknown"});
}

}  // namespace

const Rules api_service_rules = {"apiregistration.k8s.io", "APIService", default_service_port, prepare, keep_status, keep_all_but_status,
                                 validate, validate_update, validate_status, no_warnings};

}  // namespace kubewalk::api
