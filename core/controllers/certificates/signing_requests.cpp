#include "core/controllers/certificates/signing_requests.h"

#include <algorithm>

#include "core/api/certificate_request.h"
#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

namespace {

constexpr std::string_view account = "system:serviceaccount:kube-system:certificate-controller";
constexpr std::string_view kubelet_client = "kubernetes.io/kube-apiserver-client-kubelet", kubelet_serving = "kubernetes.io/kubelet-serving",
                           api_client = "kubernetes.io/kube-apiserver-client";
// --cluster-signing-duration.
constexpr Duration longest = hours(365 * 24);
constexpr Duration shortest = minutes(10), backdate = minutes(5), short_lived = hours(8);
constexpr Duration kept_when_decided = hours(1), kept_when_pending = hours(24);

const api::Kind& kind() { return api::kind::certificate_signing_requests; }

bool has(const Value& request, std::string_view condition) { return condition_of(request, condition)["status"].as_string() == "True"; }

bool has_usage(const Value& usages, std::string_view wanted) {
    const auto items = usages.items();
    return std::any_of(items.begin(), items.end(), [wanted](const Value& one) { return one.as_string() == wanted; });
}

// Every usage is one of `allowed`, and all of `required` are there.
bool usages_fit(const Value& usages, std::string_view required) {
    for (const auto& usage : usages.items())
        if (const auto name = usage.as_string(); name != "digital signature" && name != "key encipherment" && name != required)
            return false;
    return has_usage(usages, "digital signature") && has_usage(usages, required);
}

// Upstream: pkg/apis/certificates/helpers.go (ValidateKubeletClientCSR, ValidateKubeletServingCSR), signer.go (validAPIServerClientUsages).
std::string wrong_with_node(const api::CertificateRequest& request) {
    if (request.organizations() != std::vector<std::string>{"system:nodes"})
        return "subject organization is not system:nodes";
    return {};
}

std::string wrong_with(const api::CertificateRequest& request, const Value& spec) {
    const auto signer = spec["signerName"].as_string();
    const bool serving = signer == kubelet_serving;
    if (signer == api_client) {
        for (const auto& usage : spec["usages"].items())
            if (const auto name = usage.as_string(); name != "digital signature" && name != "key encipherment" && name != "client auth")
                return cat("invalid usage for client certificate: ", name);
        return has_usage(spec["usages"], "client auth") ? std::string() : "missing required usage for client certificate: client auth";
    }
    if (auto wrong = wrong_with_node(request); !wrong.empty())
        return wrong;
    if (!serving) {
        if (!request.dns_names.empty())
            return "DNS subjectAltNames are not allowed";
        if (!request.addresses.empty())
            return "IP subjectAltNames are not allowed";
    } else if (request.dns_names.empty() && request.addresses.empty()) {
        return "DNS or IP subjectAltName is required";
    }
    if (!request.emails.empty())
        return "Email subjectAltNames are not allowed";
    if (!request.uris.empty())
        return "URI subjectAltNames are not allowed";
    if (!usages_fit(spec["usages"], serving ? "server auth" : "client auth"))
        return "usages did not match " + std::string(serving ? "[digital signature key encipherment server auth]" : "[client auth digital signature key encipherment]");
    if (!request.common_name().starts_with("system:node:"))
        return "subject common name does not begin with system:node:";
    return {};
}

Value condition(std::string_view type, std::string_view reason, std::string_view message, Time now) {
    return Value::object({{"type", type}, {"status", "True"}, {"reason", reason}, {"message", message}, {"lastUpdateTime", to_rfc3339(now)},
                          {"lastTransitionTime", to_rfc3339(now)}});
}

client::Outcome outcome_of(const Result<void>& written) { return written.ok() ? client::Outcome::done() : client::Outcome::failed(written.error()); }

Result<void> send(const client::Client& client, const Value& object, std::string_view subresource) {
    client::Request request;
    request.method = client::Method::put;
    request.path = cat(api::object_path(kind(), {}, api::name_of(object)), "/", subresource);
    request.body = object;
    request.user = client.user();
    request.agent = client.agent();
    const auto response = client.transport().send(request);
    return response.ok() || response.code == 404 ? Result<void>() : Result<void>(client::to_error(response));
}

}  // namespace

// -- approving -------------------------------------------------------------------------------------

CertificateApprover::CertificateApprover(client::Environment environment)
    : ControllerOf(environment, "certificatesigningrequest-approving-controller", std::string(account)) {
    watch(kind());
}

void CertificateApprover::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted && change.object["spec"]["signerName"].as_string() == kubelet_client)
        enqueue(api::key_of(change.object));
}

