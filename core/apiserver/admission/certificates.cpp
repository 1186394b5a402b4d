// Who may approve and sign which requests for certificates, and whom nobody may become by one.
// Upstream: plugin/pkg/admission/certificates/{approval,signing,subjectrestriction}/admission.go, .../certificates/util.go.

#include <algorithm>

#include "core/api/certificate_request.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

namespace {

using api::Value;

bool about_requests(const Admission& admission, std::string_view subresource) {
    return admission.kind.kind == "CertificateSigningRequest" && admission.subresource == subresource;
}

// The verb on signers NAME, or on all signers of its domain.
bool may_use_signer(const Admission& admission, std::string_view verb, std::string_view signer) {
    if (admission.core.options.authorization == AuthorizationMode::always_allow)
        return true;
    const auto may = [&](std::string_view name) {
        return admission.core.authorizer.authorize({admission.call.user, verb, "certificates.k8s.io", "signers", {}, {}, name, {}}).allowed;
    };
    return may(signer) || may(cat(signer.substr(0, signer.find('/')), "/*"));
}

Failure not_permitted(const Admission& admission, std::string_view verb, std::string_view signer) {
    return status::forbidden(admission.kind, admission.name, cat("user not permitted to ", verb, " requests with signerName ", quoted(signer)));
}

}  // namespace

namespace certificate_approval {

bool handles(const Admission& admission) { return about_requests(admission, "approval") && admission.operation == Operation::update; }

Answer<Done> validate(const Admission& admission, const Value& object) {
    const auto signer = object["spec"]["signerName"].as_string();
    if (may_use_signer(admission, "approve", signer))
        return Done{};
    return not_permitted(admission, "approve", signer);
}

}  // namespace certificate_approval

namespace certificate_signing {

bool handles(const Admission& admission) { return about_requests(admission, "status") && admission.operation == Operation::update; }

Answer<Done> validate(const Admission& admission, const Value& object) {
    const auto signer = object["spec"]["signerName"].as_string();
    if (admission.old["status"]["certificate"] == object["status"]["certificate"] && admission.old["status"]["conditions"] == object["status"]["conditions"])
        return Done{};
    if (may_use_signer(admission, "sign", signer))
        return Done{};
    return not_permitted(admission, "sign", signer);
}

}  // namespace certificate_signing

namespace certificate_subject_restriction {

bool handles(const Admission& admission) { return about_requests(admission, {}) && admission.operation == Operation::create; }

Answer<Done> validate(const Admission& admission, const Value& object) {
    constexpr std::string_view signer = "kubernetes.io/kube-apiserver-client", everything = "system:masters";
    if (object["spec"]["signerName"].as_string() != signer)
        return Done{};
    const auto request = api::read_certificate_request(object["spec"]["request"].as_string());
    if (!request.ok())
        return status::forbidden(admission.kind, admission.name, cat("failed to parse CSR: ", request.error().message));
    const auto groups = request.value().organizations();
    if (std::find(groups.begin(), groups.end(), everything) == groups.end())
        return Done{};
    return status::forbidden(admission.kind, admission.name, cat("use of ", signer, " signer with ", everything, " group is not allowed"));
}

}  // namespace certificate_subject_restriction

}  // namespace kubewalk::apiserver
