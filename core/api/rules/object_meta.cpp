#include "core/api/rules/object_meta.h"

#include <set>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t annotation_bytes = 256 * 1024;
constexpr std::string_view immutable_message = "field is immutable";

void validate_owner_references(const Value& references, const Path& path, FieldErrors& errors) {
    std::string_view controller;
    std::size_t index = 0;
    for (const auto& reference : references.items()) {
        const Path at = path.index(index++);
        if (reference["apiVersion"].as_string().empty())
            errors.invalid(at.child("apiVersion"), reference["apiVersion"].str(), "version must not be empty");
        if (reference["kind"].as_string().empty())
            errors.invalid(at.child("kind"), reference["kind"].str(), "must not be empty");
        if (reference["name"].as_string().empty())
            errors.invalid(at.child("name"), reference["name"].str(), "must not be empty");
        if (reference["uid"].as_string().empty())
            errors.invalid(at.child("uid"), reference["uid"].str(), "must not be empty");
        if (reference["apiVersion"].as_string() == "v1" && reference["kind"].as_string() == "Event")
            errors.invalid(at, reference, "/v1, Kind=Event is disallowed from being an owner");
        if (!reference["controller"].as_bool())
            continue;
        if (!controller.empty())
            errors.invalid(path, references,
                           cat("Only one reference can have Controller set to true. Found \"true\" in references for ", controller, " and ",
                               reference["name"].as_string()));
        else
            controller = reference["name"].as_string();
    }
}

void validate_finalizers(const Value& finalizers, const Path& path, FieldErrors& errors) {
    bool orphan = false, foreground = false;
    for (const auto& finalizer : finalizers.items()) {
        errors.invalid_each(path, finalizer, is_qualified_name(finalizer.as_string()));
        orphan = orphan || finalizer.as_string() == "orphan";
        foreground = foreground || finalizer.as_string() == "foregroundDeletion";
    }
    if (orphan && foreground)
        errors.invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
}

// validateKubeFinalizerName of pkg/apis/core/validation: what is no finalizer of Kubernetes' own carries a domain.
void validate_finalizer_names(const Value& finalizers, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < finalizers.size(); ++i) {
        const auto name = finalizers[i].as_string();
        const bool standard = name == "kubernetes" || name == "orphan" || name == "foregroundDeletion";
        if (!standard && name.find('/') == std::string_view::npos)
            errors.invalid(path.index(i), finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
    }
}

}  // namespace

void validate_labels(const Value& labels, const Path& path, FieldErrors& errors) {
    for (const auto& [key, value] : labels.members()) {
        errors.invalid_each(path, key, is_qualified_name(key));
        errors.invalid_each(path, value, is_valid_label_value(value.as_string()));
    }
}

void validate_annotations(const Value& annotations, const Path& path, FieldErrors& errors) {
    std::size_t total = 0;
    for (const auto& [key, value] : annotations.members()) {
        errors.invalid_each(path, key, is_qualified_name(to_lower(key)));
        total += key.size() + value.as_string().size();
    }
    if (total > annotation_bytes)
        errors.too_long(path, static_cast<int>(annotation_bytes));
}

void validate_object_meta(const Value& metadata, Scope scope, NameValidator validator, const Path& path, FieldErrors& errors) {
    const Value& generate_name = metadata["generateName"];
    if (!generate_name.as_string().empty()) {
        // What will follow makes a trailing dash right.
        std::string sample = generate_name.str();
        if (sample.ends_with('-'))
            sample.back() = 'a';
        errors.invalid_each(path.child("generateName"), generate_name, validator(sample));
    }
    const Value& name = metadata["name"];
    if (name.as_string().empty())
        errors.required(path.child("name"), "name or generateName is required");
    else
        errors.invalid_each(path.child("name"), name, validator(name.as_string()));
    const Value& space = metadata["namespace"];
    if (scope == Scope::namespaced) {
        if (space.as_string().empty())
            errors.required(path.child("namespace"));
        else
            errors.invalid_each(path.child("namespace"), space, is_dns1123_label(space.as_string()));
    } else if (!space.as_string().empty()) {
        errors.forbidden(path.child("namespace"), "not allowed on this type");
    }
    if (metadata["generation"].as_int() < 0)
        errors.invalid(path.child("generation"), metadata["generation"], "must be greater than or equal to 0");
    validate_labels(metadata["labels"], path.child("labels"), errors);
    validate_annotations(metadata["annotations"], path.child("annotations"), errors);
    validate_owner_references(metadata["ownerReferences"], path.child("ownerReferences"), errors);
    validate_finalizers(metadata["finalizers"], path.child("finalizers"), errors);
    validate_finalizer_names(metadata["finalizers"], path.child("finalizers"), errors);
}

