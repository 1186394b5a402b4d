#include "core/apiserver/reviews.h"

#include "core/api/decode.h"
#include "core/apiserver/tokens.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view authorization_group = "authorization.k8s.io";
constexpr std::string_view authentication_group = "authentication.k8s.io";

Decision decide(Core& core, const Attributes& attributes) {
    if (core.options.authorization == AuthorizationMode::always_allow)
        return {true, {}, nullptr};
    return core.authorizer.authorize(attributes);
}

// The kind a review is, for errors about it.
api::Kind kind_of(const Review& review) {
    return {review.group,  review.version, review.kind, review.resource, review.singular, "", review.namespaced ? api::Scope::namespaced : api::Scope::cluster,
            api::StatusSubresource::no, "", ""};
}

// The review in the request's body, checked against its description.
Answer<Value> review_in(Core& core, Call& call, std::string_view schema) {
    const auto kind = kind_of(*find_review(call.request.path));
    if (!call.request.body.is_object())
        return status::bad_request(cat("the object provided is unrecognized (must be of type ", kind.kind, "): couldn't get version/kind; json parse error"));
    auto decoded = api::decode(core.schema, schema, call.request.body);
    if (!decoded.ok())
        return status::bad_request(api::cannot_be_handled(kind, decoded.error()));
    Value review = std::move(decoded.value().object);
    review.set("apiVersion", kind.api_version());
    review.set("kind", kind.kind);
    return review;
}

// spec.resourceAttributes or spec.nonResourceAttributes, for `user`. Upstream: pkg/registry/authorization/util.
Answer<Value> answer_access(Core& core, const Review& review, Value object, const UserInfo& user) {
    const Value& spec = object["spec"];
    const Value& resource = spec["resourceAttributes"];
    const Value& path = spec["nonResourceAttributes"];
    if (resource.is_null() == path.is_null())
        return status::invalid(kind_of(review), {},
                               {{"FieldValueInvalid",
                                 resource.is_null() ? "Invalid value: \"null\": exactly one of nonResourceAttributes or resourceAttributes must be specified"
                                                    : "Invalid value: \"nonResourceAttributes\": cannot be specified in combination with resourceAttributes",
                                 resource.is_null() ? "spec.resourceAttributes" : "spec.nonResourceAttributes"}});
    const Attributes attributes{user,
                                (resource.is_null() ? path : resource)["verb"].as_string(),
                                resource["group"].as_string(),
                                resource["resource"].as_string(),
                                resource["subresource"].as_string(),
                                resource["namespace"].as_string(),
                                resource["name"].as_string(),
                                path["path"].as_string()};
    const auto decision = decide(core, attributes);
    Value verdict = Value::object({{"allowed", decision.allowed}});
    if (decision.reason && !decision.reason->empty() && decision.authorizer != "system:masters")
        verdict.set("reason", *decision.reason);
    object.set("status", std::move(verdict));
    return object;
}

Answer<Value> self_subject_access(Core& core, Call& call) {
    auto object = review_in(core, call, "V1SelfSubjectAccessReview");
    if (!object.ok())
        return object;
    return answer_access(core, *find_review(call.request.path), object.take(), call.user);
}

Answer<Value> subject_access(Core& core, Call& call) {
    const auto& review = *find_review(call.request.path);
    auto object = review_in(core, call, review.namespaced ? "V1LocalSubjectAccessReview" : "V1SubjectAccessReview");
    if (!object.ok())
        return object;
    const Value& spec = object.value()["spec"];
    if (spec["user"].as_string().empty() && spec["groups"].empty())
        return status::invalid(kind_of(review), {},
                               {{"FieldValueInvalid", "Invalid value: \"\": at least one of user or group must be specified", "spec.user"}});
    if (review.namespaced && spec["resourceAttributes"]["namespace"].as_string() != review_namespace(call.request.path))
        return status::bad_request("spec.resourceAttributes.namespace must match namespace: " + std::string(review_namespace(call.request.path)));
    UserInfo user;
    user.name = spec["user"].as_string();
    for (const auto& group : spec["groups"].items())
        user.groups.push_back(group.str());
    return answer_access(core, review, object.take(), user);
}

