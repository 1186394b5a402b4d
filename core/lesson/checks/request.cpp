// {"requested": {"from", "to", "line", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}}
// {"behaves": {"from", "url", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}}

#include <algorithm>

#include "core/cluster/request.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

bool result_fits(const Value& wanted, const cluster::TraceResult& result) {
    return fits(wanted, "outcome", net::outcome_name(result.outcome)) &&
           (!wanted.contains("status") || wanted["status"].as_int() == result.status) &&
           fits(wanted, "endpoint", result.endpoint_pod) && fits(wanted, "endpoint_node", result.endpoint_node) &&
           fits(wanted, "client_seen", result.client_address_seen);
}

Result<void> validate_requested(const Value& check) {
    if (auto keys = only_keys(check, {"requested"}, "check"); !keys.ok())
        return keys;
    return only_keys(check["requested"], {"from", "to", "line", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "requested");
}

bool requested_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["requested"];
    const auto& requests = session.requests();
    return std::any_of(requests.begin(), requests.end(), [&](const cluster::RequestRecord& request) {
        return fits(wanted, "from", request.from) && fits(wanted, "to", request.to) && fits(wanted, "line", request.line) &&
               result_fits(wanted, request.result);
    });
}

Result<void> validate_behaves(const Value& check) {
    if (auto keys = only_keys(check, {"behaves"}, "check"); !keys.ok())
        return keys;
    if (auto url = cluster::parse_url(check["behaves"]["url"].as_string()); !url.ok())
        return malformed("behaves: url is missing or none");
    return only_keys(check["behaves"], {"from", "url", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "behaves");
}

bool behaves_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["behaves"];
    const auto result = session.probe(wanted["from"].as_string("laptop"), wanted["url"].as_string());
    return result.ok() && result_fits(wanted, result.value());
}

}  // namespace

const CheckKind requested_check{"requested", validate_requested, requested_holds};
const CheckKind behaves_check{"behaves", validate_behaves, behaves_holds};

}  // namespace kubewalk::lesson
