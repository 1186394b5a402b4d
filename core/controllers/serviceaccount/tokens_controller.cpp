#include "core/controllers/serviceaccount/tokens_controller.h"

#include "core/api/account_token.h"
#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

enum WatchedForTokens : std::size_t { accounts_watched, secrets_watched };

constexpr std::string_view token_type = "kubernetes.io/service-account-token";
constexpr std::string_view name_annotation = "kubernetes.io/service-account.name";
constexpr std::string_view uid_annotation = "kubernetes.io/service-account.uid";

std::string account_key(const Value& secret) {
    return cat(api::namespace_of(secret), "/", secret["metadata"]["annotations"][name_annotation].as_string());
}

// pkg/serviceaccount/legacy.go LegacyClaims: no audience, and no end.
std::string legacy_token(const Value& account, const Value& secret) {
    const auto space = api::namespace_of(account);
    return api::account_token(Value::object({{"iss", "kubernetes/serviceaccount"},
                                             {"kubernetes.io/serviceaccount/namespace", space},
                                             {"kubernetes.io/serviceaccount/secret.name", api::name_of(secret)},
                                             {"kubernetes.io/serviceaccount/service-account.name", api::name_of(account)},
                                             {"kubernetes.io/serviceaccount/service-account.uid", api::uid_of(account)},
                                             {"sub", cat("system:serviceaccount:", space, ":", api::name_of(account))}}));
}

}  // namespace

TokensController::TokensController(client::Environment environment, const ControllerOptions& options)
    : ControllerOf(environment, "tokens-controller", "system:kube-controller-manager"), root_ca_(options.root_ca) {
    watch(api::kind::service_accounts);
    watch(api::kind::secrets);
}

void TokensController::changed(std::size_t index, const client::Change& change) {
    if (index == secrets_watched) {
        if (change.type != client::WatchType::deleted && change.object["type"].as_string() == token_type)
            enqueue(api::key_of(change.object));
        return;
    }
    const auto account = api::key_of(change.object);
    for (const auto& secret : informer(secrets_watched).in_namespace(api::namespace_of(change.object)))
        if (secret["type"].as_string() == token_type && account_key(secret) == account)
            enqueue(api::key_of(secret));
}

client::Outcome TokensController::reconcile(const std::string& key) {
    const Value secret = informer(secrets_watched).get(key);
    if (secret.is_null() || secret["type"].as_string() != token_type || !secret["metadata"]["deletionTimestamp"].is_null())
        return client::Outcome::done();
    const auto name = account_key(secret);
    const Value account = informer(accounts_watched).get(name);
    const auto uid = secret["metadata"]["annotations"][uid_annotation].as_string();
    if (account.is_null() || (!uid.empty() && uid != api::uid_of(account))) {
        auto removed = client().remove(api::kind::secrets, api::namespace_of(secret), api::name_of(secret));
        return removed.ok() || removed.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(removed.error());
    }
    const auto space = to_base64(api::namespace_of(secret));
    const bool complete = !secret["data"]["token"].as_string().empty() && secret["data"]["namespace"].as_string() == space &&
                          (root_ca_.empty() || !secret["data"]["ca.crt"].as_string().empty()) && !uid.empty();
    if (complete)
        return client::Outcome::done();
    Value filled = secret;
    auto& data = filled.edit("data");
    if (!root_ca_.empty())
        data.set("ca.crt", to_base64(root_ca_));
    data.set("namespace", space);
    if (data["token"].as_string().empty())
        data.set("token", to_base64(legacy_token(account, secret)));
    filled.edit("metadata").edit("annotations").set(uid_annotation, api::uid_of(account));
    auto written = client().update(api::kind::secrets, filled);
    if (written.ok() || written.error().reason == "NotFound" || written.error().reason == "Conflict")
        return client::Outcome::done();
    return client::Outcome::failed(written.error());
}

}  // namespace kubewalk::controllers