Result<bool> CertificateApprover::may(const Value& request, std::string_view subresource) const {
    const Value& spec = request["spec"];
    const Value attributes = Value::object({{"group", kind().group}, {"resource", kind().resource}, {"subresource", subresource}, {"verb", "create"}, {"version", "*"}});
    client::Request review;
    review.method = client::Method::post;
    review.path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    review.body = Value::object({{"apiVersion", "authorization.k8s.io/v1"},
                                 {"kind", "SubjectAccessReview"},
                                 {"spec", Value::object({{"user", spec["username"]}, {"groups", spec["groups"]}, {"resourceAttributes", attributes}})}});
    review.user = client().user();
    review.agent = client().agent();
    const auto response = client().transport().send(review);
    if (!response.ok())
        return client::to_error(response);
    return response.body["status"]["allowed"].as_bool();
}

client::Outcome CertificateApprover::reconcile(const std::string& key) {
    const Value request = informer(0).get(key);
    if (request.is_null() || !request["status"]["certificate"].is_null() || has(request, "Approved") || has(request, "Denied"))
        return client::Outcome::done();
    const auto asked = api::read_certificate_request(request["spec"]["request"].as_string());
    if (!asked.ok() || !wrong_with(asked.value(), request["spec"]).empty())
        return client::Outcome::done();
    const bool own = request["spec"]["username"].as_string() == asked.value().common_name();
    struct Recognizer {
        std::string_view subresource, message;
    };
    constexpr Recognizer self{"selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview."};
    constexpr Recognizer any{"nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview."};
    for (const auto& one : {self, any}) {
        if (one.subresource == self.subresource && !own)
            continue;
        const auto allowed = may(request, one.subresource);
        if (!allowed.ok())
            return client::Outcome::failed(allowed.error());
        if (!allowed.value())
            continue;
        Value approved = request;
        approved.edit_path("status", "conditions").push_back(condition("Approved", "AutoApproved", one.message, now()));
        return outcome_of(send(client(), approved, "approval"));
    }
    return client::Outcome::done();
}

// -- signing ---------------------------------------------------------------------------------------

CertificateSigner::CertificateSigner(client::Environment environment)
    : ControllerOf(environment, "certificatesigningrequest-signing-controller", std::string(account)) {
    watch(kind());
}

void CertificateSigner::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted && has(change.object, "Approved"))
        enqueue(api::key_of(change.object));
}

client::Outcome CertificateSigner::reconcile(const std::string& key) {
    const Value request = informer(0).get(key);
    if (request.is_null() || !request["status"]["certificate"].is_null() || !has(request, "Approved") || has(request, "Denied") || has(request, "Failed"))
        return client::Outcome::done();
    const Value& spec = request["spec"];
    const auto signer = spec["signerName"].as_string();
    if (signer != kubelet_client && signer != kubelet_serving && signer != api_client)
        return client::Outcome::done();  // somebody else's
    const auto asked = api::read_certificate_request(spec["request"].as_string());
    if (!asked.ok())
        return client::Outcome::failed(cat("unable to parse csr ", quoted(key), ": ", asked.error().message));
    Value answered = request;
    if (const auto wrong = wrong_with(asked.value(), spec); !wrong.empty()) {
        answered.edit_path("status", "conditions").push_back(condition("Failed", "SignerValidationFailure", wrong, now()));
        return outcome_of(send(client(), answered, "status"));
    }
    Duration lasts = spec["expirationSeconds"].is_null() ? longest : seconds(spec["expirationSeconds"].as_int());
    lasts = std::clamp(lasts, shortest, longest);
    api::CertificateTerms terms;
    terms.from = now() - backdate;
    // A short life is as long as was asked for; a long one begins in the past.
    terms.until = lasts < short_lived ? now() + lasts : now() + lasts - backdate;
    for (const auto& usage : spec["usages"].items())
        terms.usages.push_back(usage.str());
    terms.random = simulation().random().stream(cat("certificate/", api::uid_of(request))).uuid();
    answered.edit("status").set("certificate", to_base64(api::issue_certificate(asked.value(), terms)));
    return outcome_of(send(client(), answered, "status"));
}

// -- cleaning --------------------------------------------------------------------------------------

CertificateCleaner::CertificateCleaner(client::Environment environment)
    : ControllerOf(environment, "certificatesigningrequest-cleaner-controller", std::string(account)) {
    watch(kind());
}

void CertificateCleaner::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
}

// Upstream looks once an hour; here what is due goes when it is due.
client::Outcome CertificateCleaner::reconcile(const std::string& key) {
    const Value request = informer(0).get(key);
    if (request.is_null())
        return client::Outcome::done();
    Time due = time_of(request["metadata"]["creationTimestamp"]) + kept_when_pending;
    if (has(request, "Denied"))
        due = time_of(condition_of(request, "Denied")["lastUpdateTime"]) + kept_when_decided;
    else if (has(request, "Failed"))
        due = time_of(condition_of(request, "Failed")["lastUpdateTime"]) + kept_when_decided;
    else if (has(request, "Approved") && !request["status"]["certificate"].is_null())
        due = time_of(condition_of(request, "Approved")["lastUpdateTime"]) + kept_when_decided;
    if (due > now())
        return client::Outcome::again_after(due - now(), sim::Urgency::background);
    const auto removed = client().remove(kind(), {}, key);
    return removed.ok() || removed.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(removed.error());
}

}  // namespace kubewalk::controllers
