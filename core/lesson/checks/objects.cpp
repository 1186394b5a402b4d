// {"object": {"kind", "namespace", "name"}, "path": ..., "equals": ...}
// {"count": {"kind", "namespace", "name", "labels", "where": [{"path", ...}]}, "equals": 3}

#include <algorithm>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Result<void> validate_kind(const Value& object, std::string_view where) {
    if (!api::find_by_any_name(object["kind"].as_string()))
        return malformed(cat(where, ": unknown kind ", quoted(object["kind"].as_string()), "; `kubectl api-resources` lists them"));
    return {};
}

Result<void> validate_object(const Value& check) {
    const auto& object = check["object"];
    if (auto keys = only_keys(object, {"kind", "apiVersion", "namespace", "name"}, "object"); !keys.ok())
        return keys;
    if (auto kind = validate_kind(object, "object"); !kind.ok())
        return kind;
    if (object["name"].as_string().empty())
        return malformed("object: name is missing");
    return only_keys(check, {"object", "path", "equals", "not_equals", "exists", "at_least", "at_most", "contains", "matches"}, "check");
}

Value live_object(const Value& wanted, const cluster::Session& session) {
    const api::Kind* kind = api::find_by_any_name(wanted["kind"].as_string());
    if (!kind)
        return {};
    return session.cluster().peek(*kind, kind->namespaced() ? wanted["namespace"].as_string("default") : "", wanted["name"].as_string());
}

bool object_holds(const Value& check, const cluster::Session& session) {
    const Value object = live_object(check["object"], session);
    return comparison_holds(check, object) && (check.contains("exists") || !object.is_null());
}

std::string object_found(const Value& check, const cluster::Session& session) {
    constexpr std::size_t most = 200;
    const Value object = live_object(check["object"], session);
    if (object.is_null())
        return "there is no such object";
    if (!check.contains("path"))
        return "the object is there";
    const Value& value = value_at(object, check["path"].as_string());
    const std::string text = api::to_json(value);
    return value.is_null() ? "the object has no such field" : cat("it is ", std::string_view(text).substr(0, most), text.size() > most ? "..." : "");
}

Result<void> validate_count(const Value& check) {
    const auto& wanted = check["count"];
    if (auto keys = only_keys(wanted, {"kind", "namespace", "name", "labels", "where"}, "count"); !keys.ok())
        return keys;
    if (auto kind = validate_kind(wanted, "count"); !kind.ok())
        return kind;
    if (auto selector = api::LabelSelector::parse(wanted["labels"].as_string()); !selector.ok())
        return malformed(cat("count: labels: ", selector.error().message));
    for (const auto& part : wanted["where"].items())
        if (auto keys = validate_comparison(part, "count: where"); !keys.ok())
            return keys;
    if (auto keys = only_keys(check, {"count", "equals", "at_least", "at_most"}, "check"); !keys.ok())
        return keys;
    return validate_amount(check, "count");
}

std::int64_t counted(const Value& wanted, const cluster::Session& session) {
    const api::Kind* kind = api::find_by_any_name(wanted["kind"].as_string());
    const auto selector = api::LabelSelector::parse(wanted["labels"].as_string());
    const auto objects = session.cluster().peek_list(*kind, kind->namespaced() ? wanted["namespace"].as_string() : "");
    return std::count_if(objects.begin(), objects.end(), [&](const Value& object) {
        const auto where = wanted["where"].items();
        return fits(wanted, "name", api::name_of(object)) && selector.value().matches(object.path("metadata", "labels")) &&
               std::all_of(where.begin(), where.end(), [&](const Value& part) { return comparison_holds(part, object); });
    });
}

bool count_holds(const Value& check, const cluster::Session& session) { return amount_holds(check, counted(check["count"], session)); }

std::string count_found(const Value& check, const cluster::Session& session) { return cat("there are ", counted(check["count"], session)); }

}  // namespace

const CheckKind object_check{"object", validate_object, object_holds, object_found};
const CheckKind count_check{"count", validate_count, count_holds, count_found};

}  // namespace kubewalk::lesson
