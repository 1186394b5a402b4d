// certificate approve, certificate deny. Upstream: k8s.io/kubectl/pkg/cmd/certificates/certificates.go.

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct CertificateDecision {
    std::string_view type;
    std::string_view opposite;
    std::string_view reason;
    std::string_view message;
    std::string_view operation;
};
constexpr CertificateDecision approval{"Approved", "Denied", "KubectlApprove", "This CSR was approved by kubectl certificate approve.", "approved"};
constexpr CertificateDecision denial{"Denied", "Approved", "KubectlDeny", "This CSR was denied by kubectl certificate deny.", "denied"};
constexpr int decision_tries = 10;

bool has_condition(const Value& request, std::string_view type) {
    for (const auto& condition : request["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return true;
    return false;
}

Answer<Outcome> decide(Run& run, const CertificateDecision& decision, const Info& info) {
    const auto& kind = api::kind::certificate_signing_requests;
    if (info.kind != &kind)
        return Refusal::plain(cat("can only handle CertificateSigningRequest.certificates.k8s.io objects, got ", info.kind->kind,
                                  info.kind->group.empty() ? "" : ".", info.kind->group));
    for (int tries = 0;; ++tries) {
        auto found = run.server.get(kind, {}, info.name);
        if (!found.ok())
            return found.refusal();
        Value request = found.take();
        if (has_condition(request, decision.opposite))
            return Refusal::plain(cat("certificate signing request ", quoted(info.name), " is already ", decision.opposite));
        const bool decided = has_condition(request, decision.type);
        if (decided && !run.flags.is("force"))
            return Outcome{request, std::string(decision.operation)};
        if (!decided)
            request.edit_path("status", "conditions")
                .push_back(Value::object({{"type", decision.type}, {"status", "True"}, {"reason", decision.reason}, {"message", decision.message}}));
        auto update = run.server.request(client::Method::put, cat(api::object_path(kind, {}, info.name), "/approval"));
        update.body = request;
        const auto written = run.server.answer(std::move(update));
        if (written.ok())
            return Outcome{info.object, std::string(decision.operation)};
        if (!written.refusal().is("Conflict") || tries >= decision_tries)
            return written.refusal();
    }
}

void decide_all(Run& run, const CertificateDecision& decision) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("one or more CSRs must be specified as <name> or -f <filename>");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    std::vector<std::string> words = run.args();
    if (!words.empty())
        words.insert(words.begin(), std::string(api::kind::certificate_signing_requests.resource));
    change_each(run, find_resources(run, words, {}), how.value(), [&](const Info& info) { return decide(run, decision, info); });
}

void decision_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    set.boolean("force", "Write the decision again although it was made");
}

}  // namespace

void certificate_approve_flags(FlagSet& set) { decision_flags(set); }
void certificate_approve(Run& run) { decide_all(run, approval); }
void certificate_deny_flags(FlagSet& set) { decision_flags(set); }
void certificate_deny(Run& run) { decide_all(run, denial); }

}  // namespace kubewalk::kubectl::command
