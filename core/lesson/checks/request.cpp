// {"requested": {"from", "to", "line", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "after": {...}}
// {"behaves": {"from" (a text or a list), "url", "times", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}}

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/request.h"
#include "core/lesson/check.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

constexpr std::int64_t most_tries = 50;
constexpr std::size_t most_places = 20;

bool result_fits(const Value& wanted, const cluster::TraceResult& result) {
    return fits(wanted, "outcome", net::outcome_name(result.outcome)) &&
           (!wanted.contains("status") || wanted["status"].as_int() == result.status) &&
           fits(wanted, "endpoint", result.endpoint_pod) && fits(wanted, "endpoint_node", result.endpoint_node) &&
           fits(wanted, "client_seen", result.client_address_seen);
}

Result<void> validate_outcome(const Value& wanted, std::string_view field) {
    using enum net::Outcome;
    std::string known;
    for (const auto outcome : {delivered, refused, dropped, timeout, unreachable, unresolved}) {
        const auto name = net::outcome_name(outcome);
        if (!wanted.contains("outcome") || matches_pattern(wanted["outcome"].as_string(), name))
            return {};
        append(known, known.empty() ? "" : ", ", name);
    }
    return malformed(cat("must be one of: ", known), cat(field, ".outcome"));
}

Result<void> validate_requested(const Value& check) {
    if (auto keys = only_keys(check, {"requested", "after"}, "check"); !keys.ok())
        return keys;
    if (auto keys = only_keys(check["requested"], {"from", "to", "line", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "requested");
        !keys.ok())
        return keys;
    if (auto after = validate_after(check); !after.ok())
        return after;
    return validate_outcome(check["requested"], "requested");
}

bool requested_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["requested"];
    const auto& requests = session.requests();
    return std::any_of(requests.begin(), requests.end(), [&](const cluster::RequestRecord& request) {
        return fits(wanted, "from", request.from) && fits(wanted, "to", request.to) && fits(wanted, "line", request.line) &&
               result_fits(wanted, request.result) && is_after(check, session, request.step);
    });
}

Result<void> validate_behaves(const Value& check) {
    const auto& wanted = check["behaves"];
    if (auto keys = only_keys(check, {"behaves"}, "check"); !keys.ok())
        return keys;
    if (auto keys = only_keys(wanted, {"from", "url", "times", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "behaves"); !keys.ok())
        return keys;
    if (auto url = cluster::parse_url(wanted["url"].as_string()); !url.ok())
        return malformed("behaves: url is missing or none, for example \"http://front-end.sock-shop/\"", "behaves");
    if (wanted["from"].size() > most_places || (wanted.contains("from") && !wanted["from"].is_string() && wanted["from"].items().empty()))
        return malformed(cat("must be a place or a list of at most ", most_places), "behaves.from");
    if (wanted.contains("times") && (!wanted["times"].is_int() || wanted["times"].as_int() < 1 || wanted["times"].as_int() > most_tries))
        return malformed(cat("must be a number from 1 to ", most_tries), "behaves.times");
    return validate_outcome(wanted, "behaves");
}

bool behaves_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["behaves"];
    std::vector<std::string> places;
    for (const auto& place : wanted["from"].items())
        places.push_back(place.str());
    if (places.empty())
        places.push_back(wanted["from"].str("laptop"));
    for (const auto& place : places) {
        const auto results = session.probe(place, wanted["url"].as_string(), static_cast<int>(wanted["times"].as_int(1)));
        if (!results.ok())
            return false;
        for (const auto& result : results.value())
            if (!result_fits(wanted, result))
                return false;
    }
    return true;
}

}  // namespace

const CheckKind requested_check{"requested", validate_requested, requested_holds};
const CheckKind behaves_check{"behaves", validate_behaves, behaves_holds};

}  // namespace kubewalk::lesson
