// RuntimeClass. Upstream: pkg/apis/node/validation/validation.go.

#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"

namespace kubewalk::api {

namespace {

void default_runtime_class(Value& object) {
    if (object["overhead"].is_object())
        default_resource_list(object.edit("overhead"), "podFixed");
}

void validate_scheduling(const Value& scheduling, const Path& path, FieldErrors& errors) {
    validate_labels(scheduling["nodeSelector"], path.child("nodeSelector"), errors);
    // Upstream's path says "tolerations" twice for each entry.
    const Path list = path.child("tolerations");
    const Value& tolerations = scheduling["tolerations"];
    validate_tolerations(tolerations, list.child("tolerations"), errors);
    for (std::size_t i = 0; i < tolerations.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (tolerations[i] == tolerations[j])
                errors.duplicate(list.index(i), tolerations[i]);
}

void validate_runtime_class(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    errors.invalid_each(Path("handler"), object["handler"].str(), is_dns1123_label(object["handler"].as_string()));
    // The rules of a container's limits.
    const Path overhead("overhead");
    if (const Value& fixed = object["overhead"]["podFixed"]; !fixed.is_null())
        validate_resources(Value::object({{"limits", fixed}}), null_value(), overhead, errors);
    if (object["scheduling"].is_object())
        validate_scheduling(object["scheduling"], Path("scheduling"), errors);
}

void validate_runtime_class_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_immutable(object["handler"], old["handler"], Path("handler"), errors);
}

}  // namespace

const Rules runtime_class_rules = {"node.k8s.io", "RuntimeClass", default_runtime_class, nothing, nothing_to_prepare, nullptr,
                                   validate_runtime_class, validate_runtime_class_update, nullptr, no_warnings};

}  // namespace kubewalk::api
