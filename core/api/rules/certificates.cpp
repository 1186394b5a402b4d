// CertificateSigningRequest. Upstream: pkg/apis/certificates/validation/validation.go, pkg/registry/certificates/certificates/strategy.go.

#include <algorithm>

#include "core/api/certificate_request.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::int64_t shortest_seconds = 600;
constexpr std::string_view request_usages[] = {
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only",
    "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement",
    "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"};

Messages any_request_name(std::string_view) { return {}; }

// Only the controllers' and approvers' own requests change it.
void prepare_request(Value& object) { drop_status(object); }

void keep_request(Value& object, const Value& old) {
    object.set("spec", old["spec"]);
    keep_status(object, old);
}

// .../status: issuing a certificate decides nothing about approval.
void prepare_request_status(Value& object, const Value& old) {
    const auto decisions = [](const Value& from) {
        Value kept = Value::array();
        for (const auto& condition : from["status"]["conditions"].items())
            if (const auto type = condition["type"].as_string(); type == "Approved" || type == "Denied")
                kept.push_back(condition);
        return kept;
    };
    keep_all_but_status(object, old);
    Value conditions = decisions(old);
    for (const auto& condition : object["status"]["conditions"].items())
        if (const auto type = condition["type"].as_string(); type != "Approved" && type != "Denied")
            conditions.push_back(condition);
    if (conditions.empty())
        object.edit("status").erase("conditions");
    else
        object.edit("status").set("conditions", std::move(conditions));
}

void validate_signer_name(const Value& signer, const Path& path, FieldErrors& errors) {
    const auto name = signer.as_string();
    if (name.empty())
        return errors.required(path);
    const auto segments = split(name, '/');
    if (segments.size() != 2)
        return errors.invalid(path, signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    constexpr std::size_t longest = 253;
    if (segments[0].size() > longest)
        errors.too_long(path, static_cast<int>(longest));
    const auto labels = split(segments[0], '.');
    for (const auto label : labels)
        for (const auto& message : is_dns1123_label(label))
            errors.invalid(path, segments[0], cat("validating label ", quoted(label), ": ", message));
    if (labels.size() < 2)
        errors.invalid(path, segments[0], "should be a domain with at least two segments separated by dots");
    for (const auto label : split(segments[1], '.'))
        for (const auto& message : is_dns1123_subdomain(label))
            errors.invalid(path, segments[1], cat("validating label ", quoted(label), ": ", message));
}

void validate_request_conditions(const Value& conditions, const Path& path, FieldErrors& errors) {
    bool approved = false, denied = false;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const auto type = conditions[i]["type"].as_string();
        approved = approved || type == "Approved";
        denied = denied || type == "Denied";
        if (type.empty())
            errors.required(path.index(i).child("type"));
        const auto status = conditions[i]["status"].as_string();
        const bool decides = type == "Approved" || type == "Denied" || type == "Failed";
        if (status.empty())
            errors.required(path.index(i).child("status"));
        else if (decides && status != "True")
            errors.not_supported(path.index(i).child("status"), conditions[i]["status"], {"True"});
        for (std::size_t j = 0; j < i; ++j)
            if (conditions[j]["type"] == conditions[i]["type"])
                errors.duplicate(path.index(i).child("type"), conditions[i]["type"]);
        if (approved && denied && (type == "Approved" || type == "Denied"))
            errors.invalid(path.index(i).child("type"), type, "Approved and Denied conditions are mutually exclusive");
    }
}

void validate_request(const Value& object, FieldErrors& errors) {
    const Value& spec = object["spec"];
    const Path root("spec");
    validate_object_meta(object["metadata"], Scope::cluster, any_request_name, Path("metadata"), errors);
    if (const auto request = read_certificate_request(spec["request"].as_string()); !request.ok())
        errors.invalid_without_value(root.child("request"), request.error().message);
    if (spec["usages"].empty())
        errors.required(root.child("usages"));
    const Path list = root.child("usages");
    for (std::size_t i = 0; i < spec["usages"].size(); ++i) {
        const Value& usage = spec["usages"][i];
        const Path at = list.index(i);
        if (std::find(std::begin(request_usages), std::end(request_usages), usage.as_string()) == std::end(request_usages))
            errors.not_supported(at, usage, std::vector<std::string_view>(std::begin(request_usages), std::end(request_usages)));
        for (std::size_t j = 0; j < i; ++j)
            if (spec["usages"][j] == usage)
                errors.duplicate(at, usage);
    }
    if (spec["signerName"].as_string() == "kubernetes.io/legacy-unknown")
        errors.invalid(root.child("signerName"), spec["signerName"], "the legacy signerName is not allowed via this API version");
    else
        validate_signer_name(spec["signerName"], root.child("signerName"), errors);
    if (const Value& seconds = spec["expirationSeconds"]; !seconds.is_null() && seconds.as_int() < shortest_seconds)
        errors.invalid(root.child("expirationSeconds"), seconds, "may not specify a duration less than 600 seconds (10 minutes)");
    validate_request_conditions(object["status"]["conditions"], Path("status").child("conditions"), errors);
}

void validate_request_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_request(object, errors);
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path status("status");
    const Path conditions = status.child("conditions");
    for (const auto& before : old["status"]["conditions"].items()) {
        const auto type = before["type"].as_string();
        const auto now = object["status"]["conditions"].items();
        if ((type == "Approved" || type == "Denied" || type == "Failed") &&
            std::none_of(now.begin(), now.end(), [type](const Value& one) { return one["type"].as_string() == type; }))
            errors.forbidden(conditions, cat("updates may not remove a condition of type ", quoted(type)));
    }
    if (const Value& issued = old["status"]["certificate"]; !issued.is_null() && issued != object["status"]["certificate"])
        errors.forbidden(Path("status").child("certificate"), "updates may not change existing certificate content");
}

}  // namespace

const Rules certificate_signing_request_rules = {"certificates.k8s.io", "CertificateSigningRequest", nothing, prepare_request, keep_request,
                                                 prepare_request_status, validate_request, validate_request_update, validate_request_update, no_warnings};

}  // namespace kubewalk::api
