// CertificateSigningRequest. Upstream: pkg/printers/internalversion/printers.go (printCertificateSigningRequest).

#include "core/apiserver/tables/printers.h"

namespace kubewalk::apiserver::tables::certificate_signing_requests {

namespace {
constexpr Column table[] = {{"Name", "string", "name"},      {"Age", "string", ""},               {"SignerName", "string", ""},
                            {"Requestor", "string", ""}, {"RequestedDuration", "string", ""}, {"Condition", "string", ""}};

std::string state_of(const api::Value& status) {
    bool approved = false, denied = false, failed = false;
    for (const auto& condition : status["conditions"].items()) {
        const auto type = condition["type"].as_string();
        approved = approved || type == "Approved";
        denied = denied || type == "Denied";
        failed = failed || type == "Failed";
    }
    std::string text = denied ? "Denied" : approved ? "Approved" : "Pending";
    if (failed)
        text += ",Failed";
    if (!status["certificate"].as_string().empty())
        text += ",Issued";
    return text;
}
}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const api::Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    const auto& asked = spec["expirationSeconds"];
    return {api::name_of(object), age(object, now), or_else(spec["signerName"].as_string(), "<none>"), spec["username"].str(),
            asked.is_null() ? std::string("<none>") : human_duration(seconds(asked.as_int())), state_of(object["status"])};
}

}  // namespace kubewalk::apiserver::tables::certificate_signing_requests
