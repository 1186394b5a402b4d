// Volumes that are made of files: secret, configMap, downwardAPI, and projected, which puts them together.
// Upstream: pkg/apis/core/validation/validation.go; ValidateSignerName of pkg/apis/core/validation/names.go.

#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/object_meta.h"
#include "core/api/rules/pod_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

using Names = std::set<std::string, std::less<>>;

void validate_mode(const Value& mode, const Path& path, FieldErrors& errors) {
    if (mode.is_null() || (mode.as_int() >= 0 && mode.as_int() <= 0777)) return;
    errors.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

// Names that begin with ".." are the kubelet's own in such volumes.
void validate_file_path(std::string_view target, const Path& path, FieldErrors& errors) {
    validate_descending_path(target, path, errors);
    if (target.starts_with("..") && !target.starts_with("../")) {
        errors.invalid(path, Value(target), "must not start with '..'");
    }
}

void validate_key_to_path(const Value& item, const Path& path, FieldErrors& errors) {
    if (item["key"].as_string().empty()) errors.required(path.child("key"));
    if (item["path"].as_string().empty()) errors.required(path.child("path"));
    validate_file_path(item["path"].as_string(), path.child("path"), errors);
    validate_mode(item["mode"], path.child("mode"), errors);
}

void validate_items(const Value& source, std::string_view name_field, const Path& path, FieldErrors& errors) {
    if (source[name_field].as_string().empty()) errors.required(path.child(name_field));
    validate_mode(source["defaultMode"], path.child("defaultMode"), errors);
    const Path items_path = path.child("items");
    for (std::size_t i = 0; i < source["items"].size(); ++i) {
        validate_key_to_path(source["items"][i], items_path.index(i), errors);
    }
}

void validate_downward_file(const Value& file, const Path& path, FieldErrors& errors) {
    if (file["path"].as_string().empty()) errors.required(path.child("path"));
    validate_file_path(file["path"].as_string(), path.child("path"), errors);
    const Value& field = file["fieldRef"];
    const Value& resource = file["resourceFieldRef"];
    if (!field.is_null()) {
        validate_field_ref(field, true, path.child("fieldRef"), errors);
        if (!resource.is_null()) {
            errors.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
    } else if (!resource.is_null()) {
        validate_resource_field_ref(resource, true, path.child("resourceFieldRef"), errors);
    } else {
        errors.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    validate_mode(file["mode"], path.child("mode"), errors);
}

void validate_token(const Value& token, const Path& source_path, const Path& volume_path, FieldErrors& errors) {
    const std::int64_t seconds = token["expirationSeconds"].as_int();
    const Path at = source_path.child("expirationSeconds");
    if (seconds < 600) errors.invalid(at, Value(seconds), "may not specify a duration less than 10 minutes");
    if (seconds > std::int64_t{1} << 32) {
        errors.invalid(at, Value(seconds), "may not specify a duration larger than 2^32 seconds");
    }
    // Upstream names the volume's path here, not the source's.
    const std::string_view path = token["path"].as_string();
    if (path.empty()) return errors.required(volume_path.child("path"));
    validate_file_path(path, volume_path.child("path"), errors);
}

// certificates/validation.ValidateSignerName: "example.com/name", where the domain has two parts at least.
void validate_signer_name(const Value& name, const Path& path, FieldErrors& errors) {
    const std::string_view text = name.as_string();
    if (text.empty()) return errors.required(path);
    const auto pieces = split(text, '/');
    if (pieces.size() != 2) {
        return errors.invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    }
    for (const auto label : split(pieces[0], '.')) {
        const Messages wrong = is_dns1123_label(label);
        for (const std::string& message : wrong) {
            errors.invalid(path, Value(pieces[0]), "validating label " + quoted(label) + ": " + message);
        }
        if (!wrong.empty()) break;
    }
    if (split(pieces[0], '.').size() < 2) {
        errors.invalid(path, Value(pieces[0]), "should be a domain with at least two segments separated by dots");
    }
    for (const auto piece : split(pieces[1], '.')) {
        errors.invalid_each(path, Value(pieces[1]), is_dns1123_subdomain(piece));
    }
}

// By its name, or by who signed what it holds.
void validate_trust_bundle(const Value& bundle, const Path& path, FieldErrors& errors) {
    const Value& name = bundle["name"];
    const Value& signer = bundle["signerName"];
    if (!name.is_null() && !signer.is_null()) {
        errors.invalid(path, bundle, "only one of name and signerName may be used");
    } else if (!name.is_null()) {
        const Path at = path.child("name");
        const std::string_view text = name.as_string();
        if (text.empty()) errors.required(at, "must be a valid object name");
        // "signer.domain:name" where a signer is linked to it.
        const auto colon = text.rfind(':');
        const std::string_view own = colon == std::string_view::npos ? text : text.substr(colon + 1);
        for (const std::string& message : is_dns1123_subdomain(own)) {
            errors.invalid(at, name, "not a valid clustertrustbundlename: " + message);
        }
        if (!bundle["labelSelector"].is_null()) {
            errors.invalid(path.child("labelSelector"), bundle["labelSelector"],
                           "labelSelector must be unset if name is specified");
        }
    } else if (!signer.is_null()) {
        if (signer.as_string().empty()) errors.required(path.child("signerName"), "must be a valid signer name");
        validate_signer_name(signer, path.child("signerName"), errors);
        validate_label_selector(bundle["labelSelector"], path.child("labelSelector"), errors);
    } else {
        errors.required(path, "either name or signerName must be specified");
    }
}

void validate_projection(const Value& source, Names& paths, const Path& path, const Path& volume_path,
                         FieldErrors& errors) {
    const auto claim_path = [&](std::string_view file, const Value& shown) {
        if (!file.empty() && !paths.emplace(file).second) {
            errors.invalid(volume_path, shown, "conflicting duplicate paths");
        }
    };
    for (const std::string_view kind : {"secret", "configMap"}) {
        const Value& files = source[kind];
        if (files.is_null()) continue;
        const Path at = path.child(kind);
        if (files["name"].as_string().empty()) errors.required(at.child("name"));
        const Path items_path = at.child("items");
        for (std::size_t i = 0; i < files["items"].size(); ++i) {
            validate_key_to_path(files["items"][i], items_path.index(i), errors);
            claim_path(files["items"][i]["path"].as_string(), files["name"]);
        }
    }
    for (const Value& file : source.path("downwardAPI", "items").items()) {
        validate_downward_file(file, path.child("downwardAPI"), errors);
        claim_path(file["path"].as_string(), file["path"]);
    }
    const Value& token = source["serviceAccountToken"];
    if (!token.is_null()) validate_token(token, path.child("serviceAccountToken"), volume_path, errors);
    const Value& bundle = source["clusterTrustBundle"];
    if (!bundle.is_null()) {
        const Path at = path.child("clusterTrustBundlePEM");  // where upstream reports it
        validate_trust_bundle(bundle, at, errors);
        if (bundle["path"].as_string().empty()) errors.required(at.child("path"));
        validate_file_path(bundle["path"].as_string(), at.child("path"), errors);
        claim_path(bundle["path"].as_string(), bundle["path"]);
    }
    if (source.size() > 1) errors.forbidden(path, "may not specify more than 1 volume type per source");
}

void validate_projected(const Value& source, const Path& path, FieldErrors& errors) {
    validate_mode(source["defaultMode"], path.child("defaultMode"), errors);
    Names paths;
    const Path sources_path = path.child("sources");
    for (std::size_t i = 0; i < source["sources"].size(); ++i) {
        validate_projection(source["sources"][i], paths, sources_path.index(i), path, errors);
    }
}

}  // namespace

void validate_files_source(std::string_view kind, const Value& source, const Path& path, FieldErrors& errors) {
    if (kind == "secret") return validate_items(source, "secretName", path, errors);
    if (kind == "configMap") return validate_items(source, "name", path, errors);
    if (kind == "projected") return validate_projected(source, path, errors);
    validate_mode(source["defaultMode"], path.child("defaultMode"), errors);  // downwardAPI
    for (const Value& file : source["items"].items()) validate_downward_file(file, path, errors);
}

}  // namespace kubewalk::api