void validate_immutable(const Value& value, const Value& old, const Path& path, FieldErrors& errors) {
    if (!(value == old))
        errors.invalid(path, value, immutable_message);
}

void validate_nonnegative(const Value& value, const Path& path, FieldErrors& errors) {
    if (value.as_int() < 0)
        errors.invalid(path, value, "must be greater than or equal to 0");
}

void validate_object_meta_update(const Value& metadata, const Value& old, const Path& path, FieldErrors& errors) {
    if (!old["deletionTimestamp"].is_null()) {
        // No new finalizers once it is being deleted.
        std::set<std::string_view> known;
        for (const auto& finalizer : old["finalizers"].items())
            known.insert(finalizer.as_string());
        std::vector<std::string> added;
        for (const auto& finalizer : metadata["finalizers"].items())
            if (!known.contains(finalizer.as_string()))
                added.push_back(finalizer.str());
        if (!added.empty())
            errors.forbidden(path.child("finalizers"),
                             cat("no new finalizers can be added if the object is being deleted, found new finalizers []string{", [&] {
                                 std::vector<std::string> quoted_names;
                                 for (const auto& name : added)
                                     quoted_names.push_back(quoted(name));
                                 return join(quoted_names, ", ");
                             }(), "}"));
    }
    for (const std::string_view field : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"})
        validate_immutable(metadata[field], old[field], path.child(field), errors);
    if (metadata["resourceVersion"].as_string().empty())
        errors.invalid(path.child("resourceVersion"), metadata["resourceVersion"].str(), "must be specified for an update");
    if (metadata["generation"].as_int() < old["generation"].as_int())
        errors.invalid(path.child("generation"), metadata["generation"], "must not be decremented");
    validate_labels(metadata["labels"], path.child("labels"), errors);
    validate_annotations(metadata["annotations"], path.child("annotations"), errors);
    validate_owner_references(metadata["ownerReferences"], path.child("ownerReferences"), errors);
    validate_finalizer_names(metadata["finalizers"], path.child("finalizers"), errors);
}

void validate_label_selector(const Value& selector, const Path& path, FieldErrors& errors) {
    validate_labels(selector["matchLabels"], path.child("matchLabels"), errors);
    std::size_t index = 0;
    const Path list = path.child("matchExpressions");
    for (const auto& expression : selector["matchExpressions"].items()) {
        const Path at = list.index(index++);
        const auto op = expression["operator"].as_string();
        const bool has_values = !expression["values"].empty();
        if (op == "In" || op == "NotIn") {
            if (!has_values)
                errors.required(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
        } else if (op == "Exists" || op == "DoesNotExist") {
            if (has_values)
                errors.forbidden(at.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        } else {
            errors.invalid(at.child("operator"), expression["operator"].str(), "not a valid selector operator");
        }
        errors.invalid_each(at.child("key"), expression["key"].str(), is_qualified_name(expression["key"].as_string()));
        std::size_t position = 0;
        const Path values = at.child("values");
        for (const auto& value : expression["values"].items())
            errors.invalid_each(values.index(position++), value, is_valid_label_value(value.as_string()));
    }
}

void set_generation(Value& object, const Value& old, bool changed) {
    const auto before = old["metadata"]["generation"].as_int();
    if (changed)
        object.edit("metadata").set("generation", before + 1);
    else if (before != 0)
        object.edit("metadata").set("generation", before);
}

}  // namespace kubewalk::api
