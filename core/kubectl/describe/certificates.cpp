// Upstream: k8s.io/kubectl/pkg/describe/describe.go (CertificateSigningRequestDescriber).

#include "core/api/certificate_request.h"
#include "core/base/text.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

void name_list(Writer& w, std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty())
        w.line(0, "\t", name, ":\t", join(values, "\n\t\t"));
}

std::string first_of(const std::vector<std::string>& values) { return values.empty() ? std::string() : values.front(); }

std::string request_state(const Value& status) {
    std::string text = "Pending";
    bool failed = false;
    for (const auto& condition : status["conditions"].items())
        if (const auto type = condition["type"].as_string(); type == "Denied" || (type == "Approved" && text != "Denied"))
            text = type;
        else
            failed = failed || type == "Failed";
    return cat(text, failed ? ",Failed" : "", status["certificate"].as_string().empty() ? "" : ",Issued");
}

}  // namespace

void certificate_signing_request(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    const Value& spec = object["spec"];
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Labels:\t", format_labels(object["metadata"]["labels"]));
    w.line(0, "Annotations:\t", format_labels(object["metadata"]["annotations"]));
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    w.line(0, "Requesting User:\t", spec["username"].as_string());
    if (const auto signer = spec["signerName"].as_string(); !signer.empty())
        w.line(0, "Signer:\t", signer);
    if (const Value& asked = spec["expirationSeconds"]; !asked.is_null())
        w.line(0, "Requested Duration:\t", human_duration(seconds(asked.as_int())));
    w.line(0, "Status:\t", request_state(object["status"]));
    const auto parsed = api::read_certificate_request(spec["request"].as_string());
    if (!parsed.ok())
        return;
    const auto& request = parsed.value();
    w.line(0, "Subject:");
    w.line(0, "\tCommon Name:\t", request.common_name());
    w.line(0, "\tSerial Number:\t", first_of(request.parts(api::name_part::serial_number)));
    name_list(w, "Organization", request.organizations());
    name_list(w, "Organizational Unit", request.parts(api::name_part::organizational_unit));
    name_list(w, "Country", request.parts(api::name_part::country));
    name_list(w, "Locality", request.parts(api::name_part::locality));
    name_list(w, "Province", request.parts(api::name_part::province));
    name_list(w, "StreetAddress", request.parts(api::name_part::street_address));
    name_list(w, "PostalCode", request.parts(api::name_part::postal_code));
    if (!request.dns_names.empty() || !request.emails.empty() || !request.uris.empty() || !request.addresses.empty()) {
        w.line(0, "Subject Alternative Names:");
        name_list(w, "DNS Names", request.dns_names);
        name_list(w, "Email Addresses", request.emails);
        name_list(w, "URIs", request.uris);
        name_list(w, "IP Addresses", request.addresses);
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