Answer<Value> self_subject_rules(Core& core, Call& call) {
    auto object = review_in(core, call, "V1SelfSubjectRulesReview");
    if (!object.ok())
        return object;
    Value review = object.take();
    const auto space = review["spec"]["namespace"].str();
    if (space.empty())
        return status::bad_request("no namespace on request");
    Value resources = Value::array(), paths = Value::array();
    std::vector<Value> rules;
    const Value all = Value::array({"*"});
    if (core.options.authorization == AuthorizationMode::always_allow) {
        rules.push_back(Value::object({{"verbs", all}, {"apiGroups", all}, {"resources", all}}));
        rules.push_back(Value::object({{"verbs", all}, {"nonResourceURLs", all}}));
    } else {
        rules = core.authorizer.rules_for(call.user, space);
    }
    for (auto& rule : rules)
        (rule["nonResourceURLs"].empty() ? resources : paths).push_back(std::move(rule));
    review.set("status", Value::object({{"resourceRules", resources}, {"nonResourceRules", paths}, {"incomplete", false}}));
    return review;
}

Value groups_of(const UserInfo& user) {
    Value groups = Value::array();
    for (const auto& group : user.groups)
        groups.push_back(group);
    return groups;
}

Value user_value(const Core& core, const UserInfo& user) {
    Value info = Value::object({{"username", user.name}, {"groups", groups_of(user)}});
    if (const auto account = service_account_of(user.name); !account.name.empty())
        if (const auto& object = core.get(api::kind::service_accounts, account.namespace_name, account.name); !object.is_null())
            info.set("uid", api::uid_of(object));
    return info;
}

Answer<Value> self_subject(Core& core, Call& call) {
    auto object = review_in(core, call, "V1SelfSubjectReview");
    if (!object.ok())
        return object;
    Value review = object.take();
    review.edit("metadata").set("creationTimestamp", to_rfc3339(core.simulation.now()));
    review.set("status", Value::object({{"userInfo", user_value(core, call.user)}}));
    return review;
}

Answer<Value> token_review(Core& core, Call& call) {
    auto object = review_in(core, call, "V1TokenReview");
    if (!object.ok())
        return object;
    Value review = object.take();
    const auto token = review["spec"]["token"].str();
    if (token.empty())
        return status::bad_request("token is required for TokenReview in authentication");
    const auto user = user_of_token(core, token);
    if (user.empty())
        review.set("status", Value::object({{"error", "[invalid bearer token, token lookup failed]"}, {"user", Value::object()}}));
    else
        review.set("status", Value::object({{"authenticated", true},
                                            {"user", user_value(core, core.users.find(user))},
                                            {"audiences", Value::array({"https://kubernetes.default.svc.cluster.local"})}}));
    return review;
}

constexpr Review known_reviews[] = {
    {authentication_group, "v1", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", false, self_subject},
    {authentication_group, "v1", "tokenreviews", "tokenreview", "TokenReview", false, token_review},
    {authorization_group, "v1", "localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview", true, subject_access},
    {authorization_group, "v1", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", false, self_subject_access},
    {authorization_group, "v1", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", false, self_subject_rules},
    {authorization_group, "v1", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", false, subject_access},
};

constexpr std::string_view root = "/apis/auth";

}  // namespace

std::span<const Review> reviews() { return known_reviews; }

const Review* find_review(std::string_view path) {
    if (!path.starts_with(root))  // most requests end here
        return nullptr;
    const auto parts = split(path, '/');
    const bool in_namespace = parts.size() == 7 && parts[4] == "namespaces";
    if (parts.size() != 5 && !in_namespace)
        return nullptr;
    for (const auto& review : known_reviews)
        if (review.group == parts[2] && review.version == parts[3] && review.resource == parts.back() && review.namespaced == in_namespace)
            return &review;
    return nullptr;
}

std::string_view review_namespace(std::string_view path) {
    const auto parts = split(path, '/');
    return parts.size() == 7 ? parts[5] : std::string_view();
}

}  // namespace kubewalk::apiserver
