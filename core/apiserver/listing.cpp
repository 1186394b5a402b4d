#include "core/apiserver/listing.h"

#include <map>

#include "core/api/json.h"
#include "core/apiserver/selectors.h"
#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;
using store::Revision;

namespace {

constexpr api::Kind list_options_kind{"meta.k8s.io", "v1", "ListOptions", "listoptions", "", "", api::Scope::cluster, api::StatusSubresource::no, "", ""};
constexpr std::string_view match_field = "resourceVersionMatch";
constexpr std::string_view inconsistent =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use "
    "the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - "
    "objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

// Where a list goes on: at the first key that is not before `start`, as things were at `revision` (-1: as they are).
struct Token {
    Revision revision = 0;
    std::string start;
};

std::string encode(const Token& token) {
    return to_base64(api::to_json(Value::object({{"v", "meta.k8s.io/v1"}, {"rv", token.revision}, {"start", token.start}})), Base64::url);
}

Answer<Token> decode(std::string_view text) {
    const auto refuse = [](std::string_view why) { return status::bad_request(cat("invalid continue token: continue key is not valid", why)); };
    const auto bytes = from_base64(text, Base64::url);
    if (!bytes)
        return refuse(": illegal base64 data at input byte 0");
    const auto parsed = api::parse_json(*bytes);
    if (!parsed.ok())
        return refuse(bytes->empty() ? ": unexpected end of JSON input" : cat(": invalid character '", bytes->front(), "' looking for beginning of value"));
    const auto& token = parsed.value();
    if (token["v"].as_string() != "meta.k8s.io/v1")
        return refuse(": server does not recognize this encoded version");
    if (token["rv"].as_int() == 0)
        return refuse(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
    if (token["start"].as_string().empty())
        return refuse(": encoded start key empty (version meta.k8s.io/v1)");
    return Token{token["rv"].as_int(), token["start"].str()};
}

// What there was under `prefix` at `revision`: what there is, with the changes since then undone.
std::optional<std::map<std::string, Value>> as_of(const store::Store& store, std::string_view prefix, Revision revision) {
    const auto changes = store.changes_after(revision, prefix);
    if (!changes.ok())
        return std::nullopt;
    std::map<std::string, Value> then;
    for (auto it = store.first(prefix); store.within(it, prefix); ++it)
        then[it->first] = it->second.value;
    for (auto it = changes.value().rbegin(); it != changes.value().rend(); ++it) {
        if (it->second.before.is_null())
            then.erase(it->second.key);
        else
            then[it->second.key] = it->second.before;
    }
    return then;
}

}  // namespace

std::optional<Failure> refused_list_options(const Call& call) {
    std::vector<Failure::Cause> causes;
    const auto forbid = [&](std::string_view why) { causes.push_back({"FieldValueForbidden", cat("Forbidden: ", why), std::string(match_field)}); };
    const auto& match = call.query(std::string(match_field));
    const auto& initial = call.query("sendInitialEvents");
    const bool known = match == "Exact" || match == "NotOlderThan";
    const auto not_supported = [&](std::string_view values) {
        causes.push_back({"FieldValueNotSupported", cat("Unsupported value: ", quoted(match), ": supported values: ", values), std::string(match_field)});
    };
    if (call.route.verb == Verb::watch) {
        if (!initial.empty() && match != "NotOlderThan")
            forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        if (!match.empty() && initial.empty())
            forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        if (!match.empty() && match != "NotOlderThan")
            not_supported("\"NotOlderThan\"");
    } else {
        if (!match.empty() && call.query("resourceVersion").empty())
            forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (!match.empty() && !call.query("continue").empty())
            forbid("resourceVersionMatch is forbidden when continue is provided");
        if (!match.empty() && !known)
            not_supported("\"Exact\", \"NotOlderThan\", \"\"");
        if (match == "Exact" && call.query("resourceVersion") == "0")
            forbid("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        if (!initial.empty())
            causes.push_back({"FieldValueForbidden", "Forbidden: sendInitialEvents is forbidden for list", "sendInitialEvents"});
    }
    if (causes.empty())
        return std::nullopt;
    return status::invalid(list_options_kind, {}, std::move(causes));
}

Answer<Revision> parse_resource_version(std::string_view text) {
    if (text.empty())
        return Revision{0};
    if (const auto number = parse_int(text); number && *number >= 0 && text.front() != '+')
        return Revision{*number};
    // The storage's own error, which no handler knows: an internal one without a reason.
    Failure failure;
    failure.message = cat("resourceVersion: Invalid value: ", quoted(text), ": strconv.ParseUint: parsing ", quoted(text), ": invalid syntax");
    return failure;
}

Failure too_large_resource_version(Revision asked, Revision current) {
    Failure failure;
    failure.code = 504;
    failure.reason = "Timeout";
    failure.message = cat("Timeout: Too large resource version: ", asked, ", current: ", current);
    failure.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", {}});
    return failure;
}

Answer<Value> list_objects(const Core& core, const Call& call) {
    const auto& kind = *call.route.kind;
    if (auto refused = refused_list_options(call))
        return *std::move(refused);
    const auto limit = call.query("limit").empty() ? 0 : parse_int(call.query("limit")).value_or(-1);
    if (limit < 0 && !parse_int(call.query("limit")))
        return status::bad_request(cat("strconv.ParseInt: parsing ", quoted(call.query("limit")), ": invalid syntax"));
    const auto filter = Filter::parse(kind, call.route.namespace_name, call.request.query);
    if (!filter.ok())
        return filter.failure();
    const auto& version = call.query("resourceVersion");
    const auto parsed = parse_resource_version(version);
    if (!parsed.ok())
        return status::bad_request(cat("invalid resource version: ", parsed.failure().message));
    const Revision current = core.store.revision();
    const auto prefix = store_prefix(kind, call.route.namespace_name);
    Revision at = 0;  // 0: now
    std::string start = prefix;
    if (const auto& text = call.query("continue"); !text.empty()) {
        const auto token = decode(text);
        if (!token.ok())
            return token.failure();
        if (!version.empty() && version != "0")
            return status::bad_request("specifying resource version is not allowed when using continue");
        at = std::max<Revision>(token.value().revision, 0);
        start += token.value().start;
    } else if (call.query(std::string(match_field)) == "Exact" || (call.query(std::string(match_field)).empty() && limit > 0)) {
        at = parsed.value();
    }
    if (const auto asked = std::max(parsed.value(), at); asked > current)
        return too_large_resource_version(asked, current);

    Value items = Value::array();
    std::string last, next;
    std::int64_t left = 0;
    const auto take = [&](const std::string& key, const Value& object) {
        if (limit > 0 && static_cast<std::int64_t>(items.size()) >= limit) {
            if (next.empty())
                next = last + '\0';
            ++left;
        } else if (filter.value().matches(object)) {
            items.push_back(object);
            last = key;
        }
    };
    if (at == 0 || at >= current) {
        for (auto it = core.store.first(start); core.store.within(it, prefix); ++it)
            take(it->first, it->second.value);
    } else {
        const auto then = as_of(core.store, prefix, at);
        if (!then) {
            auto failure = status::expired(call.query("continue").empty() ? "The resourceVersion for the provided list is too old." : inconsistent);
            if (!call.query("continue").empty())
                failure.go_on = encode({-1, start.substr(prefix.size())});
            return failure;
        }
        for (auto it = then->lower_bound(start); it != then->end(); ++it)
            take(it->first, it->second);
    }
    const Revision seen = at == 0 ? current : at;
    Value metadata = Value::object({{"resourceVersion", cat(seen)}});
    if (!next.empty()) {
        metadata.set("continue", encode({seen, next.substr(prefix.size())}));
        // etcd counts what no selector has looked at.
        if (call.query("labelSelector").empty() && call.query("fieldSelector").empty())
            metadata.set("remainingItemCount", left);
    }
    return Value::object({{"apiVersion", kind.api_version()}, {"kind", kind.list()}, {"metadata", std::move(metadata)}, {"items", std::move(items)}});
}

}  // namespace kubewalk::apiserver
