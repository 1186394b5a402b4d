// {"endpoints": {"namespace", "service", "address"}, "at_least": 1}: the ready endpoints in the Service's
// EndpointSlices, those whose address matches.

#include "core/api/kinds.h"
#include "core/cluster/cluster.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_endpoints(const Value& check) {
    if (auto keys = only_keys(check["endpoints"], {"namespace", "service", "address"}, "endpoints"); !keys.ok())
        return keys;
    if (check["endpoints"]["service"].as_string().empty())
        return malformed("endpoints: service is missing");
    if (auto keys = only_keys(check, {"endpoints", "equals", "at_least", "at_most"}, "check"); !keys.ok())
        return keys;
    return validate_amount(check, "endpoints");
}

bool endpoints_hold(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["endpoints"];
    std::int64_t ready = 0;
    for (const auto& slice : session.cluster().peek_list(api::kind::endpoint_slices, wanted["namespace"].as_string("default"))) {
        if (slice.path("metadata", "labels", "kubernetes.io/service-name").as_string() != wanted["service"].as_string())
            continue;
        for (const auto& endpoint : slice["endpoints"].items())
            if (endpoint.path("conditions", "ready").as_bool(true) && fits(wanted, "address", endpoint["addresses"][0].as_string()))
                ++ready;
    }
    return amount_holds(check, ready);
}

}  // namespace

const CheckKind endpoints_check{"endpoints", validate_endpoints, endpoints_hold};

}  // namespace kubewalk::lesson
