#include "core/apiserver/tokens.h"

#include "core/api/account_token.h"
#include "core/api/decode.h"
#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view issuer = "https://kubernetes.default.svc.cluster.local";
constexpr std::int64_t shortest_seconds = 600;
constexpr std::int64_t default_seconds = 3600;

std::int64_t unix_seconds(Time time) {
    // to_rfc3339 knows the epoch; the difference to it is whole seconds.
    const auto epoch = parse_rfc3339("1970-01-01T00:00:00Z").value_or(Time{});
    return (time - epoch).ns / 1'000'000'000;
}

constexpr api::Kind token_kind{"authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", "tokenrequest", "",
                               api::Scope::namespaced, api::StatusSubresource::no, "AuthenticationV1TokenRequest", ""};

// Tokens without end, kept in Secrets (pkg/serviceaccount/legacy.go): good while the Secret still holds them.
std::string user_of_legacy_token(const Core& core, const Value& claims, std::string_view token) {
    constexpr std::string_view prefix = "kubernetes.io/serviceaccount/";
    const auto claim = [&](std::string_view name) { return claims[cat(prefix, name)].as_string(); };
    const auto space = claim("namespace");
    const Value& secret = core.get(api::kind::secrets, space, claim("secret.name"));
    const Value& account = core.get(api::kind::service_accounts, space, claim("service-account.name"));
    if (account.is_null() || api::uid_of(account) != claim("service-account.uid") || !secret["metadata"]["deletionTimestamp"].is_null() ||
        from_base64(secret["data"]["token"].as_string()) != token)
        return {};
    return cat("system:serviceaccount:", space, ":", api::name_of(account));
}

}  // namespace

std::string user_of_token(const Core& core, std::string_view token) {
    const Value claims = api::account_token_claims(token);
    if (claims["iss"].as_string() == "kubernetes/serviceaccount")
        return user_of_legacy_token(core, claims, token);
    if (claims.is_null() || claims["exp"].as_int() < unix_seconds(core.simulation.now()))
        return {};
    const Value& bound = claims["kubernetes.io"];
    const auto space = bound["namespace"].as_string();
    const Value& account = core.get(api::kind::service_accounts, space, bound["serviceaccount"]["name"].as_string());
    const auto uid = bound["serviceaccount"]["uid"].as_string();
    if (account.is_null() || (!uid.empty() && uid != api::uid_of(account)))
        return {};
    if (const Value& pod = bound["pod"]; !pod.is_null())
        if (api::uid_of(core.get(api::kind::pods, space, pod["name"].as_string())) != pod["uid"].as_string())
            return {};
    return cat("system:serviceaccount:", space, ":", api::name_of(account));
}

namespace subresource {

Answer<Value> token(Core& core, Registry&, Call& call) {
    const auto& kind = *call.route.kind;
    const auto& space = call.route.namespace_name;
    const Value account = core.get(kind, space, call.route.name);
    if (account.is_null())
        return status::not_found(kind, call.route.name);
    auto decoded = api::decode(core.schema, token_kind.schema, call.request.body.is_object() ? call.request.body : Value::object());
    if (!decoded.ok())
        return status::bad_request(api::cannot_be_handled(token_kind, decoded.error()));
    Value request = std::move(decoded.value().object);
    auto& spec = request.edit("spec");
    if (spec["expirationSeconds"].is_null())
        spec.set("expirationSeconds", default_seconds);
    if (spec["audiences"].empty())
        spec.set("audiences", Value::array({issuer}));
    const auto seconds_valid = spec["expirationSeconds"].as_int();
    if (seconds_valid < shortest_seconds)
        return status::invalid(token_kind, {},
                               {{"FieldValueInvalid", cat("Invalid value: ", seconds_valid, ": may not specify a duration less than 10 minutes"),
                                 "spec.expirationSeconds"}});
    Value bound = Value::object({{"namespace", space},
                                 {"serviceaccount", Value::object({{"name", call.route.name}, {"uid", api::uid_of(account)}})}});
    if (const Value reference = spec["boundObjectRef"]; !reference.is_null()) {
        const auto* bound_kind = api::find_kind(reference["apiVersion"].as_string("v1"), reference["kind"].as_string());
        const bool known = bound_kind && (bound_kind->kind == "Pod" || bound_kind->kind == "Secret" || bound_kind->kind == "Node");
        if (!known)
            return status::bad_request(cat("cannot bind token to object of type ", reference["apiVersion"].as_string(), ", Kind=", reference["kind"].as_string()));
        const Value& object = core.get(*bound_kind, bound_kind->namespaced() ? std::string_view(space) : std::string_view(), reference["name"].as_string());
        if (object.is_null())
            return status::not_found(*bound_kind, reference["name"].as_string());
        bound.set(bound_kind->singular, Value::object({{"name", api::name_of(object)}, {"uid", api::uid_of(object)}}));
    }
    const Time now = core.simulation.now();
    const auto issued = unix_seconds(now);
    const Value claims = Value::object({{"aud", spec["audiences"]}, {"exp", issued + seconds_valid}, {"iat", issued}, {"iss", issuer}, {"jti", core.state.random.uuid()},
                                        {"kubernetes.io", std::move(bound)}, {"nbf", issued}, {"sub", cat("system:serviceaccount:", space, ":", call.route.name)}});
    request.set("apiVersion", "authentication.k8s.io/v1");
    request.set("kind", "TokenRequest");
    request.edit("metadata").set("name", call.route.name);
    request.edit("metadata").set("namespace", space);
    request.edit("metadata").set("creationTimestamp", to_rfc3339(now));
    request.set("status", Value::object({{"token", api::account_token(claims)},
                                         {"expirationTimestamp", to_rfc3339(now + seconds(seconds_valid))}}));
    return request;
}

}  // namespace subresource

}  // namespace kubewalk::apiserver
