#include "core/lesson/check.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Error malformed(std::string message) { return Error{"Invalid", std::move(message), {}, 0, 0}; }

Result<void> only_keys(const Value& object, std::initializer_list<std::string_view> allowed, std::string_view where) {
    for (const auto& [key, value] : object.members())
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
            return malformed(cat(where, ": unknown key ", quoted(key)));
    return {};
}

// -- {"object": ...} ---------------------------------------------------------------------------

// "spec.ports[0].nodePort" and "metadata.labels.app".
const Value& value_at(const Value& object, std::string_view path) {
    const Value* at = &object;
    for (auto step : split(path, '.')) {
        std::string_view name = step.substr(0, step.find('['));
        if (!name.empty())
            at = &(*at)[name];
        for (auto open = step.find('['); open != std::string_view::npos; open = step.find('[', open + 1)) {
            const auto close = step.find(']', open);
            const auto index = parse_int(step.substr(open + 1, close - open - 1));
            at = &(*at)[static_cast<std::size_t>(index.value_or(-1))];
        }
    }
    return *at;
}

std::string as_text(const Value& value) { return value.is_string() ? value.str() : api::to_json(value); }

Result<void> validate_object(const Value& check) {
    const auto& object = check["object"];
    if (auto keys = only_keys(object, {"kind", "apiVersion", "namespace", "name"}, "object"); !keys.ok())
        return keys;
    if (!api::find_by_any_name(object["kind"].as_string()))
        return malformed(cat("object: unknown kind ", quoted(object["kind"].as_string())));
    if (object["name"].as_string().empty())
        return malformed("object: name is missing");
    return only_keys(check, {"object", "path", "equals", "not_equals", "exists", "at_least", "contains"}, "check");
}

bool object_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["object"];
    const api::Kind* kind = api::find_by_any_name(wanted["kind"].as_string());
    if (!kind)
        return false;
    const Value object =
        session.cluster().peek(*kind, kind->namespaced() ? wanted["namespace"].as_string("default") : "", wanted["name"].as_string());
    const Value& value = check["path"].is_string() ? value_at(object, check["path"].as_string()) : object;
    if (check.contains("exists") && value.is_null() == check["exists"].as_bool())
        return false;
    if (check.contains("equals") && !(value == check["equals"]))
        return false;
    if (check.contains("not_equals") && value == check["not_equals"])
        return false;
    if (check.contains("at_least") && (!value.is_number() || value.as_number() < check["at_least"].as_number()))
        return false;
    if (check.contains("contains") && as_text(value).find(check["contains"].as_string()) == std::string::npos)
        return false;
    return check.contains("exists") || !object.is_null();
}

// -- {"requested": ...} and {"behaves": ...} -------------------------------------------------------

bool fits(const Value& wanted, std::string_view key, std::string_view text) {
    return !wanted.contains(key) || matches_pattern(wanted[key].as_string(), text);
}

bool result_fits(const Value& wanted, const cluster::TraceResult& result) {
    return fits(wanted, "outcome", net::outcome_name(result.outcome)) &&
           (!wanted.contains("status") || wanted["status"].as_int() == result.status) &&
           fits(wanted, "endpoint", result.endpoint_pod) && fits(wanted, "endpoint_node", result.endpoint_node) &&
           fits(wanted, "client_seen", result.client_address_seen);
}

bool requested_holds(const Value& wanted, const cluster::Session& session) {
    const auto& requests = session.requests();
    return std::any_of(requests.begin(), requests.end(), [&](const cluster::RequestRecord& request) {
        return fits(wanted, "from", request.from) && fits(wanted, "to", request.to) && fits(wanted, "line", request.line) &&
               result_fits(wanted, request.result);
    });
}

bool behaves_holds(const Value& wanted, const cluster::Session& session) {
    const auto result = session.probe(wanted["from"].as_string("laptop"), wanted["url"].as_string());
    return result.ok() && result_fits(wanted, result.value());
}

bool ran_holds(const Value& pattern, const cluster::Session& session) {
    const auto& entries = session.transcript();
    return std::any_of(entries.begin(), entries.end(), [&](const cluster::TranscriptEntry& entry) {
        return entry.finished && entry.result.exit == 0 && matches_pattern(pattern.as_string(), entry.command);
    });
}

Result<void> validate_all(const Value& checks, std::string_view key) {
    if (!checks.is_array() || checks.empty())
        return malformed(cat(key, ": needs a list of checks"));
    for (const auto& check : checks.items())
        if (auto result = validate_check(check); !result.ok())
            return result;
    return {};
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

Result<void> validate_check(const Value& check) {
    if (!check.is_object())
        return malformed("a check is an object");
    if (check.contains("object"))
        return validate_object(check);
    if (check.contains("requested"))
        return only_keys(check["requested"], {"from", "to", "line", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "requested");
    if (check.contains("behaves")) {
        if (check["behaves"]["url"].as_string().empty())
            return malformed("behaves: url is missing");
        return only_keys(check["behaves"], {"from", "url", "outcome", "status", "endpoint", "endpoint_node", "client_seen"}, "behaves");
    }
    if (check.contains("ran"))
        return check["ran"].is_string() ? Result<void>() : malformed("ran: needs a pattern");
    for (const std::string_view key : {"all", "any"})
        if (check.contains(key))
            return validate_all(check[key], key);
    if (check.contains("not"))
        return validate_check(check["not"]);
    return malformed("a check needs one of: object, requested, behaves, ran, all, any, not");
}

bool holds(const Value& check, const cluster::Session& session) {
    if (check.contains("object"))
        return object_holds(check, session);
    if (check.contains("requested"))
        return requested_holds(check["requested"], session);
    if (check.contains("behaves"))
        return behaves_holds(check["behaves"], session);
    if (check.contains("ran"))
        return ran_holds(check["ran"], session);
    const auto test = [&](const Value& part) { return holds(part, session); };
    const auto all = check["all"].items(), any = check["any"].items();
    if (check.contains("all"))
        return std::all_of(all.begin(), all.end(), test);
    if (check.contains("any"))
        return std::any_of(any.begin(), any.end(), test);
    return check.contains("not") && !holds(check["not"], session);
}

}  // namespace kubewalk::lesson
