// {"looked_up": {"from", "name", "type", "outcome", "code", "answer", "queries"}, "after": {...}}: the learner asked, in the DNS
// view or with `dig FROM NAME`; {"resolves": {"from", "name", "type", ...}}: such a lookup would go so now.
// `code` and `outcome` are the last query's, `answer` is the data of one of its records, `queries` how many it took.

#include <algorithm>

#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

bool lookup_fits(const Value& wanted, const Value& lookup) {
    const auto queries = lookup["queries"].items();
    const Value& last = queries.empty() ? api::null_value() : queries.back();
    if (wanted.contains("queries") && wanted["queries"].as_int() != static_cast<std::int64_t>(queries.size()))
        return false;
    if (!fits(wanted, "code", last["rcode"].as_string()) || !fits(wanted, "outcome", last["outcome"].as_string()))
        return false;
    const auto records = last["answer"].items();
    return !wanted.contains("answer") ||
           std::any_of(records.begin(), records.end(), [&](const Value& record) { return fits(wanted, "answer", record["data"].as_string()); });
}

Result<void> validate_lookup(const Value& check, std::string_view key) {
    if (check[key]["name"].as_string().empty())
        return malformed("a lookup needs a name");
    return only_keys(check[key], {"from", "name", "type", "outcome", "code", "answer", "queries"}, key);
}

Result<void> validate_looked_up(const Value& check) {
    if (auto keys = only_keys(check, {"looked_up", "after"}, "check"); !keys.ok())
        return keys;
    if (auto after = validate_after(check); !after.ok())
        return after;
    return validate_lookup(check, "looked_up");
}

Result<void> validate_resolves(const Value& check) {
    if (auto keys = only_keys(check, {"resolves"}, "check"); !keys.ok())
        return keys;
    return validate_lookup(check, "resolves");
}

bool looked_up_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["looked_up"];
    return any_typed(session, [&](const cluster::TranscriptEntry& entry) {
        const auto& lookup = entry.result.data;
        return lookup["queries"].is_array() && fits(wanted, "from", lookup["from"].as_string()) && fits(wanted, "name", lookup["name"].as_string()) &&
               fits(wanted, "type", lookup["type"].as_string()) && lookup_fits(wanted, lookup) && is_after(check, session, entry.step);
    });
}

bool resolves_holds(const Value& check, const cluster::Session& session) {
    const auto& wanted = check["resolves"];
    const auto lookup = session.probe_lookup(wanted["from"].as_string("laptop"), wanted["name"].as_string(), wanted["type"].as_string());
    return lookup.ok() && lookup_fits(wanted, lookup.value());
}

}  // namespace

const CheckKind looked_up_check{"looked_up", validate_looked_up, looked_up_holds};
const CheckKind resolves_check{"resolves", validate_resolves, resolves_holds};

}  // namespace kubewalk::lesson
